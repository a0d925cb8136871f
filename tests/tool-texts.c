// SPDX-License-Identifier: GPL-3.0-or-later
/* Every text of the registry that faces show in the user's language, one a line, for tests/test-po.sh. */
#include <stdio.h>

#include "core/imgenhance.h"

static void
print_param (const IeParam *param)
{
  printf ("%s\n%s\n", param->label, param->summary);
  for (const IeChoice *choice = param->choices; choice && choice->id; choice++)
    printf ("%s\n", choice->label);
  if (param->unit && *param->unit)
    printf ("%s\n", param->unit);
}

int
main (void)
{
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = 0; i < count; i++) {
    printf ("%s\n%s\n%s\n", filters[i]->label, filters[i]->summary, filters[i]->group);
    for (const IeParam *param = filters[i]->params; param->id; param++)
      print_param (param);
  }
  return 0;
}
