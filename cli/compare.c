// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance compare: how far two pictures are apart. The measures are those of enhance/compare.h. */
#include "embed/score.h"
#include "enhance/compare.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/compare-similar.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/similar-options.h"
#include "cli/terminal.h"
#include "cli/worker.h"
#include "core/i18n.h"

typedef struct {
  gboolean json, similar, turned;
  double tolerance, threshold; /* threshold: -1: not given */
  const char *model;
  CliModelOptions running;
} CompareSettings;

static const CliOption options[] = {
  { "tolerance", 't', CLI_NUMBER, "T",
    N_ ("Largest difference of two samples, as a fraction of range, up to which the pictures count as equal and the "
        "exit code is 0; 0 by default."),
    offsetof (CompareSettings, tolerance), .min = 0, .max = 1 },
  { "json", 0, CLI_FLAG, NULL,
    N_ ("Print {psnr, ssim, de2000_mean, de2000_p95, de2000_max, max_difference, identical}; null where there is no "
        "finite value. With --similar: {score, kind}."),
    offsetof (CompareSettings, json) },
  { "similar", 's', CLI_FLAG, NULL,
    N_ ("Compare what the pictures show, whatever their sizes: prints a score from 0 (no more alike than any two "
        "pictures) to 1 (equal) as imgenhance similar has them."),
    offsetof (CompareSettings, similar) },
  { "threshold", 0, CLI_NUMBER, "SCORE", N_ ("With --similar: score from which the exit code is 0; 0.5 by default."),
    offsetof (CompareSettings, threshold), .min = 0, .max = 1 },
  { "turned", 0, CLI_FLAG, NULL, N_ ("With --similar: also when one is mirrored or turned."), offsetof (CompareSettings, turned) },
  CLI_MODEL_OPTION (offsetof (CompareSettings, model)),
  CLI_MODEL_OPTIONS (offsetof (CompareSettings, running)),
  { NULL },
};

static void
print_json (const IeComparison *measures)
{
  GString *out = g_string_new (NULL);
  const struct {
    const char *key;
    double value;
  } numbers[] = { { "psnr", measures->psnr },
                  { "ssim", measures->ssim },
                  { "de2000_mean", measures->de2000_mean },
                  { "de2000_p95", measures->de2000_p95 },
                  { "de2000_max", measures->de2000_max },
                  { "max_difference", measures->max_difference } };
  cli_json_open (out, '{');
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    cli_json_key (out, numbers[i].key);
    cli_json_number (out, numbers[i].value);
  }
  cli_json_key (out, "identical");
  cli_json_bool (out, measures->identical);
  cli_json_close (out, '}');
  g_string_append_c (out, '\n');
  cli_print (out->str);
  g_string_free (out, TRUE);
}

#define LABEL_WIDTH 20

static void
print_text (const IeComparison *measures)
{
  char *psnr = cli_fixed (measures->psnr, 3), *ssim = cli_fixed (measures->ssim, 6);
  char *mean = cli_fixed (measures->de2000_mean, 3), *p95 = cli_fixed (measures->de2000_p95, 3);
  char *max = cli_fixed (measures->de2000_max, 3), *largest = cli_number (measures->max_difference);
  char *codes = cli_number (255 * measures->max_difference);
  char *tones = g_strdup_printf (_ ("mean %s, 95 %% %s, max %s"), mean, p95, max);
  char *range = g_strdup_printf (_ ("%s of range (%s of 255)"), largest, codes);
  char *ratio = g_strconcat (psnr, " dB", NULL);
  const char *const rows[][2] = { { "PSNR", ratio },
                                  { "SSIM", ssim },
                                  { "dE2000", tones },
                                  { _ ("largest difference"), range },
                                  { _ ("identical"), measures->identical ? _ ("yes") : _ ("no") } };
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    cli_pad (text, rows[i][0], LABEL_WIDTH);
    g_string_append_printf (text, "%s\n", rows[i][1]);
  }
  cli_print (text->str);
  g_string_free (text, TRUE);
  char *const parts[] = { psnr, ssim, mean, p95, max, largest, codes, tones, range, ratio };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_free (parts[i]);
}

/* What the process that reads the pictures says of them. */
typedef struct {
  gboolean good;
  IeComparison measures;
  int code;   /* where not good: of IeErrorCode */
  int failed; /* 1 or 2: the picture at fault; 0: both */
  char reason[1024];
} Answer;

static void
compare_opened (const int fds[2], Answer *answer)
{
  GError *error = NULL;
  IeSource *sources[2] = { NULL, NULL };
  answer->good = TRUE;
  for (int i = 0; i < 2; i++) {
    sources[i] = answer->good ? ie_read_fd (fds[i], NULL, NULL, &error) : NULL;
    if (answer->good && !sources[i]) {
      answer->failed = i + 1;
      answer->good = FALSE;
    }
  }
  answer->good = answer->good
                 && ie_compare (sources[0], sources[1], cli_stop_flag (), &answer->measures, &answer->failed, &error);
  if (!answer->good) {
    answer->code = error->code;
    g_strlcpy (answer->reason, error->message, sizeof answer->reason);
    g_error_free (error);
  }
  ie_source_free (sources[0]);
  ie_source_free (sources[1]);
}

