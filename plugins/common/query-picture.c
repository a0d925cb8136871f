// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/query-picture.h"

#include <string.h>
#include <unistd.h>

#include "cli/png.h"

#define STRIP 128 /* rows: what GIMP hands over fastest */

/* ---- in which format ---- */

static gboolean
is_opaque (GeglBuffer *buffer, const GeglRectangle *extent)
{
  gboolean opaque = TRUE;
  const gsize pixel = 2; /* babl has no format of alpha alone */
  guint8 *pixels = g_malloc ((gsize) extent->width * STRIP * pixel);
  for (int y = 0; opaque && y < extent->height; y += STRIP) {
    GeglRectangle strip = { extent->x, extent->y + y, extent->width, MIN (STRIP, extent->height - y) };
    gegl_buffer_get (buffer, &strip, 1.0, babl_format ("Y'A u8"), pixels, strip.width * (int) pixel, GEGL_ABYSS_NONE);
    for (gsize i = 0, count = (gsize) strip.width * (gsize) strip.height; opaque && i < count; i++)
      opaque = pixels[i * pixel + 1] == 255;
  }
  g_free (pixels);
  return opaque;
}

/* The buffer's own, or what is nearest to it in a PNG. */
static const Babl *
format_for (GeglBuffer *buffer, const GeglRectangle *extent)
{
  const Babl *own = gegl_buffer_get_format (buffer);
  if (babl_format_is_palette (own))
    own = babl_format (babl_format_has_alpha (own) ? "R'G'B'A u8" : "R'G'B' u8");
  /* "R'G'B'A float": a model, a blank, a type. */
  g_autofree char *model = g_strdup (babl_format_get_encoding (own)), *type = NULL;
  char *blank = strrchr (model, ' ');
  if (!blank)
    return own;
  type = g_strdup (blank + 1);
  *blank = '\0';
  if (blank > model && blank[-1] == 'A' && is_opaque (buffer, extent))
    blank[-1] = '\0';
  g_autofree char *encoding = g_strconcat (model, strcmp (type, "u8") == 0 ? " u8" : " u16", NULL);
  return babl_format_with_space (encoding, babl_format_get_space (own));
}

/* ---- the file ---- */

typedef struct {
  IeSource source;
  GeglBuffer *buffer;
  GeglRectangle extent;
  const Babl *format;
} Query;

static gboolean
read_rows (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  Query *query = (Query *) base;
  GeglRectangle part = { query->extent.x + rect.x, query->extent.y + rect.y, rect.width, rect.height };
  gegl_buffer_get (query->buffer, &part, 1.0, query->format, data, (int) stride, GEGL_ABYSS_NONE);
  return TRUE;
}

static gboolean
write_file (int file, GeglBuffer *buffer, const GeglRectangle *extent, GBytes *icc, GError **error)
{
  IeBufferKind kind;
  if (!ie_buffer_kind_init (&kind, format_for (buffer, extent), extent->width, extent->height, icc, error)) {
    close (file);
    return FALSE;
  }
  Query query = { { .header = kind.header, .random = TRUE, .read = read_rows }, buffer, *extent, kind.format };
  gboolean good = cli_png_write (file, &query.source, error);
  ie_buffer_kind_clear (&kind);
  return good;
}

char *
ie_query_picture_write (GeglBuffer *buffer, const GeglRectangle *extent, GBytes *icc, GError **error)
{
  char *path = NULL;
  int file = g_file_open_tmp ("imgenhance-XXXXXX.png", &path, error);
  if (file < 0 || write_file (file, buffer, extent, icc, error))
    return path;
  unlink (path);
  g_free (path);
  return NULL;
}
