// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/compare-similar.h"

#include <string.h>
#include <unistd.h>

#include "cli/find.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/terminal.h"
#include "core/i18n.h"
#include "embed/content.h"

#define TURNS 8

/* Whether both hold the same bytes; what cannot be read says so when it is described. */
static gboolean
are_equal (const char *const paths[2])
{
  guint8 contents[2][IE_CONTENT_BYTES];
  gboolean good = TRUE;
  for (int i = 0; i < 2 && good; i++) {
    int fd = strcmp (paths[i], "-") == 0 ? -1 : ie_open_file (paths[i], NULL);
    good = fd >= 0 && ie_content_hash (fd, cli_stop_flag (), contents[i], NULL);
    if (fd >= 0)
      close (fd);
  }
  return good && memcmp (contents[0], contents[1], IE_CONTENT_BYTES) == 0;
}

static void
print (double score, CliTier tier, gboolean json)
{
  GString *out = g_string_new (NULL);
  if (json) {
    cli_json_open (out, '{');
    cli_json_key (out, "score");
    cli_json_number (out, score);
    cli_json_key (out, "kind");
    cli_json_string (out, cli_tier_name (tier));
    cli_json_close (out, '}');
    g_string_append_c (out, '\n');
  } else {
    char *number = cli_fixed (score, 2);
    g_string_append_printf (out, "%s  %s\n", number, cli_tier_word (tier));
    g_free (number);
  }
  cli_print (out->str);
  g_string_free (out, TRUE);
}

/* The best score of the first, turned in all ways that were described, to the second. */
static double
best_score (const CliEmbedding *embedding, GBytes *first, GBytes *second)
{
  IeScale scale = cli_embedding_scale (embedding, NULL);
  gsize bytes = cli_embedding_bytes (embedding), turns = g_bytes_get_size (first) / bytes;
  const char *turned = g_bytes_get_data (first, NULL);
  double best = 0;
  if (cli_embedding_is_blank (embedding, g_bytes_get_data (second, NULL)))
    return 0;
  for (gsize turn = 0; turn < turns; turn++) {
    if (cli_embedding_is_blank (embedding, turned + turn * bytes))
      continue;
    double cosine = cli_embedding_cosine (embedding, turned + turn * bytes, g_bytes_get_data (second, NULL));
    best = MAX (best, ie_score (&scale, cosine) * (turn > 0 ? CLI_TURN_FACTOR : 1));
  }
  return best;
}

int
cli_compare_similar (const char *const paths[2], const CliLikeness *likeness)
{
  GError *error = NULL;
  CliWorkerOptions reading = { 0 };
  CliPrepared facts;
  GBytes *vectors[2] = { NULL, NULL };
  int code = CLI_USAGE;
  CliEmbedding *embedding = cli_embedding_open (likeness->model, &likeness->running, &error);
  if (!embedding)
    cli_error (likeness->model, error->message);
  for (int i = 0; embedding && i < 2 && !error; i++) {
    embedding->prepare.turns = i > 0 || embedding->model ? 1 : IE_PREPARE_PASTED | (likeness->turned ? (1u << TURNS) - 1 : 1);
    vectors[i] = cli_embedding_of_file (embedding, &reading, paths[i], &facts, &error);
    if (!vectors[i]) {
      gboolean stopped = g_error_matches (error, IE_ERROR, IE_ERROR_CANCELLED);
      cli_error (stopped ? NULL : paths[i], error->message);
      code = stopped ? CLI_INTERRUPTED : CLI_SOME_FAILED;
    }
  }
  if (embedding && !error) {
    gboolean equal = are_equal (paths);
    double score = equal ? 1 : best_score (embedding, vectors[0], vectors[1]);
    print (score, equal ? CLI_TIER_EXACT : cli_tier_of (score), likeness->json);
    for (int i = 0; i < 2 && !equal; i++)
      if (cli_embedding_is_blank (embedding, g_bytes_get_data (vectors[i], NULL)))
        cli_error (paths[i], _ (CLI_BLANK));
    code = score >= likeness->threshold ? CLI_DONE : CLI_SOME_FAILED;
  }
  for (int i = 0; i < 2; i++)
    if (vectors[i])
      g_bytes_unref (vectors[i]);
  g_clear_error (&error);
  cli_embedding_free (embedding);
  return code;
}
