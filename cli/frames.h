// SPDX-License-Identifier: GPL-3.0-or-later
/* Frames between the program and its workers: docs/protocol.md says what they are. Here are their bytes; what stands in
 * them is in job.h and worker.h. Nothing that comes in is trusted. */
#pragma once

#include <glib.h>

#define CLI_FRAME_VERSION 1
#define CLI_FRAME_MOST (1u << 20) /* bytes of a payload */

typedef enum {
  CLI_FRAME_HELLO = 1, /* worker: who I am */
  CLI_FRAME_SETUP,     /* host: limits for all jobs */
  CLI_FRAME_READY,     /* worker: they hold from now on */
  CLI_FRAME_JOB,       /* host: one picture; a descriptor of the input may come along */
  CLI_FRAME_ASK,       /* worker: a descriptor, please */
  CLI_FRAME_ANSWER,    /* host: here it is, or why not */
  CLI_FRAME_PROGRESS,  /* worker */
  CLI_FRAME_TEXT,      /* worker: a piece of the text that the job makes */
  CLI_FRAME_FIDELITY,  /* worker: an item of the fidelity report */
  CLI_FRAME_REPORT,    /* worker: figures of the job */
  CLI_FRAME_ERROR,     /* worker: why the job failed */
  CLI_FRAME_DONE,      /* worker: the job is over, well or not */
  CLI_FRAME_CANCEL,    /* host: end the job */
  CLI_FRAME_LAST = CLI_FRAME_CANCEL
} CliFrameType;

/* Two descriptors, and what to do while they have to be waited for. Sending is for any thread, receiving for one. */
typedef struct {
  int in, out;     /* not owned; may be the same */
  gboolean socket; /* both are UNIX sockets: descriptors can travel */
  GMutex lock;     /* of sending */
  /* Called now and then while the other side lets us wait; FALSE ends it with an error. NULL: wait for ever. */
  gboolean (*wait) (gpointer data);
  gpointer wait_data;
} CliChannel;

void cli_channel_init (CliChannel *channel, int in, int out);
void cli_channel_clear (CliChannel *channel);

typedef struct {
  CliFrameType type;
  GByteArray *payload; /* well-formed fields */
  int fd;              /* owned; -1: none came */
} CliFrame;

typedef enum { CLI_RECEIVED, CLI_RECEIVED_END, CLI_RECEIVED_NOTHING } CliReceived;

/* The next frame (cleared by cli_frame_clear()); END: the other side has closed; NOTHING: error says what was wrong. */
CliReceived cli_frame_receive (CliChannel *channel, CliFrame *frame, GError **error);
/* Sends a frame; `fields` (taken; NULL: none) made with the functions below; `fd` (not taken) -1: none. */
gboolean cli_frame_send (CliChannel *channel, CliFrameType type, GByteArray *fields, int fd, GError **error);
void cli_frame_clear (CliFrame *frame);

/* Fields: a number that says what it is, and bytes. Unknown ones are passed over; of several the last counts. */
void cli_put_number (GByteArray *fields, guint field, guint64 value);
void cli_put_real (GByteArray *fields, guint field, double value);
/* NULL is not put. */
void cli_put_text (GByteArray *fields, guint field, const char *text);

/* The value, or `otherwise` where the field is absent or not of that kind. */
guint64 cli_get_number (const CliFrame *frame, guint field, guint64 otherwise);
double cli_get_real (const CliFrame *frame, guint field, double otherwise);
/* NULL when absent or when there is a NUL in it. g_free(). */
char *cli_get_text (const CliFrame *frame, guint field);
/* A number from 0 to most, else 0: for enumerations. */
int cli_get_choice (const CliFrame *frame, guint field, int most);
