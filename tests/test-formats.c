// SPDX-License-Identifier: GPL-3.0-or-later
/* Formats beside TIFF: what is written is read back the same; what belongs to a picture is carried; dither. */
#include "pictures.h"

#include "core/convert.h"
#include "core/dither.h"
#include "core/engine.h"
#include "core/recipe.h"

static const IeWriteOptions no_sync = { .no_sync = TRUE };

static IeSource *
read_back (const char *path)
{
  GError *error = NULL;
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  g_assert_no_error (error);
  return source;
}

/* ---- Lossless round trips of the optional formats ------------------------------------------------------------------ */

static gboolean
can_hold (const IeFormat *format, const IeHeader *header)
{
  static const IeFormatCan can[] = { IE_CAN_U8, IE_CAN_U16, IE_CAN_FLOAT };
  return (format->can & can[header->depth]) && (!header->has_alpha || format->can & IE_CAN_ALPHA);
}

/* HEIF holds no more than 12 bits: samples that so many say, spread over 16. */
static void
make_bits (IeHeader *header, guint16 *samples, int bits)
{
  gsize count = row_bytes (header) / 2 * (gsize) header->height;
  guint32 most = (1u << bits) - 1;
  for (gsize i = 0; i < count; i++)
    samples[i] = (guint16) (((guint32) (samples[i] >> (16 - bits)) * 65535 + most / 2) / most);
  header->bits = bits;
}

static gboolean
is_heif (const IeFormat *format)
{
  return g_str_equal (format->name, "heif") || g_str_equal (format->name, "avif");
}

static void
round_trip (gconstpointer data)
{
  const IeFormat *format = ie_format_find (data);
  g_assert_nonnull (format);
  if (format->missing) {
    char *reason = g_strdup_printf ("built without %s", format->missing);
    g_test_skip (reason);
    g_free (reason);
    return;
  }
  char *path = place (data);
  for (int depth = IE_DEPTH_U8; depth <= IE_DEPTH_FLOAT; depth++)
    for (int alpha = 0; alpha < 2; alpha++) {
      IeHeader header = make_header (3, alpha, (IeDepth) depth);
      if (!can_hold (format, &header))
        continue;
      void *samples = make_samples (&header, FALSE);
      if (depth == IE_DEPTH_U16 && is_heif (format))
        make_bits (&header, samples, alpha && format == ie_format_find ("heif") ? 10 : 12); /* AVIF: 12 alone */
      GError *error = NULL;
      IeOutput *output = ie_output_new (path, format, &no_sync, TRUE, &error);
      g_assert_no_error (error);
      gboolean good = write_to (ie_output_sink (output), &header, samples, TRUE, &error) &&
                      ie_output_commit (output, &error);
      ie_output_free (output);
      if (!good && strstr (error->message, "no encoder")) {
        g_test_skip (error->message);
        g_clear_error (&error);
        g_free (samples);
        break;
      }
      g_assert_no_error (error);
      IeSource *source = read_back (path);
      g_assert_cmpint (source->header.width, ==, header.width);
      g_assert_cmpint (source->header.height, ==, header.height);
      g_assert_cmpint (source->header.channels, ==, header.channels);
      g_assert_cmpint (source->header.depth, ==, header.depth);
      g_assert_cmpint (source->header.bits, ==, header.bits);
      void *again = read_samples (source, &error);
      g_assert_no_error (error);
      gsize bytes = row_bytes (&header) * (gsize) header.height;
      g_assert_cmpmem (again, bytes, samples, bytes);
      g_free (again);
      ie_source_free (source);
      g_free (samples);
    }
  g_free (path);
}

/* With losses, HEIF and AVIF hold 16-bit samples better than 8 bits could, even without any: rounding to those is off by 64 of
 * 65535 in the mean (measured on this picture at this quality: 11 and 17). */
