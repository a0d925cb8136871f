// SPDX-License-Identifier: GPL-3.0-or-later
/* render-samples FOLDER: paints the pictures of data/samples and spoils each in its own way. The samples are the same
 * on every processor: integer noise, our own elementary functions, no contraction. */
#include "core/elementary.h"
#include "data/scene.h"
#include "imageio/imageio.h"

#include <math.h>
#include <string.h>

typedef struct {
  int width, height;
  Colour *pixels;
} Picture;

/* Changes a picture in place. */
typedef void (*Spoil) (Picture *picture);

enum { OVERSAMPLING = 2 };

static Picture
paint (Scene scene, int width, int height)
{
  Picture picture = { width, height, g_new (Colour, (gsize) width * height) };
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      Colour sum = { 0, 0, 0 };
      for (int i = 0; i < OVERSAMPLING * OVERSAMPLING; i++) {
        Colour c = scene ((x + (i % OVERSAMPLING + 0.5) / OVERSAMPLING) / height,
                          (y + (i / OVERSAMPLING + 0.5) / OVERSAMPLING) / height);
        sum = colour (sum.r + CLAMP (c.r, 0, 1), sum.g + CLAMP (c.g, 0, 1), sum.b + CLAMP (c.b, 0, 1));
      }
      picture.pixels[(gsize) y * width + x] = colour_scale (sum, 1.0 / (OVERSAMPLING * OVERSAMPLING));
    }
  return picture;
}

/* ---- What spoils them -------------------------------------------------------------------------------------------- */

/* Haze: everything between 42 and 64 percent of the range. */
static void
flatten (Picture *picture)
{
  for (int i = 0; i < picture->width * picture->height; i++) {
    Colour c = picture->pixels[i];
    picture->pixels[i] = colour (0.42 + 0.20 * c.r, 0.43 + 0.20 * c.g, 0.44 + 0.20 * c.b);
  }
}

/* About normal with deviation 1: the sum of 12 uniform numbers less their mean (central limit). */
static double
gaussian (uint32_t x, uint32_t y, uint32_t seed)
{
  double sum = 0;
  for (uint32_t i = 0; i < 12; i++)
    sum += scene_hash (x, y, seed + i) / 4294967296.0;
  return sum - 6;
}

/* Gaussian noise of deviation 4 percent of the range, and 6 percent of the pixels black or white. */
static void
add_noise (Picture *picture)
{
  for (int y = 0; y < picture->height; y++)
    for (int x = 0; x < picture->width; x++) {
      Colour *c = &picture->pixels[(gsize) y * picture->width + x];
      uint32_t dice = scene_hash ((uint32_t) x, (uint32_t) y, 900) % 100;
      if (dice < 6)
        *c = dice & 1 ? colour (1, 1, 1) : colour (0, 0, 0);
      else
        *c = colour (c->r + 0.04 * gaussian ((uint32_t) x, (uint32_t) y, 910),
                     c->g + 0.04 * gaussian ((uint32_t) x, (uint32_t) y, 930),
                     c->b + 0.04 * gaussian ((uint32_t) x, (uint32_t) y, 950));
    }
}

/* Gaussian noise of deviation 8 percent of the range, as of a sensor at night. */
static void
add_grain (Picture *picture)
{
  for (int y = 0; y < picture->height; y++)
    for (int x = 0; x < picture->width; x++) {
      Colour *c = &picture->pixels[(gsize) y * picture->width + x];
      *c = colour (c->r + 0.08 * gaussian ((uint32_t) x, (uint32_t) y, 1010),
                   c->g + 0.08 * gaussian ((uint32_t) x, (uint32_t) y, 1030),
                   c->b + 0.08 * gaussian ((uint32_t) x, (uint32_t) y, 1050));
    }
}

/* A lamp at the upper left: a quarter of its light is left in the corner farthest from it. */
static void
shade (Picture *picture)
{
  for (int y = 0; y < picture->height; y++)
    for (int x = 0; x < picture->width; x++) {
      Colour *c = &picture->pixels[(gsize) y * picture->width + x];
      double dx = (double) x / picture->width - 0.25, dy = (double) y / picture->height - 0.2;
      *c = colour_scale (*c, 1 / (1 + 2.5 * (dx * dx + dy * dy)));
    }
}

/* The light of a bulb: blue is weak, and the whole a little dark. */
static void
cast (Picture *picture)
{
  for (int i = 0; i < picture->width * picture->height; i++) {
    Colour c = picture->pixels[i];
    picture->pixels[i] = colour (0.10 + 0.85 * c.r, 0.04 + 0.66 * c.g, 0.01 + 0.40 * c.b);
  }
}

/* Two waves of about two pixels, as from a power line beside a scanner. */
static void
interfere (Picture *picture)
{
  const double turn = 6.283185307179586;
  for (int y = 0; y < picture->height; y++)
    for (int x = 0; x < picture->width; x++) {
      Colour *c = &picture->pixels[(gsize) y * picture->width + x];
      double wave = 0.10 * ie_sin (turn * (0.45 * x + 0.20 * y)) + 0.08 * ie_sin (turn * (-0.12 * x + 0.46 * y));
      c->r = c->g = c->b = 0.18 + 0.64 * c->g + wave;
    }
}

