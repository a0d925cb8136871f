// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/step-words.h"

#include "core/i18n.h"

enum { MIX, MASK, STORE };

static const IeChoice stores[] = {
  { "no", N_ ("As it is") }, { "8", N_ ("8 bits") }, { "16", N_ ("16 bits") }, { "float", N_ ("Float") }, { NULL },
};
static const int store_of[] = { 0, 8, 16, 32 };

static const IeParam params[] = {
  [MIX] = { "mix", N_ ("Mix"), IE_PARAM_FLOAT, .initial = 1, .min = 0, .max = 1,
            .summary = N_ ("Share of the step's result in its output.") },
  [MASK] = { "mask", N_ ("Mask"), IE_PARAM_IMAGE,
             .summary = N_ ("A picture of the same size; where it is light the step works, where it is black nothing changes.") },
  [STORE] = { "store", N_ ("Stored at"), IE_PARAM_ENUM, .choices = stores,
              .summary = N_ ("The depth at which the result is kept before the next step; as it is, it is not rounded.") },
  IE_PARAMS_END,
};

const IeFilter ie_step_words = { .name = "step", .version = 1, .label = N_ ("Step"), .summary = N_ ("What every step takes."), .params = params };

IeParams *
ie_step_words_of (const IeRecipeStep *step)
{
  IeParams *words = ie_params_new (params);
  words->values[MIX].number = step->mix;
  for (gsize i = 0; i < G_N_ELEMENTS (store_of); i++)
    if (store_of[i] == step->store)
      words->values[STORE].number = (double) i;
  if (step->mask)
    ie_params_set (words, "mask", step->mask, NULL);
  return words;
}

void
ie_step_words_take (IeRecipeStep *step, const IeParams *words)
{
  step->mix = words->values[MIX].number;
  step->store = store_of[(int) words->values[STORE].number];
  g_free (step->mask);
  step->mask = g_strdup (words->values[MASK].text);
}
