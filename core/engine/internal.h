// SPDX-License-Identifier: GPL-3.0-or-later
/* The engine's own parts.
 *
 * A recipe becomes stages (one a step that does something). Between the places where the picture must be seen whole (a
 * survey's end, a WHOLE filter) lie chains: lists of small operations that a rectangle runs through while it is in cache.
 *
 *   stages.c   recipe -> stages
 *   plan.c     which passes, recompute or spool, rectangle size, memory
 *   chain.c    stages -> operations; tables
 *   rects.c    rectangles backwards; bytes of a rectangle
 *   compute.c  one rectangle through a chain
 *   pass.c     all rectangles of a picture, band by band, on all threads, into a consumer
 *   window.c   the rows of a source that a band needs
 *   spool.c    a picture kept between two passes, in memory or in an unlinked file
 *   survey.c   statistics of a whole picture
 *   whole.c    WHOLE filters
 *   engine.c   runs the passes of a plan
 */
#pragma once

#include "core/convert.h"
#include "core/converter.h"
#include "core/engine.h"
#include "core/error.h"
#include "core/pool.h"

/* ---- window.c: rows of a source, kept as long as bands need them ---- */

typedef struct {
  IeSource *source;
  gboolean owned;
  /* Another way to pixels than a source: fills any rectangle, from any thread. */
  gboolean (*fill) (gpointer data, IeWork *work, const IePixels *into);
  gpointer fill_data;
  IeHeader header;
  guint8 *rows; /* full rows y0 .. y1 - 1 */
  ptrdiff_t stride;
  int y0, y1, capacity;
  gboolean begun; /* something was read since the last rewind */
} IeWindow;

IeWindow *ie_window_new (IeSource *source, gboolean owned);
void ie_window_free (IeWindow *window);
/* Before a pass: begins again. FALSE when the source cannot. */
gboolean ie_window_restart (IeWindow *window, GError **error);
/* Room for so many rows at once: without it room grows as rows are required. */
gboolean ie_window_reserve (IeWindow *window, int rows, GError **error);
/* Makes rows y0 .. y1 - 1 readable; y0 never descends within a pass. */
gboolean ie_window_require (IeWindow *window, int y0, int y1, GError **error);
/* The pixels of `rect` (inside the picture, inside what was required), if they lie in memory: nothing is copied. */
gboolean ie_window_view (const IeWindow *window, IeRect rect, IePixels *view);
/* Whether rows must be required at all. */
gboolean ie_window_streams (const IeWindow *window);

/* ---- stages and chains ---- */

typedef struct {
  IeStep step;
  IeSpace space;
  const IeConverter *converter; /* NULL in native space */
  gpointer converter_state;
  IeHeader before, after; /* native, around this step */
  double mix;
  IeWindow *mask;     /* NULL: everywhere */
  IeWindow **aux;     /* aligned inputs */
  int aux_count;
  IePixels *whole_inputs;
  gboolean surveyed;  /* step.tables are there */
  int number;         /* 1-based, in the recipe as written, for messages */
} IeStage;

typedef enum { IE_OP_SOURCE, IE_OP_DEPTH, IE_OP_TABLE, IE_OP_ENTER, IE_OP_APPLY, IE_OP_LEAVE, IE_OP_MIX } IeOpKind;

typedef struct {
  IeOpKind kind;
  IeStage *stage;  /* TABLE: the first of `stages` */
  int stages;      /* TABLE: how many were composed */
  IeHeader header; /* of what it makes */
  int reference;   /* LEAVE, MIX: the operation whose result is the original; else -1 */
  IeApply apply;   /* APPLY */
  void *table;     /* TABLE: made before the pass */
  gboolean shared; /* TABLE: all channels have the same, so that the first serves all: it stays in cache */
} IeOp;

typedef struct {
  IeWindow *window;
  IeOp *ops; /* the first is the source */
  int count;
  gboolean dither;        /* in the last operation, which changes the depth */
  gboolean count_clamped; /* tally samples that the last rounding clamps */
} IeChain;

typedef enum { IE_END_NATIVE, IE_END_DITHERED, IE_END_SPACE } IeChainEnd;

/* The chain of stages first .. last - 1 over pixels of `header`. IE_END_NATIVE: ends in native pixels of `depth`.
 * IE_END_DITHERED: the same, the last change of depth dithered. IE_END_SPACE: ends in float pixels of the space of stage `last` (or, if its survey takes native depth and nothing has
 * changed the depth, in those). */
IeChain *ie_chain_new (IeStage *stages, int first, int last, IeWindow *window, IeChainEnd end, IeDepth depth);
/* The depth that pixels have, unrounded, after stages first .. last - 1. */
IeDepth ie_chain_flow_depth (const IeStage *stages, int first, int last, IeDepth depth);
void ie_chain_free (IeChain *chain);
const IeHeader *ie_chain_output (const IeChain *chain);
/* Makes the tables of the TABLE operations; after the surveys they need. */
gboolean ie_chain_prepare (IeChain *chain, IeWork *work);
/* Bytes of the tables. */
gsize ie_chain_tables (const IeChain *chain);
/* Scratch bytes of one rectangle, the result's own included when with_result; *samples: samples computed for it, a
 * measure of work. */
gsize ie_chain_bytes (const IeChain *chain, IeRect out, gboolean with_result, double *samples);
/* The rows of the source, a mask or an aligned input that an output rectangle needs. */
void ie_chain_source_rows (const IeChain *chain, IeRect out, int *y0, int *y1);
gboolean ie_chain_require_aux (const IeChain *chain, IeRect out, GError **error);
/* All windows but the source's begin again. */
gboolean ie_chain_restart_aux (const IeChain *chain, GError **error);

