// SPDX-License-Identifier: GPL-3.0-or-later
/* TIFF of every kind of samples: packed by hand here, read, written again, read once more. */
#include "tests/tiff.h"

#include <math.h>

#define WIDTH 37
#define HEIGHT 21
#define MOST (WIDTH * HEIGHT * 8)

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tiff_begin ();
  g_test_add_func ("/tiff-kinds/integers", test_integers);
  g_test_add_func ("/tiff-kinds/signed", test_signed);
  g_test_add_func ("/tiff-kinds/half", test_half);
  g_test_add_func ("/tiff-kinds/lab", test_lab);
  g_test_add_func ("/tiff-kinds/palette", test_palette);
  g_test_add_func ("/tiff-kinds/ycbcr", test_ycbcr);
  g_test_add_func ("/tiff-kinds/extras", test_extras);
  return tiff_end ();
}
