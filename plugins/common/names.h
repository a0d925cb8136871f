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
/* "<Image>/Filters/imgenhance/Blur". g_free(). */
char *ie_menu_path (const IeFilter *filter);
/* One paragraph: what each parameter is, with its range and unit, as plain text. g_free(). */
char *ie_filter_help (const IeFilter *filter);
/* "0 to 20 px; ..." of one parameter. g_free(). */
char *ie_param_help (const IeParam *param);

/* The step as in a recipe, with its version. g_free(). */
char *ie_step_text (const IeFilter *filter, const IeParams *params);

/* What a slider spans. */
void ie_param_slider (const IeParam *param, double *low, double *high);

G_END_DECLS
