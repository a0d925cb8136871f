// SPDX-License-Identifier: GPL-3.0-or-later
/* Pairs become groups, the nearest first. Two groups become one when all members of the one are near enough to the first of the
 * other, so that no chain of small steps puts strangers together. */
#include "cli/groups.h"

#include <stdlib.h>
#include <string.h>

#include "cli/interrupt.h"
#include "core/i18n.h"

#define MOST_PAIRS (32u << 20)
#define BURST_MS 3000
/* Rounding to codes moves a cosine by less. */
#define CODE_MARGIN 0.02

typedef struct {
  guint32 first, second;
  float cosine;
} Pair;

/* A picture with a vector. */
typedef struct {
  gint64 id;
  GArray *files; /* of IeCatalogueFile */
  guint32 row;   /* of the matrix */
  gboolean blank; /* of one colour: near to nothing */
} Picture;

typedef struct {
  CliEmbedding *embedding;
  IeCatalogue *catalogue;
  const CliGrouping *grouping;
  IeMatrix *matrix;
  IeVectors vectors;   /* of the matrix */
  GArray *pictures;    /* of Picture, as the rows of `whole` */
  GByteArray *whole;   /* codes of whole pictures */
  IeScale scale;
  GArray *pairs;       /* of Pair, the nearest first */
  gboolean too_many;
  guint32 *ranks;      /* of each picture: its place when all are sorted as members of a group are */
  guint32 *leaders;    /* of each picture: the group's first member so far */
  guint32 *next;       /* of each picture: another of its group, round and round */
  GPtrArray *groups;
} Grouping;

const char *
cli_group_name (CliGroupKind kind)
{
  static const char *const names[] = { "exact", "near", "similar", "burst" };
  return names[kind];
}

/* ---- what there is ---- */

static void
picture_clear (gpointer data)
{
  Picture *picture = data;
  for (guint i = 0; i < picture->files->len; i++)
    ie_catalogue_file_clear (&g_array_index (picture->files, IeCatalogueFile, i));
  g_array_unref (picture->files);
}

typedef struct {
  GHashTable *by_id; /* gint64 -> index + 1 */
  GArray *pictures;
} Gathering;

static gboolean
take_file (gpointer data, const IeCatalogueFile *file)
{
  Gathering *gathering = data;
  guint at = GPOINTER_TO_UINT (g_hash_table_lookup (gathering->by_id, &file->picture));
  if (at) {
    IeCatalogueFile copy = *file;
    copy.path = g_strdup (file->path);
    g_array_append_val (g_array_index (gathering->pictures, Picture, at - 1).files, copy);
  }
  return TRUE;
}

/* Codes on one scale for all rows, which those of a model's vectors are not. */
static void
append_codes (Grouping *grouping, guint32 row)
{
  gsize dimensions = (gsize)grouping->vectors.dimensions;
  if (grouping->embedding->kind == IE_VECTOR_CODES) {
    g_byte_array_append (grouping->whole, (const guint8 *)grouping->vectors.codes + row * dimensions, (guint)dimensions);
    return;
  }
  const float *vector = grouping->vectors.floats + row * dimensions;
  for (gsize i = 0; i < dimensions; i++) {
    float code = CLAMP (vector[i] * IE_DESCRIPTOR_NORM, -127.0f, 127.0f);
    gint8 byte = (gint8)(code < 0 ? code - 0.5f : code + 0.5f);
    g_byte_array_append (grouping->whole, (const guint8 *)&byte, 1);
  }
}

/* Then its codes are none, so that it makes no pairs. */
static gboolean
is_blank (Grouping *grouping, guint32 row)
{
  gsize bytes = (gsize)grouping->vectors.dimensions;
  if (grouping->embedding->kind != IE_VECTOR_CODES
      || !cli_embedding_is_blank (grouping->embedding, grouping->vectors.codes + row * bytes))
    return FALSE;
  memset (grouping->whole->data + grouping->whole->len - bytes, 0, bytes);
  return TRUE;
}

