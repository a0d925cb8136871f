// SPDX-License-Identifier: GPL-3.0-or-later
/* Where plug-ins go: gimp_directory() of libgimpbase, GIMP's plug-in-path, and gegl_init.c of GEGL say it. */
#include "cli/gimp.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLATPAK_ID "org.gimp.GIMP"
#define LONGEST_ANSWER 20 /* seconds; a program that says its version takes less than one */
#define GEGL_FOLDER "gegl-0.4"

static void
gimp_free (gpointer data)
{
  CliGimp *gimp = data;
  g_free (gimp->version);
  g_free (gimp->command);
  g_free (gimp->directory);
  g_free (gimp->plug_ins);
  g_free (gimp->operations);
  if (gimp->all_plug_ins)
    g_ptr_array_unref (gimp->all_plug_ins);
  if (gimp->all_operations)
    g_ptr_array_unref (gimp->all_operations);
  g_free (gimp);
}

const char *
cli_gimp_kind_name (CliGimpKind kind)
{
  static const char *const names[] = { "system", "flatpak", "snap" };
  return names[kind];
}

/* ---- asking programs ---- */

static void
limit_time (gpointer data)
{
  alarm (LONGEST_ANSWER); /* outlives exec: SIGALRM ends a program that hangs */
}

/* What it prints, in English; NULL when it fails. g_free(). */
static char *
ask (const char *const *words)
{
  char *said = NULL;
  int status;
  char **environment = g_environ_setenv (g_get_environ (), "LC_ALL", "C", TRUE);
  GSpawnFlags flags = G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL;
  gboolean good = g_spawn_sync (NULL, (char **)words, environment, flags, limit_time, NULL, &said, NULL, &status, NULL);
  g_strfreev (environment);
  if (good && status == 0)
    return said;
  g_free (said);
  return NULL;
}

/* The first "2.10.34" of a text; NULL without one. g_free(). */
static char *
version_in (const char *text)
{
  for (; *text; text++)
    if (g_ascii_isdigit (*text)) {
      gsize length = strspn (text, "0123456789.");
      if (memchr (text, '.', length))
        return g_strndup (text, length - (text[length - 1] == '.'));
      text += length - 1;
    }
  return NULL;
}

/* ---- places ---- */

static void
add_folder (GPtrArray *folders, char *path)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_ptr_array_find_with_equal_func (folders, path, g_str_equal, NULL))
    g_ptr_array_add (folders, path);
  else
    g_free (path);
}

/* PREFIX/lib/TAIL, PREFIX/lib64/TAIL and, for Debian's architectures, PREFIX/lib/ANY/TAIL. */
static void
add_library_folders (GPtrArray *folders, const char *prefix, const char *tail)
{
  char *lib = g_build_filename (prefix, "lib", NULL);
  add_folder (folders, g_build_filename (lib, tail, NULL));
  add_folder (folders, g_build_filename (prefix, "lib64", tail, NULL));
  GDir *listing = g_dir_open (lib, 0, NULL);
  const char *name;
  while (listing && (name = g_dir_read_name (listing)))
    if (strstr (name, "-linux-"))
      add_folder (folders, g_build_filename (lib, name, tail, NULL));
  if (listing)
    g_dir_close (listing);
  g_free (lib);
}

/* As gimp_directory(). */
static char *
user_directory (const CliGimp *gimp)
{
  char *variable = g_strdup_printf ("GIMP%d_DIRECTORY", gimp->major);
  const char *set = g_getenv (variable);
  char *path;
  if (set && *set)
    path = g_path_is_absolute (set) ? g_strdup (set) : g_build_filename (g_get_home_dir (), set, NULL);
  else {
    const char *patch = strchr (strchr (gimp->version, '.') + 1, '.');
    char *series = patch ? g_strndup (gimp->version, (gsize)(patch - gimp->version)) : g_strdup (gimp->version);
    path = g_build_filename (g_get_user_config_dir (), "GIMP", series, NULL);
    g_free (series);
  }
  g_free (variable);
  return path;
}

static void
find_places (CliGimp *gimp, const char *prefix)
{
  char *tail = g_strdup_printf ("gimp/%d.0/plug-ins", gimp->major);
  const char *gegl = g_getenv ("GEGL_PATH");
  gimp->directory = user_directory (gimp);
  gimp->plug_ins = g_build_filename (gimp->directory, "plug-ins", NULL);
  gimp->operations = g_build_filename (g_get_user_data_dir (), GEGL_FOLDER, "plug-ins", NULL);
  gimp->all_plug_ins = g_ptr_array_new_with_free_func (g_free);
  gimp->all_operations = g_ptr_array_new_with_free_func (g_free);
  add_folder (gimp->all_plug_ins, g_strdup (gimp->plug_ins));
  add_library_folders (gimp->all_plug_ins, prefix, tail);
  if (gegl && *gegl) {
    char **parts = g_strsplit (gegl, G_SEARCHPATH_SEPARATOR_S, -1);
    for (int i = 0; parts[i]; i++)
      add_folder (gimp->all_operations, g_strdup (parts[i]));
    g_strfreev (parts);
  } else {
    add_folder (gimp->all_operations, g_strdup (gimp->operations));
    add_library_folders (gimp->all_operations, prefix, GEGL_FOLDER);
  }
  g_free (tail);
}

