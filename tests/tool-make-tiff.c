// SPDX-License-Identifier: GPL-3.0-or-later
/* tool-make-tiff WIDTH HEIGHT CHANNELS BITS FILE [TILE]: an uncompressed TIFF for tests, written strip by strip, so that its
 * size is bounded by the disk alone. CHANNELS: 1 gray, 2 gray + alpha, 3 RGB, 4 RGB + alpha. BITS: 8, 16, or 32 (float, 0..1).
 * TILE: a BigTIFF of tiles of that size, which repeats its first row of tiles.
 *
 * Huge pictures repeat their first rows, so that they are made at the speed of the disk.
 *
 * The pattern: slopes, squares and noise from a fixed seed, so that edges, flat areas and every value occur. Alpha is 0, full
 * and in between. The noise of a pixel depends on its place alone: the same picture on every machine. It needs libtiff and
 * nothing of ours: a picture that our own writer has not seen.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

#define STRIP_BYTES (1 << 20)
#define SQUARE 37       /* pixels a side: no multiple of any tile's */
#define NOISE_SHARE 16  /* noise: one part in so many of the range */
#define BIG_TIFF 3900000000.0
#define MOST_CHANNELS 4
#define HUGE_SAMPLES 5e8
#define HUGE_PERIOD 61 /* rows */

typedef struct {
  long width, height;
  int channels, bits;
} Shape;

/* A hash of 32 bits (Wellons, "lowbias32"). */
static uint32_t
hash (uint32_t x)
{
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ x >> 16;
}

/* Sample of 16 bits. */
static uint32_t
pattern (const Shape *shape, long x, long y, int channel)
{
  int has_alpha = shape->channels % 2 == 0;
  uint32_t square = hash ((uint32_t) (x / SQUARE) * 7919u + (uint32_t) (y / SQUARE));
  if (has_alpha && channel == shape->channels - 1)
    return square % 3 == 0 ? 0 : square % 3 == 1 ? 65535 : (uint32_t) (x * 65535 / shape->width);
  uint32_t slope = (uint32_t) ((x * (channel + 1) + y * 2) % 4096) * 12;
  uint32_t edge = (square >> (4 * channel)) % 16 * 900;
  uint32_t noise = hash ((uint32_t) x * 2654435761u ^ (uint32_t) y * 40503u ^ (uint32_t) channel) % (65536 / NOISE_SHARE);
  uint32_t value = slope + edge + noise;
  return value > 65535 ? 65535 : value;
}

static void
fill_row (const Shape *shape, long y, void *row)
{
  long i = 0;
  for (long x = 0; x < shape->width; x++)
    for (int c = 0; c < shape->channels; c++, i++) {
      uint32_t value = pattern (shape, x, y, c);
      if (shape->bits == 8)
        ((uint8_t *) row)[i] = (uint8_t) (value >> 8);
      else if (shape->bits == 16)
        ((uint16_t *) row)[i] = (uint16_t) value;
      else
        ((float *) row)[i] = (float) value / 65535.0f;
    }
}