static gboolean
gather (Grouping *grouping, GError **error)
{
  Gathering gathering = { g_hash_table_new (g_int64_hash, g_int64_equal), grouping->pictures };
  const gint64 *ids = ie_matrix_ids (grouping->matrix);
  const guint8 *parts = ie_matrix_parts (grouping->matrix);
  for (guint32 row = 0; row < grouping->vectors.count; row++)
    if (parts[row] == 0) {
      Picture picture = { ids[row], g_array_new (FALSE, FALSE, sizeof (IeCatalogueFile)), row, FALSE };
      append_codes (grouping, row);
      picture.blank = is_blank (grouping, row);
      g_array_append_val (grouping->pictures, picture);
      g_hash_table_insert (gathering.by_id, (gpointer)&ids[row], GUINT_TO_POINTER (grouping->pictures->len));
    }
  gboolean good = ie_catalogue_each (grouping->catalogue, take_file, &gathering, error);
  g_hash_table_unref (gathering.by_id);
  return good;
}

static const Picture *
picture_at (const Grouping *grouping, guint32 i)
{
  return &g_array_index (grouping->pictures, Picture, i);
}

static float
cosine_between (const Grouping *grouping, guint32 first, guint32 second)
{
  gsize bytes = cli_embedding_bytes (grouping->embedding);
  if (picture_at (grouping, first)->blank || picture_at (grouping, second)->blank)
    return -1;
  const char *all = grouping->embedding->kind == IE_VECTOR_CODES ? (const char *)grouping->vectors.codes
                                                                 : (const char *)grouping->vectors.floats;
  return (float)cli_embedding_cosine (grouping->embedding, all + picture_at (grouping, first)->row * bytes,
                                      all + picture_at (grouping, second)->row * bytes);
}

/* ---- pairs ---- */

static gboolean
take_pair (gpointer data, guint32 first, guint32 second, gint32 product)
{
  Grouping *grouping = data;
  Pair pair = { first, second, cosine_between (grouping, first, second) };
  if (pair.cosine >= (float)ie_score_cosine (&grouping->scale, grouping->grouping->threshold))
    g_array_append_val (grouping->pairs, pair);
  grouping->too_many = grouping->pairs->len >= MOST_PAIRS;
  return !grouping->too_many;
}

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const Pair *one = a, *other = b;
  if (one->cosine != other->cosine)
    return one->cosine < other->cosine ? 1 : -1;
  if (one->first != other->first)
    return one->first < other->first ? -1 : 1;
  return (one->second > other->second) - (one->second < other->second);
}

static gboolean
find_pairs (Grouping *grouping, GError **error)
{
  IeVectors whole = { .count = grouping->pictures->len, .dimensions = grouping->vectors.dimensions,
                      .codes = (const gint8 *)grouping->whole->data };
  double least = ie_score_cosine (&grouping->scale, grouping->grouping->threshold)
                 - (grouping->embedding->kind == IE_VECTOR_CODES ? 0 : CODE_MARGIN);
  gboolean all = ie_search_pairs (&whole, (gint32)(least * IE_DESCRIPTOR_NORM * IE_DESCRIPTOR_NORM),
                                  grouping->grouping->threads, cli_stop_flag (), take_pair, grouping);
  if (grouping->too_many)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("more than %u pairs are so near to each other; give a higher --threshold"),
                 MOST_PAIRS);
  else if (!all)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
  g_array_sort (grouping->pairs, compare_pairs);
  return all && !grouping->too_many;
}

/* ---- groups ---- */

static int
compare_files (const IeCatalogueFile *first, const IeCatalogueFile *second)
{
  gint64 pixels = (gint64)second->width * second->height - (gint64)first->width * first->height;
  if (pixels != 0)
    return pixels > 0 ? 1 : -1;
  if (first->size != second->size)
    return first->size < second->size ? 1 : -1;
  return strcmp (first->path, second->path);
}

