// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "plugins/common/names.h"
#include "plugins/common/recipe.h"
#include "plugins/dialog/filter-dialog.h"
#include "plugins/dialog/recipe-dialog.h"
#include "plugins/gimp2/plugin.h"

/* The file that a drawable's image lies in. */
static char *
file_of (const char *text)
{
  gint32 image = gimp_item_get_image (atoi (text + strlen (IE_DRAWABLE_PREFIX)));
  return image >= 0 ? gimp_image_get_filename (image) : NULL;
}

/* Something that asks about a drawable's pixels. */
typedef gboolean (*Ask) (const IeDialogPlace *place, gpointer data);

static gboolean
ask_about (gint32 drawable, Ask ask, gpointer data, GError **error)
{
  if (!ie_drawable_check (drawable, error))
    return FALSE;
  GeglRectangle extent = { 0, 0, gimp_drawable_width (drawable), gimp_drawable_height (drawable) };
  g_autoptr (GBytes) icc = ie_drawable_profile (drawable);
  g_autofree char *file = gimp_image_get_filename (gimp_item_get_image (drawable));
  IeBufferKind kind;
  if (!ie_buffer_kind_init (&kind, gimp_drawable_get_format (drawable), extent.width, extent.height, icc, error))
    return FALSE;
  gimp_ui_init ("imgenhance", TRUE);
  IeDialogPlace place = { .buffer = gimp_drawable_get_buffer (drawable), .extent = extent, .kind = &kind,
                          .resolve = ie_drawable_resolve, .file = file, .file_of = file_of };
  gboolean good = ask (&place, data);
  g_object_unref (place.buffer);
  ie_buffer_kind_clear (&kind);
  return good;
}

typedef struct {
  const IeFilter *filter;
  IeParams **params;
} Values;

static gboolean
ask_values (const IeDialogPlace *place, gpointer data)
{
  const Values *values = data;
  return ie_filter_dialog_run (place, values->filter, values->params);
}

gboolean
ie_drawable_ask (gint32 drawable, const IeFilter *filter, IeParams **params, GError **error)
{
  return ask_about (drawable, ask_values, &(Values){ filter, params }, error);
}

static gboolean
ask_recipe (const IeDialogPlace *place, gpointer data)
{
  return ie_recipe_dialog_run (place, _ (IE_RECIPE_TITLE), IE_RECIPE_PROCEDURE, data);
}

gboolean
ie_drawable_ask_recipe (gint32 drawable, IeRecipe **recipe, GError **error)
{
  return ask_about (drawable, ask_recipe, recipe, error);
}
