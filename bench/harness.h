// SPDX-License-Identifier: GPL-3.0-or-later
/* The benchmark: what its parts share. A row is one operation with its parameters on one kind of picture; a side (ours,
 * OpenCV, libvips, GEGL, FFTW) makes a job of a row; the harness runs our job and a peer's in turns and compares time and
 * result.
 *
 * This header includes none of the library's, so that the peers in C++ can read it.
 */
#pragma once

#include <glib.h>
#include <stdio.h>

G_BEGIN_DECLS

typedef enum { BENCH_U8, BENCH_U16, BENCH_FLOAT } BenchDepth;

/* Interleaved samples, rows without padding; 1 channel gray, 3 RGB; range 255, 65535 or 1. */
typedef struct {
  int width, height, channels;
  BenchDepth depth;
  void *data; /* owned, see bench_picture_free() */
} BenchPicture;

typedef enum {
  BENCH_LEVELS,             /* numbers: black, white (shares of the range), gamma */
  BENCH_GAUSSIAN,           /* sigma in pixels */
  BENCH_MEDIAN,             /* radius: window of side 2 radius + 1 */
  BENCH_UNSHARP,            /* sigma in pixels, amount */
  BENCH_EQUALIZE,           /* the gray values themselves */
  BENCH_EQUALIZE_LIGHTNESS, /* L* of CIELAB */
  BENCH_LAB,                /* to CIELAB and back */
  BENCH_CLAHE,              /* tiles, clip limit: the gray values themselves */
  BENCH_CLAHE_LIGHTNESS,    /* the same on L* of CIELAB */
  BENCH_BANDPASS,           /* low, high: cycles a pixel */
  BENCH_HOMOMORPHIC,        /* gain of slow changes, of fast ones, cut-off in cycles a pixel */
  BENCH_BOX,                /* radius: window of side 2 radius + 1 */
  BENCH_CANNY,              /* sigma in pixels, low and high as OpenCV has them at 8 bits; slopes |x| + |y| */
  BENCH_SOBEL,              /* amount, of sqrt (x^2 + y^2) / 4 */
  BENCH_BILATERAL,          /* diameter of the window (0: 3 sigma), sigma of the range in percent, sigma in pixels */
  BENCH_LOOK,               /* CLAHE on L* as above, then unsharp masking of L* and levels as in the recipe */
  BENCH_NLMEANS             /* noise in codes of 8 bits, sides of the patch and of the search window */
} BenchOperation;

typedef struct {
  const char *name;   /* "gaussian sigma=2": for the table and --only */
  BenchOperation operation;
  double numbers[3];  /* as the operation says */
  int channels;
  BenchDepth depth;
  const char *recipe; /* our steps, a line each; NULL: the converter of colorspace/ itself */
  int margin;         /* pixels at the border that are not compared (the peer has another border rule) */
  int part;           /* above 1: only the middle of the picture, a part-th of its sides: what takes a peer minutes */
  double agree;       /* largest difference to a peer's result that counts as equal work, in codes (float: share of the
                         range); negative: results cannot be compared so closely (the notes say why), and every peer's
                         work counts as equal */
} BenchRow;

/* One side's work on one row, ready to run again and again into the same memory. */
typedef struct {
  void (*run) (gpointer state);
  void (*close) (gpointer state);
  void (*fetch) (gpointer state); /* NULL, or: puts what the last run made into `out`; not timed */
  gpointer state;
  int margin;     /* pixels at the border that are not compared, where this side's border rule asks for more than the row's */
  char note[160]; /* where the work is not equal to ours; empty when it is */
} BenchJob;

typedef enum {
  BENCH_PEER,      /* one of those whose fastest decides --check, where its work is equal */
  BENCH_REFERENCE, /* the same, and our result must agree with its */
  BENCH_LIMIT      /* a part of the work, as a lower limit: decides nothing */
} BenchRole;

typedef struct {
  const char *name;
  BenchRole role;
  /* Seconds that the pairs of one row may take before the harness stops early. */
  double budget;
  /* Above 0: when the warm runs differ by this ratio or more, and the peer's takes `long_run` seconds or more, one pair is
   * enough. */
  double far, long_run;
  /* Makes the job of a row. `in` is only read; the result goes to `out` (same size and kind). FALSE: this side has no such
   * operation. Not re-entrant; one job at a time a side. */
  gboolean (*open) (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, BenchJob *job);
} BenchSide;

