// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads the Netpbm formats (netpbm.sourceforge.net/doc: pbm, pgm, ppm, pam; P1 to P7) and PFM (Debevec: PF, Pf).
 *
 * Integer samples of any maximum are scaled to the full range of 8 bits (maximum up to 255) or 16 bits. Everything
 * streams, from pipes too; only PFM, whose rows stand bottom up, is read whole from a pipe. */
#include "core/i18n.h"
#include "imageio/internal.h"

#include <errno.h>

#define MOST_HEADER_BYTES 65536 /* more than that is comments without end */
#define LIBRARY_BYTES IE_BUFFER_BYTES
/* Nanoseconds a sample, measured. */
#define READ_COST_BINARY 0.3
#define READ_COST_PLAIN 8.0

typedef struct {
  IeSource source;
  IeInput *input;
  int kind;             /* the digit of P1 .. P7, or 'F' */
  int maximum;          /* the code that means full range */
  gboolean swapped;     /* stored in the other byte order */
  gsize stored_bytes;   /* of a row, where rows are binary */
  guint64 data_offset;  /* of the first row */
  gsize header_bytes;   /* read so far */
  guint8 *row;          /* one stored row, where it differs from a row of the picture */
  guint8 *picture;      /* PFM from a pipe: everything, as stored */
} PnmSource;

/* ---- Header ------------------------------------------------------------------------------------------------------ */

static int
next_byte (PnmSource *pnm)
{
  return pnm->header_bytes++ < MOST_HEADER_BYTES ? ie_input_byte (pnm->input) : -1;
}

/* The next word, up to the one byte of white space after it; comments run from '#' to the end of the line. */
static gboolean
read_word (PnmSource *pnm, char *word, gsize size, GError **error)
{
  gsize length = 0;
  for (;;) {
    int c = next_byte (pnm);
    if (c == '#')
      while (c >= 0 && c != '\n' && c != '\r')
        c = next_byte (pnm);
    if (c < 0)
      return ie_fail_short (error, pnm->input->failure);
    if (g_ascii_isspace (c)) {
      if (length > 0)
        break;
    } else if (length + 1 < size)
      word[length++] = (char) c;
    else
      return ie_fail_damaged (error, "PNM", _ ("no number where the header needs one"));
  }
  word[length] = 0;
  return TRUE;
}

static gboolean
read_number (PnmSource *pnm, guint64 *number, GError **error)
{
  char word[24];
  if (!read_word (pnm, word, sizeof word, error))
    return FALSE;
  if (!g_ascii_string_to_unsigned (word, 10, 0, G_MAXUINT32, number, NULL))
    return ie_fail_damaged (error, "PNM", _ ("no number where the header needs one"));
  return TRUE;
}

/* Colour channels, alpha and model of a PAM tuple type. */
static gboolean
set_tuple (PnmSource *pnm, const char *type, guint64 depth, GError **error)
{
  IeHeader *header = &pnm->source.header;
  char *base = g_str_has_suffix (type, "_ALPHA") ? g_strndup (type, strlen (type) - 6) : g_strdup (type);
  header->has_alpha = strlen (base) < strlen (type);
  int colours = g_str_equal (base, "RGB")                                               ? 3
                : g_str_equal (base, "GRAYSCALE") || g_str_equal (base, "BLACKANDWHITE") ? 1
                                                                                        : 0;
  if (!*type && depth <= 4) { /* the type may be missing */
    header->has_alpha = depth == 2 || depth == 4;
    colours = depth > 2 ? 3 : 1;
  }
  g_free (base);
  header->channels = colours + (header->has_alpha ? 1 : 0);
  if (colours && (guint64) header->channels == depth)
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("PAM of this tuple type is not supported"));
  return FALSE;
}

static gboolean
read_pam_header (PnmSource *pnm, guint64 *width, guint64 *height, guint64 *maximum, GError **error)
{
  char word[32], type[32] = "";
  guint64 depth = 0;
  *width = *height = *maximum = 0;
  for (;;) {
    if (!read_word (pnm, word, sizeof word, error))
      return FALSE;
    if (g_str_equal (word, "ENDHDR"))
      return set_tuple (pnm, type, depth, error);
    gboolean ok = g_str_equal (word, "WIDTH")     ? read_number (pnm, width, error)
                  : g_str_equal (word, "HEIGHT")  ? read_number (pnm, height, error)
                  : g_str_equal (word, "MAXVAL")  ? read_number (pnm, maximum, error)
                  : g_str_equal (word, "DEPTH")   ? read_number (pnm, &depth, error)
                  : g_str_equal (word, "TUPLTYPE") ? read_word (pnm, type, sizeof type, error)
                                                  : ie_fail_damaged (error, "PAM", _ ("an unknown line in the header"));
    if (!ok)
      return FALSE;
  }
}

