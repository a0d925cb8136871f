// SPDX-License-Identifier: GPL-3.0-or-later
/* Small pictures of files, made one after the other beside the main loop: each is read by a process without rights. No toolkit. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* In the main loop: picture i is made; RGB without gaps, taken with g_free(). NULL: it cannot be read. */
typedef void (*IeThumbnailMade) (gpointer data, guint i, guint8 *pixels, int width, int height);

typedef struct IeThumbnails IeThumbnails;

/* paths: copied. side: the longer one. One at a time lives in a process. */
IeThumbnails *ie_thumbnails_new (const char *const *paths, int side, IeThumbnailMade made, gpointer data);
/* Gives up what is not made yet; nothing more is called. NULL is fine. */
void ie_thumbnails_free (IeThumbnails *thumbnails);

G_END_DECLS
