// SPDX-License-Identifier: GPL-3.0-or-later
/* An opened ONNX file as a sidecar wants it used, of pictures or of texts; in the model's process. */
#pragma once

#include "embed/onnx.h"
#include "embed/sidecar.h"

typedef struct IeModelTower IeModelTower;

/* sidecar: its text. NULL and error, one line. */
IeModelTower *ie_model_tower_open (IeOnnx *onnx, const char *sidecar, gboolean text, int threads, GError **error);
int ie_model_tower_dimensions (const IeModelTower *tower);

/* bytes: pixels as IePrepare gives them; or, of a text, guint32 tokens and how many of them are no padding. Gives what is to be
 * the vector, as the model gave it; g_free(). NULL and error. */
float *ie_model_tower_run (IeModelTower *tower, const guint8 *bytes, gsize size, int *dimensions, GError **error);
