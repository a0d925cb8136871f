// SPDX-License-Identifier: GPL-3.0-or-later
/* Everything that libimgenhance offers. */
#pragma once

#include "core/engine.h"
#include "core/error.h"
#include "core/registry.h"
#include "imageio/imageio.h"
