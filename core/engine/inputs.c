// SPDX-License-Identifier: GPL-3.0-or-later
/* Further pictures of a step: its mask and what its parameters name.
 *
 * An input is treated as the step would treat it as its picture: it has a stage of its own (`as`) with its own profile
 * and its own way into the step's space. */
#include "core/engine/internal.h"
#include "core/i18n.h"

static gboolean
is_aligned (const IeParam *param)
{
  return param->use == IE_INPUT_ALIGNED || param->use == IE_INPUT_SURVEYED_ALIGNED;
}

static gboolean
is_surveyed (const IeParam *param)
{
  return param->use == IE_INPUT_SURVEYED || param->use == IE_INPUT_SURVEYED_ALIGNED;
}

/* ---- opening ---- */

static IeWindow *
resolve (IePlan *plan, const char *text, GError **error)
{
  if (!plan->options.resolve) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s: no further pictures can be read here"), text);
    return NULL;
  }
  IeSource *source = plan->options.resolve (plan->options.resolve_data, text, error);
  if (!source)
    return NULL;
  plan->inputs_held += source->memory_held;
  IeWindow *window = ie_window_new (source, TRUE);
  window->name = g_strdup (text);
  return window;
}

static gboolean
check_size (const IeWindow *window, const IeHeader *picture, GError **error)
{
  const IeHeader *header = &window->header;
  if (header->width == picture->width && header->height == picture->height)
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("%s is %d x %d, the picture %d x %d: they must be of one size"),
               window->name, header->width, header->height, picture->width, picture->height);
  return FALSE;
}

/* All of the input as float, its own channels as stored; its source is closed then. */
static gboolean
read_whole (IePlan *plan, IeInput *input, IePixels *all, GError **error)
{
  IeWindow *window = input->window;
  const IeHeader *header = &window->header;
  *all = (IePixels){ .rect = ie_rect_whole (header), .channels = header->channels, .has_alpha = header->has_alpha,
                     .depth = IE_DEPTH_FLOAT,
                     .stride = (ptrdiff_t) ((gsize) header->width * (gsize) header->channels * sizeof (float)) };
  guint64 bytes = (guint64) all->stride * (guint64) header->height, limit = plan->options.memory;
  if (limit && plan->inputs_held + bytes > limit) {
    g_set_error (error, IE_ERROR, IE_ERROR_MEMORY,
                 _ ("picture %s is needed whole, %.0f MiB, the limit is %.0f MiB: raise it with --memory"),
                 window->name, (double) bytes / 1048576, (double) limit / 1048576);
    return FALSE;
  }
  all->data = input->pixels = ie_buffer_new (bytes);
  if (!all->data) {
    g_set_error (error, IE_ERROR, IE_ERROR_MEMORY, _ ("the system has no memory for picture %s"), window->name);
    return FALSE;
  }
  for (int y = 0; y < header->height; y++) {
    IePixels row, into = ie_pixels_part (all, (IeRect){ 0, y, header->width, 1 });
    if (!ie_window_require (window, y, y + 1, error))
      return FALSE;
    ie_window_view (window, into.rect, &row);
    ie_convert_pixels (&row, &into);
  }
  ie_clean_nan (all);
  plan->inputs_held += bytes - window->source->memory_held;
  g_clear_pointer (&input->window, ie_window_free);
  return TRUE;
}

/* Space and headers of an input that is seen rectangle by rectangle. */
static gboolean
enter_space (const IeStage *stage, IeInput *input, GError **error)
{
  if (input->param->use != IE_INPUT_SURVEYED && !check_size (input->window, &stage->before, error))
    return FALSE;
  input->as.step = stage->step;
  input->as.before = input->window->header;
  if (ie_stage_open_space (&input->as, error))
    return TRUE;
  g_prefix_error (error, _ ("picture %s: "), input->window->name);
  return FALSE;
}

/* What a descriptor cannot ask for. */
static gboolean
check_use (const IeFilter *filter, const IeParam *param, GError **error)
{
  if (!(is_aligned (param) && filter->filter_class == IE_WHOLE) &&
      !(is_surveyed (param) && filter->filter_class != IE_SURVEY))
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s: a filter of its class cannot use a picture so"), param->id);
  return FALSE;
}

