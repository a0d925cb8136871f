// SPDX-License-Identifier: GPL-3.0-or-later
/* WHOLE filters: the picture is gathered in planes, filtered in place, and read from there by what follows. */
#include "core/engine/internal.h"
#include "core/i18n.h"

#include <inttypes.h>
#include <string.h>

struct IeWhole {
  IeStage *stage;
  IeHeader header;       /* native, of the planes' depth */
  gsize plane_samples;
  void *memory;
  int native_channels;   /* planes of the picture as it came, alpha last; kept when original is TRUE */
  gboolean original;
  int worked_channels;   /* planes that the filter works on */
  void *worked;          /* the first of them; without `original`, the picture's own colour planes */
  IeWindow window;
};

/* The original is needed to leave the space, to mix, or to put colour under alpha 0 back. */
static gboolean
needs_original (const IeStage *stage)
{
  return stage->space != IE_SPACE_NATIVE || ie_stage_is_mixed (stage) || stage->before.has_alpha;
}

static int
worked_channels (const IeStage *stage)
{
  return ie_colours (stage->step.input.channels, stage->step.input.has_alpha);
}

static gsize
plane_samples (const IeHeader *header)
{
  /* Rows of planes follow each other without a gap: stride is the width. */
  return ((gsize) header->width * (gsize) header->height + 15) & ~(gsize) 15;
}

IeDepth
ie_whole_depth (const IeStage *stage, IeDepth depth)
{
  gboolean takes = stage->step.filter->apply_whole_u8 && depth == IE_DEPTH_U8 && !needs_original (stage);
  return takes ? IE_DEPTH_U8 : IE_DEPTH_FLOAT;
}

guint64
ie_whole_bytes (const IeStage *stage, IeDepth depth)
{
  const IeFilter *filter = stage->step.filter;
  int planes = stage->before.channels + (needs_original (stage) ? worked_channels (stage) : 0);
  guint64 bytes = (guint64) plane_samples (&stage->before) * ie_depth_bytes (depth) * (guint64) planes;
  if (filter->memory)
    bytes += filter->memory (&stage->step, ie_rect_whole (&stage->before), depth);
  if (stage->mask && ie_window_streams (stage->mask))
    bytes += (guint64) stage->mask->stride * (guint64) stage->before.height;
  return bytes;
}

/* Plane c of some that begin at `planes`. */
static inline void *
plane_of (const IeWhole *whole, void *planes, int c)
{
  return (char *) planes + (gsize) c * whole->plane_samples * ie_depth_bytes (whole->header.depth);
}

/* Where the pixels of row y of `pixels` begin in a plane. */
static inline gsize
place_of (const IeWhole *whole, const IePixels *pixels, int y)
{
  return (gsize) (pixels->rect.y + y) * (gsize) whole->header.width + (gsize) pixels->rect.x;
}

#define SCATTER(type)                                                                                                  \
  for (int c = 0; c < channels; c++) {                                                                                 \
    const type *restrict row = from;                                                                                   \
    type *restrict plane = (type *) plane_of (whole, planes, c) + at;                                                  \
    if (pixels->channels == 1) /* gray: nothing is interleaved */                                                      \
      memcpy (plane, row, width * sizeof *plane);                                                                      \
    else                                                                                                               \
      for (gsize x = 0; x < width; x++)                                                                                \
        plane[x] = row[x * (gsize) pixels->channels + (gsize) c];                                                      \
  }

static void
scatter (const IeWhole *whole, void *planes, const IePixels *pixels, int channels)
{
  gsize width = (gsize) pixels->rect.width;
  for (int y = 0; y < pixels->rect.height; y++) {
    gconstpointer from = (const char *) pixels->data + y * pixels->stride;
    gsize at = place_of (whole, pixels, y);
    if (whole->header.depth == IE_DEPTH_U8)
      SCATTER (guint8)
    else
      SCATTER (float)
  }
}

#define GATHER(type)                                                                                                   \
  for (int c = 0; c < channels; c++) {                                                                                 \
    type *restrict row = to;                                                                                           \
    const type *restrict plane = (const type *) plane_of (whole, planes, c) + at;                                      \
    if (pixels->channels == 1)                                                                                         \
      memcpy (row, plane, width * sizeof *plane);                                                                      \
    else                                                                                                               \
      for (gsize x = 0; x < width; x++)                                                                                \
        row[x * (gsize) pixels->channels + (gsize) (first + c)] = plane[x];                                            \
  }

static void
gather (const IeWhole *whole, void *planes, int first, int channels, const IePixels *pixels)
{
  gsize width = (gsize) pixels->rect.width;
  for (int y = 0; y < pixels->rect.height; y++) {
    gpointer to = (char *) pixels->data + y * pixels->stride;
    gsize at = place_of (whole, pixels, y);
    if (whole->header.depth == IE_DEPTH_U8)
      GATHER (guint8)
    else
      GATHER (float)
  }
}

static void
whole_tile (IePass *pass, const IePixels *pixels, int slot, IeWork *work, int thread)
{
  IeWhole *whole = pass->data;
  scatter (whole, whole->memory, pixels, pixels->channels);
  if (!whole->original)
    return;
  IePixels worked = *pixels;
  if (whole->stage->space != IE_SPACE_NATIVE) {
    IeHeader header = whole->stage->step.input;
    header.depth = IE_DEPTH_FLOAT;
    if (!ie_scratch_pixels (work, pixels->rect, &header, &worked))
      return;
    whole->stage->converter->enter (whole->stage->converter_state, pixels, &worked);
  }
  scatter (whole, whole->worked, &worked, whole->worked_channels);
}

