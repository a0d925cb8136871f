// SPDX-License-Identifier: GPL-3.0-or-later
/* What the fitting program sees of the descriptor. */
#pragma once

#include "embed/descriptor.h"
#include "embed/kernel/features.h"

/* The numbers before the matrix. Hidden, for embed/ and its tools. */
void ie_describe_features (const IePortrait *portrait, const IeRect *part, int turn, IeFeatures *features);
