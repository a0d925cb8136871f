// SPDX-License-Identifier: GPL-3.0-or-later
/* The relatives of a picture in the catalogue: what `similar` lists, whatever it is then printed as. */
#pragma once

#include "cli/embedding.h"
#include "core/i18n.h"

typedef enum { CLI_TIER_EXACT, CLI_TIER_NEAR, CLI_TIER_SIMILAR, CLI_TIER_NONE } CliTier;

/* "exact", "near", "similar", "different": the words of JSON. */
const char *cli_tier_name (CliTier tier);
const char *cli_tier_word (CliTier tier); /* for people */
CliTier cli_tier_of (double score);

typedef struct {
  IeCatalogueFile file;
  double score;
  CliTier tier;
  int turn; /* of the query that found it: EXIF orientation, 1: as it is */
  int part; /* that was found: 0: the whole */
} CliMatch;

typedef struct {
  const char *path;  /* the picture, "-": standard input; NULL: text */
  const char *text;
  guint top;
  double threshold;  /* scores below are not listed */
  gboolean turned;   /* mirrored and turned queries, too */
  gboolean elsewhere; /* not from the picture's own folder */
  gboolean faiss;    /* searched by FAISS */
  const char *instead_of; /* the file that the picture is a version of: that one is left out, and its folder is the
                             picture's own; NULL: the picture itself */
  int threads;
  CliWorkerOptions worker;
} CliQuery;

typedef struct {
  GPtrArray *matches; /* of CliMatch, best first */
  double best;        /* the best score of all, listed or not; -1: there is no other picture */
  gint64 searched;    /* pictures that were looked at */
  gboolean blank;     /* the query is of one colour: nothing but equal files can have a score */
} CliFound;

/* NULL and error (one line, without the name of the query where it is the catalogue's). cli_found_free(). */
CliFound *cli_find (CliEmbedding *embedding, IeCatalogue *catalogue, const CliQuery *query, GError **error);
void cli_found_free (CliFound *found);

/* What is said of a picture of one colour. The plug-ins know it by its English. */
#define CLI_BLANK N_ ("is all of one colour: there is nothing to compare but the colour, which --model look does")

/* Mirrored, turned, pasted and partial matches count a little less than the same cosine of whole and upright ones. */
#define CLI_TURN_FACTOR 0.98
