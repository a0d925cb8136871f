// SPDX-License-Identifier: GPL-3.0-or-later
/* Texts to the tokens of CLIP's text towers: byte pair encoding by the two files of its tokenizer, vocab.json and merges.txt. */
#pragma once

#include <glib.h>

#include "core/image.h"

typedef struct IeTokens IeTokens;

/* NULL and error, one line that says which of the files. */
IE_API IeTokens *ie_tokens_read (const char *vocab, const char *merges, GError **error);
IE_API void ie_tokens_free (IeTokens *tokens);

/* Fills ids[length] (3 at least): the token that begins, those of the text (NFC, lower case, what is too long left out), the one
 * that ends, and `pad` (negative: the one that ends) up to the length. Gives how many come before the padding. text: UTF-8. Any
 * thread. */
IE_API int ie_tokens_of (const IeTokens *tokens, const char *text, int length, int pad, gint32 *ids);
