// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance apply: options, recipe, the shares of threads and memory. */
#include "cli/apply.h"

#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/journal.h"
#include "cli/memory.h"
#include "cli/reading-options.h"
#include "cli/terminal.h"
#include "core/i18n.h"

#define AT(member) offsetof (ApplySettings, member)

static const char *const depths[] = { "8", "16", "float", NULL };
static const char *const existing[] = { "fail", "skip", "replace", NULL };
static const char *const losses[] = { "auto", "none", "some", NULL }; /* IeLoss */

static const ApplySettings defaults = { .depth = -1, .existing = CLI_EXISTING_FAIL };

static const CliOption options[] = {
  { "filter", 'f', CLI_GIVEN, "STEP",
    N_ ("A step, like 'unsharp radius=1.5 amount=0.6'. Repeat it for more steps; they work in the order given."),
    AT (steps) },
  { "recipe", 0, CLI_GIVEN, "FILE", N_ ("Take steps from a recipe: one step a line. May be mixed with -f."),
    AT (steps) },
  { "output", 'o', CLI_TEXT, "OUT",
    N_ ("Where to write: a folder if it ends in '/', is a folder, or there are several inputs (made when absent); else "
        "a file; '-' is standard output. Without it results stand beside their inputs as STEM-enhanced.EXT."),
    AT (output) },
  { "name", 0, CLI_TEXT, "TEMPLATE",
    N_ ("Name of each output, as '{stem}-new.{ext}'. Fields: {stem} and {ext} of the input, {name} its whole name, "
        "{index} its number."),
    AT (name) },
  { "recursive", 'r', CLI_FLAG, NULL,
    N_ ("Do the pictures in folders too, and mirror their tree under OUT. Hidden files and files without the extension "
        "of a picture are passed over."),
    AT (recursive) },
  { "format", 0, CLI_FORMAT, "FORMAT",
    N_ ("Format of the outputs; by default as the output's name says, else the input's."),
    AT (format) },
  { "depth", 0, CLI_CHOICE, "DEPTH",
    N_ ("Depth of the outputs; by default the input's. A format that holds less gets the most that it holds, and a "
        "note says so."),
    AT (depth), depths },
  { "no-dither", 0, CLI_FLAG, NULL,
    N_ ("Only round where the outputs have less depth than the inputs; by default noise of less than a code, the same "
        "at every run, keeps gradients smooth."),
    AT (no_dither) },
  { "quality", 0, CLI_INT, "N",
    N_ ("Quality of JPEG and of other formats that lose; by default a JPEG keeps the tables of the JPEG it came from, "
        "all else gets 92."),
    AT (quality), .min = 1, .max = 100 },
  { "loss", 0, CLI_CHOICE, "WHAT",
    N_ ("Of WebP, HEIF, AVIF, JPEG XL, JPEG 2000: auto loses where the input did or a quality is asked; none; some."),
    AT (loss), losses },
  { "subsampling", 0, CLI_TEXT, "RATIO",
    N_ ("Chroma of JPEG: 4:4:4, 4:2:2, 4:4:0 or 4:2:0; by default the input's, else by quality."), AT (subsampling) },
  { "compression", 0, CLI_TEXT, "NAME",
    N_ ("Compression of TIFF: none, packbits, lzw, deflate, zstd, lzma or g4 (1 bit alone), as far as libtiff has "
        "them; by default the input's where that loses nothing, and none where the input is no TIFF."),
    AT (compression) },
  { "tile", 0, CLI_SIZE, "WxH",
    N_ ("Write TIFF in tiles of this size, multiples of 16; by default strips or tiles as the input has them."),
    AT (tile), .min = 16, .max = 65536 },
  { "existing", 0, CLI_CHOICE, "WHAT",
    N_ ("What to do with an output that exists; fail by default, for that file alone. One that the journal says was "
        "made of the same input, and that nobody changed since, is replaced when the input, the recipe or an option "
        "changed, except by skip."),
    AT (existing), existing },
  { "journal", 0, CLI_TEXT, "FILE",
    N_ ("Keep a line of JSON for each file that was done or failed, and do nothing twice: the same command run again "
        "continues where it ended. Without it the journal is OUT/.imgenhance-journal.jsonl when OUT is a folder, and "
        "there is none otherwise."),
    AT (journal) },
  { "no-journal", 0, CLI_FLAG, NULL, N_ ("Keep no journal, and look into none."), AT (no_journal) },
  { "verify", 0, CLI_FLAG, NULL,
    N_ ("Compare files that were done before with the journal by their contents, not by size, times and inode."),
    AT (verify) },
  { "preserve-times", 0, CLI_FLAG, NULL, N_ ("Give each output the times of access and change of its input."),
    AT (preserve_times) },
  { "no-sync", 0, CLI_FLAG, NULL,
    N_ ("Do not wait until outputs are on the disk. For measurements: a power cut can then lose what was reported as "
        "done."),
    AT (no_sync) },
  { "in-place", 0, CLI_FLAG, NULL, N_ ("Replace each input by its result."), AT (in_place) },
  { "jobs", 'j', CLI_INT, "N", N_ ("Pictures at a time; by default as many as there are processors and inputs."),
    AT (jobs), .min = 1, .max = 1024 },
  { "threads", 0, CLI_INT, "N", N_ ("Threads for each picture; by default the processors are shared among the jobs."),
    AT (threads), .min = 1, .max = 1024 },
  { "memory", 0, CLI_BYTES, "SIZE",
    N_ ("Limit for working memory, shared among the jobs, like 512M or 4G; by default a quarter of physical memory."),
    AT (memory) },
  { "rect", 0, CLI_SIZE, "WxH",
    N_ ("Work in rectangles of this size; by default as cache and memory ask. Changes no sample."), AT (rect), .min = 1,
    .max = 1 << 20 },
  { "strict", 0, CLI_FLAG, NULL,
    N_ ("Fail a picture, before its output appears, when anything that belongs to it (profile, EXIF, XMP, IPTC, texts, "
        "pages, ...) cannot be kept. A thumbnail that the output has no place for is no loss: it is made of the "
        "picture."),
    AT (strict) },
  { "dry-run", 0, CLI_FLAG, NULL,
    N_ ("Print what would be done to each input, with the memory it takes; write nothing."),
    AT (dry_run) },
  { "json", 0, CLI_FLAG, NULL,
    N_ ("Print a line of JSON for each file: {input, output, status, reason, seconds, fidelity, ...}."),
    AT (json) },
  CLI_WORKER_OPTIONS (AT (worker)),
  { "verbose", 0, CLI_FLAG, NULL, N_ ("Say what keeps the processes that read pictures from doing anything else."),
    AT (worker.verbose) },
  { "quiet", 'q', CLI_FLAG, NULL, N_ ("Print errors alone."), AT (quiet) },
  { NULL },
};

