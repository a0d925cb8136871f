// SPDX-License-Identifier: GPL-3.0-or-later
/* Outputs appear whole or not at all; standard streams; places that fail. */
#include "imageio/imageio.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIDE 300 /* 270,000 bytes of samples: more than any buffer on the way */

static char *folder;
static guint8 samples[SIDE * SIDE * 3];
static const IeHeader header = {
  .width = SIDE, .height = SIDE, .channels = 3, .depth = IE_DEPTH_U8, .model = IE_MODEL_RGB
};

static char *
place (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static gboolean
write_rows (IeSink *sink, int rows, GError **error)
{
  return sink->begin (sink, &header, error) &&
         sink->write (sink, (IeRect){ 0, 0, SIDE, rows }, samples, SIDE * 3, error);
}

static int
files_in_folder (void)
{
  int count = 0;
  GDir *names = g_dir_open (folder, 0, NULL);
  while (g_dir_read_name (names))
    count++;
  g_dir_close (names);
  return count;
}

static void
assert_contents (const char *path, const char *expected)
{
  char *contents;
  g_assert_true (g_file_get_contents (path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, expected);
  g_free (contents);
}

static void
assert_picture (IeSource *source)
{
  GError *error = NULL;
  guint8 *got = g_malloc (sizeof samples);
  g_assert_true (source->read (source, (IeRect){ 0, 0, SIDE, SIDE }, got, SIDE * 3, &error));
  g_assert_cmpmem (got, sizeof samples, samples, sizeof samples);
  g_free (got);
}

static void
test_new_file (void)
{
  GError *error = NULL;
  char *path = place ("new.png");
  int before = files_in_folder ();
  IeOutput *output = ie_output_new (path, ie_format_find ("png"), NULL, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (files_in_folder (), ==, before + 1);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (write_rows (ie_output_sink (output), SIDE, &error));
  g_assert_true (ie_output_commit (output, &error));
  ie_output_free (output);
  g_assert_cmpint (files_in_folder (), ==, before + 1);
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  assert_picture (source);
  ie_source_free (source);
  mode_t mask = umask (0);
  umask (mask);
  GStatBuf status;
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0666 & ~mask);
  g_assert_null (ie_output_new (path, ie_format_find ("png"), NULL, FALSE, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_OUTPUT);
  g_clear_error (&error);
  g_unlink (path);
  g_free (path);
}

/* Given up, and too few rows: the old file stays and nothing else. */
static void
test_given_up (void)
{
  char *path = place ("old.tif");
  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
  int before = files_in_folder ();
  static const char *const formats[] = { "tiff", "png", "jpeg", "pnm", "pam" };
  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    for (int rows = 0; rows < SIDE; rows += 100) {
      GError *error = NULL;
      IeOutput *output = ie_output_new (path, ie_format_find (formats[i]), NULL, TRUE, &error);
      g_assert_no_error (error);
      if (rows)
        g_assert_true (write_rows (ie_output_sink (output), rows, &error));
      g_assert_false (ie_output_commit (output, &error));
      g_assert_error (error, IE_ERROR, IE_ERROR_OUTPUT);
      g_clear_error (&error);
      ie_output_free (output);
      assert_contents (path, "old");
      g_assert_cmpint (files_in_folder (), ==, before);
    }
  g_unlink (path);
  g_free (path);
}

/* Somebody else makes the file while we write ours. */
static void
test_race (void)
{
  GError *error = NULL;
  char *path = place ("race.tif");
  IeOutput *output = ie_output_new (path, ie_format_find ("tiff"), NULL, FALSE, &error);
  g_assert_true (write_rows (ie_output_sink (output), SIDE, &error));
  g_assert_true (g_file_set_contents (path, "theirs", -1, NULL));
  g_assert_false (ie_output_commit (output, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_OUTPUT);
  g_clear_error (&error);
  ie_output_free (output);
  assert_contents (path, "theirs");
  g_unlink (path);
  g_assert_cmpint (files_in_folder (), ==, 0);
  g_free (path);
}

/* A link stays a link, its target is replaced and keeps its permissions. */
static void
test_replaced (void)
{
  GError *error = NULL;
  char *path = place ("target.ppm"), *link = place ("link.ppm"), *lost = place ("lost.ppm");
  g_assert_true (g_file_set_contents (path, "old", -1, NULL));
  g_assert_cmpint (g_chmod (path, 0640), ==, 0);
  g_assert_cmpint (symlink ("target.ppm", link), ==, 0);
  g_assert_cmpint (symlink ("nothing", lost), ==, 0);
  g_assert_null (ie_output_new (link, ie_format_find ("pnm"), NULL, FALSE, NULL));
  g_assert_null (ie_output_new (lost, ie_format_find ("pnm"), NULL, FALSE, NULL));
  IeOutput *output = ie_output_new (link, ie_format_find ("pnm"), NULL, TRUE, &error);
  g_assert_no_error (error);
  g_assert_true (write_rows (ie_output_sink (output), SIDE, &error));
  assert_contents (path, "old");
  g_assert_true (ie_output_commit (output, &error));
  ie_output_free (output);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  assert_picture (source);
  ie_source_free (source);
  GStatBuf status;
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0640);
  g_unlink (link);
  g_unlink (lost);
  g_unlink (path);
  g_assert_cmpint (files_in_folder (), ==, 0);
  g_free (path);
  g_free (link);
  g_free (lost);
}

static void
test_names (void)
{
  GError *error = NULL;
  const IeFormat *format = ie_format_find ("png");
  char *longest = g_strnfill (255, 'x'), *path = place (longest), *too_long = g_strconcat (path, "x", NULL);
  memcpy (path + strlen (path) - 30, "\xc3\xa4", 2); /* where the name is cut */
  IeOutput *output = ie_output_new (path, format, NULL, FALSE, &error);
  g_assert_no_error (error);
  g_assert_true (write_rows (ie_output_sink (output), SIDE, &error));
  g_assert_true (ie_output_commit (output, &error));
  ie_output_free (output);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_null (ie_output_new (too_long, format, NULL, FALSE, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_OUTPUT);
  g_clear_error (&error);
  g_assert_null (ie_output_new (folder, format, NULL, TRUE, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_OUTPUT);
  g_clear_error (&error);
  g_assert_null (ie_output_new ("/dev/null", format, NULL, TRUE, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_OUTPUT);
  g_clear_error (&error);
  g_assert_null (ie_output_new ("/nowhere/at/all.png", format, NULL, FALSE, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_PLACE);
  g_clear_error (&error);
  g_assert_null (ie_output_new ("/dev/null/at/all.png", format, NULL, FALSE, &error));
  g_assert_error (error, IE_ERROR, IE_ERROR_PLACE);
  g_clear_error (&error);
  g_free (longest);
  g_free (path);
  g_free (too_long);
}

/* /dev/full answers every write with ENOSPC. */
static void
test_full (void)
{
  int count, tried = 0;
  const IeFormat *const *formats = ie_formats (&count);
  for (int i = 0; i < count; i++) {
    GError *error = NULL;
    IeHeader mine = header;
    mine.depth = ie_format_depth (formats[i], IE_DEPTH_U8);
    IeFileSink *file = formats[i]->create (open ("/dev/full", O_RDWR), NULL, &error);
    if (!file) { /* a format that is only read, or whose library is absent: it says so */
      g_assert_error (error, IE_ERROR, IE_ERROR_OUTPUT);
      g_clear_error (&error);
      continue;
    }
    tried++;
    int width = mine.depth == IE_DEPTH_FLOAT ? SIDE / 4 : SIDE;
    mine.width = width;
    gboolean ok = file->sink.begin (&file->sink, &mine, &error) &&
                  file->sink.write (&file->sink, (IeRect){ 0, 0, width, SIDE }, samples, SIDE * 3, &error) &&
                  file->finish (file, &error);
    g_assert_false (ok);
    g_assert_error (error, IE_ERROR, IE_ERROR_PLACE);
    g_clear_error (&error);
    ie_sink_free (&file->sink);
  }
  g_assert_cmpint (tried, >=, 6);
}

/* ---- Standard streams -------------------------------------------------------------------------------------------- */

typedef struct {
  int fd;
  char *data;
  gsize size;
} Pipe;

static gpointer
feed (gpointer data)
{
  Pipe *pipe = data;
  for (gsize done = 0; done < pipe->size;) {
    gssize put = write (pipe->fd, pipe->data + done, MIN (pipe->size - done, 1000)); /* short pieces */
    if (put <= 0)
      break;
    done += (gsize) put;
  }
  close (pipe->fd);
  return NULL;
}

static gpointer
drain (gpointer data)
{
  Pipe *pipe = data;
  GByteArray *bytes = g_byte_array_new ();
  guint8 piece[4096];
  for (gssize got; (got = read (pipe->fd, piece, sizeof piece)) > 0;)
    g_byte_array_append (bytes, piece, (guint) got);
  close (pipe->fd);
  return bytes;
}

/* Writes a picture to standard output, then reads those bytes from standard input; both are pipes. */
static void
pass_through (const char *name)
{
  GError *error = NULL;
  int ends[2], saved_in = dup (STDIN_FILENO), saved_out = dup (STDOUT_FILENO);
  g_assert_cmpint (pipe (ends), ==, 0);
  fflush (stdout);
  dup2 (ends[1], STDOUT_FILENO);
  close (ends[1]);
  Pipe in = { .fd = ends[0] };
  GThread *thread = g_thread_new ("drain", drain, &in);
  IeOutput *output = ie_output_new ("-", ie_format_find (name), NULL, FALSE, &error);
  gboolean ok = output && write_rows (ie_output_sink (output), SIDE, &error) && ie_output_commit (output, &error);
  ie_output_free (output);
  dup2 (saved_out, STDOUT_FILENO);
  close (saved_out);
  GByteArray *bytes = g_thread_join (thread);
  g_assert_no_error (error);
  g_assert_true (ok);

  g_assert_cmpint (pipe (ends), ==, 0);
  dup2 (ends[0], STDIN_FILENO);
  close (ends[0]);
  Pipe out = { .fd = ends[1], .data = (char *) bytes->data, .size = bytes->len };
  thread = g_thread_new ("feed", feed, &out);
  const IeFormat *format = NULL;
  IeSource *source = ie_read_file ("-", NULL, &format, &error);
  g_assert_no_error (error);
  g_assert_true (format == ie_format_find (name));
  g_assert_cmpint (source->rewind == NULL, ==, g_str_equal (name, "pnm"));
  if (!g_str_equal (name, "jpeg"))
    assert_picture (source);
  ie_source_free (source);
  dup2 (saved_in, STDIN_FILENO);
  close (saved_in);
  g_thread_join (thread);
  g_byte_array_unref (bytes);
}

static void
test_pipes (void)
{
  pass_through ("pnm");
  pass_through ("png");
  pass_through ("tiff");
  pass_through ("jpeg");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("imgenhance-test-XXXXXX", NULL);
  for (gsize i = 0; i < sizeof samples; i++)
    samples[i] = (guint8) g_test_rand_int ();
  g_test_add_func ("/output/new-file", test_new_file);
  g_test_add_func ("/output/given-up", test_given_up);
  g_test_add_func ("/output/race", test_race);
  g_test_add_func ("/output/replaced", test_replaced);
  g_test_add_func ("/output/names", test_names);
  g_test_add_func ("/output/full", test_full);
  g_test_add_func ("/output/pipes", test_pipes);
  int result = g_test_run ();
  g_rmdir (folder);
  g_free (folder);
  return result;
}
