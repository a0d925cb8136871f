// SPDX-License-Identifier: GPL-3.0-or-later
/* Prints what a dialog copies: tool-copy-text command|script-2|script-3|recipe STEP [FILE] */
#include <stdio.h>
#include <string.h>

#include "plugins/common/copy-text.h"

int
main (int argc, char **argv)
{
  static const char *const kinds[] = { "command", "script-2", "script-3", "recipe" };
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_new ();
  if (argc < 3 || !ie_recipe_add (recipe, argv[2], &error)) {
    g_printerr ("tool-copy-text: %s\n", error ? error->message : "KIND STEP [FILE]");
    return 1;
  }
  const IeRecipeStep *step = recipe->steps->pdata[0];
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (argv[1], kinds[i]) == 0) {
      g_autofree char *text = ie_copy_text ((IeCopyKind) i, step->filter, step->params, argc > 3 ? argv[3] : NULL, NULL);
      puts (text);
    }
  ie_recipe_free (recipe);
  return 0;
}
