// SPDX-License-Identifier: GPL-3.0-or-later
/* Sidecars as texts: read and written. */
#include "embed/sidecar.h"

#include <math.h>
#include <string.h>

#include "core/error.h"
#include "core/i18n.h"
#include "core/registry.h"
#include "embed/sidecar-keys.h"

#define MOST_DIMENSIONS (1 << 20)
#define MOST_TOKENS 4096
#define LEAST_TOKENS 3 /* begin, one of the text, end */
#define LARGEST 1e6    /* number that mean, std or range may be */
#define LEAST 1e-6     /* that std or range may be */

static const char *const resizes[] = { "nearest", "bilinear", "bicubic", "lanczos", NULL };
static const char *const cuts[] = { "floor", "even", NULL };
static const char *const layouts[] = { "nchw", "nhwc", NULL };
static const char *const channels[] = { "rgb", "bgr", "gray", NULL };
static const char *const poolings[] = { "class-token", "first-query", "spatial-mean", "image-features", "logits",
                                        "softmax",     NULL };
static const char *const pads[] = { "end", "zero", NULL };

#define AT(member) offsetof (IeSidecar, member)
const IeSidecarKey ie_sidecar_keys[] = {
  { "preset", IE_KEY_TEXT, AT (preset) },
  { "name", IE_KEY_TEXT, AT (name) },
  { "model", IE_KEY_PATH, AT (model) },
  { "size", IE_KEY_SIZE, AT (prepare) },
  { "resize", IE_KEY_CHOICE, AT (prepare.resample), resizes },
  { "fit", IE_KEY_FIT, AT (prepare) },
  { "cut", IE_KEY_CHOICE, AT (prepare.cut), cuts },
  { "range", IE_KEY_NUMBER, AT (range) },
  { "mean", IE_KEY_NUMBERS, AT (mean) },
  { "std", IE_KEY_NUMBERS, AT (std) },
  { "layout", IE_KEY_CHOICE, AT (layout), layouts },
  { "channels", IE_KEY_CHOICE, AT (channels), channels },
  { "input", IE_KEY_TEXT, AT (input) },
  { "output", IE_KEY_TEXT, AT (output) },
  { "pooling", IE_KEY_CHOICE, AT (pooling), poolings },
  { "dimensions", IE_KEY_COUNT, AT (dimensions), NULL, MOST_DIMENSIONS },
  { "labels", IE_KEY_PATH, AT (labels) },
  { "text-model", IE_KEY_PATH, AT (text.model) },
  { "text-vocab", IE_KEY_PATH, AT (text.vocab) },
  { "text-merges", IE_KEY_PATH, AT (text.merges) },
  { "text-input", IE_KEY_TEXT, AT (text.input) },
  { "text-mask", IE_KEY_TEXT, AT (text.mask) },
  { "text-output", IE_KEY_TEXT, AT (text.output) },
  { "text-length", IE_KEY_COUNT, AT (text.length), NULL, MOST_TOKENS },
  { "text-pad", IE_KEY_CHOICE, AT (text.pad), pads },
  { NULL },
};

/* Enumerations are written through pointers to int. */
G_STATIC_ASSERT (sizeof (IePooling) == sizeof (int) && sizeof (IeResample) == sizeof (int));

static gpointer
place_of (const IeSidecar *sidecar, const IeSidecarKey *key)
{
  return (char *) sidecar + key->place;
}

/* ---- reading ---- */

static const IeSidecarKey *
find_key (const char *name)
{
  for (const IeSidecarKey *key = ie_sidecar_keys; key->name; key++)
    if (strcmp (key->name, name) == 0)
      return key;
  return NULL;
}

/* `most` numbers, or one that stands for all. */
static gboolean
take_numbers (const char *value, double *numbers, int most)
{
  int count = 0;
  for (const char *at = value; *at; count++) {
    char *end;
    double number = g_ascii_strtod (at, &end);
    if (end == at || count == most || !isfinite (number) || number < -LARGEST || number > LARGEST)
      return FALSE;
    numbers[count] = number;
    at = end + strspn (end, " \t,");
  }
  for (int i = count; i < most && count == 1; i++)
    numbers[i] = numbers[0];
  return count == 1 || count == most;
}

static gboolean
take_count (const char *value, int most, int *count)
{
  guint64 number;
  gboolean good = g_ascii_string_to_unsigned (value, 10, 1, (guint64) most, &number, NULL);
  if (good)
    *count = (int) number;
  return good;
}

static gboolean
take_choice (const char *value, const char *const *choices, int *place)
{
  for (int i = 0; choices[i]; i++)
    if (strcmp (choices[i], value) == 0) {
      *place = i;
      return TRUE;
    }
  return FALSE;
}

