// SPDX-License-Identifier: GPL-3.0-or-later
/* Layer effects to a recipe and back. An effect is an operation of our GEGL module; everything else is refused by name. */
#include <gegl.h>
#include <string.h>

#include "core/i18n.h"
#include "plugins/common/recipe.h"
#include "plugins/common/start.h"
#include "plugins/dialog/recipe-text.h"
#include "plugins/gimp3/plugin.h"

#define PREFIX "imgenhance:"

/* ---- effects to a recipe ---- */

/* A property of an effect as recipe text; NULL: of a type that no parameter has. g_free(). */
static char *
value_text (const GValue *value)
{
  if (G_VALUE_HOLDS_DOUBLE (value))
    return ie_number_text (g_value_get_double (value));
  if (G_VALUE_HOLDS_INT (value))
    return g_strdup_printf ("%d", g_value_get_int (value));
  if (G_VALUE_HOLDS_BOOLEAN (value))
    return g_strdup (g_value_get_boolean (value) ? "yes" : "no");
  if (G_VALUE_HOLDS_STRING (value)) {
    const char *text = g_value_get_string (value);
    return g_strdup (text ? text : "");
  }
  if (G_VALUE_HOLDS (value, G_TYPE_FILE)) {
    GFile *file = g_value_get_object (value);
    return file ? g_file_get_path (file) : g_strdup ("");
  }
  return NULL;
}

/* Words of an enumeration are strings in GIMP 3, numbers in the module. */
static gboolean
take_property (IeParams *params, int i, GObject *config, GError **error)
{
  const IeParam *param = &params->params[i];
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (config), param->id);
  if (!spec)
    return TRUE;
  g_auto (GValue) value = G_VALUE_INIT;
  g_value_init (&value, spec->value_type);
  g_object_get_property (config, param->id, &value);
  g_autofree char *text = value_text (&value);
  if (text && param->type == IE_PARAM_ENUM && g_ascii_isdigit (text[0])) {
    int choice = atoi (text);
    g_free (text);
    text = g_strdup (param->choices[choice].id);
  }
  if (text)
    return !*text || ie_params_set (params, param->id, text, error);
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("%s: is a %s, which no recipe holds"), param->id, g_type_name (spec->value_type));
  return FALSE;
}

static const IeFilter *
filter_of (const char *operation, GObject *config, GError **error)
{
  int version = 0;
  if (!g_str_has_prefix (operation, PREFIX)) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("%s is not an effect of imgenhance; a recipe cannot hold it"), operation);
    return NULL;
  }
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (config), "filter-version"))
    g_object_get (config, "filter-version", &version, NULL);
  return ie_filter_find (operation + strlen (PREFIX), version, error);
}

/* Why the effect is not just its operation; NULL: it is. */
static const char *
foreign_blending (GimpDrawableFilter *effect)
{
  if (gimp_drawable_filter_get_opacity (effect) < 1)
    return _ ("its opacity is not full, which GIMP computes otherwise than a recipe's mix; merge the effects instead");
  if (gimp_drawable_filter_get_blend_mode (effect) != GIMP_LAYER_MODE_REPLACE)
    return _ ("its blending mode is not Replace, and a recipe has no other");
  return NULL;
}

/* Effects hand each other pixels of the layer's depth. */
static int
store_of (GimpDrawable *drawable)
{
  GimpPrecision precision = gimp_image_get_precision (gimp_item_get_image (GIMP_ITEM (drawable)));
  switch (precision) {
  case GIMP_PRECISION_U8_LINEAR:
  case GIMP_PRECISION_U8_NON_LINEAR:
  case GIMP_PRECISION_U8_PERCEPTUAL:
    return 8;
  case GIMP_PRECISION_U16_LINEAR:
  case GIMP_PRECISION_U16_NON_LINEAR:
  case GIMP_PRECISION_U16_PERCEPTUAL:
    return 16;
  default:
    return 32;
  }
}

static gboolean
append_effect (IeRecipe *recipe, GimpDrawableFilter *effect, int store, GError **error)
{
  g_autofree char *operation = gimp_drawable_filter_get_operation_name (effect);
  GObject *config = G_OBJECT (gimp_drawable_filter_get_config (effect));
  const IeFilter *filter = filter_of (operation, config, error);
  const char *why = filter ? foreign_blending (effect) : NULL;
  gboolean good = filter && !why;
  if (why)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, "%s: %s", operation, why);
  if (good) {
    IeParams *params = ie_params_new (filter->params);
    ie_recipe_append (recipe, filter, params)->store = store;
    for (int i = 0; good && i < params->count; i++)
      good = take_property (params, i, config, error);
  }
  return good;
}

