// SPDX-License-Identifier: GPL-3.0-or-later
/* Pictures and tokens to a model's inputs, and of its outputs the vector. */
#include "embed/model-tower.h"

#include <string.h>

#include "core/error.h"
#include "core/i18n.h"
#include "embed/onnx-api.h"

#define MOST_FED ((gint64) 64 << 20) /* elements of an input */

struct IeModelTower {
  IeSidecar *sidecar;
  IeOnnxSession *session;
  gboolean text;
  int input, mask, output; /* places; mask -1: none */
  IeOnnxFeed *feeds;
  int dimensions;
};

/* ---- which input, which output ---- */

static char *
names_of (const IeOnnxPort *ports, int count)
{
  GString *names = g_string_new (NULL);
  for (int i = 0; i < count; i++)
    g_string_append_printf (names, "%s%.60s", i ? ", " : "", ports[i].name);
  return g_string_free (names, FALSE);
}

static int
find_name (const IeOnnxPort *ports, int count, const char *name, GError **error)
{
  for (int i = 0; i < count; i++)
    if (strcmp (ports[i].name, name) == 0)
      return i;
  char *names = names_of (ports, count);
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the model has no %.60s; it has %.200s"), name, names);
  g_free (names);
  return -1;
}

static gboolean
of_whole_numbers (const IeOnnxPort *port)
{
  return port->type == IE_ORT_INT64 || port->type == IE_ORT_INT32;
}

static gboolean
fits_input (const IeModelTower *tower, const IeOnnxPort *port)
{
  return tower->text ? of_whole_numbers (port) && port->rank == 2 : port->type == IE_ORT_FLOAT && port->rank == 4;
}

/* -1 and error. */
static int
choose_input (const IeModelTower *tower, GError **error)
{
  const IeOnnxSession *session = tower->session;
  const char *name = tower->text ? tower->sidecar->text.input : tower->sidecar->input;
  int named = name ? find_name (session->input, session->inputs, name, error) : -1;
  if (name && named < 0)
    return -1;
  if (named >= 0 && fits_input (tower, &session->input[named]))
    return named;
  for (int i = 0; i < session->inputs && !name; i++)
    if (fits_input (tower, &session->input[i]) && !strstr (session->input[i].name, "mask"))
      return i;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                       tower->text ? _ ("the model has no such input for tokens: integers, [1, length]")
                                   : _ ("the model has no such input for pictures: 32-bit floats, four sizes"));
  return -1;
}

static int
choose_mask (const IeModelTower *tower)
{
  const IeOnnxSession *session = tower->session;
  const char *name = tower->sidecar->text.mask;
  for (int i = 0; i < session->inputs && tower->text; i++)
    if (i != tower->input && fits_input (tower, &session->input[i]) &&
        (name ? strcmp (session->input[i].name, name) == 0 : strstr (session->input[i].name, "mask") != NULL))
      return i;
  return -1;
}

static int
rank_wanted (const IeModelTower *tower)
{
  if (tower->text)
    return 2;
  switch (tower->sidecar->pooling) {
  case IE_POOL_CLASS_TOKEN:
  case IE_POOL_FIRST_QUERY:
    return 3;
  case IE_POOL_SPATIAL_MEAN:
    return 4;
  case IE_POOL_IMAGE_FEATURES:
  case IE_POOL_LOGITS:
  case IE_POOL_SOFTMAX:
    break;
  }
  return 2;
}

/* Names that exporters give to what is wanted; among outputs of the right rank they come first. */
static gboolean
usual (const IeModelTower *tower, const char *name)
{
  static const char *const pictures[] = { "last_hidden_state", "image_embeds", "image_features", "logits", NULL };
  static const char *const texts[] = { "text_embeds", "text_features", NULL };
  return g_strv_contains (tower->text ? texts : pictures, name);
}

