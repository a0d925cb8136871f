// SPDX-License-Identifier: GPL-3.0-or-later
/* A source over a damaged one: what cannot be read is 0 (black, no ink, transparent), and the report says how much.
 *
 * A source that gives its rows in order has lost its place once a row fails: all rows after it are missing too. It is read
 * row by row, so that no good row is lost with a bad one. A random source may fail in one rectangle and go on in the
 * next; there the pieces are the rectangles that the engine asks for. A picture of which nothing at all could be read is
 * not salvaged: its error stands. */
#include "core/i18n.h"
#include "imageio/internal.h"

typedef struct {
  IeSource source;
  IeSource *inner;
  IeFidelity *fidelity;
  int broken;        /* the first row that failed in this pass; the height: none */
  int read;          /* rows that were read, in all passes */
  gboolean noted;
} Salvage;

static void
clear_rows (const IeHeader *header, IeRect rect, guint8 *data, ptrdiff_t stride)
{
  gsize bytes = (gsize) rect.width * (gsize) header->channels * ie_depth_bytes (header->depth);
  for (int y = 0; y < rect.height; y++)
    memset (data + y * stride, 0, bytes);
}

static void
note (Salvage *salvage, IeRect rect, const GError *error)
{
  if (salvage->noted)
    return;
  salvage->noted = TRUE;
  if (salvage->source.random)
    ie_fidelity_note (salvage->fidelity, IE_ITEM_SAMPLES, IE_FIDELITY_DROPPED,
                      _ ("salvaged: parts are missing, from row %d: %s"),
                      rect.y, error->message);
  else
    ie_fidelity_note (salvage->fidelity, IE_ITEM_SAMPLES, IE_FIDELITY_DROPPED,
                      _ ("salvaged: %d of %d rows are missing: %s"),
                      salvage->source.header.height - rect.y, salvage->source.header.height, error->message);
}

/* Whether the damage is one to live with; `error` is taken. */
static gboolean
endure (Salvage *salvage, IeRect rect, guint8 *data, ptrdiff_t stride, GError *reason, GError **error)
{
  gboolean nothing = salvage->read == 0 && !salvage->source.random;
  if (!g_error_matches (reason, IE_ERROR, IE_ERROR_INPUT) || nothing) {
    g_propagate_error (error, reason);
    return FALSE;
  }
  note (salvage, rect, reason);
  g_error_free (reason);
  clear_rows (&salvage->source.header, rect, data, stride);
  return TRUE;
}

static gboolean
read_random (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  Salvage *salvage = (Salvage *) base;
  GError *reason = NULL;
  return salvage->inner->read (salvage->inner, rect, data, stride, &reason)
         || endure (salvage, rect, data, stride, reason, error);
}

static gboolean
read_rows (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  Salvage *salvage = (Salvage *) base;
  for (int y = 0; y < rect.height; y++) {
    IeRect row = { rect.x, rect.y + y, rect.width, 1 };
    guint8 *into = (guint8 *) data + y * stride;
    GError *reason = NULL;
    if (row.y >= salvage->broken)
      clear_rows (&base->header, row, into, stride);
    else if (salvage->inner->read (salvage->inner, row, into, stride, &reason))
      salvage->read++;
    else if (endure (salvage, row, into, stride, reason, error))
      salvage->broken = row.y;
    else
      return FALSE;
  }
  return TRUE;
}

static gboolean
rewind_rows (IeSource *base, GError **error)
{
  Salvage *salvage = (Salvage *) base;
  salvage->broken = base->header.height;
  return salvage->inner->rewind (salvage->inner, error);
}

static void
free_salvage (IeSource *base)
{
  Salvage *salvage = (Salvage *) base;
  ie_source_free (salvage->inner);
  g_free (salvage);
}

const IeSource *
ie_salvage_inner (const IeSource *source, IeFidelity **fidelity)
{
  if (source->free != free_salvage)
    return source;
  const Salvage *salvage = (const Salvage *) source;
  if (fidelity)
    *fidelity = salvage->fidelity;
  return salvage->inner;
}

IeSource *
ie_salvage_source_new (IeSource *source, IeFidelity *fidelity)
{
  if (source->memory)
    return source; /* it is read already */
  Salvage *salvage = g_new0 (Salvage, 1);
  salvage->inner = source;
  salvage->fidelity = fidelity;
  salvage->broken = source->header.height;
  salvage->source = *source;
  salvage->source.read = source->random ? read_random : read_rows;
  salvage->source.rewind = source->rewind ? rewind_rows : NULL;
  salvage->source.free = free_salvage;
  return &salvage->source;
}
