// SPDX-License-Identifier: GPL-3.0-or-later
/* Shows the dialogs' preview in a window of its own, without GIMP:
 *
 *   tool-preview-gtk2 [--size WIDTHxHEIGHT] [--zoom Z] [--before] [--split PLACE] [--tile N] [--alpha] [--selection] [--save PNG]
 *                     [--drag PARAMETER=FROM:TO:STEPS] PICTURE STEP...
 *
 * --tile repeats the picture until it has N megapixels. --drag moves a number of the last step as a slider would, a move when
 * the last was seen, and prints how long each took; IMGENHANCE_PREVIEW_TIMES prints all. --save: writes what is seen once it is
 * exact, and ends. */
#include "imageio/imageio.h"
#include "plugins/dialog/preview.h"

#include <stdlib.h>
#include <string.h>

static struct {
  char *size, *split, *save, *drag;
  double zoom;
  int tile;
  gboolean before, alpha, selection;
  char **rest;
} options;

static GOptionEntry entries[] = {
  { "size", 0, 0, G_OPTION_ARG_STRING, &options.size, "of the window", "WIDTHxHEIGHT" },
  { "zoom", 0, 0, G_OPTION_ARG_DOUBLE, &options.zoom, "0: as large as fits", "Z" },
  { "before", 0, 0, G_OPTION_ARG_NONE, &options.before, "the picture as it was", NULL },
  { "split", 0, 0, G_OPTION_ARG_STRING, &options.split, "line, 0 to 1", "PLACE" },
  { "tile", 0, 0, G_OPTION_ARG_INT, &options.tile, "megapixels", "N" },
  { "alpha", 0, 0, G_OPTION_ARG_NONE, &options.alpha, "makes some of it transparent", NULL },
  { "selection", 0, 0, G_OPTION_ARG_NONE, &options.selection, "of its upper left, with a soft edge", NULL },
  { "save", 0, 0, G_OPTION_ARG_STRING, &options.save, "what is seen", "PNG" },
  { "drag", 0, 0, G_OPTION_ARG_STRING, &options.drag, "a number of the last step", "PARAMETER=FROM:TO:STEPS" },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.rest, NULL, NULL },
  { NULL }
};

static GtkWidget *window, *preview;
static IeRecipe *recipe;
static int moves, move;

static void
fail (GError *error)
{
  g_printerr ("tool-preview: %s\n", error->message);
  exit (1);
}

/* ---- the picture ---- */