/* The visible effects of a layer, in the order in which they work. NULL and error: there are none, or one is foreign. */
static IeRecipe *
recipe_of_effects (GimpDrawable *drawable, GError **error)
{
  g_autofree GimpDrawableFilter **effects = gimp_drawable_get_filters (drawable);
  IeRecipe *recipe = ie_recipe_new ();
  int count = 0;
  gboolean good = TRUE;
  while (effects && effects[count])
    count++;
  /* GIMP lists the topmost, which works last, first. */
  for (int i = count - 1; good && i >= 0; i--)
    if (gimp_drawable_filter_get_visible (effects[i]))
      good = append_effect (recipe, effects[i], store_of (drawable), error);
  if (recipe->steps->len > 0)
    ((IeRecipeStep *) recipe->steps->pdata[recipe->steps->len - 1])->store = 0;
  if (good && recipe->steps->len == 0) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the layer has no visible effect"));
    good = FALSE;
  }
  if (!good)
    g_clear_pointer (&recipe, ie_recipe_free);
  return recipe;
}

static GimpDrawable *
only_drawable (GimpDrawable **drawables, GError **error)
{
  if (drawables && drawables[0] && !drawables[1])
    return drawables[0];
  g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("select one layer"));
  return NULL;
}

static GimpValueArray *
run_copy (GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config,
          gpointer data)
{
  GError *error = NULL;
  g_autofree char *file = NULL;
  GimpDrawable *drawable = only_drawable (drawables, &error);
  IeRecipe *recipe = drawable ? recipe_of_effects (drawable, &error) : NULL;
  if (!recipe)
    return ie_procedure_end (procedure, mode, FALSE, error);
  g_autofree char *text = ie_recipe_text (recipe);
  ie_recipe_free (recipe);
  g_object_get (config, "file", &file, NULL);
  if (file && *file && !g_file_set_contents (file, text, -1, &error))
    return ie_procedure_end (procedure, mode, FALSE, error);
  if (mode == GIMP_RUN_INTERACTIVE) {
    gimp_ui_init ("imgenhance");
    ie_recipe_text_show (_ ("Layer Effects as Recipe"), IE_COPY_EFFECTS_PROCEDURE, text);
  }
  GimpValueArray *values = gimp_procedure_new_return_values (procedure, GIMP_PDB_SUCCESS, NULL);
  g_value_set_string (gimp_value_array_index (values, 1), text);
  return values;
}

/* ---- a recipe to effects ---- */

static void
set_property (GObject *config, const IeParams *params, int i)
{
  const IeParam *param = &params->params[i];
  GParamSpec *spec = g_object_class_find_property (G_OBJECT_GET_CLASS (config), param->id);
  double number = params->values[i].number;
  g_autofree char *text = ie_params_text (params, i);
  if (!spec)
    return;
  g_auto (GValue) value = G_VALUE_INIT;
  g_value_init (&value, spec->value_type);
  if (G_VALUE_HOLDS_DOUBLE (&value))
    g_value_set_double (&value, number);
  else if (G_VALUE_HOLDS_INT (&value))
    g_value_set_int (&value, (int) number);
  else if (G_VALUE_HOLDS_BOOLEAN (&value))
    g_value_set_boolean (&value, number != 0);
  else if (G_VALUE_HOLDS (&value, G_TYPE_FILE))
    g_value_take_object (&value, text && *text ? g_file_new_for_path (text) : NULL);
  else
    g_value_set_string (&value, text);
  g_object_set_property (config, param->id, &value);
}