static int
choose_output (const IeModelTower *tower, GError **error)
{
  const IeOnnxSession *session = tower->session;
  const char *name = tower->text ? tower->sidecar->text.output : tower->sidecar->output;
  if (name)
    return find_name (session->output, session->outputs, name, error);
  int chosen = -1, rank = rank_wanted (tower);
  for (int i = session->outputs - 1; i >= 0; i--) {
    const IeOnnxPort *port = &session->output[i];
    if (port->type == IE_ORT_FLOAT && port->rank == rank &&
        (chosen < 0 || !usual (tower, session->output[chosen].name) || usual (tower, port->name)))
      chosen = i;
  }
  for (int i = 0; i < session->outputs && chosen < 0; i++) /* shapes that nobody wrote down: the run will tell */
    if (session->output[i].type == IE_ORT_FLOAT && session->output[i].rank == 0)
      chosen = i;
  if (chosen < 0)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
                 _ ("the model has no output of 32-bit floats with %d sizes, as the sidecar's pooling takes"), rank);
  return chosen;
}

/* ---- what the inputs are fed with ---- */

static int
channels_of (const IeSidecar *sidecar)
{
  return sidecar->channels == IE_CHANNELS_GRAY ? 1 : 3;
}

/* The sizes of a picture as the model's input. */
static void
picture_shape (const IeSidecar *sidecar, gint64 shape[4])
{
  const IePrepare *prepare = &sidecar->prepare;
  gboolean last = sidecar->layout == IE_LAYOUT_NHWC;
  shape[0] = 1;
  shape[last ? 3 : 1] = channels_of (sidecar);
  shape[last ? 1 : 2] = prepare->height;
  shape[last ? 2 : 3] = prepare->width;
}

static gboolean
same_shape (const IeOnnxPort *port, const gint64 *shape, GError **error)
{
  gboolean same = TRUE;
  for (int i = 0; i < port->rank; i++)
    same = same && (port->shape[i] <= 0 || port->shape[i] == shape[i]);
  if (same)
    return TRUE;
  GString *takes = g_string_new (NULL), *gets = g_string_new (NULL);
  for (int i = 0; i < port->rank; i++) {
    if (port->shape[i] > 0)
      g_string_append_printf (takes, "%s%" G_GINT64_FORMAT, i ? "x" : "", port->shape[i]);
    else
      g_string_append (takes, i ? "x?" : "?");
    g_string_append_printf (gets, "%s%" G_GINT64_FORMAT, i ? "x" : "", shape[i]);
  }
  g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the model takes %s, the sidecar gives %s"), takes->str, gets->str);
  g_string_free (takes, TRUE);
  g_string_free (gets, TRUE);
  return FALSE;
}

/* The shape of an input; sizes that are open become those of a picture, or 1. */
static gboolean
feed_shape (const IeModelTower *tower, int index, gint64 *shape, GError **error)
{
  const IeOnnxPort *port = &tower->session->input[index];
  gboolean ours = index == tower->input || index == tower->mask;
  if (port->rank == 4 && port->type == IE_ORT_FLOAT) {
    picture_shape (tower->sidecar, shape);
    return !ours || same_shape (port, shape, error);
  }
  for (int i = 0; i < port->rank; i++)
    shape[i] = port->shape[i] > 0 ? port->shape[i] : 1;
  if (ours) {
    shape[0] = 1;
    shape[1] = tower->sidecar->text.length;
    return same_shape (port, shape, error);
  }
  return TRUE;
}

