// SPDX-License-Identifier: GPL-3.0-or-later
/* The user's models: sidecars NAME.model in $XDG_DATA_HOME/imgenhance/models, and the options of commands that run one. */
#pragma once

#include "cli/options.h"
#include "core/i18n.h"
#include "embed/model.h"

typedef struct {
  int threads;         /* 0: all processors */
  guint64 memory;      /* 0: half of what the system has */
  int timeout;         /* seconds; 0: as ie_model_set_timeout() says */
  const char *runtime; /* NULL: as ie_model_set_runtime() says */
} CliModelOptions;

/* at: offsetof the CliModelOptions in the command's settings. */
#define CLI_MODEL_PLACE(at, member) ((at) + offsetof (CliModelOptions, member))
#define CLI_MODEL_OPTIONS(at)                                                                                          \
  { "model-threads",                                                                                                   \
    0,                                                                                                                 \
    CLI_INT,                                                                                                           \
    "N",                                                                                                               \
    N_ ("Threads of a model's run; as many as there are processors by default."),                                      \
    CLI_MODEL_PLACE (at, threads),                                                                                     \
    .min = 1,                                                                                                          \
    .max = 1024 },                                                                                                     \
      { "model-memory",                                                                                                \
        0,                                                                                                             \
        CLI_BYTES,                                                                                                     \
        "SIZE",                                                                                                        \
        N_ ("Memory that a model may take, like 4G; half of what the system has by default."),                         \
        CLI_MODEL_PLACE (at, memory) },                                                                                \
      { "model-timeout",                                                                                               \
        0,                                                                                                             \
        CLI_INT,                                                                                                       \
        "SECONDS",                                                                                                     \
        N_ ("End a model that takes longer to be opened, or for one picture; 300 and 120 by default."),                \
        CLI_MODEL_PLACE (at, timeout),                                                                                 \
        .min = 1,                                                                                                      \
        .max = 1000000 },                                                                                              \
  {                                                                                                                    \
    "onnxruntime", 0, CLI_TEXT, "FILE",                                                                                \
        N_ ("The library of ONNX Runtime; by default that of IMGENHANCE_ONNXRUNTIME, the system's, or the one in the " \
            "user's data (imgenhance/libonnxruntime.so.1)."),                                                          \
        CLI_MODEL_PLACE (at, runtime)                                                                                  \
  }

/* $XDG_DATA_HOME/imgenhance/models; g_free(). */
char *cli_models_folder (void);
/* Names in it, sorted; g_ptr_array_unref(). */
GPtrArray *cli_models_names (void);
/* Where the sidecar of that name stands, whether or not there is one; g_free(). NULL and error: it is no name. */
char *cli_models_place (const char *name, GError **error);
/* The sidecar or ONNX file that is meant: a path (with a '/', or ending in .model or .onnx), or a name in the folder. NULL and
 * error (IE_ERROR_USAGE) that names what there is; g_free(). */
char *cli_models_find (const char *text, GError **error);

/* Opens it as the options say. NULL and error. */
IeNetwork *cli_models_open (const CliModelOptions *options, const char *text, GError **error);