/* Input i and what it is to hooks; text NULL: not given. */
static gboolean
open_input (IePlan *plan, IeStage *stage, int i, const char *text, GError **error)
{
  IeInput *input = &stage->inputs[i];
  if (!check_use (stage->step.filter, input->param, error))
    return FALSE;
  IePixels whole = { .data = NULL };
  if (text && !(input->window = resolve (plan, text, error)))
    return FALSE;
  if (text && input->param->use == IE_INPUT_WHOLE) {
    stage->pictures[i] = input->window->header;
    stage->pictures[i].metadata = NULL; /* the source goes */
    if (!read_whole (plan, input, &whole, error))
      return FALSE;
  } else if (text) {
    if (!enter_space (stage, input, error))
      return FALSE;
    stage->pictures[i] = input->as.step.input;
  }
  if (is_aligned (input->param))
    stage->aligned[stage->aligned_count++] = input;
  if (is_surveyed (input->param))
    stage->surveyed[stage->surveyed_count++] = input;
  if (input->param->use == IE_INPUT_WHOLE)
    stage->wholes[stage->whole_count++] = whole;
  return TRUE;
}

gboolean
ie_inputs_open (IePlan *plan, IeStage *stage, const char *mask, GError **error)
{
  const IeParams *params = stage->step.params;
  int count = 0;
  for (int i = 0; i < params->count; i++)
    count += params->params[i].type == IE_PARAM_IMAGE;
  stage->inputs = g_new0 (IeInput, count);
  stage->pictures = g_new0 (IeHeader, count);
  stage->aligned = g_new0 (IeInput *, count);
  stage->surveyed = g_new0 (IeInput *, count);
  stage->wholes = g_new0 (IePixels, count);
  stage->step.pictures = stage->pictures;
  stage->step.whole_inputs = stage->wholes;
  if (mask && (!(stage->mask = resolve (plan, mask, error)) || !check_size (stage->mask, &stage->before, error)))
    return FALSE;
  for (int i = 0; i < params->count; i++) {
    if (params->params[i].type != IE_PARAM_IMAGE)
      continue;
    stage->inputs[stage->input_count].param = &params->params[i];
    if (!open_input (plan, stage, stage->input_count++, params->values[i].text, error))
      return FALSE;
  }
  return TRUE;
}

void
ie_inputs_free (IeStage *stage)
{
  ie_window_free (stage->mask);
  for (int i = 0; i < stage->input_count; i++) {
    IeInput *input = &stage->inputs[i];
    if (input->as.converter_state)
      input->as.converter->close (input->as.converter_state);
    ie_window_free (input->window);
    ie_buffer_free (input->pixels);
  }
  g_free (stage->inputs);
  g_free (stage->pictures);
  g_free (stage->aligned);
  g_free (stage->surveyed);
  g_free (stage->wholes);
}

/* ---- aligned inputs beside a rectangle of the picture ---- */

static IeRect
wanted (const IeStage *stage, int a, IeRect out)
{
  const IeFilter *filter = stage->step.filter;
  return filter->region ? filter->region (&stage->step, out, a + 1) : out;
}

IeRect
ie_input_need (const IeStage *stage, int a, IeRect out)
{
  return ie_rect_reflected (wanted (stage, a, out), &stage->aligned[a]->as.before);
}

gsize
ie_input_bytes (const IeStage *stage, int a, IeRect out)
{
  const IeInput *input = stage->aligned[a];
  if (!input->window)
    return 0;
  IeRect need = ie_input_need (stage, a, out), box = ie_rect_box (wanted (stage, a, out), need);
  gsize channels = (gsize) input->as.step.input.channels, native = (gsize) input->as.before.channels;
  /* The second: a copy of float pixels without NaN. */
  gsize clean = input->as.before.depth == IE_DEPTH_FLOAT ? native * (gsize) need.width * (gsize) need.height : 0;
  return sizeof (float) * (channels * (gsize) box.width * (gsize) box.height + clean) + 128;
}

gboolean
ie_input_fetch (const IeStage *stage, int a, IeWork *work, IeRect out, IeDepth depth, IePixels *in)
{
  const IeInput *input = stage->aligned[a];
  *in = (IePixels){ .data = NULL };
  if (!input->window)
    return TRUE;
  IeRect want = wanted (stage, a, out), need = ie_input_need (stage, a, out);
  IePixels view, box, clean;
  IeHeader header = input->as.step.input;
  header.depth = depth;
  ie_window_view (input->window, need, &view);
  if (!ie_scratch_pixels (work, ie_rect_box (want, need), &header, &box))
    return FALSE;
  if (ie_count_nan (&view)) {
    if (!ie_scratch_pixels (work, need, &input->window->header, &clean))
      return FALSE;
    ie_convert_pixels (&view, &clean);
    ie_clean_nan (&clean);
    view = clean;
  }
  IePixels part = ie_pixels_part (&box, need);
  if (input->as.converter)
    input->as.converter->enter (input->as.converter_state, &view, &part);
  else
    ie_convert_pixels (&view, &part);
  ie_extend (&box, need, &header);
  *in = ie_pixels_part (&box, want);
  return TRUE;
}