/* The whole of the other process: it may only read what is open and answer. */
static void
serve (const int fds[2], int reply)
{
  Answer answer = { .good = FALSE };
  guint64 memory = (guint64)sysconf (_SC_PHYS_PAGES) * (guint64)sysconf (_SC_PAGESIZE);
  g_free (cli_give_up_rights (memory, (int)g_get_num_processors ()));
  compare_opened (fds, &answer);
  const char *at = (const char *)&answer;
  for (gsize left = sizeof answer; left > 0;) {
    gssize written = write (reply, at, left);
    if (written < 0 && errno != EINTR)
      break;
    left -= written > 0 ? (gsize)written : 0;
    at += written > 0 ? written : 0;
  }
  _exit (0);
}

static gboolean
receive (int from, Answer *answer)
{
  char *at = (char *)answer;
  gsize left = sizeof *answer;
  while (left > 0) {
    gssize got = read (from, at, left);
    if (got == 0 || (got < 0 && errno != EINTR))
      return FALSE;
    left -= got > 0 ? (gsize)got : 0;
    at += got > 0 ? got : 0;
  }
  return TRUE;
}

/* Has the pictures read and compared by a process of its own: no file can do more than end that. */
static void
compare_apart (const int fds[2], Answer *answer)
{
  int ends[2], status = 0;
  *answer = (Answer){ .code = IE_ERROR_INPUT };
  g_strlcpy (answer->reason, _ ("there is no process for reading"), sizeof answer->reason);
  if (pipe2 (ends, O_CLOEXEC) != 0)
    return;
  pid_t child = fork ();
  if (child == 0)
    serve (fds, ends[1]);
  close (ends[1]);
  gboolean answered = child > 0 && receive (ends[0], answer);
  close (ends[0]);
  while (child > 0 && waitpid (child, &status, 0) < 0 && errno == EINTR)
    ;
  if (child > 0 && !answered) {
    *answer = (Answer){ .code = cli_stopped () ? IE_ERROR_CANCELLED : IE_ERROR_INPUT };
    if (WIFSIGNALED (status))
      g_snprintf (answer->reason, sizeof answer->reason, _ ("the reader crashed (signal %d)"), WTERMSIG (status));
    else
      g_snprintf (answer->reason, sizeof answer->reason, _ ("the reader ended (exit code %d)"), WEXITSTATUS (status));
  }
}

/* Compares the files; on failure the error line is printed and *code is set. */
static gboolean
compare_files (const char *const paths[2], IeComparison *measures, int *code)
{
  GError *error = NULL;
  int fds[2] = { -1, -1 };
  Answer answer = { .good = FALSE };
  for (int i = 0; i < 2; i++) {
    fds[i] = ie_open_file (paths[i], &error);
    if (fds[i] < 0) {
      cli_error (paths[i], error->message);
      g_error_free (error);
      if (i == 1)
        close (fds[0]);
      *code = CLI_SOME_FAILED;
      return FALSE;
    }
  }
  compare_apart (fds, &answer);
  close (fds[0]);
  close (fds[1]);
  if (answer.good) {
    *measures = answer.measures;
    return TRUE;
  }
  char *both = g_strdup_printf (_ ("%s and %s"), paths[0], paths[1]);
  *code = answer.code == IE_ERROR_CANCELLED ? CLI_INTERRUPTED : CLI_SOME_FAILED;
  cli_error (answer.failed ? paths[answer.failed - 1] : *code == CLI_INTERRUPTED ? NULL : both, answer.reason);
  g_free (both);
  return FALSE;
}

static int
run (const CliCommand *command, int argc, char **argv)
{
  CompareSettings settings = { .threshold = -1 };
  GPtrArray *paths;
  int code;
  if (!cli_parse (command, argc, argv, &settings, &paths, &code))
    return code;
  if (paths->len != 2) {
    cli_error (NULL, _ ("compare needs two pictures; see imgenhance compare --help"));
    g_ptr_array_unref (paths);
    return CLI_USAGE;
  }
  gboolean likeness = settings.model || settings.turned || settings.threshold >= 0;
  if (likeness && !settings.similar) {
    cli_error (NULL, _ ("--threshold, --turned and --model go with --similar"));
    g_ptr_array_unref (paths);
    return CLI_USAGE;
  }
  IeComparison measures;
  const char *const pair[2] = { paths->pdata[0], paths->pdata[1] };
  g_ptr_array_unref (paths);
  if (settings.similar) {
    CliLikeness wanted = { settings.model, settings.threshold >= 0 ? settings.threshold : IE_SCORE_SIMILAR, settings.turned,
                           settings.json, settings.running };
    return cli_compare_similar (pair, &wanted);
  }
  if (!compare_files (pair, &measures, &code))
    return code;
  if (settings.json)
    print_json (&measures);
  else
    print_text (&measures);
  return measures.max_difference <= settings.tolerance ? CLI_DONE : CLI_SOME_FAILED;
}

static const char *const examples[]
    = { "imgenhance compare before.png after.png", "imgenhance compare --json --tolerance 0.004 a.tif b.tif",
        "imgenhance compare --similar scan.tif photo.jpg", NULL };

const CliCommand cli_compare = {
  .name = "compare",
  .arguments = "A B",
  .summary = N_ ("Measure how far two pictures are apart."),
  .description
  /* xgettext:no-c-format */
  = N_ ("Prints the PSNR in dB over the colour samples, the SSIM (Wang et al. 2004: Gaussian window of sigma 1.5, mean "
        "over the colour channels), the colour difference dE2000 (mean, the value that 95 % of the pixels stay below, "
        "the largest), and the largest difference of two samples, alpha included. The pictures need the same size and "
        "channels; their depths may differ."),
  .options = options,
  .examples = examples,
  .run = run,
};
