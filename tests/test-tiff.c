// SPDX-License-Identifier: GPL-3.0-or-later
/* TIFF in every layout that libtiff writes: strips, tiles, planes, byte orders, BigTIFF, codes to be turned. */
#include "imageio/imageio.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

#define WIDTH 83
#define HEIGHT 71

typedef struct {
  const char *mode; /* of TIFFOpen: byte order, BigTIFF */
  int bits, format, channels, planar, compression;
  int block_rows, tile_width; /* of strips, or tiles when tile_width is set */
} Layout;

static char *path;

/* Stored samples of one strip or tile: columns x rows from (x, y), of one plane or all; 7 beyond the picture. */
static void
fill_block (const Layout *layout, const guint8 *samples, int x, int y, int plane, int columns, int rows, guint8 *block)
{
  int size = layout->bits / 8, channels = layout->planar ? 1 : layout->channels;
  memset (block, 7, (gsize) columns * (gsize) rows * (gsize) (channels * size));
  for (int j = 0; j < rows && y + j < HEIGHT; j++)
    for (int i = 0; i < columns && x + i < WIDTH; i++)
      for (int c = 0; c < channels; c++)
        memcpy (block + ((j * columns + i) * channels + c) * size,
                samples + (((y + j) * WIDTH + x + i) * layout->channels + (layout->planar ? plane : c)) * size,
                (gsize) size);
}

static void
set_fields (TIFF *tiff, const Layout *layout)
{
  uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, WIDTH);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, HEIGHT);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, layout->channels);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, layout->bits);
  TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, layout->format);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, layout->planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, layout->channels > 2 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, layout->compression);
  if (layout->channels == 4)
    TIFFSetField (tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
  if (layout->tile_width) {
    TIFFSetField (tiff, TIFFTAG_TILEWIDTH, layout->tile_width);
    TIFFSetField (tiff, TIFFTAG_TILELENGTH, layout->block_rows);
  } else
    TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, layout->block_rows);
}

static void
write_layout (const Layout *layout, const guint8 *samples)
{
  TIFF *tiff = TIFFOpen (path, layout->mode);
  int planes = layout->planar ? layout->channels : 1, columns = layout->tile_width ? layout->tile_width : WIDTH;
  gsize row = (gsize) columns * (gsize) (layout->planar ? 1 : layout->channels) * (gsize) (layout->bits / 8);
  guint8 *block = g_malloc (row * (gsize) layout->block_rows);
  set_fields (tiff, layout);
  for (int plane = 0; plane < planes; plane++)
    for (int y = 0; y < HEIGHT; y += layout->block_rows)
      for (int x = 0; x < WIDTH; x += columns) {
        int rows = layout->tile_width ? layout->block_rows : MIN (layout->block_rows, HEIGHT - y);
        tmsize_t bytes = (tmsize_t) (row * (gsize) rows);
        fill_block (layout, samples, x, y, plane, columns, rows, block);
        if (layout->tile_width)
          g_assert_cmpint (
            TIFFWriteEncodedTile (tiff, TIFFComputeTile (tiff, (uint32_t) x, (uint32_t) y, 0, (uint16_t) plane), block,
                                  bytes), ==, bytes);
        else
          g_assert_cmpint (
            TIFFWriteEncodedStrip (tiff, TIFFComputeStrip (tiff, (uint32_t) y, (uint16_t) plane), block, bytes), ==,
            bytes);
      }
  TIFFClose (tiff);
  g_free (block);
}