/* Weight of the frequency (fx, fy), cycles a pixel along each axis, in row's BENCH_BANDPASS or
 * _HOMOMORPHIC: what the filters document, written a second time for the peers. */
double bench_bandpass_weight (const BenchRow *row, double fx, double fy);

/* Levels as the table of `count` entries of 0..1 that the peers look up: value k stands for k / (count - 1). */
double bench_levels_value (const BenchRow *row, double value);

gsize bench_picture_samples (const BenchPicture *picture);
gsize bench_picture_bytes (const BenchPicture *picture);
/* Memory that has been touched: no page is fetched while time runs. */
BenchPicture bench_picture_new (int width, int height, int channels, BenchDepth depth);
void bench_picture_free (BenchPicture *picture);

/* The photograph: RGB float 0..1, a mosaic of the pictures in `folder` (upscaled twice by a Catmull-Rom cubic, mirrored
 * when there are fewer pictures than places) with noise of 1.5 / 255; without pictures in there a procedural scene.
 * *what (g_free()) says which. The same seed gives the same samples. */
BenchPicture bench_scene_new (const char *folder, int width, int height, guint32 seed, char **what);
/* The middle of a picture, a part-th of its sides, in memory of its own. */
BenchPicture bench_scene_middle (const BenchPicture *scene, int part);
/* The photograph in another kind: depth rounded, gray by the weights of Rec. 709. */
BenchPicture bench_scene_as (const BenchPicture *scene, int channels, BenchDepth depth);

/* The sides; version() as text for the report. */
extern const BenchSide bench_ours;
extern const BenchSide bench_opencv;          /* as OpenCV does it when asked simply: the figure that counts */
extern const BenchSide bench_opencv_accurate; /* where that is less accurate than ours: as accurate as ours */
const char *bench_opencv_version (void);
#ifdef BENCH_VIPS
extern const BenchSide bench_vips;          /* its defaults */
extern const BenchSide bench_vips_accurate; /* where they are less accurate than ours: as accurate as ours */
const char *bench_vips_version (void);
#endif
#ifdef BENCH_GEGL
extern const BenchSide bench_gegl;
const char *bench_gegl_version (void);
#endif
extern const BenchSide bench_fftw, bench_fftw_measured; /* plans by estimate, and by trying */
const char *bench_fftw_version (void);
/* OpenCV as PyPI has it, in a process of Python. bench_pypi_start() names the interpreter and the script and asks for the
 * version (owned here); NULL: they cannot be used, a line on stderr says why. */
extern const BenchSide bench_pypi, bench_pypi_accurate;
const char *bench_pypi_start (const char *python, const char *script);

extern const BenchRow bench_rows[];
extern const int bench_row_count;

/* What one pairing gave. */
typedef struct {
  const BenchRow *row;
  const BenchSide *peer;
  int threads, pairs;
  double ours, theirs;               /* medians, milliseconds */
  double ratio, lowest, highest;     /* theirs / ours, pair by pair: median and ends */
  double memcpy_time;                /* milliseconds to copy the same bytes, one thread, same run */
  double max_difference, mean_difference; /* codes; float: share of the range */
  gboolean equal;                    /* the difference is one that counts as equal work */
  char note[160];
} BenchResult;

typedef struct {
  int pairs;
  double patience; /* seconds: short jobs are paired more often until this is spent */
} BenchMeasure;

/* Runs job `ours` and job `theirs` once each (warm, compared), then in turns. Fills times, ratios and differences. */
void bench_measure (const BenchMeasure *measure, const BenchRow *row, const BenchSide *peer, const BenchJob *ours,
                    const BenchPicture *our_out, const BenchJob *theirs, const BenchPicture *their_out,
                    BenchResult *result);
/* Median time in milliseconds to copy in to out. */
double bench_measure_memcpy (const BenchPicture *in, BenchPicture *out);

void bench_print_head (FILE *file);
void bench_print (FILE *file, const BenchResult *result);
/* Row by row the fastest peer of those whose work is equal; then the notes. Returns how many rows (one per number of threads)
 * are not good: slower than that peer, or not the picture that the reference makes. */
int bench_print_summary (FILE *file, const GArray *results);
gboolean bench_write_tsv (const char *path, const GArray *results, const char *machine);
const char *bench_depth_name (BenchDepth depth);

G_END_DECLS
