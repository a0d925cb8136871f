// SPDX-License-Identifier: GPL-3.0-or-later
/* The catalogue of find similar: what is put is found again, contents outlive moves and not their last file, several processes
 * lose and double nothing, a damaged file gives back what can be read of it. */
#include "embed/catalogue.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define BYTES 8 /* of a vector here */

static char *folder;

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static IeCatalogue *
open_anew (const char *name)
{
  GError *error = NULL;
  char *path = path_of (name);
  IeCatalogue *catalogue = ie_catalogue_open (path, IE_CATALOGUE_WRITE, &error);
  g_assert_no_error (error);
  g_free (path);
  return catalogue;
}

static gint64
embedding_of (IeCatalogue *catalogue)
{
  GError *error = NULL;
  gint64 embedding = ie_catalogue_embedding (catalogue, "test-1", "test", IE_VECTOR_CODES, BYTES, &error);
  g_assert_no_error (error);
  return embedding;
}

static void
fill_content (guint8 *content, int number)
{
  memset (content, 0, IE_CONTENT_BYTES);
  memcpy (content, &number, sizeof number);
}

/* Puts /pictures/NUMBER with a content and a vector of its number. */
static gboolean
put (IeCatalogue *catalogue, gint64 embedding, const char *path, int number, GError **error)
{
  gint8 vector[BYTES];
  IeCatalogueFile file = { .path = (char *) path, .size = 100, .mtime = 5, .width = 30, .height = 20, .taken = G_MININT64 };
  fill_content (file.content, number);
  memset (vector, number, sizeof vector);
  return ie_catalogue_put (catalogue, &file, embedding, 1, vector, sizeof vector, error);
}

static void
put_well (IeCatalogue *catalogue, gint64 embedding, const char *path, int number)
{
  GError *error = NULL;
  g_assert_true (put (catalogue, embedding, path, number, &error));
  g_assert_no_error (error);
}

static gboolean
keep_if (gpointer data, const char *path)
{
  return g_strcmp0 (path, data) == 0;
}

static IeCatalogueCounts
counts_of (IeCatalogue *catalogue, gint64 embedding)
{
  IeCatalogueCounts counts;
  g_assert_true (ie_catalogue_count (catalogue, embedding, &counts, NULL));
  return counts;
}

static IeFileState
look (IeCatalogue *catalogue, gint64 embedding, const char *path, guint64 size, gint64 mtime)
{
  GError *error = NULL;
  IeFileState state = ie_catalogue_look (catalogue, path, size, mtime, embedding, 1, NULL, &error);
  g_assert_no_error (error);
  return state;
}

static void
test_files (void)
{
  IeCatalogue *catalogue = open_anew ("files.db");
  gint64 embedding = embedding_of (catalogue);
  GError *error = NULL;
  g_assert_cmpint (embedding_of (catalogue), ==, embedding);
  g_assert_cmpint (look (catalogue, embedding, "/p/a", 100, 5), ==, IE_FILE_NEW);
  put_well (catalogue, embedding, "/p/a", 1);
  g_assert_cmpint (look (catalogue, embedding, "/p/a", 100, 5), ==, IE_FILE_UNCHANGED);
  g_assert_cmpint (look (catalogue, embedding, "/p/a", 101, 5), ==, IE_FILE_NEW);
  g_assert_cmpint (look (catalogue, embedding, "/p/a", 100, 6), ==, IE_FILE_NEW);
  gint64 other = ie_catalogue_embedding (catalogue, "other-1", "other", IE_VECTOR_CODES, BYTES, &error);
  g_assert_cmpint (look (catalogue, other, "/p/a", 100, 5), ==, IE_FILE_INCOMPLETE);

  g_assert_true (ie_catalogue_put_failure (catalogue, "/p/bad", 7, 8, "is bad", &error));
  char *reason = NULL;
  g_assert_cmpint (ie_catalogue_look (catalogue, "/p/bad", 7, 8, embedding, 1, &reason, &error), ==, IE_FILE_FAILED);
  g_assert_cmpstr (reason, ==, "is bad");
  g_free (reason);
  put_well (catalogue, embedding, "/p/bad", 2);
  g_assert_cmpint (counts_of (catalogue, embedding).failures, ==, 0);
  g_assert_true (ie_catalogue_put_failure (catalogue, "/p/bad", 9, 9, "bad again", &error));
  g_assert_cmpint (counts_of (catalogue, embedding).files, ==, 1);
  ie_catalogue_close (catalogue);
}

