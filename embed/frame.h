// SPDX-License-Identifier: GPL-3.0-or-later
/* What of a picture is the picture: without the bars and margins around it; and what is pasted into it. */
#pragma once

#include "embed/portrait.h"

/* The rectangle inside the frame; the whole portrait where there is none. */
IeRect ie_frame_inside (const IePortrait *portrait);
/* A picture on a page or in the window of a program (pasted.h), without a frame of its own. FALSE where there is none. */
gboolean ie_frame_pasted (const IePortrait *portrait, IeRect *rect);
