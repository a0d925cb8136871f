// SPDX-License-Identifier: GPL-3.0-or-later
/* Colour spaces as pictures: the channels of a space become the planes of an RGB picture, and back; CIELAB as the colour
 * model of a TIFF; gray.
 *
 * Planes hold, as parts of the range of the picture's depth:
 *   lab, cielab    L* / 100, (a* + 128) / 255, (b* + 128) / 255: white D50, the codes of ICC and of 8-bit TIFF
 *   lch            L* / 100, C* / 255, h / 360 degrees
 *   xyz            X, Y, Z seen under D50, Y of white 1
 *   oklab          L, a + 1/2, b + 1/2;  oklch  L, 2 C, h / 360 degrees
 *   hsv, hsl       H / 360 degrees, S, V or L, of the encoded R'G'B'
 *   ycbcr          Y'CbCr of JPEG: BT.601's weights, full range, no colour at 128 of 255 (32768 of 65535 at 16 bits, and in
 *                  float)
 *   linear         linear light of the picture's own primaries
 *   gray           one channel of the same luminance, under the curve of sRGB
 * Pictures keep their profile, which says what comes back; cielab and gray have none. At 8 bits the way to most of these
 * spaces and back loses codes: use 16 bits or float.
 *
 * The formulas and their sources are those of colorspace/spaces.h. Pictures whose profile is made of tables have no linear
 * light of known primaries: convert them by `profile` first. */
#include "colorspace/profile.h"
#include "colorspace/spaces.h"
#include "core/error.h"
#include "core/filter.h"
#include "core/i18n.h"

#include <string.h>

enum { TO, FROM };

/* Up to YCBCR of the encoded R'G'B', the others of linear light. */
typedef enum { RGB, HSV, HSL, YCBCR, LINEAR, XYZ, LAB, LCH, OKLAB, OKLCH, GRAY, CIELAB } Planes;

#define STRIP 256

static const IeChoice to_choices[] = {
  { "rgb", N_ ("RGB") },       { "hsv", N_ ("HSV") },     { "hsl", N_ ("HSL") },    { "ycbcr", N_ ("Y'CbCr") },
  { "linear", N_ ("Linear") }, { "xyz", N_ ("XYZ") },     { "lab", N_ ("L*a*b*") }, { "lch", N_ ("L*C*h") },
  { "oklab", N_ ("Oklab") },   { "oklch", N_ ("OkLCh") }, { "gray", N_ ("Gray") },  { "cielab", N_ ("CIELab (TIFF)") },
  { NULL, NULL },
};

static const IeChoice from_choices[] = {
  { "rgb", N_ ("RGB") },       { "hsv", N_ ("HSV") },     { "hsl", N_ ("HSL") },    { "ycbcr", N_ ("Y'CbCr") },
  { "linear", N_ ("Linear") }, { "xyz", N_ ("XYZ") },     { "lab", N_ ("L*a*b*") }, { "lch", N_ ("L*C*h") },
  { "oklab", N_ ("Oklab") },   { "oklch", N_ ("OkLCh") }, { NULL, NULL },
};

static const IeParam params[] = {
  { .id = "to",
    .label = N_ ("To"),
    .type = IE_PARAM_ENUM,
    .unit = "",
    .initial = RGB,
    .choices = to_choices,
    .summary = N_ ("The space whose channels the result holds; cielab is a TIFF that says so.") },
  { .id = "from",
    .label = N_ ("From"),
    .type = IE_PARAM_ENUM,
    .unit = "",
    .initial = RGB,
    .choices = from_choices,
    .summary =
        N_ ("The space whose channels the picture holds, if it was converted before; lab for a CIELab file, too.") },
  IE_PARAMS_END
};