/* 8-bit RGB, or RGBA whose left is transparent. */
static GeglBuffer *
read_picture (const char *path)
{
  GError *error = NULL;
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  if (!source)
    fail (error);
  int width = source->header.width, height = source->header.height, times = 1;
  while (options.tile && (gint64) width * height * times * times < options.tile * G_GINT64_CONSTANT (1000000))
    times++;
  g_autofree guint8 *rgb = g_malloc ((gsize) width * (gsize) height * 3);
  if (source->header.channels != 3 || source->header.depth != IE_DEPTH_U8 ||
      !source->read (source, ie_rect_whole (&source->header), rgb, width * 3, &error))
    g_error ("%s", error ? error->message : "not 8-bit RGB");
  ie_source_free (source);
  GeglRectangle extent = { 0, 0, width * times, height * times };
  GeglBuffer *buffer = gegl_buffer_new (&extent, babl_format (options.alpha ? "R'G'B'A u8" : "R'G'B' u8"));
  for (int i = 0; i < times * times; i++) {
    GeglRectangle place = { i % times * width, i / times * height, width, height };
    gegl_buffer_set (buffer, &place, 0, babl_format ("R'G'B' u8"), rgb, width * 3);
  }
  if (options.alpha) {
    GeglRectangle left = { 0, 0, extent.width / 3, extent.height / 2 };
    g_autofree guint8 *clear = g_malloc ((gsize) left.width * (gsize) left.height * 4);
    gegl_buffer_get (buffer, &left, 1, babl_format ("R'G'B'A u8"), clear, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
    for (int i = 0; i < left.width * left.height; i++)
      clear[4 * i + 3] = (guint8) (255 * (i % left.width) / left.width);
    gegl_buffer_set (buffer, &left, 0, babl_format ("R'G'B'A u8"), clear, GEGL_AUTO_ROWSTRIDE);
  }
  return buffer;
}

/* A mask of an image that is larger than the picture by 10 pixels on each side. */
static void
select_some (const GeglRectangle *extent)
{
  GeglRectangle image = { 0, 0, extent->width + 20, extent->height + 20 }, row = { 0, 0, image.width, 1 };
  GeglBuffer *mask = gegl_buffer_new (&image, babl_format ("Y u8"));
  g_autofree guint8 *data = g_malloc ((gsize) image.width);
  for (row.y = 0; row.y < image.height * 2 / 3; row.y++) {
    for (int x = 0; x < image.width; x++)
      data[x] = (guint8) CLAMP (255 * 3 - 255 * 6 * x / image.width, 0, 255);
    gegl_buffer_set (mask, &row, 0, babl_format ("Y u8"), data, GEGL_AUTO_ROWSTRIDE);
  }
  ie_preview_set_selection (preview, mask, 10, 10);
  g_object_unref (mask);
}

/* ---- a slider ---- */

static void
make_move (void)
{
  char **parts = g_strsplit_set (options.drag, "=:", 4);
  double from = g_ascii_strtod (parts[1], NULL), to = g_ascii_strtod (parts[2], NULL);
  moves = atoi (parts[3]);
  IeRecipeStep *step = recipe->steps->pdata[recipe->steps->len - 1];
  g_autofree char *text = ie_number_text (from + (to - from) * move / MAX (moves - 1, 1));
  GError *error = NULL;
  if (strcmp (parts[0], "mix") == 0)
    step->mix = g_ascii_strtod (text, NULL);
  else if (!ie_params_set (step->params, parts[0], text, &error))
    fail (error);
  g_strfreev (parts);
  move++;
  ie_preview_set (preview, recipe, move < moves);
}

/* ---- the end ---- */

static gboolean
save (gpointer data)
{
  GdkWindow *gdk = gtk_widget_get_window (window);
#if GTK_MAJOR_VERSION >= 3
  GdkPixbuf *pixels = gdk_pixbuf_get_from_window (gdk, 0, 0, gdk_window_get_width (gdk), gdk_window_get_height (gdk));
#else
  GdkPixbuf *pixels = gdk_pixbuf_get_from_drawable (NULL, gdk, NULL, 0, 0, 0, 0, gdk_window_get_width (gdk),
                                                    gdk_window_get_height (gdk));
#endif
  if (pixels && options.save)
    gdk_pixbuf_save (pixels, options.save, "png", NULL, NULL);
  g_clear_object (&pixels);
  gtk_main_quit ();
  return G_SOURCE_REMOVE;
}

static gboolean
next (gpointer data)
{
  make_move ();
  return G_SOURCE_REMOVE;
}

static void
changed (gpointer data, GtkWidget *widget)
{
  static guint seen;
  const IeRendering *shown = preview ? ie_preview_rendering (preview) : NULL;
  if (!shown)
    return;
  if (options.drag && move < moves && (move > 0 || shown->exact)) {
    if (shown->serial == seen && move > 0)
      return;
    seen = shown->serial;
    g_timeout_add (30, next, NULL); /* after it was drawn */
  } else if ((options.save || options.drag) && ie_preview_is_exact (preview)) {
    g_timeout_add (300, save, NULL);
  }
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  if (!gtk_init_with_args (&argc, &argv, "PICTURE STEP...", entries, NULL, &error))
    fail (error);
  gegl_init (NULL, NULL);
  if (!options.rest)
    g_error ("no picture");
  recipe = ie_recipe_new ();
  for (char **step = options.rest + 1; *step; step++)
    if (!ie_recipe_add (recipe, *step, &error))
      fail (error);
  GeglBuffer *buffer = read_picture (options.rest[0]);
  IeBufferKind kind;
  const GeglRectangle *extent = gegl_buffer_get_extent (buffer);
  if (!ie_buffer_kind_init (&kind, gegl_buffer_get_format (buffer), extent->width, extent->height, NULL, &error))
    fail (error);
  moves = options.drag ? 1 : 0;
  IePreviewHooks hooks = { .changed = changed };
  preview = ie_preview_new (buffer, extent, &kind, &hooks);
  if (options.selection)
    select_some (extent);
  g_object_unref (buffer);
  ie_buffer_kind_clear (&kind);
  int width = 620, height = 480;
  if (options.size) {
    width = atoi (options.size);
    height = strchr (options.size, 'x') ? atoi (strchr (options.size, 'x') + 1) : height;
  }
  window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  gtk_window_set_title (GTK_WINDOW (window), "imgenhance preview");
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_container_set_border_width (GTK_CONTAINER (window), 6);
  gtk_container_add (GTK_CONTAINER (window), preview);
  g_signal_connect (window, "destroy", G_CALLBACK (gtk_main_quit), NULL);
  gtk_widget_show_all (window);
  ie_preview_set_zoom (preview, options.zoom);
  ie_preview_set_before (preview, options.before);
  if (options.split)
    ie_preview_set_split (preview, g_ascii_strtod (options.split, NULL));
  ie_preview_set (preview, recipe, FALSE);
  gtk_main ();
  g_signal_handlers_disconnect_by_func (window, G_CALLBACK (gtk_main_quit), NULL);
  gtk_widget_destroy (window);
  ie_recipe_free (recipe);
  gegl_exit ();
  return 0;
}
