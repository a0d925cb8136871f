// SPDX-License-Identifier: GPL-3.0-or-later
/* Models of the user's own: an ONNX file and a sidecar, a text that says how pictures are fed to it and what of its outputs is
 * the vector. ONNX Runtime is loaded when the first model is opened; nothing needs it before.
 *
 * Model files are programs of a kind, and the runtime is large: both live in a process of their own, which ends with the
 * IeNetwork, so that no file can do more than end that. (Not IeModel: that is how colours are to be read, core/image.h.) */
#pragma once

#include "embed/prepare.h"

G_BEGIN_DECLS

typedef struct IeNetwork IeNetwork;

/* What a model gives: a vector of a picture (and of a text), or a score for each label. */
typedef struct {
  char *name;        /* as the user calls it */
  char *id;          /* hash of model and sidecar, 32 hexadecimal digits: vectors of equal ids can be compared */
  IePrepare prepare; /* how pictures become pixels */
  int dimensions;    /* of a vector; 0: not known before the model is opened */
  gboolean text;     /* it has a tower for texts */
  char **labels;     /* one an output, NULL: none */
} IeModelInfo;

/* Opens what `path` names: a sidecar, or an ONNX file with a sidecar of its name (.onnx -> .model) beside it. threads: of one
 * run. memory: bytes that the model's process may take beyond what it has with the runtime loaded; 0: no limit. NULL and error, one
 * line: no ONNX Runtime here (says how to get it), no such model, a sidecar that makes no sense, a file that is no model. */
IE_API IeNetwork *ie_model_open (const char *path, int threads, guint64 memory, GError **error);
IE_API void ie_model_free (IeNetwork *network);
IE_API const IeModelInfo *ie_model_info (const IeNetwork *network);

/* The sidecar alone, without the runtime: info without dimensions where only the model knows them. ie_model_info_free(). */
IE_API IeModelInfo *ie_model_look (const char *path, GError **error);
IE_API void ie_model_info_free (IeModelInfo *info);

/* pixels: what ie_prepare_run() gave for info->prepare. vector: info->dimensions floats; of unit length unless the model is a
 * classifier (labels), whose values are probabilities. One thread at a time. A process that died or hung is an error
 * (IE_ERROR_INPUT, IE_ERROR_MEMORY), and the next run starts another. */
IE_API gboolean ie_model_run (IeNetwork *network, const guint8 *pixels, float *vector, GError **error);
/* text: UTF-8; what is longer than the model takes is cut off. */
IE_API gboolean ie_model_run_text (IeNetwork *network, const char *text, float *vector, GError **error);

/* Which ONNX Runtime there is: its version and file; NULL and error that says how to get one. g_free(). */
IE_API char *ie_model_runtime (GError **error);
/* The library to take before all others: $IMGENHANCE_ONNXRUNTIME, libonnxruntime.so.1 and those of the user's data
 * (imgenhance/libonnxruntime.so*). Copied; NULL: none. Before the first model. */
IE_API void ie_model_set_runtime (const char *library);

/* Seconds that opening a model, or one run of it, may take before its process is ended; 0: 300 and 120. */
IE_API void ie_model_set_timeout (int seconds);

/* The program of a model's process, ended by NULL; the first is its file. Borrowed. Without it "/proc/self/exe model-process": a
 * program that opens models calls ie_model_serve (0, ...) when it is started so. */
IE_API void ie_model_set_program (const char *const *arguments);

/* The other side: answers on the socket until its other end is closed, and gives the exit code. confine (NULL: not) takes rights
 * from this process once the runtime is loaded; it gives what it did in words, g_free(). */
typedef char *(*IeModelConfine) (guint64 memory, int threads);
IE_API int ie_model_serve (int socket, IeModelConfine confine);

G_END_DECLS
