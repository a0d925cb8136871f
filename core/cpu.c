// SPDX-License-Identifier: GPL-3.0-or-later
/* The level of this processor, and the tables of kernels of each level. */
#include "core/convert.h"
#include "core/i18n.h"
#include "core/level.h"

static const char *const names[IE_CPU_LEVELS] = { "x86-64", "v2", "v3", "v4" };

/* The best level that the processor and the operating system both support. */
static IeCpuLevel
best_level (void)
{
#ifdef IE_X86_LEVELS
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("x86-64-v4"))
    return IE_CPU_V4;
  if (__builtin_cpu_supports ("x86-64-v3"))
    return IE_CPU_V3;
  if (__builtin_cpu_supports ("x86-64-v2"))
    return IE_CPU_V2;
#endif
  return IE_CPU_BASE;
}

static IeCpuLevel
choose_level (void)
{
  IeCpuLevel best = best_level ();
  const char *forced = g_getenv ("IMGENHANCE_CPU");
  if (!forced || !*forced)
    return best;
  for (int level = 0; level <= (int) best; level++)
    if (g_str_equal (forced, names[level]))
      return (IeCpuLevel) level;
  g_printerr (_ ("imgenhance: IMGENHANCE_CPU: this processor has no level '%s'; using %s\n"), forced, names[best]);
  return best;
}

IeCpuLevel
ie_cpu_level (void)
{
  static gsize level; /* the level + 1 */
  if (g_once_init_enter (&level))
    g_once_init_leave (&level, (gsize) choose_level () + 1);
  return (IeCpuLevel) (level - 1);
}

const char *
ie_cpu_level_name (IeCpuLevel level)
{
  return names[level];
}

extern const IeConvertKernels ie_convert_kernels_base;
#ifdef IE_X86_LEVELS
extern const IeConvertKernels ie_convert_kernels_v2, ie_convert_kernels_v3, ie_convert_kernels_v4;
static const IeConvertKernels *const kernels[IE_CPU_LEVELS] = {
  &ie_convert_kernels_base, &ie_convert_kernels_v2, &ie_convert_kernels_v3, &ie_convert_kernels_v4
};
#else
static const IeConvertKernels *const kernels[IE_CPU_LEVELS] = {
  &ie_convert_kernels_base, &ie_convert_kernels_base, &ie_convert_kernels_base, &ie_convert_kernels_base
};
#endif

const IeConvertKernels *
ie_convert_at (IeCpuLevel level)
{
  return kernels[level];
}

const IeConvertKernels *
ie_convert (void)
{
  return kernels[ie_cpu_level ()];
}