/* Names are bytes: a byte that is no UTF-8 and a name that begins like a folder's. */
static void
test_paths (void)
{
  IeCatalogue *catalogue = open_anew ("paths.db");
  gint64 embedding = embedding_of (catalogue);
  GError *error = NULL;
  static const char *const paths[] = { "/p", "/p/\xff\xfe.jpg", "/p/a'b\"c", "/p-other/a", "/p0", "/p/deep/er/a" };
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    put_well (catalogue, embedding, paths[i], (int) i);
  IeCatalogueFile file;
  g_assert_true (ie_catalogue_find (catalogue, paths[1], &file, &error));
  g_assert_cmpstr (file.path, ==, paths[1]);
  g_assert_cmpint (file.width, ==, 30);
  ie_catalogue_file_clear (&file);
  g_assert_cmpint (ie_catalogue_forget (catalogue, "/p", keep_if, (gpointer) "/p/a'b\"c", &error), ==, 3);
  g_assert_false (ie_catalogue_find (catalogue, paths[1], &file, &error));
  g_assert_true (ie_catalogue_find (catalogue, "/p-other/a", &file, &error));
  ie_catalogue_file_clear (&file);
  g_assert_cmpint (counts_of (catalogue, embedding).files, ==, 3);
  g_assert_cmpint (counts_of (catalogue, embedding).vectors, ==, 3);
  ie_catalogue_close (catalogue);
}

/* A content lives as long as one file has it. */
static void
test_contents (void)
{
  IeCatalogue *catalogue = open_anew ("contents.db");
  gint64 embedding = embedding_of (catalogue);
  GError *error = NULL;
  guint8 content[IE_CONTENT_BYTES];
  fill_content (content, 1);
  put_well (catalogue, embedding, "/old/a", 1);
  g_assert_true (ie_catalogue_has (catalogue, content, embedding, 1));
  g_assert_false (ie_catalogue_has (catalogue, content, embedding, 2));
  IeCatalogueFile moved = { .path = (char *) "/new/a", .size = 100, .mtime = 9, .taken = G_MININT64 };
  memcpy (moved.content, content, IE_CONTENT_BYTES);
  g_assert_true (ie_catalogue_put (catalogue, &moved, embedding, 0, NULL, 0, &error));
  g_assert_cmpint (ie_catalogue_forget (catalogue, "/old", keep_if, NULL, &error), ==, 1);
  g_assert_cmpint (look (catalogue, embedding, "/new/a", 100, 9), ==, IE_FILE_UNCHANGED);
  IeCatalogueFile file;
  g_assert_true (ie_catalogue_find (catalogue, "/new/a", &file, &error));
  g_assert_cmpint (file.width, ==, 30); /* known from before */
  GPtrArray *files = ie_catalogue_files_of (catalogue, file.picture, &error);
  g_assert_cmpint (files->len, ==, 1);
  ie_catalogue_file_clear (files->pdata[0]);
  g_ptr_array_unref (files);
  ie_catalogue_file_clear (&file);
  g_assert_cmpint (ie_catalogue_forget (catalogue, "/new", keep_if, NULL, &error), ==, 1);
  g_assert_false (ie_catalogue_has (catalogue, content, embedding, 1));
  g_assert_cmpint (counts_of (catalogue, embedding).vectors, ==, 0);
  ie_catalogue_close (catalogue);
}

static void
test_distinct (void)
{
  IeCatalogue *catalogue = open_anew ("distinct.db");
  guint8 a[IE_CONTENT_BYTES], b[IE_CONTENT_BYTES], c[IE_CONTENT_BYTES];
  fill_content (a, 1);
  fill_content (b, 2);
  fill_content (c, 3);
  g_assert_false (ie_catalogue_has_distinct (catalogue));
  g_assert_true (ie_catalogue_put_distinct (catalogue, b, a, NULL));
  g_assert_true (ie_catalogue_is_distinct (catalogue, a, b));
  g_assert_true (ie_catalogue_is_distinct (catalogue, b, a));
  g_assert_false (ie_catalogue_is_distinct (catalogue, a, c));
  g_assert_true (ie_catalogue_has_distinct (catalogue));
  ie_catalogue_close (catalogue);
}

static guint32
rows_of (IeCatalogue *catalogue, gint64 embedding)
{
  GError *error = NULL;
  IeMatrix *matrix = ie_catalogue_matrix (catalogue, embedding, NULL, &error);
  g_assert_no_error (error);
  guint32 count = ie_matrix_vectors (matrix)->count;
  ie_matrix_free (matrix);
  return count;
}

