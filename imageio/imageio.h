// SPDX-License-Identifier: GPL-3.0-or-later
/* Picture files: one reader and one writer interface, one file per format behind it.
 *
 * Reading gives an IeSource, writing takes an IeSink, so that a file streams through the engine.
 */
#pragma once

#include "core/error.h"
#include "core/source.h"
#include "imageio/report.h"

G_BEGIN_DECLS

/* Judged from headers, before memory is taken. Zero members mean the defaults below. */
typedef struct {
  int side;            /* pixels a side; default 1,000,000 */
  guint64 pixels;      /* default 16 gigapixels */
  gsize icc;           /* bytes; default 16 MiB */
  gsize text;          /* bytes of one text, EXIF, XMP or IPTC block; default 8 MiB. Files that claim
                          8 times as much of them in all are refused. */
  gsize text_all;      /* bytes of all of them; default 16 MiB */
  int scans;           /* of a JPEG; default 100 */
  int pages;           /* of a file; default 1,000 */
  int expansion;       /* samples of more than 512 MiB may be so many times the file, in bytes; default 500 */
  /* A reader that can decode at reduced size for less may halve the picture once, twice or three times as long as its longer
   * side stays at or above this (JPEG of 8 bits can). The header has the size that is read; the limits judge the whole
   * one. 0: never. */
  int least_side;
  gboolean salvage;    /* damaged pictures are read as far as it goes, the rest is 0, and the report says so */
  /* Where the reader notes what it cannot hand on (report.h: ie_fidelity_note()); NULL: nowhere. Outlives the source. */
  IeFidelity *fidelity;
} IeReadLimits;

/* How a file stored its samples: a result in the same format is stored alike where no option says otherwise. Reached
 * through IeMetadata, owned by the source. */
typedef struct IeLayout {
  gboolean lossy; /* the samples went through a lossy codec */
  int width, height; /* of the whole picture, where it is read at reduced size (least_side); else 0 */
  struct {
    int components; /* 0: the file was no JPEG */
    guint8 horizontal[4], vertical[4]; /* sampling factors, 1..4 */
    guint8 table[4];                   /* of each component, 0..3 */
    gboolean has_table[4];
    guint16 quantisation[4][64];       /* in natural (row by row) order */
    gboolean untransformed;            /* RGB or CMYK stored as they are, not as YCbCr or YCCK */
    gboolean progressive, arithmetic;
    int restart_interval;              /* MCUs; 0: none */
  } jpeg;
  struct {
    int bits, format;      /* of a stored sample, format as in TIFF; 0: the file was no TIFF */
    IeDepth depth;         /* that the reader made of them */
    gboolean white_is_zero;
    int compression, predictor;  /* as in TIFF */
    gboolean planar;
    int tile_width, tile_height; /* 0: strips */
    int rows_per_strip;
    int stored_bits;       /* a sample; of a palette: of an index */
    gboolean palette;
    int chroma_across, chroma_down; /* YCbCr: luma samples to a chroma sample; else 0 */
    GPtrArray *tags; /* tiff/tags.h: further tags that go from TIFF to TIFF as they are; NULL: none */
  } tiff;
  struct {
    int bits; /* of a stored sample or index; 0: the file was no PNG */
    gboolean palette, interlaced;
  } png;
  struct {
    gboolean known;  /* FALSE: the file was no OpenEXR */
    gboolean half;   /* all channels that are read are half */
    int compression; /* as in OpenEXR */
  } exr;
} IeLayout;

/* What a page of a file with several is. */
typedef enum {
  IE_PAGE_PICTURE,
  IE_PAGE_REDUCED, /* a smaller version of the last PICTURE page before it: to be made anew when that one changes */
  IE_PAGE_MASK,    /* a transparency mask of another page: to be left as it is */
} IePageKind;

/* What a format with pages knows; page 0 is what open() gave. `source`: any page of the file. Thread-safe for different
 * sources only. */
typedef struct {
  int (*count) (const IeSource *source);
  IePageKind (*kind) (const IeSource *source, int page);
  /* width x height x samples a pixel as its directory claims; not judged. */
  guint64 (*samples) (const IeSource *source, int page);
  /* Without a profile that cannot be used, as ie_read_file() does for the first page. */
  IeSource *(*open) (const IeSource *source, int page, GError **error);
} IePages;

typedef struct IeFormat IeFormat;
typedef struct IeWriteOptions IeWriteOptions;
typedef struct IeFileSink IeFileSink;

