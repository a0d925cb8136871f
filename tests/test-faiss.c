// SPDX-License-Identifier: GPL-3.0-or-later
/* FAISS, by its module, as the oracle of the search: the same rows in the same order and scores within the rounding of floats, for
 * floats and for codes judged again by floats; and what is said where there is no module. */
#include "core/error.h"
#include "embed/faiss.h"

#include <math.h>
#include <string.h>

#define COUNT 20000
#define TOP 10
#define QUERIES 25 /* FAISS has another way for 20 and more */

static gboolean
available (void)
{
  g_autoptr (GError) error = NULL;
  if (!g_getenv ("IMGENHANCE_FAISS")) {
    g_autofree char *built =
        g_build_filename (g_getenv ("BUILD") ? g_getenv ("BUILD") : ".", "imgenhance-faiss.so", NULL);
    if (g_file_test (built, G_FILE_TEST_EXISTS))
      g_setenv ("IMGENHANCE_FAISS", built, TRUE);
  }
  if (ie_faiss_available (&error))
    return TRUE;
  g_assert_error (error, IE_ERROR, IE_ERROR_USAGE);
  g_assert_null (strchr (error->message, '\n'));
  g_test_skip (error->message);
  return FALSE;
}

/* Rows of length 1. */
static float *
make_rows (guint count, int dimensions, guint32 seed)
{
  GRand *random = g_rand_new_with_seed (seed);
  float *rows = g_new (float, (gsize) count *dimensions);
  for (guint r = 0; r < count; r++) {
    float *row = rows + (gsize) r * dimensions;
    double sum = 0;
    for (int i = 0; i < dimensions; i++) {
      row[i] = (float) g_rand_double_range (random, -1, 1);
      sum += row[i] * row[i];
    }
    for (int i = 0; i < dimensions; i++)
      row[i] = (float) (row[i] / sqrt (sum));
  }
  g_rand_free (random);
  return rows;
}

/* Rows differ only where their scores are equal within the rounding. */
static void
assert_equal (const char *what, int dimensions, const IeHit *ours, const IeHit *theirs, guint count, double tolerance)
{
  for (guint i = 0; i < count; i++) {
    if (!(fabs (ours[i].score - theirs[i].score) <= tolerance))
      g_error ("%s, %d dimensions: hit %u has %.9g, FAISS has %.9g", what, dimensions, i, ours[i].score,
               theirs[i].score);
    gboolean near = (i % TOP > 0 && fabs (theirs[i - 1].score - theirs[i].score) <= tolerance) ||
                    (i % TOP + 1 < TOP && fabs (theirs[i + 1].score - theirs[i].score) <= tolerance) ||
                    i % TOP + 1 == TOP;
    if (ours[i].row != theirs[i].row && !near)
      g_error ("%s, %d dimensions: hit %u is row %u, FAISS has row %u", what, dimensions, i, ours[i].row,
               theirs[i].row);
  }
}

static void
test_oracle (void)
{
  static const int dimensions[] = { 1, 3, 64, 255, 256, 768 };
  if (!available ())
    return;
  for (gsize d = 0; d < G_N_ELEMENTS (dimensions); d++) {
    int size = dimensions[d];
    g_autoptr (GError) error = NULL;
    g_autofree float *rows = make_rows (COUNT, size, 1), *queries = make_rows (QUERIES, size, 2);
    g_autofree float *scales = g_new (float, COUNT);
    g_autofree gint8 *codes = g_new (gint8, (gsize) COUNT * size);
    for (guint r = 0; r < COUNT; r++) {
      float largest = 0;
      for (int i = 0; i < size; i++)
        largest = fmaxf (largest, fabsf (rows[(gsize) r * size + i]));
      scales[r] = largest / 127;
      for (int i = 0; i < size; i++)
        codes[(gsize) r * size + i] = (gint8) lrintf (rows[(gsize) r * size + i] / scales[r]);
    }
    IeVectors floats = { COUNT, size, rows }, both = { COUNT, size, rows, codes, scales };
    IeHit ours[QUERIES * TOP], theirs[QUERIES * TOP];
    IeFaiss *faiss = ie_faiss_new (&floats, &error);
    g_assert_no_error (error);
    for (guint together = 1; together <= QUERIES; together += QUERIES - 1) {
      g_assert_cmpuint (ie_faiss_search (faiss, queries, together, TOP, 2, theirs, &error), ==, TOP);
      g_assert_no_error (error);
      g_assert_cmpuint (ie_search_many (&floats, queries, together, TOP, 0, 2, ours), ==, TOP);
      if (size > 1) /* of one number all scores are 1 or -1: any rows will do */
        assert_equal ("floats", size, ours, theirs, together * TOP, 1e-6);
      g_assert_cmpuint (ie_search_many (&both, queries, together, TOP, 0, 2, ours), ==, TOP);
      if (size >= 64) /* of fewer numbers hundreds of rows are nearer to each other than their codes tell */
        assert_equal ("codes", size, ours, theirs, together * TOP, 1e-6);
    }
    ie_faiss_free (faiss);
    /* Codes alone stand for unit vectors, too. */
    IeVectors alone = { COUNT, size, NULL, codes, scales };
    faiss = ie_faiss_new (&alone, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (ie_faiss_search (faiss, queries, 1, TOP, 2, theirs, &error), ==, TOP);
    for (int i = 0; i < TOP; i++)
      g_assert_cmpfloat (theirs[i].score, <=, 1.00001f);
    ie_faiss_free (faiss);
  }
}

static void
test_few (void)
{
  if (!available ())
    return;
  g_autoptr (GError) error = NULL;
  g_autofree float *rows = make_rows (3, 8, 1);
  IeHit hits[10];
  IeVectors vectors = { 0, 8, rows };
  IeFaiss *faiss = ie_faiss_new (&vectors, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ie_faiss_search (faiss, rows, 1, 10, 1, hits, &error), ==, 0);
  g_assert_no_error (error);
  ie_faiss_free (faiss);
  vectors.count = 3;
  faiss = ie_faiss_new (&vectors, &error);
  g_assert_cmpuint (ie_faiss_search (faiss, rows + 8, 1, 10, 1, hits, &error), ==, 3);
  g_assert_cmpuint (hits[0].row, ==, 1);
  rows[8] = NAN;
  g_assert_cmpuint (ie_faiss_search (faiss, rows + 8, 1, 10, 1, hits, &error), <=, 3);
  ie_faiss_free (faiss);
}

/* In a process of its own: a module that was loaded stays. */
static void
test_absent (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (GError) error = NULL;
    float row[4] = { 1 };
    IeVectors vectors = { 1, 4, row };
    g_setenv ("IMGENHANCE_FAISS", "/nowhere/imgenhance-faiss.so", TRUE);
    g_assert_null (ie_faiss_new (&vectors, &error));
    g_assert_error (error, IE_ERROR, IE_ERROR_USAGE);
    g_assert_true (g_str_has_prefix (error->message, "FAISS is not available: "));
    return;
  }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/faiss/oracle", test_oracle);
  g_test_add_func ("/faiss/few", test_few);
  g_test_add_func ("/faiss/absent", test_absent);
  return g_test_run ();
}
