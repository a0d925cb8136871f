// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/copy-text.h"

#include <string.h>

#include "plugins/common/names.h"

/* The values, with files where drawables were. */
static IeParams *
with_files (const IeParams *params, char *(*file_of) (const char *text))
{
  IeParams *copy = ie_params_copy (params);
  for (int i = 0; i < copy->count; i++) {
    IeValue *value = &copy->values[i];
    if (copy->params[i].type == IE_PARAM_IMAGE && value->text && g_str_has_prefix (value->text, IE_DRAWABLE_PREFIX)) {
      char *file = file_of ? file_of (value->text) : NULL;
      g_free (value->text);
      value->text = file ? file : g_strdup ("DRAWABLE");
    }
  }
  return copy;
}

/* ---- Script-Fu ---- */

static void
append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (; *text; text++) {
    if (*text == '"' || *text == '\\')
      g_string_append_c (out, '\\');
    g_string_append_c (out, *text);
  }
  g_string_append_c (out, '"');
}

static gboolean
is_drawable (const char *text)
{
  return g_str_has_prefix (text, IE_DRAWABLE_PREFIX);
}

static void
append_value (GString *out, const IeParams *params, int i, const char *truth, const char *lie)
{
  const IeParam *param = &params->params[i];
  g_autofree char *text = ie_params_text (params, i);
  if (param->type == IE_PARAM_BOOL)
    g_string_append (out, params->values[i].number != 0 ? truth : lie);
  else if (param->type == IE_PARAM_IMAGE && is_drawable (text))
    g_string_append (out, text + strlen (IE_DRAWABLE_PREFIX));
  else if (param->type <= IE_PARAM_INT)
    g_string_append (out, text);
  else
    append_string (out, text);
}

/* All arguments in their order; a further picture is two: a drawable and a file. */
static void
append_positions (GString *out, const IeParams *params)
{
  for (int i = 0; i < params->count; i++) {
    const char *text = params->values[i].text;
    gboolean picture = params->params[i].type == IE_PARAM_IMAGE;
    gboolean file = picture && !(text && is_drawable (text));
    g_string_append (out, file ? " -1 " : " ");
    append_value (out, params, i, "TRUE", "FALSE");
    if (picture && !file)
      g_string_append (out, " \"\"");
  }
}

/* By name, and only what is not the default. */
static void
append_names (GString *out, const IeParams *params)
{
  for (int i = 0; i < params->count; i++) {
    const char *text = params->values[i].text;
    gboolean file = params->params[i].type == IE_PARAM_IMAGE && text && !is_drawable (text);
    if (ie_params_is_initial (params, i))
      continue;
    g_string_append_printf (out, " #:%s%s ", params->params[i].id, file ? "-file" : "");
    append_value (out, params, i, "#t", "#f");
  }
}

/* ---- all ---- */

static char *
command_text (const char *step, const char *file)
{
  g_autofree char *quoted = g_shell_quote (step), *picture = file ? g_shell_quote (file) : g_strdup ("PICTURE");
  return g_strdup_printf ("imgenhance apply -f %s %s", quoted, picture);
}

char *
ie_copy_text (IeCopyKind kind, const IeFilter *filter, const IeParams *params, const char *file, char *(*file_of) (const char *text))
{
  IeParams *plain = with_files (params, file_of);
  g_autofree char *step = ie_step_text (filter, plain), *name = ie_procedure_name (filter);
  ie_params_free (plain);
  GString *out = g_string_new (NULL);
  switch (kind) {
  case IE_COPY_COMMAND: {
    g_autofree char *line = command_text (step, file);
    g_string_append (out, line);
    break;
  }
  case IE_COPY_SCRIPT_2:
    g_string_append_printf (out, "(%s RUN-NONINTERACTIVE image drawable", name);
    append_positions (out, params);
    g_string_append_c (out, ')');
    break;
  case IE_COPY_SCRIPT_3:
    g_string_append_printf (out, "(%s #:run-mode RUN-NONINTERACTIVE #:image image #:drawables drawables", name);
    append_names (out, params);
    g_string_append_c (out, ')');
    break;
  case IE_COPY_RECIPE:
    g_string_append_printf (out, "# imgenhance recipe 1\n%s\n", step);
    break;
  }
  return g_string_free (out, FALSE);
}
