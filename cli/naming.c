// SPDX-License-Identifier: GPL-3.0-or-later
/* From pictures to the names of their outputs. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/fs.h>
#include <linux/magic.h>

#include <glib/gstdio.h>

#include "cli/apply.h"
#include "core/i18n.h"

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
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("a '{' without '}'"));
  else if (field < 0 && nearest)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("no field {%s}; did you mean {%s}?"), name, nearest);
  else if (field < 0)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE,
                 _ ("no field {%s}; there are {stem}, {ext}, {name} and {index}"), name);
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

/* Whether the template has letters of its own, by which its names can be told from others. */
static gboolean
is_telling (const char *template)
{
  gboolean field = FALSE, telling = FALSE;
  for (const char *p = template; *p; p++) {
    field = *p == '{' || (field && *p != '}');
    telling = telling || (!field && g_ascii_isalpha (*p));
  }
  return telling;
}

/* The names that a template makes, as a regular expression; NULL where they tell nothing, or the template is wrong. */
static char *
pattern_of (const char *template)
{
  static const char *const patterns[FIELDS] = { "[^/]+", "[^/.]*", "[^/]+", "[0-9]+" };
  if (!is_telling (template))
    return NULL;
  char *escaped = g_regex_escape_string (template, -1);
  /* The braces of fields, escaped with the rest, become plain again. */
  GString *plain = g_string_new (escaped);
  g_string_replace (plain, "\\{", "{", 0);
  g_string_replace (plain, "\\}", "}", 0);
  char *pattern = expand (plain->str, patterns, NULL);
  g_string_free (plain, TRUE);
  g_free (escaped);
  return pattern;
}

GRegex *
cli_output_names (const ApplySettings *settings)
{
  if (settings->in_place)
    return NULL;
  char *usual = pattern_of (BESIDE), *given = settings->name ? pattern_of (settings->name) : NULL;
  char *whole = given ? g_strdup_printf ("(^|/)(%s|%s)$", usual, given) : g_strdup_printf ("(^|/)%s$", usual);
  GRegex *names = g_regex_new (whole, G_REGEX_RAW | G_REGEX_DOLLAR_ENDONLY, 0, NULL);
  g_free (usual);
  g_free (given);
  g_free (whole);
  return names;
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
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("'%s' is no file name inside the output folder"), inside);
    g_clear_pointer (&inside, g_free);
  } else if (inside && pipe && !settings->format
             && !ie_format_find (strrchr (inside, '.') ? strrchr (inside, '.') + 1 : "")) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("standard input into a folder needs --format"));
    g_clear_pointer (&inside, g_free);
  }
  g_free (stem);
  g_free (name);
  return inside;
}

static char *
name_output (const ApplySettings *settings, CliPicture *picture, gboolean folder, guint index, guint count,
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
  if (settings->output || strchr (inside, '/')) {
    picture->root = g_strdup (settings->output ? settings->output : parent);
    picture->inside = settings->output && picture->under[0] ? g_build_filename (picture->under, inside, NULL)
                                                            : g_strdup (inside);
  }
  g_free (parent);
  g_free (inside);
  return output;
}

char *
cli_place_of (const char *path)
{
  char *absolute = g_canonicalize_filename (path, NULL), *parent = g_path_get_dirname (path);
  char *name = g_path_get_basename (absolute), *real = realpath (parent, NULL);
  char *place;
  g_free (parent);
  parent = g_path_get_dirname (absolute);
  if (real || strcmp (parent, absolute) == 0)
    place = g_build_filename (real ? real : parent, name, NULL);
  else {
    char *above = cli_place_of (parent); /* a folder that is to be made: its own parent may be a link */
    place = g_build_filename (above, name, NULL);
    g_free (above);
  }
  free (real);
  g_free (absolute);
  g_free (parent);
  g_free (name);
  return place;
}

/* Whether two names that differ in case alone are one file where the output at `place` will be. */
static gboolean
ignores_case (const char *place)
{
  /* FAT, exFAT, NTFS, HFS+ and shares of Windows; the last four are not in linux/magic.h everywhere. */
  static const guint32 types[] = { MSDOS_SUPER_MAGIC, SMB_SUPER_MAGIC, 0xff534d42, 0xfe534d42,
                                   0x2011bab0,        0x5346544e,      0x7366746e, 0x482b };
  char *folder = g_path_get_dirname (place);
  while (!g_file_test (folder, G_FILE_TEST_EXISTS) && strlen (folder) > 1) {
    char *above = g_path_get_dirname (folder);
    g_free (folder);
    folder = above;
  }
  struct statfs system;
  gboolean ignored = FALSE;
  int flags = 0, fd = g_open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd >= 0 && fstatfs (fd, &system) == 0)
    for (guint i = 0; i < G_N_ELEMENTS (types); i++)
      ignored = ignored || (guint32)system.f_type == types[i];
  if (fd >= 0 && ioctl (fd, FS_IOC_GETFLAGS, &flags) == 0)
    ignored = ignored || (flags & FS_CASEFOLD_FL);
  if (fd >= 0)
    close (fd);
  g_free (folder);
  return ignored;
}

/* A picture before this one whose output has the same name, or one that differs in case where that is the same. */
static const CliPicture *
find_twin (CliPicture *picture, const char *place, GHashTable *places)
{
  const CliPicture *twin = g_hash_table_lookup (places, place);
  char *folded = g_utf8_validate (place, -1, NULL) ? g_utf8_casefold (place, -1) : g_ascii_strdown (place, -1);
  char *key = g_strconcat ("case:", folded, NULL); /* no place begins so: they are absolute */
  const CliPicture *alike = g_hash_table_lookup (places, key);
  if (!twin && alike && ignores_case (place))
    twin = alike;
  g_hash_table_insert (places, key, picture);
  g_free (folded);
  return twin;
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
    char *identity = picture->error || picture->skip ? NULL : identity_of (picture->input);
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
  char *place = strcmp (picture->output, "-") == 0 ? g_strdup ("-") : cli_place_of (picture->output);
  const CliPicture *other = find_twin (picture, place, places);
  if (overwritten)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s: would be written over the input %s; --in-place does that"),
                 picture->input, overwritten->input);
  else if (other)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s: would be written to %s, and so would %s; see --name"),
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
    if (picture->error || picture->skip)
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
