// SPDX-License-Identifier: GPL-3.0-or-later
/* The tables of a tokenizer, as tokens-read.c reads and tokens.c uses them. */
#pragma once

#include "embed/tokens.h"

struct IeTokens {
  GHashTable *ids;    /* token: its number + 1 */
  GHashTable *merges; /* "left right": its rank + 1; the lowest is merged first */
  int begin, end;
};

#define IE_TOKEN_BEGIN "<|startoftext|>"
#define IE_TOKEN_END "<|endoftext|>"