typedef enum { IE_CAN_U8 = 1, IE_CAN_U16 = 2, IE_CAN_FLOAT = 4, IE_CAN_ALPHA = 8, IE_CAN_CMYK = 16, IE_CAN_LAB = 32 } IeFormatCan;

/* What of IeMetadata a format's writer writes. The output notes what is promised here as kept and the rest as dropped
 * (IeWriteOptions.fidelity); a writer that cannot keep the promise for one picture adds a note that says so. */
typedef enum {
  IE_CARRIES_PROFILE = 1,
  IE_CARRIES_EXIF = 2,
  IE_CARRIES_XMP = 4,
  IE_CARRIES_IPTC = 8,
  IE_CARRIES_TEXT = 16,
  IE_CARRIES_RESOLUTION = 32,
  IE_CARRIES_ORIENTATION = 64, /* also where it stands in EXIF alone */
  IE_CARRIES_PHOTOSHOP = 128,
} IeFormatCarries;

struct IeFormat {
  const char *name;        /* "tiff", as --format takes it */
  const char *label;       /* "TIFF" */
  const char *const *extensions; /* without dot, the first is the usual one; ended by NULL */
  IeFormatCan can;         /* what can be written */
  IeFormatCarries carries; /* what of the metadata is written; a writer that learns more adds its flag here */
  /* TRUE when the first bytes of a file (up to 32) are of this format. */
  gboolean (*sniff) (const guint8 *head, gsize size);
  /* fd: readable, at its start, owned by the source from now on (also on failure). name: for messages of libraries only.
   * Errors are IE_ERROR_INPUT, one line, without the file's name. */
  IeSource *(*open) (int fd, const IeReadLimits *limits, GError **error);
  /* fd: writable (and seekable unless it is a pipe), owned by the sink. The sink writes everything in write() and finish(). */
  IeFileSink *(*create) (int fd, const IeWriteOptions *options, GError **error);
  const IePages *pages; /* NULL: one picture a file */
  const char *missing;  /* the package that a build without this format's library needs; NULL: all is there */
  /* For a library whose codecs are apart from it: the packages whose codecs it does not find here, with blanks between;
   * NULL: it has all. g_free(). The hook itself may be NULL. */
  char *(*lacks) (void);
};

typedef enum { IE_LOSS_AUTO, IE_LOSS_NONE, IE_LOSS_SOME } IeLoss;

struct IeWriteOptions {
  int quality;      /* lossy formats: 1..100; 0: a JPEG keeps its own tables, all else 92 */
  IeLoss loss;      /* formats that know both (WebP, JPEG XL, JPEG 2000, HEIF): AUTO is lossy where the input was, or a
                       quality is asked */
  const char *subsampling; /* of chroma in JPEG: "4:4:4", "4:2:2", "4:4:0", "4:2:0"; NULL: the input's, else by quality */
  int compression;  /* PNG, OpenEXR (then ZIP): zlib level 1..9, 0: default. */
  const char *tiff_compression; /* one of ie_tiff_compressions(); NULL: the input's if it was TIFF, else none */
  int tile_width, tile_height;  /* TIFF: multiples of 16; 0: as the input, else strips; -1: strips */
  guint64 page_bytes; /* of the samples of all pages that will be written, where there are several; 0: not known */
  gboolean no_sync; /* leave out fsync */
  /* Where writer and output note what was kept, changed, dropped (report.h: ie_fidelity_note()); NULL: nowhere. Outlives
   * the output. */
  IeFidelity *fidelity;
  gboolean strict; /* ie_output_commit() fails (IE_ERROR_OUTPUT) before the output appears when something was lost
                      (report.h: ie_fidelity_lost()) */
};

/* What a format's create() returns: a sink that can also be finished. */
struct IeFileSink {
  IeSink sink;
  /* Completes the page that was written, if any, and makes the sink ready for the begin() of one of this kind. NULL: the
   * format has no pages. */
  gboolean (*next_page) (IeFileSink *sink, IePageKind kind, GError **error);
  /* The last PICTURE page that was written (begin() of the next one not yet called), to make reduced ones from. NULL: as
   * above. */
  IeSource *(*reread) (IeFileSink *sink, GError **error);
  /* Writes what remains (index, end of file), without closing fd. */
  gboolean (*finish) (IeFileSink *sink, GError **error);
  /* Metadata are looked at in finish() only, and may be changed until then through the header that begin() was given. */
  gboolean late;
};

