// SPDX-License-Identifier: GPL-3.0-or-later
/* Gains that depend on the distance from frequency 0 alone, on planes in the cosine transform (fourier/transform.h).
 *
 *   gain (f) = base + scale H (f, upper) (1 - H (f, lower)),  f^2 = fx^2 + fy^2 in cycles per pixel,  gain (0) = 1
 *   H (f, c): gaussian     exp (-ln 2 (f / c)^2)
 *             butterworth  1 / (1 + (f / c)^(2 order))
 *             ideal        1 for f <= c, else 0
 *
 * All low-passes H are one half at their cut-off c (the ideal one jumps there). gain (0) = 1 keeps the mean.
 * Source: R. C. Gonzalez and R. E. Woods, Digital Image Processing, 4th ed., sections 4.8 to 4.10. */
#pragma once

#include "core/filter.h"
#include "core/i18n.h"
#include "core/level.h"
#include "filters/fourier/transform.h"

G_BEGIN_DECLS

typedef enum { IE_RADIAL_GAUSSIAN, IE_RADIAL_BUTTERWORTH, IE_RADIAL_IDEAL } IeRadialProfile;

/* Past the corner of the spectrum, sqrt (0.5^2 + 0.5^2): an upper edge from here on is off. */
#define IE_RADIAL_BEYOND 0.7072

/* Entries of a filter's table of parameters that several filters have. `version` stays when they are added: the default
 * is what there was before. */
extern const IeChoice IE_LEVEL_NAME (ie_radial_profiles)[];
#define ie_radial_profiles IE_LEVEL_NAME (ie_radial_profiles)
#define IE_RADIAL_PROFILE_PARAM                                                                                         \
  { .id = "profile", .label = N_ ("Slope"), .type = IE_PARAM_ENUM, .unit = "", .initial = IE_RADIAL_GAUSSIAN,          \
    .choices = ie_radial_profiles,                                                                                      \
    .summary = N_ ("The slope at the cut-off: gaussian never rings, butterworth is steeper, ideal cuts and rings.") }
#define IE_RADIAL_ORDER_PARAM                                                                                           \
  { .id = "order", .label = N_ ("Order"), .type = IE_PARAM_INT, .unit = "", .initial = 2, .min = 1, .max = 20,         \
    .slider_min = 1, .slider_max = 10, .visible_if = "profile=butterworth",                                             \
    .summary = N_ ("Steepness of the Butterworth slope.") }

typedef struct {
  IeRadialProfile profile;
  int order;           /* of butterworth, 1..20 */
  double lower, upper; /* cut-offs in cycles per pixel; lower 0, upper >= IE_RADIAL_BEYOND: off */
  double base, scale;
} IeRadialGain;

typedef struct IeRadial IeRadial;

/* Plans and tables for planes of width x height; read-only once made. Free with ie_radial_free(). NULL: error is set. */
IeRadial *IE_LEVEL_NAME (ie_radial_new) (int width, int height, const IeRadialGain *gain, GError **error);
#define ie_radial_new IE_LEVEL_NAME (ie_radial_new)
void IE_LEVEL_NAME (ie_radial_free) (gpointer radial);
#define ie_radial_free IE_LEVEL_NAME (ie_radial_free)

/* Bytes beside the planes that all this takes on every thread of the processor. */
gsize IE_LEVEL_NAME (ie_radial_memory) (int width, int height);
#define ie_radial_memory IE_LEVEL_NAME (ie_radial_memory)

/* Filters `count` planes in place. enter and leave (both or neither) change each row before and after. */
gboolean IE_LEVEL_NAME (ie_radial_filter) (const IeRadial *radial, IeWork *work, float *const *planes, int count,
                                           ptrdiff_t stride, IeSpectrumRow enter, IeSpectrumRow leave, gpointer data,
                                           GError **error);
#define ie_radial_filter IE_LEVEL_NAME (ie_radial_filter)

/* apply_whole(), memory() and space of a filter whose prepare() made an IeRadial. */
gboolean IE_LEVEL_NAME (ie_radial_apply) (const IeStep *step, IeWork *work, float *const *planes, ptrdiff_t stride,
                                          GError **error);
#define ie_radial_apply IE_LEVEL_NAME (ie_radial_apply)
gsize IE_LEVEL_NAME (ie_radial_step_memory) (const IeStep *step, IeRect output, IeDepth depth);
#define ie_radial_step_memory IE_LEVEL_NAME (ie_radial_step_memory)

G_END_DECLS
