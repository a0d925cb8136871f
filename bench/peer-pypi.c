// SPDX-License-Identifier: GPL-3.0-or-later
/* OpenCV as PyPI has it, in a process of Python (bench/peer-pypi.py) that maps the same shared file of input and output. A
 * run is a line there and a line back. Buffers are reused there too. */
#include "bench/harness.h"

#include <errno.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUDGET 10
#define FAR 10
#define LONG_RUN 2

typedef struct {
  BenchPicture *out;
  gsize bytes;
  char *shared; /* the input, then the output */
  FILE *to, *from;
  GPid process;
} Pypi;

static const char *interpreter, *program;

/* One line there, one back. FALSE: the process has ended, or does not do this. */
static gboolean
ask (Pypi *pypi, const char *question)
{
  char line[64];
  return fprintf (pypi->to, "%s\n", question) > 0 && fflush (pypi->to) == 0 && fgets (line, sizeof line, pypi->from) &&
         g_str_equal (line, "done\n");
}

static void
run_pypi (gpointer state)
{
  if (!ask (state, "run"))
    g_error ("%s has failed", program);
}

static void
fetch_pypi (gpointer state)
{
  Pypi *pypi = state;
  memcpy (pypi->out->data, pypi->shared + pypi->bytes, pypi->bytes);
}

static void
close_pypi (gpointer state)
{
  Pypi *pypi = state;
  fclose (pypi->to);
  fclose (pypi->from);
  waitpid (pypi->process, NULL, 0);
  munmap (pypi->shared, 2 * pypi->bytes);
  g_free (pypi);
}

/* A file of two pictures in shared memory, mapped; its path into `path`. */
static char *
share (const BenchPicture *in, gsize bytes, char *path)
{
  int file = g_mkstemp (path);
  if (file < 0 || ftruncate (file, (off_t) (2 * bytes)) != 0)
    g_error ("%s: %s", path, g_strerror (errno));
  char *shared = mmap (NULL, 2 * bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (shared == MAP_FAILED)
    g_error ("%s: %s", path, g_strerror (errno));
  close (file);
  memcpy (shared, in->data, bytes);
  memset (shared + bytes, 1, bytes);
  return shared;
}

static gboolean
start (Pypi *pypi, const BenchRow *row, const BenchPicture *in, int threads, gboolean accurate, const char *path)
{
  static const char *const operations[] = {
    [BENCH_LEVELS] = "levels",
    [BENCH_GAUSSIAN] = "gaussian",
    [BENCH_MEDIAN] = "median",
    [BENCH_UNSHARP] = "unsharp",
    [BENCH_EQUALIZE] = "equalize",
    [BENCH_EQUALIZE_LIGHTNESS] = "equalize_lightness",
    [BENCH_LAB] = "lab",
    [BENCH_CLAHE] = "clahe",
    [BENCH_BANDPASS] = "bandpass",
    [BENCH_CLAHE_LIGHTNESS] = "clahe_lightness",
    [BENCH_BOX] = "box",
    [BENCH_HOMOMORPHIC] = "homomorphic",
    [BENCH_CANNY] = "canny",
    [BENCH_SOBEL] = "sobel",
    [BENCH_BILATERAL] = "bilateral",
    [BENCH_NLMEANS] = "nlmeans",
    [BENCH_LOOK] = "clahe_lightness", /* alone, as beside the other OpenCV */
  };
  g_autofree char *size = g_strdup_printf ("%dx%dx%d", in->height, in->width, in->channels);
  g_autofree char *workers = g_strdup_printf ("%d", threads);
  char numbers[3][G_ASCII_DTOSTR_BUF_SIZE];
  for (int i = 0; i < 3; i++)
    g_ascii_dtostr (numbers[i], sizeof numbers[i], row->numbers[i]);
  const char *words[] = { interpreter,
                          program,
                          path,
                          size,
                          bench_depth_name (row->depth),
                          workers,
                          accurate ? "accurate" : "plain",
                          operations[row->operation],
                          numbers[0],
                          numbers[1],
                          numbers[2],
                          NULL };
  g_autoptr (GError) error = NULL;
  int to, from;
  if (!g_spawn_async_with_pipes (NULL, (char **) words, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pypi->process,
                                 &to, &from, NULL, &error))
    g_error ("%s", error->message);
  pypi->to = fdopen (to, "w");
  pypi->from = fdopen (from, "r");
  return ask (pypi, "ready");
}

/* Where a plain call of OpenCV is less accurate than ours, there is another way: see bench/peer-opencv.cc. */
static gboolean
has_accurate_way (const BenchRow *row)
{
  switch (row->operation) {
  case BENCH_GAUSSIAN:
  case BENCH_UNSHARP:
  case BENCH_EQUALIZE_LIGHTNESS:
  case BENCH_CLAHE_LIGHTNESS:
  case BENCH_LAB:
    return row->depth == BENCH_U8;
  default:
    return FALSE;
  }
}

static gboolean
open_side (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, gboolean accurate,
           BenchJob *job)
{
  if (accurate && !has_accurate_way (row))
    return FALSE;
  char path[] = "/dev/shm/imgenhance-bench-XXXXXX";
  Pypi *pypi = g_new0 (Pypi, 1);
  pypi->out = out;
  pypi->bytes = bench_picture_bytes (in);
  pypi->shared = share (in, pypi->bytes, path);
  signal (SIGPIPE, SIG_IGN);
  gboolean ready = start (pypi, row, in, threads, accurate, path);
  unlink (path);
  if (!ready) {
    close_pypi (pypi);
    return FALSE;
  }
  *job = (BenchJob){ .run = run_pypi, .close = close_pypi, .fetch = fetch_pypi, .state = pypi };
  return TRUE;
}

static gboolean
open_plain (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, BenchJob *job)
{
  return open_side (row, in, out, threads, FALSE, job);
}

static gboolean
open_accurate (const BenchRow *row, const BenchPicture *in, BenchPicture *out, int threads, BenchJob *job)
{
  return open_side (row, in, out, threads, TRUE, job);
}

const BenchSide bench_pypi = { "opencv pypi", BENCH_PEER, BUDGET, FAR, LONG_RUN, open_plain };
const BenchSide bench_pypi_accurate = { "opencv pypi accurate", BENCH_PEER, BUDGET, FAR, LONG_RUN, open_accurate };

const char *
bench_pypi_start (const char *python, const char *script)
{
  static char version[128];
  interpreter = python;
  program = script ? script : "bench/peer-pypi.py";
  const char *words[] = { interpreter, program, "version", NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *said = NULL;
  int status = 0;
  if (!g_spawn_sync (NULL, (char **) words, NULL, G_SPAWN_DEFAULT, NULL, NULL, &said, NULL, &status, &error) ||
      !g_spawn_check_wait_status (status, &error)) {
    fprintf (stderr, "imgenhance-bench: the OpenCV of PyPI: %s\n", error->message);
    return NULL;
  }
  g_strlcpy (version, g_strchomp (said), sizeof version);
  return version;
}
