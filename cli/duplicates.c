// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance duplicates: pictures of the catalogue that are there more than once. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/groups.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/similar-options.h"
#include "cli/terminal.h"
#include "embed/content.h"

typedef struct {
  const char *catalogue, *model;
  int tier, threads, export;
  double threshold;
  gboolean apart, json;
  CliModelOptions running;
} DuplicatesSettings;

static const char *const tier_choices[] = { "exact", "near", "similar", NULL };
static const char *const export_choices[] = { "none", "csv", NULL };

#define AT(member) offsetof (DuplicatesSettings, member)

static const CliOption options[] = {
  CLI_CATALOGUE_OPTION (AT (catalogue)),
  CLI_MODEL_OPTION (AT (model)),
  { "tier", 0, CLI_CHOICE, "TIER", N_ ("List groups up to this one; similar by default."), AT (tier), tier_choices },
  { "threshold", 0, CLI_NUMBER, "SCORE", N_ ("Score from which pictures are listed as similar; 0.7 by default."),
    AT (threshold), .min = 0, .max = 1 },
  { "apart", 0, CLI_FLAG, NULL,
    N_ ("Remember that the named files are not duplicates of each other; they are not listed together again."), AT (apart) },
  { "export", 0, CLI_CHOICE, "FORMAT", N_ ("Print the groups as a table: a line a file."), AT (export), export_choices },
  { "json", 0, CLI_FLAG, NULL,
    N_ ("Print an array of {kind, files}; each file is {path, score, width, height, size}, the one to keep first."), AT (json) },
  { "threads", 0, CLI_INT, "N", N_ ("Threads of the search; by default as many as there are processors."), AT (threads),
    .min = 1, .max = 1024 },
  CLI_MODEL_OPTIONS (AT (running)),
  { NULL },
};

/* ---- what is said ---- */

static void
print_json (GPtrArray *groups)
{
  GString *out = g_string_new (NULL);
  cli_json_open (out, '[');
  for (guint i = 0; i < groups->len; i++) {
    const CliGroup *group = groups->pdata[i];
    cli_json_open (out, '{');
    cli_json_key (out, "kind");
    cli_json_string (out, cli_group_name (group->kind));
    cli_json_key (out, "files");
    cli_json_open (out, '[');
    for (guint j = 0; j < group->members->len; j++) {
      const CliMember *member = &g_array_index (group->members, CliMember, j);
      cli_json_open (out, '{');
      cli_json_path_and_score (out, member->file.path, member->score);
      cli_json_key (out, "width");
      cli_json_integer (out, (guint64)member->file.width);
      cli_json_key (out, "height");
      cli_json_integer (out, (guint64)member->file.height);
      cli_json_key (out, "size");
      cli_json_integer (out, member->file.size);
      cli_json_close (out, '}');
    }
    cli_json_close (out, ']');
    cli_json_close (out, '}');
  }
  cli_json_close (out, ']');
  cli_json_print (out);
}

static void
print_csv (GPtrArray *groups)
{
  GString *out = g_string_new ("group,kind,path,score,width,height,size\r\n");
  for (guint i = 0; i < groups->len; i++) {
    const CliGroup *group = groups->pdata[i];
    for (guint j = 0; j < group->members->len; j++) {
      const CliMember *member = &g_array_index (group->members, CliMember, j);
      char *score = cli_fixed (member->score, 4);
      g_string_append_printf (out, "%u,%s,", i + 1, cli_group_name (group->kind));
      cli_csv_text (out, member->file.path);
      g_string_append_printf (out, ",%s,%d,%d,%" PRIu64 "\r\n", score, member->file.width, member->file.height,
                              member->file.size);
      g_free (score);
    }
  }
  cli_print (out->str);
  g_string_free (out, TRUE);
}

static const char *
heading (CliGroupKind kind)
{
  static const char *const headings[] = { N_ ("exact: the same bytes"), N_ ("near: copies"), N_ ("similar"),
                                          N_ ("burst: taken one right after the other, no duplicates") };
  return _ (headings[kind]);
}

static void
print_text (GPtrArray *groups)
{
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < groups->len; i++) {
    const CliGroup *group = groups->pdata[i];
    g_string_append_printf (out, "%s\n", heading (group->kind));
    for (guint j = 0; j < group->members->len; j++) {
      const CliMember *member = &g_array_index (group->members, CliMember, j);
      char *size = cli_bytes (member->file.size), *score = cli_fixed (member->score, 2), *path = cli_escape (member->file.path);
      char *pixels = g_strdup_printf ("%dx%d", member->file.width, member->file.height);
      g_string_append_printf (out, "  %s  %-11s %-10s  %s\n", score, pixels, size, path);
      g_free (pixels);
      g_free (path);
      g_free (score);
      g_free (size);
    }
  }
  if (groups->len == 0)
    g_string_append (out, _ ("no duplicates\n"));
  cli_print (out->str);
  g_string_free (out, TRUE);
}

/* ---- the runs ---- */

