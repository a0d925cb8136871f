// SPDX-License-Identifier: GPL-3.0-or-later
/* TIFF of every kind of samples: packed by hand here, read, written again, read once more. And its pages. */
#include "enhance/reduce.h"
#include "imageio/imageio.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

#define WIDTH 37
#define HEIGHT 21
#define MOST (WIDTH * HEIGHT * 8)

static char *path, *again;

typedef struct {
  int bits, format, photometric, samples, planar, compression, tile;
  int extras;
  guint16 extra[4];
} Kind;

/* Puts code i of a row of `bits` bits each, the first in the high bits; whole bytes in the machine's order. */
static void
put_code (guint8 *row, gsize i, int bits, guint64 code)
{
  if (bits == 8 || bits == 16 || bits == 24 || bits == 32 || bits == 64) {
    for (int b = 0; b < bits / 8; b++)
      row[i * (gsize) (bits / 8) + (gsize) (G_BYTE_ORDER == G_LITTLE_ENDIAN ? b : bits / 8 - 1 - b)] =
        (guint8) (code >> (8 * b));
    return;
  }
  for (int b = 0; b < bits; b++) {
    gsize at = i * (gsize) bits + (gsize) b;
    if (code >> (bits - 1 - b) & 1)
      row[at / 8] |= (guint8) (0x80 >> at % 8);
  }
}

static TIFF *
begin_file (const Kind *kind)
{
  TIFF *tiff = TIFFOpen (path, "w");
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, WIDTH);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, HEIGHT);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, kind->samples);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, kind->bits);
  TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, kind->format);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, kind->planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, kind->photometric);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, kind->compression);
  if (kind->extras)
    TIFFSetField (tiff, TIFFTAG_EXTRASAMPLES, kind->extras, kind->extra);
  if (kind->tile) {
    TIFFSetField (tiff, TIFFTAG_TILEWIDTH, kind->tile);
    TIFFSetField (tiff, TIFFTAG_TILELENGTH, kind->tile);
  } else
    TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, 8);
  return tiff;
}

static void
write_block (TIFF *tiff, const Kind *kind, const guint64 *codes, int x0, int y0, int plane)
{
  int columns = kind->tile ? kind->tile : WIDTH, rows = kind->tile ? kind->tile : MIN (8, HEIGHT - y0);
  int samples = kind->planar ? 1 : kind->samples;
  gsize stride = ((gsize) columns * (gsize) (samples * kind->bits) + 7) / 8;
  guint8 *block = g_malloc0 (stride * (gsize) rows);
  for (int y = 0; y < rows && y0 + y < HEIGHT; y++)
    for (int x = 0; x < columns && x0 + x < WIDTH; x++)
      for (int s = 0; s < samples; s++)
        put_code (block + stride * (gsize) y, (gsize) (x * samples + s), kind->bits,
                  codes[((y0 + y) * WIDTH + x0 + x) * kind->samples + (kind->planar ? plane : s)]);
  tmsize_t size = (tmsize_t) (stride * (gsize) rows);
  if (kind->tile)
    g_assert_cmpint (TIFFWriteEncodedTile (tiff, TIFFComputeTile (tiff, (uint32_t) x0, (uint32_t) y0, 0,
                                                                  (uint16_t) plane), block, size), ==, size);
  else
    g_assert_cmpint (TIFFWriteEncodedStrip (tiff, TIFFComputeStrip (tiff, (uint32_t) y0, (uint16_t) plane), block,
                                            size), ==, size);
  g_free (block);
}

static void
write_codes (TIFF *tiff, const Kind *kind, const guint64 *codes)
{
  for (int plane = 0; plane < (kind->planar ? kind->samples : 1); plane++)
    for (int y = 0; y < HEIGHT; y += kind->tile ? kind->tile : 8)
      for (int x = 0; x < WIDTH; x += kind->tile ? kind->tile : WIDTH)
        write_block (tiff, kind, codes, x, y, plane);
}

