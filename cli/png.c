// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/png.h"

#include "core/i18n.h"
#include "imageio/imageio.h"

#define STRIP 128 /* rows: what GIMP hands over fastest */
#define COMPRESSION 1

static gboolean
write_rows (IeFileSink *sink, IeSource *source, GError **error)
{
  const IeHeader *header = &source->header;
  gsize stride = (gsize)header->width * (gsize)header->channels * ie_depth_bytes (header->depth);
  guint8 *rows = g_try_malloc (stride * STRIP);
  gboolean good = rows && sink->sink.begin (&sink->sink, header, error);
  if (!rows)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for the pixels"));
  for (int y = 0; good && y < header->height; y += STRIP) {
    IeRect strip = { 0, y, header->width, MIN (STRIP, header->height - y) };
    good = source->read (source, strip, rows, (ptrdiff_t)stride, error)
           && sink->sink.write (&sink->sink, strip, rows, (ptrdiff_t)stride, error);
  }
  g_free (rows);
  return good && sink->finish (sink, error);
}

gboolean
cli_png_write (int fd, IeSource *source, GError **error)
{
  IeWriteOptions options = { .compression = COMPRESSION, .no_sync = TRUE };
  IeFileSink *sink = ie_file_sink_new (fd, ie_format_find ("png"), &options, error);
  gboolean good = sink && write_rows (sink, source, error);
  if (sink)
    ie_sink_free (&sink->sink);
  return good;
}
