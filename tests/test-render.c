// SPDX-License-Identifier: GPL-3.0-or-later
/* The live rendering behind the dialogs' previews: what it calls exact has the bytes of ie_buffer_apply(), what it does not is called
 * approximate; the newest request is the one that is answered, and what is given up leaves nothing behind. */
#include "core/pool.h"
#include "plugins/common/reduce.h"
#include "tests/layer.h"

#include <malloc.h>

/* ---- renderings ---- */

typedef struct {
  IeRender *render;
  GMutex lock;
  GCond come;
  GPtrArray *all; /* of IeRendering, in order */
  guint looked_at;
} Live;

/* Whatever is there is taken at once, so that nothing is missed. */
static void
ready (gpointer data)
{
  Live *live = data;
  g_mutex_lock (&live->lock);
  IeRendering *rendering = live->render ? ie_render_take (live->render) : NULL;
  if (rendering)
    g_ptr_array_add (live->all, rendering);
  g_cond_broadcast (&live->come);
  g_mutex_unlock (&live->lock);
}

static void
live_begin (Live *live, const Layer *layer)
{
  GError *error = NULL;
  *live = (Live){ .all = g_ptr_array_new_with_free_func ((GDestroyNotify) ie_rendering_free) };
  g_mutex_init (&live->lock);
  g_cond_init (&live->come);
  IeRenderHooks hooks = { .resolve = resolve, .ready = ready, .ready_data = live };
  IeRender *render = ie_render_new (layer->buffer, &layer->extent, &layer->kind, &hooks, &error);
  g_assert_no_error (error);
  g_mutex_lock (&live->lock);
  live->render = render;
  g_mutex_unlock (&live->lock);
}

static void
live_end (Live *live)
{
  ie_render_free (live->render);
  g_ptr_array_unref (live->all);
  g_mutex_clear (&live->lock);
  g_cond_clear (&live->come);
}

static guint
ask (Live *live, const char *text, IeRect rect, int shrink, gboolean dragging)
{
  IeRecipe *recipe = recipe_of (text);
  guint serial = ie_render_request (live->render, recipe, rect, shrink, dragging);
  ie_recipe_free (recipe);
  return serial;
}

/* Waits for the next rendering of that request, an exact one where that is asked for. */
static const IeRendering *
wait_for (Live *live, guint serial, gboolean exact)
{
  gint64 end = g_get_monotonic_time () + 120 * G_TIME_SPAN_SECOND;
  const IeRendering *found = NULL;
  g_mutex_lock (&live->lock);
  while (!found) {
    for (; !found && live->looked_at < live->all->len; live->looked_at++) {
      const IeRendering *rendering = live->all->pdata[live->looked_at];
      if (rendering->serial == serial && (!exact || rendering->exact))
        found = rendering;
    }
    if (!found && !g_cond_wait_until (&live->come, &live->lock, end))
      g_error ("no answer to request %u", serial);
  }
  g_mutex_unlock (&live->lock);
  return found;
}

static gboolean
same_rect (IeRect a, IeRect b)
{
  return ie_rect_inside (a, b) && ie_rect_inside (b, a);
}

/* ---- tests ---- */

/* The result or its reason, at some rectangles. */
static void
check_exact (const Layer *layer, const char *text)
{
  g_autofree char *why = NULL;
  g_autofree guint8 *whole = applied (layer, text, &why);
  Live live;
  live_begin (&live, layer);
  for (int i = 0; i < 3; i++) {
    IeRect rect = random_rect (layer);
    const IeRendering *rendering = wait_for (&live, ask (&live, text, rect, 1, g_test_rand_bit ()), TRUE);
    g_assert_cmpstr (rendering->error, ==, why);
    g_assert_true (!rendering->after == !whole);
    if (!whole)
      continue;
    g_assert_true (same_rect (rendering->after->rect, rect));
    g_assert_cmpint (rendering->after->shrink, ==, 1);
    same_pixels (layer, rendering->after, whole, text);
  }
  live_end (&live);
}

static void
test_filters (void)
{
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = 0; i < count; i++) {
    static const IeDepth depths[] = { IE_DEPTH_U8, IE_DEPTH_U16, IE_DEPTH_FLOAT };
    g_autofree char *step = probe_step (filters[i]);
    g_test_message ("%s", step);
    Layer *layer = layer_new (83, 61, i % 5 ? 3 : 1, i % 2, depths[i % 3], 5);
    check_exact (layer, step);
    layer_free (layer);
  }
}