static void
random_codes (const Kind *kind, guint64 *codes)
{
  guint64 mask = kind->bits == 64 ? G_MAXUINT64 : (G_GUINT64_CONSTANT (1) << kind->bits) - 1;
  for (int i = 0; i < WIDTH * HEIGHT * kind->samples; i++)
    codes[i] = ((guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ()) & mask;
  codes[0] = 0;
  codes[1] = mask;
}

static IeSource *
open_file (const char *file, IeFidelity *fidelity)
{
  GError *error = NULL;
  IeReadLimits limits = { .fidelity = fidelity };
  IeSource *source = ie_read_file (file, &limits, NULL, &error);
  g_assert_no_error (error);
  return source;
}

static gsize
row_bytes (const IeHeader *header)
{
  return (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
}

static void *
read_all (IeSource *source)
{
  GError *error = NULL;
  gsize row = row_bytes (&source->header);
  guint8 *data = g_malloc0 (row * (gsize) source->header.height);
  for (int y = 0; y < source->header.height; y += 5) {
    int rows = MIN (5, source->header.height - y);
    source->read (source, (IeRect){ 0, y, source->header.width, rows }, data + row * (gsize) y, (ptrdiff_t) row, &error);
    g_assert_no_error (error);
  }
  return data;
}

static void
write_rows (IeSink *sink, const IeHeader *header, const void *data)
{
  GError *error = NULL;
  gsize row = row_bytes (header);
  sink->begin (sink, header, &error);
  g_assert_no_error (error);
  for (int y = 0; y < header->height; y += 3) {
    int rows = MIN (3, header->height - y);
    sink->write (sink, (IeRect){ 0, y, header->width, rows }, (const guint8 *) data + row * (gsize) y, (ptrdiff_t) row,
                 &error);
    g_assert_no_error (error);
  }
}

static IeFileSink *
new_sink (const IeWriteOptions *options)
{
  GError *error = NULL;
  int fd = g_open (again, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  IeFileSink *sink = ie_file_sink_new (fd, ie_format_find ("tiff"), options, &error);
  g_assert_no_error (error);
  return sink;
}

static void
end_sink (IeFileSink *sink)
{
  GError *error = NULL;
  sink->finish (sink, &error);
  g_assert_no_error (error);
  ie_sink_free (&sink->sink);
}

/* The source written once more holds the same samples, stored in the same way. */
static void
assert_written_alike (IeSource *source, const void *data, const Kind *kind, const char *what)
{
  IeFileSink *sink = new_sink (NULL);
  write_rows (&sink->sink, &source->header, data);
  end_sink (sink);
  IeSource *second = open_file (again, NULL);
  void *samples = read_all (second);
  if (row_bytes (&second->header) != row_bytes (&source->header) ||
      memcmp (samples, data, row_bytes (&source->header) * HEIGHT))
    g_error ("%s: written and read again, samples differ", what);
  g_assert_cmpint (second->header.bits, ==, source->header.bits);
  g_assert_cmpint (second->header.depth, ==, source->header.depth);
  g_assert_cmpint (second->header.model, ==, source->header.model);
  g_free (samples);
  ie_source_free (second);

  uint16_t bits = 0, format = 0, planar = 0, compression = 0;
  TIFF *tiff = TIFFOpen (again, "r");
  TIFFGetField (tiff, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted (tiff, TIFFTAG_SAMPLEFORMAT, &format);
  TIFFGetField (tiff, TIFFTAG_PLANARCONFIG, &planar);
  TIFFGetField (tiff, TIFFTAG_COMPRESSION, &compression);
  if (bits != kind->bits || format != kind->format || compression != kind->compression ||
      TIFFIsTiled (tiff) != (kind->tile != 0) ||
      planar != (kind->planar && source->header.channels > 1 ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG))
    g_error ("%s: stored as %d bits, format %d, compression %d", what, bits, format, compression);
  TIFFClose (tiff);
}

/* The value that a code means, from the definition. */
static double
expected (const Kind *kind, guint64 code)
{
  if (kind->format == SAMPLEFORMAT_INT) {
    gint64 number = (gint64) (code << (64 - kind->bits)) >> (64 - kind->bits);
    return (double) number / (ldexp (1, kind->bits - 1) - 1);
  }
  double value = (double) code / (ldexp (1, kind->bits) - 1);
  return kind->photometric == PHOTOMETRIC_MINISWHITE ? 1 - value : value;
}

static void
try_integers (const Kind *kind)
{
  static guint64 codes[MOST];
  char *what = g_strdup_printf ("%d bits, format %d, photometric %d, %d samples, planar %d, compression %d, tile %d",
                                kind->bits, kind->format, kind->photometric, kind->samples, kind->planar,
                                kind->compression, kind->tile);
  random_codes (kind, codes);
  TIFF *tiff = begin_file (kind);
  write_codes (tiff, kind, codes);
  TIFFClose (tiff);
  IeSource *source = open_file (path, NULL);
  const IeHeader *header = &source->header;
  gboolean whole = kind->format == SAMPLEFORMAT_UINT && kind->bits <= 16;
  g_assert_cmpint (header->channels, ==, kind->samples);
  g_assert_cmpint (header->depth, ==, !whole ? IE_DEPTH_FLOAT : kind->bits <= 8 ? IE_DEPTH_U8 : IE_DEPTH_U16);
  g_assert_cmpint (header->bits, ==, whole && kind->bits % 8 ? kind->bits : 0);
  void *data = read_all (source);
  for (int i = 0; i < WIDTH * HEIGHT * kind->samples; i++) {
    double value = expected (kind, codes[i]), range = ie_depth_range (header->depth);
    double got = header->depth == IE_DEPTH_U8    ? ((guint8 *) data)[i]
                 : header->depth == IE_DEPTH_U16 ? ((guint16 *) data)[i]
                                                 : ((float *) data)[i];
    if (whole ? got != floor (value * range + 0.5) : fabs (got - value) > 1e-7 * fmax (1, fabs (value)))
      g_error ("%s: sample %d is %g, expected %g", what, i, got, value * range);
  }
  /* 32-bit integers lose their low bits on the way: the float picture is then what stays. */
  if (kind->bits < 32)
    assert_written_alike (source, data, kind, what);
  g_free (data);
  g_free (what);
  ie_source_free (source);
}

static void
test_integers (void)
{
  for (int bits = 1; bits <= 32; bits += bits == 16 ? 8 : bits == 24 ? 8 : 1)
    for (int layout = 0; layout < 8; layout++) {
      int samples = layout & 1 ? 3 : 1, compression = layout & 4 ? COMPRESSION_LZW : COMPRESSION_NONE;
      Kind kind = { bits,    SAMPLEFORMAT_UINT, samples == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK,
                    samples, layout & 1 && layout & 2, compression, layout & 2 ? 16 : 0 };
      try_integers (&kind);
      kind.photometric = samples == 1 ? PHOTOMETRIC_MINISWHITE : kind.photometric;
      if (samples == 1 && bits <= 16)
        try_integers (&kind);
    }
}

static void
test_signed (void)
{
  for (int bits = 8; bits <= 32; bits *= 2)
    for (int samples = 1; samples <= 3; samples += 2) {
      Kind kind = { bits, SAMPLEFORMAT_INT, samples == 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK, samples, 0,
                    COMPRESSION_ADOBE_DEFLATE, 0 };
      try_integers (&kind);
    }
}

/* All 65536 halves come back as they were, NaNs as some NaN. */
static void
test_half (void)
{
  static guint64 codes[MOST];
  Kind kind = { 16, SAMPLEFORMAT_IEEEFP, PHOTOMETRIC_RGB, 3, 0, COMPRESSION_NONE, 0 };
  for (int from = 0; from < 65536; from += WIDTH * HEIGHT * 3) {
    for (int i = 0; i < WIDTH * HEIGHT * 3; i++)
      codes[i] = (guint64) ((from + i) % 65536);
    TIFF *tiff = begin_file (&kind);
    write_codes (tiff, &kind, codes);
    TIFFClose (tiff);
    IeSource *source = open_file (path, NULL);
    float *data = read_all (source);
    IeFileSink *sink = new_sink (NULL);
    write_rows (&sink->sink, &source->header, data);
    end_sink (sink);
    IeSource *second = open_file (again, NULL);
    float *twice = read_all (second);
    for (int i = 0; i < WIDTH * HEIGHT * 3; i++) {
      int code = (int) codes[i], exponent = code >> 10 & 31, fraction = code & 1023;
      double value = exponent == 0    ? ldexp (fraction, -24)
                     : exponent == 31 ? (fraction ? NAN : INFINITY)
                                      : ldexp (1024 + fraction, exponent - 25);
      value = code & 0x8000 ? -value : value;
      if (isnan (value) ? !isnan (data[i]) || !isnan (twice[i]) : (double) data[i] != value || twice[i] != data[i])
        g_error ("half %04x: read %g, again %g, expected %g", code, data[i], twice[i], value);
    }
    g_free (data);
    g_free (twice);
    ie_source_free (source);
    ie_source_free (second);
  }
}

static void
test_lab (void)
{
  static guint64 codes[MOST];
  for (int bits = 8; bits <= 16; bits += 8) {
    Kind kind = { bits, SAMPLEFORMAT_UINT, PHOTOMETRIC_CIELAB, 3, 0, COMPRESSION_NONE, 0 };
    random_codes (&kind, codes);
    TIFF *tiff = begin_file (&kind);
    write_codes (tiff, &kind, codes);
    TIFFClose (tiff);
    IeSource *source = open_file (path, NULL);
    void *data = read_all (source);
    g_assert_cmpint (source->header.model, ==, IE_MODEL_LAB);
    for (int i = 0; i < WIDTH * HEIGHT * 3; i++) {
      double range = bits == 8 ? 255 : 65535, got = bits == 8 ? ((guint8 *) data)[i] : ((guint16 *) data)[i];
      double number = i % 3 == 0  ? (double) codes[i] * 100 / range
                      : bits == 8 ? (double) (gint8) codes[i]
                                  : (double) (gint16) codes[i] / 256;
      double read = i % 3 == 0 ? got / range * 100 : bits == 8 ? got - 128 : got / 256 - 128;
      g_assert_cmpfloat (fabs (read - number), <=, 0.5 * 255 / range + 1e-9);
    }
    assert_written_alike (source, data, &kind, "Lab");
    g_free (data);
    ie_source_free (source);
  }
}

static void
test_palette (void)
{
  static guint64 codes[MOST];
  for (int bits = 1; bits <= 8; bits *= 2)
    for (int wide = 0; wide < 2; wide++) {
      Kind kind = { bits, SAMPLEFORMAT_UINT, PHOTOMETRIC_PALETTE, 1, 0, COMPRESSION_NONE, 0 };
      guint16 map[3][256];
      for (int i = 0; i < 768; i++)
        map[i / 256][i % 256] = (guint16) (wide ? g_test_rand_int_range (0, 65536) | 1 : g_test_rand_int_range (0, 256) * 257);
      map[0][0] = wide ? 300 : 0; /* no byte twice */
      random_codes (&kind, codes);
      TIFF *tiff = begin_file (&kind);
      TIFFSetField (tiff, TIFFTAG_COLORMAP, map[0], map[1], map[2]);
      write_codes (tiff, &kind, codes);
      TIFFClose (tiff);
      IeSource *source = open_file (path, NULL);
      g_assert_cmpint (source->header.depth, ==, wide ? IE_DEPTH_U16 : IE_DEPTH_U8);
      void *data = read_all (source);
      for (int i = 0; i < WIDTH * HEIGHT * 3; i++) {
        guint entry = map[i % 3][codes[i / 3]];
        if (wide)
          g_assert_cmpint (((guint16 *) data)[i], ==, entry);
        else
          g_assert_cmpint (((guint8 *) data)[i], ==, entry >> 8);
      }
      g_free (data);
      ie_source_free (source);
    }
}

/* Clumps packed by hand from luma and chroma planes; RGB by the formulas of CCIR 601. */
static void
test_ycbcr (void)
{
  for (int across = 1; across <= 4; across *= 2)
    for (int down = 1; down <= across; down *= 2) {
      static guint8 luma[HEIGHT][WIDTH], chroma[2][HEIGHT][WIDTH];
      Kind kind = { 8, SAMPLEFORMAT_UINT, PHOTOMETRIC_YCBCR, 3, 0, COMPRESSION_LZW, 0 };
      int clumps = (WIDTH + across - 1) / across;
      for (int i = 0; i < WIDTH * HEIGHT; i++) {
        luma[i / WIDTH][i % WIDTH] = (guint8) g_test_rand_int ();
        chroma[0][i / WIDTH][i % WIDTH] = (guint8) g_test_rand_int ();
        chroma[1][i / WIDTH][i % WIDTH] = (guint8) g_test_rand_int ();
      }
      TIFF *tiff = begin_file (&kind);
      TIFFSetField (tiff, TIFFTAG_YCBCRSUBSAMPLING, across, down);
      for (int y0 = 0; y0 < HEIGHT; y0 += 8) {
        GByteArray *strip = g_byte_array_new ();
        for (int cy = y0 / down; cy < (MIN (y0 + 8, HEIGHT) + down - 1) / down; cy++)
          for (int cx = 0; cx < clumps; cx++) {
            for (int j = 0; j < down * across; j++)
              g_byte_array_append (strip, &luma[MIN (cy * down + j / across, HEIGHT - 1)]
                                               [MIN (cx * across + j % across, WIDTH - 1)], 1);
            g_byte_array_append (strip, &chroma[0][cy][cx], 1);
            g_byte_array_append (strip, &chroma[1][cy][cx], 1);
          }
        g_assert_cmpint (TIFFWriteEncodedStrip (tiff, (uint32_t) (y0 / 8), strip->data, strip->len), >, 0);
        g_byte_array_unref (strip);
      }
      TIFFClose (tiff);
      IeSource *source = open_file (path, NULL);
      guint8 *data = read_all (source);
      for (int i = 0; i < WIDTH * HEIGHT; i++) {
        int y = i / WIDTH, x = i % WIDTH;
        double cb = chroma[0][y / down][x / across] - 128.0, cr = chroma[1][y / down][x / across] - 128.0;
        double l = luma[y][x], r = l + 1.402 * cr, b = l + 1.772 * cb, g = (l - 0.299 * r - 0.114 * b) / 0.587;
        double rgb[3] = { r, g, b };
        for (int c = 0; c < 3; c++)
          g_assert_cmpfloat (fabs (data[3 * i + c] - fmin (fmax (rgb[c], 0), 255)), <=, 0.51);
      }
      g_free (data);
      ie_source_free (source);
    }
}

/* The first alpha among extra samples is used, others are dropped and named. */
static void
test_extras (void)
{
  static guint64 codes[MOST];
  for (int planar = 0; planar < 2; planar++) {
    Kind kind = { 8, SAMPLEFORMAT_UINT, PHOTOMETRIC_RGB, 6, planar, COMPRESSION_NONE, 0, 3,
                  { EXTRASAMPLE_UNSPECIFIED, EXTRASAMPLE_UNASSALPHA, EXTRASAMPLE_UNSPECIFIED } };
    IeFidelity *fidelity = ie_fidelity_new ();
    random_codes (&kind, codes);
    TIFF *tiff = begin_file (&kind);
    write_codes (tiff, &kind, codes);
    TIFFClose (tiff);
    IeSource *source = open_file (path, fidelity);
    guint8 *data = read_all (source);
    g_assert_cmpint (source->header.channels, ==, 4);
    g_assert_true (source->header.has_alpha);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
      for (int c = 0; c < 4; c++)
        g_assert_cmpint (data[4 * i + c], ==, codes[6 * i + (c == 3 ? 4 : c)]);
    char *dropped = ie_fidelity_dropped (fidelity);
    g_assert_nonnull (strstr (dropped, "2 extra samples"));
    g_free (dropped);
    g_free (data);
    ie_source_free (source);
    ie_fidelity_free (fidelity);
  }
}

/* ---- Pages ------------------------------------------------------------------------------------------------------- */

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
  char *folder = g_dir_make_tmp ("imgenhance-test-XXXXXX", NULL);
  path = g_build_filename (folder, "kind.tif", NULL);
  again = g_build_filename (folder, "again.tif", NULL);
  TIFFSetWarningHandler (NULL);
  g_test_add_func ("/tiff-kinds/integers", test_integers);
  g_test_add_func ("/tiff-kinds/signed", test_signed);
  g_test_add_func ("/tiff-kinds/half", test_half);
  g_test_add_func ("/tiff-kinds/lab", test_lab);
  g_test_add_func ("/tiff-kinds/palette", test_palette);
  g_test_add_func ("/tiff-kinds/ycbcr", test_ycbcr);
  g_test_add_func ("/tiff-kinds/extras", test_extras);
  g_test_add_func ("/tiff-kinds/pages", test_pages);
  g_test_add_func ("/tiff-kinds/reduced", test_reduced);
  g_test_add_func ("/tiff-kinds/options", test_options);
  int result = g_test_run ();
  g_unlink (path);
  g_unlink (again);
  g_rmdir (folder);
  g_free (path);
  g_free (again);
  g_free (folder);
  return result;
}
