// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/find.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "core/i18n.h"
#include "embed/content.h"
#include "embed/faiss.h"

#define TURNS 8
#define ALL_TURNS ((1u << TURNS) - 1)

typedef struct {
  CliEmbedding *embedding;
  IeCatalogue *catalogue;
  const CliQuery *query;
  gint64 number;
  char *path, *folder; /* absolute; NULL: the query is no file */
  guint8 content[IE_CONTENT_BYTES];
  gboolean has_content;
  GBytes *vectors; /* one a turn */
  int turns;
  IeMatrix *matrix;
  IeFaiss *faiss; /* NULL: the search is our own */
  IeScale scale;
} Finding;

const char *
cli_tier_name (CliTier tier)
{
  static const char *const names[] = { "exact", "near", "similar", "different" };
  return names[tier];
}

const char *
cli_tier_word (CliTier tier)
{
  static const char *const words[] = { N_ ("exact"), N_ ("near"), N_ ("similar"), N_ ("different") };
  return _ (words[tier]);
}

CliTier
cli_tier_of (double score)
{
  return score >= IE_SCORE_NEAR ? CLI_TIER_NEAR : score >= IE_SCORE_SIMILAR ? CLI_TIER_SIMILAR : CLI_TIER_NONE;
}

/* ---- the query ---- */

/* What the catalogue has of the file, when it is as it was. */
static GBytes *
known_vector (Finding *finding, const struct stat *status)
{
  IeCatalogueFile file;
  GBytes *vector = NULL;
  if (!ie_catalogue_find (finding->catalogue, finding->path, &file, NULL))
    return NULL;
  if (file.size == (guint64)status->st_size
      && file.mtime == (gint64)status->st_mtim.tv_sec * 1000000000 + status->st_mtim.tv_nsec) {
    vector = ie_catalogue_vector (finding->catalogue, finding->number, file.picture, 0, NULL);
    memcpy (finding->content, file.content, IE_CONTENT_BYTES);
    finding->has_content = vector != NULL;
  }
  ie_catalogue_file_clear (&file);
  if (vector && g_bytes_get_size (vector) != cli_embedding_bytes (finding->embedding))
    g_clear_pointer (&vector, g_bytes_unref);
  return vector;
}

static gboolean
describe_file (Finding *finding, GError **error)
{
  CliEmbedding *embedding = finding->embedding;
  const CliQuery *query = finding->query;
  struct stat status;
  char *real = query->instead_of || strcmp (query->path, "-") == 0 ? NULL : realpath (query->path, NULL);
  finding->path = query->instead_of ? cli_absolute (query->instead_of) : g_strdup (real);
  finding->folder = finding->path ? g_path_get_dirname (finding->path) : NULL;
  /* Whether something is pasted into the picture, the catalogue does not know. */
  finding->turns = embedding->model ? 1 : query->turned ? TURNS + 1 : 2;
  if (real && embedding->model && stat (real, &status) == 0)
    finding->vectors = known_vector (finding, &status);
  free (real);
  if (finding->vectors)
    return TRUE;
  int fd = ie_open_file (query->path, error);
  if (fd < 0)
    return FALSE;
  finding->has_content = finding->path && ie_content_hash (fd, cli_stop_flag (), finding->content, NULL);
  CliPrepared facts;
  GBytes *prepared = NULL;
  embedding->prepare.turns = embedding->model ? 1 : IE_PREPARE_PASTED | (query->turned ? ALL_TURNS : 1);
  gboolean good = cli_prepare_fd (&query->worker, fd, &embedding->prepare, 1, &prepared, &facts, error)
                  && (finding->vectors = cli_embedding_vectors (embedding, prepared, error));
  if (prepared)
    g_bytes_unref (prepared);
  return good;
}

static gboolean
describe_text (Finding *finding, GError **error)
{
  CliEmbedding *embedding = finding->embedding;
  if (!embedding->model || !ie_model_info (embedding->model)->text) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE,
                         _ ("a text can only be compared by a model that has a tower for texts, like CLIP; see imgenhance "
                            "models"));
    return FALSE;
  }
  float *vector = g_malloc (cli_embedding_bytes (embedding));
  gboolean good = ie_model_run_text (embedding->model, finding->query->text, vector, error);
  finding->turns = 1;
  if (good)
    finding->vectors = g_bytes_new_take (vector, cli_embedding_bytes (embedding));
  else
    g_free (vector);
  return good;
}

/* ---- the search ---- */

/* Best hit of each picture. */
typedef struct {
  gint64 picture;
  double score;
  int turn, part;
} Best;

static guint
search_by_faiss (const Finding *finding, guint top, IeHit *hits, GError **error)
{
  gconstpointer query = g_bytes_get_data (finding->vectors, NULL);
  gsize numbers = (gsize)finding->turns * (gsize)ie_matrix_vectors (finding->matrix)->dimensions;
  float *floats = NULL;
  if (finding->embedding->kind == IE_VECTOR_CODES) {
    floats = g_new (float, numbers);
    for (gsize i = 0; i < numbers; i++)
      floats[i] = ((const gint8 *)query)[i];
  }
  guint count = ie_faiss_search (finding->faiss, floats ? floats : (const float *)query, (guint)finding->turns, top,
                                 finding->query->threads, hits, error);
  g_free (floats);
  return count;
}

