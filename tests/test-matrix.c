// SPDX-License-Identifier: GPL-3.0-or-later
/* The file of vectors: what was written is read, another generation or id is stale, and a file that was cut short or changed
 * anywhere is said to be damaged, without a crash; writers at once leave a whole file, and so does one that died. */
#include "core/error.h"
#include "embed/matrix.h"

#include <glib/gstdio.h>
#include <string.h>

#define ID "visual-1-0123abcd"

static char *folder, *path;

typedef struct {
  IeVectors v;
  gint8 *codes;
  float *floats, *scales;
  gint64 *ids;
  guint8 *parts;
} Rows;

static Rows
make_rows (guint32 count, int dimensions, gboolean codes, gboolean scales, gboolean floats)
{
  gsize size = (gsize) count * dimensions;
  Rows rows = { { count, dimensions },    g_new (gint8, size + 1),   g_new (float, size + 1),
                g_new (float, count + 1), g_new (gint64, count + 1), g_new (guint8, count + 1) };
  for (gsize i = 0; i < size; i++) {
    rows.codes[i] = (gint8) (i * 37 + i / 251);
    rows.floats[i] = (float) (i * 13 % 1009) / 1009;
  }
  for (guint32 i = 0; i < count; i++) {
    rows.scales[i] = 1 + (float) i;
    rows.ids[i] = ((gint64) i << 33) - 5;
    rows.parts[i] = i % 6;
  }
  rows.v.codes = codes ? rows.codes : NULL;
  rows.v.scales = scales ? rows.scales : NULL;
  rows.v.floats = floats ? rows.floats : NULL;
  return rows;
}

static void
clear_rows (Rows *rows)
{
  g_free (rows->codes);
  g_free (rows->floats);
  g_free (rows->scales);
  g_free (rows->ids);
  g_free (rows->parts);
}

static void
assert_same (const IeMatrix *matrix, const Rows *rows, gboolean parts)
{
  const IeVectors *got = ie_matrix_vectors (matrix), *wanted = &rows->v;
  gsize size = (gsize) wanted->count * wanted->dimensions;
  g_assert_cmpuint (got->count, ==, wanted->count);
  g_assert_cmpint (got->dimensions, ==, wanted->dimensions);
  g_assert_true (!got->codes == !wanted->codes && !got->floats == !wanted->floats && !got->scales == !wanted->scales);
  if (got->codes)
    g_assert_cmpmem (got->codes, size, wanted->codes, size);
  if (got->floats)
    g_assert_cmpmem (got->floats, size * sizeof (float), wanted->floats, size * sizeof (float));
  if (got->scales)
    g_assert_cmpmem (got->scales, wanted->count * sizeof (float), wanted->scales, wanted->count * sizeof (float));
  g_assert_cmpmem (ie_matrix_ids (matrix), wanted->count * 8, rows->ids, wanted->count * 8);
  for (guint32 i = 0; i < wanted->count; i++)
    g_assert_cmpuint (ie_matrix_parts (matrix)[i], ==, parts ? rows->parts[i] : 0);
  g_assert_true ((gsize) got->codes % 64 == 0 && (gsize) got->floats % 64 == 0 && (gsize) got->scales % 64 == 0);
}

static void
write_rows (const Rows *rows, guint64 generation, const guint8 *parts)
{
  GError *error = NULL;
  g_assert_true (ie_matrix_write (path, generation, ID, &rows->v, rows->ids, parts, &error));
  g_assert_no_error (error);
}

