// SPDX-License-Identifier: GPL-3.0-or-later
/* The tables of this folder's kernels, by level. */
#include "embed/kernel/area.h"
#include "embed/kernel/features.h"

#ifdef IE_X86_LEVELS
#define TABLES(type, name)                                                                                             \
  extern const type name##_base, name##_v2, name##_v3, name##_v4;                                                      \
  static const type *const name[IE_CPU_LEVELS] = { &name##_base, &name##_v2, &name##_v3, &name##_v4 };
#else
#define TABLES(type, name)                                                                                             \
  extern const type name##_base;                                                                                       \
  static const type *const name[IE_CPU_LEVELS] = { &name##_base, &name##_base, &name##_base, &name##_base };
#endif

TABLES (IeAreaKernels, ie_area_kernels)
TABLES (IeFeatureKernels, ie_feature_kernels)

const IeAreaKernels *
ie_area_at (IeCpuLevel level)
{
  return ie_area_kernels[level];
}

const IeAreaKernels *
ie_area (void)
{
  return ie_area_at (ie_cpu_level ());
}

const IeFeatureKernels *
ie_features_at (IeCpuLevel level)
{
  return ie_feature_kernels[level];
}

const IeFeatureKernels *
ie_features (void)
{
  return ie_features_at (ie_cpu_level ());
}
