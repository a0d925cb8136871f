// SPDX-License-Identifier: GPL-3.0-or-later
/* What a program and the process of its model say to each other over a socket: a head of two numbers in the byte order of the
 * machine, and bytes.
 *
 *   program: SETUP   memory, threads, the runtime, folders    process: READY   version, a line feed, file
 *            OPEN    tower, a sidecar's text                           OPENED  dimensions
 *            PICTURE its pixels                                        VECTOR  floats as the model gave them, pooled
 *            TEXT    tokens, how many are no padding                   VECTOR
 *                                                                      ERROR   in place of each: IeErrorCode, text */
#pragma once

#include <glib.h>

typedef enum {
  IE_SAY_SETUP = 1,
  IE_SAY_OPEN,
  IE_SAY_PICTURE,
  IE_SAY_TEXT,
  IE_SAY_READY,
  IE_SAY_OPENED,
  IE_SAY_VECTOR,
  IE_SAY_ERROR,
} IeSay;

typedef enum { IE_TOWER_PICTURE, IE_TOWER_TEXT } IeTower;

#define IE_SAY_MOST ((guint32) 256 << 20) /* bytes */

typedef struct {
  guint32 kind, size;
  guint8 *bytes; /* and a NUL; g_free() */
} IeSaid;

typedef struct {
  guint64 memory;
  guint32 threads;
} IeSetup; /* followed by the file of the runtime and folders, each with a NUL after it but for the last */

/* deadline: as g_get_monotonic_time(); 0: none. FALSE: the other side is gone, makes no sense, or the time is over (then errno is
 * ETIMEDOUT). Of a message in two parts either may be empty. */
gboolean ie_say (int socket, IeSay kind, gconstpointer first, gsize first_size, gconstpointer rest, gsize rest_size,
                 gint64 deadline);
gboolean ie_hear (int socket, IeSaid *said, gint64 deadline);
