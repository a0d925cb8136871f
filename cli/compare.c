// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance compare: how far two pictures are apart. The measures are those of enhance/compare.h. */
#include "enhance/compare.h"

#include <math.h>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/terminal.h"

typedef struct {
  gboolean json;
  double tolerance;
} CompareSettings;

static const CliOption options[] = {
  { "tolerance", 't', CLI_NUMBER, "T",
    "Largest difference of two samples, as a fraction of range, up to which the pictures count as equal and the exit "
    "code is "
    "0; 0 without it.",
    offsetof (CompareSettings, tolerance), .min = 0, .max = 1 },
  { "json", 0, CLI_FLAG, NULL,
    "Print {psnr, ssim, de2000_mean, de2000_p95, de2000_max, max_difference, identical}; null where there is no finite "
    "value.",
    offsetof (CompareSettings, json) },
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

static void
print_text (const IeComparison *measures)
{
  char *psnr = cli_fixed (measures->psnr, 3), *ssim = cli_fixed (measures->ssim, 6);
  char *mean = cli_fixed (measures->de2000_mean, 3), *p95 = cli_fixed (measures->de2000_p95, 3);
  char *max = cli_fixed (measures->de2000_max, 3), *largest = cli_number (measures->max_difference);
  char *codes = cli_number (255 * measures->max_difference);
  char *text = g_strdup_printf ("PSNR                %s dB\n"
                                "SSIM                %s\n"
                                "dE2000              mean %s, 95 %% %s, max %s\n"
                                "largest difference  %s of range (%s of 255)\n"
                                "identical           %s\n",
                                psnr, ssim, mean, p95, max, largest, codes, measures->identical ? "yes" : "no");
  cli_print (text);
  char *const parts[] = { psnr, ssim, mean, p95, max, largest, codes, text };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_free (parts[i]);
}

/* Compares the files; on failure the error line is printed and *code is set. */
static gboolean
compare_files (const char *const paths[2], IeComparison *measures, int *code)
{
  GError *error = NULL;
  IeSource *sources[2] = { NULL, NULL };
  int failed = 0;
  gboolean good = TRUE;
  for (int i = 0; good && i < 2; i++) {
    sources[i] = ie_read_file (paths[i], NULL, NULL, &error);
    failed = i + 1;
    good = sources[i] != NULL;
  }
  good = good && ie_compare (sources[0], sources[1], cli_stop_flag (), measures, &failed, &error);
  if (!good) {
    char *both = g_strconcat (paths[0], " and ", paths[1], NULL);
    *code = g_error_matches (error, IE_ERROR, IE_ERROR_CANCELLED) ? CLI_INTERRUPTED : CLI_SOME_FAILED;
    cli_error (failed ? paths[failed - 1] : *code == CLI_INTERRUPTED ? NULL : both, error->message);
    g_error_free (error);
    g_free (both);
  }
  ie_source_free (sources[0]);
  ie_source_free (sources[1]);
  return good;
}

static int
run (const CliCommand *command, int argc, char **argv)
{
  CompareSettings settings = { FALSE };
  GPtrArray *paths;
  int code;
  if (!cli_parse (command, argc, argv, &settings, &paths, &code))
    return code;
  if (paths->len != 2) {
    cli_error (NULL, "compare needs two pictures; see imgenhance compare --help");
    g_ptr_array_unref (paths);
    return CLI_USAGE;
  }
  IeComparison measures;
  const char *const pair[2] = { paths->pdata[0], paths->pdata[1] };
  g_ptr_array_unref (paths);
  if (!compare_files (pair, &measures, &code))
    return code;
  if (settings.json)
    print_json (&measures);
  else
    print_text (&measures);
  return measures.max_difference <= settings.tolerance ? CLI_DONE : CLI_SOME_FAILED;
}

static const char *const examples[]
    = { "imgenhance compare before.png after.png", "imgenhance compare --json --tolerance 0.004 a.tif b.tif", NULL };

const CliCommand cli_compare = {
  .name = "compare",
  .arguments = "A B",
  .summary = "Measure how far two pictures are apart.",
  .description
  = "Prints the PSNR in dB over the colour samples, the SSIM (Wang et al. 2004: Gaussian window of sigma 1.5, mean "
    "over the "
    "colour channels), the colour difference dE2000 (mean, the value that 95 % of the pixels stay below, the largest), "
    "and the largest difference of two samples, alpha included. The pictures need the same size and channels; their "
    "depths "
    "may differ.",
  .options = options,
  .examples = examples,
  .run = run,
};
