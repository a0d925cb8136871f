// SPDX-License-Identifier: GPL-3.0-or-later
/* "Find Similar": the relatives of an image in the user's folders. In both GIMPs. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

/* The image, and what GIMP does with it. */
typedef struct {
  char *file;             /* that the image lies in; NULL: none */
  gboolean has_selection;
  /* What is visible of it now, or the selection's rectangle of that, as a file (plugins/common/query-picture.h). NULL and error. */
  char *(*write) (gpointer data, gboolean selection, GError **error);
  /* Opens a file as an image, or as layers of the image; FALSE: it cannot be opened. Layers come between begin (image), FALSE: it
   * takes none, and end (image): one step of undo. Why something failed, why() says, as GIMP has it. */
  gboolean (*open) (gpointer data, const char *path, gboolean as_layers);
  gboolean (*begin) (gpointer data);
  void (*end) (gpointer data);
  const char *(*why) (void);
  gpointer data;
} IeSimilarPlace;

/* Opens it and waits until it is closed. */
void ie_similar_dialog_run (const char *id, const IeSimilarPlace *place);

G_END_DECLS
