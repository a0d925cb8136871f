// SPDX-License-Identifier: GPL-3.0-or-later
/* What `doctor` says of each GIMP: whether our plug-in and our operations are where it looks, of this version, and
 * whether it has taken them. Nothing that is found is loaded or run: the version is read in the file (the mark of
 * plugins/common/names.c), and what GIMP has taken in its own list, pluginrc. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/gimp.h"
#include "core/i18n.h"
#include "core/imgenhance.h"

#define MARK "@(#)imgenhance plug-in "
#define MODULE "imgenhance-gegl.so"
#define HOW_TO_GET N_ ("install the package gimp-imgenhance, or in imgenhance's sources: ./dev install gimp")
#define HOW_TO_GET_GIMP                                                                                                \
  N_ ("sudo apt install gimp, and then install the package gimp-imgenhance, or in imgenhance's sources: "               \
      "./dev install gimp")

/* A plug-in or module that was found. */
typedef struct {
  char *path;
  char *version; /* "" : none is to be read in it */
} Found;

static void
found_free (gpointer data)
{
  Found *found = data;
  g_free (found->path);
  g_free (found->version);
  g_free (found);
}

static char *
version_of (const char *path)
{
  char *bytes, *version = g_strdup ("");
  gsize size;
  if (!g_file_get_contents (path, &bytes, &size, NULL))
    return version;
  /* A plug-in that is the command, too, holds MARK once more, without a number: as what is looked for here. */
  const char *at = bytes, *end = bytes + size;
  while (!*version && (at = memmem (at, (gsize) (end - at), MARK, strlen (MARK)))) {
    at += strlen (MARK);
    g_free (version);
    version = g_strndup (at, strspn (at, "0123456789."));
  }
  g_free (bytes);
  return version;
}

/* Those of FOLDER/TAIL that are there, in the order in which GIMP looks. */
static GPtrArray *
find_all (const GPtrArray *folders, const char *tail)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (found_free);
  for (guint i = 0; i < folders->len; i++) {
    char *path = g_build_filename (folders->pdata[i], tail, NULL);
    if (g_file_test (path, G_FILE_TEST_IS_REGULAR)) {
      Found *found = g_new0 (Found, 1);
      found->version = version_of (path);
      found->path = g_strdup (path);
      g_ptr_array_add (all, found);
    }
    g_free (path);
  }
  return all;
}

/* "~/.config/..." */
static char *
short_path (const char *path)
{
  const char *home = g_get_home_dir ();
  gsize length = strlen (home);
  return length > 1 && strncmp (path, home, length) == 0 && path[length] == '/' ? g_strconcat ("~", path + length, NULL)
                                                                                : g_strdup (path);
}

/* What is wrong with those that were found, plug-ins (programs) or modules; NULL: nothing. g_free(). */
static char *
wrong_with (const GPtrArray *all, gboolean program)
{
  for (guint i = 0; i < all->len; i++) {
    const Found *found = all->pdata[i];
    char *path = short_path (found->path), *wrong = NULL;
    if (access (found->path, program ? R_OK | X_OK : R_OK) != 0)
      wrong = g_strdup_printf (program ? _ ("the plug-in %s may not be run") : _ ("the module %s may not be read"),
                               path);
    else if (!*found->version)
      wrong = g_strdup_printf (program ? _ ("the plug-in %s says no version") : _ ("the module %s says no version"),
                               path);
    else if (strcmp (found->version, IE_VERSION) != 0)
      wrong = g_strdup_printf (program ? _ ("the plug-in %s is of version %s, this command of %s")
                                       : _ ("the module %s is of version %s, this command of %s"),
                               path, found->version, IE_VERSION);
    g_free (path);
    if (wrong)
      return wrong;
  }
  return NULL;
}

/* ---- what GIMP has taken ---- */

typedef enum { TAKEN, NOT_YET, NOT_ALL, NOT_TAKEN } Taken;

/* Looks into pluginrc, which GIMP writes when it has asked a new plug-in for its procedures. *missing: a filter that it
 * does not have (NOT_ALL). */
