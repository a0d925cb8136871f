// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance models, in two parts: models.c lists, adds and removes, models-check.c opens and times. */
#pragma once

#include "cli/models.h"

typedef struct {
  const char *preset, *name;
  GPtrArray *set; /* of CliGiven */
  gboolean json;
  CliModelOptions model;
} ModelsSettings;

/* Prints the error (taken) and gives the exit code. */
int cli_models_failed (const char *name, GError *error);

/* Opens the model, runs it once, and says what it is. */
int cli_models_check (const ModelsSettings *settings, const char *name);
/* How long a picture takes. */
int cli_models_time (const ModelsSettings *settings, const char *name);
