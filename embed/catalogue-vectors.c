// SPDX-License-Identifier: GPL-3.0-or-later
/* Embeddings, their vectors, and the matrix of all of them. */
#include "embed/catalogue-private.h"

#include <glib/gstdio.h>

#include "core/i18n.h"
#include "embed/descriptor.h"

gint64
ie_catalogue_find_embedding (IeCatalogue *catalogue, const char *id, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (catalogue, "SELECT id FROM embeddings WHERE name = ?", error);
  if (!statement)
    return -1;
  sqlite3_bind_text (statement, 1, id, -1, SQLITE_STATIC);
  int row = ie_catalogue_step (catalogue, statement, error);
  gint64 embedding = row == 1 ? sqlite3_column_int64 (statement, 0) : row;
  sqlite3_reset (statement);
  return embedding;
}

gint64
ie_catalogue_embedding (IeCatalogue *catalogue, const char *id, const char *label, IeVectorKind kind, int dimensions,
                        GError **error)
{
  gint64 embedding = ie_catalogue_find_embedding (catalogue, id, error);
  if (embedding != 0)
    return embedding;
  sqlite3_stmt *statement = ie_catalogue_statement (
    catalogue, "INSERT OR IGNORE INTO embeddings (name, label, kind, dimensions) VALUES (?, ?, ?, ?)", error);
  if (!statement)
    return -1;
  sqlite3_bind_text (statement, 1, id, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 2, label, -1, SQLITE_STATIC);
  sqlite3_bind_int (statement, 3, (int) kind);
  sqlite3_bind_int (statement, 4, dimensions);
  return ie_catalogue_run (catalogue, statement, error) ? ie_catalogue_find_embedding (catalogue, id, error) : -1;
}

GBytes *
ie_catalogue_vector (IeCatalogue *catalogue, gint64 embedding, gint64 picture, int part, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (
    catalogue, "SELECT vector FROM vectors WHERE embedding = ? AND picture = ? AND part = ?", error);
  if (!statement)
    return NULL;
  sqlite3_bind_int64 (statement, 1, embedding);
  sqlite3_bind_int64 (statement, 2, picture);
  sqlite3_bind_int (statement, 3, part);
  GBytes *vector = NULL;
  if (ie_catalogue_step (catalogue, statement, error) == 1)
    vector = g_bytes_new (sqlite3_column_blob (statement, 0), (gsize) sqlite3_column_bytes (statement, 0));
  sqlite3_reset (statement);
  return vector;
}

/* ---- the matrix ---- */

typedef struct {
  char *id;
  IeVectorKind kind;
  int dimensions;
  guint64 generation;
} Embedding;

static gboolean
look_up (IeCatalogue *catalogue, gint64 number, Embedding *embedding, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (
    catalogue, "SELECT name, kind, dimensions, generation FROM embeddings WHERE id = ?", error);
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, number);
  int row = ie_catalogue_step (catalogue, statement, error);
  if (row == 1) {
    embedding->id = g_strdup ((const char *) sqlite3_column_text (statement, 0));
    embedding->kind = (IeVectorKind) sqlite3_column_int (statement, 1);
    embedding->dimensions = sqlite3_column_int (statement, 2);
    embedding->generation = (guint64) sqlite3_column_int64 (statement, 3);
  } else if (row == 0)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("nothing is indexed with this model yet"));
  sqlite3_reset (statement);
  return row == 1;
}

typedef struct {
  GArray *ids;       /* gint64 */
  GByteArray *parts;
  GByteArray *codes; /* of all rows */
  GArray *scales, *floats; /* of IE_VECTOR_FLOATS */
} Rows;

/* A float vector as signed bytes: value = code x scale, the largest 127. */
static void
add_codes (Rows *rows, const float *vector, int dimensions)
{
  float most = 0;
  for (int i = 0; i < dimensions; i++)
    most = MAX (most, vector[i] < 0 ? -vector[i] : vector[i]);
  float scale = most > 0 ? most / 127 : 1;
  guint at = rows->codes->len;
  g_byte_array_set_size (rows->codes, at + (guint) dimensions);
  for (int i = 0; i < dimensions; i++) {
    float code = vector[i] / scale;
    ((gint8 *) rows->codes->data)[at + (guint) i] = (gint8) (code < 0 ? (int) (code - 0.5f) : (int) (code + 0.5f));
  }
  g_array_append_val (rows->scales, scale);
}

static void
add_row (Rows *rows, const Embedding *embedding, gint64 picture, int part, gconstpointer vector)
{
  guint8 byte = (guint8) part;
  g_array_append_val (rows->ids, picture);
  g_byte_array_append (rows->parts, &byte, 1);
  if (embedding->kind == IE_VECTOR_CODES)
    g_byte_array_append (rows->codes, vector, (guint) embedding->dimensions);
  else {
    guint at = rows->floats->len;
    g_array_append_vals (rows->floats, vector, (guint) embedding->dimensions);
    add_codes (rows, &g_array_index (rows->floats, float, at), embedding->dimensions);
  }
}

