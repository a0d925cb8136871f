// SPDX-License-Identifier: GPL-3.0-or-later
/* `compare --similar`: how alike two pictures are in what they show, whatever their sizes. */
#pragma once

#include "cli/models.h"

typedef struct {
  const char *model; /* NULL: the built-in descriptor */
  double threshold;  /* score from which the exit code is CLI_DONE */
  gboolean turned, json;
  CliModelOptions running;
} CliLikeness;

/* Prints the score; gives the exit code. */
int cli_compare_similar (const char *const paths[2], const CliLikeness *likeness);