/* Values out of a filter's reach, and several steps. */
static void
test_recipes (void)
{
  Layer *layer = layer_new (90, 70, 3, FALSE, IE_DEPTH_U8, 9);
  check_exact (layer, "gaussian sigma=2\nequalize channel=lightness\nfourier-lowpass cutoff=0.2\nunsharp");
  check_exact (layer, "gaussian sigma=0");
  g_autofree char *why = NULL;
  g_assert_null (applied (layer, "levels black=60 white=20", &why));
  g_assert_nonnull (why);
  check_exact (layer, "levels black=60 white=20");
  layer_free (layer);
}

static void
test_pictures (void)
{
  Layer *layer = layer_new (90, 70, 3, FALSE, IE_DEPTH_U8, 9), *other = layer_new (90, 70, 1, FALSE, IE_DEPTH_U16, 4);
  further = other;
  check_exact (layer, "gaussian sigma=3 mask=other");
  Live live;
  live_begin (&live, layer);
  IeRect all = ie_rect_whole (&layer->kind.header);
  const IeRendering *rough = wait_for (&live, ask (&live, "gaussian sigma=3 mask=other", all, 3, TRUE), FALSE);
  g_assert_null (rough->error);
  g_assert_false (rough->exact);
  live_end (&live);
  further = NULL;
  check_exact (layer, "gaussian sigma=3 mask=other");
  layer_free (layer);
  layer_free (other);
}

/* Smaller than life: at once from a smaller copy, and said to be so; then the averages of the result. */
static void
check_reduced (const Layer *layer, const char *text, int shrink)
{
  const IeHeader *header = &layer->kind.header;
  IeRect all = ie_rect_whole (header);
  g_autofree char *why = NULL;
  g_autofree guint8 *whole = applied (layer, text, &why);
  int width = ie_reduced (header->width, shrink), height = ie_reduced (header->height, shrink);
  gsize pixel = (gsize) header->channels * ie_depth_bytes (header->depth);
  g_autofree guint8 *expected = g_malloc (pixel * (gsize) (width * height));
  g_assert_true (ie_reduce (header, header->width, header->height, shrink, whole, picture_stride (header), expected,
                            (ptrdiff_t) (pixel * (gsize) width)));
  Live live;
  live_begin (&live, layer);
  guint serial = ask (&live, text, all, shrink, FALSE);
  const IeRendering *rendering = wait_for (&live, serial, FALSE);
  if (!rendering->exact) { /* unless the machine is so slow that no first answer is given */
    g_assert_cmpint (rendering->after->shrink, >=, shrink);
    rendering = wait_for (&live, serial, TRUE);
  }
  g_assert_true (same_rect (rendering->after->rect, all));
  g_assert_cmpint (rendering->after->width, ==, width);
  g_assert_cmpint (rendering->after->height, ==, height);
  g_assert_cmpint (memcmp (rendering->after->data, expected, pixel * (gsize) (width * height)), ==, 0);
  g_assert_cmpint (rendering->before->width, ==, width);
  live_end (&live);
}

static void
test_reduced (void)
{
  for (int i = 0; i < 6; i++) {
    static const IeDepth depths[] = { IE_DEPTH_U8, IE_DEPTH_U16, IE_DEPTH_FLOAT };
    Layer *layer = layer_new (301, 611, 3, i % 2, depths[i % 3], 5);
    check_reduced (layer, "unsharp radius=3", 2 + i);
    check_reduced (layer, "fourier-lowpass cutoff=0.2", 3);
    layer_free (layer);
  }
}

/* Means, by the plainest way. */
static void
test_means (void)
{
  for (int alpha = 0; alpha < 2; alpha++) {
    Picture in = picture_new (23, 17, 3 + alpha, alpha, IE_DEPTH_U16), out = picture_new (6, 5, 3 + alpha, alpha, IE_DEPTH_U16);
    picture_fill (&in, 8);
    g_assert_true (ie_reduce (&in.header, 23, 17, 4, in.data, picture_stride (&in.header), out.data, picture_stride (&out.header)));
    for (int i = 0; i < 6 * 5 * (3 + alpha); i++) {
      int c = i % (3 + alpha), x = i / (3 + alpha) % 6, y = i / (3 + alpha) / 6;
      double sum = 0, weights = 0;
      for (int v = y * 4; v < MIN (y * 4 + 4, 17); v++)
        for (int u = x * 4; u < MIN (x * 4 + 4, 23); u++) {
          const guint16 *at = (guint16 *) in.data + (v * 23 + u) * (3 + alpha);
          double weight = alpha && c < 3 ? at[3] : 1;
          sum += weight * at[c];
          weights += weight;
        }
      g_assert_cmpfloat (ABS (((guint16 *) out.data)[i] - (weights > 0 ? sum / weights : 0)), <=, 0.51);
    }
    picture_free (&in);
    picture_free (&out);
  }
}