/* Everything, twice, the second time from the middle backwards in bands. */
static void
assert_samples (int channels, IeDepth depth, const void *expected, const char *what)
{
  GError *error = NULL;
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (source->header.channels, ==, channels);
  g_assert_cmpint (source->header.depth, ==, depth);
  gsize row = WIDTH * (gsize) channels * ie_depth_bytes (depth);
  guint8 *got = g_malloc0 (row * HEIGHT);
  for (int band = 3; band < HEIGHT; band += 40) {
    memset (got, 0, row * HEIGHT);
    for (int y = 0; y < HEIGHT; y += band) {
      IeRect rect = { 0, y, WIDTH, MIN (band, HEIGHT - y) };
      g_assert_true (source->read (source, rect, got + row * (gsize) y, (ptrdiff_t) row, &error));
    }
    if (memcmp (got, expected, row * HEIGHT))
      g_error ("%s: samples differ", what);
    g_assert_true (source->rewind (source, &error));
  }
  g_free (got);
  ie_source_free (source);
}

static void
try_layout (const Layout *layout)
{
  IeDepth depth = layout->format == SAMPLEFORMAT_IEEEFP ? IE_DEPTH_FLOAT
                  : layout->bits == 16                  ? IE_DEPTH_U16
                                                        : IE_DEPTH_U8;
  gsize count = WIDTH * HEIGHT * (gsize) layout->channels;
  void *stored = g_malloc (count * 8), *expected = g_malloc (count * 4);
  for (gsize i = 0; i < count; i++) {
    double number = g_test_rand_int_range (-2048, 2048) / 1024.0; /* exact in 16 bits */
    if (layout->format == SAMPLEFORMAT_UINT && layout->bits == 8)
      ((guint8 *) expected)[i] = ((guint8 *) stored)[i] = (guint8) g_test_rand_int ();
    else if (layout->format == SAMPLEFORMAT_UINT)
      ((guint16 *) expected)[i] = ((guint16 *) stored)[i] = (guint16) g_test_rand_int ();
    else {
      ((float *) expected)[i] = (float) number;
      if (layout->bits == 64)
        ((double *) stored)[i] = number;
      else
        ((float *) stored)[i] = (float) number;
    }
  }
  char *what = g_strdup_printf ("mode %s, %d bits, format %d, %d channels, planar %d, compression %d, rows %d, tile %d",
                                layout->mode, layout->bits, layout->format, layout->channels, layout->planar,
                                layout->compression, layout->block_rows, layout->tile_width);
  write_layout (layout, stored);
  assert_samples (layout->channels, depth, expected, what);
  g_free (what);
  g_free (stored);
  g_free (expected);
}

static void
test_layouts (void)
{
  static const char *const modes[] = { "wl", "wb", "wl8", "wb8" };
  static const int kinds[][2] = {
    { 8, SAMPLEFORMAT_UINT }, { 16, SAMPLEFORMAT_UINT }, { 32, SAMPLEFORMAT_IEEEFP }, { 64, SAMPLEFORMAT_IEEEFP }
  };
  static const int blocks[][2] = { { 1, 0 }, { 16, 0 }, { HEIGHT, 0 }, { 16, 16 }, { 32, 48 }, { 96, 96 } };
  static const int compressions[] = { COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_PACKBITS,
                                      COMPRESSION_ADOBE_DEFLATE };
  for (gsize m = 0; m < G_N_ELEMENTS (modes); m++)
    for (gsize k = 0; k < G_N_ELEMENTS (kinds); k++)
      for (gsize b = 0; b < G_N_ELEMENTS (blocks); b++)
        for (gsize c = 0; c < G_N_ELEMENTS (compressions); c++)
          for (int planar = 0; planar < 2; planar++)
            for (int channels = 1; channels <= 4; channels += channels == 1 ? 2 : 1) {
              Layout layout = { modes[m], kinds[k][0], kinds[k][1],  channels,
                                planar,   compressions[c], blocks[b][0], blocks[b][1] };
              try_layout (&layout);
            }
}

