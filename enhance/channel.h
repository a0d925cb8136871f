// SPDX-License-Identifier: GPL-3.0-or-later
/* What a filter of tones works on: the choices of its parameter `channel`, and the space that each of them means. */
#pragma once

#include "core/filter.h"
#include "core/i18n.h"

typedef enum { IE_TONE_LIGHTNESS, IE_TONE_VALUE, IE_TONE_RGB } IeToneChannel;

static const IeChoice ie_tone_channels[] = {
  [IE_TONE_LIGHTNESS] = { "lightness", N_ ("Lightness (L*)") },
  [IE_TONE_VALUE] = { "value", N_ ("Value (brightest channel)") },
  [IE_TONE_RGB] = { "rgb", N_ ("Every channel") },
  { NULL, NULL },
};

static inline IeSpace
ie_tone_space (IeToneChannel channel)
{
  switch (channel) {
  case IE_TONE_LIGHTNESS:
    return IE_SPACE_LIGHTNESS;
  case IE_TONE_VALUE:
    return IE_SPACE_VALUE;
  default:
    return IE_SPACE_NATIVE;
  }
}
