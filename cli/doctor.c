// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance doctor: what is here, what is missing, and how to get it. */
#include "cli/doctor.h"

#include <string.h>

#include "cli/commands.h"
#include "cli/gimp.h"
#include "cli/json.h"
#include "cli/terminal.h"
#include "core/i18n.h"
#include "imageio/imageio.h"

typedef struct {
  gboolean json, folders;
} DoctorSettings;

static const CliOption options[] = {
  { "json", 0, CLI_FLAG, NULL,
    N_ ("Print {version, filters, ok, checks}, each check {name, state, says, advice, facts}."),
    offsetof (DoctorSettings, json) },
  { "folders", 0, CLI_FLAG, NULL,
    N_ ("Print only where plug-ins go, a GIMP a line, for scripts: version, kind (system, flatpak, snap), command, "
        "folder of plug-ins, folder of GEGL's modules, with tabs between them."),
    offsetof (DoctorSettings, folders) },
  { NULL },
};

static const char *const things[]
    = { "processor", "memory", "temporary", "sandbox", "formats", "xmp", "language", "catalogue", "onnxruntime", "gimp", NULL };

/* ---- findings ---- */

gboolean
cli_doctor_wants (const CliDoctor *doctor, const char *name)
{
  for (guint i = 0; i < doctor->names->len; i++)
    if (strcmp (doctor->names->pdata[i], name) == 0)
      return TRUE;
  return doctor->names->len == 0;
}

CliCheck *
cli_doctor_add (CliDoctor *doctor, const char *name, CliCheckState state, char *says)
{
  CliCheck *check = g_new0 (CliCheck, 1);
  check->name = name;
  check->state = state;
  check->says = says;
  check->facts = g_string_new ("{");
  g_ptr_array_add (doctor->checks, check);
  return check;
}

void
cli_check_fact (CliCheck *check, const char *key, const char *value)
{
  cli_json_key (check->facts, key);
  cli_json_string (check->facts, value);
}

void
cli_check_number (CliCheck *check, const char *key, guint64 value)
{
  cli_json_key (check->facts, key);
  cli_json_integer (check->facts, value);
}

static void
check_free (gpointer data)
{
  CliCheck *check = data;
  g_free (check->says);
  g_free (check->advice);
  g_string_free (check->facts, TRUE);
  g_free (check);
}

/* What was asked for by name must be there. Of several GIMPs one with the filters is enough. */
static void
demand (CliDoctor *doctor)
{
  gboolean some_gimp = FALSE;
  for (guint i = 0; i < doctor->checks->len; i++) {
    const CliCheck *check = doctor->checks->pdata[i];
    some_gimp |= strcmp (check->name, "gimp") == 0 && check->state == CLI_CHECK_OK;
  }
  for (guint i = 0; i < doctor->checks->len; i++) {
    CliCheck *check = doctor->checks->pdata[i];
    gboolean enough = strcmp (check->name, "gimp") == 0 && some_gimp;
    if (check->state == CLI_CHECK_MISSING && doctor->names->len > 0 && !enough)
      check->state = CLI_CHECK_BROKEN;
  }
}

static int
count_state (const CliDoctor *doctor, CliCheckState state)
{
  int count = 0;
  for (guint i = 0; i < doctor->checks->len; i++)
    count += ((const CliCheck *)doctor->checks->pdata[i])->state == state;
  return count;
}

/* ---- printing ---- */

#define NAME_COLUMN 4
#define TEXT_COLUMN 16

static void
append_check (GString *out, const char *name, const CliCheck *check, const char *says, int width)
{
  static const char *const marks[] = { "ok", "--", "!!" };
  char *escaped = cli_escape (says);
  g_string_append_printf (out, "%-*s%-*s", NAME_COLUMN, marks[check->state], TEXT_COLUMN - NAME_COLUMN, name);
  cli_wrap (out, escaped, TEXT_COLUMN, TEXT_COLUMN, width);
  g_string_append_c (out, '\n');
  if (check->advice) {
    char *advice = cli_escape (check->advice);
    g_string_append_printf (out, "%*s", TEXT_COLUMN, "");
    g_string_append (out, "-> ");
    cli_wrap (out, advice, TEXT_COLUMN + 3, TEXT_COLUMN + 3, width);
    g_string_append_c (out, '\n');
    g_free (advice);
  }
  g_free (escaped);
}

static gboolean
is_format (const char *name)
{
  const IeFormat *format = ie_format_find (name);
  return (format && strcmp (format->name, name) == 0) || strcmp (name, "xmp") == 0;
}

/* The formats that are there share a line. */
static void
append_formats (GString *out, const CliDoctor *doctor, int width)
{
  GString *labels = g_string_new (NULL);
  const CliCheck *first = NULL;
  for (guint i = 0; i < doctor->checks->len; i++) {
    const CliCheck *check = doctor->checks->pdata[i];
    if (!is_format (check->name) || check->state != CLI_CHECK_OK)
      continue;
    first = first ? first : check;
    g_string_append_printf (labels, "%s%s", labels->len ? ", " : "", check->says);
  }
  if (first)
    append_check (out, "formats", first, labels->str, width);
  g_string_free (labels, TRUE);
}

