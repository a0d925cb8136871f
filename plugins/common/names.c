// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/names.h"

#include "core/i18n.h"

#include <math.h>
#include <string.h>

char *
ie_procedure_name (const IeFilter *filter)
{
  return g_strconcat ("plug-in-imgenhance-", filter->name, NULL);
}

char *
ie_operation_name (const IeFilter *filter)
{
  return g_strconcat ("imgenhance:", filter->name, NULL);
}

char *
ie_menu_path (const IeFilter *filter)
{
  return g_strconcat (IE_MENU "/", filter->group, NULL);
}

char *
ie_step_text (const IeFilter *filter, const IeParams *params)
{
  IeRecipe *recipe = ie_recipe_new ();
  char *text = ie_recipe_step_text (ie_recipe_append (recipe, filter, ie_params_copy (params)));
  ie_recipe_free (recipe);
  return text;
}

char *
ie_menu_path_shown (const IeFilter *filter)
{
  return g_strconcat (IE_MENU "/", _ (filter->group), NULL);
}

char *
ie_menu_label (const IeFilter *filter)
{
  return g_strconcat (filter->label, "...", NULL);
}

char *
ie_menu_label_shown (const IeFilter *filter)
{
  return g_strconcat (_ (filter->label), "...", NULL);
}

void
ie_param_slider (const IeParam *param, double *low, double *high)
{
  gboolean own = param->slider_min != 0 || param->slider_max != 0;
  *low = own ? param->slider_min : param->min;
  *high = own ? param->slider_max : param->max;
}

char *
ie_param_help (const IeParam *param)
{
  GString *text = g_string_new (_ (param->summary));
  if (param->type == IE_PARAM_ENUM) {
    for (const IeChoice *choice = param->choices; choice->id; choice++)
      g_string_append_printf (text, "%s%s", choice == param->choices ? " (" : ", ", choice->id);
    g_string_append_c (text, ')');
  } else if (param->min < param->max) {
    g_autofree char *min = ie_number_text (param->min), *max = ie_number_text (param->max);
    const char *unit = ie_param_unit (param);
    g_string_append_printf (text, isfinite (param->max) ? _ (" (%s to %s%s%s)") : _ (" (from %s%.0s%s%s)"), min, max,
                            unit[0] ? " " : "", unit);
  }
  return g_string_free (text, FALSE);
}

char *
ie_filter_help (const IeFilter *filter)
{
  GString *text = g_string_new (_ (filter->summary));
  g_string_append_c (text, '.');
  for (const IeParam *param = filter->params; param->id; param++) {
    g_autofree char *help = ie_param_help (param);
    g_string_append_printf (text, " %s: %s", param->id, help);
  }
  return g_string_free (text, FALSE);
}
