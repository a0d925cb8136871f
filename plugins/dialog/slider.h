// SPDX-License-Identifier: GPL-3.0-or-later
/* A number of a descriptor: a slider over the range that is useful, and beside it a spin button over all that is allowed. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

typedef void (*IeSliderChanged) (gpointer data, double value, gboolean dragging);

typedef struct {
  GtkWidget *scale, *spin;
  const IeParam *param;
  double low, high;  /* of the slider */
  double step;       /* to which a dragged value is rounded */
  double value;      /* with all digits */
  int digits;
  gboolean setting, dragging;
  IeSliderChanged changed; /* of what the user does, not of ie_slider_set() */
  gpointer data;
} IeSlider;

/* Makes both widgets; the place is kept until they are destroyed. */
void ie_slider_init (IeSlider *slider, const IeParam *param, IeSliderChanged changed, gpointer data);
void ie_slider_set (IeSlider *slider, double value);

G_END_DECLS