/* Room for an input, zeros: what is not ours stays so, but for masks, which are ones. */
static gboolean
make_feed (IeModelTower *tower, int index, GError **error)
{
  const IeOnnxPort *port = &tower->session->input[index];
  IeOnnxFeed *feed = &tower->feeds[index];
  gsize size = port->type == IE_ORT_INT64 ? 8 : 4;
  gint64 count = 1;
  if (port->rank < 0 || (port->type != IE_ORT_FLOAT && !of_whole_numbers (port))) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
                 _ ("the model's input %.60s takes neither 32-bit floats nor integers"), port->name);
    return FALSE;
  }
  if (!feed_shape (tower, index, feed->shape, error))
    return FALSE;
  for (int i = 0; i < port->rank; i++)
    count = count <= MOST_FED / feed->shape[i] ? count * feed->shape[i] : MOST_FED + 1;
  feed->bytes = (gsize) count * size;
  feed->data = count <= MOST_FED ? g_try_malloc0 (feed->bytes) : NULL;
  if (!feed->data) {
    g_set_error (error, IE_ERROR, IE_ERROR_MEMORY, _ ("the model's input %.60s is too large"), port->name);
    return FALSE;
  }
  for (gint64 i = 0; i < count && of_whole_numbers (port) && strstr (port->name, "mask"); i++)
    if (size == 8)
      ((gint64 *) feed->data)[i] = 1;
    else
      ((gint32 *) feed->data)[i] = 1;
  return TRUE;
}

/* The lightness of Pillow's convert ("L"): ITU-R 601-2 in 16 fractional bits, rounded. */
static guint8
gray (const guint8 *rgb)
{
  return (guint8) ((rgb[0] * 19595u + rgb[1] * 38470u + rgb[2] * 7471u + 0x8000u) >> 16);
}

static void
feed_picture (const IeModelTower *tower, const guint8 *pixels)
{
  const IeSidecar *sidecar = tower->sidecar;
  gsize count = (gsize) sidecar->prepare.width * (gsize) sidecar->prepare.height;
  int channels = channels_of (sidecar);
  gboolean last = sidecar->layout == IE_LAYOUT_NHWC;
  float *to = tower->feeds[tower->input].data, values[3][256];
  for (int c = 0; c < channels; c++)
    for (int code = 0; code < 256; code++)
      values[c][code] = (float) ((code / sidecar->range - sidecar->mean[c]) / sidecar->std[c]);
  for (gsize i = 0; i < count; i++)
    for (int c = 0; c < channels; c++) {
      int from = sidecar->channels == IE_CHANNELS_BGR ? 2 - c : c;
      guint8 code = channels == 1 ? gray (pixels + 3 * i) : pixels[3 * i + (gsize) from];
      to[last ? i * (gsize) channels + (gsize) c : (gsize) c * count + i] = values[c][code];
    }
}

static void
put_whole (const IeOnnxFeed *feed, gboolean wide, int index, guint32 value)
{
  if (wide)
    ((gint64 *) feed->data)[index] = value;
  else
    ((gint32 *) feed->data)[index] = (gint32) value;
}

static void
feed_text (const IeModelTower *tower, const guint8 *bytes)
{
  int length = tower->sidecar->text.length;
  guint32 used, token;
  memcpy (&used, bytes + (gsize) length * sizeof used, sizeof used);
  for (int i = 0; i < length; i++) {
    memcpy (&token, bytes + (gsize) i * sizeof token, sizeof token);
    put_whole (&tower->feeds[tower->input], tower->session->input[tower->input].type == IE_ORT_INT64, i, token);
    if (tower->mask >= 0)
      put_whole (&tower->feeds[tower->mask], tower->session->input[tower->mask].type == IE_ORT_INT64, i,
                 (guint32) i < used);
  }
}

/* ---- the vector ---- */

/* [1, n, height, width], or [1, height, width, n]. */
static float *
spatial_mean (const IeModelTower *tower, const float *values, const IeOnnxPort *shape, int *dimensions)
{
  gboolean last = tower->sidecar->layout == IE_LAYOUT_NHWC;
  gint64 n = shape->shape[last ? 3 : 1],
         places = last ? shape->shape[1] * shape->shape[2] : shape->shape[2] * shape->shape[3];
  float *vector = g_new (float, n);
  for (gint64 k = 0; k < n; k++) {
    double sum = 0;
    for (gint64 i = 0; i < places; i++)
      sum += (double) values[last ? i * n + k : k * places + i];
    vector[k] = (float) (sum / (double) places);
  }
  *dimensions = (int) n;
  return vector;
}

