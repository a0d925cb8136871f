// SPDX-License-Identifier: GPL-3.0-or-later
/* What stands behind one operation of a graph. GEGL calls process() of an operation that is not `threaded` from one thread
 * at a time; the lock is for those who ask for rectangles meanwhile. */
#include <string.h>

#include "core/i18n.h"
#include "plugins/common/apply.h"
#include "plugins/gegl/operation.h"

struct IeOperationState {
  GMutex lock;
  const IeFilter *filter; /* the newest */
  const IeFilter *meant;  /* of the version that is meant */
  IeParams *params;       /* of `filter` */
  const Babl *own;        /* what comes in, as it was last said */
  GeglRectangle extent;
  IeBufferKind kind;
  gboolean ready;  /* kind holds */
  IeSource *source;
  IeView *view;    /* of a filter that needs no look at the whole picture; NULL: to be made */
  GeglBuffer *aux; /* while process() runs */
};

IeOperationState *
ie_operation_state_new (const IeFilter *filter)
{
  IeOperationState *state = g_new0 (IeOperationState, 1);
  g_mutex_init (&state->lock);
  state->filter = state->meant = filter;
  state->params = ie_params_new (filter->params);
  return state;
}

static void
forget_view (IeOperationState *state)
{
  ie_view_free (state->view);
  state->view = NULL;
}

static void
forget (IeOperationState *state)
{
  forget_view (state);
  ie_source_free (state->source);
  state->source = NULL;
  ie_buffer_kind_clear (&state->kind);
  state->ready = FALSE;
}

void
ie_operation_state_free (IeOperationState *state)
{
  forget (state);
  ie_params_free (state->params);
  g_mutex_clear (&state->lock);
  g_free (state);
}

/* ---- values ---- */

void
ie_operation_state_get (IeOperationState *state, int i, GValue *value)
{
  const IeParam *param = &state->params->params[i];
  double number = state->params->values[i].number;
  switch (param->type) {
  case IE_PARAM_FLOAT:
    g_value_set_double (value, number);
    break;
  case IE_PARAM_INT:
    g_value_set_int (value, (int) number);
    break;
  case IE_PARAM_BOOL:
    g_value_set_boolean (value, number != 0);
    break;
  case IE_PARAM_ENUM:
    g_value_set_enum (value, (int) number);
    break;
  default:
    g_value_take_string (value, ie_params_text (state->params, i));
  }
}

void
ie_operation_state_set (IeOperationState *state, int i, const GValue *value)
{
  const IeParam *param = &state->params->params[i];
  IeValue *own = &state->params->values[i];
  g_mutex_lock (&state->lock);
  switch (param->type) {
  case IE_PARAM_FLOAT:
    own->number = g_value_get_double (value);
    break;
  case IE_PARAM_INT:
    own->number = g_value_get_int (value);
    break;
  case IE_PARAM_BOOL:
    own->number = g_value_get_boolean (value);
    break;
  case IE_PARAM_ENUM:
    own->number = g_value_get_enum (value);
    break;
  default: {
    GError *error = NULL;
    const char *text = g_value_get_string (value);
    if (!ie_params_set (state->params, param->id, text ? text : "", &error) && text && *text)
      g_message ("imgenhance:%s: %s", state->filter->name, error->message);
    g_clear_error (&error);
  }
  }
  forget_view (state);
  g_mutex_unlock (&state->lock);
}

int
ie_operation_state_version (const IeOperationState *state)
{
  return state->meant->version;
}

void
ie_operation_state_set_version (IeOperationState *state, int version)
{
  const IeFilter *meant = ie_filter_find (state->filter->name, version, NULL);
  g_mutex_lock (&state->lock);
  state->meant = meant ? meant : state->filter;
  forget_view (state);
  g_mutex_unlock (&state->lock);
}

IeClass
ie_operation_state_class (const IeOperationState *state)
{
  return state->meant->filter_class;
}

/* One step with the values as they are; an older version takes those that it knows. */
static IeRecipe *
recipe_of (IeOperationState *state)
{
  IeRecipe *recipe = ie_recipe_new ();
  IeParams *params = NULL;
  if (state->meant == state->filter) {
    params = ie_params_copy (state->params);
  } else {
    params = ie_params_new (state->meant->params);
    for (int i = 0; i < state->params->count; i++) {
      g_autofree char *text = ie_params_text (state->params, i);
      ie_params_set (params, state->params->params[i].id, text, NULL);
    }
  }
  /* A picture that the graph brings has no name; any name will do. */
  for (int i = 0; state->aux && i < params->count; i++)
    if (params->params[i].type == IE_PARAM_IMAGE) {
      ie_params_set (params, params->params[i].id, "aux", NULL);
      break;
    }
  ie_recipe_append (recipe, state->meant, params);
  return recipe;
}

/* ---- pictures ---- */

