// SPDX-License-Identifier: GPL-3.0-or-later
/* From pictures to the names of their outputs. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "cli/apply.h"

#define BESIDE "{stem}-enhanced.{ext}"
#define IN_FOLDER "{stem}.{ext}"

static const char *const fields[] = { "stem", "ext", "name", "index", NULL };
enum { FIELD_STEM, FIELD_EXT, FIELD_NAME, FIELD_INDEX, FIELDS };

/* Index of the field that the text after '{' names, and its end; -1 and error. */
static int
parse_field (const char *text, const char **end, GError **error)
{
  const char *close = strchr (text, '}');
  char *name = g_strndup (text, close ? (gsize)(close - text) : strlen (text));
  int field = -1;
  for (int i = 0; close && i < FIELDS; i++)
    if (strcmp (name, fields[i]) == 0)
      field = i;
  const char *nearest = ie_nearest (name, fields);
  if (!close)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, "a '{' without '}'");
  else if (field < 0 && nearest)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, "no field {%s}; did you mean {%s}?", name, nearest);
  else if (field < 0)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, "no field {%s}; there are {stem}, {ext}, {name} and {index}", name);
  else
    *end = close + 1;
  g_free (name);
  return field;
}

/* The template with the values put in. */
static char *
expand (const char *template, const char *const values[FIELDS], GError **error)
{
  GString *out = g_string_new (NULL);
  for (const char *p = template; *p;) {
    if (*p != '{') {
      g_string_append_c (out, *p++);
      continue;
    }
    int field = parse_field (p + 1, &p, error);
    if (field < 0) {
      g_string_free (out, TRUE);
      return NULL;
    }
    /* A name without extension does not end in a point. */
    if (field == FIELD_EXT && !values[field][0] && out->len > 0 && out->str[out->len - 1] == '.')
      g_string_truncate (out, out->len - 1);
    g_string_append (out, values[field]);
  }
  return g_string_free (out, FALSE);
}

/* Whether a relative path stays inside the folder it starts from and names a file there. */
static gboolean
stays_inside (const char *path)
{
  gboolean inside = TRUE;
  char **parts = g_strsplit (path, "/", -1);
  for (int i = 0; parts[i]; i++)
    inside = inside && parts[i][0] && strcmp (parts[i], ".") != 0 && strcmp (parts[i], "..") != 0;
  inside = inside && parts[0];
  g_strfreev (parts);
  return inside;
}

/* Extension of the output: the input's, unless --format is another. */
static const char *
output_extension (const ApplySettings *settings, const char *extension)
{
  if (!settings->format || ie_format_find (extension) == settings->format)
    return extension;
  return settings->format->extensions[0];
}

/* Name of the output inside its folder. */
static char *
name_inside (const ApplySettings *settings, const CliPicture *picture, guint index, guint count, GError **error)
{
  gboolean pipe = strcmp (picture->input, "-") == 0;
  char *name = pipe ? g_strdup ("stdin") : g_path_get_basename (picture->input);
  char *dot = strrchr (name, '.'), number[24];
  gboolean has_extension = dot && dot != name;
  char *stem = g_strndup (name, has_extension ? (gsize)(dot - name) : strlen (name));
  const char *extension = output_extension (settings, has_extension ? dot + 1 : "");
  int digits = g_snprintf (number, sizeof number, "%u", count);
  g_snprintf (number, sizeof number, "%0*u", digits, index + 1);
  const char *values[FIELDS] = { stem, extension, name, number };
  char *inside = expand (settings->name ? settings->name : settings->output ? IN_FOLDER : BESIDE, values, error);
  if (inside && !stays_inside (inside)) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, "'%s' is no file name inside the output folder", inside);
    g_clear_pointer (&inside, g_free);
  } else if (inside && pipe && !settings->format
             && !ie_format_find (strrchr (inside, '.') ? strrchr (inside, '.') + 1 : "")) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, "standard input into a folder needs --format");
    g_clear_pointer (&inside, g_free);
  }
  g_free (stem);
  g_free (name);
  return inside;
}

