// SPDX-License-Identifier: GPL-3.0-or-later
/* What `imgenhance doctor` looks at: a list of findings, printed as text or as JSON by doctor.c. */
#pragma once

#include <glib.h>

typedef enum {
  CLI_CHECK_OK,
  CLI_CHECK_MISSING, /* not there, and nothing fails without it */
  CLI_CHECK_BROKEN
} CliCheckState;

typedef struct {
  const char *name; /* not owned: "memory", "heif", "gimp" */
  CliCheckState state;
  char *says;     /* one line */
  char *advice;   /* what to do; NULL: nothing */
  GString *facts; /* of JSON: an object, still open for cli_json_key() */
} CliCheck;

typedef struct {
  GPtrArray *checks; /* of CliCheck * */
  GPtrArray *names;  /* of const char *: what was asked for; empty: all */
} CliDoctor;

/* Whether the thing is to be looked at. */
gboolean cli_doctor_wants (const CliDoctor *doctor, const char *name);

/* Adds a finding, which the list owns; `says` is taken, and `advice` may be set. */
CliCheck *cli_doctor_add (CliDoctor *doctor, const char *name, CliCheckState state, char *says);

void cli_check_fact (CliCheck *check, const char *key, const char *value); /* NULL: null */
void cli_check_number (CliCheck *check, const char *key, guint64 value);

/* ---- doctor-system.c: this program and this computer ---- */
void cli_doctor_system (CliDoctor *doctor);
/* ---- doctor-formats.c ---- */
void cli_doctor_formats (CliDoctor *doctor);
/* ---- doctor-similar.c ---- */
void cli_doctor_similar (CliDoctor *doctor);
/* ---- doctor-gimp.c ---- */
void cli_doctor_gimp (CliDoctor *doctor);
