// SPDX-License-Identifier: GPL-3.0-or-later
/* plug-in-imgenhance-similar: the relatives of an image in the user's folders, by the command that this executable is too. */
#include <unistd.h>

#include "core/i18n.h"
#include "plugins/common/names.h"
#include "plugins/common/query-picture.h"
#include "plugins/common/similar.h"
#include "plugins/dialog/similar-dialog.h"
#include "plugins/gimp2/plugin.h"

static const GimpParamDef arguments_of[] = {
  { GIMP_PDB_INT32, "run-mode", "The run mode { RUN-INTERACTIVE (0), RUN-NONINTERACTIVE (1) }" },
  { GIMP_PDB_IMAGE, "image", "The image" },
  { GIMP_PDB_DRAWABLE, "drawable", "Not looked at: all that is visible counts" },
  { GIMP_PDB_INT32, "top", IE_SIMILAR_TOP_HELP },
  { GIMP_PDB_FLOAT, "threshold", IE_SIMILAR_THRESHOLD_HELP },
  { GIMP_PDB_INT32, "turned", IE_SIMILAR_TURNED_HELP },
  { GIMP_PDB_INT32, "elsewhere", IE_SIMILAR_ELSEWHERE_HELP },
  { GIMP_PDB_STRING, "model", IE_SIMILAR_MODEL_HELP },
  { GIMP_PDB_STRING, "catalogue", IE_SIMILAR_CATALOGUE_HELP },
};

/* An array's length stands before it, each its own. */
static const GimpParamDef values_of[IE_SIMILAR_VALUES] = {
  { GIMP_PDB_INT32, "count", IE_SIMILAR_COUNT_HELP },
  { GIMP_PDB_STRINGARRAY, "paths", IE_SIMILAR_PATHS_HELP },
  { GIMP_PDB_INT32, "score-count", IE_SIMILAR_COUNT_HELP },
  { GIMP_PDB_FLOATARRAY, "scores", IE_SIMILAR_SCORES_HELP },
};

void
ie_similar_procedure_install (void)
{
  gimp_install_procedure (IE_SIMILAR_PROCEDURE, IE_SIMILAR_SUMMARY, IE_SIMILAR_HELP, "imgenhance", "imgenhance", "2026",
                          IE_SIMILAR_LABEL, "*", GIMP_PLUGIN, G_N_ELEMENTS (arguments_of), G_N_ELEMENTS (values_of), arguments_of,
                          values_of);
  gimp_plugin_menu_register (IE_SIMILAR_PROCEDURE, IE_MENU);
}

/* ---- the image ---- */

static gboolean
selected (gint32 image, GeglRectangle *part)
{
  gint any = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  if (!gimp_selection_bounds (image, &any, &x1, &y1, &x2, &y2) || !any)
    return FALSE;
  *part = (GeglRectangle){ x1, y1, x2 - x1, y2 - y1 };
  return TRUE;
}

/* The file that the image came from, or else that it went to; NULL: none. g_free(). */
static char *
file_of (gint32 image)
{
  g_autofree char *imported = gimp_image_get_imported_uri (image), *exported = gimp_image_get_exported_uri (image);
  const char *uri = imported ? imported : exported;
  return uri ? g_filename_from_uri (uri, NULL, NULL) : gimp_image_get_filename (image);
}

static char *
write_visible (gint32 image, gboolean selection, GError **error)
{
  if (!gimp_image_is_valid (image)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the image has been closed"));
    return NULL;
  }
  gint32 layer = gimp_layer_new_from_visible (image, image, "imgenhance");
  if (layer < 0) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the image cannot be read: %s"), gimp_get_pdb_error ());
    return NULL;
  }
  GeglRectangle part = { 0, 0, gimp_image_width (image), gimp_image_height (image) };
  GeglBuffer *buffer = gimp_drawable_get_buffer (layer);
  g_autoptr (GBytes) icc = ie_drawable_profile (layer);
  if (selection)
    selected (image, &part);
  char *path = ie_query_picture_write (buffer, &part, icc, error);
  g_object_unref (buffer);
  gimp_item_delete (layer);
  return path;
}

/* ---- the dialog ---- */