/* The scale's sign tells the byte order; its amount has no agreed meaning and is left alone. */
static gboolean
read_scale (PnmSource *pnm, GError **error)
{
  char word[64], *end;
  if (!read_word (pnm, word, sizeof word, error))
    return FALSE;
  double scale = g_ascii_strtod (word, &end);
  if (*end || !(scale < 0 || scale > 0))
    return ie_fail_damaged (error, "PFM", _ ("no scale in the header"));
  pnm->swapped = (scale < 0) != (G_BYTE_ORDER == G_LITTLE_ENDIAN);
  return TRUE;
}

static gboolean
read_header (PnmSource *pnm, const IeReadLimits *limits, GError **error)
{
  IeHeader *header = &pnm->source.header;
  guint64 width, height, maximum = 1;
  next_byte (pnm); /* 'P' */
  int magic = next_byte (pnm);
  pnm->kind = magic == 'F' || magic == 'f' ? 'F' : magic - '0';
  header->channels = magic == '3' || magic == '6' || magic == 'F' ? 3 : 1;
  gboolean ok = pnm->kind == 7 ? read_pam_header (pnm, &width, &height, &maximum, error)
                               : read_number (pnm, &width, error) && read_number (pnm, &height, error);
  if (ok && pnm->kind == 'F')
    ok = read_scale (pnm, error);
  else if (ok && pnm->kind != 7 && pnm->kind != 1 && pnm->kind != 4)
    ok = read_number (pnm, &maximum, error);
  if (!ok || !ie_check_size (width, height, limits, error))
    return FALSE;
  if (maximum < 1 || maximum > 65535)
    return ie_fail_damaged (error, "PNM", _ ("a largest value that is not 1 to 65535"));
  header->width = (int) width;
  header->height = (int) height;
  header->depth = pnm->kind == 'F' ? IE_DEPTH_FLOAT : maximum > 255 ? IE_DEPTH_U16 : IE_DEPTH_U8;
  header->model = ie_colours (header->channels, header->has_alpha) == 3 ? IE_MODEL_RGB : IE_MODEL_GRAY;
  pnm->maximum = (int) maximum;
  if (pnm->kind != 'F')
    pnm->swapped = G_BYTE_ORDER == G_LITTLE_ENDIAN;
  pnm->data_offset = pnm->input->offset - (pnm->input->end - pnm->input->begin);
  return TRUE;
}

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

/* Scales codes 0 .. maximum to the full range, rounded. FALSE when one is larger than maximum. */
static gboolean
scale_row (void *row, gsize samples, IeDepth depth, int maximum)
{
  guint32 range = depth == IE_DEPTH_U8 ? 255 : 65535, full = (guint32) maximum, largest = 0;
  if (full == range)
    return TRUE;
  for (gsize i = 0; i < samples; i++) {
    guint32 code = depth == IE_DEPTH_U8 ? ((guint8 *) row)[i] : ((guint16 *) row)[i];
    largest = MAX (largest, code);
    code = (MIN (code, full) * range + full / 2) / full; /* at most 65535^2 + 32767: fits */
    if (depth == IE_DEPTH_U8)
      ((guint8 *) row)[i] = (guint8) code;
    else
      ((guint16 *) row)[i] = (guint16) code;
  }
  return largest <= full;
}

/* The next byte of plain (ASCII) samples; a comment counts as the end of its line. */
static int
plain_byte (PnmSource *pnm)
{
  int c = ie_input_byte (pnm->input);
  if (c == '#')
    while (c >= 0 && c != '\n' && c != '\r')
      c = ie_input_byte (pnm->input);
  return c;
}

/* Numbers with white space between; PBM's digits may touch. */
static gboolean
read_plain_row (PnmSource *pnm, void *row, gsize samples, GError **error)
{
  for (gsize i = 0; i < samples; i++) {
    int c, code = 0;
    do
      c = plain_byte (pnm);
    while (c >= 0 && g_ascii_isspace (c));
    if (c < 0)
      return ie_fail_short (error, pnm->input->failure);
    if (!g_ascii_isdigit (c))
      return ie_fail_damaged (error, "PNM", _ ("something else where a sample is needed"));
    if (pnm->kind == 1)
      code = c == '0'; /* 1 is black */
    else
      for (; c >= 0 && g_ascii_isdigit (c) && code <= 65535; c = plain_byte (pnm))
        code = code * 10 + (c - '0');
    if (code > pnm->maximum || (pnm->kind == 1 && c > '1'))
      return ie_fail_damaged (error, "PNM", _ ("a sample above the largest value"));
    if (pnm->source.header.depth == IE_DEPTH_U8)
      ((guint8 *) row)[i] = (guint8) code;
    else
      ((guint16 *) row)[i] = (guint16) code;
  }
  return TRUE;
}

static void
swap_row (void *row, gsize samples, IeDepth depth)
{
  for (gsize i = 0; depth == IE_DEPTH_U16 && i < samples; i++)
    ((guint16 *) row)[i] = GUINT16_SWAP_LE_BE (((guint16 *) row)[i]);
  for (gsize i = 0; depth == IE_DEPTH_FLOAT && i < samples; i++)
    ((guint32 *) row)[i] = GUINT32_SWAP_LE_BE (((guint32 *) row)[i]);
}