static void
test_deep_lossy (gconstpointer data)
{
  const IeFormat *format = ie_format_find (data);
  IeHeader header = { .width = 200, .height = 120, .channels = 3, .depth = IE_DEPTH_U16, .model = IE_MODEL_RGB };
  IeWriteOptions options = { .no_sync = TRUE, .quality = 92, .loss = IE_LOSS_SOME };
  GError *error = NULL;
  if (format->missing) {
    g_test_skip ("built without libheif-dev");
    return;
  }
  char *path = place (data);
  gsize count = 200 * 120 * 3;
  guint16 *samples = g_new (guint16, count);
  for (gsize i = 0; i < count; i++)
    samples[i] = (guint16) (i % 3 * 9000 + i / 3 % 200 * 150 + i / 600 * 120);
  IeOutput *output = ie_output_new (path, format, &options, TRUE, &error);
  g_assert_no_error (error);
  gboolean good = write_to (ie_output_sink (output), &header, samples, FALSE, &error) && ie_output_commit (output, &error);
  ie_output_free (output);
  if (!good && strstr (error->message, "no encoder"))
    g_test_skip (error->message);
  else {
    g_assert_no_error (error);
    IeSource *source = read_back (path);
    g_assert_cmpint (source->header.depth, ==, IE_DEPTH_U16);
    guint16 *again = read_samples (source, &error);
    g_assert_no_error (error);
    double sum = 0;
    for (gsize i = 0; i < count; i++)
      sum += ABS ((int) again[i] - (int) samples[i]);
    g_test_message ("mean %.1f of 65535", sum / (double) count);
    g_assert_cmpfloat (sum / (double) count, <, 64);
    g_free (again);
    ie_source_free (source);
  }
  g_clear_error (&error);
  g_free (samples);
  g_free (path);
}

/* ---- What belongs to a picture ------------------------------------------------------------------------------------- */

static GBytes *
packet (gsize padding)
{
  GString *text = g_string_new ("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
                                "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description "
                                "rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" dc:format=\"x");
  for (gsize i = 0; i < padding; i++)
    g_string_append_c (text, (char) ('a' + i % 26));
  g_string_append (text, "\"/></rdf:RDF></x:xmpmeta>");
  return g_string_free_to_bytes (text);
}

static void
add_text (IeMetadata *metadata, const char *name, const char *text, gboolean latin1)
{
  IeText *item = g_new0 (IeText, 1);
  item->name = (char *) name;
  item->text = (char *) text;
  item->latin1 = latin1;
  g_ptr_array_add (metadata->texts, item);
}

static void
assert_same (GBytes *a, GBytes *b)
{
  g_assert_nonnull (a);
  g_assert_true (g_bytes_equal (a, b));
}

/* EXIF of one entry (orientation 6), IPTC of one data set, XMP of two sizes, texts. */
static void
carry (const char *name, gboolean holds_iptc)
{
  static const guint8 exif[26] = { 'I', 'I', '*', 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6 };
  static const guint8 iptc[] = { 0x1c, 2, 120, 0, 3, 'a', 'b', 'c' };
  char *path = place (name);
  for (int big = 0; big < 2; big++) {
    IeHeader header = make_header (3, 0, IE_DEPTH_U8);
    IeMetadata metadata = { .exif = g_bytes_new_static (exif, sizeof exif),
                            .iptc = g_bytes_new_static (iptc, sizeof iptc),
                            .xmp = packet (big ? 200000 : 20),
                            .orientation = 6,
                            .texts = g_ptr_array_new_with_free_func (g_free) };
    add_text (&metadata, "Comment", "gr\xc3\xbc\xc3\x9f", TRUE);
    if (big)
      add_text (&metadata, "Comment", "\xe6\x97\xa5\xe6\x9c\xac", FALSE);
    header.metadata = &metadata;
    void *samples = make_samples (&header, TRUE);
    write_file (path, &header, samples, &no_sync);
    IeSource *source = read_back (path);
    const IeMetadata *back = source->header.metadata;
    assert_same (back->exif, metadata.exif);
    if (holds_iptc)
      assert_same (back->xmp, metadata.xmp);
    else /* the caption has moved there */
      g_assert_nonnull (memmem (g_bytes_get_data (back->xmp, NULL), g_bytes_get_size (back->xmp), ">abc<", 5));
    g_assert_cmpint (back->orientation, ==, 6);
    if (holds_iptc) {
      assert_same (back->iptc, metadata.iptc);
      g_assert_cmpuint (back->texts->len, ==, metadata.texts->len);
      for (guint i = 0; i < back->texts->len; i++) {
        const IeText *text = back->texts->pdata[i], *before = metadata.texts->pdata[i];
        g_assert_cmpstr (text->name, ==, before->name);
        g_assert_cmpstr (text->text, ==, before->text);
      }
    }
    ie_source_free (source);
    g_bytes_unref (metadata.exif);
    g_bytes_unref (metadata.iptc);
    g_bytes_unref (metadata.xmp);
    g_ptr_array_unref (metadata.texts);
    g_free (samples);
  }
  g_free (path);
}