static gboolean
take_size (const char *value, IePrepare *prepare)
{
  char **sides = g_strsplit (value, "x", -1);
  gboolean good = g_strv_length (sides) == 2 && take_count (sides[0], IE_PREPARE_MOST, &prepare->width) &&
                  take_count (sides[1], IE_PREPARE_MOST, &prepare->height);
  g_strfreev (sides);
  return good;
}

static gboolean
take_fit (const char *value, IePrepare *prepare)
{
  gboolean shorter = g_str_has_prefix (value, "short ");
  prepare->fit = shorter ? IE_FIT_SHORT : IE_FIT_STRETCH;
  return shorter ? take_count (value + strlen ("short "), IE_PREPARE_MOST, &prepare->short_side)
                 : strcmp (value, "stretch") == 0;
}

static void
take_text (const char *value, char **place, const char *folder)
{
  g_free (*place);
  *place = !*value                                 ? NULL
           : folder && !g_path_is_absolute (value) ? g_build_filename (folder, value, NULL)
                                                   : g_strdup (value);
}

static gboolean
take (IeSidecar *sidecar, const IeSidecarKey *key, const char *value, const char *folder)
{
  gpointer place = place_of (sidecar, key);
  switch (key->kind) {
  case IE_KEY_TEXT:
  case IE_KEY_PATH:
    take_text (value, place, key->kind == IE_KEY_PATH ? folder : NULL);
    return TRUE;
  case IE_KEY_CHOICE:
    return take_choice (value, key->choices, place);
  case IE_KEY_COUNT:
    return take_count (value, key->most, place);
  case IE_KEY_NUMBER:
    return take_numbers (value, place, 1);
  case IE_KEY_NUMBERS:
    return take_numbers (value, place, 3);
  case IE_KEY_SIZE:
    return take_size (value, place);
  case IE_KEY_FIT:
    return take_fit (value, place);
  }
  return FALSE;
}

#define SHOWN 60 /* characters of what was wrong */

static void
wrong (GError **error, int line, const char *reason, const char *word)
{
  glong length = g_utf8_strlen (word, -1);
  char *shown = g_utf8_substring (word, 0, MIN (length, SHOWN));
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("line %d: %s: %s"), line, reason, shown);
  g_free (shown);
}

static gboolean
unknown_key (GError **error, int line, const char *name)
{
  const char *names[G_N_ELEMENTS (ie_sidecar_keys)];
  for (guint i = 0; i < G_N_ELEMENTS (ie_sidecar_keys); i++)
    names[i] = ie_sidecar_keys[i].name;
  const char *nearest = ie_nearest (name, names);
  if (nearest)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("line %d: there is no key %s; did you mean %s?"), line, name,
                 nearest);
  else
    wrong (error, line, _ ("there is no such key"), name);
  return FALSE;
}

/* One line; `presets`: only the key preset counts, else all but it. */
static gboolean
take_line (IeSidecar *sidecar, char *line, int number, gboolean presets, const char *folder, GError **error)
{
  char *text = g_strstrip (line), *value = strchr (text, '=');
  if (!*text || *text == '#')
    return TRUE;
  if (!value) {
    wrong (error, number, _ ("no \"key = value\""), text);
    return FALSE;
  }
  *value++ = '\0';
  g_strchomp (text);
  value = g_strstrip (value);
  const IeSidecarKey *key = find_key (text);
  if (!key)
    return unknown_key (error, number, text);
  if ((strcmp (text, "preset") == 0) != presets)
    return TRUE;
  if (!take (sidecar, key, value, folder)) {
    char *reason = g_strdup_printf (_ ("no value for %s"), text);
    wrong (error, number, reason, value);
    g_free (reason);
    return FALSE;
  }
  return TRUE;
}

static gboolean
take_lines (IeSidecar *sidecar, const char *text, gboolean presets, const char *folder, GError **error)
{
  char **lines = g_strsplit (text, "\n", -1);
  gboolean good = TRUE;
  for (int i = 0; lines[i] && good; i++)
    good = take_line (sidecar, lines[i], i + 1, presets, folder, error);
  g_strfreev (lines);
  return good;
}

static gboolean
take_preset (IeSidecar *sidecar, GError **error)
{
  const char *lines = sidecar->preset ? ie_sidecar_preset (sidecar->preset) : "";
  if (lines)
    return take_lines (sidecar, lines, FALSE, NULL, error);
  char *all = g_strjoinv (", ", (char **) ie_sidecar_presets ());
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("there is no preset %s; there are %s"), sidecar->preset, all);
  g_free (all);
  return FALSE;
}