IE_API const IeFormat *const *ie_formats (int *count);
/* By name or by extension (any case); NULL when unknown. */
IE_API const IeFormat *ie_format_find (const char *name_or_extension);

/* Opens a picture: regular files only (`path` "-": standard input), format by content. *format (may be NULL) is what it
 * is. Errors are IE_ERROR_INPUT without the file's name. */
IE_API IeSource *ie_read_file (const char *path, const IeReadLimits *limits, const IeFormat **format, GError **error);

/* The two halves of it, for a reader that may not open files itself. The first gives a descriptor that is open for
 * reading (close-on-exec) on a regular file or, for "-", on standard input; -1 and error. The second takes it. */
IE_API int ie_open_file (const char *path, GError **error);
IE_API IeSource *ie_read_fd (int fd, const IeReadLimits *limits, const IeFormat **format, GError **error);

/* The writer of a format on a descriptor, which it takes, also on failure. */
IE_API IeFileSink *ie_file_sink_new (int fd, const IeFormat *format, const IeWriteOptions *options, GError **error);

/* Pages of a file. `format` as ie_read_file() told it. A file of a format without pages has one. */
IE_API int ie_page_count (const IeFormat *format, const IeSource *source);
IE_API IePageKind ie_page_kind (const IeFormat *format, const IeSource *source, int page);
/* Samples of all pages together, at least 3 a pixel; for IeWriteOptions.page_bytes. */
IE_API guint64 ie_page_samples (const IeFormat *format, const IeSource *source);
/* Page 0 <= page < count as a source of its own: it may outlive `source`, and both may be read by turns. */
IE_API IeSource *ie_page_open (const IeFormat *format, const IeSource *source, int page, GError **error);
/* Whether the sink writes files of several pages. If so: ie_file_sink_next_page() before each page but a first PICTURE,
 * then begin() and write() as usual. */
IE_API gboolean ie_file_sink_has_pages (const IeFileSink *sink);
IE_API gboolean ie_file_sink_next_page (IeFileSink *sink, IePageKind kind, GError **error);
/* See IeFileSink.reread. */
IE_API IeSource *ie_file_sink_reread (IeFileSink *sink, GError **error);
/* Names of the compressions of TIFF that this build can write, ended by NULL; the array is the library's. */
IE_API const char *const *ie_tiff_compressions (void);

/* Writing that appears whole or not at all: a temporary file beside `path` (".NAME.XXXXXX.imgenhance-part"), then on
 * ie_output_commit() fsync, rename, fsync of the folder; ie_output_free() without commit removes it.
 * `path` "-": standard output. existing_ok FALSE: an existing `path` is never replaced, also when it appears meanwhile. */
typedef struct IeOutput IeOutput;
IE_API IeOutput *ie_output_new (const char *path, const IeFormat *format, const IeWriteOptions *options,
                                gboolean existing_ok, GError **error);
/* The same below a folder: `path` is relative, `folder` and the folders of `path` are made when absent, and no symbolic
 * link below `folder` is followed (IE_ERROR_OUTPUT), so that the file can only be inside it. */
IE_API IeOutput *ie_output_new_inside (const char *folder, const char *path, const IeFormat *format,
                                       const IeWriteOptions *options, gboolean existing_ok, GError **error);
IE_API IeSink *ie_output_sink (IeOutput *output);
/* The new file gets these times of access and change (seconds and nanoseconds). Before ie_output_settle(). */
IE_API void ie_output_set_times (IeOutput *output, gint64 access, int access_ns, gint64 change, int change_ns);
/* Completes the temporary file, all but its name: what it holds is final and on the disk. ie_output_commit() does it
 * where it was not done. */
IE_API gboolean ie_output_settle (IeOutput *output, GError **error);
/* Descriptor of the temporary file, to be read with pread() between settle and commit, or, where `format` was NULL, to be
 * written by somebody else before settle: such an output has no sink. -1: standard output. */
IE_API int ie_output_fd (const IeOutput *output);
IE_API gboolean ie_output_commit (IeOutput *output, GError **error);
IE_API void ie_output_free (IeOutput *output);
/* Removes the temporary files in `folder` whose writers are dead: a living writer holds a lock (flock) on its own. What
 * cannot be locked, is not a regular file or belongs to somebody else stays. Gives the number removed. */
IE_API int ie_output_sweep (const char *folder);
/* Depth that the format writes nearest to the wished one without loss, else the deepest it has. */
IE_API IeDepth ie_format_depth (const IeFormat *format, IeDepth wished);

G_END_DECLS