/* ---- the recipe ---- */

static gboolean
append_recipe_file (IeRecipe *recipe, const char *path, GError **error)
{
  IeRecipe *part = ie_recipe_load (path, error);
  if (part)
    ie_recipe_append_all (recipe, part);
  ie_recipe_free (part);
  return part != NULL;
}

/* The recipe that -f and --recipe make together; NULL: the error line is printed. */
static IeRecipe *
make_recipe (const ApplySettings *settings)
{
  IeRecipe *recipe = ie_recipe_new ();
  GError *error = NULL;
  for (guint i = 0; settings->steps && i < settings->steps->len; i++) {
    const CliGiven *given = settings->steps->pdata[i];
    gboolean file = given->option->letter != 'f';
    if (file ? append_recipe_file (recipe, given->text, &error) : ie_recipe_add (recipe, given->text, &error))
      continue;
    char *name = file ? g_strdup (given->text) : g_strdup_printf ("-f '%s'", given->text);
    cli_usage_error (name, error);
    g_free (name);
    ie_recipe_free (recipe);
    return NULL;
  }
  return recipe;
}

/* ---- checks ---- */

/* Why the options do not go together; NULL: they do. */
static const char *
find_conflict (const ApplySettings *settings, GPtrArray *operands)
{
  guint pipes = 0;
  for (guint i = 0; i < operands->len; i++)
    pipes += strcmp (operands->pdata[i], "-") == 0;
  gboolean to_stdout = settings->output ? strcmp (settings->output, "-") == 0 : pipes > 0 && !settings->name;
  if (!settings->steps)
    return _ ("apply needs a step (-f STEP or --recipe FILE); see imgenhance apply --help");
  if (settings->compression && !g_strv_contains (ie_tiff_compressions (), settings->compression))
    return _ ("--compression takes none, packbits, lzw, deflate, zstd, lzma or g4, as far as libtiff was built with "
              "them");
  if (settings->tile[0] % 16 || settings->tile[1] % 16)
    return _ ("--tile takes multiples of 16");
  if (operands->len == 0)
    return _ ("apply needs a picture; see imgenhance apply --help");
  if (pipes > 1)
    return _ ("standard input can be read only once");
  if (to_stdout && operands->len > 1)
    return _ ("several pictures cannot go to standard output; give -o FOLDER");
  if (to_stdout && settings->json)
    return _ ("--json and the picture cannot both go to standard output; give -o FILE");
  if (settings->in_place && (settings->output || settings->name || settings->format))
    return _ ("--in-place goes with neither -o nor --name nor --format");
  if (settings->journal && settings->no_journal)
    return _ ("--journal and --no-journal do not go together");
  if (settings->in_place && pipes > 0)
    return _ ("--in-place and standard input do not go together");
  return NULL;
}

