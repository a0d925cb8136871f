// SPDX-License-Identifier: GPL-3.0-or-later
/* Tables that stand in for operations which map every sample of integer pixels by itself. */
#include "core/engine/internal.h"
#include "core/i18n.h"

#include <string.h>

static gsize
table_bytes (const IeChain *chain, int i)
{
  const IeOp *op = &chain->ops[i];
  gsize codes = chain->ops[i - 1].header.depth == IE_DEPTH_U8 ? 256 : 65536;
  return codes * (gsize) op->header.channels * ie_depth_bytes (op->header.depth);
}

gsize
ie_chain_tables (const IeChain *chain)
{
  gsize bytes = 0;
  for (int i = 0; i < chain->count; i++)
    if (chain->ops[i].kind == IE_OP_TABLE)
      bytes += table_bytes (chain, i);
  return bytes;
}

/* Channel c of a row of results to its table; alpha's is the identity. */
static void
store_column (const IeOp *op, const IePixels *results, int c, int codes)
{
  gboolean is_alpha = results->has_alpha && c == results->channels - 1;
  gsize from = (gsize) c, to = (gsize) c * (gsize) codes;
  for (int k = 0; k < codes; k++, from += (gsize) results->channels, to++) {
    if (op->header.depth == IE_DEPTH_U8)
      ((guint8 *) op->table)[to] = is_alpha ? (guint8) k : ((const guint8 *) results->data)[from];
    else if (op->header.depth == IE_DEPTH_U16)
      ((guint16 *) op->table)[to] = is_alpha ? (guint16) k : ((const guint16 *) results->data)[from];
    else
      ((float *) op->table)[to] = is_alpha ? (float) k / (float) (codes - 1) : ((const float *) results->data)[from];
  }
}

/* Every code of the depth in every channel, as float: a picture of one row. */
static gboolean
every_code (const IeHeader *in, int codes, IeWork *work, IePixels *row)
{
  IeHeader header = *in;
  IePixels integers;
  IeRect rect = { 0, 0, codes, 1 };
  header.depth = IE_DEPTH_FLOAT;
  if (!ie_scratch_pixels (work, rect, &header, row))
    return FALSE;
  IeWorkMark mark = ie_work_mark (work);
  if (!ie_scratch_pixels (work, rect, in, &integers))
    return FALSE;
  for (gsize s = 0, channels = (gsize) in->channels; s < (gsize) codes * channels; s++) {
    /* Opaque: colour under alpha 0 would be put back. Alpha's own column is made the identity later. */
    gboolean is_alpha = in->has_alpha && s % channels == channels - 1;
    gsize code = is_alpha ? (gsize) codes - 1 : s / channels;
    if (in->depth == IE_DEPTH_U8)
      ((guint8 *) integers.data)[s] = (guint8) code;
    else
      ((guint16 *) integers.data)[s] = (guint16) code;
  }
  ie_convert_pixels (&integers, row);
  ie_work_release (work, mark);
  return TRUE;
}

/* Runs the stages over every code, the same way float pixels would go; results are rounded only then. */
static gboolean
run_codes (const IeOp *op, const IePixels *codes, IeWork *work, const IePixels *results)
{
  IeHeader header = op->stage->before;
  header.width = codes->rect.width;
  header.height = 1;
  header.channels = codes->channels;
  header.depth = IE_DEPTH_FLOAT;
  IeWindow *window = ie_window_new (ie_memory_source_new (&header, codes->data, codes->stride), TRUE);
  IeChain *row = ie_chain_new (op->stage, 0, op->stages, window, IE_END_NATIVE, IE_DEPTH_FLOAT);
  for (int o = 0; o < row->count; o++) { /* the stages know the picture's size */
    row->ops[o].header.width = header.width;
    row->ops[o].header.height = header.height;
  }
  IeTally tally = { 0 };
  IePixels unrounded = { .data = NULL };
  gboolean good = ie_chain_compute (row, work, codes->rect, &unrounded, NULL, &tally);
  if (good)
    ie_convert_pixels (&unrounded, results);
  ie_chain_free (row);
  ie_window_free (window);
  return good;
}

static gboolean
make_table (IeChain *chain, int i, IeWork *work)
{
  IeOp *op = &chain->ops[i];
  const IeHeader *in = &chain->ops[i - 1].header;
  int codes = in->depth == IE_DEPTH_U8 ? 256 : 65536;
  IePixels row, results;
  op->table = ie_buffer_new (table_bytes (chain, i));
  if (!op->table || !every_code (in, codes, work, &row) ||
      !ie_scratch_pixels (work, row.rect, &op->header, &results) || !run_codes (op, &row, work, &results))
    return FALSE;
  for (int c = 0; c < in->channels; c++)
    store_column (op, &results, c, codes);
  gsize column = (gsize) codes * ie_depth_bytes (op->header.depth);
  op->shared = TRUE;
  for (int c = 1; op->shared && c < in->channels; c++)
    op->shared = memcmp (op->table, (char *) op->table + (gsize) c * column, column) == 0;
  return TRUE;
}

gboolean
ie_chain_prepare (IeChain *chain, IeWork *work, GError **error)
{
  gboolean good = TRUE;
  IeWorkMark mark = ie_work_mark (work);
  for (int i = 0; good && i < chain->count; i++)
    if (chain->ops[i].kind == IE_OP_TABLE)
      good = make_table (chain, i, work);
  ie_work_release (work, mark);
  if (!good && ie_work_cancelled (work))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, "interrupted");
  else if (!good)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for tables"));
  return good;
}