/* Parameters follow the picture's size, within their ranges. */
static void
test_scaling (void)
{
  IeRecipe *recipe = recipe_of ("gaussian sigma=12 mix=0.5\nmedian radius=9\nfourier-lowpass cutoff=0.05\nlevels gamma=2");
  IeRecipe *reduced = ie_recipe_reduced (recipe, 4);
  g_autofree char *text = ie_recipe_text (reduced);
  IeRecipe *expected = recipe_of ("gaussian sigma=3 mix=0.5\nmedian radius=2\nfourier-lowpass cutoff=0.2\nlevels gamma=2");
  g_autofree char *expected_text = ie_recipe_text (expected);
  g_assert_cmpstr (text, ==, expected_text);
  ie_recipe_free (recipe);
  ie_recipe_free (reduced);
  ie_recipe_free (expected);
}

/* A statistic of the layer, not of what is seen of it: the left is dark, the right is light. */
static void
test_statistics (void)
{
  Layer *layer = layer_new (200, 100, 1, FALSE, IE_DEPTH_U8, 5);
  g_autofree guint8 *data = g_malloc (200 * 100);
  for (int i = 0; i < 200 * 100; i++)
    data[i] = (guint8) (i % 200 < 100 ? 10 + i % 50 : 190 + i % 50);
  gegl_buffer_set (layer->buffer, &layer->extent, 0, layer->kind.format, data, 200);
  IeRect left = { 0, 0, 100, 100 };
  Live live;
  live_begin (&live, layer);
  const IeRendering *rendering = wait_for (&live, ask (&live, "equalize", left, 1, FALSE), TRUE);
  int most = 0;
  for (int i = 0; i < 100 * 100; i++)
    most = MAX (most, rendering->after->data[i]);
  g_assert_cmpint (most, <=, 128); /* half of all pixels are lighter */
  live_end (&live);
  layer_free (layer);
}

/* A filter that needs the whole picture, larger than what it gets for a quick look. */
static void
test_whole (void)
{
  Layer *layer = layer_new (1400, 1000, 1, FALSE, IE_DEPTH_U8, 5);
  const char *text = "fourier-highpass cutoff=0.01";
  g_autofree char *why = NULL;
  g_autofree guint8 *whole = applied (layer, text, &why);
  IeRect rect = { 900, 500, 300, 200 };
  Live live;
  live_begin (&live, layer);
  /* Nothing but approximations as long as a slider is held. */
  guint serial = ask (&live, text, rect, 1, TRUE);
  const IeRendering *rendering = wait_for (&live, serial, FALSE);
  g_assert_false (rendering->exact);
  g_assert_true (ie_rect_inside (rect, rendering->after->rect));
  g_usleep (400000);
  g_assert_false (ie_render_busy (live.render));
  serial = ask (&live, text, rect, 1, FALSE);
  rendering = wait_for (&live, serial, TRUE);
  same_pixels (layer, rendering->after, whole, text);
  /* And then another place is exact at once. */
  serial = ask (&live, text, (IeRect){ 0, 0, 500, 400 }, 1, TRUE);
  rendering = wait_for (&live, serial, FALSE);
  g_assert_true (rendering->exact);
  same_pixels (layer, rendering->after, whole, text);
  live_end (&live);
  layer_free (layer);
}

/* A part alone is rendered where it lies: edges are decided by what is near, but for those that are long. */
static void
test_part (void)
{
  Layer *layer = layer_new (1400, 1000, 1, FALSE, IE_DEPTH_U8, 5);
  g_autofree char *why = NULL;
  g_autofree guint8 *whole = applied (layer, "canny sigma=1 low=4 high=8", &why);
  gint cancel = 0;
  GError *error = NULL;
  gboolean exact = TRUE;
  IePicture *picture = ie_picture_new (layer->buffer, &layer->extent, &layer->kind, &error);
  IePieces *pieces = ie_pieces_new (picture, &cancel);
  IeRecipe *recipe = recipe_of ("canny sigma=1 low=4 high=8");
  IeLook *look = ie_look_new (recipe, NULL, NULL, NULL);
  IePiece *piece = ie_pieces_quick (pieces, look, (IeRect){ 900, 500, 300, 200 }, 1, &exact, &error);
  g_assert_no_error (error);
  g_assert_false (exact);
  int other = 0, edges = 0;
  for (int y = 0; y < piece->height; y++)
    for (int x = 0; x < piece->width; x++) {
      guint8 is = piece->data[y * piece->stride + x], wanted = whole[(piece->rect.y + y) * 1400 + piece->rect.x + x];
      other += is != wanted;
      edges += wanted > 0;
    }
  g_test_message ("%d edge pixels, %d differ", edges, other);
  g_assert_cmpint (edges, >, 1000);
  g_assert_cmpint (other, <, edges / 10);
  ie_piece_unref (piece);
  ie_look_unref (look);
  ie_recipe_free (recipe);
  ie_pieces_free (pieces);
  ie_picture_unref (picture);
  layer_free (layer);
}

