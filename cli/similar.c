// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance similar: the relatives of a picture in the catalogue. */
#include <string.h>

#include "cli/commands.h"
#include "cli/find-html.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/reading-options.h"
#include "cli/similar-options.h"
#include "cli/terminal.h"

typedef struct {
  const char *catalogue, *model, *text, *html, *instead_of;
  int top, threads, search;
  double threshold;
  gboolean turned, elsewhere, json;
  CliModelOptions running;
  CliWorkerOptions worker;
} SimilarSettings;

#define AT(member) offsetof (SimilarSettings, member)

enum { SEARCH_OURS, SEARCH_FAISS };
static const char *const searches[] = { "ours", "faiss", NULL };

static const CliOption options[] = {
  CLI_CATALOGUE_OPTION (AT (catalogue)),
  CLI_MODEL_OPTION (AT (model)),
  { "text", 't', CLI_TEXT, "TEXT", N_ ("Look for pictures of what the text says, by a model that has a tower for texts (CLIP)."),
    AT (text) },
  { "top", 'n', CLI_INT, "N", N_ ("List the best N; 10 by default."), AT (top), .min = 1, .max = 100000 },
  { "threshold", 0, CLI_NUMBER, "SCORE",
    N_ ("List no scores below; 0.5 by default: one of 1,000 pairs that have nothing to do with each other comes so near."),
    AT (threshold), .min = 0, .max = 1 },
  { "turned", 0, CLI_FLAG, NULL, N_ ("Look for mirrored and turned copies, too."), AT (turned) },
  { "elsewhere", 0, CLI_FLAG, NULL, N_ ("Leave out the picture's own folder."), AT (elsewhere) },
  { "instead-of", 0, CLI_TEXT, "FILE",
    N_ ("The picture is a version of FILE, which is left out instead of it, and whose folder --elsewhere means: for programs "
        "that edit FILE."),
    AT (instead_of) },
  { "html", 0, CLI_TEXT, "FILE", N_ ("Write a page with thumbnails, too."), AT (html) },
  { "json", 0, CLI_FLAG, NULL, N_ ("Print an array of {path, score, kind}, best first."), AT (json) },
  { "search", 0, CLI_CHOICE, "WHICH",
    N_ ("What searches: ours (built in; the default) or faiss (FAISS IndexFlatIP, where it is installed). The results are "
        "the same."), AT (search),
    .choices = searches },
  { "threads", 0, CLI_INT, "N", N_ ("Threads of the search; by default as many as there are processors."), AT (threads),
    .min = 1, .max = 1024 },
  CLI_MODEL_OPTIONS (AT (running)),
  CLI_WORKER_OPTIONS (AT (worker)),
  { NULL },
};

static void
print_json (const CliFound *found)
{
  GString *out = g_string_new (NULL);
  cli_json_open (out, '[');
  for (guint i = 0; i < found->matches->len; i++) {
    const CliMatch *match = found->matches->pdata[i];
    cli_json_open (out, '{');
    cli_json_path_and_score (out, match->file.path, match->score);
    cli_json_key (out, "kind");
    cli_json_string (out, cli_tier_name (match->tier));
    cli_json_close (out, '}');
  }
  cli_json_close (out, ']');
  cli_json_print (out);
}

static void
print_nothing (const CliFound *found)
{
  char *best = cli_fixed (found->best, 2);
  char *line = found->best < 0 ? g_strdup (_ ("nothing similar: there is no other picture in the catalogue\n"))
                               : g_strdup_printf (_ ("nothing similar (the nearest has a score of %s; --threshold 0 lists it)\n"),
                                                  best);
  cli_print (line);
  g_free (line);
  g_free (best);
}

static void
print_text (const CliFound *found)
{
  int column = 0;
  for (int tier = CLI_TIER_EXACT; tier <= CLI_TIER_NONE; tier++)
    column = MAX (column, cli_columns (cli_tier_word ((CliTier)tier)) + 2);
  for (guint i = 0; i < found->matches->len; i++) {
    const CliMatch *match = found->matches->pdata[i];
    char *score = cli_fixed (match->score, 2), *path = cli_escape (match->file.path);
    GString *line = g_string_new (NULL);
    g_string_append_printf (line, "%s  ", score);
    GString *word = g_string_new (NULL);
    cli_pad (word, cli_tier_word (match->tier), column);
    g_string_append_printf (line, "%s%s", word->str, path);
    if (match->turn > 1)
      g_string_append (line, match->turn == 3 || match->turn == 6 || match->turn == 8 ? _ ("  (turned)") : _ ("  (mirrored)"));
    if (match->part > 0)
      g_string_append (line, _ ("  (a part of it)"));
    g_string_append_c (line, '\n');
    cli_print (line->str);
    g_string_free (word, TRUE);
    g_string_free (line, TRUE);
    g_free (path);
    g_free (score);
  }
  if (found->matches->len == 0 && !found->blank)
    print_nothing (found);
  else if (found->matches->len == 0)
    cli_print (_ ("nothing similar\n"));
}

