// SPDX-License-Identifier: GPL-3.0-or-later
/* Models: what they are, and vectors by the process that runs them. */
#include "embed/model.h"

#include <math.h>
#include <string.h>

#include "core/elementary.h"
#include "core/error.h"
#include "core/i18n.h"
#include "embed/model-process.h"
#include "embed/sidecar.h"
#include "embed/tokens.h"

#define OPEN_SECONDS 300
#define RUN_SECONDS 120

static int timeout;

struct IeNetwork {
  IeSidecar *sidecar;
  IeModelInfo *info;
  int threads;
  guint64 memory;
  IeModelProcess *process; /* NULL: to be started */
  gboolean text_open;      /* in it */
  IeTokens *tokens;        /* NULL: not read yet */
};

/* ---- what a model is ---- */

void
ie_model_info_free (IeModelInfo *info)
{
  if (!info)
    return;
  g_free (info->name);
  g_free (info->id);
  g_strfreev (info->labels);
  g_free (info);
}

static IeModelInfo *
look (const IeSidecar *sidecar, GError **error)
{
  GError *failed = NULL;
  IeModelInfo *info = g_new0 (IeModelInfo, 1);
  info->name = g_strdup (sidecar->name);
  info->prepare = sidecar->prepare;
  info->dimensions = sidecar->dimensions;
  info->text = sidecar->text.model != NULL;
  info->labels = ie_sidecar_labels (sidecar, &failed);
  info->id = failed ? NULL : ie_sidecar_id (sidecar, &failed);
  if (!failed)
    return info;
  g_propagate_error (error, failed);
  ie_model_info_free (info);
  return NULL;
}

IeModelInfo *
ie_model_look (const char *path, GError **error)
{
  IeSidecar *sidecar = ie_sidecar_read (path, error);
  IeModelInfo *info = sidecar ? look (sidecar, error) : NULL;
  ie_sidecar_free (sidecar);
  return info;
}

const IeModelInfo *
ie_model_info (const IeNetwork *network)
{
  return network->info;
}

char *
ie_model_runtime (GError **error)
{
  char *runtime = NULL;
  IeModelProcess *process = ie_model_process_start (1, 0, &runtime, error);
  ie_model_process_end (process);
  if (!process)
    return NULL;
  char **parts = g_strsplit (runtime, "\n", 2);
  char *text = g_strdup_printf ("ONNX Runtime %s (%s)", parts[0], parts[1] ? parts[1] : "");
  g_strfreev (parts);
  g_free (runtime);
  return text;
}

/* ---- opening ---- */

void
ie_model_set_timeout (int seconds)
{
  timeout = seconds;
}

static gboolean
open_tower (IeNetwork *network, IeTower tower, int *dimensions, GError **error)
{
  guint32 number = tower, answer;
  IeSaid said;
  char *text = ie_sidecar_text (network->sidecar);
  gboolean good = ie_model_process_ask (&network->process, IE_SAY_OPEN, &number, sizeof number, text, strlen (text),
                                        timeout ? timeout : OPEN_SECONDS, IE_SAY_OPENED, &said, error);
  g_free (text);
  if (!good)
    return FALSE;
  good = said.size == sizeof answer;
  if (good) {
    memcpy (&answer, said.bytes, sizeof answer);
    *dimensions = (int)MIN (answer, (guint32)G_MAXINT);
  } else
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the model's process makes no sense"));
  g_free (said.bytes);
  return good;
}

static gboolean
check_dimensions (IeNetwork *network, int dimensions, GError **error)
{
  IeModelInfo *info = network->info;
  int labels = info->labels ? (int)g_strv_length (info->labels) : dimensions;
  if (dimensions < 1 || (info->dimensions && info->dimensions != dimensions))
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the model gives %d numbers, the sidecar says %d"), dimensions,
                 info->dimensions);
  else if (labels != dimensions)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the model gives %d numbers, the file of labels has %d"), dimensions,
                 labels);
  else {
    info->dimensions = dimensions;
    return TRUE;
  }
  return FALSE;
}

/* Starts the process where there is none. */
static gboolean
ready (IeNetwork *network, GError **error)
{
  int dimensions = 0;
  if (network->process)
    return TRUE;
  network->text_open = FALSE;
  network->process = ie_model_process_start (network->threads, network->memory, NULL, error);
  if (!network->process)
    return FALSE;
  if (open_tower (network, IE_TOWER_PICTURE, &dimensions, error) && check_dimensions (network, dimensions, error))
    return TRUE;
  g_clear_pointer (&network->process, ie_model_process_end);
  return FALSE;
}

IeNetwork *
ie_model_open (const char *path, int threads, guint64 memory, GError **error)
{
  IeNetwork *network = g_new0 (IeNetwork, 1);
  network->threads = MAX (threads, 1);
  network->memory = memory;
  network->sidecar = ie_sidecar_read (path, error);
  network->info = network->sidecar ? look (network->sidecar, error) : NULL;
  if (network->info && ready (network, error))
    return network;
  ie_model_free (network);
  return NULL;
}

