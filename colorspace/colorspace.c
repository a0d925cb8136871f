// SPDX-License-Identifier: GPL-3.0-or-later
/* The converters and rows of this processor's level. */
#include "colorspace/spaces.h"
#include "core/converter.h"

#ifdef IE_X86_LEVELS
#define DECLARE(name) extern const IeConverter name##_base, name##_v2, name##_v3, name##_v4;
#define LEVELS(name) { &name##_base, &name##_v2, &name##_v3, &name##_v4 }
#else
#define DECLARE(name) extern const IeConverter name##_base;
#define LEVELS(name) { &name##_base, &name##_base, &name##_base, &name##_base }
#endif

DECLARE (ie_converter_linear)
DECLARE (ie_converter_lightness)
DECLARE (ie_converter_lab)
DECLARE (ie_converter_value)

static const IeConverter *const converters[][IE_CPU_LEVELS] = {
  [IE_SPACE_LINEAR] = LEVELS (ie_converter_linear),
  [IE_SPACE_LIGHTNESS] = LEVELS (ie_converter_lightness),
  [IE_SPACE_LAB] = LEVELS (ie_converter_lab),
  [IE_SPACE_VALUE] = LEVELS (ie_converter_value),
};

const IeConverter *
ie_converter (IeSpace space)
{
  return space == IE_SPACE_NATIVE ? NULL : converters[space][ie_cpu_level ()];
}

#ifdef IE_X86_LEVELS
extern const IeSpaceRows ie_space_rows_of_base, ie_space_rows_of_v2, ie_space_rows_of_v3, ie_space_rows_of_v4;
static const IeSpaceRows *const rows[IE_CPU_LEVELS] = { &ie_space_rows_of_base, &ie_space_rows_of_v2,
                                                        &ie_space_rows_of_v3, &ie_space_rows_of_v4 };
#else
extern const IeSpaceRows ie_space_rows_of_base;
static const IeSpaceRows *const rows[IE_CPU_LEVELS] = { &ie_space_rows_of_base, &ie_space_rows_of_base,
                                                        &ie_space_rows_of_base, &ie_space_rows_of_base };
#endif

const IeSpaceRows *
ie_space_rows_at (IeCpuLevel level)
{
  return rows[level];
}

const IeSpaceRows *
ie_space_rows (void)
{
  return rows[ie_cpu_level ()];
}
