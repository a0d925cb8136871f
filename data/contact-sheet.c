// SPDX-License-Identifier: GPL-3.0-or-later
/* contact-sheet [--columns=N] [--width=PIXELS] OUT BEFORE AFTER [BEFORE AFTER]...: pairs of pictures side by side, made
 * smaller where they are wider than PIXELS. For people to look at: profiles are not applied, alpha is left out. */
#include "core/convert.h"
#include "imageio/imageio.h"

#include <string.h>

enum { GAP = 4, MARGIN = 12, PAPER = 255 };

typedef struct {
  int width, height;
  guint8 *rgb; /* width * height * 3 */
} Thumbnail;

/* Rows of any depth and model as 8-bit RGB. */
static void
row_to_rgb (const IeHeader *header, const void *row, guint8 *scratch, guint8 *rgb)
{
  gsize samples = (gsize) header->width * header->channels;
  if (header->depth == IE_DEPTH_U8)
    memcpy (scratch, row, samples);
  else if (header->depth == IE_DEPTH_U16)
    ie_convert ()->u16_to_u8 (row, scratch, samples);
  else
    ie_convert ()->float_to_u8 (row, scratch, samples);
  gboolean gray = ie_colours (header->channels, header->has_alpha) < 3;
  for (int x = 0; x < header->width; x++)
    for (int c = 0; c < 3; c++)
      rgb[x * 3 + c] = scratch[x * header->channels + (gray ? 0 : c)];
}

static guint8 *
read_rgb (IeSource *source, GError **error)
{
  const IeHeader *header = &source->header;
  ptrdiff_t stride = (ptrdiff_t) header->width * header->channels * (ptrdiff_t) ie_depth_bytes (header->depth);
  g_autofree void *row = g_malloc (stride);
  g_autofree guint8 *scratch = g_malloc ((gsize) header->width * header->channels);
  guint8 *rgb = g_malloc ((gsize) header->width * header->height * 3);
  for (int y = 0; y < header->height; y++) {
    const void *from = row;
    if (source->memory)
      from = (const char *) source->memory + y * source->stride;
    else if (!source->read (source, (IeRect){ 0, y, header->width, 1 }, row, stride, error)) {
      g_free (rgb);
      return NULL;
    }
    row_to_rgb (header, from, scratch, rgb + (gsize) y * header->width * 3);
  }
  return rgb;
}

/* Every pixel of the small picture is the mean of the pixels it covers. */
static Thumbnail
shrink (const guint8 *rgb, int width, int height, int wanted)
{
  Thumbnail small = { .width = MIN (width, wanted) };
  small.height = MAX (1, (int) ((gint64) height * small.width / width));
  small.rgb = g_malloc ((gsize) small.width * small.height * 3);
  for (int y = 0; y < small.height; y++)
    for (int x = 0; x < small.width; x++) {
      int x0 = (int) ((gint64) x * width / small.width), x1 = (int) ((gint64) (x + 1) * width / small.width);
      int y0 = (int) ((gint64) y * height / small.height), y1 = (int) ((gint64) (y + 1) * height / small.height);
      guint64 sum[3] = { 0 }, count = (guint64) (x1 - x0) * (guint64) (y1 - y0);
      for (int v = y0; v < y1; v++)
        for (int u = x0; u < x1; u++)
          for (int c = 0; c < 3; c++)
            sum[c] += rgb[((gsize) v * width + u) * 3 + c];
      for (int c = 0; c < 3; c++)
        small.rgb[((gsize) y * small.width + x) * 3 + c] = (guint8) ((sum[c] + count / 2) / count);
    }
  return small;
}

static gboolean
load (const char *path, int wanted, Thumbnail *small, GError **error)
{
  IeSource *source = ie_read_file (path, NULL, NULL, error);
  if (!source)
    return FALSE;
  g_autofree guint8 *rgb = read_rgb (source, error);
  if (rgb)
    *small = shrink (rgb, source->header.width, source->header.height, wanted);
  ie_source_free (source);
  return rgb != NULL;
}

static gboolean
save (const char *path, const guint8 *rgb, int width, int height, GError **error)
{
  IeHeader header = { .width = width, .height = height, .channels = 3, .depth = IE_DEPTH_U8, .model = IE_MODEL_RGB };
  IeWriteOptions options = { .compression = 9 };
  const char *dot = strrchr (path, '.');
  const IeFormat *format = dot ? ie_format_find (dot + 1) : NULL;
  if (!format) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, "no format has this extension");
    return FALSE;
  }
  IeOutput *output = ie_output_new (path, format, &options, TRUE, error);
  if (!output)
    return FALSE;
  IeSink *sink = ie_output_sink (output);
  gboolean done = sink->begin (sink, &header, error)
                  && sink->write (sink, ie_rect_whole (&header), rgb, (ptrdiff_t) width * 3, error)
                  && ie_output_commit (output, error);
  ie_output_free (output);
  return done;
}

/* Pairs in rows of `columns`; every cell as large as the largest picture. Thumbnails come before, after, before... */
static guint8 *
arrange (const Thumbnail *pictures, int count, int columns, int *width, int *height)
{
  int cell_width = 0, cell_height = 0, rows = (count / 2 + columns - 1) / columns;
  for (int i = 0; i < count; i++) {
    cell_width = MAX (cell_width, pictures[i].width);
    cell_height = MAX (cell_height, pictures[i].height);
  }
  int pair = 2 * cell_width + GAP;
  *width = columns * (pair + MARGIN) + MARGIN;
  *height = rows * (cell_height + MARGIN) + MARGIN;
  guint8 *sheet = g_malloc ((gsize) *width * *height * 3);
  memset (sheet, PAPER, (gsize) *width * *height * 3);
  for (int i = 0; i < count; i++) {
    const Thumbnail *p = &pictures[i];
    int x = MARGIN + i / 2 % columns * (pair + MARGIN) + (i % 2 ? cell_width + GAP : cell_width - p->width);
    int y = MARGIN + i / 2 / columns * (cell_height + MARGIN) + (cell_height - p->height) / 2;
    for (int row = 0; row < p->height; row++)
      memcpy (sheet + ((gsize) (y + row) * *width + x) * 3, p->rgb + (gsize) row * p->width * 3, (gsize) p->width * 3);
  }
  return sheet;
}

int
main (int argc, char **argv)
{
  int columns = 1, wanted = 360;
  const GOptionEntry entries[] = {
    { "columns", 0, 0, G_OPTION_ARG_INT, &columns, "pairs side by side", "N" },
    { "width", 0, 0, G_OPTION_ARG_INT, &wanted, "largest width of a picture", "PIXELS" },
    { NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("OUT BEFORE AFTER [BEFORE AFTER]...");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc < 4 || argc % 2 || columns < 1 || wanted < 1) {
    g_printerr ("contact-sheet: %s\n", error ? error->message : "usage: OUT BEFORE AFTER [BEFORE AFTER]...");
    return 2;
  }
  int count = argc - 2, width, height;
  Thumbnail *pictures = g_new0 (Thumbnail, count);
  for (int i = 0; i < count; i++)
    if (!load (argv[2 + i], wanted, &pictures[i], &error)) {
      g_printerr ("contact-sheet: %s: %s\n", argv[2 + i], error->message);
      return 1;
    }
  g_autofree guint8 *sheet = arrange (pictures, count, columns, &width, &height);
  if (!save (argv[1], sheet, width, height, &error)) {
    g_printerr ("contact-sheet: %s: %s\n", argv[1], error->message);
    return 1;
  }
  for (int i = 0; i < count; i++)
    g_free (pictures[i].rgb);
  g_free (pictures);
  return 0;
}
