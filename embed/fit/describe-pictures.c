// SPDX-License-Identifier: GPL-3.0-or-later
/* The descriptor for programs in other languages (the fitting program, the benchmark, tests): there is one definition.
 * Reads from standard input, until it ends, in the machine's own order of bytes: width, height, turn, part, mode (int32), then
 * width x height x 3 bytes; a larger picture is brought to IE_DESCRIPTOR_SIDE first. Writes for each: the features (float32)
 * where the argument is "features"; x, y, width, height of the frame's inside (int32) where it is "frame";
 * a line of times where it is "time"; else ("vectors")
 * the vector, by the matrix in the file that a second argument names, or the library's. */
#include "embed/describe.h"
#include "embed/frame.h"
#include "embed/projection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static gboolean
take (void *to, gsize size)
{
  return fread (to, 1, size, stdin) == size;
}

#define TIMES 100
#define PASTED -1 /* as a part: what is pasted into the picture, or else the whole */

static int
ascending (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;
  return (x > y) - (x < y);
}

/* Medians, in milliseconds. */
static void
time_it (const IeHeader *header, const guint8 *rgb)
{
  double portrait_ms[TIMES], frame_ms[TIMES], vector_ms[TIMES];
  for (int i = 0; i < TIMES; i++) {
    IeSource *source = ie_memory_source_new (header, rgb, (ptrdiff_t) header->width * 3);
    IePortrait portrait;
    gint8 vector[IE_DESCRIPTOR_BYTES];
    gint64 begin = g_get_monotonic_time ();
    if (!ie_portrait_read (source, IE_DESCRIPTOR_SIDE, NULL, &portrait, NULL))
      return;
    gint64 read = g_get_monotonic_time ();
    ie_frame_inside (&portrait);
    gint64 framed = g_get_monotonic_time ();
    ie_describe (&portrait, NULL, 1, IE_DESCRIPTOR_VISUAL, vector);
    portrait_ms[i] = (double) (read - begin) / 1000.0;
    frame_ms[i] = (double) (framed - read) / 1000.0;
    vector_ms[i] = (double) (g_get_monotonic_time () - framed) / 1000.0;
    ie_portrait_clear (&portrait);
    ie_source_free (source);
  }
  qsort (portrait_ms, TIMES, sizeof (double), ascending);
  qsort (frame_ms, TIMES, sizeof (double), ascending);
  qsort (vector_ms, TIMES, sizeof (double), ascending);
  printf ("%d x %d: portrait %.3f ms, frame %.3f, descriptor with frame %.3f\n", header->width, header->height,
          portrait_ms[TIMES / 2], frame_ms[TIMES / 2], vector_ms[TIMES / 2]);
}

static const gint32 *
whole_words (const gint32 *words)
{
  static gint32 whole[5];
  memcpy (whole, words, sizeof whole);
  whole[3] = 0;
  return whole;
}

static gboolean
describe (const gint32 *words, const guint8 *rgb, const char *what)
{
  IeHeader header = {
    .width = words[0], .height = words[1], .channels = 3, .depth = IE_DEPTH_U8, .model = IE_MODEL_RGB
  };
  IeSource *source = ie_memory_source_new (&header, rgb, (ptrdiff_t) header.width * 3);
  IePortrait portrait;
  gboolean good = ie_portrait_read (source, IE_DESCRIPTOR_SIDE, NULL, &portrait, NULL);
  ie_source_free (source);
  if (!good)
    return FALSE;
  if (strcmp (what, "time") == 0) {
    time_it (&header, rgb);
    ie_portrait_clear (&portrait);
    return TRUE;
  }
  IeRect part = ie_descriptor_part (&portrait, words[3]);
  if (words[3] == PASTED && !ie_descriptor_pasted (&portrait, &part))
    words = whole_words (words);
  if (strcmp (what, "frame") == 0) {
    IeRect inside = ie_frame_inside (&portrait);
    good = fwrite (&inside, sizeof inside, 1, stdout) == 1;
  } else if (strcmp (what, "features") == 0) {
    IeFeatures features;
    ie_describe_features (&portrait, words[3] ? &part : NULL, words[2], &features);
    good = fwrite (&features, sizeof (float), IE_FEATURES, stdout) == IE_FEATURES;
  } else {
    gint8 vector[IE_DESCRIPTOR_BYTES];
    ie_describe (&portrait, words[3] ? &part : NULL, words[2], (IeDescriptorMode) words[4], vector);
    good = fwrite (vector, 1, sizeof vector, stdout) == sizeof vector;
  }
  ie_portrait_clear (&portrait);
  return good;
}

int
main (int argc, char **argv)
{
  const char *what = argc > 1 ? argv[1] : "vectors";
  gboolean good = TRUE;
  char *matrix;
  gsize matrix_size;
  if (argc > 2 && (!g_file_get_contents (argv[2], &matrix, &matrix_size, NULL) ||
                   !ie_projection_use ((const guint8 *) matrix, matrix_size))) {
    g_printerr ("describe-pictures: %s: no such matrix\n", argv[2]);
    return 1;
  }
  for (gint32 words[5]; good && take (words, sizeof words);) {
    gsize size = (gsize) MAX (words[0], 1) * (gsize) MAX (words[1], 1) * 3;
    guint8 *rgb = g_malloc (size);
    good = words[0] > 0 && words[1] > 0 && take (rgb, size) && describe (words, rgb, what);
    g_free (rgb);
  }
  return good ? 0 : 1;
}
