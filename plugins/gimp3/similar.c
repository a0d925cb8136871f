// SPDX-License-Identifier: GPL-3.0-or-later
/* plug-in-imgenhance-similar: the relatives of an image in the user's folders, by the command that this executable is too. */
#include <unistd.h>

#include "core/i18n.h"
#include "plugins/common/names.h"
#include "plugins/common/query-picture.h"
#include "plugins/common/similar.h"
#include "plugins/common/start.h"
#include "plugins/dialog/similar-dialog.h"
#include "plugins/gimp3/plugin.h"

/* ---- the image ---- */

static gboolean
selected (GimpImage *image, GeglRectangle *part)
{
  gboolean any = FALSE;
  gint x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  if (!gimp_selection_bounds (image, &any, &x1, &y1, &x2, &y2) || !any)
    return FALSE;
  *part = (GeglRectangle){ x1, y1, x2 - x1, y2 - y1 };
  return TRUE;
}

static char *
write_visible (GimpImage *image, gboolean selection, GError **error)
{
  if (!gimp_image_is_valid (image)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the image has been closed"));
    return NULL;
  }
  GimpLayer *layer = gimp_layer_new_from_visible (image, image, "imgenhance");
  if (!layer) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the image cannot be read: %s"), gimp_pdb_get_last_error (gimp_get_pdb ()));
    return NULL;
  }
  GeglRectangle part = { 0, 0, gimp_image_get_width (image), gimp_image_get_height (image) };
  GeglBuffer *buffer = gimp_drawable_get_buffer (GIMP_DRAWABLE (layer));
  if (selection)
    selected (image, &part);
  char *path = ie_query_picture_write (buffer, &part, NULL, error);
  g_object_unref (buffer);
  gimp_item_delete (GIMP_ITEM (layer));
  return path;
}

/* The file that the image came from, or else that it went to; NULL: none. g_free(). */
static char *
file_of (GimpImage *image)
{
  GFile *file = gimp_image_get_imported_file (image);
  file = file ? file : gimp_image_get_exported_file (image);
  file = file ? file : gimp_image_get_file (image);
  return file ? g_file_get_path (file) : NULL;
}

/* ---- the dialog ---- */

static char *
write_picture (gpointer data, gboolean selection, GError **error)
{
  return write_visible (data, selection, error);
}

#define SERVICE "org.gimp.GIMP.UI"
#define SERVICE_PATH "/org/gimp/GIMP/UI"
#define PATIENCE 2000 /* ms: GIMP only notes what it is to open */

static GVariant *
call (GDBusConnection *bus, const char *name, const char *path, const char *method, const char *argument, const char *reply)
{
  return g_dbus_connection_call_sync (bus, name, path, name, method, g_variant_new ("(s)", argument), G_VARIANT_TYPE (reply),
                                      G_DBUS_CALL_FLAGS_NO_AUTO_START, PATIENCE, NULL, NULL);
}

/* What a plug-in loads has neither file nor name in GIMP 3.0; what GIMP opens itself, as its own service on the desktop's bus does, has both.
 * Only where that service is of the GIMP that runs this. */
static gboolean
ask_gimp (GFile *file)
{
  GDBusConnection *bus = g_getenv ("DBUS_SESSION_BUS_ADDRESS") ? g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL) : NULL;
  if (!bus)
    return FALSE;
  g_autofree char *uri = g_file_get_uri (file);
  guint32 owner = 0;
  gboolean good = FALSE;
  GVariant *answer = call (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "GetConnectionUnixProcessID", SERVICE, "(u)");
  if (answer)
    g_variant_get (answer, "(u)", &owner);
  g_clear_pointer (&answer, g_variant_unref);
  if (owner == (guint32) getppid ())
    answer = call (bus, SERVICE, SERVICE_PATH, "Open", uri, "(b)");
  if (answer)
    g_variant_get (answer, "(b)", &good);
  g_clear_pointer (&answer, g_variant_unref);
  g_object_unref (bus);
  return good;
}

static gboolean
open_image (GFile *file)
{
  if (ask_gimp (file))
    return TRUE;
  GimpImage *image = gimp_file_load (GIMP_RUN_INTERACTIVE, file);
  /* Without a window, as in a console, the image is there all the same. */
  if (image)
    gimp_display_new (image);
  return image != NULL;
}

static gboolean
open_layers (GimpImage *image, GFile *file)
{
  g_autofree GimpLayer **layers = gimp_file_load_layers (GIMP_RUN_INTERACTIVE, image, file);
  int count = 0;
  while (layers && layers[count])
    count++;
  for (int i = count - 1; i >= 0; i--)
    gimp_image_insert_layer (image, layers[i], NULL, 0);
  if (count == 1) { /* GIMP 3.2 leaves it the name that it has in the file, which is "Background" for most. */
    g_autofree char *name = g_file_get_basename (file);
    gimp_item_set_name (GIMP_ITEM (layers[0]), name);
  }
  return count > 0;
}

static gboolean
open_picture (gpointer data, const char *path, gboolean as_layers)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  return as_layers ? open_layers (data, file) : open_image (file);
}

static gboolean
begin_layers (gpointer data)
{
  return gimp_image_undo_group_start (data);
}

static void
end_layers (gpointer data)
{
  gimp_image_undo_group_end (data);
}

static const char *
why (void)
{
  return gimp_pdb_get_last_error (gimp_get_pdb ());
}

