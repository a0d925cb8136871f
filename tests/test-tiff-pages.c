// SPDX-License-Identifier: GPL-3.0-or-later
/* Pages of TIFF files: pictures, masks and reduced ones through pages.c; options of the writer. */
#include "enhance/reduce.h"
#include "tests/tiff.h"

#include <math.h>

static IeHeader
page_header (int width, int height)
{
  return (IeHeader){ .width = width, .height = height, .channels = 3, .depth = IE_DEPTH_U8, .model = IE_MODEL_RGB };
}

static void
test_pages (void)
{
  static const IePageKind kinds[] = { IE_PAGE_PICTURE, IE_PAGE_REDUCED, IE_PAGE_MASK, IE_PAGE_PICTURE };
  GError *error = NULL;
  const IeFormat *format;
  guint8 *samples = g_malloc (40 * 50 * 3);
  for (int i = 0; i < 40 * 50 * 3; i++)
    samples[i] = (guint8) g_test_rand_int ();
  IeFileSink *sink = new_sink (NULL);
  for (int i = 0; i < 4; i++) {
    IeHeader header = page_header (20 + i, 30 - i);
    if (kinds[i] == IE_PAGE_MASK) {
      header.channels = header.bits = 1;
      header.model = IE_MODEL_GRAY;
      for (int s = 0; s < 22 * 28; s++)
        samples[s] = samples[s] & 1 ? 255 : 0;
    }
    g_assert_true (i == 0 || ie_file_sink_next_page (sink, kinds[i], &error));
    if (kinds[i] == IE_PAGE_REDUCED) { /* what was written before can be read already */
      IeSource *before = ie_file_sink_reread (sink, &error);
      g_assert_no_error (error);
      guint8 *data = read_all (before);
      g_assert_cmpint (before->header.width, ==, 20);
      g_assert_cmpmem (data, 20 * 30 * 3, samples, 20 * 30 * 3);
      g_free (data);
      ie_source_free (before);
    }
    write_rows (&sink->sink, &header, samples);
  }
  end_sink (sink);
  IeSource *source = ie_read_file (again, NULL, &format, &error);
  g_assert_no_error (error);
  g_assert_cmpint (ie_page_count (format, source), ==, 4);
  g_assert_cmpuint (ie_page_samples (format, source), ==, 3 * (20 * 30 + 21 * 29 + 22 * 28 + 23 * 27));
  for (int i = 3; i >= 0; i--) {
    IeSource *page = ie_page_open (format, source, i, &error);
    g_assert_no_error (error);
    g_assert_cmpint (ie_page_kind (format, source, i), ==, kinds[i]);
    g_assert_cmpint (page->header.width, ==, 20 + i);
    guint8 *data = read_all (page);
    if (i >= 2) /* later pages changed the samples of earlier ones */
      g_assert_cmpmem (data, row_bytes (&page->header), samples, row_bytes (&page->header));
    g_free (data);
    ie_source_free (page);
  }
  g_assert_null (ie_page_open (format, source, 4, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
  g_clear_error (&error);
  ie_source_free (source);
  IeReadLimits limits = { .pages = 3 };
  g_assert_null (ie_read_file (again, &limits, NULL, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
  g_assert_nonnull (strstr (error->message, "pages"));
  g_clear_error (&error);
  g_free (samples);
}

/* Against the mean over a grid 8 times finer, where every boundary of areas lies on the grid. */
static void
test_reduced (void)
{
  enum { W = 24, H = 20, TO_W = 9, TO_H = 8, FINE_X = 3, FINE_Y = 2 }; /* 24/9 = 8/3, 20/8 = 5/2 */
  IeHeader header = { .width = W, .height = H, .channels = 4, .has_alpha = TRUE, .depth = IE_DEPTH_U8,
                      .model = IE_MODEL_RGB };
  static guint8 samples[H][W][4], got[TO_H][TO_W][4];
  GError *error = NULL;
  for (int i = 0; i < W * H * 4; i++)
    (&samples[0][0][0])[i] = (guint8) g_test_rand_int ();
  IeSource *whole = ie_memory_source_new (&header, samples, W * 4);
  IeSource *reduced = ie_reduced_source_new (whole, TRUE, TO_W, TO_H, NULL);
  g_assert_true (reduced->read (reduced, (IeRect){ 0, 0, TO_W, TO_H }, got, TO_W * 4, &error));
  for (int y = 0; y < TO_H; y++)
    for (int x = 0; x < TO_W; x++) {
      double sums[4] = { 0 };
      for (int j = 0; j < 5; j++)
        for (int i = 0; i < 8; i++) {
          const guint8 *p = samples[(y * 5 + j) / FINE_Y][(x * 8 + i) / FINE_X];
          sums[3] += p[3];
          for (int c = 0; c < 3; c++)
            sums[c] += p[c] * p[3];
        }
      for (int c = 0; c < 4; c++) {
        double mean = c == 3 ? sums[3] / 40 : sums[c] / sums[3];
        g_assert_cmpfloat (fabs (got[y][x][c] - mean), <=, 0.5 + 1e-6);
      }
    }
  ie_source_free (reduced);
}

static gboolean
is_big (void)
{
  char *head;
  gsize size;
  g_assert_true (g_file_get_contents (again, &head, &size, NULL));
  gboolean big = head[2] == 43 || head[3] == 43;
  g_free (head);
  return big;
}

static void
test_options (void)
{
  IeHeader header = page_header (100, 70);
  guint8 *samples = g_malloc0 (100 * 70 * 3);
  GError *error = NULL;
  for (const char *const *name = ie_tiff_compressions (); *name; name++) {
    if (g_str_equal (*name, "g4"))
      continue;
    IeWriteOptions options = { .tiff_compression = *name, .tile_width = 32, .tile_height = 48 };
    IeFileSink *sink = new_sink (&options);
    write_rows (&sink->sink, &header, samples);
    end_sink (sink);
    TIFF *tiff = TIFFOpen (again, "r");
    uint32_t width = 0;
    TIFFGetField (tiff, TIFFTAG_TILEWIDTH, &width);
    g_assert_cmpint (width, ==, 32);
    TIFFClose (tiff);
    g_assert_false (is_big ());
  }
  IeWriteOptions large = { .page_bytes = G_GUINT64_CONSTANT (5000000000) };
  IeFileSink *sink = new_sink (&large);
  write_rows (&sink->sink, &header, samples);
  end_sink (sink);
  g_assert_true (is_big ());
  IeWriteOptions wrong = { .tiff_compression = "zip" };
  g_assert_null (ie_file_sink_new (dup (1), ie_format_find ("tiff"), &wrong, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_USAGE);
  g_clear_error (&error);
  g_free (samples);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tiff_begin ();
  g_test_add_func ("/tiff-pages/pages", test_pages);
  g_test_add_func ("/tiff-pages/reduced", test_reduced);
  g_test_add_func ("/tiff-pages/options", test_options);
  return tiff_end ();
}