static gboolean
output_is_folder (const ApplySettings *settings, GPtrArray *operands, gboolean any_folder)
{
  if (!settings->output || strcmp (settings->output, "-") == 0)
    return FALSE;
  return g_str_has_suffix (settings->output, "/") || g_file_test (settings->output, G_FILE_TEST_IS_DIR)
         || operands->len > 1 || any_folder || settings->name;
}

/* ---- shares ---- */

static void
share_out (CliTask *task, const ApplySettings *settings, guint inputs)
{
  int cores = (int)g_get_num_processors ();
  int jobs = settings->jobs ? settings->jobs : settings->threads ? MAX (cores / settings->threads, 1) : cores;
  task->jobs = MAX (MIN (jobs, (int)inputs), 1);
  task->threads = settings->threads ? settings->threads : MAX (cores / task->jobs, 1);
  task->memory = MAX ((settings->memory ? settings->memory : cli_memory_usual ()) / (guint64)task->jobs, 1);
}

/* ---- the journal ---- */

/* Where the journal is; NULL: there is none. g_free(). */
static char *
journal_path (const ApplySettings *settings, gboolean folder)
{
  if (settings->no_journal || (!settings->journal && !folder))
    return NULL;
  return settings->journal ? g_strdup (settings->journal)
                           : g_build_filename (settings->output, CLI_JOURNAL_NAME, NULL);
}

/* Opens the journal, if there is to be one. */
static gboolean
open_journal (CliTask *task, const char *path, GError **error)
{
  const ApplySettings *settings = task->settings;
  if (!path)
    return TRUE;
  char *recipe = ie_recipe_text (task->recipe), *pictures = cli_pictures_text (task->recipe);
  char *given = cli_options_text (options, settings, &defaults);
  CliLook look = { recipe, given, pictures };
  task->journal = cli_journal_open (path, &look, settings->dry_run, settings->no_sync, error);
  g_free (recipe);
  g_free (pictures);
  g_free (given);
  return task->journal != NULL;
}

/* A picture that would be read from or written to the journal; NULL. */
static const CliPicture *
find_journal (GPtrArray *pictures, const char *journal)
{
  char *place = cli_place_of (journal);
  const CliPicture *found = NULL;
  for (guint i = 0; i < pictures->len && !found; i++) {
    const CliPicture *picture = pictures->pdata[i];
    char *input = cli_place_of (picture->input), *output = picture->output ? cli_place_of (picture->output) : NULL;
    if (strcmp (place, input) == 0 || g_strcmp0 (place, output) == 0)
      found = picture;
    g_free (input);
    g_free (output);
  }
  g_free (place);
  return found;
}