/* The cache follows every change, and is made anew when it is damaged, which is said. */
static void
test_matrix (void)
{
  IeCatalogue *catalogue = open_anew ("matrix.db");
  gint64 embedding = embedding_of (catalogue);
  GError *error = NULL;
  for (int i = 0; i < 5; i++) {
    char *path = g_strdup_printf ("/p/%d", i);
    put_well (catalogue, embedding, path, i);
    g_assert_cmpint (rows_of (catalogue, embedding), ==, i + 1);
    g_free (path);
  }
  g_assert_cmpint (ie_catalogue_forget (catalogue, "/p/3", keep_if, NULL, &error), ==, 1);
  g_assert_cmpint (rows_of (catalogue, embedding), ==, 4);
  char *cache = path_of ("matrix.db.test-1.vectors"), *damaged = NULL;
  g_assert_true (g_file_set_contents (cache, "not vectors at all", -1, NULL));
  IeMatrix *matrix = ie_catalogue_matrix (catalogue, embedding, &damaged, &error);
  g_assert_no_error (error);
  g_assert_nonnull (damaged);
  g_assert_cmpint (ie_matrix_vectors (matrix)->count, ==, 4);
  ie_matrix_free (matrix);
  g_free (damaged);
  g_assert_cmpint (rows_of (catalogue, embedding), ==, 4);
  /* One bit of a vector. */
  char *bytes;
  gsize size;
  matrix = ie_catalogue_matrix (catalogue, embedding, &damaged, &error);
  g_assert_null (damaged);
  gint8 code = ie_matrix_vectors (matrix)->codes[1];
  gsize at = (gsize) ((const char *) ie_matrix_vectors (matrix)->codes - (const char *) ie_matrix_ids (matrix)) + 256 + 1;
  g_assert_true (g_file_get_contents (cache, &bytes, &size, NULL));
  g_assert_cmpint ((gint8) bytes[at], ==, code);
  bytes[at] ^= 4;
  g_assert_true (g_file_set_contents (cache, bytes, (gssize) size, NULL));
  ie_matrix_free (matrix);
  matrix = ie_catalogue_matrix (catalogue, embedding, &damaged, &error);
  g_assert_no_error (error);
  g_assert_nonnull (damaged);
  g_assert_cmpint (ie_matrix_vectors (matrix)->codes[1], ==, code);
  ie_matrix_free (matrix);
  g_free (damaged);
  g_free (bytes);
  g_free (cache);
  ie_catalogue_close (catalogue);
}

/* ---- several processes ---- */

#define PROCESSES 8
#define KILLED 2
#define FILES 400

/* Puts all files, beginning at a place of its own. */
static void
put_all (const char *path, int process)
{
  GError *error = NULL;
  IeCatalogue *catalogue = ie_catalogue_open (path, IE_CATALOGUE_WRITE, &error);
  gint64 embedding = catalogue ? ie_catalogue_embedding (catalogue, "test-1", "test", IE_VECTOR_CODES, BYTES, &error) : -1;
  gboolean good = embedding > 0;
  for (int i = 0; i < FILES && good; i++) {
    int number = (i + process * (FILES / PROCESSES)) % FILES;
    char name[64];
    g_snprintf (name, sizeof name, "/many/%d", number);
    good = put (catalogue, embedding, name, number, &error);
  }
  if (!good)
    g_printerr ("# process %d: %s\n", process, error->message);
  ie_catalogue_close (catalogue);
  _exit (good ? 0 : 1);
}

static void
test_processes (void)
{
  char *path = path_of ("processes.db");
  pid_t children[PROCESSES];
  GError *error = NULL;
  for (int i = 0; i < PROCESSES; i++) {
    children[i] = fork ();
    if (children[i] == 0)
      put_all (path, i);
  }
  g_usleep (20000);
  for (int i = 0; i < KILLED; i++)
    kill (children[i], SIGKILL);
  for (int i = 0; i < PROCESSES; i++) {
    int status;
    g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
    if (i >= KILLED)
      g_assert_cmpint (status, ==, 0);
  }
  IeCatalogue *catalogue = open_anew ("processes.db");
  gint64 embedding = embedding_of (catalogue);
  g_assert_true (ie_catalogue_check (catalogue, &error));
  IeCatalogueCounts counts = counts_of (catalogue, embedding);
  g_assert_cmpint (counts.files, ==, FILES);
  g_assert_cmpint (counts.pictures, ==, FILES);
  g_assert_cmpint (counts.vectors, ==, FILES);
  g_assert_cmpint (rows_of (catalogue, embedding), ==, FILES);
  ie_catalogue_close (catalogue);
  g_free (path);
}