/* Planes are numbers times this plus that. */
static const struct {
  float scale[3], add[3];
} codes[] = {
  [RGB] = { { 1, 1, 1 }, { 0 } },
  [HSV] = { { 1 / 360.0f, 1, 1 }, { 0 } },
  [HSL] = { { 1 / 360.0f, 1, 1 }, { 0 } },
  [YCBCR] = { { 1, 1, 1 }, { 0 } },
  [LINEAR] = { { 1, 1, 1 }, { 0 } },
  [XYZ] = { { 0.9642f, 1, 0.8249f }, { 0 } }, /* rows.c divides by the white */
  [LAB] = { { 1 / 100.0f, 1 / 255.0f, 1 / 255.0f }, { 0, 128 / 255.0f, 128 / 255.0f } },
  [LCH] = { { 1 / 100.0f, 1 / 255.0f, 1 / 360.0f }, { 0 } },
  [OKLAB] = { { 1, 1, 1 }, { 0, 0.5f, 0.5f } },
  [OKLCH] = { { 1, 2, 1 / 360.0f }, { 0 } },
  [GRAY] = { { 1, 1, 1 }, { 0 } },
  [CIELAB] = { { 1 / 100.0f, 1 / 255.0f, 1 / 255.0f }, { 0, 128 / 255.0f, 128 / 255.0f } },
};

static Planes
planes_from (const IeStep *step)
{
  return step->input.model == IE_MODEL_LAB ? CIELAB : (Planes) ie_int (step->params, FROM);
}

static Planes
planes_to (const IeStep *step)
{
  return (Planes) ie_int (step->params, TO);
}

/* The picture is not known here: a CIELab file goes to RGB by from=lab. */
static gboolean
neutral (const IeParams *values)
{
  return ie_int (values, TO) == ie_int (values, FROM);
}

static gboolean
header (const IeStep *step, IeHeader *output, GError **error)
{
  const IeHeader *in = &step->input;
  int colours = ie_colours (in->channels, in->has_alpha);
  gboolean is_gray = in->model == IE_MODEL_GRAY && colours == 1;
  if (!is_gray && !((in->model == IE_MODEL_RGB || in->model == IE_MODEL_LAB) && colours == 3)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         _ ("only gray, RGB and CIELab pictures have these colour spaces"));
    return FALSE;
  }
  if (is_gray && planes_from (step) != RGB) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         _ ("a gray picture does not hold the three planes of a colour space"));
    return FALSE;
  }
  Planes to = planes_to (step);
  gboolean stays_gray = is_gray && (to == RGB || to == LINEAR);
  output->model = to == GRAY || stays_gray ? IE_MODEL_GRAY : to == CIELAB ? IE_MODEL_LAB : IE_MODEL_RGB;
  output->channels = (output->model == IE_MODEL_GRAY ? 1 : 3) + (in->has_alpha ? 1 : 0);
  if (to != RGB || in->model == IE_MODEL_LAB)
    output->bits = 0;
  return TRUE;
}

/* The profile stays with the planes of a picture that has as many colours. */
static GBytes *
profile (const IeStep *step, GError **error)
{
  const IeMetadata *metadata = step->input.metadata;
  gboolean same = step->output.channels == step->input.channels && step->output.model == step->input.model;
  return metadata && metadata->icc && same && planes_to (step) != GRAY ? g_bytes_ref (metadata->icc) : NULL;
}

typedef struct {
  Planes from, to;
  IeYcbcr ycbcr;
  const IeConverter *linear;
  IeColourState *state;         /* of the R'G'B' that lies between */
  int colours;                  /* of it: 1 for gray pictures */
  float to_xyz[9], from_xyz[9]; /* linear light to XYZ / white */
  float to_srgb[9], from_srgb[9];
} Conversion;

static void
release (gpointer prepared)
{
  Conversion *conversion = prepared;
  if (conversion->state)
    conversion->linear->close (conversion->state);
  g_free (conversion);
}

static void
set_matrix (float *to, double a[3][3])
{
  for (int i = 0; i < 9; i++)
    to[i] = (float) a[i / 3][i % 3];
}