static int
compare_members (gconstpointer a, gconstpointer b)
{
  return compare_files (&((const CliMember *)a)->file, &((const CliMember *)b)->file);
}

static int
compare_pictures (gconstpointer a, gconstpointer b, gpointer data)
{
  const Grouping *grouping = data;
  guint32 one = *(const guint32 *)a, other = *(const guint32 *)b;
  GArray *first = picture_at (grouping, one)->files, *second = picture_at (grouping, other)->files;
  if (first->len && second->len)
    return compare_files (&g_array_index (first, IeCatalogueFile, 0), &g_array_index (second, IeCatalogueFile, 0));
  return first->len != second->len ? (first->len ? -1 : 1) : (one > other) - (one < other);
}

static void
rank (Grouping *grouping)
{
  guint32 count = grouping->pictures->len, *order = g_new (guint32, MAX (count, 1));
  grouping->ranks = g_new (guint32, MAX (count, 1));
  for (guint32 i = 0; i < count; i++)
    order[i] = i;
  g_qsort_with_data (order, (gint)count, sizeof *order, compare_pictures, grouping);
  for (guint32 i = 0; i < count; i++)
    grouping->ranks[order[i]] = i;
  g_free (order);
}

static gboolean
is_burst (const Grouping *grouping, const Pair *pair)
{
  const IeCatalogueFile *first = &g_array_index (picture_at (grouping, pair->first)->files, IeCatalogueFile, 0);
  const IeCatalogueFile *second = &g_array_index (picture_at (grouping, pair->second)->files, IeCatalogueFile, 0);
  gint64 apart = first->taken - second->taken;
  return first->taken != CLI_NOT_KNOWN && second->taken != CLI_NOT_KNOWN && apart != 0 && ABS (apart) <= BURST_MS;
}

static guint32
leader_of (Grouping *grouping, guint32 i)
{
  while (grouping->leaders[i] != i)
    i = grouping->leaders[i] = grouping->leaders[grouping->leaders[i]];
  return i;
}

static gboolean
all_near (const Grouping *grouping, guint32 leader, guint32 group, double cosine)
{
  guint32 i = group;
  do
    if ((double)cosine_between (grouping, leader, i) < cosine)
      return FALSE;
  while ((i = grouping->next[i]) != group);
  return TRUE;
}

/* Joins what is at least `cosine` near, of bursts or of all else. */
static void
join (Grouping *grouping, double cosine, gboolean bursts)
{
  gboolean told_apart = ie_catalogue_has_distinct (grouping->catalogue);
  for (guint32 i = 0; i < grouping->pictures->len; i++)
    grouping->leaders[i] = grouping->next[i] = i;
  for (guint i = 0; i < grouping->pairs->len; i++) {
    const Pair *pair = &g_array_index (grouping->pairs, Pair, i);
    const Picture *first = picture_at (grouping, pair->first), *second = picture_at (grouping, pair->second);
    if ((double)pair->cosine < cosine)
      break;
    if (first->files->len == 0 || second->files->len == 0 || is_burst (grouping, pair) != bursts)
      continue;
    if (told_apart
        && ie_catalogue_is_distinct (grouping->catalogue, g_array_index (first->files, IeCatalogueFile, 0).content,
                                     g_array_index (second->files, IeCatalogueFile, 0).content))
      continue;
    guint32 one = leader_of (grouping, pair->first), other = leader_of (grouping, pair->second);
    if (one == other)
      continue;
    guint32 first_of_both = grouping->ranks[one] < grouping->ranks[other] ? one : other, joining = one ^ other ^ first_of_both;
    if (bursts || all_near (grouping, first_of_both, joining, cosine)) {
      guint32 after = grouping->next[one];
      grouping->leaders[joining] = first_of_both;
      grouping->next[one] = grouping->next[other];
      grouping->next[other] = after;
    }
  }
}