static void
describe (TIFF *tiff, const Shape *shape)
{
  TIFFSetField (tiff, TIFFTAG_IMAGEWIDTH, (uint32_t) shape->width);
  TIFFSetField (tiff, TIFFTAG_IMAGELENGTH, (uint32_t) shape->height);
  TIFFSetField (tiff, TIFFTAG_SAMPLESPERPIXEL, shape->channels);
  TIFFSetField (tiff, TIFFTAG_BITSPERSAMPLE, shape->bits);
  TIFFSetField (tiff, TIFFTAG_SAMPLEFORMAT, shape->bits == 32 ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
  TIFFSetField (tiff, TIFFTAG_PHOTOMETRIC, shape->channels >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  TIFFSetField (tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField (tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  if (shape->channels % 2 == 0)
    TIFFSetField (tiff, TIFFTAG_EXTRASAMPLES, 1, (uint16_t[]){ EXTRASAMPLE_UNASSALPHA });
}

static int
write_tiles (const Shape *shape, const char *path, long tile)
{
  long across = (shape->width + tile - 1) / tile, down = (shape->height + tile - 1) / tile;
  Shape padded = { across * tile, shape->height, shape->channels, shape->bits };
  size_t pixel_bytes = (size_t) (shape->channels * shape->bits / 8), tile_row = (size_t) tile * pixel_bytes;
  TIFF *tiff = TIFFOpen (path, "w8");
  char *row = malloc (tile_row * (size_t) across), *tiles = malloc (tile_row * (size_t) (across * tile));
  int failed = !tiff || !row || !tiles;
  if (tiff) {
    describe (tiff, shape);
    TIFFSetField (tiff, TIFFTAG_TILEWIDTH, (uint32_t) tile);
    TIFFSetField (tiff, TIFFTAG_TILELENGTH, (uint32_t) tile);
  }
  for (long y = 0; y < tile && !failed; y++) {
    fill_row (&padded, y, row);
    for (long i = 0; i < across; i++)
      memcpy (tiles + (size_t) (i * tile + y) * tile_row, row + (size_t) i * tile_row, tile_row);
  }
  for (long i = 0; i < across * down && !failed; i++) {
    char *from = tiles + (size_t) (i % across * tile) * tile_row;
    failed = TIFFWriteEncodedTile (tiff, (uint32_t) i, from, (tmsize_t) (tile_row * (size_t) tile)) < 0;
  }
  failed = !tiff || !TIFFFlush (tiff) || failed;
  if (tiff)
    TIFFClose (tiff);
  free (row);
  free (tiles);
  return failed;
}

static int
write_tiff (const Shape *shape, const char *path)
{
  double bytes = (double) shape->width * (double) shape->height * shape->channels * shape->bits / 8;
  size_t row_bytes = (size_t) shape->width * (size_t) shape->channels * (size_t) shape->bits / 8;
  TIFF *tiff = TIFFOpen (path, bytes > BIG_TIFF ? "w8" : "w");
  if (!tiff)
    return 1;
  long rows = STRIP_BYTES / (long) row_bytes;
  describe (tiff, shape);
  TIFFSetField (tiff, TIFFTAG_ROWSPERSTRIP, (uint32_t) (rows < 1 ? 1 : rows));
  long period = bytes * 8 / shape->bits > HUGE_SAMPLES ? HUGE_PERIOD : 1;
  char *row = malloc (row_bytes * (size_t) period);
  int failed = !row;
  for (long y = 0; y < shape->height && !failed; y++) {
    char *at = row + row_bytes * (size_t) (y % period);
    if (period == 1 || y < period)
      fill_row (shape, y, at);
    failed = TIFFWriteScanline (tiff, at, (uint32_t) y, 0) < 0;
  }
  free (row);
  failed = !TIFFFlush (tiff) || failed;
  TIFFClose (tiff);
  return failed;
}

int
main (int argc, char **argv)
{
  if (argc != 6 && argc != 7) {
    fprintf (stderr, "usage: tool-make-tiff WIDTH HEIGHT CHANNELS BITS FILE [TILE]\n");
    return 2;
  }
  Shape shape = { atol (argv[1]), atol (argv[2]), atoi (argv[3]), atoi (argv[4]) };
  if (shape.width < 1 || shape.height < 1 || shape.channels < 1 || shape.channels > MOST_CHANNELS ||
      (shape.bits != 8 && shape.bits != 16 && shape.bits != 32)) {
    fprintf (stderr, "tool-make-tiff: no such picture\n");
    return 2;
  }
  long tile = argc == 7 ? atol (argv[6]) : 0;
  if (tile < 0 || tile % 16 != 0) {
    fprintf (stderr, "tool-make-tiff: tiles are multiples of 16\n");
    return 2;
  }
  if (tile ? write_tiles (&shape, argv[5], tile) : write_tiff (&shape, argv[5])) {
    fprintf (stderr, "tool-make-tiff: %s: cannot be written\n", argv[5]);
    return 1;
  }
  return 0;
}
