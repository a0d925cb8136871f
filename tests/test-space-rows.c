// SPDX-License-Identifier: GPL-3.0-or-later
/* The rows of floats of colorspace/spaces.h against its conversions in double, with the same bits at every level. */
#include "tests/spaces.h"

static IeYcbcr studio;
static float some_matrix[9];

static void
exact_matrix (const double in[3], double out[3])
{
  double m[3][3];
  for (int i = 0; i < 9; i++)
    m[i / 3][i % 3] = (double) some_matrix[i];
  ie_matrix_apply (m, in, out);
}

static void
exact_xyz_to_lab (const double in[3], double out[3])
{
  ie_xyz_to_lab (in, (const double[3]){ 1.0, 1.0, 1.0 }, out);
}

static void
exact_lab_to_xyz (const double in[3], double out[3])
{
  ie_lab_to_xyz (in, (const double[3]){ 1.0, 1.0, 1.0 }, out);
}

static void
exact_to_ycbcr (const double in[3], double out[3])
{
  ie_rgb_to_ycbcr (&studio, in, out);
}

static void
exact_from_ycbcr (const double in[3], double out[3])
{
  ie_ycbcr_to_rgb (&studio, in, out);
}

static void
exact_decode (const double in[3], double out[3])
{
  for (int c = 0; c < 3; c++)
    out[c] = ie_srgb_decode_exact (in[c]);
}

static void
exact_encode (const double in[3], double out[3])
{
  for (int c = 0; c < 3; c++)
    out[c] = ie_srgb_encode_exact (in[c]);
}

typedef struct {
  const char *name;
  gsize member; /* of IeSpaceRows */
  int more;     /* 1: takes a matrix, 2: an encoding */
  void (*exact) (const double in[3], double out[3]);
  double scale[3], shift[3]; /* random 0..1 to what goes in */
  double tolerance[3];
  int angle;                 /* channel that is a hue, or -1 */
} Row;

#define MEMBER(name) #name, offsetof (IeSpaceRows, name)
static const Row kinds[] = {
  { MEMBER (matrix), 1, exact_matrix, { 2, 2, 2 }, { -0.5, -0.5, -0.5 }, { 1e-6, 1e-6, 1e-6 }, -1 },
  { MEMBER (srgb_decode), 0, exact_decode, { 2, 2, 2 }, { -0.5, -0.5, -0.5 }, { 2e-6, 2e-6, 2e-6 }, -1 },
  { MEMBER (srgb_encode), 0, exact_encode, { 2, 2, 2 }, { -0.5, -0.5, -0.5 }, { 5e-7, 5e-7, 5e-7 }, -1 },
  { MEMBER (xyz_to_lab), 0, exact_xyz_to_lab, { 1.2, 1.2, 1.2 }, { -0.1, -0.1, -0.1 }, { 4e-5, 3e-4, 2e-4 }, -1 },
  { MEMBER (lab_to_xyz), 0, exact_lab_to_xyz, { 100, 200, 200 }, { 0, -100, -100 }, { 2e-6, 2e-6, 3e-6 }, -1 },
  { MEMBER (lab_to_lch), 0, ie_lab_to_lch, { 100, 200, 200 }, { 0, -100, -100 }, { 0, 2e-5, 6e-5 }, 2 },
  { MEMBER (lch_to_lab), 0, ie_lch_to_lab, { 100, 150, 800 }, { 0, 0, -400 }, { 0, 4e-5, 4e-5 }, -1 },
  { MEMBER (rgb_to_hsv), 0, ie_rgb_to_hsv, { 1, 1, 1 }, { 0, 0, 0 }, { 2e-4, 2e-7, 0 }, 0 },
  { MEMBER (hsv_to_rgb), 0, ie_hsv_to_rgb, { 900, 1, 1 }, { -300, 0, 0 }, { 2e-6, 2e-6, 2e-6 }, -1 },
  { MEMBER (rgb_to_hsl), 0, ie_rgb_to_hsl, { 1, 1, 1 }, { 0, 0, 0 }, { 2e-4, 2e-3, 1e-7 }, 0 },
  { MEMBER (hsl_to_rgb), 0, ie_hsl_to_rgb, { 900, 1, 1 }, { -300, 0, 0 }, { 2e-6, 2e-6, 2e-6 }, -1 },
  { MEMBER (rgb_to_ycbcr), 2, exact_to_ycbcr, { 1, 1, 1 }, { 0, 0, 0 }, { 2e-7, 2e-7, 2e-7 }, -1 },
  { MEMBER (ycbcr_to_rgb), 2, exact_from_ycbcr, { 1, 1, 1 }, { 0, 0, 0 }, { 1e-6, 1e-6, 1e-6 }, -1 },
  { MEMBER (linear_srgb_to_oklab), 0, ie_linear_srgb_to_oklab, { 1, 1, 1 }, { 0, 0, 0 }, { 3e-7, 1e-6, 1e-6 }, -1 },
  { MEMBER (oklab_to_linear_srgb), 0, ie_oklab_to_linear_srgb,
    { 1, 0.6, 0.6 }, { 0, -0.3, -0.3 }, { 4e-6, 3e-6, 3e-6 }, -1 },
};

