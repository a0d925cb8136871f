// SPDX-License-Identifier: GPL-3.0-or-later
/* A picture in memory behind a source that streams it, as a file does. */
#pragma once

#include "tests/run-recipe.h"

/* A source that hands out rows in order, as a file or (once TRUE) a pipe does. */
typedef struct {
  IeSource source;
  const Picture *picture;
  int next;
  int rewound;
} Stream;

static inline gboolean
stream_read (IeSource *source, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  Stream *stream = (Stream *) source;
  g_assert_cmpint (rect.x, ==, 0);
  g_assert_cmpint (rect.width, ==, source->header.width);
  g_assert_cmpint (rect.y, ==, stream->next); /* every row once, ascending */
  ptrdiff_t own = picture_stride (&source->header);
  for (int y = 0; y < rect.height; y++)
    memcpy ((char *) data + y * stride, (const char *) stream->picture->data + (rect.y + y) * own, (gsize) own);
  stream->next = rect.y + rect.height;
  return TRUE;
}

static inline gboolean
stream_rewind (IeSource *source, GError **error)
{
  ((Stream *) source)->next = 0;
  ((Stream *) source)->rewound++;
  return TRUE;
}

/* once: it cannot begin again, like a pipe. */
static inline Stream
stream_over (const Picture *picture, gboolean once)
{
  return (Stream){ .source = { .header = picture->header, .read = stream_read, .rewind = once ? NULL : stream_rewind,
                               .read_cost = 1 },
                   .picture = picture };
}
