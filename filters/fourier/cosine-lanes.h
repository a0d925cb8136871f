// SPDX-License-Identifier: GPL-3.0-or-later
/* The passes of the cosine transform (fourier/transform.h) over a plane, many lines at a time (fourier/lanes.h). */
#pragma once

#include "filters/fourier/lanes.h"
#include "filters/fourier/transform.h"

G_BEGIN_DECLS

typedef struct {
  int n; /* 0: none */
  IeGrid grid;
  guint32 *samples, *numbers; /* of sample i, of coefficient k: floats from the grid's begin */
} IeCosineLanes;

/* Whether there are such passes for lines of n samples. */
gboolean IE_LEVEL_NAME (ie_cosine_lanes_has) (int n);
#define ie_cosine_lanes_has IE_LEVEL_NAME (ie_cosine_lanes_has)
gboolean IE_LEVEL_NAME (ie_cosine_lanes_init) (IeCosineLanes *lanes, int n);
#define ie_cosine_lanes_init IE_LEVEL_NAME (ie_cosine_lanes_init)
void IE_LEVEL_NAME (ie_cosine_lanes_clear) (IeCosineLanes *lanes);
#define ie_cosine_lanes_clear IE_LEVEL_NAME (ie_cosine_lanes_clear)

/* Bytes of the tables, and of one thread's scratch. */
gsize IE_LEVEL_NAME (ie_cosine_lanes_memory) (int n);
#define ie_cosine_lanes_memory IE_LEVEL_NAME (ie_cosine_lanes_memory)
gsize IE_LEVEL_NAME (ie_cosine_lanes_scratch) (int n);
#define ie_cosine_lanes_scratch IE_LEVEL_NAME (ie_cosine_lanes_scratch)

typedef struct {
  float *plane;
  ptrdiff_t stride;
  int width, height;
  const IeSpectrumChange *change;
} IeCosinePlane;

/* Rows (columns) first .. first + IE_SPECTRUM_COLUMNS - 1, as many as there are, to coefficients or, `inverse`, back; columns
 * to coefficients, changed, and back. scratch: ie_cosine_lanes_scratch() bytes, 64-byte aligned.
 * Asks for the memory of rows next .. (-1: none), or of columns next .. until - 1, which this thread will soon come to. */
void IE_LEVEL_NAME (ie_cosine_lanes_rows) (const IeCosineLanes *lanes, const IeCosinePlane *plane, int first, int next,
                                           gboolean inverse, float *scratch);
#define ie_cosine_lanes_rows IE_LEVEL_NAME (ie_cosine_lanes_rows)
void IE_LEVEL_NAME (ie_cosine_lanes_columns) (const IeCosineLanes *lanes, const IeCosinePlane *plane, int first, int next,
                                              int until, float *scratch);
#define ie_cosine_lanes_columns IE_LEVEL_NAME (ie_cosine_lanes_columns)

G_END_DECLS
