// SPDX-License-Identifier: GPL-3.0-or-later
/* The process of a model as its program sees it: started, asked, ended. */
#pragma once

#include <sys/types.h>

#include "embed/model-pipe.h"

typedef struct {
  pid_t pid;
  int socket;
  guint64 memory;
} IeModelProcess;

/* Starts one and sets it up; it may read in the folders (NULL: none); *runtime (may be NULL): "1.21.0\n/usr/lib/...", g_free(). NULL and error. */
IeModelProcess *ie_model_process_start (int threads, guint64 memory, const char *const *folders, char **runtime,
                                        GError **error);
/* Ends it. */
void ie_model_process_end (IeModelProcess *process);

/* Asks, and hears the answer of that kind. FALSE and error: what the process said, or, when it died, hung or spoke nonsense, why;
 * then it has been ended and *process is NULL. */
gboolean ie_model_process_ask (IeModelProcess **process, IeSay kind, gconstpointer first, gsize first_size,
                               gconstpointer rest, gsize rest_size, int seconds, IeSay wanted, IeSaid *said,
                               GError **error);
