// SPDX-License-Identifier: GPL-3.0-or-later
/* For tests of OpenEXR: pictures read back from files, and notes of the report. */
#pragma once

#include "pictures.h"

#define UNKNOWN (-1) /* no note */

static inline const IeFormat *
format (void)
{
  return ie_format_find ("exr");
}

static inline IeSource *
read_back (const char *path)
{
  GError *error = NULL;
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  g_assert_no_error (error);
  return source;
}

/* What reading a file again gives; *source (may be NULL) stays open. */
static inline float *
samples_of (const char *path, IeSource **kept)
{
  GError *error = NULL;
  IeSource *source = read_back (path);
  float *samples = read_samples (source, &error);
  g_assert_no_error (error);
  g_assert_cmpint (source->header.depth, ==, IE_DEPTH_FLOAT);
  if (kept)
    *kept = source;
  else
    ie_source_free (source);
  return samples;
}

static inline gsize
count_of (const IeHeader *header)
{
  return (gsize) header->width * (gsize) header->channels * (gsize) header->height;
}

/* The profile of linear light, as a file without primaries gets it. g_bytes_unref(). */
static inline GBytes *
linear_profile (int colours)
{
  char *path = place ("profile.exr");
  IeHeader header = make_header (colours, 0, IE_DEPTH_FLOAT);
  void *samples = make_samples (&header, FALSE);
  write_file (path, &header, samples, NULL);
  IeSource *source = read_back (path);
  GBytes *icc = g_bytes_ref (source->header.metadata->icc);
  ie_source_free (source);
  g_free (samples);
  g_free (path);
  return icc;
}

static inline int
state_of (const IeFidelity *fidelity, const char *item)
{
  for (int i = 0; i < ie_fidelity_count (fidelity); i++)
    if (g_str_equal (ie_fidelity_get (fidelity, i).item, item))
      return (int) ie_fidelity_get (fidelity, i).state;
  return UNKNOWN;
}

typedef struct {
  const char *name;
  void (*run) (void);
} ExrTest;

/* Runs the tests, or says that the build lacks OpenEXR. */
static inline int
run_tests (int argc, char **argv, const ExrTest *tests, gsize count)
{
  g_test_init (&argc, &argv, NULL);
  if (format ()->missing) {
    g_print ("1..1\nok 1 OpenEXR # SKIP built without %s\n", format ()->missing);
    return 0;
  }
  for (gsize i = 0; i < count; i++)
    g_test_add_func (tests[i].name, tests[i].run);
  return run_in_folder ();
}
