// SPDX-License-Identifier: GPL-3.0-or-later
/* Profiles of a matrix and curves (ICC.1:2010, F.3; gray: F.2) as spaces of our own: by formula where the curve is one,
 * else by a table of the profile's own curve.
 *
 * What counts as equal: lcms2 evaluates tabulated curves in 16 bits, input and output, even in a float transform, which
 * moves dark colours by up to 0.02 dE; we take the same entries and the same straight lines between them without that
 * rounding. So a space is held to lcms2's own transform within ROUNDED_TOLERANCE, which finds profiles that are not
 * what their matrix says, and formulas are held to the curve itself within EXACT_TOLERANCE. */
#include "colorspace/difference.h"
#include "colorspace/profile.h"

#include <lcms2.h>

#define ROUNDED_TOLERANCE 0.03 /* dE 1976 */
#define EXACT_TOLERANCE 0.01
#define GRID 9              /* points a channel at which spaces are compared, denser in the dark */
#define LINE 257            /* and points on the gray axis and on each channel's */
#define STEEPEST 2.6        /* power up to which a table over the root of linear light is fine enough for 8 bits */
#define SAMPLED 4097        /* points at which a curve that is a formula, but not ours, is tabulated */
#define MOST_ENTRIES 65536

static const cmsTagSignature colorants[3] = { cmsSigRedColorantTag, cmsSigGreenColorantTag, cmsSigBlueColorantTag };
static const cmsTagSignature curves[3] = { cmsSigRedTRCTag, cmsSigGreenTRCTag, cmsSigBlueTRCTag };

/* Something that tells the Lab of a colour: a space, or lcms2 seen under the profile's white. */
typedef struct {
  const IeRgbSpace *space; /* or NULL: */
  cmsHTRANSFORM into;
  const cmsCIEXYZ *white; /* NULL: as it is */
} Judge;

static void
lab_of (const Judge *judge, const double rgb[3], double lab[3])
{
  if (judge->space) {
    ie_rgb_to_lab_exact (judge->space, rgb, lab);
    return;
  }
  float in[3] = { (float) rgb[0], (float) rgb[1], (float) rgb[2] }, out[3];
  cmsDoTransform (judge->into, in, out, 1);
  cmsCIELab found = { (double) out[0], (double) out[1], (double) out[2] };
  if (judge->white) {
    cmsCIEXYZ xyz;
    cmsLab2XYZ (NULL, &xyz, &found);
    cmsXYZ2Lab (judge->white, &found, &xyz);
  }
  lab[0] = found.L;
  lab[1] = found.a;
  lab[2] = found.b;
}

static gboolean
agree_at (const Judge *a, const Judge *b, const double rgb[3], double tolerance)
{
  double lab1[3], lab2[3];
  lab_of (a, rgb, lab1);
  lab_of (b, rgb, lab2);
  return ie_delta_e_76 (lab1, lab2) < tolerance;
}

/* Over the gray axis, those of the channels, and a grid. */
static gboolean
agree (const Judge *a, const Judge *b, int colours, double tolerance)
{
  for (int i = 0; i < LINE; i++)
    for (int axis = 0; axis < (colours == 1 ? 1 : 4); axis++) {
      double root = i / (LINE - 1.0), v = root * root;
      double rgb[3] = { axis < 2 ? v : 0.0, axis % 2 == 0 && axis < 3 ? v : 0.0, axis % 3 == 0 ? v : 0.0 };
      if (!agree_at (a, b, rgb, tolerance))
        return FALSE;
    }
  for (int i = 0; colours == 3 && i < GRID * GRID * GRID; i++) {
    double rgb[3] = { i % GRID, i / GRID % GRID, i / GRID / GRID };
    for (int c = 0; c < 3; c++)
      rgb[c] = rgb[c] * rgb[c] / ((GRID - 1.0) * (GRID - 1.0));
    if (!agree_at (a, b, rgb, tolerance))
      return FALSE;
  }
  return TRUE;
}

/* Linear RGB to XYZ of a matrix profile; sRGB's for gray. FALSE when the profile is of another kind. */
static gboolean
read_matrix (cmsHPROFILE profile, int colours, double matrix[3][3])
{
  for (int i = 0; i < 3; i++)
    for (int j = 0; j < 3; j++)
      matrix[i][j] = ie_srgb ()->to_xyz[i][j];
  if (colours == 1)
    return TRUE;
  if (!cmsIsMatrixShaper (profile))
    return FALSE;
  for (int j = 0; j < 3; j++) {
    const cmsCIEXYZ *colorant = cmsReadTag (profile, colorants[j]);
    if (!colorant)
      return FALSE;
    matrix[0][j] = colorant->X;
    matrix[1][j] = colorant->Y;
    matrix[2][j] = colorant->Z;
  }
  for (int i = 0; i < 3; i++)
    if (!(matrix[i][0] + matrix[i][1] + matrix[i][2] > 0.1))
      return FALSE;
  return TRUE;
}

