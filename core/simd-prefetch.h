// SPDX-License-Identifier: GPL-3.0-or-later
/* Asking for memory before it is read or written. The processor's own prefetcher stops at the end of a page, so that a
 * loop that does little with each byte waits once every 4 KiB; a loop that asks for lines some KiB ahead does not. */
#pragma once

#include <glib.h>

#define IE_CACHE_LINE 64 /* bytes; of all x86-64 processors, and right or harmless elsewhere */

/* Asks for the line that holds `at`, to read or to write it soon. Any address will do: what is not there is not
 * fetched. */
static inline void
ie_prefetch_read (const void *at)
{
  __builtin_prefetch (at, 0);
}

static inline void
ie_prefetch_write (void *at)
{
  __builtin_prefetch (at, 1);
}

/* The same into the second cache, for what is needed only after the first has been filled several times. */
static inline void
ie_prefetch_later (const void *at)
{
  __builtin_prefetch (at, 1, 2);
}