static char *
write_picture (gpointer data, gboolean selection, GError **error)
{
  return write_visible (GPOINTER_TO_INT (data), selection, error);
}

static gboolean
open_image (const char *path)
{
  gint32 image = gimp_file_load (GIMP_RUN_INTERACTIVE, path, path);
  /* Without a window, as in a console, the image is there all the same. */
  if (image >= 0)
    gimp_display_new (image);
  return image >= 0;
}

static gboolean
open_layers (gint32 image, const char *path)
{
  gint count = 0;
  g_autofree gint *layers = gimp_file_load_layers (GIMP_RUN_INTERACTIVE, image, path, &count);
  for (int i = count - 1; i >= 0; i--)
    gimp_image_insert_layer (image, layers[i], 0, 0);
  return layers != NULL;
}

static gboolean
open_picture (gpointer data, const char *path, gboolean as_layers)
{
  return as_layers ? open_layers (GPOINTER_TO_INT (data), path) : open_image (path);
}

static gboolean
begin_layers (gpointer data)
{
  return gimp_image_undo_group_start (GPOINTER_TO_INT (data));
}

static void
end_layers (gpointer data)
{
  gimp_image_undo_group_end (GPOINTER_TO_INT (data));
}

static const char *
why (void)
{
  return gimp_get_pdb_error ();
}

static void
ask (gint32 image)
{
  GeglRectangle part;
  IeSimilarPlace place = { .file = file_of (image), .has_selection = selected (image, &part), .write = write_picture,
                           .open = open_picture, .begin = begin_layers, .end = end_layers, .why = why, .data = GINT_TO_POINTER (image) };
  gimp_ui_init ("imgenhance", FALSE);
  ie_similar_dialog_run (IE_SIMILAR_PROCEDURE, &place);
  g_free (place.file);
}

/* ---- the procedure ---- */

static void
append_values (GArray *values, const GPtrArray *found)
{
  char **paths;
  double *scores;
  ie_similar_values (found, &paths, &scores);
  /* They are GIMP's when this process has sent them, and it ends then. */
  GimpParam all[] = { { .type = GIMP_PDB_INT32, .data.d_int32 = (gint32) found->len },
                      { .type = GIMP_PDB_STRINGARRAY, .data.d_stringarray = paths },
                      { .type = GIMP_PDB_INT32, .data.d_int32 = (gint32) found->len },
                      { .type = GIMP_PDB_FLOATARRAY, .data.d_floatarray = scores } };
  g_array_append_vals (values, all, G_N_ELEMENTS (all));
}

static gboolean
find (gint32 image, const GimpParam *arguments, GArray *values, GError **error)
{
  g_autofree char *file = file_of (image);
  IeSimilarJob job = { .instead_of = file, .top = arguments[3].data.d_int32, .threshold = arguments[4].data.d_float,
                       .turned = arguments[5].data.d_int32 != 0, .elsewhere = arguments[6].data.d_int32 != 0,
                       .model = arguments[7].data.d_string, .catalogue = arguments[8].data.d_string };
  if (!ie_similar_check (&job, error))
    return FALSE;
  g_autofree char *picture = write_visible (image, FALSE, error);
  if (!picture)
    return FALSE;
  job.picture = picture;
  g_autoptr (GPtrArray) found = ie_similar_run (&job, error);
  unlink (picture);
  if (found)
    append_values (values, found);
  return found != NULL;
}

gboolean
ie_similar_procedure_run (int count, const GimpParam *arguments, GArray *values, GError **error)
{
  gint32 image = count > 1 ? arguments[1].data.d_image : -1;
  gboolean interactive = count > 0 && arguments[0].data.d_int32 != GIMP_RUN_NONINTERACTIVE;
  if (!interactive && count != G_N_ELEMENTS (arguments_of))
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%d arguments were given, %d are needed"), count, (int) G_N_ELEMENTS (arguments_of));
  else if (!gimp_image_is_valid (image))
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%d is no image"), image);
  else if (!interactive)
    return find (image, arguments, values, error);
  else {
    GPtrArray *none = g_ptr_array_new ();
    ask (image);
    append_values (values, none);
    g_ptr_array_unref (none);
    return TRUE;
  }
  return FALSE;
}
