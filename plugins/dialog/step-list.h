// SPDX-License-Identifier: GPL-3.0-or-later
/* The steps of a recipe as a list: each can be switched off, moved, removed; new ones come from a menu of all filters. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

typedef struct {
  /* Another step is chosen (-1: none), or the steps are others than before; not called for what the caller does. */
  void (*chosen) (gpointer data);
  void (*changed) (gpointer data);
  gpointer data;
} IeStepListHooks;

GtkWidget *ie_step_list_new (const IeRecipe *recipe, const IeStepListHooks *hooks);
/* Takes other steps, all of them on; the first is chosen. */
void ie_step_list_set (GtkWidget *list, const IeRecipe *recipe);
/* A copy of the steps that are on. */
IeRecipe *ie_step_list_recipe (GtkWidget *list);
/* The chosen step, to be changed in place, and then said by ie_step_list_update(); NULL: none. */
IeRecipeStep *ie_step_list_chosen (GtkWidget *list);
void ie_step_list_update (GtkWidget *list);

G_END_DECLS