static Taken
taken (const CliGimp *gimp, const char *plug_in, const char **missing)
{
  char *path = g_build_filename (gimp->directory, "pluginrc", NULL), *text = NULL;
  struct stat list, file;
  Taken result = NOT_YET;
  if (stat (path, &list) == 0 && stat (plug_in, &file) == 0 && g_file_get_contents (path, &text, NULL, NULL)) {
    char *tail = g_strdup_printf ("/imgenhance-gimp%d\" ", gimp->major);
    const char *at = strstr (text, tail);
    const char *end = at ? strstr (at, "\n(plug-in-def") : NULL;
    /* GIMP asks a plug-in anew when its time is another than this. */
    if (at && g_ascii_strtoll (at + strlen (tail), NULL, 10) == (gint64)file.st_mtime) {
      char *own = end ? g_strndup (at, (gsize)(end - at)) : g_strdup (at);
      int count;
      const IeFilter *const *filters = ie_filters (&count);
      result = TAKEN;
      for (int i = 0; i < count && result == TAKEN; i++) {
        char *procedure = g_strdup_printf ("(proc-def \"plug-in-imgenhance-%s\"", filters[i]->name);
        if (!strstr (own, procedure)) {
          result = NOT_ALL;
          *missing = filters[i]->name;
        }
        g_free (procedure);
      }
      g_free (own);
    } else if (!at && list.st_mtime > MAX (file.st_mtime, file.st_ctime))
      result = NOT_TAKEN;
    g_free (tail);
    g_free (text);
  }
  g_free (path);
  return result;
}

/* ---- one GIMP ---- */

static char *
name_of (const CliGimp *gimp)
{
  static const char *const kinds[] = { "", N_ (" as a Flatpak"), N_ (" as a Snap") };
  return g_strdup_printf ("GIMP%s%s%s", *gimp->version ? " " : "", gimp->version, _ (kinds[gimp->kind]));
}

static void
look_at_sandboxed (CliDoctor *doctor, const CliGimp *gimp, gboolean beside)
{
  char *name = name_of (gimp);
  char *says = g_strdup_printf (_ ("%s has libraries of its own and cannot load what is built here"), name);
  CliCheck *check = cli_doctor_add (doctor, "gimp", CLI_CHECK_MISSING, says);
  check->advice = g_strdup (beside ? _ ("start the other GIMP for these filters") : _ (HOW_TO_GET_GIMP));
  cli_check_fact (check, "version", gimp->version);
  cli_check_fact (check, "kind", cli_gimp_kind_name (gimp->kind));
  cli_check_fact (check, "command", gimp->command);
  g_free (name);
}

/* Says it of a GIMP whose plug-in and operations are in order as files. */
static CliCheck *
say_taken (CliDoctor *doctor, const CliGimp *gimp, const char *name, const Found *plug_in, gboolean operations)
{
  const char *missing = NULL;
  char *path = short_path (plug_in->path), *says = NULL, *advice = NULL;
  CliCheckState state = CLI_CHECK_OK;
  switch (taken (gimp, plug_in->path, &missing)) {
  case TAKEN:
    says = g_strdup_printf (operations ? _ ("%s has the filters as procedures and operations (%s)")
                                       : _ ("%s has the filters as procedures (%s)"),
                            name, path);
    break;
  case NOT_YET:
    says = g_strdup_printf (_ ("%s takes the filters when it starts next (%s)"), name, path);
    break;
  case NOT_ALL:
    state = CLI_CHECK_BROKEN;
    says = g_strdup_printf (_ ("%s has not all filters: %s has no procedure '%s'"), name, path, missing);
    advice = g_strdup (_ (HOW_TO_GET));
    break;
  case NOT_TAKEN:
    state = CLI_CHECK_BROKEN;
    says = g_strdup_printf (_ ("%s has started and not taken %s"), name, path);
    advice = g_strdup_printf (_ ("run %s in a terminal: it may say that a library is missing"), path);
    break;
  }
  CliCheck *check = cli_doctor_add (doctor, "gimp", state, says);
  check->advice = advice;
  g_free (path);
  return check;
}