void
ie_model_free (IeNetwork *network)
{
  if (!network)
    return;
  ie_model_process_end (network->process);
  ie_tokens_free (network->tokens);
  ie_model_info_free (network->info);
  ie_sidecar_free (network->sidecar);
  g_free (network);
}

/* ---- vectors ---- */

/* To unit length. FALSE: it has none. */
static gboolean
normalise (float *vector, int dimensions)
{
  double sum = 0;
  for (int i = 0; i < dimensions; i++)
    sum += (double)vector[i] * (double)vector[i];
  double length = ie_sqrt (sum);
  for (int i = 0; i < dimensions; i++)
    vector[i] = (float)((double)vector[i] / length);
  return length > 0;
}

/* e^x over their sum, from the largest, so that none overflows. */
static void
soften (float *vector, int dimensions)
{
  double most = (double)vector[0], sum = 0;
  for (int i = 1; i < dimensions; i++)
    most = MAX (most, (double)vector[i]);
  for (int i = 0; i < dimensions; i++)
    sum += ie_exp ((double)vector[i] - most);
  for (int i = 0; i < dimensions; i++)
    vector[i] = (float)(ie_exp ((double)vector[i] - most) / sum);
}

static gboolean
finish (const IeNetwork *network, const IeSaid *said, gboolean text, float *vector, GError **error)
{
  int dimensions = network->info->dimensions;
  if (said->size != (gsize)dimensions * sizeof *vector) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("the model gives vectors of several lengths"));
    return FALSE;
  }
  memcpy (vector, said->bytes, said->size);
  gboolean finite = TRUE;
  for (int i = 0; i < dimensions; i++)
    finite = finite && isfinite (vector[i]);
  if (finite && network->info->labels && !text) {
    if (network->sidecar->pooling != IE_POOL_SOFTMAX)
      soften (vector, dimensions);
    return TRUE;
  }
  if (finite && normalise (vector, dimensions))
    return TRUE;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                       finite ? _ ("the model gives nothing but zeros") : _ ("the model gives numbers that are not finite"));
  return FALSE;
}

static gboolean
ask (IeNetwork *network, IeSay kind, gconstpointer bytes, gsize size, float *vector, GError **error)
{
  IeSaid said;
  if (!ie_model_process_ask (&network->process, kind, bytes, size, NULL, 0, timeout ? timeout : RUN_SECONDS, IE_SAY_VECTOR, &said, error))
    return FALSE;
  gboolean good = finish (network, &said, kind == IE_SAY_TEXT, vector, error);
  g_free (said.bytes);
  return good;
}

gboolean
ie_model_run (IeNetwork *network, const guint8 *pixels, float *vector, GError **error)
{
  return ready (network, error)
         && ask (network, IE_SAY_PICTURE, pixels, ie_prepare_bytes (&network->info->prepare), vector, error);
}

static gboolean
ready_for_text (IeNetwork *network, GError **error)
{
  const IeSidecar *sidecar = network->sidecar;
  int dimensions = network->info->dimensions;
  if (!network->info->text) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE,
                         _ ("this model has no tower for texts: its sidecar has no text-model, text-vocab and text-merges"));
    return FALSE;
  }
  if (!network->tokens)
    network->tokens = ie_tokens_read (sidecar->text.vocab, sidecar->text.merges, error);
  if (!network->tokens || !ready (network, error))
    return FALSE;
  if (!network->text_open && !open_tower (network, IE_TOWER_TEXT, &dimensions, error)) {
    g_prefix_error (error, _ ("the tower for texts: "));
    return FALSE;
  }
  network->text_open = TRUE;
  if (dimensions == network->info->dimensions)
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the tower for texts gives %d numbers, that for pictures %d"), dimensions,
               network->info->dimensions);
  g_clear_pointer (&network->process, ie_model_process_end);
  return FALSE;
}

gboolean
ie_model_run_text (IeNetwork *network, const char *text, float *vector, GError **error)
{
  if (!g_utf8_validate (text, -1, NULL)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("the text is not in UTF-8"));
    return FALSE;
  }
  if (!ready_for_text (network, error))
    return FALSE;
  const IeSidecar *sidecar = network->sidecar;
  int length = sidecar->text.length;
  gint32 *ids = g_new (gint32, length + 1);
  ids[length] = ie_tokens_of (network->tokens, text, length, sidecar->text.pad == IE_PAD_ZERO ? 0 : -1, ids);
  gboolean good = ask (network, IE_SAY_TEXT, ids, ((gsize)length + 1) * sizeof *ids, vector, error);
  g_free (ids);
  return good;
}
