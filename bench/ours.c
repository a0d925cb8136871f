// SPDX-License-Identifier: GPL-3.0-or-later
/* Our side: a recipe through the engine, from memory to memory; for the Lab round trip the converter of the engine. */
#include "bench/harness.h"
#include "core/converter.h"
#include "core/engine.h"

#include <string.h>

#define LAB_ROWS 8    /* of a strip: entered and left while it is in cache */
#define LAB_COLUMNS 512

typedef struct {
  IeHeader header;
  const BenchPicture *in;
  BenchPicture *out;
  IeRecipe *recipe;
  IeRunOptions options;
  const IeConverter *converter; /* BENCH_LAB */
  gpointer converter_state;
} Ours;

static IeHeader
header_of (const BenchPicture *picture)
{
  static const IeDepth depths[] = { IE_DEPTH_U8, IE_DEPTH_U16, IE_DEPTH_FLOAT };
  return (IeHeader){
    .width = picture->width,
    .height = picture->height,
    .channels = picture->channels,
    .depth = depths[picture->depth],
    .model = picture->channels == 1 ? IE_MODEL_GRAY : IE_MODEL_RGB,
  };
}

static ptrdiff_t
stride_of (const IeHeader *header)
{
  return (ptrdiff_t) ((gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth));
}

static void
run_recipe (gpointer state)
{
  Ours *ours = state;
  g_autoptr (GError) error = NULL;
  IeSource *source = ie_memory_source_new (&ours->header, ours->in->data, stride_of (&ours->header));
  IeSink *sink = ie_memory_sink_new (&ours->header, ours->out->data, stride_of (&ours->header));
  if (!ie_run (ours->recipe, source, sink, &ours->options, NULL, &error))
    g_error ("%s", error->message);
  ie_sink_free (sink);
  ie_source_free (source);
}

static void
close_recipe (gpointer state)
{
  Ours *ours = state;
  ie_recipe_free (ours->recipe);
  g_free (ours);
}

/* One thread's share of the Lab round trip: every `threads`th strip. */
typedef struct {
  Ours *ours;
  int first;
} LabShare;

static void
lab_rectangle (Ours *ours, IeRect rect, float *scratch)
{
  IeConvertCount count = { 0 };
  IePixels native = { ours->in->data, stride_of (&ours->header), ie_rect_whole (&ours->header), ours->header.channels,
                      FALSE, ours->header.depth };
  IePixels out = native;
  out.data = ours->out->data;
  IePixels worked = { scratch, (ptrdiff_t) (3 * sizeof (float)) * rect.width, rect, 3, FALSE, IE_DEPTH_FLOAT };
  native = ie_pixels_part (&native, rect);
  out = ie_pixels_part (&out, rect);
  ours->converter->enter (ours->converter_state, &native, &worked);
  ours->converter->leave (ours->converter_state, &native, &worked, &out, &count);
}

static gpointer
lab_share (gpointer data)
{
  const LabShare *share = data;
  Ours *ours = share->ours;
  float *scratch = g_malloc (sizeof (float) * 3 * LAB_ROWS * LAB_COLUMNS);
  for (int y = share->first * LAB_ROWS; y < ours->header.height; y += ours->options.threads * LAB_ROWS)
    for (int x = 0; x < ours->header.width; x += LAB_COLUMNS)
      lab_rectangle (ours,
                     (IeRect){ x, y, MIN (LAB_COLUMNS, ours->header.width - x), MIN (LAB_ROWS, ours->header.height - y) },
                     scratch);
  g_free (scratch);
  return NULL;
}

static void
run_lab (gpointer state)
{
  Ours *ours = state;
  int threads = ours->options.threads;
  g_autofree LabShare *shares = g_new (LabShare, threads);
  g_autofree GThread **others = g_new (GThread *, threads);
  for (int i = 0; i < threads; i++)
    shares[i] = (LabShare){ ours, i };
  for (int i = 1; i < threads; i++)
    others[i] = g_thread_new ("lab", lab_share, &shares[i]);
  lab_share (&shares[0]);
  for (int i = 1; i < threads; i++)
    g_thread_join (others[i]);
}

static void
close_lab (gpointer state)
{
  Ours *ours = state;
  ours->converter->close (ours->converter_state);
  g_free (ours);
}

static IeRecipe *
recipe_of (const char *text, GError **error)
{
  IeRecipe *recipe = ie_recipe_new ();
  g_auto (GStrv) steps = g_strsplit (text, "\n", -1);
  for (char **step = steps; *step; step++)
    if (!ie_recipe_add (recipe, *step, error)) {
      ie_recipe_free (recipe);
      return NULL;
    }
  return recipe;
}

static gboolean
ours_open (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, BenchJob *job)
{
  g_autoptr (GError) error = NULL;
  Ours *ours = g_new0 (Ours, 1);
  *ours = (Ours){ .header = header_of (in), .in = in, .out = out, .options = { .threads = threads } };
  *job = (BenchJob){ .state = ours };
  if (row->recipe) {
    job->run = run_recipe;
    job->close = close_recipe;
    ours->recipe = recipe_of (row->recipe, &error);
    if (ours->recipe)
      return TRUE;
  } else {
    job->run = run_lab;
    job->close = close_lab;
    ours->converter = ie_converter (IE_SPACE_LAB);
    ours->converter_state = ours->converter ? ours->converter->open (&ours->header, &error) : NULL;
    if (ours->converter_state)
      return TRUE;
  }
  g_strlcpy (job->note, error ? error->message : "no converter for Lab", sizeof job->note);
  g_free (ours);
  return FALSE;
}

const BenchSide bench_ours = { .name = "ours", .open = ours_open };
