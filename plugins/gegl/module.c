// SPDX-License-Identifier: GPL-3.0-or-later
/* The module that GEGL loads: every filter of the registry becomes an operation. */
#include "plugins/gegl/operation.h"

G_MODULE_EXPORT const GeglModuleInfo *gegl_module_query (GTypeModule *module);
G_MODULE_EXPORT gboolean gegl_module_register (GTypeModule *module);

const GeglModuleInfo *
gegl_module_query (GTypeModule *module)
{
  static const GeglModuleInfo info = { GEGL_MODULE_ABI_VERSION };
  return &info;
}

gboolean
gegl_module_register (GTypeModule *module)
{
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = 0; i < count; i++)
    ie_operation_register (module, filters[i]);
  return TRUE;
}