static gboolean
whole_fill (gpointer data, IeWork *work, const IePixels *into)
{
  IeWhole *whole = data;
  IeStage *stage = whole->stage;
  if (!whole->original) {
    gather (whole, whole->memory, 0, into->channels, into);
    return TRUE;
  }
  IePixels original, worked;
  int colours = whole->worked_channels;
  gboolean has_alpha = into->has_alpha;
  IeHeader in_space = whole->header;
  in_space.channels = colours + has_alpha;
  if (!ie_scratch_pixels (work, into->rect, &whole->header, &original) ||
      !ie_scratch_pixels (work, into->rect, &in_space, &worked))
    return FALSE;
  gather (whole, whole->memory, 0, into->channels, &original);
  gather (whole, whole->worked, 0, colours, &worked);
  if (has_alpha)
    gather (whole, plane_of (whole, whole->memory, whole->native_channels - 1), colours, 1, &worked);
  IeConvertCount count = { 0 };
  IePixels result = worked;
  if (stage->space != IE_SPACE_NATIVE) {
    if (!ie_scratch_pixels (work, into->rect, &whole->header, &result))
      return FALSE;
    stage->converter->leave (stage->converter_state, &original, &worked, &result, &count);
  }
  if (has_alpha)
    ie_restore_alpha (&original, &result);
  if (ie_stage_is_mixed (stage))
    return ie_mix_pixels (stage, work, &original, &result, into);
  ie_convert_pixels (&result, into);
  return TRUE;
}

static IeWhole *
whole_new (IeStage *stage, IeDepth depth)
{
  IeWhole *whole = g_new0 (IeWhole, 1);
  whole->stage = stage;
  whole->header = stage->after;
  whole->header.depth = depth;
  whole->plane_samples = plane_samples (&whole->header);
  whole->original = needs_original (stage);
  whole->native_channels = whole->header.channels;
  whole->worked_channels = worked_channels (stage);
  gsize planes = (gsize) (whole->native_channels + (whole->original ? whole->worked_channels : 0));
  whole->memory = ie_buffer_new (planes * whole->plane_samples * ie_depth_bytes (depth));
  whole->worked = whole->memory;
  if (whole->memory && whole->original)
    whole->worked = plane_of (whole, whole->memory, whole->native_channels);
  whole->window.header = whole->header;
  whole->window.fill = whole_fill;
  whole->window.fill_data = whole;
  return whole;
}

/* Whether the filter can read the picture where it lies: one channel of 8 bits in memory. */
static gboolean
is_in_place (const IeWhole *whole, const IePass *pass)
{
  const IeWindow *window = pass->chain->window;
  return whole->header.depth == IE_DEPTH_U8 && whole->header.channels == 1 && pass->chain->count == 1 && !window->fill &&
         window->source->memory;
}

/* The filter itself, over planes of its depth. picture: what it reads in place of them, or NULL. */
static gboolean
apply (IeWhole *whole, const IeSource *picture, IeWork *work, GError **error)
{
  const IeStage *stage = whole->stage;
  const IeFilter *filter = stage->step.filter;
  IeWorkMark mark = ie_work_mark (work);
  gboolean good;
  if (whole->header.depth == IE_DEPTH_U8) {
    guint8 *planes[IE_MAX_CHANNELS];
    for (int c = 0; c < whole->worked_channels; c++)
      planes[c] = plane_of (whole, whole->worked, c);
    const guint8 *in[IE_MAX_CHANNELS];
    for (int c = 0; c < whole->worked_channels; c++)
      in[c] = picture ? picture->memory : planes[c];
    good = filter->apply_whole_u8 (&stage->step, work, in, picture ? picture->stride : whole->header.width, planes,
                                   whole->header.width, error);
  } else {
    float *planes[IE_MAX_CHANNELS];
    for (int c = 0; c < whole->worked_channels; c++)
      planes[c] = plane_of (whole, whole->worked, c);
    good = filter->apply_whole (&stage->step, work, planes, (ptrdiff_t) sizeof (float) * whole->header.width, error);
  }
  ie_work_release (work, mark);
  return good;
}

IeWhole *
ie_whole_run (IePass *pass, IeStage *stage, GError **error)
{
  IePlan *plan = pass->plan;
  IeWhole *whole = whole_new (stage, ie_chain_output (pass->chain)->depth);
  pass->tile = whole_tile;
  pass->data = whole;
  gboolean good = whole->memory != NULL;
  if (!good)
    g_set_error (error, IE_ERROR, IE_ERROR_MEMORY, _ ("the system has no memory for the %s planes (%" PRIu64 " MiB)"),
                 stage->step.filter->name, ie_whole_bytes (stage, whole->header.depth) >> 20);
  const IeSource *picture = good && is_in_place (whole, pass) ? pass->chain->window->source : NULL;
  good = good && (picture || ie_pass_run (pass, error));
  if (good) {
    IeWork *work = plan->works[0];
    good = apply (whole, picture, work, error);
    if (ie_work_cancelled (work)) {
      g_clear_error (error);
      g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
      good = FALSE;
    }
  }
  /* The rows that later passes mix by are not theirs to ask for. */
  if (good && stage->mask)
    good = ie_window_restart (stage->mask, error) && ie_window_require (stage->mask, 0, whole->header.height, error);
  if (good)
    return whole;
  ie_whole_free (whole);
  return NULL;
}

IeWindow *
ie_whole_window (IeWhole *whole)
{
  return &whole->window;
}

void
ie_whole_free (IeWhole *whole)
{
  if (!whole)
    return;
  ie_buffer_free (whole->memory);
  g_free (whole);
}
