// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/embedding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"
#include "core/i18n.h"

static CliEmbedding *
open_descriptor (IeDescriptorMode mode)
{
  CliEmbedding *embedding = g_new0 (CliEmbedding, 1);
  embedding->id = g_strdup (ie_descriptor_id (mode));
  embedding->label = g_strdup (mode == IE_DESCRIPTOR_LOOK ? "look" : "visual");
  embedding->kind = IE_VECTOR_CODES;
  embedding->dimensions = IE_DESCRIPTOR_BYTES;
  embedding->look = mode == IE_DESCRIPTOR_LOOK;
  embedding->prepare = (IePrepare){ .kind = IE_PREPARE_DESCRIPTOR, .mode = mode, .parts = 1, .turns = 1 };
  return embedding;
}

static CliEmbedding *
open_model (const char *name, const CliModelOptions *options, GError **error)
{
  IeNetwork *model = cli_models_open (options, name, error);
  if (!model)
    return NULL;
  const IeModelInfo *info = ie_model_info (model);
  CliEmbedding *embedding = g_new0 (CliEmbedding, 1);
  embedding->id = g_strdup (info->id);
  embedding->label = g_strdup (info->name);
  embedding->kind = IE_VECTOR_FLOATS;
  embedding->dimensions = info->dimensions;
  embedding->prepare = info->prepare;
  embedding->prepare.parts = 1;
  embedding->prepare.turns = 1;
  embedding->model = model;
  return embedding;
}

CliEmbedding *
cli_embedding_open (const char *name, const CliModelOptions *options, GError **error)
{
  CliEmbedding *embedding;
  if (!name || strcmp (name, "visual") == 0)
    embedding = open_descriptor (IE_DESCRIPTOR_VISUAL);
  else if (strcmp (name, "look") == 0)
    embedding = open_descriptor (IE_DESCRIPTOR_LOOK);
  else
    embedding = open_model (name, options, error);
  if (embedding)
    g_mutex_init (&embedding->lock);
  return embedding;
}

CliEmbedding *
cli_embedding_of_command (const char *name, const CliModelOptions *options, const char *conflict)
{
  GError *error = NULL;
  CliEmbedding *embedding = conflict ? NULL : cli_embedding_open (name, options, &error);
  if (!embedding)
    cli_error (conflict ? NULL : name, conflict ? conflict : error->message);
  g_clear_error (&error);
  return embedding;
}

void
cli_embedding_free (CliEmbedding *embedding)
{
  if (!embedding)
    return;
  ie_model_free (embedding->model);
  g_mutex_clear (&embedding->lock);
  g_free (embedding->id);
  g_free (embedding->label);
  g_free (embedding);
}

gsize
cli_embedding_bytes (const CliEmbedding *embedding)
{
  return (gsize)embedding->dimensions * (embedding->kind == IE_VECTOR_CODES ? 1 : sizeof (float));
}

GBytes *
cli_embedding_vectors (CliEmbedding *embedding, GBytes *prepared, GError **error)
{
  if (!embedding->model)
    return g_bytes_ref (prepared);
  gsize bytes = cli_embedding_bytes (embedding);
  float *vector = g_malloc (bytes);
  g_mutex_lock (&embedding->lock);
  gboolean good = ie_model_run (embedding->model, g_bytes_get_data (prepared, NULL), vector, error);
  g_mutex_unlock (&embedding->lock);
  if (good)
    return g_bytes_new_take (vector, bytes);
  g_free (vector);
  return NULL;
}

GBytes *
cli_embedding_of_file (CliEmbedding *embedding, const CliWorkerOptions *options, const char *path, CliPrepared *facts,
                       GError **error)
{
  GBytes *prepared = NULL;
  if (!cli_prepare_file (options, path, &embedding->prepare, 1, &prepared, facts, error))
    return NULL;
  GBytes *vectors = cli_embedding_vectors (embedding, prepared, error);
  g_bytes_unref (prepared);
  return vectors;
}

gint64
cli_embedding_in (const CliEmbedding *embedding, IeCatalogue *catalogue, gboolean make, GError **error)
{
  return make ? ie_catalogue_embedding (catalogue, embedding->id, embedding->label, embedding->kind, embedding->dimensions,
                                        error)
              : ie_catalogue_find_embedding (catalogue, embedding->id, error);
}

