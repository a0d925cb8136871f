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
  /* Opens files, ended by NULL, as images or as layers of the image. FALSE and error: one could not be opened. */
  gboolean (*open) (gpointer data, char *const *paths, gboolean as_layers, GError **error);
  gpointer data;
} IeSimilarPlace;

/* Opens it and waits until it is closed. */
void ie_similar_dialog_run (const char *id, const IeSimilarPlace *place);

G_END_DECLS