/* ---- finding ---- */

/* "gimp", "gimp-2.10", "gimp-console-3", ...; not gimp-test-clipboard. */
static gboolean
is_gimp (const char *name)
{
  if (!g_str_has_prefix (name, "gimp"))
    return FALSE;
  name += strlen ("gimp");
  if (g_str_has_prefix (name, "-console"))
    name += strlen ("-console");
  return *name == '\0' || (*name == '-' && name[1] && strspn (name + 1, "0123456789.") == strlen (name + 1));
}

static gboolean
known (const GPtrArray *gimps, CliGimpKind kind, const char *version, const char *folder)
{
  for (guint i = 0; i < gimps->len; i++) {
    const CliGimp *gimp = gimps->pdata[i];
    if (gimp->kind != kind || (version && strcmp (gimp->version, version) != 0))
      continue;
    if (!folder)
      return TRUE;
    char *other = g_path_get_dirname (gimp->command);
    gboolean same = strcmp (other, folder) == 0;
    g_free (other);
    if (same)
      return TRUE;
  }
  return FALSE;
}

static void
add_sandboxed (GPtrArray *gimps, CliGimpKind kind, const char *command, char *version)
{
  CliGimp *gimp = g_new0 (CliGimp, 1);
  gimp->kind = kind;
  gimp->version = version ? version : g_strdup ("");
  gimp->major = atoi (gimp->version);
  gimp->command = g_strdup (command);
  g_ptr_array_add (gimps, gimp);
}

static void
add_program (GPtrArray *gimps, const char *path)
{
  char *real = realpath (path, NULL);
  if (!real)
    return;
  char *base = g_path_get_basename (real);
  if (strcmp (base, "snap") == 0 || g_str_has_prefix (real, "/snap/")) {
    if (!known (gimps, CLI_GIMP_SNAP, NULL, NULL))
      add_sandboxed (gimps, CLI_GIMP_SNAP, path, NULL);
  } else {
    const char *const words[] = { path, "--version", NULL };
    char *said = ask (words), *version = said ? version_in (said) : NULL, *folder = g_path_get_dirname (path);
    if (version && !known (gimps, CLI_GIMP_SYSTEM, version, folder)) {
      CliGimp *gimp = g_new0 (CliGimp, 1);
      char *bin = g_path_get_dirname (real), *prefix = g_path_get_dirname (bin);
      gimp->kind = CLI_GIMP_SYSTEM;
      gimp->version = g_strdup (version);
      gimp->major = atoi (version);
      gimp->command = g_strdup (path);
      find_places (gimp, prefix);
      g_ptr_array_add (gimps, gimp);
      g_free (bin);
      g_free (prefix);
    }
    g_free (folder);
    g_free (version);
    g_free (said);
  }
  g_free (base);
  free (real);
}

/* The plainest names first, so that "gimp" stands for itself, "gimp-2" and "gimp-2.10". */
static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
search_folder (GPtrArray *gimps, GHashTable *seen, const char *folder)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GDir *listing = g_dir_open (folder, 0, NULL);
  const char *name;
  while (listing && (name = g_dir_read_name (listing)))
    if (is_gimp (name))
      g_ptr_array_add (names, g_strdup (name));
  if (listing)
    g_dir_close (listing);
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++) {
    char *path = g_build_filename (folder, names->pdata[i], NULL), *real = realpath (path, NULL);
    /* Links to one program are asked once; /bin is often /usr/bin. */
    if (real && access (path, X_OK) == 0 && g_hash_table_add (seen, g_strdup (real)))
      add_program (gimps, path);
    free (real);
    g_free (path);
  }
  g_ptr_array_unref (names);
}

static void
search_flatpak (GPtrArray *gimps)
{
  const char *const words[] = { "flatpak", "info", FLATPAK_ID, NULL };
  char *said = ask (words);
  if (!said)
    return;
  const char *line = strstr (said, "Version:");
  add_sandboxed (gimps, CLI_GIMP_FLATPAK, "flatpak run " FLATPAK_ID, line ? version_in (line) : NULL);
  g_free (said);
}

GPtrArray *
cli_gimps_find (void)
{
  GPtrArray *gimps = g_ptr_array_new_with_free_func (gimp_free);
  GHashTable *seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *path = g_getenv ("PATH");
  char **folders = g_strsplit (path ? path : "/usr/bin:/bin", G_SEARCHPATH_SEPARATOR_S, -1);
  for (int i = 0; folders[i]; i++)
    if (*folders[i])
      search_folder (gimps, seen, folders[i]);
  search_flatpak (gimps);
  g_strfreev (folders);
  g_hash_table_unref (seen);
  return gimps;
}
