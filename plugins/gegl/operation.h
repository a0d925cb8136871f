// SPDX-License-Identifier: GPL-3.0-or-later
/* One GEGL operation per filter of the registry, all of them made by the same code from the descriptors. */
#pragma once

#include <gegl-plugin.h>
#include <gmodule.h>

#include "core/imgenhance.h"

G_BEGIN_DECLS

/* Registers the type of the operation imgenhance:NAME with the module. */
void ie_operation_register (GTypeModule *module, const IeFilter *filter);

/* What an operation does at the moment. */
typedef struct IeOperationState IeOperationState;

/* state.c: the filter's parameters as set, and the view of the result. */
IeOperationState *ie_operation_state_new (const IeFilter *filter);
void ie_operation_state_free (IeOperationState *state);
/* The value of parameter i as the GObject property has it, and back. Out of range is kept as the nearest allowed value:
 * GObject has validated it before. */
void ie_operation_state_get (IeOperationState *state, int i, GValue *value);
void ie_operation_state_set (IeOperationState *state, int i, const GValue *value);
/* The version of the filter that is meant: results of saved images stay what they are. */
int ie_operation_state_version (const IeOperationState *state);
void ie_operation_state_set_version (IeOperationState *state, int version);
/* The class of the filter of that version. */
IeClass ie_operation_state_class (const IeOperationState *state);
/* Says what comes in: format and size; TRUE when the filter can work on it. */
gboolean ie_operation_state_prepare (IeOperationState *state, const Babl *format, const GeglRectangle *extent);
/* The format in which pixels are wanted and given. */
const Babl *ie_operation_state_format (const IeOperationState *state);
/* The input that an output rectangle needs (of the main picture). */
GeglRectangle ie_operation_state_need (IeOperationState *state, const GeglRectangle *roi);
/* aux: the further picture, or NULL. FALSE: nothing was written; the reason was said. */
gboolean ie_operation_state_process (IeOperationState *state, GeglBuffer *input, GeglBuffer *aux, GeglBuffer *output,
                                     const GeglRectangle *roi);

G_END_DECLS
