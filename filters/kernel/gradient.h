// SPDX-License-Identifier: GPL-3.0-or-later
/* What filters that show edges share: parameters and the last step, from responses to what is shown. */
#pragma once

#include "core/i18n.h"
#include "filters/kernel/stencil.h"

G_BEGIN_DECLS

#define ie_gradient_combine IE_LEVEL_NAME (ie_gradient_combine)
#define ie_gradient_showing IE_LEVEL_NAME (ie_gradient_showing)

typedef enum { IE_SHOW_MAGNITUDE, IE_SHOW_X, IE_SHOW_Y } IeGradientShow;
typedef enum { IE_CHANNEL_RGB, IE_CHANNEL_LUMA } IeEdgeChannel;

#define IE_EDGE_CHANNELS \
  { { "rgb", N_ ("Every channel") }, { "luma", N_ ("Luma (one gray result)") }, { NULL, NULL } }

#define IE_EDGE_CHANNEL_PARAM(table) \
  { .id = "channel", .label = N_ ("Channel"), .type = IE_PARAM_ENUM, .unit = "", .initial = IE_CHANNEL_RGB, \
    .choices = table, \
    .summary = N_ ("Edges of every channel by itself, or of the picture's luma, the same in all channels.") }

#define IE_EDGE_AMOUNT_PARAM(value) \
  { .id = "amount", .label = N_ ("Amount"), .type = IE_PARAM_FLOAT, .unit = "", .initial = value, .min = 0, \
    .max = 1000, .slider_min = 0, .slider_max = 10, \
    .summary = N_ ("Factor; at 1 a step from black to white gives white.") }

/* How a pair of responses (to the right, downwards) becomes a sample. */
typedef struct {
  IeGradientShow show;
  float amount;
  float gray; /* half the range of the depth: where a signed response of 0 lies */
} IeShowing;

IeShowing ie_gradient_showing (IeGradientShow show, double amount, IeDepth depth);

/* An IeCombine over an IeShowing: magnitude sqrt (x^2 + y^2) * amount from two kernels, or gray + x / 2 * amount from
 * one. */
void ie_gradient_combine (gconstpointer showing, float *const *sums, const float *centre, int samples);

G_END_DECLS
