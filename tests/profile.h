// SPDX-License-Identifier: GPL-3.0-or-later
/* Profiles that the tests make with lcms2. */
#pragma once

#include "tests/colour.h"

#include "colorspace/profile.h"

#include <lcms2.h>
#include <math.h>
#include <stdlib.h>

static inline GBytes *
profile_bytes (cmsHPROFILE profile)
{
  cmsUInt32Number size = 0;
  g_assert_true (cmsSaveProfileToMem (profile, NULL, &size));
  void *data = g_malloc (size);
  g_assert_true (cmsSaveProfileToMem (profile, data, &size));
  cmsCloseProfile (profile);
  return g_bytes_new_take (data, size);
}

/* Primaries and curve of Adobe RGB (1998): what sRGB is not. */
static inline GBytes *
wide_profile (void)
{
  cmsCIExyY white = { 0.3127, 0.3290, 1.0 };
  cmsCIExyYTRIPLE primaries = { { 0.64, 0.33, 1.0 }, { 0.21, 0.71, 1.0 }, { 0.15, 0.06, 1.0 } };
  cmsToneCurve *gamma = cmsBuildGamma (NULL, 563.0 / 256.0), *three[3] = { gamma, gamma, gamma };
  GBytes *bytes = profile_bytes (cmsCreateRGBProfile (&white, &primaries, three));
  cmsFreeToneCurve (gamma);
  return bytes;
}

static inline cmsInt32Number
sample_to_lab (const cmsUInt16Number *in, cmsUInt16Number *out, void *transform)
{
  cmsDoTransform (transform, in, out, 1);
  return TRUE;
}

static inline void
write_table (cmsHPROFILE profile, cmsTagSignature tag, cmsHPROFILE from, cmsUInt32Number from_format, cmsHPROFILE to,
             cmsUInt32Number to_format)
{
  cmsHTRANSFORM transform = cmsCreateTransform (from, from_format, to, to_format, INTENT_RELATIVE_COLORIMETRIC, 0);
  cmsPipeline *pipeline = cmsPipelineAlloc (NULL, 3, 3);
  cmsStage *table = cmsStageAllocCLut16bit (NULL, 17, 3, 3, NULL);
  g_assert_true (cmsStageSampleCLut16bit (table, sample_to_lab, transform, 0));
  cmsPipelineInsertStage (pipeline, cmsAT_BEGIN, cmsStageAllocToneCurves (NULL, 3, NULL));
  cmsPipelineInsertStage (pipeline, cmsAT_END, table);
  cmsPipelineInsertStage (pipeline, cmsAT_END, cmsStageAllocToneCurves (NULL, 3, NULL));
  g_assert_true (cmsWriteTag (profile, tag, pipeline));
  cmsPipelineFree (pipeline);
  cmsDeleteTransform (transform);
}

/* A printer-like RGB profile: tables from and to Lab, sampled from a wide RGB space. */
static inline GBytes *
lut_profile (void)
{
  GBytes *wide = wide_profile ();
  gsize size;
  gconstpointer data = g_bytes_get_data (wide, &size);
  cmsHPROFILE rgb = cmsOpenProfileFromMem (data, (cmsUInt32Number) size), lab = cmsCreateLab4Profile (NULL);
  cmsHPROFILE profile = cmsCreateProfilePlaceholder (NULL);
  cmsSetProfileVersion (profile, 4.3);
  cmsSetDeviceClass (profile, cmsSigOutputClass);
  cmsSetColorSpace (profile, cmsSigRgbData);
  cmsSetPCS (profile, cmsSigLabData);
  cmsWriteTag (profile, cmsSigMediaWhitePointTag, cmsD50_XYZ ());
  write_table (profile, cmsSigAToB0Tag, rgb, TYPE_RGB_16, lab, TYPE_Lab_16);
  write_table (profile, cmsSigBToA0Tag, lab, TYPE_Lab_16, rgb, TYPE_RGB_16);
  cmsCloseProfile (rgb);
  cmsCloseProfile (lab);
  g_bytes_unref (wide);
  return profile_bytes (profile);
}