gboolean
ie_operation_state_prepare (IeOperationState *state, const Babl *format, const GeglRectangle *extent)
{
  g_mutex_lock (&state->lock);
  if (!state->ready || state->own != format || !gegl_rectangle_equal (&state->extent, extent)) {
    forget (state);
    state->own = format;
    state->extent = *extent;
    GError *error = NULL;
    state->ready = ie_buffer_kind_init (&state->kind, format, extent->width, extent->height, NULL, &error);
    /* What the library does not know (premultiplied alpha, CMYK, palettes) comes as float. */
    if (!state->ready && !g_error_matches (error, IE_ERROR, IE_ERROR_MEMORY)) {
      const Babl *usual = babl_format_with_space ("R'G'B'A float", babl_format_get_space (format));
      g_clear_error (&error);
      state->ready = ie_buffer_kind_init (&state->kind, usual, extent->width, extent->height, NULL, &error);
    }
    if (error)
      g_message ("imgenhance:%s: %s", state->filter->name, error->message);
    g_clear_error (&error);
    if (state->ready)
      state->source = ie_buffer_source_new (NULL, extent, &state->kind);
    else
      state->kind.format = format; /* pixels pass as they are */
  }
  gboolean ready = state->ready;
  g_mutex_unlock (&state->lock);
  return ready;
}

const Babl *
ie_operation_state_format (const IeOperationState *state)
{
  return state->kind.format;
}

static IeSource *
resolve_aux (gpointer data, const char *text, GError **error)
{
  IeOperationState *state = data;
  if (state->aux)
    return ie_buffer_picture_new (state->aux, NULL, NULL, NULL, error);
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("picture %s: connect it to the aux pad"), text);
  return NULL;
}

static IePlan *
plan_of (IeOperationState *state, GError **error)
{
  IeRunOptions options = { .piecewise = TRUE, .memory = ie_face_memory (), .resolve = resolve_aux, .resolve_data = state };
  IeRecipe *recipe = recipe_of (state);
  IePlan *plan = ie_plan_new (recipe, state->source, &options, error);
  if (plan && !ie_buffer_takes (&state->kind, ie_plan_output (plan), error))
    g_clear_pointer (&plan, ie_plan_free);
  ie_recipe_free (recipe);
  return plan;
}

/* A filter that looks at pixels near by, and at nothing else. */
static gboolean
is_local (const IeOperationState *state)
{
  return state->meant->filter_class == IE_POINT || state->meant->filter_class == IE_AREA;
}

GeglRectangle
ie_operation_state_need (IeOperationState *state, const GeglRectangle *roi)
{
  GeglRectangle need = *roi;
  if (!state->ready || !is_local (state) || state->meant->filter_class == IE_POINT)
    return need;
  g_mutex_lock (&state->lock);
  if (!state->view && !state->aux) {
    IePlan *plan = plan_of (state, NULL);
    state->view = plan ? ie_view_new (plan, NULL, NULL) : NULL;
  }
  if (state->view) {
    IeRect rect = { roi->x - state->extent.x, roi->y - state->extent.y, roi->width, roi->height };
    rect = ie_rect_intersect (rect, ie_rect_whole (&state->kind.header));
    rect = ie_view_need (state->view, rect);
    need = (GeglRectangle){ rect.x + state->extent.x, rect.y + state->extent.y, rect.width, rect.height };
  } else {
    need = state->extent;
  }
  g_mutex_unlock (&state->lock);
  return need;
}

static gboolean
write_view (IeOperationState *state, GeglBuffer *output, const GeglRectangle *roi, GError **error)
{
  const IeHeader *header = ie_view_header (state->view), *own = &state->kind.header;
  IeRect rect = { roi->x - state->extent.x, roi->y - state->extent.y, roi->width, roi->height };
  IeSink *sink = ie_buffer_sink_new (output, &state->extent, &state->kind, &rect);
  gsize row = (gsize) rect.width * (gsize) header->channels * ie_depth_bytes (own->depth);
  /* Strips, so that the result is not held twice. */
  int rows = CLAMP ((int) ((1 << 24) / MAX (row, 1)), 1, rect.height);
  g_autofree void *data = g_try_malloc (row * (gsize) rows);
  gboolean good = data != NULL;
  if (!good)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for the result"));
  good = good && sink->begin (sink, header, error);
  for (int y = 0; good && y < rect.height; y += rows) {
    IeRect strip = { rect.x, rect.y + y, rect.width, MIN (rows, rect.height - y) };
    good = ie_view_read (state->view, strip, data, (ptrdiff_t) row, error) &&
           sink->write (sink, strip, data, (ptrdiff_t) row, error);
  }
  ie_sink_free (sink);
  return good;
}

gboolean
ie_operation_state_process (IeOperationState *state, GeglBuffer *input, GeglBuffer *aux, GeglBuffer *output,
                            const GeglRectangle *roi)
{
  GError *error = NULL;
  GeglRectangle part;
  if (!state->ready || !gegl_rectangle_intersect (&part, roi, &state->extent))
    return FALSE;
  g_mutex_lock (&state->lock);
  state->aux = aux;
  ie_buffer_source_set (state->source, input);
  /* Statistics and further pictures may be others than last time. */
  if (!is_local (state) || aux)
    forget_view (state);
  if (!state->view) {
    IePlan *plan = plan_of (state, &error);
    state->view = plan ? ie_view_new (plan, NULL, &error) : NULL;
  }
  gboolean good = state->view && write_view (state, output, &part, &error);
  if (!is_local (state) || aux)
    forget_view (state); /* planes of the whole picture */
  ie_buffer_source_set (state->source, NULL);
  state->aux = NULL;
  g_mutex_unlock (&state->lock);
  if (error)
    g_message ("imgenhance:%s: %s", state->filter->name, error->message);
  g_clear_error (&error);
  return good;
}