static void
test_carry_png (void)
{
  carry ("c.png", TRUE);
}

static void
test_carry_jpeg (void)
{
  carry ("c.jpg", TRUE);
}

static void
test_carry_webp (void)
{
  if (ie_format_find ("webp")->missing)
    g_test_skip ("built without libwebp-dev");
  else
    carry ("c.webp", FALSE);
}

/* Tables, sampling and process of a JPEG are those of the JPEG it came from; a quality that is asked has its own. */
static void
test_jpeg_layout (void)
{
  char *first = place ("first.jpg"), *second = place ("second.jpg"), *third = place ("third.jpg");
  IeHeader header = make_header (3, 0, IE_DEPTH_U8);
  IeLayout layout = { .jpeg = { .components = 3, .horizontal = { 2, 1, 1 }, .vertical = { 1, 1, 1 }, .table = { 0, 1, 1 },
                                .has_table = { TRUE, TRUE }, .progressive = TRUE } };
  for (int i = 0; i < 64; i++) {
    layout.jpeg.quantisation[0][i] = (guint16) (3 + i);
    layout.jpeg.quantisation[1][i] = (guint16) (5 + 2 * i);
  }
  IeMetadata metadata = { .layout = &layout };
  header.metadata = &metadata;
  void *samples = make_samples (&header, TRUE);
  write_file (first, &header, samples, &no_sync);
  IeSource *source = read_back (first);
  const IeLayout *back = source->header.metadata->layout;
  g_assert_true (back->lossy && back->jpeg.progressive);
  g_assert_cmpmem (back->jpeg.quantisation, 2 * 64 * sizeof (guint16), layout.jpeg.quantisation, 2 * 64 * sizeof (guint16));
  g_assert_cmpint (back->jpeg.horizontal[0], ==, 2);
  g_assert_cmpint (back->jpeg.vertical[0], ==, 1);
  write_file (second, &source->header, samples, &no_sync);
  IeWriteOptions asked = { .no_sync = TRUE, .quality = 50, .subsampling = "4:4:4" };
  write_file (third, &source->header, samples, &asked);
  ie_source_free (source);
  source = read_back (second);
  g_assert_cmpint (source->header.metadata->layout->jpeg.quantisation[1][63], ==, 131);
  ie_source_free (source);
  source = read_back (third);
  g_assert_cmpint (source->header.metadata->layout->jpeg.quantisation[0][0], ==, 16); /* T.81, table K.1 */
  g_assert_cmpint (source->header.metadata->layout->jpeg.horizontal[0], ==, 1);
  ie_source_free (source);
  g_free (samples);
  g_free (first);
  g_free (second);
  g_free (third);
}

static void
test_png_bits (void)
{
  char *path = place ("bits.png");
  IeHeader header = make_header (1, 0, IE_DEPTH_U16);
  header.bits = 12;
  void *samples = make_samples (&header, FALSE);
  write_file (path, &header, samples, &no_sync);
  IeSource *source = read_back (path);
  g_assert_cmpint (source->header.bits, ==, 12);
  ie_source_free (source);
  g_free (samples);
  g_free (path);
}

