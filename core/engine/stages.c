// SPDX-License-Identifier: GPL-3.0-or-later
/* From a recipe to stages: composed filters expanded, neutral steps left out, headers and spaces made. */
#include "core/engine/internal.h"
#include "core/i18n.h"

/* Depth of nesting of filters made of filters; more is a loop in a descriptor. */
#define EXPAND_DEEPEST 8

/* A step that is left out or made of others is stored where its last part is, or what it would have changed. */
static void
store_last (IeRecipe *recipe, int store)
{
  if (store && recipe->steps->len)
    ((IeRecipeStep *) recipe->steps->pdata[recipe->steps->len - 1])->store = store;
}

static gboolean
expand (IeRecipe *into, const IeRecipe *from, int depth, GError **error)
{
  for (guint i = 0; i < from->steps->len; i++) {
    const IeRecipeStep *step = from->steps->pdata[i];
    if (step->mix == 0 || (step->filter->neutral && step->filter->neutral (step->params))) {
      store_last (into, step->store);
      continue;
    }
    if (!step->filter->expand) {
      IeRecipeStep *copy = ie_recipe_append (into, step->filter, ie_params_copy (step->params));
      copy->mix = step->mix;
      copy->mask = g_strdup (step->mask);
      copy->store = step->store;
      continue;
    }
    if (step->mix != 1 || step->mask || depth >= EXPAND_DEEPEST) {
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s is made of several steps: it takes neither mix nor mask"),
                   step->filter->name);
      return FALSE;
    }
    IeRecipe *parts = ie_recipe_new ();
    gboolean good = step->filter->expand (step->params, parts, error) && expand (into, parts, depth + 1, error);
    ie_recipe_free (parts);
    if (!good)
      return FALSE;
    store_last (into, step->store);
  }
  return TRUE;
}

gboolean
ie_stage_open_space (IeStage *stage, GError **error)
{
  const IeFilter *filter = stage->step.filter;
  stage->space = filter->space ? filter->space (stage->step.params) : IE_SPACE_NATIVE;
  stage->step.input = stage->before;
  /* The one channel of a gray picture is its value: nothing is to be converted, and fast paths stay open. */
  if (stage->space == IE_SPACE_VALUE && stage->before.model == IE_MODEL_GRAY)
    stage->space = IE_SPACE_NATIVE;
  if (stage->space == IE_SPACE_NATIVE)
    return TRUE;
  stage->converter = ie_converter (stage->space);
  stage->converter_state = stage->converter->open (&stage->before, error);
  if (!stage->converter_state)
    return FALSE;
  stage->step.input.channels = stage->converter->channels (&stage->before) + (stage->before.has_alpha ? 1 : 0);
  return TRUE;
}

/* The output's profile, where the filter has a say in it. */
static gboolean
change_profile (IeStage *stage, GError **error)
{
  if (!stage->step.filter->profile)
    return TRUE;
  GError *reason = NULL;
  GBytes *icc = stage->step.filter->profile (&stage->step, &reason);
  if (reason) {
    g_propagate_error (error, reason);
    return FALSE;
  }
  if (stage->before.metadata)
    stage->metadata = *stage->before.metadata;
  stage->metadata.icc = icc;
  stage->own_metadata = TRUE;
  stage->after.metadata = stage->step.output.metadata = &stage->metadata;
  return TRUE;
}

static gboolean
make_headers (IeStage *stage, GError **error)
{
  const IeFilter *filter = stage->step.filter;
  stage->step.output = stage->step.input;
  if (filter->header && !filter->header (&stage->step, &stage->step.output, error))
    return FALSE;
  stage->after = stage->before;
  const IeHeader *in = &stage->step.input, *out = &stage->step.output;
  gboolean same = in->width == out->width && in->height == out->height && in->channels == out->channels;
  if (stage->space == IE_SPACE_NATIVE)
    stage->after = *out;
  if (!same && (stage->space != IE_SPACE_NATIVE || ie_stage_is_mixed (stage) || filter->filter_class == IE_WHOLE)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE,
                         _ ("a step that changes the picture's size or channels cannot be mixed"));
    return FALSE;
  }
  return change_profile (stage, error);
}

static gboolean
make_stage (IePlan *plan, IeStage *stage, const IeRecipeStep *step, const IeHeader *before, GError **error)
{
  stage->step.filter = step->filter;
  stage->step.params = step->params;
  stage->before = *before;
  stage->mix = step->mix;
  if (!ie_stage_open_space (stage, error) || !ie_inputs_open (plan, stage, step->mask, error) ||
      !make_headers (stage, error))
    return FALSE;
  if (step->filter->prepare) {
    GError *reason = NULL;
    stage->step.prepared = step->filter->prepare (&stage->step, &reason);
    if (reason) {
      g_propagate_error (error, reason);
      return FALSE;
    }
  }
  return TRUE;
}

/* What comes after a stage has another depth. */
static void
store_at (IePlan *plan, IeStage *stage, int store)
{
  stage->stored = TRUE;
  stage->store = store == 8 ? IE_DEPTH_U8 : store == 16 ? IE_DEPTH_U16 : IE_DEPTH_FLOAT;
  if (plan->output.depth != stage->store)
    plan->output.bits = 0;
  plan->output.depth = stage->store;
}

gboolean
ie_stages_make (IePlan *plan, const IeRecipe *recipe, GError **error)
{
  plan->expanded = ie_recipe_new ();
  if (!expand (plan->expanded, recipe, 0, error))
    return FALSE;
  GPtrArray *steps = plan->expanded->steps;
  plan->stages = g_new0 (IeStage, MAX (steps->len, 1));
  plan->output = plan->window->header;
  for (guint i = 0; i < steps->len; i++) {
    const IeRecipeStep *step = steps->pdata[i];
    plan->stage_count++;
    if (!make_stage (plan, &plan->stages[i], step, &plan->output, error)) {
      g_prefix_error (error, "%s: ", step->filter->name);
      return FALSE;
    }
    plan->output = plan->stages[i].after;
    if (step->store && i + 1 < steps->len)
      store_at (plan, &plan->stages[i], step->store);
  }
  if (plan->output.depth != plan->window->header.depth) {
    plan->output.depth = plan->window->header.depth;
    plan->output.bits = 0;
  }
  return TRUE;
}

static void
free_with (void (*release) (gpointer), gpointer data)
{
  if (data)
    (release ? release : g_free) (data);
}

void
ie_stages_free (IePlan *plan)
{
  for (int i = 0; i < plan->stage_count; i++) {
    IeStage *stage = &plan->stages[i];
    const IeFilter *filter = stage->step.filter;
    free_with (filter->release, stage->step.prepared);
    free_with (filter->survey ? filter->survey->free_tables : NULL, stage->step.tables);
    ie_buffer_free (stage->statistic);
    if (stage->converter_state)
      stage->converter->close (stage->converter_state);
    ie_inputs_free (stage);
    if (stage->own_metadata && stage->metadata.icc)
      g_bytes_unref (stage->metadata.icc);
  }
  g_free (plan->stages);
  ie_recipe_free (plan->expanded);
}