/* However many requests come, the last is answered, and none after a newer one. */
static void
test_newest (void)
{
  Layer *layer = layer_new (700, 500, 3, FALSE, IE_DEPTH_U8, 5);
  IeRect all = ie_rect_whole (&layer->kind.header);
  Live live;
  live_begin (&live, layer);
  guint serial = 0;
  for (int i = 0; i < 60; i++) {
    g_autofree char *text = g_strdup_printf ("bilateral sigma-space=%d", 1 + i % 7);
    serial = ask (&live, text, i % 3 ? all : (IeRect){ 10, 20, 200, 100 }, 1 + i % 4, i % 5 != 0);
    if (i % 4 == 0)
      g_usleep (5000);
  }
  serial = ask (&live, "levels gamma=2", all, 1, FALSE);
  const IeRendering *rendering = wait_for (&live, serial, TRUE);
  g_assert_null (rendering->error);
  g_autofree char *why = NULL;
  g_autofree guint8 *whole = applied (layer, "levels gamma=2", &why);
  same_pixels (layer, rendering->after, whole, "levels");
  for (guint i = 1; i < live.all->len; i++)
    g_assert_cmpuint (((IeRendering *) live.all->pdata[i])->serial, >=, ((IeRendering *) live.all->pdata[i - 1])->serial);
  live_end (&live);
  layer_free (layer);
}

/* What takes long is given up in the middle: it is never answered, the new request is. */
static void
test_cancel (void)
{
  Layer *layer = layer_new (3000, 2000, 3, FALSE, IE_DEPTH_U8, 5);
  IeRect all = ie_rect_whole (&layer->kind.header);
  Live live;
  live_begin (&live, layer);
  guint slow = ask (&live, "nlmeans search-radius=10\nmedian radius=30", all, 8, FALSE);
  g_usleep (800000);
  g_assert_true (ie_render_busy (live.render));
  guint quick = ask (&live, "levels gamma=2", all, 8, FALSE);
  wait_for (&live, quick, TRUE);
  for (guint i = 0; i < live.all->len; i++) {
    const IeRendering *rendering = live.all->pdata[i];
    g_assert_false (rendering->serial == slow && rendering->exact);
  }
  /* And at the end, too. */
  ask (&live, "nlmeans search-radius=10\nmedian radius=30", all, 8, FALSE);
  g_usleep (500000);
  live_end (&live);
  layer_free (layer);
}

static gsize
allocated (void)
{
  struct mallinfo2 info = mallinfo2 ();
  return info.uordblks + info.hblkhd;
}

/* Everything is given back. The address sanitizer sees more of this. */
static void
test_memory (void)
{
  Layer *layer = layer_new (2000, 1000, 3, FALSE, IE_DEPTH_U8, 5);
  IeRect all = ie_rect_whole (&layer->kind.header);
  gsize before = 0, picture = 6000000;
  for (int round = 0; round < 3; round++) {
    if (round == 1) /* babl and GLib keep what the first took */
      before = allocated ();
    Live live;
    live_begin (&live, layer);
    for (int shrink = 1; shrink < 12; shrink++) {
      guint serial = ask (&live, "fourier-lowpass cutoff=0.1", all, shrink, FALSE);
      wait_for (&live, serial, TRUE);
      g_ptr_array_set_size (live.all, 0);
      live.looked_at = 0;
      /* The picture, a few smaller ones (a quarter and less), planes of floats and their transform's scratch, what is seen. */
      g_assert_cmpuint (allocated (), <, before + picture * 40);
    }
    live_end (&live);
  }
  ie_buffer_trim (0);
  g_assert_cmpuint (allocated (), <, before + 1000000);
  layer_free (layer);
}

int
main (int argc, char **argv)
{
  g_setenv ("GEGL_PATH", "/nonexistent", TRUE);
  g_test_init (&argc, &argv, NULL);
  gegl_init (NULL, NULL);
  g_test_add_func ("/render/filters", test_filters);
  g_test_add_func ("/render/recipes", test_recipes);
  g_test_add_func ("/render/pictures", test_pictures);
  g_test_add_func ("/render/means", test_means);
  g_test_add_func ("/render/scaling", test_scaling);
  g_test_add_func ("/render/reduced", test_reduced);
  g_test_add_func ("/render/statistics", test_statistics);
  g_test_add_func ("/render/whole", test_whole);
  g_test_add_func ("/render/part", test_part);
  g_test_add_func ("/render/newest", test_newest);
  g_test_add_func ("/render/cancel", test_cancel);
  g_test_add_func ("/render/memory", test_memory);
  int result = g_test_run ();
  gegl_exit ();
  return result;
}
