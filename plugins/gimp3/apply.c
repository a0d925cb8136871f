// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "core/i18n.h"
#include "plugins/common/apply.h"
#include "plugins/common/names.h"
#include "plugins/gimp3/plugin.h"

gboolean
ie_drawable_check (GimpDrawable *drawable, GError **error)
{
  if (gimp_item_is_group (GIMP_ITEM (drawable)))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         _ ("a layer group has no pixels of its own; choose a layer in it, or merge the group first"));
  else if (gimp_drawable_is_indexed (drawable))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         _ ("indexed colours cannot be filtered; convert the image to RGB or grayscale first"));
  else
    return TRUE;
  return FALSE;
}

/* ---- further pictures ---- */

static void
delete_image (gpointer image)
{
  gimp_image_delete (image);
}

/* image: loaded for this, and deleted with the source; NULL: none. */
static IeSource *
picture_of (GimpDrawable *drawable, GimpImage *image, GError **error)
{
  if (!ie_drawable_check (drawable, error))
    return NULL;
  GeglBuffer *buffer = gimp_drawable_get_buffer (drawable);
  IeSource *source = ie_buffer_picture_new (buffer, NULL, image ? delete_image : NULL, image, error);
  g_object_unref (buffer);
  return source;
}

IeSource *
ie_drawable_resolve (gpointer data, const char *text, GError **error)
{
  if (g_str_has_prefix (text, IE_DRAWABLE_PREFIX)) {
    GimpItem *item = gimp_item_get_by_id (atoi (text + strlen (IE_DRAWABLE_PREFIX)));
    if (GIMP_IS_DRAWABLE (item))
      return picture_of (GIMP_DRAWABLE (item), NULL, error);
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the further picture is not open any more"));
    return NULL;
  }
  g_autoptr (GFile) file = g_file_new_for_path (text);
  GimpImage *image = gimp_file_load (GIMP_RUN_NONINTERACTIVE, file);
  if (!image) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
                 _ ("picture %s: %s"), text, gimp_pdb_get_last_error (gimp_get_pdb ()));
    return NULL;
  }
  IeSource *source = picture_of (GIMP_DRAWABLE (gimp_image_flatten (image)), image, error);
  if (!source)
    gimp_image_delete (image);
  return source;
}

/* ---- the work ---- */

static void
show_progress (gpointer data, double fraction)
{
  gimp_progress_update (fraction);
}

static gboolean
apply (GimpDrawable *drawable, const IeRecipe *recipe, const IeRect *only, GError **error)
{
  GeglRectangle extent = { 0, 0, gimp_drawable_get_width (drawable), gimp_drawable_get_height (drawable) };
  GeglBuffer *in = gimp_drawable_get_buffer (drawable);
  IeBufferKind kind;
  /* The format's own space is the image's profile, or the built-in one. */
  gboolean good = ie_buffer_kind_init (&kind, gegl_buffer_get_format (in), extent.width, extent.height, NULL, error);
  if (good) {
    GeglBuffer *out = gimp_drawable_get_shadow_buffer (drawable);
    IeBufferJob job = { .recipe = recipe, .in = in, .out = out, .extent = extent, .kind = &kind, .only = *only,
                        .options = { .memory = ie_face_memory (), .resolve = ie_drawable_resolve,
                                     .progress = show_progress } };
    good = ie_buffer_apply (&job, NULL, error);
    /* Letting go of the buffers sends their last tiles to GIMP. */
    g_object_unref (out);
  }
  g_object_unref (in);
  ie_buffer_kind_clear (&kind);
  return good;
}

/* Whether the result can be merged, and where; FALSE and error says why not. */
static gboolean
place_of (GimpDrawable *drawable, IeRect *only, GError **error)
{
  if (!ie_drawable_check (drawable, error))
    return FALSE;
  if (gimp_item_get_lock_content (GIMP_ITEM (drawable)))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the pixels of this layer are locked; unlock them first"));
  else if (!gimp_drawable_mask_intersect (drawable, &only->x, &only->y, &only->width, &only->height))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the selection does not touch this layer"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
merge (GimpDrawable *drawable, const IeRect *only, GError **error)
{
  /* GIMP has reasons of its own to refuse, as a lock on the group around it. */
  if (!gimp_drawable_merge_shadow (drawable, TRUE)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, gimp_pdb_get_last_error (gimp_get_pdb ()));
    return FALSE;
  }
  gimp_drawable_update (drawable, only->x, only->y, only->width, only->height);
  return TRUE;
}

gboolean
ie_drawables_apply (GimpImage *image, GimpDrawable **drawables, const IeRecipe *recipe, const char *title,
                    GError **error)
{
  int count = 0;
  while (drawables && drawables[count])
    count++;
  if (count == 0) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("no layer, mask or channel is selected"));
    return FALSE;
  }
  gboolean good = TRUE;
  g_autofree IeRect *only = g_new0 (IeRect, count);
  for (int i = 0; good && i < count; i++)
    good = place_of (drawables[i], &only[i], error);
  if (!good)
    return FALSE;
  /* All results are there before the first is merged: cancel, which ends this process, leaves every layer as it was. */
  gimp_progress_init_printf ("%s", title);
  for (int i = 0; good && i < count; i++)
    good = apply (drawables[i], recipe, &only[i], error);
  if (good) {
    gimp_image_undo_group_start (image);
    for (int i = 0; good && i < count; i++)
      good = merge (drawables[i], &only[i], error);
    gimp_image_undo_group_end (image);
  }
  for (int i = 0; i < count; i++)
    gimp_drawable_free_shadow (drawables[i]);
  gimp_progress_end ();
  return good;
}