typedef void (*MatrixRow) (const float *in, float *out, gsize pixels, int step, const float matrix[9]);
typedef void (*CodedRow) (const float *in, float *out, gsize pixels, int step, const IeYcbcr *encoding);

static void
run (const Row *row, IeCpuLevel level, const float *in, float *out, gsize pixels, int step)
{
  const char *member = (const char *) ie_space_rows_at (level) + row->member;
  if (row->more == 1)
    (*(const MatrixRow *) member) (in, out, pixels, step, some_matrix);
  else if (row->more == 2)
    (*(const CodedRow *) member) (in, out, pixels, step, &studio);
  else
    (*(const IeRow *) member) (in, out, pixels, step);
}

#define PIXELS 5003

static void
fill (const Row *row, float *in, int step)
{
  GRand *random = g_rand_new_with_seed (9);
  for (int i = 0; i < PIXELS; i++) {
    double unit[3];
    colour (random, i, unit);
    for (int c = 0; c < 3; c++)
      in[i * step + c] = (float) (unit[c] * row->scale[c] + row->shift[c]);
    for (int c = 3; c < step; c++)
      in[i * step + c] = 0.25f;
  }
  g_rand_free (random);
}

static void
compare (const Row *row, const float *in, const float *out, int step)
{
  double worst[3] = { 0 };
  for (int i = 0; i < PIXELS; i++) {
    double exact_in[3], exact[3];
    for (int c = 0; c < 3; c++)
      exact_in[c] = (double) in[i * step + c];
    row->exact (exact_in, exact);
    for (int c = 0; c < 3; c++) {
      double d = (double) out[i * step + c] - exact[c];
      if (c == row->angle)
        d = remainder (d, 360.0) * MIN (1.0, c == 2 ? exact[1] : exact[1] * exact[2]); /* hues of grays are vague */
      worst[c] = MAX (worst[c], fabs (d));
    }
  }
  for (int c = 0; c < 3; c++)
    if (!(worst[c] <= row->tolerance[c]))
      g_error ("%s: channel %d is off by %g, more than %g", row->name, c, worst[c], row->tolerance[c]);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  for (int step = 3; step <= 5; step++) {
    gsize bytes = (gsize) PIXELS * (gsize) step * sizeof (float);
    float *in = g_malloc (bytes), *out = g_malloc (bytes), *other = g_malloc (bytes);
    fill (row, in, step);
    memcpy (out, in, bytes); /* alpha */
    run (row, IE_CPU_BASE, in, out, PIXELS, step);
    compare (row, in, out, step);
    for (int level = IE_CPU_BASE; level <= (int) ie_cpu_level (); level++) { /* in place */
      memcpy (other, in, bytes);
      run (row, (IeCpuLevel) level, other, other, PIXELS, step);
      if (memcmp (other, out, bytes) != 0)
        g_error ("%s: other bits at level %s, step %d", row->name, ie_cpu_level_name ((IeCpuLevel) level), step);
    }
    for (int i = 0; i < PIXELS; i++)
      for (int c = 3; c < step; c++)
        g_assert_cmpfloat (out[i * step + c], ==, 0.25f);
    g_free (in);
    g_free (out);
    g_free (other);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  studio = ie_ycbcr (IE_YCBCR_709, IE_RANGE_STUDIO, 8);
  double matrix[3][3];
  ie_primaries_matrix (IE_PRIMARIES_BT2020, matrix);
  for (int i = 0; i < 9; i++)
    some_matrix[i] = (float) matrix[i / 3][i % 3];
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    char *path = g_strconcat ("/spaces/rows/", kinds[i].name, NULL);
    g_test_add_data_func (path, &kinds[i], test_row);
    g_free (path);
  }
  return g_test_run ();
}
