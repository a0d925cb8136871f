// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures that were found, as thumbnails with score, kind and name; paths are tooltips. Several can be chosen. */
#pragma once

#include "plugins/dialog/widgets.h"

G_BEGIN_DECLS

typedef struct {
  void (*chosen) (gpointer data);   /* other ones, or none */
  void (*activated) (gpointer data); /* Enter, or a double click, on one that is chosen now */
  void (*shown) (gpointer data);    /* all thumbnails are there */
  gpointer data;
} IeSimilarGridHooks;

GtkWidget *ie_similar_grid_new (const IeSimilarGridHooks *hooks);
/* found: of IeSimilar; NULL: none. The first is chosen, and the grid takes the focus when there is one. */
void ie_similar_grid_set (GtkWidget *grid, GPtrArray *found);
/* Their paths, from the first on, ended by NULL. g_strfreev(). */
char **ie_similar_grid_chosen (GtkWidget *grid);

G_END_DECLS
