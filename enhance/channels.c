// SPDX-License-Identifier: GPL-3.0-or-later
/* Channels: taken out, swapped, mixed by a matrix; alpha taken out or set.
 *
 * pick: a letter for each channel of the result: r g b (c m y k of CMYK), l the gray of a gray picture, a alpha (1 without
 * any), digits count channels from 1, 0 is black, w is white. One letter gives gray, two gray and alpha, three RGB, four
 * RGB and alpha (of a CMYK picture: CMYK), five CMYK and alpha.
 *
 * matrix: a row for each colour channel of the result (1 gray, 3 RGB, 4 CMYK), a column for each colour channel of the
 * picture and perhaps one more, which is added. Alpha stays.
 *
 * With both, channels are picked first. A picture that gets another number of colours loses its profile, which is for
 * the old number. */
#include "core/error.h"
#include "core/filter.h"
#include "core/i18n.h"

#include <string.h>

enum { PICK, MATRIX };

#define BLACK (-1)
#define WHITE (-2)

static const IeParam params[] = {
  { .id = "pick",
    .label = N_ ("Pick"),
    .type = IE_PARAM_STRING,
    .unit = "",
    .summary =
        N_ ("A letter for each channel of the result: r g b, c m y k, l, a for alpha, 1 to 5, 0 for black, w for "
            "white.") },
  { .id = "matrix",
    .label = N_ ("Matrix"),
    .type = IE_PARAM_MATRIX,
    .unit = "",
    .min = -1000,
    .max = 1000,
    .summary =
        N_ ("A row for each colour channel of the result, a column for each one of the picture, and perhaps one to "
            "add.") },
  IE_PARAMS_END
};

static gboolean
neutral (const IeParams *values)
{
  return !ie_text (values, PICK) && values->values[MATRIX].count == 0;
}

/* Where a letter's samples come from: a channel, BLACK or WHITE. FALSE: the picture has no such channel. */
static gboolean
find_channel (char letter, const IeHeader *in, int *channel)
{
  int colours = ie_colours (in->channels, in->has_alpha);
  const char *letters = in->model == IE_MODEL_CMYK ? "cmyk" : colours == 3 ? "rgb" : "l";
  const char *place = strchr (letters, letter);
  if (letter == '0')
    *channel = BLACK;
  else if (letter == 'w')
    *channel = WHITE;
  else if (letter == 'a')
    *channel = in->has_alpha ? colours : WHITE;
  else if (letter >= '1' && letter <= '0' + in->channels)
    *channel = letter - '1';
  else if (letter && place)
    *channel = (int) (place - letters);
  else
    return FALSE;
  return TRUE;
}

typedef struct {
  int picked;                  /* channels after the picking, alpha included */
  int source[IE_MAX_CHANNELS]; /* of each */
  int rows, columns;           /* of the matrix; rows 0: none */
  float matrix[4 * 5];
} Plan;

static gboolean
plan_pick (const IeStep *step, Plan *plan, IeHeader *output, GError **error)
{
  const char *pick = ie_text (step->params, PICK);
  gsize count = pick ? strlen (pick) : 0;
  plan->picked = pick ? (int) MIN (count, IE_MAX_CHANNELS + 1) : step->input.channels;
  for (int i = 0; i < IE_MAX_CHANNELS && !pick; i++)
    plan->source[i] = i;
  if (!pick)
    return TRUE;
  if (plan->picked > (step->input.model == IE_MODEL_CMYK ? 5 : 4)) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE,
                 _ ("pick=%s has %zu letters; a picture has no more than %d channels"), pick, count,
                 step->input.model == IE_MODEL_CMYK ? 5 : 4);
    return FALSE;
  }
  for (int i = 0; i < plan->picked; i++)
    if (!find_channel (pick[i], &step->input, &plan->source[i])) {
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("pick=%s: this picture has no channel '%c'"), pick, pick[i]);
      return FALSE;
    }
  gboolean cmyk = step->input.model == IE_MODEL_CMYK && plan->picked >= 4;
  output->channels = plan->picked;
  output->has_alpha = plan->picked == 2 || plan->picked == 5 || (plan->picked == 4 && !cmyk);
  output->model = cmyk ? IE_MODEL_CMYK : plan->picked >= 3 ? IE_MODEL_RGB : IE_MODEL_GRAY;
  return TRUE;
}