static void
set_matrices (Conversion *conversion)
{
  double to_xyz[3][3], from_xyz[3][3], srgb_to_xyz[3][3], srgb_from_xyz[3][3], product[3][3];
  memcpy (to_xyz, conversion->state->rgb->to_xyz, sizeof to_xyz);
  memcpy (from_xyz, conversion->state->rgb->to_rgb, sizeof from_xyz);
  memcpy (srgb_to_xyz, ie_srgb ()->to_xyz, sizeof srgb_to_xyz);
  memcpy (srgb_from_xyz, ie_srgb ()->to_rgb, sizeof srgb_from_xyz);
  set_matrix (conversion->to_xyz, to_xyz);
  set_matrix (conversion->from_xyz, from_xyz);
  ie_matrix_multiply (srgb_from_xyz, to_xyz, product);
  set_matrix (conversion->to_srgb, product);
  ie_matrix_multiply (from_xyz, srgb_to_xyz, product);
  set_matrix (conversion->from_srgb, product);
}

static gpointer
prepare (const IeStep *step, GError **error)
{
  Conversion *conversion = g_new0 (Conversion, 1);
  conversion->from = planes_from (step);
  conversion->to = planes_to (step);
  conversion->ycbcr = ie_ycbcr (IE_YCBCR_601, IE_RANGE_FULL, step->input.depth == IE_DEPTH_U8 ? 8 : 16);
  conversion->linear = ie_converter (IE_SPACE_LINEAR);
  conversion->colours = step->input.model == IE_MODEL_GRAY ? 1 : 3;
  IeHeader between = { .width = STRIP,
                       .height = 1,
                       .channels = conversion->colours,
                       .depth = IE_DEPTH_FLOAT,
                       .model = conversion->colours == 1 ? IE_MODEL_GRAY : IE_MODEL_RGB,
                       .metadata = step->input.model == IE_MODEL_LAB ? NULL : step->input.metadata };
  conversion->state = conversion->linear->open (&between, error);
  if (conversion->state && conversion->state->profiled)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         _ ("the picture's profile is made of tables, which have no primaries; "
                            "use profile to=srgb first"));
  if (!conversion->state || conversion->state->profiled) {
    release (conversion);
    return NULL;
  }
  set_matrices (conversion);
  return conversion;
}

static gboolean
is_linear (Planes planes)
{
  return planes >= LINEAR;
}

/* Planes of a space to the R'G'B' or linear light that it is made of. All in place, three samples a pixel. */
static void
decode (const Conversion *conversion, float *p, gsize n)
{
  const IeSpaceRows *rows = ie_space_rows ();
  for (gsize i = 0; i < 3 * n; i++)
    p[i] = (p[i] - codes[conversion->from].add[i % 3]) / codes[conversion->from].scale[i % 3];
  switch (conversion->from) {
  case HSV:
    rows->hsv_to_rgb (p, p, n, 3);
    break;
  case HSL:
    rows->hsl_to_rgb (p, p, n, 3);
    break;
  case YCBCR:
    rows->ycbcr_to_rgb (p, p, n, 3, &conversion->ycbcr);
    break;
  case LCH:
    rows->lch_to_lab (p, p, n, 3);
    /* fall through */
  case LAB:
  case CIELAB:
    rows->lab_to_xyz (p, p, n, 3);
    /* fall through */
  case XYZ:
    rows->matrix (p, p, n, 3, conversion->from_xyz);
    break;
  case OKLCH:
    rows->lch_to_lab (p, p, n, 3);
    /* fall through */
  case OKLAB:
    rows->oklab_to_linear_srgb (p, p, n, 3);
    rows->matrix (p, p, n, 3, conversion->from_srgb);
    break;
  default:
    break;
  }
}