static int
failed (const char *path, GError *error)
{
  int code = g_error_matches (error, IE_ERROR, IE_ERROR_CANCELLED) ? CLI_INTERRUPTED : CLI_USAGE;
  if (ie_catalogue_is_damaged (error) || g_error_matches (error, IE_ERROR, IE_ERROR_PLACE))
    return cli_catalogue_failed (path, error);
  cli_error (NULL, error->message);
  g_error_free (error);
  return code;
}

static int
list_groups (const DuplicatesSettings *settings, CliEmbedding *embedding, IeCatalogue *catalogue, const char *path,
             GPtrArray *operands)
{
  GError *error = NULL;
  CliGrouping grouping = { (CliGroupKind)settings->tier, settings->tier == CLI_GROUP_NEAR ? MAX (settings->threshold, IE_SCORE_NEAR) : settings->threshold,
                           g_ptr_array_new_with_free_func (g_free),
                           settings->threads ? settings->threads : (int)g_get_num_processors () };
  for (guint i = 0; i < operands->len; i++)
    g_ptr_array_add (grouping.folders, cli_absolute (operands->pdata[i]));
  GPtrArray *groups = cli_groups_find (embedding, catalogue, &grouping, &error);
  g_ptr_array_unref (grouping.folders);
  if (!groups)
    return failed (path, error);
  if (settings->json)
    print_json (groups);
  else if (settings->export)
    print_csv (groups);
  else
    print_text (groups);
  g_ptr_array_unref (groups);
  return CLI_DONE;
}

static gboolean
hash_file (const char *path, guint8 *content)
{
  GError *error = NULL;
  int fd = ie_open_file (path, &error);
  gboolean good = fd >= 0 && ie_content_hash (fd, cli_stop_flag (), content, &error);
  if (fd >= 0)
    close (fd);
  if (!good) {
    cli_error (path, error->message);
    g_error_free (error);
  }
  return good;
}

static int
set_apart (IeCatalogue *catalogue, const char *path, GPtrArray *operands)
{
  GError *error = NULL;
  gboolean good = TRUE;
  guint8 *contents = g_malloc0 (operands->len * IE_CONTENT_BYTES);
  for (guint i = 0; good && i < operands->len; i++)
    good = hash_file (operands->pdata[i], contents + i * IE_CONTENT_BYTES);
  for (guint i = 0; good && i < operands->len; i++)
    for (guint j = 0; !error && j < i; j++)
      ie_catalogue_put_distinct (catalogue, contents + i * IE_CONTENT_BYTES, contents + j * IE_CONTENT_BYTES, &error);
  g_free (contents);
  if (error)
    return cli_catalogue_failed (path, error);
  return good ? CLI_DONE : CLI_SOME_FAILED;
}

static int
run_in_catalogue (const DuplicatesSettings *settings, CliEmbedding *embedding, GPtrArray *operands)
{
  char *path = cli_catalogue_path (settings->catalogue);
  IeCatalogue *catalogue = cli_catalogue_open (path, settings->apart ? IE_CATALOGUE_WRITE : IE_CATALOGUE_READ, FALSE);
  int code = CLI_SOME_FAILED;
  if (catalogue)
    code = settings->apart ? set_apart (catalogue, path, operands)
                           : list_groups (settings, embedding, catalogue, path, operands);
  ie_catalogue_close (catalogue);
  g_free (path);
  return code;
}

static int
run (const CliCommand *command, int argc, char **argv)
{
  DuplicatesSettings settings = { .tier = CLI_GROUP_SIMILAR, .threshold = 0.7 };
  GPtrArray *operands;
  int code;
  if (!cli_parse (command, argc, argv, &settings, &operands, &code))
    return code;
  const char *conflict = settings.apart && operands->len < 2 ? _ ("--apart needs two files or more")
                         : settings.json && settings.export  ? _ ("--json and --export cannot both go to standard output")
                                                             : NULL;
  if (settings.json)
    cli_speak_plainly ();
  CliEmbedding *embedding = cli_embedding_of_command (settings.model, &settings.running, conflict);
  code = embedding ? run_in_catalogue (&settings, embedding, operands) : CLI_USAGE;
  cli_embedding_free (embedding);
  g_ptr_array_unref (operands);
  return code;
}

static const char *const examples[]
    = { "imgenhance duplicates", "imgenhance duplicates --tier near ~/Pictures/2026", "imgenhance duplicates --apart a.jpg b.jpg",
        NULL };

const CliCommand cli_duplicates = {
  .name = "duplicates",
  .arguments = "[FILE|FOLDER...]",
  .summary = N_ ("List pictures of the catalogue that are there more than once."),
  .description
  = N_ ("Lists groups of files in the catalogue of imgenhance index: exact (the same bytes), near (copies of another size, format or "
        "tone), similar, and, apart from these, bursts: pictures that were taken within three seconds of each other. The first "
        "of a group is the one to keep: the most pixels, then the most bytes. With names, only groups with a file there. "
        "Nothing is ever deleted."),
  .options = options,
  .examples = examples,
  .run = run,
};
