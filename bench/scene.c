// SPDX-License-Identifier: GPL-3.0-or-later
/* The photograph that is measured on: a mosaic of real photographs, so that statistics (which median and histogram code
 * depends on) are those of pictures and not of noise. Float arithmetic of this file need not be the same everywhere. */
#include "bench/harness.h"
#include "imageio/imageio.h"

#include <math.h>
#include <string.h>

#define COLUMNS 6
#define ROWS 4
#define UPSCALE 2
#define NOISE (1.5 / 255) /* standard deviation: a clean photograph at base sensitivity */
#define MOST_PICTURES (COLUMNS * ROWS)

/* xorshift32 (Marsaglia 2003). */
static guint32
random_next (guint32 *state)
{
  guint32 x = *state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return *state = x;
}

/* Nearly normal: the sum of four uniform numbers, standard deviation 1. */
static float
random_normal (guint32 *state)
{
  guint32 sum = 0;
  for (int i = 0; i < 4; i++)
    sum += random_next (state) >> 16;
  return ((float) sum / 65536.0f - 2.0f) * 1.7320508f;
}

static void
row_to_rgb (const IeHeader *header, const void *row, float *rgb)
{
  int colours = ie_colours (header->channels, header->has_alpha);
  for (int x = 0; x < header->width; x++) {
    for (int c = 0; c < 3; c++) {
      int i = x * header->channels + (colours >= 3 ? c : 0);
      rgb[3 * x + c] = header->depth == IE_DEPTH_U8    ? ((const guint8 *) row)[i] / 255.0f
                       : header->depth == IE_DEPTH_U16 ? ((const guint16 *) row)[i] / 65535.0f
                                                       : ((const float *) row)[i];
    }
  }
}