static void
assert_refused (guint64 generation, const char *id, IeMatrixState wanted)
{
  IeMatrixState state = 99;
  GError *error = NULL;
  g_assert_null (ie_matrix_open (path, generation, id, &state, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
  g_assert_null (strchr (error->message, '\n'));
  g_clear_error (&error);
  g_assert_cmpint (state, ==, wanted);
  g_assert_null (ie_matrix_open (path, generation, id, NULL, NULL));
}

static void
test_round (void)
{
  static const guint32 counts[] = { 0, 1, 7, 64, 5000 };
  static const int dimensions[] = { 1, 3, 256, 1000 };
  for (gsize c = 0; c < G_N_ELEMENTS (counts); c++)
    for (gsize d = 0; d < G_N_ELEMENTS (dimensions); d++)
      for (int has = 1; has < 8; has++) {
        if (has == 4) /* scales alone */
          continue;
        Rows rows = make_rows (counts[c], dimensions[d], has & 1, (has & 4) && (has & 1), has & 2);
        write_rows (&rows, 1 + (guint64) has, has & 2 ? rows.parts : NULL);
        GError *error = NULL;
        IeMatrix *matrix = ie_matrix_open (path, 1 + (guint64) has, ID, NULL, &error);
        g_assert_no_error (error);
        assert_same (matrix, &rows, has & 2);
        g_assert_true (ie_matrix_check (matrix, TRUE, 2, NULL, &error));
        ie_matrix_free (matrix);
        clear_rows (&rows);
      }
}

static void
test_stale (void)
{
  Rows rows = make_rows (100, 16, TRUE, FALSE, FALSE);
  g_unlink (path);
  assert_refused (5, ID, IE_MATRIX_ABSENT);
  write_rows (&rows, 5, NULL);
  assert_refused (6, ID, IE_MATRIX_STALE);
  assert_refused (4, ID, IE_MATRIX_STALE);
  assert_refused (5, "visual-1-0123abce", IE_MATRIX_STALE);
  assert_refused (5, "", IE_MATRIX_STALE);
  IeMatrix *matrix = ie_matrix_open (path, 5, ID, NULL, NULL);
  g_assert_nonnull (matrix);
  /* What was opened stays while another takes its place. */
  Rows others = make_rows (3000, 8, TRUE, FALSE, TRUE);
  write_rows (&others, 6, NULL);
  assert_same (matrix, &rows, FALSE);
  ie_matrix_free (matrix);
  matrix = ie_matrix_open (path, 6, ID, NULL, NULL);
  assert_same (matrix, &others, FALSE);
  ie_matrix_free (matrix);
  clear_rows (&others);
  clear_rows (&rows);
}

/* Opens it and reads all that it says it has. */
static gboolean
opens (gboolean check)
{
  IeMatrixState state = 99;
  GError *error = NULL;
  IeMatrix *matrix = ie_matrix_open (path, 9, ID, &state, &error);
  if (!matrix) {
    g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
    g_clear_error (&error);
    g_assert_true (state == IE_MATRIX_STALE || state == IE_MATRIX_DAMAGED);
    return FALSE;
  }
  float query[16] = { 0.5f, 0.25f };
  IeHit hits[10];
  ie_search (ie_matrix_vectors (matrix), query, 10, 0, 2, hits);
  gboolean good = TRUE;
  if (check) {
    good = ie_matrix_check (matrix, TRUE, 2, NULL, &error);
    g_assert_true (good == !error);
    g_clear_error (&error);
  }
  ie_matrix_free (matrix);
  return good;
}

static void
test_damaged (void)
{
  Rows rows = make_rows (3001, 16, TRUE, TRUE, TRUE);
  write_rows (&rows, 9, rows.parts);
  char *data;
  gsize size;
  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  g_assert_true (opens (TRUE));
  gsize cuts[] = { 0, 1, 8, 64, 255, 256, 257, 1000, 24000, size / 2, size - 64, size - 1 };
  for (gsize i = 0; i < G_N_ELEMENTS (cuts); i++) {
    g_assert_true (g_file_set_contents (path, data, cuts[i], NULL));
    g_assert_false (opens (FALSE));
  }
  char *longer = g_malloc0 (size + 64);
  memcpy (longer, data, size);
  g_assert_true (g_file_set_contents (path, longer, size + 64, NULL));
  g_assert_false (opens (FALSE));
  g_free (longer);
  /* Each byte of the header, then some of all others. Nothing but zeros between sections may change unseen. */
  GRand *random = g_rand_new_with_seed (4);
  for (int i = 0; i < 1500; i++) {
    gsize at = i < 256 ? (gsize) i : (gsize) g_rand_int_range (random, 0, (gint32) size);
    char was = data[at];
    data[at] ^= (char) (1 << g_rand_int_range (random, 0, 8));
    g_assert_true (g_file_set_contents_full (path, data, size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
    if (opens (TRUE) && was)
      g_error ("byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " was changed unseen", at, size);
    if (i < 256 && opens (FALSE))
      g_error ("byte %" G_GSIZE_FORMAT " of the header was changed unseen", at);
    data[at] = was;
  }
  g_rand_free (random);
  g_assert_true (g_file_set_contents (path, data, size, NULL));
  g_assert_true (opens (TRUE));
  g_free (data);
  clear_rows (&rows);
}

static void
test_places (void)
{
  Rows rows = make_rows (10, 16, TRUE, FALSE, FALSE);
  char *kept = path, *missing = g_build_filename (folder, "missing", "vectors", NULL);
  GError *error = NULL;
  path = missing;
  assert_refused (1, ID, IE_MATRIX_ABSENT);
  g_assert_false (ie_matrix_write (path, 1, ID, &rows.v, rows.ids, NULL, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_PLACE);
  g_clear_error (&error);
  path = folder;
  assert_refused (1, ID, IE_MATRIX_DAMAGED);
  path = kept;
  gint cancel = 1;
  write_rows (&rows, 1, NULL);
  IeMatrix *matrix = ie_matrix_open (path, 1, ID, NULL, NULL);
  g_assert_false (ie_matrix_check (matrix, TRUE, 2, &cancel, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_CANCELLED);
  g_clear_error (&error);
  ie_matrix_free (matrix);
  /* What a writer left that died. */
  char *left = g_strconcat (path, ".new", NULL);
  g_assert_true (g_file_set_contents (left, "half a file", -1, NULL));
  write_rows (&rows, 2, NULL);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
  g_free (left);
  g_free (missing);
  clear_rows (&rows);
}

static gpointer
write_often (gpointer data)
{
  const Rows *rows = data;
  for (int i = 0; i < 30; i++)
    write_rows (rows, rows->v.count, rows->parts);
  return NULL;
}

static void
test_together (void)
{
  Rows rows[3];
  GThread *threads[3];
  for (int i = 0; i < 3; i++)
    rows[i] = make_rows (1000 + i, 64, TRUE, FALSE, TRUE);
  write_rows (&rows[0], rows[0].v.count, rows[0].parts);
  for (int i = 0; i < 3; i++)
    threads[i] = g_thread_new (NULL, write_often, &rows[i]);
  for (int n = 0; n < 300; n++) {
    int i = n % 3;
    IeMatrixState state = 99;
    IeMatrix *matrix = ie_matrix_open (path, 1000 + i, ID, &state, NULL);
    if (matrix) {
      assert_same (matrix, &rows[i], TRUE);
      g_assert_true (ie_matrix_check (matrix, TRUE, 1, NULL, NULL));
      ie_matrix_free (matrix);
    } else
      g_assert_cmpint (state, ==, IE_MATRIX_STALE);
  }
  for (int i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  for (int i = 0; i < 3; i++)
    clear_rows (&rows[i]);
  char *left = g_strconcat (path, ".new", NULL);
  g_assert_false (g_file_test (left, G_FILE_TEST_EXISTS));
  g_free (left);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("imgenhance-matrix-XXXXXX", NULL);
  path = g_build_filename (folder, "vectors", NULL);
  g_test_add_func ("/matrix/round", test_round);
  g_test_add_func ("/matrix/stale", test_stale);
  g_test_add_func ("/matrix/damaged", test_damaged);
  g_test_add_func ("/matrix/places", test_places);
  g_test_add_func ("/matrix/together", test_together);
  int status = g_test_run ();
  g_unlink (path);
  g_rmdir (folder);
  g_free (path);
  g_free (folder);
  return status;
}