static int
find_failed (const char *catalogue, const char *query, GError *error)
{
  int code = CLI_SOME_FAILED;
  if (ie_catalogue_is_damaged (error) || g_error_matches (error, IE_ERROR, IE_ERROR_PLACE))
    return cli_catalogue_failed (catalogue, error);
  if (g_error_matches (error, IE_ERROR, IE_ERROR_CANCELLED))
    code = CLI_INTERRUPTED;
  else if (g_error_matches (error, IE_ERROR, IE_ERROR_USAGE)) {
    code = CLI_USAGE;
    cli_error (NULL, error->message);
  } else
    cli_error (query, error->message);
  g_error_free (error);
  return code;
}

/* picture: NULL: the text. */
static int
find_in (const SimilarSettings *settings, CliEmbedding *embedding, const char *picture)
{
  GError *error = NULL;
  int code = CLI_DONE;
  CliQuery query = { .path = picture, .text = settings->text, .top = (guint)settings->top, .threshold = settings->threshold,
                     .turned = settings->turned, .elsewhere = settings->elsewhere, .instead_of = settings->instead_of,
                     .faiss = settings->search == SEARCH_FAISS,
                     .threads = settings->threads ? settings->threads : (int)g_get_num_processors (),
                     .worker = settings->worker };
  char *path = cli_catalogue_path (settings->catalogue);
  IeCatalogue *catalogue = cli_catalogue_open (path, IE_CATALOGUE_READ, FALSE);
  CliFound *found = catalogue ? cli_find (embedding, catalogue, &query, &error) : NULL;
  if (!found)
    code = catalogue ? find_failed (path, picture, error) : CLI_SOME_FAILED;
  else {
    if (settings->json)
      print_json (found);
    else
      print_text (found);
    if (found->blank)
      cli_error (picture, _ (CLI_BLANK));
    if (settings->html && !cli_find_html (settings->html, &query, found, &error)) {
      cli_error (settings->html, error->message);
      g_clear_error (&error);
      code = CLI_SOME_FAILED;
    }
  }
  cli_found_free (found);
  ie_catalogue_close (catalogue);
  g_free (path);
  return code;
}

static const char *
find_conflict (const SimilarSettings *settings, guint operands)
{
  if (settings->text && operands > 0)
    return _ ("similar takes a PICTURE or --text, not both");
  if (!settings->text && operands != 1)
    return _ ("similar needs one PICTURE, or --text; see imgenhance similar --help");
  return NULL;
}

static int
run (const CliCommand *command, int argc, char **argv)
{
  SimilarSettings settings = { .top = 10, .threshold = IE_SCORE_SIMILAR };
  GPtrArray *operands;
  int code;
  if (!cli_parse (command, argc, argv, &settings, &operands, &code))
    return code;
  if (settings.json)
    cli_speak_plainly ();
  CliEmbedding *embedding
      = cli_embedding_of_command (settings.model, &settings.running, find_conflict (&settings, operands->len));
  code = embedding ? find_in (&settings, embedding, settings.text ? NULL : operands->pdata[0]) : CLI_USAGE;
  cli_embedding_free (embedding);
  g_ptr_array_unref (operands);
  return code;
}

static const char *const examples[]
    = { "imgenhance similar photo.jpg", "imgenhance similar --elsewhere --turned --html relatives.html photo.jpg",
        "imgenhance similar --model clip --text 'a boat at dusk'", NULL };

const CliCommand cli_similar = {
  .name = "similar",
  .arguments = "PICTURE",
  .summary = N_ ("Find the pictures of the catalogue that are like one."),
  .description
  = N_ ("Lists the nearest pictures of those that imgenhance index put into the catalogue, best first; the picture itself, which "
        "need not be one of them, is left out. A score means the same with every model: 1 equal, from 0.9 on a copy (near), "
        "from 0.5 on a relative (similar; one of 1,000 pairs of unrelated pictures gets there), 0 no more alike than any two "
        "pictures. Nothing similar is an answer, too: the exit code is 0.\n"
        "\n"
        "The page of --html holds its thumbnails and needs no other file; it links to the pictures."),
  .options = options,
  .examples = examples,
  .run = run,
};
