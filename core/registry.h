// SPDX-License-Identifier: GPL-3.0-or-later
/* The registry: every filter of the library, at the level of this processor. Made from the list of files in
 * meson.build; nothing is registered by hand. */
#pragma once

#include "core/filter.h"

G_BEGIN_DECLS

/* All filters, newest version of each name, sorted by name; the array is the library's. */
IE_API const IeFilter *const *ie_filters (int *count);
/* The filter of that name: version 0 the newest. NULL and error (IE_ERROR_USAGE, suggests the nearest name). */
IE_API const IeFilter *ie_filter_find (const char *name, int version, GError **error);
/* The same filter compiled for another level (tests). */
IE_API const IeFilter *ie_filter_at_level (const IeFilter *filter, IeCpuLevel level);

/* The one of `names` (ended by NULL) nearest to `typed`, or NULL when none is near. */
IE_API const char *ie_nearest (const char *typed, const char *const *names);

IE_API const char *ie_class_name (IeClass filter_class); /* "point", "area", "survey", "whole" */
IE_API const char *ie_param_type_name (IeParamType type); /* "float", "int", ... */

G_END_DECLS
