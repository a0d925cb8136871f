// SPDX-License-Identifier: GPL-3.0-or-later
/* The conversions of spaces.h over rows of float pixels: the formulas and sources of xyz.c, lab.c, hsv.c, ycbcr.c and
 * oklab.c, written without branches. Compiled once per level; every operation is one of IEEE 754's, so the bits are the
 * same at each. A row goes through strips of three planes, over which the loops are vectorised. */
#include "colorspace/angle.h"
#include "colorspace/spaces.h"
#include "colorspace/srgb.h"

#define STRIP 256

typedef struct {
  float a[STRIP], b[STRIP], c[STRIP];
} Planes;

/* Interleaved pixels to planes, once for each usual step so that it is vectorised. */
static inline void
load (const float *restrict in, Planes *restrict planes, int count, int step)
{
  for (int i = 0; i < count; i++) {
    planes->a[i] = in[i * step];
    planes->b[i] = in[i * step + 1];
    planes->c[i] = in[i * step + 2];
  }
}

static inline void
store (const Planes *restrict planes, float *restrict out, int count, int step)
{
  for (int i = 0; i < count; i++) {
    out[i * step] = planes->a[i];
    out[i * step + 1] = planes->b[i];
    out[i * step + 2] = planes->c[i];
  }
}

static void
load_pixels (const float *in, Planes *planes, int count, int step)
{
  if (step == 3)
    load (in, planes, count, 3);
  else if (step == 4)
    load (in, planes, count, 4);
  else
    load (in, planes, count, step);
}

static void
store_pixels (const Planes *planes, float *out, int count, int step)
{
  if (step == 3)
    store (planes, out, count, 3);
  else if (step == 4)
    store (planes, out, count, 4);
  else
    store (planes, out, count, step);
}

/* The body of a kernel: `statement` sees a[i], b[i], c[i] of each pixel and writes them. */
#define EACH_PIXEL(statement)                                                                                          \
  do {                                                                                                                 \
    Planes planes = { 0 };                                                                                             \
    float *restrict a = planes.a, *restrict b = planes.b, *restrict c = planes.c;                                      \
    for (gsize at = 0; at < pixels; at += STRIP) {                                                                     \
      int count = (int) MIN (STRIP, pixels - at);                                                                      \
      load_pixels (in + at * (gsize) step, &planes, count, step);                                                      \
      for (int i = 0; i < count; i++)                                                                                  \
        statement;                                                                                                     \
      store_pixels (&planes, out + at * (gsize) step, count, step);                                                    \
    }                                                                                                                  \
  } while (0)

static inline float
smaller (float x, float y)
{
  return x < y ? x : y;
}

static inline float
larger (float x, float y)
{
  return x > y ? x : y;
}

/* ---- One pixel of each kind -------------------------------------------------------------------------------------- */

static inline void
multiply (const float m[9], float *a, float *b, float *c)
{
  float x = *a, y = *b, z = *c;
  *a = m[0] * x + m[1] * y + m[2] * z;
  *b = m[3] * x + m[4] * y + m[5] * z;
  *c = m[6] * x + m[7] * y + m[8] * z;
}

static inline void
to_lab (float *a, float *b, float *c)
{
  float x = ie_lab_g (*a), y = ie_lab_g (*b), z = ie_lab_g (*c);
  *a = 116.0f * y;
  *b = 500.0f * (x - y);
  *c = 200.0f * (y - z);
}

static inline void
from_lab (float *a, float *b, float *c)
{
  float y = *a * (float) (1.0 / 116.0), x = y + *b * (float) (1.0 / 500.0), z = y - *c * (float) (1.0 / 200.0);
  *a = ie_lab_g_inverse (x);
  *b = ie_lab_g_inverse (y);
  *c = ie_lab_g_inverse (z);
}

static inline void
to_polar (float *unused, float *b, float *c)
{
  float x = *b, y = *c;
  *b = ie_sqrtf (x * x + y * y);
  *c = ie_angle_of (y, x);
}

static inline void
from_polar (float *unused, float *b, float *c)
{
  float chroma = *b, cosine, sine;
  ie_cos_sin (*c, &cosine, &sine);
  *b = chroma * cosine;
  *c = chroma * sine;
}

static inline float
hue (float r, float g, float b, float top, float delta)
{
  float by = delta == 0.0f ? 1.0f : delta;
  float of_g = 2.0f + (b - r) / by, of_b = 4.0f + (r - g) / by;
  float h = (g - b) / by;
  h = top == r ? h : top == g ? of_g : of_b;
  h = (delta == 0.0f ? 0.0f : h) * 60.0f;
  h = h < 0.0f ? h + 360.0f : h;
  return h < 360.0f ? h : 0.0f;
}

