// SPDX-License-Identifier: GPL-3.0-or-later
/* Find similar, by the commands `similar`, `index` and `models`, which the plug-in's own executable is too. No toolkit: events come
 * through the main loop. */
#pragma once

#include "core/i18n.h"
#include "core/imgenhance.h"

G_BEGIN_DECLS

#define IE_SIMILAR_PROCEDURE "plug-in-imgenhance-similar"
#define IE_SIMILAR_LABEL N_ ("Find Similar...")
#define IE_SIMILAR_TITLE N_ ("Find Similar")
#define IE_SIMILAR_SUMMARY N_ ("Finds the pictures of your folders that are like this image")
#define IE_SIMILAR_HELP \
  N_ ("Compares what is visible of the image with the pictures that imgenhance index, or Add a Folder in the dialog, has put into the " \
      "catalogue. The image's own file is left out. Scores: 1 equal, from 0.9 on a copy, from 0.5 on a relative. Nothing similar is " \
      "an answer, too.")
#define IE_SIMILAR_TOP_HELP N_ ("How many pictures at most")
#define IE_SIMILAR_THRESHOLD_HELP N_ ("The lowest score, 0 to 1; 0.5 is usual")
#define IE_SIMILAR_TURNED_HELP N_ ("Mirrored and turned ones, too")
#define IE_SIMILAR_ELSEWHERE_HELP N_ ("None from the folder of the image's own file")
#define IE_SIMILAR_MODEL_HELP N_ ("visual (the same picture after edits), look (colour and layout) or a model of your own; empty: visual")
#define IE_SIMILAR_CATALOGUE_HELP N_ ("The file of the catalogue; empty: your own")
#define IE_SIMILAR_FILE_HELP N_ ("The image's own file, which is left out; empty: the one that GIMP knows")
#define IE_SIMILAR_COUNT_HELP N_ ("How many were found")
#define IE_SIMILAR_PATHS_HELP N_ ("Their files, the most similar first")
#define IE_SIMILAR_SCORES_HELP N_ ("Their scores")

#define IE_SIMILAR_TOP 10
#define IE_SIMILAR_TOP_MOST 1000
#define IE_SIMILAR_THRESHOLD 0.5

/* ---- the search ---- */

typedef struct {
  char *path; /* bytes of the file system */
  double score;
  char *kind; /* "exact", "near", "similar", "different" */
} IeSimilar;

typedef struct {
  const char *picture;    /* a file */
  const char *instead_of; /* the file that it is a version of, which is left out; NULL: none */
  const char *model;      /* NULL or empty: visual */
  const char *catalogue;  /* NULL or empty: the user's own */
  int top;
  double threshold;
  gboolean turned, elsewhere;
} IeSimilarJob;

typedef enum {
  IE_SIMILAR_FOUND,
  IE_SIMILAR_BLANK,       /* found is empty, because the picture is of one colour */
  IE_SIMILAR_NOT_INDEXED, /* there is a catalogue, but nothing in it is described by this model */
  IE_SIMILAR_STOPPED,
  IE_SIMILAR_FAILED,
} IeSimilarOutcome;

typedef struct IeSimilarSearch IeSimilarSearch;
/* found: of IeSimilar, the best first, only FOUND and BLANK have it; a reference may be taken. why: one line, only of FAILED. The search may be freed. */
typedef void (*IeSimilarEnded) (gpointer data, IeSimilarOutcome outcome, GPtrArray *found, const char *why);

/* Begins; job is not looked at afterwards. NULL and error: it cannot be started. */
IeSimilarSearch *ie_similar_search_new (const IeSimilarJob *job, IeSimilarEnded ended, gpointer data, GError **error);
void ie_similar_search_stop (IeSimilarSearch *search);
void ie_similar_search_free (IeSimilarSearch *search);

/* Whether a script's numbers are in their ranges; FALSE and error (IE_ERROR_USAGE) says which is not. */
gboolean ie_similar_check (const IeSimilarJob *job, GError **error);
/* For scripts: waits. NULL and error. g_ptr_array_unref(). */
GPtrArray *ie_similar_run (const IeSimilarJob *job, GError **error);

/* Whether the catalogue is there (NULL or empty: the user's own). */
/* The values of the procedure: paths, ended by NULL, and as many scores. g_strfreev(), g_free(). */
void ie_similar_values (const GPtrArray *found, char ***paths, double **scores);

gboolean ie_similar_has_catalogue (const char *catalogue);

/* ---- the catalogue ---- */

typedef struct {
  int good, failed; /* pictures that are in it now, files that could not be read */
} IeIndexed;

typedef struct {
  void (*progress) (gpointer data, int done, int total);
  /* why: one line when it could not be done, NULL: it was, or was stopped. It may be freed. */
  void (*ended) (gpointer data, gboolean stopped, IeIndexed indexed, const char *why);
  gpointer data;
} IeIndexingHooks;

typedef struct IeIndexing IeIndexing;

/* folder: NULL: all that were ever named. */
IeIndexing *ie_indexing_new (const char *folder, const char *model, const char *catalogue, const IeIndexingHooks *hooks, GError **error);
/* What is done stays done. */
void ie_indexing_stop (IeIndexing *indexing);
void ie_indexing_free (IeIndexing *indexing);

/* ---- models of the user's own ---- */

/* Names, ended by NULL; none when there are none, or the command has no models. Waits: it is a look at a few small files.
 * g_strfreev(). */
char **ie_similar_models (void);

G_END_DECLS
