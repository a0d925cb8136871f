// SPDX-License-Identifier: GPL-3.0-or-later
/* Averages a picture in boxes while its rows go by. The values are those of the picture, whose profile is the
 * thumbnail's too; alpha is laid on white. */
#include "imageio/metadata/thumbnail.h"
#include "imageio/jpeg/error.h"

#include <math.h>
#include <stdlib.h>

/* Samples of a box in each direction; of larger boxes a regular choice is taken. */
#define BOX_SAMPLES 8

struct IeThumbnail {
  IeHeader header;
  int width, height;
  int colours; /* 1 or 3 */
  int step_x, step_y;
  float *sums;    /* width x height x colours */
  guint32 *counts; /* width x height */
};

IeThumbnail *
ie_thumbnail_new (const IeHeader *header, int side)
{
  int colours = ie_colours (header->channels, header->has_alpha), longer = MAX (header->width, header->height);
  gboolean fits = (header->model == IE_MODEL_GRAY && colours == 1) || (header->model == IE_MODEL_RGB && colours == 3);
  if (!fits)
    return NULL;
  IeThumbnail *thumbnail = g_new0 (IeThumbnail, 1);
  double scale = longer > side ? (double) side / longer : 1;
  thumbnail->header = *header;
  thumbnail->header.metadata = NULL;
  thumbnail->colours = colours;
  thumbnail->width = MAX ((int) (header->width * scale + 0.5), 1);
  thumbnail->height = MAX ((int) (header->height * scale + 0.5), 1);
  thumbnail->step_x = MAX (header->width / (thumbnail->width * BOX_SAMPLES), 1);
  thumbnail->step_y = MAX (header->height / (thumbnail->height * BOX_SAMPLES), 1);
  gsize pixels = (gsize) thumbnail->width * (gsize) thumbnail->height;
  thumbnail->sums = g_new0 (float, pixels * (gsize) colours);
  thumbnail->counts = g_new0 (guint32, pixels);
  return thumbnail;
}

void
ie_thumbnail_free (IeThumbnail *thumbnail)
{
  if (!thumbnail)
    return;
  g_free (thumbnail->sums);
  g_free (thumbnail->counts);
  g_free (thumbnail);
}

/* Sample i of a row, 0..1. */
static float
sample (const void *row, gsize i, IeDepth depth)
{
  if (depth == IE_DEPTH_U8)
    return ((const guint8 *) row)[i] / 255.0f;
  if (depth == IE_DEPTH_U16)
    return ((const guint16 *) row)[i] / 65535.0f;
  float value = ((const float *) row)[i];
  return value > 0 ? MIN (value, 1) : 0; /* NaN: 0 */
}

static void
add_row (IeThumbnail *thumbnail, int y, const void *row)
{
  const IeHeader *header = &thumbnail->header;
  gsize line = (gsize) ((gint64) y * thumbnail->height / header->height) * (gsize) thumbnail->width;
  for (int x = 0; x < header->width; x += thumbnail->step_x) {
    gsize pixel = line + (gsize) ((gint64) x * thumbnail->width / header->width);
    gsize first = (gsize) x * (gsize) header->channels;
    float alpha = header->has_alpha ? sample (row, first + (gsize) thumbnail->colours, header->depth) : 1;
    for (int c = 0; c < thumbnail->colours; c++)
      thumbnail->sums[pixel * (gsize) thumbnail->colours + (gsize) c] +=
        sample (row, first + (gsize) c, header->depth) * alpha + 1 - alpha;
    thumbnail->counts[pixel]++;
  }
}

void
ie_thumbnail_add (IeThumbnail *thumbnail, IeRect rect, const void *data, ptrdiff_t stride)
{
  for (int y = 0; y < rect.height; y++)
    if ((rect.y + y) % thumbnail->step_y == 0)
      add_row (thumbnail, rect.y + y, (const char *) data + y * stride);
}

static guint8 *
make_pixels (const IeThumbnail *thumbnail)
{
  gsize colours = (gsize) thumbnail->colours, count = (gsize) thumbnail->width * (gsize) thumbnail->height * colours;
  guint8 *pixels = g_malloc (count);
  for (gsize i = 0; i < count; i++) {
    float value = thumbnail->sums[i] / (float) MAX (thumbnail->counts[i / colours], 1);
    pixels[i] = (guint8) (CLAMP (value, 0, 1) * 255 + 0.5f);
  }
  return pixels;
}

typedef struct {
  IeJpegError error;
  struct jpeg_compress_struct jpeg;
  unsigned char *data; /* libjpeg's, free() */
  unsigned long size;
} Encoder;

static gboolean
encode (Encoder *encoder, const IeThumbnail *thumbnail, guint8 *pixels, int quality)
{
  struct jpeg_compress_struct *jpeg = &encoder->jpeg;
  jpeg->err = ie_jpeg_error_init (&encoder->error);
  if (setjmp (encoder->error.escape)) {
    jpeg_destroy_compress (jpeg);
    return FALSE;
  }
  jpeg_create_compress (jpeg);
  jpeg_mem_dest (jpeg, &encoder->data, &encoder->size);
  jpeg->image_width = (JDIMENSION) thumbnail->width;
  jpeg->image_height = (JDIMENSION) thumbnail->height;
  jpeg->input_components = thumbnail->colours;
  jpeg->in_color_space = thumbnail->colours == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults (jpeg);
  jpeg_set_quality (jpeg, quality, TRUE);
  jpeg->dct_method = JDCT_ISLOW;
  jpeg->write_JFIF_header = FALSE; /* Exif 2.32, 4.8.2: no application segments in thumbnails */
  jpeg_start_compress (jpeg, TRUE);
  while (jpeg->next_scanline < jpeg->image_height) {
    JSAMPROW row = pixels + (gsize) jpeg->next_scanline * (gsize) thumbnail->width * (gsize) thumbnail->colours;
    jpeg_write_scanlines (jpeg, &row, 1);
  }
  jpeg_finish_compress (jpeg);
  jpeg_destroy_compress (jpeg);
  return TRUE;
}

GBytes *
ie_thumbnail_encode (IeThumbnail *thumbnail, gsize most, int *width, int *height)
{
  static const int qualities[] = { 85, 70, 50, 30, 10 };
  guint8 *pixels = make_pixels (thumbnail);
  GBytes *jpeg = NULL;
  for (gsize i = 0; !jpeg && i < G_N_ELEMENTS (qualities); i++) {
    Encoder *encoder = g_new0 (Encoder, 1);
    if (encode (encoder, thumbnail, pixels, qualities[i]) && encoder->size <= most)
      jpeg = g_bytes_new (encoder->data, encoder->size);
    free (encoder->data);
    g_free (encoder);
  }
  g_free (pixels);
  *width = thumbnail->width;
  *height = thumbnail->height;
  return jpeg;
}