/* ---- damage ---- */

static void
overwrite (const char *path, gsize from, gsize size)
{
  int fd = g_open (path, O_RDWR, 0);
  char *junk = g_malloc (size);
  memset (junk, 0xa5, size);
  g_assert_cmpint (pwrite (fd, junk, size, (off_t) from), ==, (gssize) size);
  close (fd);
  g_free (junk);
}

static gsize
size_of (const char *path)
{
  GStatBuf status;
  return g_stat (path, &status) == 0 ? (gsize) status.st_size : 0;
}

static gboolean
is_sound (const char *path)
{
  GError *error = NULL;
  IeCatalogue *catalogue = ie_catalogue_open (path, IE_CATALOGUE_WRITE, &error);
  gboolean sound = catalogue && ie_catalogue_check (catalogue, &error);
  if (!sound)
    g_assert_true (ie_catalogue_is_damaged (error));
  g_clear_error (&error);
  ie_catalogue_close (catalogue);
  return sound;
}

/* The pages from `from` on, `size` bytes, are overwritten: repaired, the catalogue is sound, keeps the old file aside, and has
 * at least so many files. */
static void
assert_repaired (const char *name, double from, gsize size, gint64 least)
{
  char *path = path_of (name), *aside = NULL;
  gint64 saved = 0;
  GError *error = NULL;
  IeCatalogue *catalogue = open_anew (name);
  gint64 embedding = embedding_of (catalogue);
  ie_catalogue_begin (catalogue, &error);
  for (int i = 0; i < 2000; i++) {
    char *file = g_strdup_printf ("/a/rather/long/path/to/files/%d", i);
    put_well (catalogue, embedding, file, i);
    g_free (file);
  }
  ie_catalogue_end (catalogue, &error);
  guint8 a[IE_CONTENT_BYTES], b[IE_CONTENT_BYTES];
  fill_content (a, 1);
  fill_content (b, 2);
  g_assert_true (ie_catalogue_put_distinct (catalogue, a, b, &error));
  ie_catalogue_close (catalogue);
  overwrite (path, (gsize) (from * (double) size_of (path)) & ~(gsize) 4095, size);
  g_assert_false (is_sound (path));
  g_assert_true (ie_catalogue_repair (path, &aside, &saved, &error));
  g_assert_no_error (error);
  g_assert_cmpint (saved, >=, least);
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  g_assert_true (is_sound (path));
  g_free (aside);
  g_assert_true (ie_catalogue_repair (path, &aside, &saved, &error)); /* nothing to do */
  g_assert_null (aside);
  g_free (path);
}

static void
test_damaged (void)
{
  assert_repaired ("middle.db", 0.5, 8192, 1000);
  assert_repaired ("end.db", 0.9, 4096, 1000);
  assert_repaired ("head.db", 0, 4096, 0); /* no database any more: nothing to save, and no failure */
}

/* A catalogue of a newer version is not touched; what is none is refused. */
static void
test_foreign (void)
{
  char *path = path_of ("foreign.db");
  GError *error = NULL;
  g_assert_null (ie_catalogue_open ("/nowhere/at/all.db", IE_CATALOGUE_READ, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_INPUT);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (path, "this is a text and no database, whatever its name says", -1, NULL));
  g_assert_null (ie_catalogue_open (path, IE_CATALOGUE_WRITE, &error));
  g_assert_true (ie_catalogue_is_damaged (error));
  g_clear_error (&error);
  g_free (path);
}

int
main (int argc, char **argv)
{
  folder = g_dir_make_tmp ("catalogue-XXXXXX", NULL);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catalogue/files", test_files);
  g_test_add_func ("/catalogue/paths", test_paths);
  g_test_add_func ("/catalogue/contents", test_contents);
  g_test_add_func ("/catalogue/distinct", test_distinct);
  g_test_add_func ("/catalogue/matrix", test_matrix);
  g_test_add_func ("/catalogue/processes", test_processes);
  g_test_add_func ("/catalogue/damaged", test_damaged);
  g_test_add_func ("/catalogue/foreign", test_foreign);
  int status = g_test_run ();
  GDir *all = g_dir_open (folder, 0, NULL);
  for (const char *name; all && (name = g_dir_read_name (all));) {
    char *path = path_of (name);
    g_unlink (path);
    g_free (path);
  }
  g_dir_close (all);
  g_rmdir (folder);
  g_free (folder);
  return status;
}
