// SPDX-License-Identifier: GPL-3.0-or-later
/* What is measured, and the two formulas that the peers need from us. */
#include "bench/harness.h"

#include <math.h>

/* Bounds of agreement in codes. Filters: one code for our rounding and one for the peer's. A Gaussian at 16 bits: OpenCV
 * cuts at 4 sigma, which moves a step edge by 6e-5 of the range, 4 codes; and it rounds between its two passes. */
#define ROUNDING 2
#define ROUNDING_16 12
#define CUT_FLOAT 2e-4

/* Five times the spatial sigma of low=0.01, sqrt (2 ln 2) / (2 pi 0.01): there a picture that wraps around, as in OpenCV's
 * transform, still differs from a mirrored one. */
#define BANDPASS_REACH 94

#define GAUSSIAN(sigma, depth, agree) \
  { "gaussian sigma=" #sigma, BENCH_GAUSSIAN, { sigma }, 3, depth, "gaussian sigma=" #sigma, 0, 0, agree }
#define MEDIAN(radius, depth) \
  { "median radius=" #radius, BENCH_MEDIAN, { radius }, 3, depth, "median radius=" #radius, radius, 0, 0 }
/* In the middle of the picture: peers take a minute. */
#define MEDIAN_MIDDLE(radius, depth, part) \
  { "median radius=" #radius " 1/" #part, BENCH_MEDIAN, { radius }, 3, depth, "median radius=" #radius, radius, part, 0 }
#define UNSHARP(depth, agree) \
  { "unsharp radius=2 amount=0.5", BENCH_UNSHARP, { 2, 0.5 }, 3, depth, "unsharp radius=2 amount=0.5 channel=rgb", 0, 0, \
    agree }
#define BOX(radius, depth, agree) \
  { "box radius=" #radius, BENCH_BOX, { radius }, 3, depth, "box radius=" #radius, 0, 0, agree }
#define SOBEL(depth, agree) { "sobel", BENCH_SOBEL, { 2 }, 3, depth, "sobel amount=2", 0, 0, agree }
#define LAB(depth, agree) { "lab round trip", BENCH_LAB, { 0 }, 3, depth, NULL, 0, 0, agree }
#define LIGHTNESS(depth) \
  { "equalize lightness", BENCH_EQUALIZE_LIGHTNESS, { 0 }, 3, depth, "equalize channel=lightness", 0, 0, -1 }

/* OpenCV rounds the clip limit and the tables of the tiles, and its tiles' centres lie half a pixel elsewhere. */
#define CLAHE_AGREE 3
#define CLAHE(channel, operation, channels, depth, agree) \
  { "clahe " channel, operation, { 8, 2 }, channels, depth, "clahe tiles=8 clip-limit=2 channel=" channel, 0, 0, agree }

/* OpenCV sums the channels' differences where we take their mean: its sigma is three times ours. */
#define BILATERAL(depth, agree) \
  { "bilateral d=9 sigma=25/3", BENCH_BILATERAL, { 9, 100 * 25 / 3.0 / 255, 3 }, 3, depth, \
    "bilateral radius=4 sigma-space=3 sigma-range=3.26797385620915", 0, 0, agree }

/* The patch and window that OpenCV has of itself; 10 codes of noise on both sides. In the middle of the picture: OpenCV
 * takes a minute for the whole. */
#define NLMEANS(channels) \
  { "nlmeans 7 in 21 1/4", BENCH_NLMEANS, { 10, 7, 21 }, channels, BENCH_U8, \
    "nlmeans noise=3.92156862745098 patch-radius=3 search-radius=10", 0, 4, -1 }

const BenchRow bench_rows[] = {
  { "levels gamma", BENCH_LEVELS, { 0.02, 0.97, 1.2 }, 3, BENCH_U8, "levels black=2 white=97 gamma=1.2", 0, 0, ROUNDING },
  { "levels gamma", BENCH_LEVELS, { 0.02, 0.97, 1.2 }, 3, BENCH_U16, "levels black=2 white=97 gamma=1.2", 0, 0, ROUNDING },
  { "levels", BENCH_LEVELS, { 0.02, 0.97, 1 }, 3, BENCH_U8, "levels black=2 white=97", 0, 0, ROUNDING },
  { "levels", BENCH_LEVELS, { 0.02, 0.97, 1 }, 3, BENCH_U16, "levels black=2 white=97", 0, 0, ROUNDING },
  GAUSSIAN (2, BENCH_U8, ROUNDING),
  GAUSSIAN (2, BENCH_U16, ROUNDING_16),
  GAUSSIAN (2, BENCH_FLOAT, CUT_FLOAT),
  GAUSSIAN (20, BENCH_U8, ROUNDING),
  GAUSSIAN (20, BENCH_U16, ROUNDING_16),
  GAUSSIAN (20, BENCH_FLOAT, CUT_FLOAT),
  MEDIAN (1, BENCH_U8),
  MEDIAN (1, BENCH_U16),
  MEDIAN (2, BENCH_U8),
  MEDIAN (2, BENCH_U16),
  MEDIAN (10, BENCH_U8),
  MEDIAN_MIDDLE (10, BENCH_U16, 8),
  UNSHARP (BENCH_U8, ROUNDING),
  UNSHARP (BENCH_U16, ROUNDING_16),
  UNSHARP (BENCH_FLOAT, CUT_FLOAT),
  BILATERAL (BENCH_U8, ROUNDING),
  BILATERAL (BENCH_U16, ROUNDING_16),
  BILATERAL (BENCH_FLOAT, CUT_FLOAT),
  NLMEANS (1),
  NLMEANS (3),
  { "bilateral fast sigma=12 1/2", BENCH_BILATERAL, { 0, 100 * 25 / 3.0 / 255, 12 }, 3, BENCH_U8,
    "bilateral method=fast sigma-space=12 sigma-range=3.26797385620915", 0, 2, -1 },
  BOX (10, BENCH_U8, ROUNDING),
  BOX (10, BENCH_U16, ROUNDING),
  BOX (10, BENCH_FLOAT, 1e-5),
  SOBEL (BENCH_U8, ROUNDING),
  SOBEL (BENCH_FLOAT, 1e-5),
  { "canny", BENCH_CANNY, { 1.4, 50, 150 }, 1, BENCH_U8,
    "canny sigma=1.4 low=4.901960784313726 high=14.705882352941178 gradient=l1", 0, 0, -1 },
  { "equalize", BENCH_EQUALIZE, { 0 }, 1, BENCH_U8, "equalize channel=value", 0, 0, 1 },
  LIGHTNESS (BENCH_U8),
  LIGHTNESS (BENCH_U16),
  CLAHE ("value", BENCH_CLAHE, 1, BENCH_U8, CLAHE_AGREE),
  CLAHE ("value", BENCH_CLAHE, 1, BENCH_U16, -1),
  CLAHE ("lightness", BENCH_CLAHE_LIGHTNESS, 3, BENCH_U8, -1),
  CLAHE ("lightness", BENCH_CLAHE_LIGHTNESS, 3, BENCH_U16, -1),
  { "clahe + unsharp + levels", BENCH_LOOK, { 8, 2 }, 3, BENCH_U8,
    "clahe tiles=8 clip-limit=2 channel=lightness\nunsharp radius=1.5 amount=0.5 channel=lightness\n"
    "levels black=2 white=97", 0, 0, -1 },
  LAB (BENCH_U8, -1),
  LAB (BENCH_U16, -1),
  LAB (BENCH_FLOAT, -1),
  { "fourier-bandpass", BENCH_BANDPASS, { 0.01, 0.2 }, 1, BENCH_FLOAT, "fourier-bandpass low=0.01 high=0.2",
    BANDPASS_REACH, 0, 1e-4 },
  { "fourier-homomorphic", BENCH_HOMOMORPHIC, { 0.5, 1.5, 0.01 }, 1, BENCH_FLOAT,
    "fourier-homomorphic low=0.5 high=1.5 cutoff=0.01", BANDPASS_REACH, 0, 1e-4 },
};
const int bench_row_count = G_N_ELEMENTS (bench_rows);

double
bench_levels_value (const BenchRow *row, double value)
{
  double black = row->numbers[0], white = row->numbers[1], gamma = row->numbers[2];
  return pow (CLAMP ((value - black) / (white - black), 0, 1), 1 / gamma);
}

double
bench_bandpass_weight (const BenchRow *row, double fx, double fy)
{
  double square = fx * fx + fy * fy, low = row->numbers[0], high = row->numbers[1], cutoff = row->numbers[2];
  if (square == 0)
    return 1;
  if (row->operation == BENCH_HOMOMORPHIC)
    return low + (high - low) * (1 - exp (-G_LN2 * square / (cutoff * cutoff)));
  return exp (-G_LN2 * square / (high * high)) * (1 - exp (-G_LN2 * square / (low * low)));
}