static void
look_at_gimp (CliDoctor *doctor, const CliGimp *gimp)
{
  char *name = name_of (gimp);
  char *plug_in = g_strdup_printf ("imgenhance-gimp%d/imgenhance-gimp%d", gimp->major, gimp->major);
  GPtrArray *plug_ins = find_all (gimp->all_plug_ins, plug_in), *modules = find_all (gimp->all_operations, MODULE);
  char *wrong = wrong_with (plug_ins, TRUE);
  wrong = wrong ? wrong : wrong_with (modules, FALSE);
  gboolean menus_by_module = gimp->major > 2; /* there the menu entries are the operations */
  CliCheck *check;
  if (wrong) {
    check = cli_doctor_add (doctor, "gimp", CLI_CHECK_BROKEN, g_strdup_printf ("%s: %s", name, wrong));
    check->advice = g_strdup (_ ("install it again, or remove it: install the package gimp-imgenhance, or in "
                                 "imgenhance's sources: ./dev install gimp (./dev uninstall gimp)"));
  } else if (plug_ins->len == 0 && modules->len == 0) {
    check = cli_doctor_add (doctor, "gimp", CLI_CHECK_MISSING,
                            g_strdup_printf (_ ("%s has no filters of imgenhance"), name));
    check->advice = g_strdup (_ (HOW_TO_GET));
  } else if (plug_ins->len == 0 || (menus_by_module && modules->len == 0)) {
    /* Operations alone, where GIMP 2.10 is, may be there for the gegl command: it then has no filters. */
    const char *lacks = plug_ins->len == 0
                            ? _ ("%s has no plug-in of imgenhance, only its operations")
                            : _ ("%s has no operations of imgenhance, so that its menu lacks the filters");
    check = cli_doctor_add (doctor, "gimp", menus_by_module ? CLI_CHECK_BROKEN : CLI_CHECK_MISSING,
                            g_strdup_printf (lacks, name));
    check->advice = g_strdup (_ (HOW_TO_GET));
  } else
    check = say_taken (doctor, gimp, name, plug_ins->pdata[0], modules->len > 0);
  cli_check_fact (check, "version", gimp->version);
  cli_check_fact (check, "kind", cli_gimp_kind_name (gimp->kind));
  cli_check_fact (check, "command", gimp->command);
  cli_check_fact (check, "plug_in", plug_ins->len ? ((Found *)plug_ins->pdata[0])->path : NULL);
  cli_check_fact (check, "plug_in_version", plug_ins->len ? ((Found *)plug_ins->pdata[0])->version : NULL);
  cli_check_fact (check, "module", modules->len ? ((Found *)modules->pdata[0])->path : NULL);
  cli_check_fact (check, "module_version", modules->len ? ((Found *)modules->pdata[0])->version : NULL);
  g_ptr_array_unref (plug_ins);
  g_ptr_array_unref (modules);
  g_free (wrong);
  g_free (plug_in);
  g_free (name);
}

void
cli_doctor_gimp (CliDoctor *doctor)
{
  if (!cli_doctor_wants (doctor, "gimp"))
    return;
  GPtrArray *gimps = cli_gimps_find ();
  gboolean beside = FALSE;
  for (guint i = 0; i < gimps->len; i++) {
    const CliGimp *gimp = gimps->pdata[i];
    if (gimp->kind == CLI_GIMP_SYSTEM) {
      look_at_gimp (doctor, gimp);
      beside = TRUE;
    }
  }
  for (guint i = 0; i < gimps->len; i++) {
    const CliGimp *gimp = gimps->pdata[i];
    if (gimp->kind != CLI_GIMP_SYSTEM)
      look_at_sandboxed (doctor, gimp, beside);
  }
  if (gimps->len == 0) {
    CliCheck *check = cli_doctor_add (doctor, "gimp", CLI_CHECK_MISSING, g_strdup (_ ("no GIMP is here")));
    check->advice = g_strdup (_ (HOW_TO_GET_GIMP));
  }
  g_ptr_array_unref (gimps);
}
