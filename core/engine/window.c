// SPDX-License-Identifier: GPL-3.0-or-later
/* The rows of a source that a band of rectangles needs: read once a pass, in order, kept while a later band needs them. */
#include "core/engine/internal.h"
#include "core/i18n.h"

#include <string.h>

static ptrdiff_t
row_bytes (const IeHeader *header, int width)
{
  return (ptrdiff_t) ((gsize) width * (gsize) header->channels * ie_depth_bytes (header->depth));
}

IeWindow *
ie_window_new (IeSource *source, gboolean owned)
{
  IeWindow *window = g_new0 (IeWindow, 1);
  window->source = source;
  window->owned = owned;
  window->header = source->header;
  window->stride = source->memory ? source->stride
                                  : row_bytes (&source->header, source->header.width);
  return window;
}

void
ie_window_free (IeWindow *window)
{
  if (!window)
    return;
  ie_buffer_free (window->rows);
  if (window->owned)
    ie_source_free (window->source);
  g_free (window->name);
  g_free (window);
}

void
ie_window_drop (IeWindow *window)
{
  g_clear_pointer (&window->rows, ie_buffer_free);
  window->y0 = window->y1 = window->capacity = 0;
  if (window->block_width)
    window->stride = row_bytes (&window->header, window->header.width);
  window->block_x = window->block_width = 0;
}

gboolean
ie_window_streams (const IeWindow *window)
{
  return !window->fill && !window->source->memory;
}

static gboolean
name_it (const IeWindow *window, GError **error)
{
  if (window->name)
    g_prefix_error (error, _ ("picture %s: "), window->name);
  return FALSE;
}

gboolean
ie_window_restart (IeWindow *window, GError **error)
{
  if (!ie_window_streams (window))
    return TRUE;
  window->y0 = window->y1 = 0;
  if (!window->begun || window->source->random)
    return TRUE;
  window->begun = FALSE;
  if (window->source->rewind)
    return window->source->rewind (window->source, error) || name_it (window, error);
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("a stream cannot be read a second time"));
  return name_it (window, error);
}

static gboolean
make_room (IeWindow *window, int rows, GError **error)
{
  if (rows <= window->capacity)
    return TRUE;
  gsize stride = (gsize) window->stride;
  guint8 *larger = ie_buffer_new ((gsize) rows * stride);
  if (!larger) {
    g_set_error (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for %d rows of the picture"), rows);
    return FALSE;
  }
  if (window->rows)
    memcpy (larger, window->rows, (gsize) (window->y1 - window->y0) * stride);
  ie_buffer_free (window->rows);
  window->rows = larger;
  window->capacity = rows;
  return TRUE;
}

gboolean
ie_window_reserve (IeWindow *window, int rows, GError **error)
{
  return !ie_window_streams (window) || make_room (window, MIN (rows, window->header.height), error);
}

gboolean
ie_window_read_on (IeWindow *window, int rows, void *data, ptrdiff_t stride, GError **error)
{
  IeRect rect = { 0, window->y1, window->header.width, rows };
  window->begun = TRUE;
  if (!window->source->read (window->source, rect, data, stride, error))
    return name_it (window, error);
  window->y1 += rows;
  return TRUE;
}

gboolean
ie_window_require (IeWindow *window, int y0, int y1, GError **error)
{
  if (!ie_window_streams (window) || y0 >= y1)
    return TRUE;
  gsize stride = (gsize) window->stride;
  IeSource *source = window->source;
  int keep_from = CLAMP (y0, window->y0, window->y1);
  if (keep_from > window->y0) {
    memmove (window->rows, window->rows + (gsize) (keep_from - window->y0) * stride,
             (gsize) (window->y1 - keep_from) * stride);
    window->y0 = keep_from;
  }
  if (!make_room (window, y1 - MIN (window->y0, y0), error))
    return FALSE;
  /* Rows that nobody looks at are read too where the source gives every row once. */
  while (window->y1 < y1) {
    if (window->y1 < y0) {
      window->y0 = window->y1;
      if (source->random)
        window->y0 = window->y1 = y0;
    }
    int until = window->y1 < y0 ? MIN (y0, window->y1 + window->capacity) : y1;
    guint8 *place = window->rows + (gsize) (window->y1 - window->y0) * stride;
    if (!ie_window_read_on (window, until - window->y1, place, window->stride, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
ie_window_load_block (IeWindow *window, IeRect rect, GError **error)
{
  if (!ie_window_streams (window))
    return TRUE;
  g_return_val_if_fail (window->source->random, FALSE);
  ie_window_drop (window);
  window->stride = row_bytes (&window->header, rect.width);
  window->rows = ie_buffer_new ((gsize) window->stride * (gsize) rect.height);
  if (!window->rows) {
    g_set_error (error, IE_ERROR, IE_ERROR_MEMORY,
                 _ ("no memory for %d x %d pixels of the picture"), rect.width, rect.height);
    return FALSE;
  }
  window->y0 = rect.y;
  window->y1 = rect.y + rect.height;
  window->capacity = rect.height;
  window->block_x = rect.x;
  window->block_width = rect.width;
  window->begun = TRUE;
  return window->source->read (window->source, rect, window->rows, window->stride, error) || name_it (window, error);
}

gboolean
ie_window_view (const IeWindow *window, IeRect rect, IePixels *view)
{
  if (window->fill)
    return FALSE;
  const IeHeader *header = &window->header;
  IePixels all = { .stride = window->stride,
                   .rect = { 0, 0, header->width, header->height },
                   .channels = header->channels,
                   .has_alpha = header->has_alpha,
                   .depth = header->depth };
  if (window->source->memory) {
    all.data = (void *) window->source->memory;
  } else {
    all.data = window->rows;
    all.rect.y = window->y0;
    all.rect.height = window->y1 - window->y0;
    if (window->block_width) {
      all.rect.x = window->block_x;
      all.rect.width = window->block_width;
    }
  }
  *view = ie_pixels_part (&all, rect);
  return TRUE;
}