static float *
pool (const IeModelTower *tower, const float *values, const IeOnnxPort *shape, int *dimensions, GError **error)
{
  int rank = rank_wanted (tower);
  gint64 n = rank == 4 ? shape->shape[tower->sidecar->layout == IE_LAYOUT_NHWC ? 3 : 1]
                       : shape->shape[MAX (shape->rank - 1, 0)];
  if (shape->rank != rank || shape->shape[0] != 1 || n > (1 << 20)) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
                 _ ("the model's output has %d sizes, or more than one row; the sidecar's pooling takes one of %d"),
                 shape->rank, rank);
    return NULL;
  }
  if (rank == 4)
    return spatial_mean (tower, values, shape, dimensions);
  *dimensions = (int) n;
  return g_memdup2 (values, (gsize) n * sizeof *values); /* the first token, or all */
}

static float *
run (IeModelTower *tower, int *dimensions, GError **error)
{
  IeOnnxPort shape;
  float *values = ie_onnx_run (tower->session, tower->feeds, tower->output, &shape, error);
  float *vector = values ? pool (tower, values, &shape, dimensions, error) : NULL;
  g_free (values);
  return vector;
}

float *
ie_model_tower_run (IeModelTower *tower, const guint8 *bytes, gsize size, int *dimensions, GError **error)
{
  gsize wanted = tower->text ? ((gsize) tower->sidecar->text.length + 1) * sizeof (guint32)
                             : ie_prepare_bytes (&tower->sidecar->prepare);
  if (size != wanted) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("a picture of another size"));
    return NULL;
  }
  if (tower->text)
    feed_text (tower, bytes);
  else
    feed_picture (tower, bytes);
  return run (tower, dimensions, error);
}

/* ---- opening ---- */

/* As the file says, or as a run gives. */
static gboolean
measure (IeModelTower *tower, GError **error)
{
  const IeOnnxPort *port = &tower->session->output[tower->output];
  int place = port->rank == 4 && tower->sidecar->layout == IE_LAYOUT_NCHW ? 1 : port->rank - 1;
  if (port->rank == rank_wanted (tower) && port->shape[place] > 0) {
    tower->dimensions = (int) MIN (port->shape[place], G_MAXINT);
    return TRUE;
  }
  float *vector = run (tower, &tower->dimensions, error);
  g_free (vector);
  return vector != NULL;
}

static gboolean
set_up (IeModelTower *tower, GError **error)
{
  tower->input = choose_input (tower, error);
  if (tower->input < 0)
    return FALSE;
  tower->mask = choose_mask (tower);
  tower->output = choose_output (tower, error);
  if (tower->output < 0)
    return FALSE;
  tower->feeds = g_new0 (IeOnnxFeed, tower->session->inputs);
  for (int i = 0; i < tower->session->inputs; i++)
    if (!make_feed (tower, i, error))
      return FALSE;
  return measure (tower, error);
}

IeModelTower *
ie_model_tower_open (IeOnnx *onnx, const char *sidecar, gboolean text, int threads, GError **error)
{
  IeSidecar *read = ie_sidecar_parse (sidecar, NULL, error);
  if (!read)
    return NULL;
  IeModelTower *tower = g_new0 (IeModelTower, 1);
  tower->sidecar = read;
  tower->text = text;
  tower->session = ie_onnx_open (onnx, text ? read->text.model : read->model, threads, error);
  if (tower->session && set_up (tower, error))
    return tower;
  for (int i = 0; tower->feeds && i < tower->session->inputs; i++)
    g_free (tower->feeds[i].data);
  g_free (tower->feeds);
  if (tower->session)
    ie_onnx_close (tower->session);
  ie_sidecar_free (read);
  g_free (tower);
  return NULL;
}

int
ie_model_tower_dimensions (const IeModelTower *tower)
{
  return tower->dimensions;
}
