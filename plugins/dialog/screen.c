// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/dialog/screen.h"

struct IeScreen {
  GimpColorConfig *config;
  GimpColorProfile *profile; /* of the picture */
};

/* Without one of its own a picture has sRGB's curve, and its colours if it has colours. */
static GimpColorProfile *
profile_of (const IeBufferKind *kind)
{
  GimpColorProfile *profile = NULL;
  if (kind->metadata.icc) {
    gsize length;
    const guint8 *icc = g_bytes_get_data (kind->metadata.icc, &length);
    profile = gimp_color_profile_new_from_icc_profile (icc, length, NULL);
  }
  if (profile)
    return profile;
  return kind->header.model == IE_MODEL_GRAY ? gimp_color_profile_new_d65_gray_srgb_trc () : gimp_color_profile_new_rgb_srgb ();
}

IeScreen *
ie_screen_new (GimpColorConfig *config, const IeBufferKind *kind)
{
  IeScreen *screen = g_new0 (IeScreen, 1);
  screen->config = g_object_ref (config);
  screen->profile = profile_of (kind);
  return screen;
}

void
ie_screen_free (IeScreen *screen)
{
  if (!screen)
    return;
  g_object_unref (screen->config);
  g_object_unref (screen->profile);
  g_free (screen);
}

void
ie_screen_convert (gpointer data, GtkWidget *preview, const Babl *format, const void *pixels, ptrdiff_t stride, guint8 *cairo,
                   ptrdiff_t cairo_stride, int width, int height)
{
  IeScreen *screen = data;
  const Babl *straight = babl_format ("R'G'B'A u8"), *shown = babl_format ("cairo-ARGB32");
  /* The library keeps the last transforms: the screen may be another one each time. */
  GimpColorTransform *transform = ie_color_transform (preview, screen->config, screen->profile, format, straight);
  const Babl *fish = babl_fish (transform ? straight : format, shown);
  g_autofree guint8 *row = g_malloc (4 * (gsize) MAX (width, 1));
  for (int y = 0; y < height; y++) {
    const guint8 *from = (const guint8 *) pixels + y * stride;
    if (transform) {
      gimp_color_transform_process_pixels (transform, format, from, straight, row, (gsize) width);
      from = row;
    }
    babl_process (fish, from, cairo + y * cairo_stride, width);
  }
  g_clear_object (&transform);
}
