// SPDX-License-Identifier: GPL-3.0-or-later
/* A step of one filter without the engine, for tests that call its hooks: what it is defined on, exactly. */
#pragma once

#include "core/registry.h"

#include <string.h>

typedef struct {
  IeStep step;
  IeParams *params;
  IeWork *work;
} TestStep;

/* Filter `name` compiled for `level`, on a float picture as the step's space has it. settings: "id=value", ended by
 * NULL. */
static inline TestStep
test_step (const char *name, IeCpuLevel level, int width, int height, int channels, gboolean has_alpha,
           const char *const *settings)
{
  GError *error = NULL;
  const IeFilter *filter = ie_filter_find (name, 0, &error);
  g_assert_no_error (error);
  TestStep test = { .params = ie_params_new (filter->params), .work = ie_work_new () };
  for (; settings && *settings; settings++) {
    char **pair = g_strsplit (*settings, "=", 2);
    ie_params_set (test.params, pair[0], pair[1], &error);
    g_assert_no_error (error);
    g_strfreev (pair);
  }
  test.step = (IeStep){ .filter = ie_filter_at_level (filter, level), .params = test.params };
  test.step.input = (IeHeader){ .width = width,
                                .height = height,
                                .channels = channels,
                                .has_alpha = has_alpha,
                                .depth = IE_DEPTH_FLOAT,
                                .model = channels - has_alpha == 3 ? IE_MODEL_RGB : IE_MODEL_GRAY };
  test.step.output = test.step.input;
  return test;
}

static inline void
test_step_clear (TestStep *test)
{
  ie_params_free (test->params);
  ie_work_free (test->work);
}

/* All of a picture without gaps between its rows. */
static inline IePixels
test_pixels (const TestStep *test, const void *data, IeDepth depth)
{
  const IeHeader *header = &test->step.input;
  return (IePixels){ .data = (void *) (guintptr) data,
                     .rect = ie_rect_whole (header),
                     .channels = header->channels,
                     .has_alpha = header->has_alpha,
                     .depth = depth,
                     .stride =
                         (ptrdiff_t) ((gsize) header->width * (gsize) header->channels * ie_depth_bytes (depth)) };
}

/* apply() on the whole float picture. */
static inline void
test_apply (const TestStep *test, const float *in, float *out)
{
  IePixels from = test_pixels (test, in, IE_DEPTH_FLOAT), to = test_pixels (test, out, IE_DEPTH_FLOAT);
  test->step.filter->apply (&test->step, test->work, &from, &to);
}
