// SPDX-License-Identifier: GPL-3.0-or-later
/* ONNX Runtime, found while the program runs; for the process that runs models (model-serve.c). */
#pragma once

#include <glib.h>

#include "core/image.h"

typedef struct IeOnnx IeOnnx;

/* Loads the library that is named, else $IMGENHANCE_ONNXRUNTIME, else the system's, else one in the user's data. NULL and error
 * that says how to get one. It stays for the rest of the process: there is one at most. */
IeOnnx *ie_onnx_load (const char *library, GError **error);
const char *ie_onnx_version (const IeOnnx *onnx);
const char *ie_onnx_file (const IeOnnx *onnx);

#define IE_ONNX_MOST_RANK 8

/* An input or output; sizes that are open are -1. */
typedef struct {
  char *name;
  int type; /* as IE_ORT_FLOAT; 0: no tensor */
  int rank; /* 0 .. IE_ONNX_MOST_RANK; -1: more */
  gint64 shape[IE_ONNX_MOST_RANK];
} IeOnnxPort;

typedef struct {
  IeOnnx *onnx;
  gpointer session;
  int inputs, outputs;
  IeOnnxPort *input, *output;
} IeOnnxSession;

/* threads: of a run. NULL and error, one line without the file's name. */
IeOnnxSession *ie_onnx_open (IeOnnx *onnx, const char *path, int threads, GError **error);
void ie_onnx_close (IeOnnxSession *session);

/* One value an input, in the order of the inputs: the elements of all (4 or 8 bytes each, by the port's type) in a shape
 * without open sizes. */
typedef struct {
  gpointer data;
  gsize bytes;
  gint64 shape[IE_ONNX_MOST_RANK];
} IeOnnxFeed;

/* Runs for the one output, which must be of floats: its elements, g_free(), and its shape. NULL and error. */
float *ie_onnx_run (IeOnnxSession *session, const IeOnnxFeed *feeds, int output, IeOnnxPort *shape, GError **error);
