// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures to vectors or to a model's pixels; and what is to be done, as words. */
#include "embed/prepare.h"

#include <string.h>

#include "core/error.h"
#include "core/i18n.h"

#define ALL_TURNS 0x1ffu
#define SMALL_HEAD (2 * sizeof (guint32))

static const char *const kinds[] = { "descriptor", "pixels", "small", NULL };
static const char *const modes[] = { "visual", "look", NULL };
static const char *const resamples[] = { "nearest", "bilinear", "bicubic", "lanczos", NULL };
static const char *const fits[] = { "stretch", "short", NULL };
static const char *const cuts[] = { "floor", "even", NULL };

/* ---- words ---- */

char *
ie_prepare_text (const IePrepare *prepare)
{
  if (prepare->kind == IE_PREPARE_DESCRIPTOR)
    return g_strdup_printf ("descriptor mode=%s parts=%d turns=%u", modes[prepare->mode], prepare->parts, prepare->turns);
  if (prepare->kind == IE_PREPARE_SMALL)
    return g_strdup_printf ("small width=%d", prepare->width);
  if (prepare->fit == IE_FIT_STRETCH)
    return g_strdup_printf ("pixels resample=%s fit=stretch width=%d height=%d", resamples[prepare->resample],
                            prepare->width, prepare->height);
  return g_strdup_printf ("pixels resample=%s fit=short short=%d cut=%s width=%d height=%d", resamples[prepare->resample],
                          prepare->short_side, cuts[prepare->cut], prepare->width, prepare->height);
}

static int
choice (const char *text, const char *const *choices)
{
  for (int i = 0; choices[i]; i++)
    if (strcmp (text, choices[i]) == 0)
      return i;
  return -1;
}

static gboolean
take_number (const char *text, int least, int most, int *value)
{
  guint64 number;
  gboolean good = g_ascii_string_to_unsigned (text, 10, (guint64)least, (guint64)most, &number, NULL);
  if (good)
    *value = (int)number;
  return good;
}

static gboolean
take_choice (const char *text, const char *const *choices, int *value)
{
  return (*value = choice (text, choices)) >= 0;
}

/* One word, "key=value". */
static gboolean
take_word (const char *word, IePrepare *prepare)
{
  const char *value = strchr (word, '=');
  gsize length = value ? (gsize)(value++ - word) : 0;
  int number = 0;
  gboolean good;
#define IS(key) (length == strlen (key) && strncmp (word, key, length) == 0)
  if (!value)
    return FALSE;
  if (prepare->kind == IE_PREPARE_DESCRIPTOR) {
    if (IS ("mode")) {
      good = take_choice (value, modes, &number);
      prepare->mode = good ? (IeDescriptorMode)number : prepare->mode;
      return good;
    }
    if (IS ("parts"))
      return take_number (value, 1, IE_DESCRIPTOR_PARTS, &prepare->parts);
    good = IS ("turns") && take_number (value, 1, ALL_TURNS, &number);
    prepare->turns = good ? (guint)number : prepare->turns;
    return good;
  }
  if (IS ("resample")) {
    good = take_choice (value, resamples, &number);
    prepare->resample = good ? (IeResample)number : prepare->resample;
    return good;
  }
  if (IS ("fit")) {
    good = take_choice (value, fits, &number);
    prepare->fit = good ? (IeFit)number : prepare->fit;
    return good;
  }
  if (IS ("cut")) {
    good = take_choice (value, cuts, &number);
    prepare->cut = good ? (IeCut)number : prepare->cut;
    return good;
  }
  int *place = IS ("short") ? &prepare->short_side : IS ("width") ? &prepare->width : IS ("height") ? &prepare->height : NULL;
#undef IS
  return place && take_number (value, 1, IE_PREPARE_MOST, place);
}

static gboolean
makes_sense (const IePrepare *prepare)
{
  if (prepare->kind == IE_PREPARE_DESCRIPTOR)
    return (prepare->turns & 1) && (prepare->parts == 1 || prepare->parts == IE_DESCRIPTOR_PARTS);
  if (prepare->kind == IE_PREPARE_SMALL)
    return prepare->width > 0;
  return prepare->width > 0 && prepare->height > 0
         && (prepare->fit == IE_FIT_STRETCH || prepare->short_side >= MAX (prepare->width, prepare->height));
}

gboolean
ie_prepare_parse (const char *text, IePrepare *prepare, GError **error)
{
  char **words = g_strsplit (text, " ", -1);
  int kind = words[0] ? choice (words[0], kinds) : -1;
  IePrepare made = { .kind = (IePrepareKind)MAX (kind, 0), .parts = 1, .turns = 1, .resample = IE_RESAMPLE_BICUBIC };
  gboolean good = kind >= 0;
  for (int i = 1; good && words[i]; i++)
    good = take_word (words[i], &made);
  good = good && makes_sense (&made);
  g_strfreev (words);
  if (good)
    *prepare = made;
  else
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("no way to prepare a picture: %s"), text);
  return good;
}

/* ---- pictures ---- */

static guint
count_turns (guint turns)
{
  guint count = 0;
  for (; turns; turns >>= 1)
    count += turns & 1;
  return count;
}

