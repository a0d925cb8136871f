// SPDX-License-Identifier: GPL-3.0-or-later
/* Filters that take the whole picture at once stop soon after they are told to, wherever they are: told at several
 * moments of a run, none takes more than LONGEST of processor time until it returns. Processor time, so that a machine
 * that is busy with other things changes nothing. */
#include "core/elementary.h"
#include "tests/run-recipe.h"

#include "core/pool.h"
#include "tests/step.h"

#include <pthread.h>
#include <time.h>

#define WIDTH 2600
#define HEIGHT 1900
#define LONGEST 0.1 /* seconds: twice the 50 ms of core/work.h, for caches and pages that are cold */
#define MOMENTS 6

typedef struct {
  TestStep test;
  float *plane;
  gint cancel;
  gint running;    /* atomic */
  double finished; /* processor time of the thread */
} Run;

/* 0: of a thread that is over. */
static double
seconds_of (clockid_t clock)
{
  struct timespec now;
  return clock_gettime (clock, &now) == 0 ? (double) now.tv_sec + 1e-9 * (double) now.tv_nsec : 0;
}

/* A scene with a pattern that repeats, so that there is something to find and to remove. */
static void
fill (float *plane)
{
  guint32 state = 3;
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++) {
      float scene = 0.3f + 0.3f * (float) ((x / 200 + y / 150) % 2), wave = (float) ((3 * x + y) % 17) / 100.0f;
      plane[(gsize) y * WIDTH + (gsize) x] = scene + wave + (float) (next_random (&state) % 1000) / 20000.0f;
    }
}

static gpointer
run (gpointer data)
{
  Run *r = data;
  GError *error = NULL;
  g_atomic_int_set (&r->running, 1);
  r->test.step.filter->apply_whole (&r->test.step, r->test.work, &r->plane, WIDTH * (ptrdiff_t) sizeof (float), &error);
  r->finished = seconds_of (CLOCK_THREAD_CPUTIME_ID);
  g_clear_error (&error);
  g_atomic_int_set (&r->running, 0);
  return NULL;
}

/* Runs it and says stop when it has used so much processor time (0: never); returns what it used, *late: after that. */
static double
run_until (const char *name, const char *const *settings, double moment, double *late)
{
  Run r = { .test = test_step (name, ie_cpu_level (), WIDTH, HEIGHT, 1, FALSE, settings) };
  const IeFilter *filter = r.test.step.filter;
  r.test.work->cancel = &r.cancel;
  r.plane = g_new (float, (gsize) WIDTH * HEIGHT);
  fill (r.plane);
  if (filter->prepare)
    g_assert_nonnull (r.test.step.prepared = filter->prepare (&r.test.step, NULL));
  pthread_t thread;
  clockid_t clock;
  double told = 0;
  r.running = 1;
  g_assert_cmpint (pthread_create (&thread, NULL, run, &r), ==, 0);
  gboolean watched = pthread_getcpuclockid (thread, &clock) == 0; /* not if it is over already */
  while (watched && moment > 0 && g_atomic_int_get (&r.running)) {
    double now = seconds_of (clock);
    if (now >= moment) {
      told = now;
      g_atomic_int_set (&r.cancel, 1);
      break;
    }
    g_usleep (500);
  }
  pthread_join (thread, NULL);
  *late = told > 0 ? r.finished - told : 0;
  if (filter->release)
    filter->release (r.test.step.prepared);
  g_free (r.plane);
  test_step_clear (&r.test);
  return r.finished;
}

static void
check (const char *name, const char *const *settings)
{
  double late, whole = run_until (name, settings, 0, &late), most = 0;
  for (int i = 0; i < MOMENTS; i++) {
    run_until (name, settings, whole * (i + 0.5) / MOMENTS, &late);
    most = MAX (most, late);
  }
  g_test_message ("%s %s: %.0f ms, stops within %.0f ms", name, settings[0] ? settings[0] : "", whole * 1e3, most * 1e3);
  g_assert_cmpfloat (most, <, LONGEST);
}

/* Defaults of every filter of the class. */
static void
test_all (void)
{
  static const char *const none[] = { NULL };
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  for (int i = 0; i < count; i++)
    if (filters[i]->filter_class == IE_WHOLE && filters[i]->apply_whole)
      check (filters[i]->name, none);
}

static void
test_ways (void)
{
  static const char *const motion[] = { "kernel=motion", NULL }, *const disc[] = { "kernel=disc", NULL };
  static const char *const lucy[] = { "method=richardson-lucy", "iterations=2", "width=2", NULL };
  static const char *const peaks[] = { "output=peaks", NULL }, *const removed[] = { "output=removed", NULL };
  check ("deconvolve", motion);
  check ("deconvolve", disc);
  check ("deconvolve", lucy);
  check ("fourier-notch", peaks);
  check ("fourier-notch", removed);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cancel/whole", test_all);
  g_test_add_func ("/cancel/ways", test_ways);
  return g_test_run ();
}