static gboolean
plan_matrix (const IeStep *step, Plan *plan, IeHeader *output, GError **error)
{
  const IeValue *value = &step->params->values[MATRIX];
  if (value->count == 0)
    return TRUE;
  int colours = ie_colours (output->channels, output->has_alpha);
  plan->columns = value->columns;
  plan->rows = value->count / value->columns;
  if ((plan->columns != colours && plan->columns != colours + 1) ||
      (plan->rows != 1 && plan->rows != 3 && plan->rows != 4)) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE,
                 _ ("the matrix has %d rows of %d; it takes 1, 3 or 4 rows of %d or %d numbers here"), plan->rows,
                 plan->columns, colours, colours + 1);
    return FALSE;
  }
  for (int i = 0; i < value->count; i++)
    plan->matrix[i] = (float) value->numbers[i];
  if (plan->rows != colours)
    output->model = plan->rows == 1 ? IE_MODEL_GRAY : plan->rows == 3 ? IE_MODEL_RGB : IE_MODEL_CMYK;
  output->channels = plan->rows + (output->has_alpha ? 1 : 0);
  return TRUE;
}

static gboolean
header (const IeStep *step, IeHeader *output, GError **error)
{
  Plan plan = { 0 };
  return plan_pick (step, &plan, output, error) && plan_matrix (step, &plan, output, error);
}

static GBytes *
profile (const IeStep *step, GError **error)
{
  const IeMetadata *metadata = step->input.metadata;
  int before = ie_header_colours (&step->input);
  int after = ie_header_colours (&step->output);
  return metadata && metadata->icc && before == after ? g_bytes_ref (metadata->icc) : NULL;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  Plan *plan = g_new0 (Plan, 1);
  IeHeader output = step->input;
  if (plan_pick (step, plan, &output, error) && plan_matrix (step, plan, &output, error))
    return plan;
  g_free (plan);
  return NULL;
}

static void
mix_pixel (const Plan *plan, const float *picked, float *out)
{
  int colours = plan->columns;
  for (int r = 0; r < plan->rows; r++) {
    const float *row = plan->matrix + r * plan->columns;
    float sum = 0;
    for (int c = 0; c < colours; c++)
      sum += row[c] * picked[c];
    out[r] = sum;
  }
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const Plan *plan = step->prepared;
  int colours = plan->picked - (out->has_alpha ? 1 : 0);
  IeRect rect = out->rect;
  for (int y = rect.y; y < rect.y + rect.height && !ie_work_cancelled (work); y++) {
    const float *from = ie_pixels_at (in, rect.x, y);
    float *to = ie_pixels_at (out, rect.x, y);
    for (int x = 0; x < rect.width; x++, from += in->channels, to += out->channels) {
      float picked[IE_MAX_CHANNELS + 1] = { 0 };
      for (int c = 0; c < plan->picked; c++)
        picked[c] = plan->source[c] >= 0 ? from[plan->source[c]] : plan->source[c] == WHITE ? 1.0f : 0.0f;
      float alpha = picked[plan->picked - 1];
      if (plan->rows == 0) {
        memcpy (to, picked, (gsize) plan->picked * sizeof (float));
        continue;
      }
      picked[colours] = 1.0f; /* what the matrix adds */
      mix_pixel (plan, picked, to);
      if (out->has_alpha)
        to[out->channels - 1] = alpha;
    }
  }
}

IE_FILTER (channels) = {
  .name = "channels",
  .version = 1,
  .label = N_ ("Channels"),
  .summary = N_ ("Takes channels out, swaps them, mixes them by a matrix, takes out alpha or sets it"),
  .group = N_ ("Colour"),
  .filter_class = IE_POINT,
  .alpha = IE_ALPHA_FILTER,
  .params = params,
  .neutral = neutral,
  .header = header,
  .profile = profile,
  .prepare = prepare,
  .apply = apply,
};