gsize
ie_prepare_bytes (const IePrepare *prepare)
{
  if (prepare->kind == IE_PREPARE_DESCRIPTOR)
    return (gsize)prepare->parts * count_turns (prepare->turns & ALL_TURNS) * IE_DESCRIPTOR_BYTES;
  if (prepare->kind == IE_PREPARE_SMALL)
    return SMALL_HEAD + (gsize)prepare->width * (gsize)prepare->width * 3;
  return (gsize)prepare->width * (gsize)prepare->height * 3;
}

int
ie_prepare_side (const IePrepare *prepare)
{
  switch (prepare->kind) {
  case IE_PREPARE_DESCRIPTOR:
    return IE_DESCRIPTOR_SIDE;
  case IE_PREPARE_SMALL:
    return 2 * prepare->width; /* so that area means still have something to do */
  default:
    return 0;
  }
}

static GBytes *
describe (const IePrepare *prepare, const IePortrait *portrait)
{
  gsize bytes = ie_prepare_bytes (prepare);
  gint8 *vectors = g_malloc (bytes), *at = vectors;
  for (int part = 0; part < prepare->parts; part++) {
    IeRect rect = ie_descriptor_part (portrait, part);
    for (int turn = 1; turn <= 8; turn++)
      if (prepare->turns & (1u << (turn - 1))) {
        ie_describe (portrait, part ? &rect : NULL, turn, prepare->mode, at);
        at += IE_DESCRIPTOR_BYTES;
      }
    if (prepare->turns & IE_PREPARE_PASTED) {
      IeRect pasted;
      gboolean found = part == 0 && ie_descriptor_pasted (portrait, &pasted);
      ie_describe (portrait, found ? &pasted : part ? &rect : NULL, 1, prepare->mode, at);
      at += IE_DESCRIPTOR_BYTES;
    }
  }
  return g_bytes_new_take (vectors, bytes);
}

/* Where the middle of `size` begins that is `part` long. */
static int
cut_from (IeCut cut, int size, int part)
{
  int rest = size - part, half = rest / 2;
  return cut == IE_CUT_EVEN && (rest & 1) && (half & 1) ? half + 1 : half;
}

/* The longer side when the shorter becomes `short_side`: without the fraction, as torchvision and Hugging Face have it. */
static int
longer (int short_side, int shorter, int side)
{
  return (int)MIN ((gint64)short_side * side / shorter, G_MAXINT / 2);
}

static GBytes *
fit (const IePrepare *prepare, const IePortrait *portrait, GError **error)
{
  int width = prepare->width, height = prepare->height;
  IeRect part = { 0, 0, width, height };
  IePortrait fitted;
  if (prepare->fit == IE_FIT_SHORT) {
    int shorter = MIN (portrait->width, portrait->height);
    width = longer (prepare->short_side, shorter, portrait->width);
    height = longer (prepare->short_side, shorter, portrait->height);
    part.x = cut_from (prepare->cut, width, part.width);
    part.y = cut_from (prepare->cut, height, part.height);
  }
  if (ie_resample_part (portrait, width, height, part, prepare->resample, &fitted))
    return g_bytes_new_take (fitted.rgb, ie_prepare_bytes (prepare));
  g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("there is not enough memory to resize the picture"));
  return NULL;
}

static GBytes *
put_small (const IePrepare *prepare, const IePortrait *portrait, GError **error)
{
  if (MAX (portrait->width, portrait->height) > prepare->width) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("the picture is larger than what is made of it"));
    return NULL;
  }
  gsize bytes = ie_prepare_bytes (prepare);
  guint8 *data = g_malloc0 (bytes);
  const guint32 size[] = { GUINT32_TO_LE ((guint32)portrait->width), GUINT32_TO_LE ((guint32)portrait->height) };
  memcpy (data, size, SMALL_HEAD);
  memcpy (data + SMALL_HEAD, portrait->rgb, (gsize)portrait->width * (gsize)portrait->height * 3);
  return g_bytes_new_take (data, bytes);
}

const guint8 *
ie_prepare_small (const IePrepare *prepare, const guint8 *bytes, int *width, int *height)
{
  guint32 size[2];
  memcpy (size, bytes, SMALL_HEAD);
  guint32 across = GUINT32_FROM_LE (size[0]), down = GUINT32_FROM_LE (size[1]), most = (guint32)prepare->width;
  if (across < 1 || down < 1 || across > most || down > most)
    return NULL;
  *width = (int)across;
  *height = (int)down;
  return bytes + SMALL_HEAD;
}

GBytes *
ie_prepare_portrait (const IePrepare *prepare, const IePortrait *portrait, GError **error)
{
  switch (prepare->kind) {
  case IE_PREPARE_DESCRIPTOR:
    return describe (prepare, portrait);
  case IE_PREPARE_SMALL:
    return put_small (prepare, portrait, error);
  default:
    return fit (prepare, portrait, error);
  }
}

GBytes *
ie_prepare_run (const IePrepare *prepare, IeSource *source, const gint *cancel, GError **error)
{
  IePortrait portrait;
  gboolean large = MAX (source->header.width, source->header.height) > IE_PREPARE_LONGEST;
  int longest = prepare->kind == IE_PREPARE_DESCRIPTOR ? IE_DESCRIPTOR_SIDE
                : prepare->kind == IE_PREPARE_SMALL    ? prepare->width
                : large                                ? IE_PREPARE_LONGEST
                                                       : 0;
  if (!ie_portrait_read (source, longest, cancel, &portrait, error))
    return NULL;
  GBytes *bytes = ie_prepare_portrait (prepare, &portrait, error);
  ie_portrait_clear (&portrait);
  return bytes;
}
