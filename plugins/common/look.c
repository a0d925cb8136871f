// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/look.h"

#include "core/i18n.h"
#include "plugins/common/reduce.h"

static gboolean
is_whole (const IeRecipe *recipe)
{
  gboolean whole = FALSE;
  for (guint i = 0; i < recipe->steps->len && !whole; i++) {
    const IeRecipeStep *step = recipe->steps->pdata[i];
    whole = step->filter->filter_class == IE_WHOLE;
    if (!step->filter->expand)
      continue;
    IeRecipe *parts = ie_recipe_new ();
    whole = whole || (step->filter->expand (step->params, parts, NULL) && is_whole (parts));
    ie_recipe_free (parts);
  }
  return whole;
}

static IePicture *
read_picture (const char *text, IeResolve resolve, gpointer resolve_data, GError **error)
{
  if (!resolve) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("picture %s cannot be read"), text);
    return NULL;
  }
  IeSource *source = resolve (resolve_data, text, error);
  IePicture *picture = source ? ie_picture_read (source, error) : NULL;
  ie_source_free (source);
  return picture;
}

static void
add_picture (IeLook *look, const char *text, const IeLook *before, IeResolve resolve, gpointer resolve_data)
{
  if (!text || !*text || g_hash_table_contains (look->pictures, text) || g_hash_table_contains (look->missing, text))
    return;
  GError *error = NULL;
  IePicture *known = before ? g_hash_table_lookup (before->pictures, text) : NULL;
  const char *why = before ? g_hash_table_lookup (before->missing, text) : NULL;
  IePicture *picture = known ? ie_picture_ref (known) : why ? NULL : read_picture (text, resolve, resolve_data, &error);
  if (picture)
    g_hash_table_insert (look->pictures, g_strdup (text), picture);
  else
    g_hash_table_insert (look->missing, g_strdup (text), g_strdup (error ? error->message : why));
  g_clear_error (&error);
}

IeLook *
ie_look_new (const IeRecipe *recipe, const IeLook *before, IeResolve resolve, gpointer resolve_data)
{
  IeLook *look = g_new0 (IeLook, 1);
  g_atomic_ref_count_init (&look->references);
  look->recipe = ie_recipe_reduced (recipe, 1);
  look->text = ie_recipe_text (recipe);
  look->whole = is_whole (recipe);
  look->pictures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ie_picture_unref);
  look->missing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < recipe->steps->len; i++) {
    const IeRecipeStep *step = recipe->steps->pdata[i];
    add_picture (look, step->mask, before, resolve, resolve_data);
    for (int p = 0; p < step->params->count; p++)
      if (step->params->params[p].type == IE_PARAM_IMAGE)
        add_picture (look, step->params->values[p].text, before, resolve, resolve_data);
  }
  return look;
}

IeLook *
ie_look_ref (IeLook *look)
{
  g_atomic_ref_count_inc (&look->references);
  return look;
}

void
ie_look_unref (IeLook *look)
{
  if (!look || !g_atomic_ref_count_dec (&look->references))
    return;
  ie_recipe_free (look->recipe);
  g_free (look->text);
  g_hash_table_unref (look->pictures);
  g_hash_table_unref (look->missing);
  g_free (look);
}