static inline void
to_hsv (float *a, float *b, float *c)
{
  float top = larger (larger (*a, *b), *c), delta = top - smaller (smaller (*a, *b), *c);
  float h = hue (*a, *b, *c, top, delta), s = delta / (top == 0.0f ? 1.0f : top);
  *a = h;
  *b = top == 0.0f ? 0.0f : s;
  *c = top;
}

static inline void
to_hsl (float *a, float *b, float *c)
{
  float top = larger (larger (*a, *b), *c), bottom = smaller (smaller (*a, *b), *c), delta = top - bottom;
  float h = hue (*a, *b, *c, top, delta), l = 0.5f * (top + bottom);
  float room = 1.0f - ie_magnitude (2.0f * l - 1.0f), s = delta / (room == 0.0f ? 1.0f : room);
  *a = h;
  *b = room == 0.0f ? 0.0f : s;
  *c = l;
}

/* The trapezium of hsv.c, `shift` sectors on. */
static inline float
from_sector (float sector, float shift, float low, float high)
{
  float d = sector + shift;
  d = d >= 6.0f ? d - 6.0f : d;
  float share = ie_magnitude (d - 3.0f) - 1.0f;
  return low + (high - low) * smaller (larger (share, 0.0f), 1.0f);
}

static inline void
from_hue (float h, float low, float high, float *a, float *b, float *c)
{
  float sector = ie_wrap_degrees (h) * (float) (1.0 / 60.0);
  *a = from_sector (sector, 0.0f, low, high);
  *b = from_sector (sector, 4.0f, low, high);
  *c = from_sector (sector, 2.0f, low, high);
}

static inline void
from_hsl (float *a, float *b, float *c)
{
  float l = *c, half = 0.5f * *b * (1.0f - ie_magnitude (2.0f * l - 1.0f));
  from_hue (*a, l - half, l + half, a, b, c);
}

/* An encoding of ycbcr.c in float: c_of_b is 1 / (2 (1 - Kb)) times the scale, and so on. */
typedef struct {
  float kr, kb, y_zero, y_scale, c_zero, c_of_b, c_of_r;
  float y_back, b_of_c, r_of_c, g_of_r, g_of_b;
} Luma;

static Luma
luma_of (const IeYcbcr *e)
{
  double b_range = 2.0 * (1.0 - e->kb), r_range = 2.0 * (1.0 - e->kr);
  return (Luma){ .kr = (float) e->kr,
                 .kb = (float) e->kb,
                 .y_zero = (float) e->y_zero,
                 .y_scale = (float) e->y_scale,
                 .c_zero = (float) e->c_zero,
                 .c_of_b = (float) (e->c_scale / b_range),
                 .c_of_r = (float) (e->c_scale / r_range),
                 .y_back = (float) (1.0 / e->y_scale),
                 .b_of_c = (float) (b_range / e->c_scale),
                 .r_of_c = (float) (r_range / e->c_scale),
                 .g_of_r = (float) (e->kr / e->kg),
                 .g_of_b = (float) (e->kb / e->kg) };
}

static inline void
to_ycbcr (const Luma *e, float *a, float *b, float *c)
{
  float r = *a, blue = *c, y = *b + (e->kr * (r - *b) + e->kb * (blue - *b)); /* gray is exactly gray */
  *a = e->y_zero + e->y_scale * y;
  *b = e->c_zero + e->c_of_b * (blue - y);
  *c = e->c_zero + e->c_of_r * (r - y);
}

static inline void
from_ycbcr (const Luma *e, float *a, float *b, float *c)
{
  float y = (*a - e->y_zero) * e->y_back;
  float blue = (*b - e->c_zero) * e->b_of_c, red = (*c - e->c_zero) * e->r_of_c;
  *a = y + red;
  *b = y - (e->g_of_r * red + e->g_of_b * blue);
  *c = y + blue;
}

/* ---- Rows -------------------------------------------------------------------------------------------------------- */

static void
row_matrix (const float *in, float *out, gsize pixels, int step, const float matrix[9])
{
  float m[9];
  memcpy (m, matrix, sizeof m);
  EACH_PIXEL (multiply (m, a + i, b + i, c + i));
}

static void
row_srgb_decode (const float *in, float *out, gsize pixels, int step)
{
  EACH_PIXEL ((a[i] = ie_srgb_decode (a[i]), b[i] = ie_srgb_decode (b[i]), c[i] = ie_srgb_decode (c[i])));
}

static void
row_srgb_encode (const float *in, float *out, gsize pixels, int step)
{
  EACH_PIXEL ((a[i] = ie_srgb_encode (a[i]), b[i] = ie_srgb_encode (b[i]), c[i] = ie_srgb_encode (c[i])));
}