static void
print_text (const CliDoctor *doctor)
{
  int count, width = cli_width ();
  ie_filters (&count);
  GString *out = g_string_new (NULL);
  g_string_append_printf (out,
                          ie_ngettext ("imgenhance %s, %d filter\n\n", "imgenhance %s, %d filters\n\n", (gulong)count),
                          IE_VERSION, count);
  gboolean formats = FALSE;
  for (guint i = 0; i < doctor->checks->len; i++) {
    const CliCheck *check = doctor->checks->pdata[i];
    if (is_format (check->name) && !formats) {
      append_formats (out, doctor, width);
      formats = TRUE;
    }
    if (!is_format (check->name) || check->state != CLI_CHECK_OK)
      append_check (out, check->name, check, check->says, width);
  }
  int broken = count_state (doctor, CLI_CHECK_BROKEN), missing = count_state (doctor, CLI_CHECK_MISSING);
  g_string_append_c (out, '\n');
  if (broken)
    g_string_append_printf (out,
                            ie_ngettext ("%d thing is broken (!!): the lines with -> say what to do.\n",
                                         "%d things are broken (!!): the lines with -> say what to do.\n",
                                         (gulong)broken),
                            broken);
  else if (missing)
    g_string_append (out, _ ("Nothing is broken; what is missing (--) is needed only by who wants it.\n"));
  else
    g_string_append (out, _ ("All is well.\n"));
  cli_print (out->str);
  g_string_free (out, TRUE);
}

static void
print_json (const CliDoctor *doctor)
{
  static const char *const states[] = { "ok", "missing", "broken" };
  int count;
  ie_filters (&count);
  GString *out = g_string_new (NULL);
  cli_json_open (out, '{');
  cli_json_key (out, "version");
  cli_json_string (out, IE_VERSION);
  cli_json_key (out, "filters");
  cli_json_integer (out, (guint64)count);
  cli_json_key (out, "ok");
  cli_json_bool (out, count_state (doctor, CLI_CHECK_BROKEN) == 0);
  cli_json_key (out, "checks");
  cli_json_open (out, '[');
  for (guint i = 0; i < doctor->checks->len; i++) {
    const CliCheck *check = doctor->checks->pdata[i];
    cli_json_open (out, '{');
    cli_json_key (out, "name");
    cli_json_string (out, check->name);
    cli_json_key (out, "state");
    cli_json_string (out, states[check->state]);
    cli_json_key (out, "says");
    cli_json_string (out, check->says);
    cli_json_key (out, "advice");
    cli_json_string (out, check->advice);
    cli_json_key (out, "facts");
    g_string_append_printf (out, "%s}", check->facts->str);
    cli_json_close (out, '}');
  }
  cli_json_close (out, ']');
  cli_json_close (out, '}');
  cli_json_print (out);
}

static void
print_folders (void)
{
  GPtrArray *gimps = cli_gimps_find ();
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < gimps->len; i++) {
    const CliGimp *gimp = gimps->pdata[i];
    const char *version = *gimp->version ? gimp->version : "-", *plug_ins = gimp->plug_ins ? gimp->plug_ins : "-";
    const char *operations = gimp->operations ? gimp->operations : "-";
    g_string_append_printf (out, "%s\t%s\t%s\t%s\t%s\n", version, cli_gimp_kind_name (gimp->kind), gimp->command,
                            plug_ins, operations);
  }
  cli_print (out->str);
  g_string_free (out, TRUE);
  g_ptr_array_unref (gimps);
}

/* ---- the command ---- */

static gboolean
check_names (const GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++) {
    const char *name = names->pdata[i];
    if (is_format (name) || g_strv_contains (things, name))
      continue;
    const char *nearest = ie_nearest (name, things);
    char *reason = nearest ? g_strdup_printf (_ ("nothing that doctor looks at; did you mean %s?"), nearest)
                           : g_strdup (_ ("nothing that doctor looks at; see imgenhance doctor --help"));
    cli_error (name, reason);
    g_free (reason);
    return FALSE;
  }
  return TRUE;
}

static int
run (const CliCommand *command, int argc, char **argv)
{
  DoctorSettings settings = { 0 };
  CliDoctor doctor = { 0 };
  int code;
  if (!cli_parse (command, argc, argv, &settings, &doctor.names, &code))
    return code;
  if (!check_names (doctor.names))
    code = CLI_USAGE;
  else if (settings.folders) {
    print_folders ();
    code = CLI_DONE;
  } else {
    doctor.checks = g_ptr_array_new_with_free_func (check_free);
    cli_doctor_system (&doctor);
    cli_doctor_formats (&doctor);
    cli_doctor_similar (&doctor);
    cli_doctor_gimp (&doctor);
    demand (&doctor);
    if (settings.json)
      print_json (&doctor);
    else
      print_text (&doctor);
    code = count_state (&doctor, CLI_CHECK_BROKEN) ? CLI_SOME_FAILED : CLI_DONE;
    g_ptr_array_unref (doctor.checks);
  }
  g_ptr_array_unref (doctor.names);
  return code;
}

static const char *const examples[] = { "imgenhance doctor", "imgenhance doctor gimp heif", NULL };

const CliCommand cli_doctor = {
  .name = "doctor",
  .arguments = "[WHAT...]",
  .summary = N_ ("Say what is here, what is missing, and how to get it."),
  .description
  = N_ ("Looks at the processor level, memory, temporary files, the sandbox of the process that reads pictures, picture "
        "formats, the language, the catalogue and the runtime of find similar, and every GIMP found: whether the filters are "
        "there and of this version. It changes nothing.\n\n"
        "What is marked -- is missing and harms nothing; what is marked !! is broken, and the exit code is then 1. With "
        "WHAT (processor, memory, temporary, sandbox, formats or one format, xmp, language, catalogue, onnxruntime, gimp) only that is looked "
        "at, and being missing is broken too."),
  .options = options,
  .examples = examples,
  .run = run,
};