static void
ask (GimpImage *image)
{
  GeglRectangle part;
  IeSimilarPlace place = { .file = file_of (image), .has_selection = selected (image, &part), .write = write_picture,
                           .open = open_picture, .begin = begin_layers, .end = end_layers, .why = why, .data = image };
  gimp_ui_init ("imgenhance");
  ie_similar_dialog_run (IE_SIMILAR_PROCEDURE, &place);
  g_free (place.file);
}

/* ---- the procedure ---- */

static GPtrArray *
find (GimpImage *image, GimpProcedureConfig *config, GError **error)
{
  g_autofree char *known = file_of (image), *given = NULL, *model = NULL, *catalogue = NULL;
  IeSimilarJob job = { 0 };
  g_object_get (config, "top", &job.top, "threshold", &job.threshold, "turned", &job.turned, "elsewhere", &job.elsewhere, "model", &model,
                "catalogue", &catalogue, "file", &given, NULL);
  job.instead_of = given && *given ? given : known;
  job.model = model;
  job.catalogue = catalogue;
  if (!ie_similar_check (&job, error))
    return NULL;
  g_autofree char *picture = write_visible (image, FALSE, error);
  if (!picture)
    return NULL;
  job.picture = picture;
  GPtrArray *found = ie_similar_run (&job, error);
  unlink (picture);
  return found;
}

static void
set_values (GimpValueArray *values, const GPtrArray *found)
{
  char **paths;
  double *scores;
  ie_similar_values (found, &paths, &scores);
  GIMP_VALUES_SET_INT (values, 1, (int) found->len);
  GIMP_VALUES_TAKE_STRV (values, 2, paths);
  GIMP_VALUES_SET_DOUBLE_ARRAY (values, 3, scores, found->len);
  g_free (scores);
}

static GimpValueArray *
run (GimpProcedure *procedure, GimpRunMode mode, GimpImage *image, GimpDrawable **drawables, GimpProcedureConfig *config,
     gpointer data)
{
  GError *error = NULL;
  ie_face_begin ();
  g_autoptr (GPtrArray) found = NULL;
  if (mode != GIMP_RUN_NONINTERACTIVE) {
    ask (image);
    found = g_ptr_array_new ();
  } else {
    found = find (image, config, &error);
  }
  GimpValueArray *values = ie_procedure_end (procedure, mode, found != NULL, error);
  if (found)
    set_values (values, found);
  return values;
}

GimpProcedure *
ie_similar_procedure_new (GimpPlugIn *plugin, const char *name)
{
  GimpProcedure *procedure = gimp_image_procedure_new (plugin, name, GIMP_PDB_PROC_TYPE_PLUGIN, run, NULL, NULL);
  gimp_procedure_set_image_types (procedure, "*");
  gimp_procedure_set_sensitivity_mask (procedure, GIMP_PROCEDURE_SENSITIVE_DRAWABLE | GIMP_PROCEDURE_SENSITIVE_DRAWABLES |
                                                    GIMP_PROCEDURE_SENSITIVE_NO_DRAWABLES);
  gimp_procedure_set_menu_label (procedure, _ (IE_SIMILAR_LABEL));
  gimp_procedure_add_menu_path (procedure, IE_MENU);
  gimp_procedure_set_documentation (procedure, _ (IE_SIMILAR_SUMMARY), _ (IE_SIMILAR_HELP), name);
  gimp_procedure_set_attribution (procedure, "imgenhance", "imgenhance", "2026");
  gimp_procedure_add_int_argument (procedure, "top", _ ("Pictures at most"), _ (IE_SIMILAR_TOP_HELP), 1, IE_SIMILAR_TOP_MOST,
                                   IE_SIMILAR_TOP, G_PARAM_READWRITE);
  gimp_procedure_add_double_argument (procedure, "threshold", _ ("Minimum score"), _ (IE_SIMILAR_THRESHOLD_HELP), 0, 1,
                                      IE_SIMILAR_THRESHOLD, G_PARAM_READWRITE);
  gimp_procedure_add_boolean_argument (procedure, "turned", _ ("Mirrored and turned"), _ (IE_SIMILAR_TURNED_HELP), FALSE,
                                       G_PARAM_READWRITE);
  gimp_procedure_add_boolean_argument (procedure, "elsewhere", _ ("Elsewhere"), _ (IE_SIMILAR_ELSEWHERE_HELP), FALSE, G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (procedure, "model", _ ("Similar by"), _ (IE_SIMILAR_MODEL_HELP), "", G_PARAM_READWRITE);
  gimp_procedure_add_string_argument (procedure, "catalogue", _ ("Catalogue"), _ (IE_SIMILAR_CATALOGUE_HELP), "", G_PARAM_READWRITE);
  /* What a script loads has no file in GIMP 3.0: only its own windows tell an image where it came from. */
  gimp_procedure_add_string_argument (procedure, "file", _ ("File"), _ (IE_SIMILAR_FILE_HELP), "", G_PARAM_READWRITE);
  gimp_procedure_add_int_return_value (procedure, "count", _ ("Count"), _ (IE_SIMILAR_COUNT_HELP), 0, G_MAXINT, 0, G_PARAM_READWRITE);
  gimp_procedure_add_string_array_return_value (procedure, "paths", _ ("Paths"), _ (IE_SIMILAR_PATHS_HELP), G_PARAM_READWRITE);
  gimp_procedure_add_double_array_return_value (procedure, "scores", _ ("Scores"), _ (IE_SIMILAR_SCORES_HELP), G_PARAM_READWRITE);
  return procedure;
}
