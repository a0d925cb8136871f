// SPDX-License-Identifier: GPL-3.0-or-later
/* A picture made ready for find similar (embed/prepare.h) by a process that may do nothing else. */
#pragma once

#include "cli/job.h"
#include "embed/prepare.h"

/* What is known of the picture besides. */
typedef struct {
  int width, height; /* upright */
  gint64 taken;      /* when, by EXIF, in ms since 1970 of the camera's own clock; CLI_NOT_KNOWN */
} CliPrepared;

#define CLI_NOT_KNOWN G_MININT64

/* Reads what is open at `input` (taken) in the worker of the calling thread, or in this process where the options say so.
 * memory: for the work on it; 0: as usual for one of `jobs` at a time. *bytes: ie_prepare_bytes() of them,
 * g_bytes_unref(). FALSE and error, one line without the file's name. */
gboolean cli_prepare_fd (const CliWorkerOptions *options, int input, const IePrepare *prepare, int jobs, GBytes **bytes,
                         CliPrepared *facts, GError **error);
gboolean cli_prepare_file (const CliWorkerOptions *options, const char *path, const IePrepare *prepare, int jobs,
                           GBytes **bytes, CliPrepared *facts, GError **error);

/* The worker's side: the longer side that a reader may give (0: the picture's own); writes the bytes, then the facts, to `output`. */
int cli_prepare_side (const char *words);
gboolean cli_prepare_write (const char *words, IeSource *source, const gint *cancel, int output, GError **error);