static void
row_xyz_to_lab (const float *in, float *out, gsize pixels, int step)
{
  EACH_PIXEL (to_lab (a + i, b + i, c + i));
}

static void
row_lab_to_xyz (const float *in, float *out, gsize pixels, int step)
{
  EACH_PIXEL (from_lab (a + i, b + i, c + i));
}

static void
row_lab_to_lch (const float *in, float *out, gsize pixels, int step)
{
  EACH_PIXEL (to_polar (a + i, b + i, c + i));
}

static void
row_lch_to_lab (const float *in, float *out, gsize pixels, int step)
{
  EACH_PIXEL (from_polar (a + i, b + i, c + i));
}

static void
row_rgb_to_hsv (const float *in, float *out, gsize pixels, int step)
{
  EACH_PIXEL (to_hsv (a + i, b + i, c + i));
}

static void
row_hsv_to_rgb (const float *in, float *out, gsize pixels, int step)
{
  EACH_PIXEL (from_hue (a[i], c[i] - c[i] * b[i], c[i], a + i, b + i, c + i));
}

static void
row_rgb_to_hsl (const float *in, float *out, gsize pixels, int step)
{
  EACH_PIXEL (to_hsl (a + i, b + i, c + i));
}

static void
row_hsl_to_rgb (const float *in, float *out, gsize pixels, int step)
{
  EACH_PIXEL (from_hsl (a + i, b + i, c + i));
}

static void
row_rgb_to_ycbcr (const float *in, float *out, gsize pixels, int step, const IeYcbcr *encoding)
{
  Luma luma = luma_of (encoding);
  EACH_PIXEL (to_ycbcr (&luma, a + i, b + i, c + i));
}

static void
row_ycbcr_to_rgb (const float *in, float *out, gsize pixels, int step, const IeYcbcr *encoding)
{
  Luma luma = luma_of (encoding);
  EACH_PIXEL (from_ycbcr (&luma, a + i, b + i, c + i));
}

static void
flatten (double m[3][3], float flat[9])
{
  for (int i = 0; i < 9; i++)
    flat[i] = (float) m[i / 3][i % 3];
}

static inline void
to_oklab (const float cones[9], const float lab[9], float *a, float *b, float *c)
{
  multiply (cones, a, b, c);
  *a = ie_cbrtf (*a);
  *b = ie_cbrtf (*b);
  *c = ie_cbrtf (*c);
  multiply (lab, a, b, c);
}

static inline void
from_oklab (const float lab[9], const float cones[9], float *a, float *b, float *c)
{
  multiply (lab, a, b, c);
  *a = *a * *a * *a;
  *b = *b * *b * *b;
  *c = *c * *c * *c;
  multiply (cones, a, b, c);
}

static void
row_to_oklab (const float *in, float *out, gsize pixels, int step)
{
  double to_cones[3][3], lab_matrix[3][3], from_cones[3][3], lab_inverse[3][3];
  float cones[9], lab[9];
  ie_oklab_matrices (to_cones, lab_matrix, from_cones, lab_inverse);
  flatten (to_cones, cones);
  flatten (lab_matrix, lab);
  EACH_PIXEL (to_oklab (cones, lab, a + i, b + i, c + i));
}

static void
row_from_oklab (const float *in, float *out, gsize pixels, int step)
{
  double to_cones[3][3], lab_matrix[3][3], from_cones[3][3], lab_inverse[3][3];
  float cones[9], lab[9];
  ie_oklab_matrices (to_cones, lab_matrix, from_cones, lab_inverse);
  flatten (lab_inverse, lab);
  flatten (from_cones, cones);
  EACH_PIXEL (from_oklab (lab, cones, a + i, b + i, c + i));
}

extern const IeSpaceRows IE_LEVEL_NAME (ie_space_rows_of);

const IeSpaceRows IE_LEVEL_NAME (ie_space_rows_of) = {
  .matrix = row_matrix,
  .srgb_decode = row_srgb_decode,
  .srgb_encode = row_srgb_encode,
  .xyz_to_lab = row_xyz_to_lab,
  .lab_to_xyz = row_lab_to_xyz,
  .lab_to_lch = row_lab_to_lch,
  .lch_to_lab = row_lch_to_lab,
  .rgb_to_hsv = row_rgb_to_hsv,
  .hsv_to_rgb = row_hsv_to_rgb,
  .rgb_to_hsl = row_rgb_to_hsl,
  .hsl_to_rgb = row_hsl_to_rgb,
  .rgb_to_ycbcr = row_rgb_to_ycbcr,
  .ycbcr_to_rgb = row_ycbcr_to_rgb,
  .linear_srgb_to_oklab = row_to_oklab,
  .oklab_to_linear_srgb = row_from_oklab,
};