/* A picture file as RGB float; data NULL when it cannot be read. */
static BenchPicture
read_picture (const char *path)
{
  BenchPicture none = { 0 };
  g_autoptr (GError) error = NULL;
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  if (!source)
    return none;
  IeHeader header = source->header;
  BenchPicture picture = bench_picture_new (header.width, header.height, 3, BENCH_FLOAT);
  ptrdiff_t stride = (ptrdiff_t) ((gsize) header.width * (gsize) header.channels * ie_depth_bytes (header.depth));
  void *row = g_malloc ((gsize) stride);
  gboolean good = TRUE;
  for (int y = 0; y < header.height && good; y++) {
    good = source->read (source, (IeRect){ 0, y, header.width, 1 }, row, stride, &error);
    if (good)
      row_to_rgb (&header, row, (float *) picture.data + (gsize) y * 3 * (gsize) header.width);
  }
  g_free (row);
  ie_source_free (source);
  if (!good)
    bench_picture_free (&picture);
  return picture;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static int
read_folder (const char *folder, BenchPicture *pictures)
{
  GDir *dir = folder ? g_dir_open (folder, 0, NULL) : NULL;
  if (!dir)
    return 0;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  for (const char *name; (name = g_dir_read_name (dir));)
    g_ptr_array_add (names, g_build_filename (folder, name, NULL));
  g_dir_close (dir);
  g_ptr_array_sort (names, compare_names);
  int count = 0;
  for (guint i = 0; i < names->len && count < MOST_PICTURES; i++) {
    BenchPicture picture = read_picture (names->pdata[i]);
    if (picture.data)
      pictures[count++] = picture;
  }
  return count;
}

/* Disks and slopes of many sizes: edges and flat areas, when there is no photograph at hand. */
static BenchPicture
procedural_picture (guint32 *random)
{
  int width = 768, height = 512;
  BenchPicture picture = bench_picture_new (width, height, 3, BENCH_FLOAT);
  float *data = picture.data;
  for (int i = 0; i < width * height; i++)
    for (int c = 0; c < 3; c++)
      data[3 * i + c] = 0.2f + 0.5f * (float) (i / width) / (float) height + 0.1f * (float) c;
  for (int disk = 0; disk < 400; disk++) {
    int cx = (int) (random_next (random) % (guint) width), cy = (int) (random_next (random) % (guint) height);
    int radius = 3 + (int) (random_next (random) % 60);
    float colour[3];
    for (int c = 0; c < 3; c++)
      colour[c] = (float) (random_next (random) >> 8) / 16777216.0f;
    for (int y = MAX (cy - radius, 0); y < MIN (cy + radius, height); y++)
      for (int x = MAX (cx - radius, 0); x < MIN (cx + radius, width); x++)
        if ((x - cx) * (x - cx) + (y - cy) * (y - cy) < radius * radius)
          memcpy (data + 3 * (y * width + x), colour, sizeof colour);
  }
  return picture;
}

/* Catmull-Rom: the interpolating cubic with a = -1/2 (Keys 1981). */
static void
cubic_weights (float t, float weights[4])
{
  weights[0] = ((-0.5f * t + 1) * t - 0.5f) * t;
  weights[1] = (1.5f * t - 2.5f) * t * t + 1;
  weights[2] = ((-1.5f * t + 2) * t + 0.5f) * t;
  weights[3] = (0.5f * t - 0.5f) * t * t;
}

/* Pixel (x, y) of the picture upscaled UPSCALE times, mirrored at its edges as often as needed. */
static void
sample_upscaled (const BenchPicture *picture, int x, int y, float rgb[3])
{
  float sx = ((float) x + 0.5f) / UPSCALE - 0.5f, sy = ((float) y + 0.5f) / UPSCALE - 0.5f;
  int x0 = (int) floorf (sx), y0 = (int) floorf (sy);
  float wx[4], wy[4];
  cubic_weights (sx - (float) x0, wx);
  cubic_weights (sy - (float) y0, wy);
  rgb[0] = rgb[1] = rgb[2] = 0;
  for (int j = 0; j < 4; j++) {
    const float *row =
        (const float *) picture->data + 3 * (gsize) picture->width * (gsize) ie_reflect (y0 - 1 + j, picture->height);
    for (int i = 0; i < 4; i++) {
      const float *pixel = row + 3 * ie_reflect (x0 - 1 + i, picture->width);
      for (int c = 0; c < 3; c++)
        rgb[c] += wy[j] * wx[i] * pixel[c];
    }
  }
}

static void
fill_row (const BenchPicture *scene, const BenchPicture *pictures, int count, int y, guint32 seed)
{
  float *out = (float *) scene->data + (gsize) y * 3 * (gsize) scene->width;
  int tile_width = (scene->width + COLUMNS - 1) / COLUMNS, tile_height = (scene->height + ROWS - 1) / ROWS;
  guint32 random = seed + 2654435761u * (guint32) (y + 1);
  for (int x = 0; x < scene->width; x++) {
    int tile = y / tile_height * COLUMNS + x / tile_width;
    int tx = x % tile_width;
    if (tile / count % 2)
      tx = tile_width - 1 - tx;
    float rgb[3];
    sample_upscaled (&pictures[tile % count], tx, y % tile_height, rgb);
    for (int c = 0; c < 3; c++) {
      float value = rgb[c] + (float) NOISE * random_normal (&random); /* CLAMP asks for it more than once */
      out[3 * x + c] = CLAMP (value, 0.0f, 1.0f);
    }
  }
}

BenchPicture
bench_scene_new (const char *folder, int width, int height, guint32 seed, char **what)
{
  BenchPicture pictures[MOST_PICTURES], scene = bench_picture_new (width, height, 3, BENCH_FLOAT);
  int count = read_folder (folder, pictures);
  guint32 random = seed;
  if (count)
    *what = g_strdup_printf ("mosaic of %d pictures", count);
  else {
    *what = g_strdup ("procedural scene (no photographs found)");
    while (count < MOST_PICTURES)
      pictures[count++] = procedural_picture (&random);
  }
  for (int y = 0; y < height; y++)
    fill_row (&scene, pictures, count, y, seed);
  for (int i = 0; i < count; i++)
    bench_picture_free (&pictures[i]);
  return scene;
}

static void
put_sample (BenchPicture *picture, gsize i, float value)
{
  switch (picture->depth) {
  case BENCH_U8:
    ((guint8 *) picture->data)[i] = (guint8) (value * 255 + 0.5f);
    break;
  case BENCH_U16:
    ((guint16 *) picture->data)[i] = (guint16) (value * 65535 + 0.5f);
    break;
  case BENCH_FLOAT:
    ((float *) picture->data)[i] = value;
    break;
  }
}

BenchPicture
bench_scene_as (const BenchPicture *scene, int channels, BenchDepth depth)
{
  BenchPicture picture = bench_picture_new (scene->width, scene->height, channels, depth);
  const float *in = scene->data;
  gsize pixels = (gsize) scene->width * (gsize) scene->height;
  for (gsize i = 0; i < pixels; i++, in += 3) {
    if (channels == 1)
      put_sample (&picture, i, MIN (0.2126f * in[0] + 0.7152f * in[1] + 0.0722f * in[2], 1.0f));
    else
      for (gsize c = 0; c < 3; c++)
        put_sample (&picture, 3 * i + c, in[c]);
  }
  return picture;
}

BenchPicture
bench_scene_middle (const BenchPicture *scene, int part)
{
  int width = scene->width / part, height = scene->height / part;
  BenchPicture middle = bench_picture_new (width, height, scene->channels, scene->depth);
  gsize pixel = bench_picture_bytes (scene) / ((gsize) scene->width * (gsize) scene->height);
  for (int y = 0; y < height; y++) {
    gsize from = (gsize) (y + (scene->height - height) / 2) * (gsize) scene->width + (gsize) ((scene->width - width) / 2);
    memcpy ((char *) middle.data + (gsize) y * (gsize) width * pixel, (const char *) scene->data + from * pixel,
            (gsize) width * pixel);
  }
  return middle;
}