static gboolean
makes_sense (const IeSidecar *sidecar, GError **error)
{
  const IePrepare *prepare = &sidecar->prepare;
  const char *reason = NULL;
  if (prepare->width < 1)
    reason = _ ("it does not say the size of the model's input: size = 224x224, or preset = NAME");
  else if (prepare->fit == IE_FIT_SHORT && prepare->short_side < MAX (prepare->width, prepare->height))
    reason = _ ("the shorter side is below the size that is cut out");
  else if (sidecar->range < LEAST || sidecar->std[0] < LEAST || sidecar->std[1] < LEAST || sidecar->std[2] < LEAST)
    reason = _ ("range and std must be above 0");
  else if (sidecar->text.length < LEAST_TOKENS)
    reason = _ ("text-length must be at least 3");
  else if (sidecar->text.model && !(sidecar->text.vocab && sidecar->text.merges))
    reason = _ ("text-model needs text-vocab and text-merges");
  if (reason)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, reason);
  return !reason;
}

IeSidecar *
ie_sidecar_parse (const char *text, const char *folder, GError **error)
{
  IeSidecar *sidecar = g_new0 (IeSidecar, 1);
  sidecar->prepare = (IePrepare){ .kind = IE_PREPARE_PIXELS, .parts = 1, .turns = 1, .resample = IE_RESAMPLE_BICUBIC };
  sidecar->range = 255;
  for (int i = 0; i < 3; i++)
    sidecar->std[i] = 1;
  sidecar->pooling = IE_POOL_IMAGE_FEATURES;
  sidecar->text.length = 77;
  if (!g_utf8_validate (text, -1, NULL))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("is no text in UTF-8"));
  else if (take_lines (sidecar, text, TRUE, folder, error) && take_preset (sidecar, error) &&
           take_lines (sidecar, text, FALSE, folder, error) && makes_sense (sidecar, error))
    return sidecar;
  ie_sidecar_free (sidecar);
  return NULL;
}

void
ie_sidecar_free (IeSidecar *sidecar)
{
  for (const IeSidecarKey *key = ie_sidecar_keys; sidecar && key->name; key++)
    if (key->kind == IE_KEY_TEXT || key->kind == IE_KEY_PATH)
      g_free (*(char **) place_of (sidecar, key));
  if (sidecar)
    g_free (sidecar->file);
  g_free (sidecar);
}

/* ---- writing ---- */

static void
put_number (GString *out, double number)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  g_string_append_printf (out, " %s", g_ascii_dtostr (digits, sizeof digits, number));
}

static void
put_path (GString *out, const char *path)
{
  char *whole = g_canonicalize_filename (path, NULL);
  g_string_append_printf (out, " %s", whole);
  g_free (whole);
}

void
ie_sidecar_put (GString *out, const IeSidecar *sidecar, const IeSidecarKey *key)
{
  const IePrepare *prepare = &sidecar->prepare;
  gpointer place = place_of (sidecar, key);
  const char *text = key->kind == IE_KEY_TEXT || key->kind == IE_KEY_PATH ? *(char **) place : "";
  if (!text || (key->kind == IE_KEY_COUNT && *(int *) place == 0))
    return;
  g_string_append_printf (out, "%s =", key->name);
  switch (key->kind) {
  case IE_KEY_TEXT:
    g_string_append_printf (out, " %s", text);
    break;
  case IE_KEY_PATH:
    put_path (out, text);
    break;
  case IE_KEY_CHOICE:
    g_string_append_printf (out, " %s", key->choices[*(int *) place]);
    break;
  case IE_KEY_COUNT:
    g_string_append_printf (out, " %d", *(int *) place);
    break;
  case IE_KEY_NUMBER:
    put_number (out, *(double *) place);
    break;
  case IE_KEY_NUMBERS:
    for (int i = 0; i < 3; i++)
      put_number (out, ((double *) place)[i]);
    break;
  case IE_KEY_SIZE:
    g_string_append_printf (out, " %dx%d", prepare->width, prepare->height);
    break;
  case IE_KEY_FIT:
    if (prepare->fit == IE_FIT_SHORT)
      g_string_append_printf (out, " short %d", prepare->short_side);
    else
      g_string_append (out, " stretch");
    break;
  }
  g_string_append_c (out, '\n');
}

char *
ie_sidecar_text (const IeSidecar *sidecar)
{
  GString *out = g_string_new ("# imgenhance model 1\n");
  for (const IeSidecarKey *key = ie_sidecar_keys; key->name; key++)
    ie_sidecar_put (out, sidecar, key);
  return g_string_free (out, FALSE);
}