/* A build without a format's library still knows its files, and which package to install. */
static void
test_recognised (void)
{
  static const struct {
    const char *format;
    guint8 head[16];
  } files[] = {
    { "webp", "RIFF\x10\0\0\0WEBPVP8L" },
    { "heif", "\0\0\0\x18" "ftypheic\0\0\0" },
    { "avif", "\0\0\0\x18" "ftypavif\0\0\0" },
    { "jxl", "\xff\x0a\0\0" },
    { "jp2", "\0\0\0\x0cjP  \r\n\x87\n\0\0\0" },
    { "exr", "\x76\x2f\x31\x01\x02\0\0\0" },
    { "raw", "FUJIFILMCCD-RAW" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    char *path = place ("head.bin");
    const IeFormat *format = NULL;
    GError *error = NULL;
    g_assert_true (g_file_set_contents (path, (const char *) files[i].head, sizeof files[i].head, NULL));
    g_assert_null (ie_read_file (path, NULL, &format, &error));
    g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
    g_assert_nonnull (format);
    g_assert_cmpstr (format->name, ==, files[i].format);
    if (format->missing)
      g_assert_nonnull (strstr (error->message, format->missing));
    g_clear_error (&error);
    g_free (path);
  }
}

/* ---- Dither -------------------------------------------------------------------------------------------------------- */

/* Every rank once, and neighbours far apart: the mean difference of horizontal neighbours of white noise is a third of
 * the range, of blue noise more. */
static void
test_pattern (void)
{
  const guint16 *ranks = ie_dither_pattern ();
  guint8 seen[4096] = { 0 };
  double sum = 0;
  for (int i = 0; i < 4096; i++) {
    g_assert_cmpint (ranks[i], <, 4096);
    g_assert_cmpint (seen[ranks[i]]++, ==, 0);
    sum += ABS ((int) ranks[i] - (int) ranks[i / 64 * 64 + (i + 1) % 64]);
  }
  g_assert_cmpfloat (sum / 4096 / 4096, >, 0.36);
}

static guint8 *
run_dithered (const IeHeader *header, const void *samples, gboolean dither, int width, int height, int threads)
{
  GError *error = NULL;
  IeSource *source = ie_memory_source_new (header, samples, (ptrdiff_t) row_bytes (header));
  IeHeader small = *header;
  small.depth = IE_DEPTH_U8;
  guint8 *out = g_malloc (row_bytes (&small) * (gsize) small.height);
  IeSink *sink = ie_memory_sink_new (&small, out, (ptrdiff_t) row_bytes (&small));
  IeRecipe *recipe = ie_recipe_new ();
  IeRunOptions options = { .threads = threads, .rect_width = width, .rect_height = height, .out_depth_set = TRUE,
                           .out_depth = IE_DEPTH_U8, .dither = dither };
  g_assert_true (ie_run (recipe, source, sink, &options, NULL, &error));
  g_assert_no_error (error);
  ie_recipe_free (recipe);
  ie_sink_free (sink);
  ie_source_free (source);
  return out;
}

/* Codes of 8 bits stay what they are, in 16 bits and in float; between them the mean is kept. */
static void
test_dither_values (void)
{
  IeHeader header = { .width = 256, .height = 128, .channels = 3, .depth = IE_DEPTH_U16, .model = IE_MODEL_RGB };
  gsize samples = 256 * 128 * 3;
  guint16 *wide = g_new (guint16, samples);
  float *real = g_new (float, samples);
  for (gsize i = 0; i < samples; i++) {
    wide[i] = (guint16) (i / 3 % 256 * 257);
    real[i] = (float) (i / 3 % 256) / 255.0f;
  }
  guint8 *out = run_dithered (&header, wide, TRUE, 0, 0, 1);
  for (gsize i = 0; i < samples; i++)
    g_assert_cmpint (out[i], ==, wide[i] / 257);
  g_free (out);
  header.depth = IE_DEPTH_FLOAT;
  out = run_dithered (&header, real, TRUE, 0, 0, 1);
  for (gsize i = 0; i < samples; i++)
    g_assert_cmpint (out[i], ==, wide[i] / 257);
  g_free (out);
  for (int step = 1; step < 16; step++) {
    double sum = 0;
    for (gsize i = 0; i < samples; i++)
      real[i] = (100 + (float) step / 16) / 255;
    out = run_dithered (&header, real, TRUE, 0, 0, 1);
    for (gsize i = 0; i < samples; i++) {
      g_assert_true (out[i] == 100 || out[i] == 101);
      sum += out[i];
    }
    g_assert_cmpfloat_with_epsilon (sum / (double) samples, 100 + step / 16.0, 1e-3);
    g_free (out);
  }
  g_free (wide);
  g_free (real);
}

/* The same for every rectangle, number of threads and processor level; without the option nothing is dithered. */
static void
test_dither_rectangles (void)
{
  IeHeader header = { .width = 333, .height = 211, .channels = 4, .has_alpha = TRUE, .depth = IE_DEPTH_U16,
                      .model = IE_MODEL_RGB };
  void *samples = make_samples (&header, FALSE);
  gsize count = 333 * 211 * 4;
  guint8 *first = run_dithered (&header, samples, TRUE, 0, 0, 1);
  static const int sizes[][2] = { { 64, 64 }, { 17, 5 }, { 333, 1 } };
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint8 *other = run_dithered (&header, samples, TRUE, sizes[i][0], sizes[i][1], (int) i + 1);
    g_assert_cmpmem (other, count, first, count);
    g_free (other);
  }
  guint8 *plain = run_dithered (&header, samples, FALSE, 0, 0, 1);
  const guint16 *wide = samples;
  gsize differ = 0;
  for (gsize i = 0; i < count; i++) {
    g_assert_cmpint (plain[i], ==, (wide[i] * 255u + 32767) / 65535);
    g_assert_cmpint (ABS (plain[i] - first[i]), <=, i % 4 == 3 ? 0 : 1);
    differ += plain[i] != first[i];
  }
  g_assert_cmpuint (differ, >, count / 8);
  g_free (plain);
  g_free (first);
  g_free (samples);
}

