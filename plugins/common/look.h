// SPDX-License-Identifier: GPL-3.0-or-later
/* What is to be done to a picture, with everything that it takes: made in the thread that may ask for further pictures, used in
 * another. */
#pragma once

#include "plugins/common/picture.h"

G_BEGIN_DECLS

/* Counted references; not changed once made. */
typedef struct {
  gatomicrefcount references;
  IeRecipe *recipe;
  char *text;           /* of the recipe */
  gboolean whole;       /* it sees the whole picture at once in one of its steps */
  GHashTable *pictures; /* IePicture of each text that names a further one */
  GHashTable *missing;  /* why there is none, of each text that names one that cannot be had */
} IeLook;

/* Copies the recipe and reads the further pictures by resolve (NULL: there are none), but those that `before` (may be NULL) knows of:
 * a slider that moves reads nothing twice. */
IeLook *ie_look_new (const IeRecipe *recipe, const IeLook *before, IeResolve resolve, gpointer resolve_data);
IeLook *ie_look_ref (IeLook *look);
void ie_look_unref (IeLook *look);

G_END_DECLS