/* The entries of a tabulated curve as they are; a formula at SAMPLED points. NULL when it has no inverse. */
static IeCurve *
read_curve (const cmsToneCurve *curve)
{
  gboolean formula = cmsGetToneCurveParametricType (curve) != 0 || cmsIsToneCurveMultisegment (curve);
  guint count = formula ? SAMPLED : cmsGetToneCurveEstimatedTableEntries (curve);
  if (count < 2 || count > MOST_ENTRIES)
    return NULL;
  const cmsUInt16Number *table = cmsGetToneCurveEstimatedTable (curve);
  double *entries = g_new (double, count);
  for (guint i = 0; i < count; i++)
    entries[i] = formula ? (double) cmsEvalToneCurveFloat (curve, (float) i / (float) (count - 1)) : table[i] / 65535.0;
  IeCurve *found = ie_curve_new (entries, (int) count);
  g_free (entries);
  return found;
}

static gboolean
same_curve (const IeCurve *a, const IeCurve *b)
{
  return a->last == b->last && memcmp (a->value, b->value, (gsize) (a->last + 1) * sizeof (float)) == 0;
}

/* The profile's own curves and primaries; NULL when a curve has no inverse. */
static IeRgbSpace *
tabulated_space (cmsHPROFILE profile, int colours, double matrix[3][3])
{
  IeCurve *curve[3] = { NULL };
  gboolean complete = TRUE;
  for (int c = 0; c < colours; c++) {
    const cmsToneCurve *tone = cmsReadTag (profile, colours == 1 ? cmsSigGrayTRCTag : curves[c]);
    curve[c] = tone ? read_curve (tone) : NULL;
    complete = complete && curve[c];
  }
  if (!complete) {
    for (int c = 0; c < 3; c++)
      ie_curve_free (curve[c]);
    return NULL;
  }
  if (colours == 1)
    curve[1] = curve[2] = curve[0];
  for (int c = 1; c < 3; c++)
    if (curve[c] != curve[c - 1] && same_curve (curve[c], curve[c - 1])) {
      ie_curve_free (curve[c]);
      curve[c] = curve[c - 1];
    }
  return ie_rgb_space_new_curves (matrix, curve);
}

/* The same by sRGB's curve or a power, where the difference is within EXACT_TOLERANCE; else NULL. */
static IeRgbSpace *
formula_space (const IeRgbSpace *exact, int colours, double matrix[3][3])
{
  double power = ie_log (ie_rgb_decode_exact (exact, 1, 0.5)) / ie_log (0.5);
  /* As profiles store it: in 1/256, in 1/65536. */
  double gammas[3] = { 0.0, ie_round_even (power * 256.0) / 256.0, ie_round_even (power * 65536.0) / 65536.0 };
  Judge wanted = { .space = exact };
  for (int i = 0; i < (power >= 1.0 && power <= STEEPEST ? 3 : 1); i++) {
    IeRgbSpace *space = ie_rgb_space_new (matrix, gammas[i]);
    Judge judge = { .space = space };
    if (agree (&wanted, &judge, colours, EXACT_TOLERANCE))
      return space;
    ie_rgb_space_free (space);
  }
  return NULL;
}

gboolean
ie_profile_is_srgb (gpointer into, int colours)
{
  Judge srgb = { .space = ie_srgb () }, lcms = { .into = into };
  return agree (&srgb, &lcms, colours, EXACT_TOLERANCE);
}

IeRgbSpace *
ie_profile_space (gpointer profile, int colours, gpointer into)
{
  double matrix[3][3], white_lab[3];
  Judge lcms = { .into = into };
  gboolean tables = cmsIsTag (profile, cmsSigAToB0Tag) || cmsIsTag (profile, cmsSigAToB1Tag);
  if (tables || !read_matrix (profile, colours, matrix))
    return NULL;
  IeRgbSpace *exact = tabulated_space (profile, colours, matrix);
  if (!exact)
    return NULL;
  lab_of (&lcms, (const double[3]){ 1.0, 1.0, 1.0 }, white_lab);
  cmsCIELab lab = { white_lab[0], white_lab[1], white_lab[2] };
  cmsCIEXYZ white;
  cmsLab2XYZ (NULL, &white, &lab);
  lcms.white = &white;
  Judge ours = { .space = exact };
  if (!agree (&ours, &lcms, colours, ROUNDED_TOLERANCE)) {
    ie_rgb_space_free (exact);
    return NULL;
  }
  IeRgbSpace *formula = formula_space (exact, colours, matrix);
  if (!formula)
    return exact;
  ie_rgb_space_free (exact);
  return formula;
}
