// SPDX-License-Identifier: GPL-3.0-or-later
/* The plug-in for GIMP 3: one procedure per filter of the registry. */
#pragma once

#include <libgimp/gimp.h>

#include "core/imgenhance.h"

/* ---- arguments.c: the values of a procedure's arguments ---- */

/* Adds an argument for each parameter. Words (choices) are strings: a wrong GimpChoice would silently become the default. */
void ie_arguments_add (GimpProcedure *procedure, const IeFilter *filter);
/* Values from a procedure's config. *pictures: drawables that picture parameters name by number, to be freed with
 * g_ptr_array_unref() after the parameters' last use. NULL and error (IE_ERROR_USAGE) names what is wrong and the range. */
IeParams *ie_arguments_read (const IeFilter *filter, GimpProcedureConfig *config, GPtrArray **pictures, GError **error);

/* A drawable as the text of a picture parameter: its place among `pictures`. */
#define IE_DRAWABLE_PREFIX "drawable:"

/* ---- apply.c ---- */

/* Whether a drawable can be filtered at all; FALSE and error says why not. */
gboolean ie_drawable_check (GimpDrawable *drawable, GError **error);
/* Applies a recipe to all of them, each through the selection, as one step of undo: to all or, when one fails, to none. title:
 * what GIMP shows meanwhile; pictures: see ie_arguments_read(). */
gboolean ie_drawables_apply (GimpImage *image, GimpDrawable **drawables, const IeRecipe *recipe, const char *title,
                             GPtrArray *pictures, GError **error);