static void
test_dither_levels (void)
{
  float in[192], thresholds[192];
  guint8 first[192], other[192];
  ie_dither_row (5, 9, 3, FALSE, TRUE, thresholds);
  for (int i = 0; i < 192; i++)
    in[i] = (float) g_test_rand_double_range (-0.2, 1.2);
  ie_convert_at (IE_CPU_BASE)->float_to_u8_dithered (in, first, 192, thresholds);
  for (int level = IE_CPU_BASE; level <= (int) ie_cpu_level (); level++) {
    ie_convert_at ((IeCpuLevel) level)->float_to_u8_dithered (in, other, 192, thresholds);
    g_assert_cmpmem (other, 192, first, 192);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/formats/round-trip/webp", "webp", round_trip);
  g_test_add_data_func ("/formats/round-trip/jxl", "jxl", round_trip);
  g_test_add_data_func ("/formats/round-trip/jp2", "jp2", round_trip);
  g_test_add_data_func ("/formats/round-trip/heif", "heif", round_trip);
  g_test_add_data_func ("/formats/round-trip/avif", "avif", round_trip);
  g_test_add_data_func ("/formats/deep-lossy/heif", "heif", test_deep_lossy);
  g_test_add_data_func ("/formats/deep-lossy/avif", "avif", test_deep_lossy);
  g_test_add_func ("/formats/carry/png", test_carry_png);
  g_test_add_func ("/formats/carry/jpeg", test_carry_jpeg);
  g_test_add_func ("/formats/carry/webp", test_carry_webp);
  g_test_add_func ("/formats/jpeg-layout", test_jpeg_layout);
  g_test_add_func ("/formats/png-bits", test_png_bits);
  g_test_add_func ("/formats/recognised", test_recognised);
  g_test_add_func ("/dither/pattern", test_pattern);
  g_test_add_func ("/dither/values", test_dither_values);
  g_test_add_func ("/dither/rectangles", test_dither_rectangles);
  g_test_add_func ("/dither/levels", test_dither_levels);
  return run_in_folder ();
}