static void
encode (const Conversion *conversion, float *p, gsize n)
{
  const IeSpaceRows *rows = ie_space_rows ();
  switch (conversion->to) {
  case HSV:
    rows->rgb_to_hsv (p, p, n, 3);
    break;
  case HSL:
    rows->rgb_to_hsl (p, p, n, 3);
    break;
  case YCBCR:
    rows->rgb_to_ycbcr (p, p, n, 3, &conversion->ycbcr);
    break;
  case XYZ:
    rows->matrix (p, p, n, 3, conversion->to_xyz);
    break;
  case LAB:
  case CIELAB:
  case LCH:
    rows->matrix (p, p, n, 3, conversion->to_xyz);
    rows->xyz_to_lab (p, p, n, 3);
    if (conversion->to == LCH)
      rows->lab_to_lch (p, p, n, 3);
    break;
  case OKLAB:
  case OKLCH:
    rows->matrix (p, p, n, 3, conversion->to_srgb);
    rows->linear_srgb_to_oklab (p, p, n, 3);
    if (conversion->to == OKLCH)
      rows->lab_to_lch (p, p, n, 3);
    break;
  case GRAY:
    rows->matrix (p, p, n, 3, conversion->to_xyz);
    for (gsize i = 0; i < n; i++)
      p[3 * i] = p[3 * i + 2] = p[3 * i + 1];
    rows->srgb_encode (p, p, n, 3);
    break;
  default:
    break;
  }
  for (gsize i = 0; i < 3 * n; i++)
    p[i] = p[i] * codes[conversion->to].scale[i % 3] + codes[conversion->to].add[i % 3];
}

/* Between R'G'B' and linear light. Gray pictures: the first of three equal samples. */
static void
cross (const Conversion *conversion, float *p, int n)
{
  float own[3 * STRIP], other[3 * STRIP];
  int colours = conversion->colours;
  for (int i = 0; i < n * colours; i++)
    own[i] = colours == 1 ? p[3 * i] : p[i];
  IePixels from = { own, 0, { 0, 0, n, 1 }, colours, FALSE, IE_DEPTH_FLOAT }, to = from;
  IeConvertCount count = { 0 };
  to.data = other;
  if (is_linear (conversion->to))
    conversion->linear->enter (conversion->state, &from, &to);
  else
    conversion->linear->leave (conversion->state, &to, &from, &to, &count); /* does not look at the original */
  for (int i = 0; i < 3 * n; i++)
    p[i] = colours == 1 ? other[i / 3] : other[i];
}

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  const Conversion *conversion = step->prepared;
  int in_colours = ie_colours (in->channels, in->has_alpha), out_colours = ie_colours (out->channels, out->has_alpha);
  IeRect rect = out->rect;
  float planes[3 * STRIP];
  for (int y = rect.y; y < rect.y + rect.height && !ie_work_cancelled (work); y++)
    for (int x = rect.x; x < rect.x + rect.width; x += STRIP) {
      int n = MIN (STRIP, rect.x + rect.width - x);
      const float *from = ie_pixels_at (in, x, y);
      float *to = ie_pixels_at (out, x, y);
      for (int i = 0; i < 3 * n; i++)
        planes[i] = from[i / 3 * in->channels + (in_colours == 1 ? 0 : i % 3)];
      decode (conversion, planes, (gsize) n);
      if (is_linear (conversion->from) != is_linear (conversion->to))
        cross (conversion, planes, n);
      encode (conversion, planes, (gsize) n);
      for (int i = 0; i < n; i++) {
        for (int c = 0; c < out_colours; c++)
          to[i * out->channels + c] = planes[3 * i + c];
        if (out->has_alpha)
          to[i * out->channels + out_colours] = from[i * in->channels + in_colours];
      }
    }
}

IE_FILTER (convert) = {
  .name = "convert",
  .version = 1,
  .label = N_ ("Colour Space"),
  .summary = N_ ("Shows a picture in another colour space, channel by channel, and takes it back"),
  .group = N_ ("Colour"),
  .citation = "CIE 15:2004; IEC 61966-2-1; ITU-T T.871; Ottosson, A perceptual color space for image processing, 2020",
  .filter_class = IE_POINT,
  .alpha = IE_ALPHA_FILTER,
  .params = params,
  .neutral = neutral,
  .header = header,
  .profile = profile,
  .prepare = prepare,
  .release = release,
  .apply = apply,
};
