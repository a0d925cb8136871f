// SPDX-License-Identifier: GPL-3.0-or-later
/* What every step of a recipe takes beside its filter's parameters (mix, mask, store), described as parameters are: so that editors
 * of recipes have controls for them like for all else. */
#pragma once

#include "core/imgenhance.h"

G_BEGIN_DECLS

/* A descriptor without a filter behind it. */
extern const IeFilter ie_step_words;

/* Of a step. ie_params_free(). */
IeParams *ie_step_words_of (const IeRecipeStep *step);
/* To a step. */
void ie_step_words_take (IeRecipeStep *step, const IeParams *words);

G_END_DECLS
