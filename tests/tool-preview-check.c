// SPDX-License-Identifier: GPL-3.0-or-later
/* The dialogs' preview on a screen (tests/test-preview.sh brings one): what it calls exact are the result's bytes, and at whole
 * zooms they are the screen's; keys, wheel and mouse do what they should; it can go away at any time. */
#include "plugins/dialog/preview.h"
#include "tests/layer.h"

#include <gdk/gdkkeysyms.h>
#include <math.h>

#define WIDTH 640
#define HEIGHT 440

static GtkWidget *window, *preview, *area;
static Layer *layer;

/* ---- a window ---- */

static void
settle (void)
{
  while (gtk_events_pending ())
    gtk_main_iteration ();
}

static gboolean
wake (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Until what is seen is exact, and was drawn. */
static void
wait_exact (void)
{
  gint64 end = g_get_monotonic_time () + 120 * G_TIME_SPAN_SECOND;
  guint source = g_timeout_add (5, wake, NULL);
  settle ();
  while (!ie_preview_is_exact (preview) && g_get_monotonic_time () < end)
    gtk_main_iteration ();
  g_source_remove (source);
  g_assert_true (ie_preview_is_exact (preview));
  settle ();
}

static void
find_area (GtkWidget *widget, gpointer data)
{
  if (GTK_IS_DRAWING_AREA (widget))
    area = widget;
}

static void
open_window (int width, int height, gboolean has_alpha)
{
  layer = layer_new (width, height, 3, has_alpha, IE_DEPTH_U8, 5);
  preview = ie_preview_new (layer->buffer, &layer->extent, &layer->kind, NULL);
  gtk_container_foreach (GTK_CONTAINER (preview), find_area, NULL);
  window = gtk_window_new (GTK_WINDOW_TOPLEVEL);
  gtk_window_set_default_size (GTK_WINDOW (window), WIDTH, HEIGHT);
  gtk_container_add (GTK_CONTAINER (window), preview);
  gtk_widget_show_all (window);
  settle ();
}

static void
close_window (void)
{
  gtk_widget_destroy (window);
  settle ();
  layer_free (layer);
}

static void
set (const char *text, gboolean dragging)
{
  IeRecipe *recipe = recipe_of (text);
  ie_preview_set (preview, recipe, dragging);
  ie_recipe_free (recipe);
}

/* The area as it is drawn, RGB24. g_free(). */
static guint32 *
drawn (int *width, int *height)
{
  GtkAllocation place;
  gtk_widget_get_allocation (area, &place);
  *width = place.width;
  *height = place.height;
  guint32 *pixels = g_new0 (guint32, (gsize) place.width * (gsize) place.height);
  cairo_surface_t *surface = cairo_image_surface_create_for_data ((guint8 *) pixels, CAIRO_FORMAT_RGB24, place.width, place.height,
                                                                  4 * place.width);
  cairo_t *cairo = cairo_create (surface);
#if GTK_MAJOR_VERSION >= 3
  gtk_widget_draw (area, cairo);
#else
  GdkPixbuf *pixbuf = gdk_pixbuf_get_from_drawable (NULL, gtk_widget_get_window (area), NULL, 0, 0, 0, 0, place.width, place.height);
  gdk_cairo_set_source_pixbuf (cairo, pixbuf, 0, 0);
  cairo_paint (cairo);
  g_object_unref (pixbuf);
#endif
  cairo_destroy (cairo);
  cairo_surface_destroy (surface);
  for (int i = 0; i < place.width * place.height; i++)
    pixels[i] &= 0xffffff;
  return pixels;
}

/* ---- what is seen ---- */

static void
test_pieces (void)
{
  static const char *const recipes[] = { "gaussian sigma=2", "equalize", "canny", "levels gamma=2\nmedian radius=3" };
  static const double zooms[] = { 1, 2, 3, 0.7, 8 };
  open_window (900, 700, TRUE);
  for (guint i = 0; i < 12; i++) {
    const char *text = recipes[i % G_N_ELEMENTS (recipes)];
    g_autofree char *why = NULL;
    g_autofree guint8 *whole = applied (layer, text, &why);
    set (text, g_test_rand_bit ());
    ie_preview_set_zoom (preview, zooms[i % G_N_ELEMENTS (zooms)]);
    ie_preview_set_centre (preview, g_test_rand_int_range (0, 900), g_test_rand_int_range (0, 700));
    wait_exact ();
    const IeRendering *shown = ie_preview_rendering (preview);
    g_assert_cmpint (shown->after->shrink, ==, 1);
    g_assert_cmpint (shown->after->width, >, 40);
    same_pixels (layer, shown->after, whole, text);
  }
  close_window ();
}

/* The picture's sample that a pixel of the screen shows at a whole zoom, of a picture larger than the area. */
static guint32
sample_at (const guint8 *whole, int zoom, int left, int top, int x, int y)
{
  const guint8 *at = whole + 3 * ((gsize) ((y + top) / zoom) * (gsize) layer->extent.width + (gsize) ((x + left) / zoom));
  return (guint32) at[0] << 16 | (guint32) at[1] << 8 | at[2];
}

static guint8 *
source_pixels (void)
{
  guint8 *data = g_malloc ((gsize) layer->extent.width * (gsize) layer->extent.height * 3);
  gegl_buffer_get (layer->buffer, &layer->extent, 1, layer->kind.format, data, GEGL_AUTO_ROWSTRIDE, GEGL_ABYSS_NONE);
  return data;
}

/* Pixels of the area between `from` and `until` columns against a picture whose pixel (x, y) is in the middle. */
static void
check_screen (const guint8 *whole, int zoom, double x, double y, double from, double until)
{
  int width, height;
  g_autofree guint32 *screen = drawn (&width, &height);
  int left = -(int) floor (width / 2.0 - x * zoom + 0.5), top = -(int) floor (height / 2.0 - y * zoom + 0.5);
  /* The frame of the focus is left out. */
  for (int v = 2; v < height - 2; v++)
    for (int u = MAX ((int) (from * width) + 3, 2); u < MIN ((int) (until * width) - 3, width - 2); u++) {
      guint32 wanted = sample_at (whole, zoom, left, top, u, v), is = screen[v * width + u];
      if (wanted != is)
        g_error ("zoom %d: the screen's pixel %d, %d is %06x, the picture's %06x", zoom, u, v, is, wanted);
    }
}

static void
send_key (guint value)
{
  GdkEvent *event = gdk_event_new (GDK_KEY_PRESS);
  event->key.window = g_object_ref (gtk_widget_get_window (area));
  event->key.keyval = value;
  gtk_widget_event (area, event);
  gdk_event_free (event);
}

static void
test_screen (void)
{
  open_window (2000, 1500, FALSE);
  g_autofree char *why = NULL;
  g_autofree guint8 *whole = applied (layer, "unsharp radius=2 amount=3", &why), *source = source_pixels ();
  set ("unsharp radius=2 amount=3", FALSE);
  for (int zoom = 1; zoom < 4; zoom++) {
    ie_preview_set_zoom (preview, zoom);
    ie_preview_set_centre (preview, 903, 701);
    wait_exact ();
    check_screen (whole, zoom, 903, 701, 0, 1);
    send_key (GDK_KEY_b);
    settle ();
    check_screen (source, zoom, 903, 701, 0, 1);
    send_key (GDK_KEY_b);
    ie_preview_set_split (preview, 0.4);
    settle ();
    check_screen (source, zoom, 903, 701, 0, 0.4);
    check_screen (whole, zoom, 903, 701, 0.4, 1);
    send_key (GDK_KEY_s);
  }
  close_window ();
}

/* Only what is selected changes. */
static void
test_selection (void)
{
  open_window (2000, 1500, FALSE);
  g_autofree char *why = NULL;
  g_autofree guint8 *whole = applied (layer, "levels gamma=3", &why), *source = source_pixels ();
  GeglRectangle image = { 0, 0, 2100, 1600 }, right = { 1050, 0, 1050, 1600 };
  GeglBuffer *mask = gegl_buffer_new (&image, babl_format ("Y u8"));
  GeglColor *white = gegl_color_new ("white");
  gegl_buffer_set_color (mask, &right, white);
  g_object_unref (white);
  ie_preview_set_selection (preview, mask, 50, 50);
  g_object_unref (mask);
  set ("levels gamma=3", FALSE);
  ie_preview_set_zoom (preview, 1);
  ie_preview_set_centre (preview, 1000, 700);
  wait_exact ();
  check_screen (source, 1, 1000, 700, 0, 0.5);
  check_screen (whole, 1, 1000, 700, 0.5, 1);
  ie_preview_set_selection (preview, NULL, 0, 0);
  settle ();
  check_screen (whole, 1, 1000, 700, 0, 1);
  close_window ();
}

/* ---- what a hand does ---- */

static void
send_button (GdkEventType type, double x, double y)
{
  GdkEvent *event = gdk_event_new (type);
  event->button.window = g_object_ref (gtk_widget_get_window (area));
  event->button.button = 1;
  event->button.x = x;
  event->button.y = y;
  gtk_widget_event (area, event);
  gdk_event_free (event);
}

static void
send_motion (double x, double y)
{
  GdkEvent *event = gdk_event_new (GDK_MOTION_NOTIFY);
  event->motion.window = g_object_ref (gtk_widget_get_window (area));
  event->motion.x = x;
  event->motion.y = y;
  gtk_widget_event (area, event);
  gdk_event_free (event);
}

static void
send_wheel (GdkScrollDirection direction, double x, double y)
{
  GdkEvent *event = gdk_event_new (GDK_SCROLL);
  event->scroll.window = g_object_ref (gtk_widget_get_window (area));
  event->scroll.direction = direction;
  event->scroll.x = x;
  event->scroll.y = y;
  gtk_widget_event (area, event);
  gdk_event_free (event);
}

static void
test_hand (void)
{
  open_window (2000, 1500, FALSE);
  int width, height;
  g_free (drawn (&width, &height));
  g_autofree guint8 *source = source_pixels ();
  wait_exact ();
  double fit = MIN (width / 2000.0, height / 1500.0);
  g_assert_cmpfloat (ABS (ie_preview_get_zoom (preview) - fit), <, 1e-9);
  send_key (GDK_KEY_1);
  g_assert_cmpfloat (ie_preview_get_zoom (preview), ==, 1);
  wait_exact ();
  check_screen (source, 1, 1000, 750, 0, 1);
  /* The picture follows the hand. */
  send_button (GDK_BUTTON_PRESS, 300, 200);
  send_motion (250, 180);
  send_motion (200, 170);
  send_button (GDK_BUTTON_RELEASE, 200, 170);
  wait_exact ();
  check_screen (source, 1, 1100, 780, 0, 1);
  /* What is under the pointer stays there: (1100, 780) is in the middle, 100 pixels to the left is (1000, 780). */
  send_wheel (GDK_SCROLL_UP, width / 2.0 - 100, height / 2.0);
  g_assert_cmpfloat (ie_preview_get_zoom (preview), ==, 2);
  wait_exact ();
  check_screen (source, 2, 1050, 780, 0, 1);
  send_wheel (GDK_SCROLL_DOWN, width / 2.0 - 100, height / 2.0);
  wait_exact ();
  check_screen (source, 1, 1100, 780, 0, 1);
  /* Arrows: a quarter of the area. */
  send_key (GDK_KEY_Right);
  wait_exact ();
  check_screen (source, 1, 1100 + width * 0.25, 780, 0, 1);
  send_key (GDK_KEY_plus);
  g_assert_cmpfloat (ie_preview_get_zoom (preview), ==, 2);
  for (int i = 0; i < 12; i++)
    send_key (GDK_KEY_minus);
  g_assert_cmpfloat (ABS (ie_preview_get_zoom (preview) - fit), <, 1e-9);
  /* The line goes where it is dragged to, and the picture stays. */
  ie_preview_set_zoom (preview, 1);
  ie_preview_set_centre (preview, 1000, 750);
  set ("levels gamma=3", FALSE);
  ie_preview_set_split (preview, 0.5);
  wait_exact ();
  send_button (GDK_BUTTON_PRESS, width / 2.0 + 1, 100);
  send_motion (width * 0.7, 100);
  send_button (GDK_BUTTON_RELEASE, width * 0.7, 100);
  settle ();
  check_screen (source, 1, 1000, 750, 0, 0.7);
  close_window ();
}

/* ---- what is said ---- */

static void
test_states (void)
{
  open_window (2600, 2000, FALSE);
  set ("fourier-lowpass cutoff=0.1", TRUE);
  ie_preview_set_zoom (preview, 1);
  set ("fourier-lowpass cutoff=0.1", TRUE);
  gint64 end = g_get_monotonic_time () + 700000;
  guint source = g_timeout_add (5, wake, NULL);
  while (g_get_monotonic_time () < end) {
    gtk_main_iteration ();
    g_assert_false (ie_preview_is_exact (preview)); /* the slider is still held */
  }
  g_source_remove (source);
  set ("fourier-lowpass cutoff=0.1", FALSE);
  wait_exact ();
  set ("levels black=60 white=20", FALSE);
  wait_exact ();
  g_assert_nonnull (ie_preview_rendering (preview)->error);
  ie_preview_set_message (preview, "Radius: 12x is no number");
  settle ();
  g_assert_true (ie_preview_is_exact (preview));
  set ("levels gamma=2", FALSE);
  g_assert_false (ie_preview_is_exact (preview));
  /* Gone while it works. */
  set ("nlmeans search-radius=10\nmedian radius=20", FALSE);
  g_usleep (200000);
  close_window ();
}

int
main (int argc, char **argv)
{
  if (!gtk_init_check (&argc, &argv))
    return 77;
  g_setenv ("GEGL_PATH", "/nonexistent", TRUE);
  g_test_init (&argc, &argv, NULL);
  gegl_init (NULL, NULL);
  g_test_add_func ("/preview/pieces", test_pieces);
  g_test_add_func ("/preview/screen", test_screen);
  g_test_add_func ("/preview/selection", test_selection);
  g_test_add_func ("/preview/hand", test_hand);
  g_test_add_func ("/preview/states", test_states);
  int result = g_test_run ();
  gegl_exit ();
  return result;
}