static char *
name_output (const ApplySettings *settings, const CliPicture *picture, gboolean folder, guint index, guint count,
             GError **error)
{
  gboolean pipe = strcmp (picture->input, "-") == 0;
  if (settings->in_place) {
    /* The file itself is replaced, not a link to it. */
    char *real = realpath (picture->input, NULL), *output = g_strdup (real ? real : picture->input);
    free (real);
    return output;
  }
  if (settings->output ? !folder : pipe && !settings->name)
    return g_strdup (settings->output ? settings->output : "-");
  char *inside = name_inside (settings, picture, index, count, error);
  if (!inside)
    return NULL;
  char *parent = settings->output ? g_build_filename (settings->output, picture->under, NULL)
                 : pipe           ? g_strdup (".")
                                  : g_path_get_dirname (picture->input);
  char *output = strcmp (parent, ".") == 0 ? g_strdup (inside) : g_build_filename (parent, inside, NULL);
  g_free (parent);
  g_free (inside);
  return output;
}

/* The path that two names of one file have in common, also of a file that does not exist yet. */
static char *
place_of (const char *path)
{
  char *parent = g_path_get_dirname (path), *name = g_path_get_basename (path);
  char *real = realpath (parent, NULL), *absolute = real ? g_strdup (real) : g_canonicalize_filename (parent, NULL);
  char *place = g_build_filename (absolute, name, NULL);
  free (real);
  g_free (absolute);
  g_free (parent);
  g_free (name);
  return place;
}

/* "device:inode" of an existing file, NULL of none. */
static char *
identity_of (const char *path)
{
  struct stat status;
  if (strcmp (path, "-") == 0 || g_stat (path, &status) != 0)
    return NULL;
  return g_strdup_printf ("%llu:%llu", (unsigned long long)status.st_dev, (unsigned long long)status.st_ino);
}

/* Inputs by identity; keys owned. */
static GHashTable *
identify_inputs (GPtrArray *pictures)
{
  GHashTable *inputs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < pictures->len; i++) {
    CliPicture *picture = pictures->pdata[i];
    char *identity = picture->error ? NULL : identity_of (picture->input);
    if (identity)
      g_hash_table_replace (inputs, identity, picture);
  }
  return inputs;
}

static gboolean
check_output (const ApplySettings *settings, CliPicture *picture, GHashTable *inputs, GHashTable *places,
              GError **error)
{
  char *identity = settings->in_place ? NULL : identity_of (picture->output);
  const CliPicture *overwritten = identity ? g_hash_table_lookup (inputs, identity) : NULL;
  char *place = strcmp (picture->output, "-") == 0 ? g_strdup ("-") : place_of (picture->output);
  const CliPicture *other = g_hash_table_lookup (places, place);
  if (overwritten)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, "%s: would be written over the input %s; --in-place does that",
                 picture->input, overwritten->input);
  else if (other)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, "%s: would be written to %s, and so would %s; see --name",
                 picture->input, picture->output, other->input);
  g_free (identity);
  g_hash_table_insert (places, place, picture);
  return !overwritten && !other;
}

gboolean
cli_name_outputs (const ApplySettings *settings, GPtrArray *pictures, gboolean folder, GError **error)
{
  GHashTable *inputs = identify_inputs (pictures);
  GHashTable *places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean good = TRUE;
  for (guint i = 0; good && i < pictures->len; i++) {
    CliPicture *picture = pictures->pdata[i];
    if (picture->error)
      continue;
    GError *reason = NULL;
    picture->output = name_output (settings, picture, folder, i, pictures->len, &reason);
    good = picture->output && check_output (settings, picture, inputs, places, &reason);
    if (!picture->output)
      g_prefix_error (&reason, "%s: ", settings->name ? "--name" : picture->input);
    if (reason)
      g_propagate_error (error, reason);
  }
  g_hash_table_unref (inputs);
  g_hash_table_unref (places);
  return good;
}