/* Whether a step can be an effect; FALSE and error says why not. */
static gboolean
can_be_effect (const IeRecipeStep *step, GError **error)
{
  const char *why = step->mask      ? _ ("has a mask, which a layer effect has not")
                    : step->mix < 1 ? _ ("has a mix, which GIMP would compute otherwise")
                                    : NULL;
  if (why) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, "%s %s", step->filter->name, why);
    return FALSE;
  }
  for (int i = 0; i < step->params->count; i++) {
    const char *text = step->params->values[i].text;
    if (step->params->params[i].type == IE_PARAM_IMAGE && text && *text) {
      g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("%s=%s: a layer effect has no second picture of its own"),
                   step->params->params[i].id, text);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
append_step (GimpDrawable *drawable, const IeRecipeStep *step, GError **error)
{
  g_autofree char *operation = ie_operation_name (step->filter);
  GimpDrawableFilter *effect = gimp_drawable_filter_new (drawable, operation, step->filter->label);
  if (!effect) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("GIMP does not know %s: the GEGL module of imgenhance is not installed"), operation);
    return FALSE;
  }
  GObject *config = G_OBJECT (gimp_drawable_filter_get_config (effect));
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (config), "filter-version"))
    g_object_set (config, "filter-version", step->filter->version, NULL);
  for (int i = 0; i < step->params->count; i++)
    set_property (config, step->params, i);
  gimp_drawable_filter_set_blend_mode (effect, GIMP_LAYER_MODE_REPLACE);
  gimp_drawable_filter_set_opacity (effect, 1);
  gimp_drawable_append_filter (drawable, effect);
  return TRUE;
}

static GimpValueArray *
run_apply (GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config,
           gpointer data)
{
  GError *error = NULL;
  ie_face_begin ();
  GimpDrawable *drawable = only_drawable (drawables, &error);
  IeRecipe *recipe = drawable ? ie_config_recipe (config, mode, _ ("Apply Recipe as Layer Effects"), IE_APPLY_EFFECTS_PROCEDURE, drawable,
                                                  &error)
                              : NULL;
  gboolean good = recipe != NULL;
  /* All or nothing: what can be refused without trying is refused before the first. */
  for (guint i = 0; good && i < recipe->steps->len; i++)
    good = can_be_effect (recipe->steps->pdata[i], &error);
  gimp_image_undo_group_start (image);
  for (guint i = 0; good && i < recipe->steps->len; i++)
    good = append_step (drawable, recipe->steps->pdata[i], &error);
  gimp_image_undo_group_end (image);
  ie_recipe_free (recipe);
  return ie_procedure_end (procedure, mode, good, error);
}

/* ---- the procedures ---- */

static GimpProcedure *
new_procedure (GimpPlugIn *plugin, const char *name, GimpRunImageFunc run, const char *label, const char *summary,
               const char *help)
{
  GimpProcedure *procedure = gimp_image_procedure_new (plugin, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);
  gimp_procedure_set_image_types (procedure, "RGB*, GRAY*");
  gimp_procedure_set_sensitivity_mask (procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE);
  gimp_procedure_set_menu_label (procedure, label);
  gimp_procedure_add_menu_path (procedure, IE_MENU);
  gimp_procedure_set_documentation (procedure, summary, help, name);
  gimp_procedure_set_attribution (procedure, "imgenhance", "imgenhance", "2026");
  return procedure;
}

GimpProcedure *
ie_copy_effects_procedure_new (GimpPlugIn *plugin, const char *name)
{
  GimpProcedure *procedure = new_procedure (
      plugin, name, run_copy, _ ("Copy Layer Effects as Recipe..."), _ ("The layer's effects as a recipe"),
      _ ("Reads the visible effects of the layer and writes them as a recipe, which the command imgenhance apply --recipe takes. "
         "Effects that are not of imgenhance, or are blended otherwise than Replace at full opacity, are refused by name."));
  gimp_procedure_add_string_argument (procedure, "file", _ ("File"), _ ("A file to write the recipe to; empty: none"), "",
                                      G_PARAM_READWRITE);
  gimp_procedure_add_string_return_value (procedure, "recipe", _ ("Recipe"), _ ("The text of the recipe"), "", G_PARAM_READWRITE);
  return procedure;
}

GimpProcedure *
ie_apply_effects_procedure_new (GimpPlugIn *plugin, const char *name)
{
  GimpProcedure *procedure
      = new_procedure (plugin, name, run_apply, _ ("Apply Recipe as Layer Effects..."), _ ("The steps of a recipe as effects of the layer"),
                       _ ("Adds an effect to the layer for each step of a recipe, all of them or none."));
  gimp_procedure_add_string_argument (procedure, "recipe", _ ("Recipe"), _ (IE_RECIPE_ARGUMENT_HELP), "", G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (procedure, "file", _ ("File"), _ (IE_RECIPE_FILE_HELP), "", G_PARAM_READWRITE);
  return procedure;
}
