// SPDX-License-Identifier: GPL-3.0-or-later
/* What of a picture is the picture: without the bars, margins and pages around it. */
#pragma once

#include "embed/portrait.h"

/* The rectangle inside the frame; the whole portrait where there is none. */
IeRect ie_frame_inside (const IePortrait *portrait);