/* One direction of a Gaussian of sigma 1.4 pixels; the border repeats. */
static void
blur_along (Picture *picture, int dx, int dy)
{
  enum { REACH = 7 };
  double weight[REACH + 1], total = 0;
  for (int i = 0; i <= REACH; i++) {
    weight[i] = ie_exp (-i * i / (2 * 1.4 * 1.4));
    total += i ? 2 * weight[i] : weight[i];
  }
  Colour *out = g_new (Colour, (gsize) picture->width * picture->height);
  for (int y = 0; y < picture->height; y++)
    for (int x = 0; x < picture->width; x++) {
      Colour sum = { 0, 0, 0 };
      for (int i = -REACH; i <= REACH; i++) {
        int u = CLAMP (x + i * dx, 0, picture->width - 1), v = CLAMP (y + i * dy, 0, picture->height - 1);
        Colour c = colour_scale (picture->pixels[(gsize) v * picture->width + u], weight[abs (i)] / total);
        sum = colour (sum.r + c.r, sum.g + c.g, sum.b + c.b);
      }
      out[(gsize) y * picture->width + x] = sum;
    }
  g_free (picture->pixels);
  picture->pixels = out;
}

static void
soften (Picture *picture)
{
  blur_along (picture, 1, 0);
  blur_along (picture, 0, 1);
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

static const struct Sample {
  const char *file;
  Scene scene;
  Spoil spoil;
  int width, height, channels;
  IeDepth depth;
} samples[] = {
  { "low-contrast.png", scene_mountains, flatten, 480, 320, 3, IE_DEPTH_U8 },
  { "noise.png", scene_lighthouse, add_noise, 360, 240, 3, IE_DEPTH_U8 },
  { "colour-cast.jpg", scene_village, cast, 480, 320, 3, IE_DEPTH_U8 },
  { "periodic.png", scene_spheres, interfere, 480, 320, 1, IE_DEPTH_U8 },
  { "grain.tif", scene_lighthouse, add_grain, 264, 176, 3, IE_DEPTH_U8 },
  { "shade.jpg", scene_spheres, shade, 480, 320, 3, IE_DEPTH_U8 },
  { "soft-16bit.tif", scene_balloons, soften, 264, 176, 3, IE_DEPTH_U16 },
};

/* The picture as interleaved samples of the sample's depth. */
static void *
to_samples (const Picture *picture, const struct Sample *sample)
{
  gsize pixels = (gsize) picture->width * picture->height;
  double range = ie_depth_range (sample->depth);
  void *data = g_malloc (pixels * sample->channels * ie_depth_bytes (sample->depth));
  for (gsize i = 0; i < pixels; i++) {
    double c[3] = { picture->pixels[i].r, picture->pixels[i].g, picture->pixels[i].b };
    for (int k = 0; k < sample->channels; k++) {
      int code = (int) (CLAMP (c[k], 0, 1) * range + 0.5);
      if (sample->depth == IE_DEPTH_U8)
        ((guint8 *) data)[i * sample->channels + k] = (guint8) code;
      else
        ((guint16 *) data)[i * sample->channels + k] = (guint16) code;
    }
  }
  return data;
}

static gboolean
write_sample (const char *folder, const struct Sample *sample, const void *data, GError **error)
{
  IeHeader header = { .width = sample->width,
                      .height = sample->height,
                      .channels = sample->channels,
                      .depth = sample->depth,
                      .model = sample->channels == 1 ? IE_MODEL_GRAY : IE_MODEL_RGB };
  IeWriteOptions options = { .quality = 92, .compression = 9, .tiff_compression = "deflate" };
  g_autofree char *path = g_build_filename (folder, sample->file, NULL);
  IeOutput *output = ie_output_new (path, ie_format_find (strrchr (sample->file, '.') + 1), &options, TRUE, error);
  if (!output)
    return FALSE;
  IeSink *sink = ie_output_sink (output);
  ptrdiff_t stride = (ptrdiff_t) sample->width * sample->channels * (ptrdiff_t) ie_depth_bytes (sample->depth);
  gboolean done = sink->begin (sink, &header, error) && sink->write (sink, ie_rect_whole (&header), data, stride, error)
                  && ie_output_commit (output, error);
  ie_output_free (output);
  return done;
}

int
main (int argc, char **argv)
{
  if (argc != 2) {
    g_printerr ("usage: render-samples FOLDER\n");
    return 2;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++) {
    g_autoptr (GError) error = NULL;
    Picture picture = paint (samples[i].scene, samples[i].width, samples[i].height);
    samples[i].spoil (&picture);
    g_autofree void *data = to_samples (&picture, &samples[i]);
    g_free (picture.pixels);
    if (!write_sample (argv[1], &samples[i], data, &error)) {
      g_printerr ("render-samples: %s: %s\n", samples[i].file, error->message);
      return 1;
    }
  }
  return 0;
}
