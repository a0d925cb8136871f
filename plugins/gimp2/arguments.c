// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "core/i18n.h"
#include "plugins/common/names.h"
#include "plugins/gimp2/plugin.h"

/* Of a number: a number. Of everything that has a word on the command line: that word, as GIMP 3 has it too. A further
 * picture is a drawable (-1: none) and, behind it, a file. */

static GimpPDBArgType
argument_type (const IeParam *param)
{
  switch (param->type) {
  case IE_PARAM_FLOAT:
    return GIMP_PDB_FLOAT;
  case IE_PARAM_INT:
  case IE_PARAM_BOOL:
    return GIMP_PDB_INT32;
  case IE_PARAM_IMAGE:
    return GIMP_PDB_DRAWABLE;
  default:
    return GIMP_PDB_STRING;
  }
}

GimpParamDef *
ie_arguments_new (const IeFilter *filter, int *count)
{
  static const GimpParamDef first[IE_FIRST_ARGUMENT] = {
    { GIMP_PDB_INT32, "run-mode", "The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1), RUN-WITH-LAST-VALS (2) }" },
    { GIMP_PDB_IMAGE, "image", "The image" },
    { GIMP_PDB_DRAWABLE, "drawable", "The layer, layer mask or channel" },
  };
  GArray *all = g_array_new (FALSE, FALSE, sizeof (GimpParamDef));
  g_array_append_vals (all, first, IE_FIRST_ARGUMENT);
  for (const IeParam *param = filter->params; param->id; param++) {
    GimpParamDef one = { argument_type (param), (char *) param->id, ie_param_help (param) };
    g_array_append_val (all, one);
    if (param->type == IE_PARAM_IMAGE) {
      one = (GimpParamDef){ GIMP_PDB_STRING, g_strconcat (param->id, "-file", NULL),
                            g_strdup (_ ("A file instead of the drawable, which is -1 then")) };
      g_array_append_val (all, one);
    }
  }
  *count = (int) all->len;
  return (GimpParamDef *) (void *) g_array_free (all, FALSE);
}

static char *
argument_text (const IeParam *param, const GimpParam *argument)
{
  switch (argument->type) {
  case GIMP_PDB_FLOAT:
    return ie_number_text (argument->data.d_float);
  case GIMP_PDB_INT32:
    if (param->type == IE_PARAM_BOOL)
      return g_strdup (argument->data.d_int32 ? "yes" : "no");
    return g_strdup_printf ("%d", argument->data.d_int32);
  case GIMP_PDB_DRAWABLE:
    return argument->data.d_drawable > 0 ? g_strdup_printf (IE_DRAWABLE_PREFIX "%d", argument->data.d_drawable)
                                         : g_strdup ("");
  default:
    return g_strdup (argument->data.d_string ? argument->data.d_string : "");
  }
}

static gboolean
set_text (IeParams *params, const IeParam *param, const char *text, GError **error)
{
  /* Nothing is the default. */
  return !*text || ie_params_set (params, param->id, text, error);
}

IeParams *
ie_arguments_read (const IeFilter *filter, int count, const GimpParam *arguments, GError **error)
{
  int wanted;
  g_autofree GimpParamDef *expected = ie_arguments_new (filter, &wanted);
  if (count != wanted) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%d arguments were given, %d are needed"), count, wanted);
    return NULL;
  }
  IeParams *params = ie_params_new (filter->params);
  gboolean good = TRUE;
  int next = IE_FIRST_ARGUMENT;
  for (const IeParam *param = filter->params; good && param->id; param++) {
    g_autofree char *text = argument_text (param, &arguments[next++]);
    good = set_text (params, param, text, error);
    if (good && param->type == IE_PARAM_IMAGE) {
      g_autofree char *file = argument_text (param, &arguments[next++]);
      if (*file)
        good = ie_params_set (params, param->id, file, error);
    }
    if (good && param->required && !params->params[param - filter->params].initial_text) {
      int i = (int) (param - filter->params);
      g_autofree char *value = ie_params_text (params, i);
      if (!value || !*value) {
        g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s is needed: %s"), param->id, _ (param->summary));
        good = FALSE;
      }
    }
  }
  if (!good)
    g_clear_pointer (&params, ie_params_free);
  return params;
}

/* ---- last values: the text of the step, kept by GIMP as long as it runs ---- */

void
ie_set_last_values (const IeFilter *filter, const IeParams *params)
{
  g_autofree char *name = ie_procedure_name (filter), *text = ie_step_text (filter, params);
  gimp_set_data (name, text, (guint) strlen (text) + 1);
}

IeParams *
ie_last_values (const IeFilter *filter)
{
  g_autofree char *name = ie_procedure_name (filter);
  IeParams *params = NULL;
  int size = gimp_get_data_size (name);
  if (size > 0) {
    g_autofree char *text = g_malloc0 ((gsize) size + 1);
    gimp_get_data (name, text);
    IeRecipe *recipe = ie_recipe_new ();
    if (ie_recipe_add (recipe, text, NULL))
      params = ie_params_copy (((IeRecipeStep *) recipe->steps->pdata[0])->params);
    ie_recipe_free (recipe);
  }
  return params ? params : ie_params_new (filter->params);
}