/* The hits of each turn, from hits[turn x their number] on; 0 and error: failed. */
static guint
search (const Finding *finding, guint top, IeHit *hits, GError **error)
{
  const IeVectors *vectors = ie_matrix_vectors (finding->matrix);
  gconstpointer query = g_bytes_get_data (finding->vectors, NULL);
  guint turns = (guint)finding->turns;
  if (finding->faiss)
    return search_by_faiss (finding, top, hits, error);
  return finding->embedding->kind == IE_VECTOR_CODES
             ? ie_search_codes_many (vectors, query, turns, top, finding->query->threads, hits)
             : ie_search_many (vectors, query, turns, top, 0, finding->query->threads, hits);
}

static void
put_best (GHashTable *bests, Best value)
{
  Best *best = g_hash_table_lookup (bests, &value.picture);
  if (best && best->score >= value.score)
    return;
  if (!best) {
    best = g_new (Best, 1);
    *best = value;
    g_hash_table_insert (bests, &best->picture, best);
  }
  *best = value;
}

/* The query's vector of a turn. */
static gconstpointer
vector_of_turn (const Finding *finding, int turn)
{
  return (const guint8 *)g_bytes_get_data (finding->vectors, NULL) + (gsize)turn * cli_embedding_bytes (finding->embedding);
}

static gboolean
is_blank_row (const Finding *finding, guint32 row)
{
  const IeVectors *vectors = ie_matrix_vectors (finding->matrix);
  return vectors->codes && cli_embedding_is_blank (finding->embedding, vectors->codes + row * (gsize)vectors->dimensions);
}

static gboolean
is_blank_query (const Finding *finding)
{
  return cli_embedding_is_blank (finding->embedding, vector_of_turn (finding, 0));
}

/* What is of one colour has no score. all: these are all rows; else such rows are passed over, so that they do not stand in the
 * place of those that have one. */
static void
take_hits (const Finding *finding, int turn, const IeHit *hits, guint count, gboolean all, GHashTable *bests)
{
  gboolean blank = cli_embedding_is_blank (finding->embedding, vector_of_turn (finding, turn));
  const gint64 *ids = ie_matrix_ids (finding->matrix);
  const guint8 *parts = ie_matrix_parts (finding->matrix);
  int label = turn > 0 && turn == finding->turns - 1 ? 1 : turn + 1; /* the last one is what is pasted into the query */
  for (guint i = 0; i < count; i++) {
    int part = parts[hits[i].row];
    gboolean without = blank || is_blank_row (finding, hits[i].row);
    if (without && !all)
      continue;
    double score = without ? 0 : ie_score (&finding->scale, (double)hits[i].score);
    put_best (bests, (Best){ ids[hits[i].row], turn > 0 || part > 0 ? score * CLI_TURN_FACTOR : score, label, part });
  }
}

/* The best of each picture among the `most` best rows of each turn; NULL and error. *all: these are all rows. */
static GHashTable *
find_bests (const Finding *finding, guint most, gboolean *all, GError **error)
{
  GHashTable *bests = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  guint rows = ie_matrix_vectors (finding->matrix)->count, top = MIN (most, rows);
  if (is_blank_query (finding) && finding->query->threshold > 0) /* no row could be listed */
    top = rows = 0;
  IeHit *hits = g_new (IeHit, MAX ((gsize)top * (gsize)finding->turns, 1));
  guint count = top > 0 ? search (finding, top, hits, error) : 0;
  *all = most >= rows;
  for (int turn = 0; turn < finding->turns; turn++)
    take_hits (finding, turn, hits + (gsize)turn * count, count, *all, bests);
  g_free (hits);
  if (top > 0 && count == 0) {
    g_hash_table_unref (bests);
    return NULL;
  }
  gint64 same = finding->has_content ? ie_catalogue_find_content (finding->catalogue, finding->content, NULL) : 0;
  if (same) /* whatever its vector is */
    put_best (bests, (Best){ same, 1, 1, 0 });
  return bests;
}

static int
compare_bests (gconstpointer a, gconstpointer b)
{
  const Best *first = *(const Best *const *)a, *second = *(const Best *const *)b;
  return first->score != second->score ? (first->score < second->score ? 1 : -1)
                                       : (first->picture > second->picture) - (first->picture < second->picture);
}

static gboolean
is_left_out (const Finding *finding, const IeCatalogueFile *file)
{
  if (g_strcmp0 (file->path, finding->path) == 0)
    return TRUE;
  if (!finding->query->elsewhere || !finding->folder)
    return FALSE;
  char *folder = g_path_get_dirname (file->path);
  gboolean here = strcmp (folder, finding->folder) == 0;
  g_free (folder);
  return here;
}

static void
match_free (gpointer data)
{
  CliMatch *match = data;
  ie_catalogue_file_clear (&match->file);
  g_free (match);
}