/* Vectors of a wrong length are none of this embedding's; an index run makes them anew. */
static gboolean
read_rows (IeCatalogue *catalogue, gint64 number, const Embedding *embedding, Rows *rows, GError **error)
{
  sqlite3_stmt *statement = ie_catalogue_statement (
    catalogue, "SELECT picture, part, vector FROM vectors WHERE embedding = ? ORDER BY picture, part", error);
  gsize bytes = (gsize) embedding->dimensions * (embedding->kind == IE_VECTOR_CODES ? 1 : sizeof (float));
  int left = -1;
  if (!statement)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, number);
  while ((left = ie_catalogue_step (catalogue, statement, error)) == 1)
    if ((gsize) sqlite3_column_bytes (statement, 2) == bytes)
      add_row (rows, embedding, sqlite3_column_int64 (statement, 0), sqlite3_column_int (statement, 1) & 0xff,
               sqlite3_column_blob (statement, 2));
  return left == 0;
}

/* The generation and the rows of one moment: a reader's transaction sees no change. */
static gboolean
read_all (IeCatalogue *catalogue, gint64 number, Embedding *embedding, Rows *rows, GError **error)
{
  if (!ie_catalogue_execute (catalogue->db, "BEGIN", error))
    return FALSE;
  g_clear_pointer (&embedding->id, g_free);
  gboolean good = look_up (catalogue, number, embedding, error) && read_rows (catalogue, number, embedding, rows, error);
  sqlite3_exec (catalogue->db, "END", NULL, NULL, NULL);
  return good;
}

/* Where the cache cannot be kept, it is a file without a name. */
static IeMatrix *
make_unkept (const Embedding *embedding, const IeVectors *vectors, const Rows *rows, GError **error)
{
  char *folder = g_dir_make_tmp ("imgenhance-XXXXXX", NULL), *path = folder ? g_build_filename (folder, "vectors", NULL) : NULL;
  IeMatrix *matrix = NULL;
  if (!path)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_PLACE, _ ("there is no place for the vectors"));
  else if (ie_matrix_write (path, embedding->generation, embedding->id, vectors,
                            (const gint64 *) (gconstpointer) rows->ids->data, rows->parts->data, error))
    matrix = ie_matrix_open (path, embedding->generation, embedding->id, NULL, error);
  if (path) {
    g_unlink (path);
    g_rmdir (folder);
  }
  g_free (path);
  g_free (folder);
  return matrix;
}

static IeMatrix *
make (IeCatalogue *catalogue, gint64 number, Embedding *embedding, const char *path, GError **error)
{
  Rows rows = { g_array_new (FALSE, FALSE, sizeof (gint64)), g_byte_array_new (), g_byte_array_new (),
                g_array_new (FALSE, FALSE, sizeof (float)), g_array_new (FALSE, FALSE, sizeof (float)) };
  IeMatrix *matrix = NULL;
  if (read_all (catalogue, number, embedding, &rows, error)) {
    gboolean floats = embedding->kind == IE_VECTOR_FLOATS;
    IeVectors vectors = {
      .count = rows.ids->len,
      .dimensions = embedding->dimensions,
      .codes = (const gint8 *) rows.codes->data,
      .scales = floats ? (const float *) (gconstpointer) rows.scales->data : NULL,
      .floats = floats ? (const float *) (gconstpointer) rows.floats->data : NULL,
    };
    if (ie_matrix_write (path, embedding->generation, embedding->id, &vectors,
                         (const gint64 *) (gconstpointer) rows.ids->data, rows.parts->data, NULL))
      matrix = ie_matrix_open (path, embedding->generation, embedding->id, NULL, NULL);
    if (!matrix)
      matrix = make_unkept (embedding, &vectors, &rows, error);
  }
  g_array_unref (rows.ids);
  g_byte_array_unref (rows.parts);
  g_byte_array_unref (rows.codes);
  g_array_unref (rows.scales);
  g_array_unref (rows.floats);
  return matrix;
}

IeMatrix *
ie_catalogue_matrix (IeCatalogue *catalogue, gint64 number, char **made, GError **error)
{
  Embedding embedding = { NULL };
  GError *why = NULL;
  IeMatrixState state = IE_MATRIX_ABSENT;
  if (made)
    *made = NULL;
  if (!look_up (catalogue, number, &embedding, error))
    return NULL;
  char *path = g_strdup_printf ("%s.%.40s.vectors", catalogue->path, embedding.id);
  IeMatrix *matrix = ie_matrix_open (path, embedding.generation, embedding.id, &state, &why);
  if (matrix && !ie_matrix_check (matrix, FALSE, (int) g_get_num_processors (), NULL, &why)) {
    g_clear_pointer (&matrix, ie_matrix_free);
    state = IE_MATRIX_DAMAGED;
  }
  if (!matrix) {
    if (made && state == IE_MATRIX_DAMAGED)
      *made = g_strdup (why->message);
    matrix = make (catalogue, number, &embedding, path, error);
  }
  g_clear_error (&why);
  g_free (path);
  g_free (embedding.id);
  return matrix;
}
