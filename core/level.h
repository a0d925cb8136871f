// SPDX-License-Identifier: GPL-3.0-or-later
/* Levels of the processor. Files with pixel loops are compiled once per level with -DIE_LEVEL=_v3 and the like; what
 * they define outside themselves takes the level's suffix through IE_LEVEL_NAME(). */
#pragma once

#include <glib.h>

#ifndef IE_LEVEL
#define IE_LEVEL _base
#endif

#define IE_LEVEL_PASTE_(name, level) name##level
#define IE_LEVEL_PASTE(name, level) IE_LEVEL_PASTE_ (name, level)
#define IE_LEVEL_NAME(name) IE_LEVEL_PASTE (name, IE_LEVEL)

typedef enum { IE_CPU_BASE, IE_CPU_V2, IE_CPU_V3, IE_CPU_V4, IE_CPU_LEVELS } IeCpuLevel;

/* The level in use: the best this processor has, or the one that IMGENHANCE_CPU forces (x86-64, v2, v3, v4), if the
 * processor has it (else a warning once, and the best it has). Constant for the life of the process. */
__attribute__ ((visibility ("default"))) IeCpuLevel ie_cpu_level (void);
__attribute__ ((visibility ("default"))) const char *ie_cpu_level_name (IeCpuLevel level);
