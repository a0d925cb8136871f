// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/slider.h"

#include <math.h>

#include "plugins/common/names.h"

/* ---- from a place on the slider to a value ---- */

/* A logarithmic slider that begins at 0 has no logarithm there: the third power of the place, as GEGL's sliders in GIMP 3 have
 * it for the same parameters. */
#define POWER 3

static gboolean
is_bent (const IeSlider *slider)
{
  return slider->param->curve == IE_SLIDER_LOGARITHMIC;
}

static double
value_at (const IeSlider *slider, double place)
{
  if (!is_bent (slider))
    return place;
  if (slider->low > 0)
    return slider->low * pow (slider->high / slider->low, place);
  return slider->low + (slider->high - slider->low) * pow (place, POWER);
}

static double
place_of (const IeSlider *slider, double value)
{
  double inside = CLAMP (value, slider->low, slider->high);
  if (!is_bent (slider))
    return inside;
  if (slider->low > 0)
    return log (inside / slider->low) / log (slider->high / slider->low);
  return pow ((inside - slider->low) / (slider->high - slider->low), 1.0 / POWER);
}

/* Digits behind the point: for a tenth of what a logarithmic slider begins with, or for the two hundredth part of the span (where it
 * begins with 0 and small values have more room, the thousandth). */
static int
digits_of (const IeSlider *slider)
{
  if (slider->param->type == IE_PARAM_INT)
    return 0;
  double span = slider->high - slider->low;
  double smallest = !is_bent (slider) ? span / 200 : slider->low > 0 ? slider->low / 10 : span / 1000;
  return CLAMP ((int) ceil (-log10 (smallest)), 1, 6);
}

/* ---- the two widgets ---- */

static double
rounded (const IeSlider *slider, double value)
{
  double whole = pow (10, slider->digits);
  return CLAMP (round (value * whole) / whole, slider->param->min, slider->param->max);
}

static void
show (IeSlider *slider, double value, gboolean on_scale, gboolean on_spin)
{
  slider->setting = TRUE;
  slider->value = value;
  if (on_scale)
    gtk_range_set_value (GTK_RANGE (slider->scale), place_of (slider, value));
  if (on_spin)
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (slider->spin), value);
  slider->setting = FALSE;
}

static void
scale_moved (GtkRange *range, gpointer data)
{
  IeSlider *slider = data;
  if (slider->setting)
    return;
  double value = rounded (slider, value_at (slider, gtk_range_get_value (range)));
  show (slider, value, FALSE, TRUE);
  slider->changed (slider->data, value, slider->dragging);
}

/* The button reads its text again when the focus leaves it, and then knows no more digits than it shows: that is no change. */
static void
spin_changed (GtkSpinButton *spin, gpointer data)
{
  IeSlider *slider = data;
  double value = rounded (slider, gtk_spin_button_get_value (spin));
  if (slider->setting || value == rounded (slider, slider->value))
    return;
  show (slider, value, TRUE, FALSE);
  slider->changed (slider->data, value, FALSE);
}

static gboolean
pressed (GtkWidget *scale, GdkEventButton *event, gpointer data)
{
  ((IeSlider *) data)->dragging = TRUE;
  return FALSE;
}

static gboolean
released (GtkWidget *scale, GdkEventButton *event, gpointer data)
{
  IeSlider *slider = data;
  if (slider->dragging) {
    slider->dragging = FALSE;
    slider->changed (slider->data, rounded (slider, value_at (slider, gtk_range_get_value (GTK_RANGE (scale)))), FALSE);
  }
  return FALSE;
}

/* A power of ten, about a hundredth of the span. */
static double
step_of (double span)
{
  return pow (10, floor (log10 (span / 100) + 0.5));
}

/* Characters of the longest value that a user will see: what a spin button asks for at hard ranges of six digits is too much. */
static int
width_of (const IeSlider *slider)
{
  double largest = MAX (fabs (slider->param->min), fabs (slider->param->max));
  int whole = CLAMP ((int) floor (log10 (MAX (largest, 1))) + 1, 1, 5);
  return MAX (whole + slider->digits + (slider->digits > 0) + (slider->param->min < 0), 5);
}

void
ie_slider_init (IeSlider *slider, const IeParam *param, IeSliderChanged changed, gpointer data)
{
  *slider = (IeSlider){ .param = param, .changed = changed, .data = data };
  ie_param_slider (param, &slider->low, &slider->high);
  slider->digits = digits_of (slider);
  gboolean whole = param->type == IE_PARAM_INT;
  double step = whole ? 1 : MAX (step_of (slider->high - slider->low), pow (10, -slider->digits));
  double low = is_bent (slider) ? 0 : slider->low, high = is_bent (slider) ? 1 : slider->high;
  double move = is_bent (slider) ? 0.01 : step;

  slider->scale = ie_scale_new (ie_adjustment_new (low, low, high, move, move * 10));
  gtk_scale_set_digits (GTK_SCALE (slider->scale), is_bent (slider) ? 6 : slider->digits);
  gtk_widget_set_size_request (slider->scale, 140, -1);
  slider->spin = gtk_spin_button_new_with_range (param->min, param->max, step);
  gtk_spin_button_set_increments (GTK_SPIN_BUTTON (slider->spin), step, step * 10);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (slider->spin), (guint) slider->digits);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (slider->spin), TRUE);
  gtk_entry_set_width_chars (GTK_ENTRY (slider->spin), width_of (slider));
  gtk_entry_set_activates_default (GTK_ENTRY (slider->spin), TRUE);

  g_signal_connect (slider->scale, "value-changed", G_CALLBACK (scale_moved), slider);
  g_signal_connect (slider->scale, "button-press-event", G_CALLBACK (pressed), slider);
  g_signal_connect (slider->scale, "button-release-event", G_CALLBACK (released), slider);
  g_signal_connect (slider->spin, "value-changed", G_CALLBACK (spin_changed), slider);
}

void
ie_slider_set (IeSlider *slider, double value)
{
  show (slider, value, TRUE, TRUE);
}
