// SPDX-License-Identifier: GPL-3.0-or-later
/* Models of the user's own: an ONNX file and a sidecar, a text that says how pictures are fed to it and what of its outputs is
 * the vector. ONNX Runtime is loaded when the first model is opened; nothing needs it before. */
#pragma once

#include "embed/prepare.h"

G_BEGIN_DECLS

typedef struct IeModel IeModel;

/* What a model gives: a vector of a picture (and of a text), or a score for each label. */
typedef struct {
  char *name;       /* as the user calls it */
  char *id;         /* hash of model and sidecar, 32 hexadecimal digits: vectors of equal ids can be compared */
  IePrepare prepare; /* how pictures become pixels */
  int dimensions;   /* of a vector; 0: not known before the model is opened */
  gboolean text;    /* it has a tower for texts */
  char **labels;    /* one an output, NULL: none */
} IeModelInfo;

/* Opens what `path` names: a sidecar, or an ONNX file with a sidecar of its name (.ONNX -> .model) beside it. threads: of one
 * run. memory: bytes the process may take for it; 0: no limit. NULL and error, one line: no ONNX Runtime here (says how to
 * get it), no such model, a sidecar that makes no sense, a file that is no model. */
IE_API IeModel *ie_model_open (const char *path, int threads, guint64 memory, GError **error);
IE_API void ie_model_free (IeModel *model);
IE_API const IeModelInfo *ie_model_info (const IeModel *model);

/* The sidecar alone, without the runtime: info without dimensions where only the model knows them. ie_model_info_free(). */
IE_API IeModelInfo *ie_model_look (const char *path, GError **error);
IE_API void ie_model_info_free (IeModelInfo *info);

/* pixels: what ie_prepare_run() gave for info->prepare. vector: info->dimensions floats; of unit length unless the model is a
 * classifier (labels), whose values are probabilities. One thread at a time. */
IE_API gboolean ie_model_run (IeModel *model, const guint8 *pixels, float *vector, GError **error);
IE_API gboolean ie_model_run_text (IeModel *model, const char *text, float *vector, GError **error);

G_END_DECLS
