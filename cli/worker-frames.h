// SPDX-License-Identifier: GPL-3.0-or-later
/* The fields of all frames but JOB and REPORT, whose are in job-frames.c. */
#pragma once

#include "cli/worker.h"

enum {
  CLI_FIELD_TEXT = 1,     /* what is said */
  CLI_FIELD_CODE = 2,     /* ERROR, ANSWER: IeErrorCode; FIDELITY: IeFidelityState */
  CLI_FIELD_KIND = 3,     /* ASK: CliAsk */
  CLI_FIELD_PATH = 4,     /* ANSWER: in place of a descriptor */
  CLI_FIELD_FRACTION = 5, /* PROGRESS */
  CLI_FIELD_ITEM = 6,     /* FIDELITY */
  CLI_FIELD_HOST = 7,     /* SETUP: process to die with; 0: none */
  CLI_FIELD_MEMORY = 8,   /* SETUP: bytes */
  CLI_FIELD_THREADS = 9,  /* SETUP */
  CLI_FIELD_CONFINE = 10, /* SETUP: give up rights */
  CLI_FIELD_INPUT_PATH = 60, /* JOB: in place of a descriptor */
};

typedef enum { CLI_ASK_OUTPUT = 1, CLI_ASK_PICTURE, CLI_ASK_TEMPORARY, CLI_ASK_LAST = CLI_ASK_TEMPORARY } CliAsk;
