// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/screen-colour.h"

struct IeScreenColour {
  GimpColorProfile *profile; /* of the picture's samples */
  GimpColorConfig *config;
  gboolean asked; /* for the transform; NULL then: none is needed */
  GimpColorTransform *transform;
  guint8 *row; /* of the transform's result */
  int row_width;
};

IeScreenColour *
ie_screen_colour_new (const IeBufferKind *kind)
{
  IeScreenColour *colour = g_new0 (IeScreenColour, 1);
  GBytes *icc = kind->metadata.icc;
  gsize length = 0;
  const guint8 *bytes = icc ? g_bytes_get_data (icc, &length) : NULL;
  colour->profile = bytes ? gimp_color_profile_new_from_icc_profile (bytes, length, NULL) : NULL;
  if (!colour->profile)
    colour->profile = kind->header.model == IE_MODEL_GRAY ? gimp_color_profile_new_d65_gray_srgb_trc ()
                                                          : gimp_color_profile_new_rgb_srgb ();
  colour->config = gimp_get_color_configuration ();
  return colour;
}

void
ie_screen_colour_free (IeScreenColour *colour)
{
  if (!colour)
    return;
  g_clear_object (&colour->profile);
  g_clear_object (&colour->config);
  g_clear_object (&colour->transform);
  g_free (colour->row);
  g_free (colour);
}

void
ie_screen_colour_show (gpointer data, GtkWidget *preview, const Babl *format, const void *pixels, ptrdiff_t stride, guint8 *cairo,
                       ptrdiff_t cairo_stride, int width, int height)
{
  IeScreenColour *colour = data;
  const Babl *between = babl_format ("R'G'B'A u8");
  if (!colour->asked)
    colour->transform = ie_screen_transform (preview, colour->config, colour->profile, format, between);
  colour->asked = TRUE;
  if (colour->transform && colour->row_width < width) {
    colour->row = g_realloc_n (colour->row, (gsize) width, 4);
    colour->row_width = width;
  }
  const Babl *fish = babl_fish (colour->transform ? between : format, babl_format ("cairo-ARGB32"));
  for (int y = 0; y < height; y++) {
    const guint8 *from = (const guint8 *) pixels + y * stride;
    if (colour->transform) {
      gimp_color_transform_process_pixels (colour->transform, format, from, between, colour->row, (gsize) width);
      from = colour->row;
    }
    babl_process (fish, from, cairo + y * cairo_stride, width);
  }
}
