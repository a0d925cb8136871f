// SPDX-License-Identifier: GPL-3.0-or-later
/* Another colour profile: the samples change so that the colours stay (ICC.1:2010; colorspace/transform.h says how). */
#include "colorspace/transform.h"
#include "core/error.h"
#include "core/filter.h"
#include "core/i18n.h"

enum { TO, INTENT, BLACK_POINT };

static const IeChoice intents[] = {
  /* in the order of IeIntent */
  { "perceptual", N_ ("Perceptual") },
  { "relative", N_ ("Relative colorimetric") },
  { "saturation", N_ ("Saturation") },
  { "absolute", N_ ("Absolute colorimetric") },
  { NULL, NULL },
};

static const IeParam params[] = {
  { .id = "to",
    .label = N_ ("Profile"),
    .type = IE_PARAM_FILE,
    .unit = "",
    .initial_text = "srgb",
    .summary = N_ ("The new profile: srgb, adobe-rgb, display-p3, prophoto, rec2020, or an ICC file.") },
  { .id = "intent",
    .label = N_ ("Intent"),
    .type = IE_PARAM_ENUM,
    .unit = "",
    .initial = IE_INTENT_RELATIVE,
    .choices = intents,
    .summary =
        N_ ("What happens to colours that the new profile does not have; only profiles made of tables tell them "
            "apart.") },
  { .id = "black-point",
    .label = N_ ("Black point compensation"),
    .type = IE_PARAM_BOOL,
    .unit = "",
    .initial = 1,
    .summary = N_ ("Black becomes the new profile's black, and dark shades keep their steps.") },
  IE_PARAMS_END
};

/* The profile that `to` names. */
static GBytes *
target (const IeStep *step, GError **error)
{
  /* An entry of a dialog is empty while something else is typed. */
  const char *given = ie_text (step->params, TO), *text = given ? given : "";
  GBytes *icc = ie_profile_named (text, step->input.model == IE_MODEL_GRAY);
  char *contents;
  gsize size;
  if (icc)
    return icc;
  GError *reason = NULL;
  if (g_file_get_contents (text, &contents, &size, &reason))
    return g_bytes_new_take (contents, size);
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE,
               _ ("to=%s is neither srgb, adobe-rgb, display-p3, prophoto nor rec2020, nor a file that can "
                  "be read: %s"),
               text, reason->message);
  g_error_free (reason);
  return NULL;
}

static gboolean
header (const IeStep *step, IeHeader *output, GError **error)
{
  int colours;
  GBytes *icc = target (step, error);
  gboolean good = icc && ie_profile_target (icc, &output->model, &colours, error);
  if (icc && !good)
    g_prefix_error (error, "%s: ", ie_text (step->params, TO));
  if (good)
    output->channels = colours + (output->has_alpha ? 1 : 0);
  if (icc)
    g_bytes_unref (icc);
  return good;
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  GBytes *icc = target (step, error);
  if (!icc)
    return NULL;
  IeTransform *transform = ie_transform_new (&step->input, icc, (IeIntent) ie_int (step->params, INTENT),
                                             ie_bool (step->params, BLACK_POINT), error);
  g_bytes_unref (icc);
  return transform;
}

static void
release (gpointer prepared)
{
  ie_transform_free (prepared);
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  ie_transform_pixels (step->prepared, in, out);
}

IE_FILTER (profile) = {
  .name = "profile",
  .version = 1,
  .label = N_ ("Convert to Profile"),
  .summary = N_ ("Converts the picture to another colour profile: the colours stay, the numbers change"),
  .group = N_ ("Colour"),
  .citation = "ICC.1:2010, Image technology colour management",
  .filter_class = IE_POINT,
  .alpha = IE_ALPHA_FILTER,
  .params = params,
  .header = header,
  .profile = target,
  .prepare = prepare,
  .release = release,
  .apply = apply,
};
