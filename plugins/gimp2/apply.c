// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "core/i18n.h"
#include "plugins/common/apply.h"
#include "plugins/common/names.h"
#include "plugins/gimp2/plugin.h"

gboolean
ie_drawable_check (gint32 drawable, GError **error)
{
  if (!gimp_item_is_valid (drawable) || !gimp_item_is_drawable (drawable))
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%d is no drawable"), drawable);
  else if (gimp_item_is_group (drawable))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         _ ("a layer group has no pixels of its own; choose a layer in it, or merge the group first"));
  else if (gimp_drawable_is_indexed (drawable))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         _ ("indexed colours cannot be filtered; convert the image to RGB or grayscale first"));
  else
    return TRUE;
  return FALSE;
}

GBytes *
ie_drawable_profile (gint32 drawable)
{
  if (!gimp_item_is_layer (drawable))
    return NULL;
  GimpColorProfile *profile = gimp_image_get_effective_color_profile (gimp_item_get_image (drawable));
  GimpColorProfile *usual = gimp_drawable_is_gray (drawable) ? gimp_color_profile_new_d65_gray_srgb_trc ()
                                                             : gimp_color_profile_new_rgb_srgb ();
  GBytes *bytes = NULL;
  if (profile && !gimp_color_profile_is_equal (profile, usual)) {
    gsize length;
    const guint8 *icc = gimp_color_profile_get_icc_profile (profile, &length);
    bytes = g_bytes_new (icc, length);
  }
  g_clear_object (&profile);
  g_object_unref (usual);
  return bytes;
}

/* ---- further pictures ---- */

static void
delete_image (gpointer image)
{
  gimp_image_delete (GPOINTER_TO_INT (image));
}

/* image: loaded for this, and deleted with the source; -1: none. */
static IeSource *
picture_of (gint32 drawable, gint32 image, GError **error)
{
  if (!ie_drawable_check (drawable, error))
    return NULL;
  GeglBuffer *buffer = gimp_drawable_get_buffer (drawable);
  g_autoptr (GBytes) icc = ie_drawable_profile (drawable);
  IeSource *source = ie_buffer_picture_new (buffer, icc, image >= 0 ? delete_image : NULL, GINT_TO_POINTER (image), error);
  g_object_unref (buffer);
  return source;
}

IeSource *
ie_drawable_resolve (gpointer data, const char *text, GError **error)
{
  if (g_str_has_prefix (text, IE_DRAWABLE_PREFIX))
    return picture_of (atoi (text + strlen (IE_DRAWABLE_PREFIX)), -1, error);
  gint32 image = gimp_file_load (GIMP_RUN_NONINTERACTIVE, text, text);
  if (image < 0) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("picture %s: %s"), text, gimp_get_pdb_error ());
    return NULL;
  }
  IeSource *source = picture_of (gimp_image_flatten (image), image, error);
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
apply (gint32 drawable, const IeRecipe *recipe, const IeRect *only, GError **error)
{
  GeglRectangle extent = { 0, 0, gimp_drawable_width (drawable), gimp_drawable_height (drawable) };
  g_autoptr (GBytes) icc = ie_drawable_profile (drawable);
  IeBufferKind kind;
  if (!ie_buffer_kind_init (&kind, gimp_drawable_get_format (drawable), extent.width, extent.height, icc, error))
    return FALSE;
  IeBufferJob job = { .recipe = recipe, .in = gimp_drawable_get_buffer (drawable), .extent = extent,
                      .out = gimp_drawable_get_shadow_buffer (drawable), .kind = &kind, .only = *only,
                      .options = { .memory = ie_face_memory (), .resolve = ie_drawable_resolve, .progress = show_progress } };
  gboolean good = ie_buffer_apply (&job, NULL, error);
  /* Letting go of the buffers sends their last tiles to GIMP. */
  g_object_unref (job.in);
  g_object_unref (job.out);
  ie_buffer_kind_clear (&kind);
  return good;
}

gboolean
ie_drawable_apply (gint32 drawable, const IeRecipe *recipe, const char *title, GError **error)
{
  IeRect only;
  if (!ie_drawable_check (drawable, error))
    return FALSE;
  if (gimp_item_get_lock_content (drawable)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the pixels of this layer are locked; unlock them first"));
    return FALSE;
  }
  if (!gimp_drawable_mask_intersect (drawable, &only.x, &only.y, &only.width, &only.height)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the selection does not touch this layer"));
    return FALSE;
  }
  gimp_progress_init_printf ("%s", title);
  gboolean good = apply (drawable, recipe, &only, error);
  /* GIMP has reasons of its own to refuse, as a lock on the group around it. */
  if (good && !gimp_drawable_merge_shadow (drawable, TRUE)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, gimp_get_pdb_error ());
    good = FALSE;
  }
  if (good)
    gimp_drawable_update (drawable, only.x, only.y, only.width, only.height);
  gimp_drawable_free_shadow (drawable);
  gimp_progress_end ();
  return good;
}
