// SPDX-License-Identifier: GPL-3.0-or-later
/* A picture pasted into another one: on a page, in the window of a program, on a screen. */
#pragma once

#include "embed/portrait.h"

/* Finds an upright rectangle inside `rect` whose four sides are edges along nearly all of their length, and end at its corners.
 * FALSE where there is none. */
gboolean ie_pasted_find (const IePortrait *portrait, IeRect rect, IeRect *pasted);
