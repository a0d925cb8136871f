// SPDX-License-Identifier: GPL-3.0-or-later
/* What find similar compares pictures by: the built-in descriptor or a model of the user's, behind one interface. */
#pragma once

#include "cli/models.h"
#include "cli/prepare.h"
#include "embed/catalogue.h"
#include "embed/model.h"
#include "embed/score.h"

typedef struct {
  char *id;          /* vectors of equal ids can be compared */
  char *label;       /* as the user calls it */
  IeVectorKind kind;
  int dimensions;
  IePrepare prepare; /* parts and turns may be set */
  gboolean look;
  IeNetwork *model;   /* NULL: built-in */
  GMutex lock;       /* of model */
} CliEmbedding;

/* options: for a model. name: "visual", "look" or NULL: built-in; else a model's name or file. Free with cli_embedding_free(). NULL and error. */
CliEmbedding *cli_embedding_open (const char *name, const CliModelOptions *options, GError **error);
/* The same for a command whose options contradict each other as `conflict` says (NULL: they do not). NULL: the line of the error
 * has been printed. */
CliEmbedding *cli_embedding_of_command (const char *name, const CliModelOptions *options, const char *conflict);
void cli_embedding_free (CliEmbedding *embedding);

/* Vectors of what cli_prepare_fd() gave for embedding->prepare: parts x turns of them, in the catalogue's form. Any thread.
 * g_bytes_unref(). NULL and error. */
GBytes *cli_embedding_vectors (CliEmbedding *embedding, GBytes *prepared, GError **error);

/* The vectors of a file, read in a worker: as many as embedding->prepare says. */
GBytes *cli_embedding_of_file (CliEmbedding *embedding, const CliWorkerOptions *options, const char *path, CliPrepared *facts,
                               GError **error);

/* Number in the catalogue; made where `make`. -1 and error; 0: not there. */
gint64 cli_embedding_in (const CliEmbedding *embedding, IeCatalogue *catalogue, gboolean make, GError **error);

/* What its cosines mean; vectors: all of the catalogue, NULL: none. */
IeScale cli_embedding_scale (const CliEmbedding *embedding, const IeVectors *vectors);
/* Of two vectors in the catalogue's form. */
double cli_embedding_cosine (const CliEmbedding *embedding, gconstpointer first, gconstpointer second);
/* Whether such a vector is of a picture of one colour, whose cosines say nothing. Colours and layout have something to compare
 * there, too; of a model nothing is known. */
gboolean cli_embedding_is_blank (const CliEmbedding *embedding, gconstpointer vector);
gsize cli_embedding_bytes (const CliEmbedding *embedding); /* of a vector */

/* export.c: prints the catalogue as comma-separated values; text of any bytes as one of them. */
gboolean cli_export_csv (const CliEmbedding *embedding, IeCatalogue *catalogue, gint64 number, GError **error);
void cli_csv_text (GString *out, const char *text);

/* The path that a file or folder has for everybody, also of one that is not there. g_free(). */
char *cli_absolute (const char *path);

/* The catalogue of the option, or the user's own, which g_free() frees. */
char *cli_catalogue_path (const char *option);
/* Opens it; one that is damaged is made anew and that is said, in one line. check: looks through all of it first. NULL: the line
 * of the error has been printed. */
IeCatalogue *cli_catalogue_open (const char *path, IeCatalogueMode mode, gboolean check);
/* Prints the error (taken) of the catalogue; gives the exit code. One that is damaged is made anew, for the next time. */
int cli_catalogue_failed (const char *path, GError *error);
/* ie_catalogue_matrix(); a cache that was damaged is said, in one line. */
IeMatrix *cli_catalogue_matrix (IeCatalogue *catalogue, gint64 number, GError **error);
