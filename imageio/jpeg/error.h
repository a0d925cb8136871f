// SPDX-License-Identifier: GPL-3.0-or-later
/* libjpeg's errors, for the reader and the writer. */
#pragma once

#include "imageio/internal.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

typedef struct {
  struct jpeg_error_mgr manager; /* first: libjpeg hands this back to us */
  jmp_buf escape;                /* set before each call of libjpeg */
  char message[JMSG_LENGTH_MAX];
  gboolean cut_short; /* the file ended too early */
} IeJpegError;

/* Fills the manager: errors and warnings of damage longjmp to escape, nothing is ever printed. */
struct jpeg_error_mgr *ie_jpeg_error_init (IeJpegError *error);