static void
group_free (gpointer data)
{
  CliGroup *group = data;
  for (guint i = 0; i < group->members->len; i++)
    ie_catalogue_file_clear (&g_array_index (group->members, CliMember, i).file);
  g_array_unref (group->members);
  g_free (group);
}

static gboolean
is_wanted (const Grouping *grouping, const CliGroup *group)
{
  GPtrArray *folders = grouping->grouping->folders;
  for (guint i = 0; i < group->members->len; i++)
    for (guint j = 0; j < folders->len; j++) {
      const char *path = g_array_index (group->members, CliMember, i).file.path, *folder = folders->pdata[j];
      gsize length = strlen (folder);
      if (strncmp (path, folder, length) == 0 && (!path[length] || path[length] == '/' || length == 1))
        return TRUE;
    }
  return folders->len == 0;
}

/* files: of the pictures at `indices`; exact: all of the one. */
static void
add_group (Grouping *grouping, CliGroupKind kind, const guint32 *indices, guint count)
{
  CliGroup *group = g_new (CliGroup, 1);
  *group = (CliGroup){ kind, g_array_new (FALSE, FALSE, sizeof (CliMember)) };
  for (guint i = 0; i < count; i++) {
    GArray *files = picture_at (grouping, indices[i])->files;
    for (guint j = 0; j < files->len && (kind == CLI_GROUP_EXACT || j == 0); j++) {
      CliMember member = { g_array_index (files, IeCatalogueFile, j), 1 };
      member.file.path = g_strdup (member.file.path);
      g_array_append_val (group->members, member);
    }
  }
  g_array_sort (group->members, compare_members);
  if (is_wanted (grouping, group))
    g_ptr_array_add (grouping->groups, group);
  else
    group_free (group);
}

static guint32
index_of (const Grouping *grouping, const guint32 *indices, guint count, gint64 picture)
{
  for (guint i = 0; i < count; i++)
    if (picture_at (grouping, indices[i])->id == picture)
      return indices[i];
  return indices[0];
}

/* The score of each to the first. */
static void
score_members (Grouping *grouping, CliGroup *group, const guint32 *indices, guint count)
{
  guint32 first = index_of (grouping, indices, count, g_array_index (group->members, CliMember, 0).file.picture);
  for (guint i = 1; i < group->members->len; i++) {
    CliMember *member = &g_array_index (group->members, CliMember, i);
    guint32 other = index_of (grouping, indices, count, member->file.picture);
    member->score = ie_score (&grouping->scale, (double)cosine_between (grouping, first, other));
  }
}

static int
compare_leaders (gconstpointer a, gconstpointer b, gpointer data)
{
  Grouping *grouping = data;
  guint32 one = leader_of (grouping, *(const guint32 *)a), other = leader_of (grouping, *(const guint32 *)b);
  if (one != other)
    return one < other ? -1 : 1;
  return (*(const guint32 *)a > *(const guint32 *)b) - (*(const guint32 *)a < *(const guint32 *)b);
}

static void
collect (Grouping *grouping, CliGroupKind kind)
{
  guint32 count = grouping->pictures->len, *indices = g_new (guint32, count);
  for (guint32 i = 0; i < count; i++)
    indices[i] = i;
  g_qsort_with_data (indices, (gint)count, sizeof *indices, compare_leaders, grouping);
  for (guint32 begin = 0, end; begin < count; begin = end) {
    for (end = begin + 1; end < count && leader_of (grouping, indices[end]) == leader_of (grouping, indices[begin]); end++)
      ;
    guint before = grouping->groups->len;
    if (end - begin > 1)
      add_group (grouping, kind, indices + begin, end - begin);
    if (grouping->groups->len > before)
      score_members (grouping, grouping->groups->pdata[before], indices + begin, end - begin);
  }
  g_free (indices);
}

