// SPDX-License-Identifier: GPL-3.0-or-later
/* The words of a sidecar, for its reader and its writer. */
#pragma once

#include "embed/sidecar.h"

typedef enum {
  IE_KEY_TEXT,    /* char * */
  IE_KEY_PATH,    /* char * */
  IE_KEY_CHOICE,  /* int, of choices */
  IE_KEY_COUNT,   /* int, 1 .. most */
  IE_KEY_NUMBER,  /* double */
  IE_KEY_NUMBERS, /* double[3]; one stands for all */
  IE_KEY_SIZE,    /* of prepare: WIDTHxHEIGHT */
  IE_KEY_FIT,     /* of prepare: "stretch" or "short PIXELS" */
} IeKeyKind;

typedef struct {
  const char *name;
  IeKeyKind kind;
  size_t place; /* in IeSidecar */
  const char *const *choices;
  int most;
} IeSidecarKey;

extern const IeSidecarKey ie_sidecar_keys[]; /* ended by a name of NULL */

/* Appends the key's line; nothing where it has no value. */
void ie_sidecar_put (GString *out, const IeSidecar *sidecar, const IeSidecarKey *key);

/* What a preset says, as lines of a sidecar; NULL: no such preset. */
const char *ie_sidecar_preset (const char *name);
