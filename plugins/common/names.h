// SPDX-License-Identifier: GPL-3.0-or-later
/* What a filter is called where it is called: procedures, operations, menus, pages of the manual. All of it is made from
 * the descriptor. */
#pragma once

#include "core/imgenhance.h"

G_BEGIN_DECLS

#define IE_MENU "<Image>/Filters/imgenhance"

/* A drawable as the text of a picture parameter: this, and the item's id in GIMP. */
#define IE_DRAWABLE_PREFIX "drawable:"

/* "plug-in-imgenhance-gaussian". g_free(). */
char *ie_procedure_name (const IeFilter *filter);
/* "imgenhance:gaussian". g_free(). */
char *ie_operation_name (const IeFilter *filter);
/* "<Image>/Filters/imgenhance/Blur" and "Gaussian Blur...", in English: GIMP 2.10 looks both up in our catalogue,
 * whole, when it shows them (plugins/gimp2/menu-texts.h). g_free(). */
char *ie_menu_path (const IeFilter *filter);
char *ie_menu_label (const IeFilter *filter);
/* The same as they are shown: GIMP 3 wants our part of the path in the user's language, and its own part in English.
 * g_free(). */
char *ie_menu_path_shown (const IeFilter *filter);
char *ie_menu_label_shown (const IeFilter *filter);
/* One paragraph: what each parameter is, with its range and unit, as plain text in the user's language. g_free(). */
char *ie_filter_help (const IeFilter *filter);
/* "0 to 20 px; ..." of one parameter. g_free(). */
char *ie_param_help (const IeParam *param);

/* The step as in a recipe, with its version. g_free(). */
char *ie_step_text (const IeFilter *filter, const IeParams *params);

/* What a slider spans. */
void ie_param_slider (const IeParam *param, double *low, double *high);

G_END_DECLS