static int
compare_matches (gconstpointer a, gconstpointer b)
{
  const CliMatch *first = *(const CliMatch *const *)a, *second = *(const CliMatch *const *)b;
  if (first->score != second->score)
    return first->score < second->score ? 1 : -1;
  if (first->tier != second->tier)
    return first->tier < second->tier ? -1 : 1;
  return strcmp (first->file.path, second->file.path);
}

/* The files of one picture. */
static gboolean
add_files (const Finding *finding, const Best *best, CliFound *found, GError **error)
{
  GPtrArray *files = ie_catalogue_files_of (finding->catalogue, best->picture, error);
  if (!files)
    return FALSE;
  for (guint i = 0; i < files->len; i++) {
    IeCatalogueFile *file = files->pdata[i];
    gboolean same = finding->has_content && memcmp (file->content, finding->content, IE_CONTENT_BYTES) == 0;
    double score = same ? 1 : best->score;
    if (is_left_out (finding, file)) {
      ie_catalogue_file_clear (file);
      continue;
    }
    found->best = MAX (found->best, score);
    if (score < finding->query->threshold) {
      ie_catalogue_file_clear (file);
      continue;
    }
    CliMatch *match = g_new (CliMatch, 1);
    *match = (CliMatch){ *file, score, same ? CLI_TIER_EXACT : cli_tier_of (score), best->turn, best->part };
    g_ptr_array_add (found->matches, match);
  }
  g_ptr_array_unref (files);
  return TRUE;
}

/* TRUE: done; *enough: no further rows are needed. */
static gboolean
list_matches (const Finding *finding, GHashTable *bests, CliFound *found, gboolean *enough, GError **error)
{
  GPtrArray *sorted = g_ptr_array_sized_new (g_hash_table_size (bests));
  GHashTableIter each;
  gpointer value;
  g_hash_table_iter_init (&each, bests);
  while (g_hash_table_iter_next (&each, NULL, &value))
    g_ptr_array_add (sorted, value);
  gboolean good = TRUE;
  g_ptr_array_sort (sorted, compare_bests);
  *enough = FALSE;
  for (guint i = 0; good && i < sorted->len; i++) {
    const Best *best = sorted->pdata[i];
    *enough = found->matches->len >= finding->query->top || (best->score < finding->query->threshold && found->best >= 0);
    if (*enough)
      break;
    good = add_files (finding, best, found, error);
  }
  g_ptr_array_unref (sorted);
  g_ptr_array_sort (found->matches, compare_matches);
  if (found->matches->len > finding->query->top)
    g_ptr_array_set_size (found->matches, (gint)finding->query->top);
  return good;
}

/* Rows that belong to the picture itself or its folder are not known before: so more and more are looked at. */
static CliFound *
find_matches (Finding *finding, GError **error)
{
  CliFound *found = g_new0 (CliFound, 1);
  gboolean enough = FALSE, all = FALSE, good = TRUE;
  for (guint most = MAX (4 * finding->query->top, 64); good && !enough && !all; most = MIN (most, G_MAXUINT / 8) * 8) {
    if (found->matches)
      g_ptr_array_unref (found->matches);
    found->matches = g_ptr_array_new_with_free_func (match_free);
    found->best = -1;
    GHashTable *bests = find_bests (finding, most, &all, error);
    good = bests && list_matches (finding, bests, found, &enough, error);
    if (bests)
      g_hash_table_unref (bests);
  }
  IeCatalogueCounts counts = { 0 };
  ie_catalogue_count (finding->catalogue, finding->number, &counts, NULL);
  found->searched = counts.pictures;
  found->blank = is_blank_query (finding);
  if (good)
    return found;
  cli_found_free (found);
  return NULL;
}

CliFound *
cli_find (CliEmbedding *embedding, IeCatalogue *catalogue, const CliQuery *query, GError **error)
{
  Finding finding = { .embedding = embedding, .catalogue = catalogue, .query = query };
  CliFound *found = NULL;
  finding.number = cli_embedding_in (embedding, catalogue, FALSE, error);
  if (finding.number == 0)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("nothing is indexed by %s yet; imgenhance index --model %s does it"),
                 embedding->label, embedding->label);
  if (finding.number > 0 && (query->path ? describe_file (&finding, error) : describe_text (&finding, error))
      && (finding.matrix = cli_catalogue_matrix (catalogue, finding.number, error))) {
    finding.scale = cli_embedding_scale (embedding, ie_matrix_vectors (finding.matrix));
    if (!query->faiss || (finding.faiss = ie_faiss_new (ie_matrix_vectors (finding.matrix), error)))
      found = find_matches (&finding, error);
  }
  ie_faiss_free (finding.faiss);
  ie_matrix_free (finding.matrix);
  if (finding.vectors)
    g_bytes_unref (finding.vectors);
  g_free (finding.path);
  g_free (finding.folder);
  return found;
}

void
cli_found_free (CliFound *found)
{
  if (!found)
    return;
  g_ptr_array_unref (found->matches);
  g_free (found);
}
