// SPDX-License-Identifier: GPL-3.0-or-later
/* What was last chosen in "Find Similar": one key file for both GIMPs, beside the presets. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *model;  /* "visual", "look" or a model's name */
  char *folder; /* that was last put into the catalogue; NULL: none */
  int top;
  double threshold;
  gboolean turned, elsewhere, selection;
} IeSimilarSettings;

/* What is not there, or makes no sense, is as usual. ie_similar_settings_clear(). */
void ie_similar_settings_load (IeSimilarSettings *settings);
/* Without a place to keep them the next dialog begins as the first did. */
void ie_similar_settings_save (const IeSimilarSettings *settings);
void ie_similar_settings_clear (IeSimilarSettings *settings);

G_END_DECLS
