// SPDX-License-Identifier: GPL-3.0-or-later
/* The sidecar of a model: lines "key = value" that say how pictures are fed to it and what of its outputs is the vector.
 * docs/models.md lists the keys. */
#pragma once

#include "embed/prepare.h"

G_BEGIN_DECLS

typedef enum { IE_LAYOUT_NCHW, IE_LAYOUT_NHWC } IeTensorLayout;
typedef enum { IE_CHANNELS_RGB, IE_CHANNELS_BGR, IE_CHANNELS_GRAY } IeTensorChannels;

/* What becomes the vector: of [1, tokens, n] the first token (both of the first two names), of [1, n, height, width] the mean
 * over the places, of [1, n] all. SOFTMAX: the model's last layer is one, its values are probabilities. */
typedef enum {
  IE_POOL_CLASS_TOKEN,
  IE_POOL_FIRST_QUERY,
  IE_POOL_SPATIAL_MEAN,
  IE_POOL_IMAGE_FEATURES,
  IE_POOL_LOGITS,
  IE_POOL_SOFTMAX,
} IePooling;

typedef enum { IE_PAD_END, IE_PAD_ZERO } IeTextPad;

typedef struct {
  char *file; /* of the sidecar */
  char *name;
  char *preset; /* NULL: none */
  char *model;  /* path */
  IePrepare prepare;
  IeTensorLayout layout;
  IeTensorChannels channels;
  IePooling pooling;
  double range;           /* value = (code / range - mean) / std */
  double mean[3], std[3]; /* in the order of `channels` */
  int dimensions;         /* that the vector must have; 0: any */
  char *input, *output;   /* NULL: the first that fits */
  char *labels;           /* path; NULL: none */
  struct {
    char *model;          /* path; NULL: no texts */
    char *vocab, *merges; /* paths */
    char *input, *mask, *output;
    int length; /* tokens */
    IeTextPad pad;
  } text;
} IeSidecar;

/* path: a sidecar, or an ONNX file with a sidecar of its name (.onnx -> .model) beside it. NULL and error. */
IE_API IeSidecar *ie_sidecar_read (const char *path, GError **error);
/* The sidecar that text is, its relative paths under `folder`. */
IE_API IeSidecar *ie_sidecar_parse (const char *text, const char *folder, GError **error);
IE_API void ie_sidecar_free (IeSidecar *sidecar);
/* As a text that reads back the same; paths absolute. g_free(). */
IE_API char *ie_sidecar_text (const IeSidecar *sidecar);
/* The labels' file, one a line; NULL without error: there is none. g_strfreev(). */
IE_API char **ie_sidecar_labels (const IeSidecar *sidecar, GError **error);
/* Hash of the model's bytes and of all in the sidecar that the vector of a picture depends on. NULL and error; g_free(). */
IE_API char *ie_sidecar_id (const IeSidecar *sidecar, GError **error);

/* Names of the presets, ended by NULL, and what each is, in a line. */
IE_API const char *const *ie_sidecar_presets (void);
IE_API const char *ie_sidecar_preset_label (const char *preset);

/* A file of at most so many bytes, with a NUL after them; NULL and error. g_free(). */
char *ie_read_small (const char *path, gsize most, gsize *length, GError **error);

G_END_DECLS
