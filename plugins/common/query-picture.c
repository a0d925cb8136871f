// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/query-picture.h"

#include <string.h>
#include <unistd.h>

#include "core/i18n.h"
#include "imageio/imageio.h"

#define STRIP 128 /* rows: what GIMP hands over fastest */
#define COMPRESSION 1 /* the file lives for a second */

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

static gboolean
write_rows (IeFileSink *sink, GeglBuffer *buffer, const GeglRectangle *extent, const IeBufferKind *kind, GError **error)
{
  gsize stride = (gsize) extent->width * (gsize) kind->header.channels * ie_depth_bytes (kind->header.depth);
  guint8 *rows = g_try_malloc (stride * STRIP);
  gboolean good = rows && sink->sink.begin (&sink->sink, &kind->header, error);
  if (!rows)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for the pixels"));
  for (int y = 0; good && y < extent->height; y += STRIP) {
    GeglRectangle strip = { extent->x, extent->y + y, extent->width, MIN (STRIP, extent->height - y) };
    gegl_buffer_get (buffer, &strip, 1.0, kind->format, rows, (int) stride, GEGL_ABYSS_NONE);
    good = sink->sink.write (&sink->sink, (IeRect){ 0, y, strip.width, strip.height }, rows, (ptrdiff_t) stride, error);
  }
  g_free (rows);
  return good && sink->finish (sink, error);
}

static gboolean
write_file (int file, GeglBuffer *buffer, const GeglRectangle *extent, GBytes *icc, GError **error)
{
  IeBufferKind kind;
  if (!ie_buffer_kind_init (&kind, format_for (buffer, extent), extent->width, extent->height, icc, error)) {
    close (file);
    return FALSE;
  }
  IeWriteOptions options = { .compression = COMPRESSION, .no_sync = TRUE };
  IeFileSink *sink = ie_file_sink_new (file, ie_format_find ("png"), &options, error);
  gboolean good = sink && write_rows (sink, buffer, extent, &kind, error);
  if (sink)
    ie_sink_free (&sink->sink);
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