typedef struct {
  IeRect want;  /* box of the result that later operations look at; may reach beyond the picture */
  IeRect need;  /* the part inside the picture that must be computed */
  IeRect in;    /* what this operation takes of the one before */
} IeOpRects;

/* Rectangles of all operations for an output rectangle; rects has chain->count entries. */
void ie_chain_rects (const IeChain *chain, IeRect out, IeOpRects *rects);

/* ---- compute.c ---- */

typedef struct {
  guint64 nan, clipped, samples, out_of_gamut;
} IeTally;

/* Computes `out` into destination (its rectangle and format), or, when destination->data is NULL, into scratch (or a view
 * of the source), and sets *destination to it. `source` (may be NULL): set to the native source pixels under `out` when
 * they have the same geometry. FALSE: no memory, or cancelled. */
gboolean ie_chain_compute (const IeChain *chain, IeWork *work, IeRect out, IePixels *destination, IePixels *source,
                           IeTally *tally);
/* Fills what of `box` lies outside `inside` by reflecting about the picture's edge. pixels->rect is box. */
void ie_extend (const IePixels *pixels, IeRect inside, const IeHeader *header);
/* out = before + (after - before) * mix * mask of the stage. after and out: float, the same rectangle;
 * before: any depth, a rectangle that holds theirs. FALSE: no memory. */
gboolean ie_mix_pixels (const IeStage *stage, IeWork *work, const IePixels *before, const IePixels *after,
                        const IePixels *out);
/* Converts depth; same rectangle and channels. */
void ie_convert_pixels (const IePixels *in, const IePixels *out);

/* ---- pass.c ---- */

typedef struct IePass IePass;
struct IePass {
  IePlan *plan;
  IeChain *chain;
  int tile_width, tile_height, band_rows;
  gsize scratch; /* of each thread */
  /* Called by any thread for each rectangle. slot: index of the rectangle within its band, in row order. */
  void (*tile) (IePass *pass, const IePixels *pixels, int slot, IeWork *work, int thread);
  /* Called after each band, in order, by the calling thread; may be NULL. */
  gboolean (*band) (IePass *pass, IeRect rect, int slots, GError **error);
  /* Where a rectangle is to be computed; returning data NULL leaves it to scratch. May be NULL. */
  IePixels (*place) (IePass *pass, IeRect rect);
  gpointer data;
  gboolean count_clipped, first; /* first: NaN are counted in this pass */
  double progress_from, progress_to;
};

gboolean ie_pass_run (IePass *pass, GError **error);

/* ---- spool.c ---- */

typedef struct IeSpool IeSpool;
/* A picture between two passes. in_file: in an unlinked file of `folder`. */
IeSpool *ie_spool_new (const IeHeader *header, gboolean in_file, const char *folder, GError **error);
void ie_spool_free (IeSpool *spool);
gboolean ie_spool_write (IeSpool *spool, IeRect rows, const void *data, ptrdiff_t stride, GError **error);
/* A source over it, which the caller frees; the spool outlives it. */
IeSource *ie_spool_source (IeSpool *spool);

/* ---- plan.c ---- */

typedef enum { IE_PASS_SURVEY, IE_PASS_SPOOL, IE_PASS_WHOLE, IE_PASS_SINK } IePassKind;

typedef struct {
  IePassKind kind;
  int first, last;     /* stages first .. last - 1; the survey's or WHOLE stage is `last` */
  gboolean spool_file; /* SPOOL: in a file, else in memory */
  IeDepth depth;       /* SPOOL, SINK: of what is written */
  int tile_width, tile_height, band_rows;
  guint64 memory;      /* bytes held during this pass */
  gsize scratch;       /* of them, of each thread */
} IePassPlan;

struct IePlan {
  IeRunOptions options;
  IeWindow *window;
  IeRecipe *expanded;
  IeStage *stages;
  int stage_count;
  GArray *passes; /* of IePassPlan */
  IeHeader output;
  IeChainEnd end; /* of the SINK pass */
  guint64 memory;
  int threads;
  /* while it runs */
  IePool *pool;
  IeWork **works; /* one a thread */
  IeTally *tallies;
  gint64 next_progress;
};

/* ---- stages.c ---- */

/* Fills plan->stages and plan->output from the recipe. */
gboolean ie_stages_make (IePlan *plan, const IeRecipe *recipe, GError **error);
void ie_stages_free (IePlan *plan);

/* ---- survey.c ---- */

/* Bytes of the statistics of a survey in a band of `cells` rectangles. */
guint64 ie_survey_bytes (const IeStage *stage, int threads, int cells);
/* Runs the survey of pass->chain's end and sets the stage's tables. pass: chain, tile size and progress are set. */
gboolean ie_survey_run (IePass *pass, IeStage *stage, GError **error);

/* ---- whole.c ---- */

typedef struct IeWhole IeWhole;
/* Bytes that a WHOLE stage holds: planes and what the filter asks. */
guint64 ie_whole_bytes (const IeStage *stage);
/* Runs pass->chain into planes and the filter over them. The result is read through the window, which ie_whole_free()
 * frees too. */
IeWhole *ie_whole_run (IePass *pass, IeStage *stage, GError **error);
IeWindow *ie_whole_window (IeWhole *whole);
void ie_whole_free (IeWhole *whole);