/* PFM, row y of the picture: from the memory a pipe was read into, or from its place in the file. */
static gboolean
fetch_float_row (PnmSource *pnm, int y, void *row, GError **error)
{
  gsize bytes = pnm->stored_bytes;
  guint64 from = bytes * (guint64) (pnm->source.header.height - 1 - y);
  if (pnm->input->seekable) {
    gssize got = ie_pread (pnm->input->fd, row, bytes, pnm->data_offset + from);
    return got == (gssize) bytes || ie_fail_short (error, got < 0 ? errno : 0);
  }
  if (!pnm->picture) {
    gsize all = bytes * (gsize) pnm->source.header.height;
    pnm->picture = ie_try_alloc (all, error);
    if (!pnm->picture)
      return FALSE;
    if (ie_input_read (pnm->input, pnm->picture, all) < all)
      return ie_fail_short (error, pnm->input->failure);
  }
  memcpy (row, pnm->picture + from, bytes);
  return TRUE;
}

static gboolean
read_row (PnmSource *pnm, int y, void *row, GError **error)
{
  const IeHeader *header = &pnm->source.header;
  gsize samples = (gsize) header->width * (gsize) header->channels;
  if (pnm->kind == 'F') {
    if (!fetch_float_row (pnm, y, row, error))
      return FALSE;
  } else if (pnm->kind <= 3) {
    if (!read_plain_row (pnm, row, samples, error))
      return FALSE;
  } else if (ie_input_read (pnm->input, pnm->row ? pnm->row : row, pnm->stored_bytes) < pnm->stored_bytes)
    return ie_fail_short (error, pnm->input->failure);
  if (pnm->kind == 4)
    for (gsize i = 0; i < samples; i++)
      ((guint8 *) row)[i] = pnm->row[i / 8] >> (7 - i % 8) & 1 ? 0 : 1;
  if (pnm->swapped && pnm->kind > 3)
    swap_row (row, samples, header->depth);
  if (header->depth != IE_DEPTH_FLOAT && !scale_row (row, samples, header->depth, pnm->maximum))
    return ie_fail_damaged (error, "PNM", _ ("a sample above the largest value"));
  return TRUE;
}

static gboolean
pnm_read (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  for (int y = 0; y < rect.height; y++)
    if (!read_row ((PnmSource *) base, rect.y + y, (char *) data + y * stride, error))
      return FALSE;
  return TRUE;
}

static gboolean
pnm_rewind (IeSource *base, GError **error)
{
  PnmSource *pnm = (PnmSource *) base;
  ie_input_seek (pnm->input, pnm->data_offset);
  return TRUE;
}

static void
pnm_free (IeSource *base)
{
  PnmSource *pnm = (PnmSource *) base;
  ie_input_free (pnm->input);
  g_free (pnm->row);
  g_free (pnm->picture);
  g_free (pnm);
}

/* Sizes of rows and of what is held, and whether a regular file can have as many rows. */
static gboolean
prepare (PnmSource *pnm, const IeReadLimits *limits, GError **error)
{
  const IeHeader *header = &pnm->source.header;
  gsize row_bytes = (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
  pnm->stored_bytes = pnm->kind == 4 ? ((gsize) header->width + 7) / 8 : pnm->kind <= 3 ? 0 : row_bytes;
  guint64 all = pnm->stored_bytes * (guint64) header->height;
  IeInput *input = pnm->input;
  if (!limits->salvage && input->seekable && (pnm->data_offset > input->size || input->size - pnm->data_offset < all))
    return ie_fail_short (error, 0);
  pnm->source.memory_held = LIBRARY_BYTES;
  if (pnm->kind == 4)
    pnm->row = ie_try_alloc (pnm->stored_bytes, error);
  if (pnm->kind == 'F' && !input->seekable)
    pnm->source.memory_held += all;
  pnm->source.rewind = input->seekable ? pnm_rewind : NULL;
  pnm->source.read_cost = pnm->kind <= 3 ? READ_COST_PLAIN : READ_COST_BINARY;
  return pnm->kind != 4 || pnm->row;
}

IeSource *
ie_pnm_open_stream (int fd, const guint8 *head, gsize size, const IeReadLimits *given, GError **error)
{
  IeReadLimits limits = ie_limits (given);
  PnmSource *pnm = g_new0 (PnmSource, 1);
  pnm->input = ie_input_new (fd);
  pnm->source.read = pnm_read;
  pnm->source.free = pnm_free;
  if (size > 0) { /* also when standard input is a file that was read in part: it cannot begin again */
    pnm->input->seekable = FALSE;
    memcpy (pnm->input->buffer, head, size);
    pnm->input->end = size;
  }
  if (read_header (pnm, &limits, error) && prepare (pnm, &limits, error))
    return &pnm->source;
  pnm_free (&pnm->source);
  return NULL;
}

IeSource *
ie_pnm_open (int fd, const IeReadLimits *limits, GError **error)
{
  return ie_pnm_open_stream (fd, NULL, 0, limits, error);
}
