// SPDX-License-Identifier: GPL-3.0-or-later
/* What a hook may ask of the engine while it works: scratch memory, whether to stop, a loop shared among threads. */
#pragma once

#include "core/image.h"

G_BEGIN_DECLS

typedef struct IeWork IeWork;

/* Scratch of one thread: valid until the hook returns, 64-byte aligned, not cleared. Never NULL for what memory()
 * predicted. */
IE_API void *ie_work_alloc (IeWork *work, gsize bytes);

/* TRUE when the run is to stop: return at once, results are thrown away. Poll at least every 50 ms. */
IE_API gboolean ie_work_cancelled (IeWork *work);

/* Filters with IE_LOOKS_FOR_NAN: says that a float sample of the input is NaN. The rectangle is then done again. */
IE_API void ie_work_found_nan (IeWork *work);
/* The same, if one of these pixels is NaN: for what does not meet them anyway. Nothing is looked at where they are no
 * floats. */
IE_API void ie_work_look_for_nan (IeWork *work, const IePixels *pixels);

/* WHOLE filters: calls body (data, i, work of that thread) for 0 <= i < count on the engine's threads, in any order, and
 * returns when all are done. Scratch taken in a body is given back at its end. */
typedef void (*IeBody) (gpointer data, int i, IeWork *work);
IE_API void ie_work_parallel (IeWork *work, int count, IeBody body, gpointer data);

/* For tests and adapters that call a hook without the engine: a work of its own, single-threaded. */
IE_API IeWork *ie_work_new (void);
IE_API void ie_work_free (IeWork *work);
/* Gives back everything allocated since ie_work_new() or the last call. */
IE_API void ie_work_reset (IeWork *work);

G_END_DECLS