IeScale
cli_embedding_scale (const CliEmbedding *embedding, const IeVectors *vectors)
{
  IeVectors none = { 0 };
  return embedding->model ? ie_scale_measure (vectors ? vectors : &none, NULL) : ie_scale_of_descriptor (embedding->look);
}

double
cli_embedding_cosine (const CliEmbedding *embedding, gconstpointer first, gconstpointer second)
{
  double sum = 0;
  for (int i = 0; i < embedding->dimensions; i++)
    sum += embedding->kind == IE_VECTOR_CODES ? ((const gint8 *)first)[i] * ((const gint8 *)second)[i]
                                              : (double)((const float *)first)[i] * (double)((const float *)second)[i];
  return embedding->kind == IE_VECTOR_CODES ? sum / (IE_DESCRIPTOR_NORM * IE_DESCRIPTOR_NORM) : sum;
}

gboolean
cli_embedding_is_blank (const CliEmbedding *embedding, gconstpointer vector)
{
  return !embedding->model && !embedding->look && ie_descriptor_is_blank (vector);
}

/* ---- the catalogue ---- */

char *
cli_absolute (const char *path)
{
  char *real = realpath (path, NULL), *copy = real ? g_strdup (real) : g_canonicalize_filename (path, NULL);
  free (real);
  return copy;
}

char *
cli_catalogue_path (const char *option)
{
  return option ? g_strdup (option) : ie_catalogue_usual_path ();
}

/* What was never a catalogue is not made one: somebody mistyped. Its own file, or one of a database's name, may have lost its
 * first bytes. */
static gboolean
may_be_catalogue (const char *path)
{
  static const char magic[] = "SQLite format 3"; /* https://www.sqlite.org/fileformat.html, 1.2 */
  char *usual = ie_catalogue_usual_path (), head[sizeof magic] = "";
  FILE *file = fopen (path, "rbe");
  gboolean may = g_str_has_suffix (path, ".db") || strcmp (path, usual) == 0;
  if (file) {
    may = may || (fread (head, 1, sizeof magic, file) == sizeof magic && memcmp (head, magic, sizeof magic) == 0);
    fclose (file);
  }
  g_free (usual);
  return may;
}

static gboolean
repair (const char *path)
{
  char *aside;
  if (!may_be_catalogue (path)) {
    cli_error (path, _ ("is not a catalogue"));
    return FALSE;
  }
  gint64 saved;
  GError *error = NULL;
  gboolean good = ie_catalogue_repair (path, &aside, &saved, &error);
  if (good && aside) {
    char *text = g_strdup_printf (_ ("was damaged and has been made anew: %d files could be saved, imgenhance index brings the "
                                     "others back; the damaged one is kept as %s"),
                                  (int)saved, aside);
    cli_error (path, text);
    g_free (text);
  } else if (!good)
    cli_error (path, error->message);
  g_clear_error (&error);
  g_free (aside);
  return good;
}

IeCatalogue *
cli_catalogue_open (const char *path, IeCatalogueMode mode, gboolean check)
{
  GError *error = NULL;
  IeCatalogue *catalogue = ie_catalogue_open (path, mode, &error);
  if (catalogue && check && !ie_catalogue_check (catalogue, &error))
    g_clear_pointer (&catalogue, ie_catalogue_close);
  if (!catalogue && ie_catalogue_is_damaged (error)) {
    g_clear_error (&error);
    if (!repair (path))
      return NULL;
    catalogue = ie_catalogue_open (path, mode, &error);
  }
  if (error)
    cli_error (path, error->message);
  g_clear_error (&error);
  return catalogue;
}

int
cli_catalogue_failed (const char *path, GError *error)
{
  int code = g_error_matches (error, IE_ERROR, IE_ERROR_INPUT) ? CLI_SOME_FAILED : CLI_PLACE_FAILED;
  if (ie_catalogue_is_damaged (error))
    repair (path);
  else
    cli_error (path, error->message);
  g_error_free (error);
  return code;
}

IeMatrix *
cli_catalogue_matrix (IeCatalogue *catalogue, gint64 number, GError **error)
{
  char *damaged = NULL;
  IeMatrix *matrix = ie_catalogue_matrix (catalogue, number, &damaged, error);
  if (damaged && matrix) {
    char *text = g_strdup_printf (_ ("the vectors' cache was damaged and has been made anew: %s"), damaged);
    cli_error (NULL, text);
    g_free (text);
  }
  g_free (damaged);
  return matrix;
}
