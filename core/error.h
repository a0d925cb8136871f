// SPDX-License-Identifier: GPL-3.0-or-later
/* Errors of the library, as GError values. The code decides the exit code of the command; the message is one line,
 * without the file's name: whoever knows the file prefixes it, once. */
#pragma once

#include "core/image.h"

G_BEGIN_DECLS

#define IE_ERROR (ie_error_quark ())
IE_API GQuark ie_error_quark (void);

typedef enum {
  IE_ERROR_USAGE,     /* a wrong option, recipe, parameter: exit 2 */
  IE_ERROR_INPUT,     /* this picture cannot be read or does not fit the recipe: exit 1 */
  IE_ERROR_OUTPUT,    /* this output cannot be written, and only this one: exit 1 */
  IE_ERROR_PLACE,     /* the output place failed (disk full, read-only): exit 3 */
  IE_ERROR_MEMORY,    /* needs more than the limit: says need, limit, option: exit 1 */
  IE_ERROR_CANCELLED, /* interrupted: exit 130 */
} IeErrorCode;

G_END_DECLS