/* One 8-bit strip of given codes, written with the given tags. */
static void
write_codes (const void *codes, int columns, int channels, int bits, int format, int photometric, int extra)
{
  TIFF *tiff = TIFFOpen (path, "w");
  uint16_t kind = (uint16_t) extra;
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, columns);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, 1);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, channels);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, bits);
  TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, format);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, photometric);
  if (extra >= 0)
    TIFFSetField (tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
  g_assert_cmpint (TIFFWriteEncodedStrip (tiff, 0, (void *) codes, columns * channels * bits / 8), >, 0);
  TIFFClose (tiff);
}

static void
assert_codes (const void *expected, gsize size)
{
  GError *error = NULL;
  guint8 got[64];
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (source->read (source, (IeRect){ 0, 0, source->header.width, 1 }, got, sizeof got, &error));
  g_assert_cmpmem (got, size, expected, size);
  ie_source_free (source);
}

static void
test_turned (void)
{
  write_codes ((guint8[]){ 0, 10, 255 }, 3, 1, 8, SAMPLEFORMAT_UINT, PHOTOMETRIC_MINISWHITE, -1);
  assert_codes ((guint8[]){ 255, 245, 0 }, 3);
  write_codes ((guint16[]){ 0, 10, 65535 }, 3, 1, 16, SAMPLEFORMAT_UINT, PHOTOMETRIC_MINISWHITE, -1);
  assert_codes ((guint16[]){ 65535, 65525, 0 }, 6);
  /* Associated alpha: 64 * 255 / 128 = 127.5, 200 > alpha stops at full range, alpha 0 keeps what is there. */
  write_codes ((guint8[]){ 64, 128, 200, 128, 9, 0 }, 3, 2, 8, SAMPLEFORMAT_UINT, PHOTOMETRIC_MINISBLACK,
               EXTRASAMPLE_ASSOCALPHA);
  assert_codes ((guint8[]){ 128, 128, 255, 128, 9, 0 }, 6);
  write_codes ((float[]){ 0.25f, 0.5f, 0.25f, 0 }, 2, 2, 32, SAMPLEFORMAT_IEEEFP, PHOTOMETRIC_MINISBLACK,
               EXTRASAMPLE_ASSOCALPHA);
  assert_codes ((float[]){ 0.5f, 0.5f, 0.25f, 0 }, 16);
  /* binary16: 1, -2, the largest, the smallest, infinity. */
  write_codes ((guint16[]){ 0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00 }, 5, 1, 16, SAMPLEFORMAT_IEEEFP,
               PHOTOMETRIC_MINISBLACK, -1);
  assert_codes ((float[]){ 1, -2, 65504, 0x1p-24f, (float) INFINITY }, 20);
}

static void
test_refused (void)
{
  static const guint8 codes[16] = { 0 };
  static const int cases[][5] = { /* channels, bits, format, photometric, extra */
    { 1, 32, SAMPLEFORMAT_COMPLEXINT, PHOTOMETRIC_MINISBLACK, -1 }, { 1, 64, SAMPLEFORMAT_INT, PHOTOMETRIC_MINISBLACK, -1 },
    { 3, 32, SAMPLEFORMAT_UINT, PHOTOMETRIC_CIELAB, -1 },           { 3, 16, SAMPLEFORMAT_UINT, PHOTOMETRIC_YCBCR, -1 },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    GError *error = NULL;
    write_codes (codes, 1, cases[i][0], cases[i][1], cases[i][2], cases[i][3], cases[i][4]);
    g_assert_null (ie_read_file (path, NULL, NULL, &error));
    g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
    if (!strstr (error->message, "not supported"))
      g_error ("case %d: %s", (int) i, error->message);
    g_clear_error (&error);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  char *folder = g_dir_make_tmp ("imgenhance-test-XXXXXX", NULL);
  path = g_build_filename (folder, "layout.tif", NULL);
  TIFFSetWarningHandler (NULL);
  g_test_add_func ("/tiff/layouts", test_layouts);
  g_test_add_func ("/tiff/turned", test_turned);
  g_test_add_func ("/tiff/refused", test_refused);
  int result = g_test_run ();
  g_unlink (path);
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
  return result;
}