static void
collect_exact (Grouping *grouping)
{
  for (guint32 i = 0; i < grouping->pictures->len; i++)
    if (picture_at (grouping, i)->files->len > 1)
      add_group (grouping, CLI_GROUP_EXACT, &i, 1);
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const CliGroup *first = *(const CliGroup *const *)a, *second = *(const CliGroup *const *)b;
  if (first->kind != second->kind)
    return first->kind < second->kind ? -1 : 1;
  return strcmp (g_array_index (first->members, CliMember, 0).file.path, g_array_index (second->members, CliMember, 0).file.path);
}

/* Whether a group of SIMILAR has more in it than one of NEAR: else it says nothing new. */
static void
drop_repeated (Grouping *grouping)
{
  GHashTable *known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < grouping->groups->len;) {
    const CliGroup *group = grouping->groups->pdata[i];
    GString *key = g_string_new (NULL);
    for (guint j = 0; j < group->members->len; j++)
      g_string_append_printf (key, "%" G_GINT64_FORMAT " ", g_array_index (group->members, CliMember, j).file.picture);
    gboolean repeated = group->kind == CLI_GROUP_SIMILAR && g_hash_table_contains (known, key->str);
    g_hash_table_add (known, g_string_free (key, FALSE));
    if (repeated)
      g_ptr_array_remove_index (grouping->groups, i);
    else
      i++;
  }
  g_hash_table_unref (known);
}

static gboolean
find_groups (Grouping *grouping, GError **error)
{
  const CliGrouping *wanted = grouping->grouping;
  if (!gather (grouping, error))
    return FALSE;
  collect_exact (grouping);
  if (wanted->last == CLI_GROUP_EXACT)
    return TRUE;
  if (!find_pairs (grouping, error))
    return FALSE;
  double near = ie_score_cosine (&grouping->scale, IE_SCORE_NEAR);
  double similar = ie_score_cosine (&grouping->scale, wanted->threshold);
  rank (grouping);
  grouping->leaders = g_new (guint32, MAX (grouping->pictures->len, 1));
  grouping->next = g_new (guint32, MAX (grouping->pictures->len, 1));
  join (grouping, near, FALSE);
  collect (grouping, CLI_GROUP_NEAR);
  if (wanted->last == CLI_GROUP_SIMILAR) {
    join (grouping, similar, FALSE);
    collect (grouping, CLI_GROUP_SIMILAR);
    drop_repeated (grouping);
  }
  join (grouping, similar, TRUE);
  collect (grouping, CLI_GROUP_BURST);
  return TRUE;
}

GPtrArray *
cli_groups_find (CliEmbedding *embedding, IeCatalogue *catalogue, const CliGrouping *wanted, GError **error)
{
  Grouping grouping = { .embedding = embedding, .catalogue = catalogue, .grouping = wanted };
  gint64 number = cli_embedding_in (embedding, catalogue, FALSE, error);
  if (number == 0)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("nothing is indexed by %s yet; imgenhance index --model %s does it"),
                 embedding->label, embedding->label);
  grouping.matrix = number > 0 ? cli_catalogue_matrix (catalogue, number, error) : NULL;
  if (!grouping.matrix)
    return NULL;
  grouping.vectors = *ie_matrix_vectors (grouping.matrix);
  grouping.scale = cli_embedding_scale (embedding, &grouping.vectors);
  grouping.pictures = g_array_new (FALSE, FALSE, sizeof (Picture));
  g_array_set_clear_func (grouping.pictures, picture_clear);
  grouping.whole = g_byte_array_new ();
  grouping.pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  grouping.groups = g_ptr_array_new_with_free_func (group_free);
  gboolean good = find_groups (&grouping, error);
  g_ptr_array_sort (grouping.groups, compare_groups);
  g_array_unref (grouping.pictures);
  g_byte_array_unref (grouping.whole);
  g_array_unref (grouping.pairs);
  g_free (grouping.leaders);
  g_free (grouping.ranks);
  g_free (grouping.next);
  ie_matrix_free (grouping.matrix);
  if (good)
    return grouping.groups;
  g_ptr_array_unref (grouping.groups);
  return NULL;
}