/* The pictures of the operands. A journal that was asked for knows which of those found are results. */
static GPtrArray *
gather (const ApplySettings *settings, GPtrArray *operands, gboolean *any_folder)
{
  CliLook none = { NULL, NULL, NULL };
  CliJournal *known = settings->recursive && settings->journal && !settings->in_place
                          ? cli_journal_open (settings->journal, &none, TRUE, TRUE, NULL)
                          : NULL;
  GPtrArray *pictures = cli_gather (settings, operands, known, any_folder);
  cli_journal_close (known);
  return pictures;
}

/* Runs the batch with its journal; gives the exit code. */
static int
run_batch (CliTask *task, GPtrArray *pictures, gboolean folder)
{
  char *path = journal_path (task->settings, folder);
  GError *error = NULL;
  int code;
  if (path && find_journal (pictures, path))
    g_set_error (&error, IE_ERROR, IE_ERROR_USAGE, _ ("journal %s: is also an input or an output"), path);
  if (!error && open_journal (task, path, &error))
    code = cli_batch_run (pictures, task);
  else {
    code = g_error_matches (error, IE_ERROR, IE_ERROR_PLACE) ? CLI_PLACE_FAILED : CLI_USAGE;
    cli_error (NULL, error->message);
    g_clear_error (&error);
  }
  cli_journal_close (task->journal);
  g_free (path);
  return code;
}

static int
run_recipe (const ApplySettings *settings, GPtrArray *operands, const IeRecipe *recipe)
{
  GError *error = NULL;
  gboolean any_folder;
  int code;
  CliTask task = { .settings = settings, .recipe = recipe };
  GPtrArray *pictures = gather (settings, operands, &any_folder);
  share_out (&task, settings, pictures->len);
  if (settings->output && strcmp (settings->output, "-") == 0 && any_folder) {
    cli_error (NULL, _ ("several pictures cannot go to standard output; give -o FOLDER"));
    code = CLI_USAGE;
  } else if (!cli_name_outputs (settings, pictures, output_is_folder (settings, operands, any_folder), &error))
    code = cli_usage_error (NULL, error);
  else
    code = run_batch (&task, pictures, output_is_folder (settings, operands, any_folder));
  g_ptr_array_unref (pictures);
  return code;
}

static int
run (const CliCommand *command, int argc, char **argv)
{
  ApplySettings settings = defaults;
  GPtrArray *operands;
  int code;
  if (!cli_parse (command, argc, argv, &settings, &operands, &code)) {
    g_clear_pointer (&settings.steps, g_ptr_array_unref);
    return code;
  }
  const char *conflict = find_conflict (&settings, operands);
  IeRecipe *recipe = conflict ? NULL : make_recipe (&settings);
  if (conflict)
    cli_error (NULL, conflict);
  code = recipe ? run_recipe (&settings, operands, recipe) : CLI_USAGE;
  if (recipe)
    ie_recipe_free (recipe);
  g_clear_pointer (&settings.steps, g_ptr_array_unref);
  g_ptr_array_unref (operands);
  return code;
}

static const char *const examples[] = {
  "imgenhance apply -f 'equalize mix=0.4' -f 'unsharp radius=1.5' -o out/ *.jpg",
  "imgenhance apply --recipe look.txt --recursive -o enhanced/ photos/",
  "imgenhance apply -f 'median radius=2' --depth 16 --format tiff scan.png",
  NULL,
};

const CliCommand cli_apply = {
  .name = "apply",
  .arguments = "-f STEP... INPUT...",
  .summary = N_ ("Run filters on pictures."),
  .description
  = N_ ("Runs the steps on every input and writes the results. Inputs are files, folders (with --recursive) or '-' for "
        "standard input. An input is never changed unless --in-place is given, and an output appears whole or not at "
        "all. A file that fails costs one line on standard error and not the batch.\n\n"
        "'imgenhance filters' lists the filters. Every step takes mix=0..1 and mask=FILE besides its own parameters."),
  .options = options,
  .examples = examples,
  .run = run,
};
