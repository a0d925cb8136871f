// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/i18n.h"
#include "plugins/common/names.h"
#include "plugins/gimp3/plugin.h"

static char *
file_name (const IeParam *param)
{
  return g_strconcat (param->id, "-file", NULL);
}

static void
add_argument (GimpProcedure *procedure, const IeParam *param)
{
  g_autofree char *help = ie_param_help (param);
  const char *label = _ (param->label), *text = param->initial_text ? param->initial_text : "";
  switch (param->type) {
  case IE_PARAM_FLOAT:
    gimp_procedure_add_double_argument (procedure, param->id, label, help,
                                        isfinite (param->min) ? param->min : -G_MAXDOUBLE,
                                        isfinite (param->max) ? param->max : G_MAXDOUBLE, param->initial, G_PARAM_READWRITE);
    break;
  case IE_PARAM_INT:
    gimp_procedure_add_int_argument (procedure, param->id, label, help, (int) param->min, (int) param->max,
                                     (int) param->initial, G_PARAM_READWRITE);
    break;
  case IE_PARAM_BOOL:
    gimp_procedure_add_boolean_argument (procedure, param->id, label, help, param->initial != 0, G_PARAM_READWRITE);
    break;
  case IE_PARAM_ENUM:
    gimp_procedure_add_string_argument (procedure, param->id, label, help, param->choices[(int) param->initial].id,
                                        G_PARAM_READWRITE);
    break;
  case IE_PARAM_IMAGE: {
    g_autofree char *name = file_name (param);
    gimp_procedure_add_drawable_argument (procedure, param->id, label, help, TRUE, G_PARAM_READWRITE);
    gimp_procedure_add_string_argument (procedure, name, label, _ ("A file instead of the drawable"), "",
                                        G_PARAM_READWRITE);
    break;
  }
  default:
    gimp_procedure_add_string_argument (procedure, param->id, label, help, text, G_PARAM_READWRITE);
  }
}

void
ie_arguments_add (GimpProcedure *procedure, const IeFilter *filter)
{
  for (const IeParam *param = filter->params; param->id; param++)
    add_argument (procedure, param);
}

/* The argument as recipe text; empty: not given. */
static char *
argument_text (const IeParam *param, GimpProcedureConfig *config)
{
  double number;
  int whole;
  gboolean truth;
  char *text = NULL;
  switch (param->type) {
  case IE_PARAM_FLOAT:
    g_object_get (config, param->id, &number, NULL);
    return ie_number_text (number);
  case IE_PARAM_INT:
    g_object_get (config, param->id, &whole, NULL);
    return g_strdup_printf ("%d", whole);
  case IE_PARAM_BOOL:
    g_object_get (config, param->id, &truth, NULL);
    return g_strdup (truth ? "yes" : "no");
  case IE_PARAM_IMAGE: {
    GimpDrawable *drawable = NULL;
    g_object_get (config, param->id, &drawable, NULL);
    if (drawable) {
      text = g_strdup_printf (IE_DRAWABLE_PREFIX "%d", gimp_item_get_id (GIMP_ITEM (drawable)));
      g_object_unref (drawable);
      return text;
    }
    g_autofree char *name = file_name (param);
    g_object_get (config, name, &text, NULL);
    break;
  }
  default:
    g_object_get (config, param->id, &text, NULL);
  }
  return text ? text : g_strdup ("");
}

static gboolean
check_required (const IeParams *params, int i, GError **error)
{
  const IeParam *param = &params->params[i];
  g_autofree char *value = ie_params_text (params, i);
  if (!param->required || (value && *value))
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s is needed: %s"), param->id, _ (param->summary));
  return FALSE;
}

IeParams *
ie_arguments_values (const IeFilter *filter, GimpProcedureConfig *config, GError **error)
{
  IeParams *params = ie_params_new (filter->params);
  gboolean good = TRUE;
  for (int i = 0; good && i < params->count; i++) {
    g_autofree char *text = argument_text (&filter->params[i], config);
    good = !*text || ie_params_set (params, filter->params[i].id, text, error);
  }
  if (!good)
    g_clear_pointer (&params, ie_params_free);
  return params;
}

IeParams *
ie_arguments_read (const IeFilter *filter, GimpProcedureConfig *config, GError **error)
{
  IeParams *params = ie_arguments_values (filter, config, error);
  for (int i = 0; params && i < params->count; i++)
    if (!check_required (params, i, error))
      g_clear_pointer (&params, ie_params_free);
  return params;
}

void
ie_arguments_write (GimpProcedureConfig *config, const IeParams *params)
{
  for (int i = 0; i < params->count; i++) {
    const IeParam *param = &params->params[i];
    g_autofree char *text = ie_params_text (params, i);
    switch (param->type) {
    case IE_PARAM_FLOAT:
      g_object_set (config, param->id, ie_number (params, i), NULL);
      break;
    case IE_PARAM_INT:
    case IE_PARAM_BOOL:
      g_object_set (config, param->id, ie_int (params, i), NULL);
      break;
    case IE_PARAM_IMAGE: {
      gboolean drawable = g_str_has_prefix (text, IE_DRAWABLE_PREFIX);
      g_autofree char *name = file_name (param);
      g_object_set (config, param->id, drawable ? gimp_item_get_by_id (atoi (text + strlen (IE_DRAWABLE_PREFIX))) : NULL, name,
                    drawable ? "" : text, NULL);
      break;
    }
    default:
      g_object_set (config, param->id, text, NULL);
    }
  }
}
