// SPDX-License-Identifier: GPL-3.0-or-later
/* The engine's own parts.
 *
 * A recipe becomes stages (one a step that does something). Between the places where the picture must be seen whole (a
 * survey's end, a WHOLE filter) lie chains: lists of small operations that a rectangle runs through while it is in cache.
 *
 *   stages.c   recipe -> stages
 *   inputs.c   further pictures: masks and what parameters name
 *   plan.c     which passes, recompute or spool, memory
 *   tiles.c    size of rectangles and bands
 *   chain.c    stages -> operations
 *   tables.c   tables in the place of operations
 *   rects.c    rectangles backwards; bytes of a rectangle
 *   compute.c  one rectangle through a chain
 *   pixels.c   a rectangle of pixels: depth, border, NaN, alpha
 *   pass.c     all rectangles of a picture, band by band, on all threads, into a consumer
 *   window.c   the rows of a source that a band needs
 *   spool.c    a picture kept between two passes, in memory or in an unlinked file
 *   survey.c   statistics of a whole picture
 *   whole.c    WHOLE filters
 *   engine.c   runs the passes of a plan
 *   view.c     a result of which any rectangle can be asked for
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
  char *name; /* of a further picture: errors of its source begin with it; NULL: the picture itself */
  /* Another way to pixels than a source: fills any rectangle, from any thread. */
  gboolean (*fill) (gpointer data, IeWork *work, const IePixels *into);
  gpointer fill_data;
  IeHeader header;
  guint8 *rows; /* full rows y0 .. y1 - 1, or, of a block, that many of block_width pixels from block_x on */
  ptrdiff_t stride;
  int y0, y1, capacity;
  int block_x, block_width; /* 0: full rows */
  gboolean begun; /* something was read since the last rewind */
} IeWindow;

IeWindow *ie_window_new (IeSource *source, gboolean owned);
void ie_window_free (IeWindow *window);
/* Before a pass: begins again. FALSE when the source cannot. */
gboolean ie_window_restart (IeWindow *window, GError **error);
/* Room for so many rows at once: without it room grows as rows are required. */
gboolean ie_window_reserve (IeWindow *window, int rows, GError **error);
/* Reads the next `rows` rows of a source that streams to `data`, `stride` bytes apart. */
gboolean ie_window_read_on (IeWindow *window, int rows, void *data, ptrdiff_t stride, GError **error);
/* Makes rows y0 .. y1 - 1 readable; y0 never descends within a pass. */
gboolean ie_window_require (IeWindow *window, int y0, int y1, GError **error);
/* The pixels of `rect` (inside the picture, inside what was required), if they lie in memory: nothing is copied. */
gboolean ie_window_view (const IeWindow *window, IeRect rect, IePixels *view);
/* Whether rows must be required at all. */
gboolean ie_window_streams (const IeWindow *window);
/* Instead of rows: makes just `rect` (inside the picture) readable. The source must be random. */
gboolean ie_window_load_block (IeWindow *window, IeRect rect, GError **error);
/* After a pass: gives the memory of the rows back. */
void ie_window_drop (IeWindow *window);

/* ---- stages and chains ---- */

typedef struct IeInput IeInput;

typedef struct {
  IeStep step;
  IeSpace space;
  const IeConverter *converter; /* NULL in native space */
  gpointer converter_state;
  IeHeader before, after; /* native, around this step */
  IeMetadata metadata;    /* after's, where the step changes the profile: all but `icc` is borrowed */
  gboolean own_metadata;
  double mix;
  IeWindow *mask;     /* NULL: everywhere */
  IeInput *inputs;    /* the pictures of its parameters, in their order; given or not */
  int input_count;
  IeInput **aligned, **surveyed; /* those of `inputs` that apply() sees, that the survey sees */
  int aligned_count, surveyed_count, whole_count;
  IeHeader *pictures; /* step.pictures */
  IePixels *wholes;   /* step.whole_inputs */
  gboolean stored;    /* a later step takes the result at depth `store` */
  IeDepth store;
  void *statistic;    /* of its survey, as it was before finish(); kept for a later view, or taken from an earlier one */
} IeStage;

/* A further picture of a step. */
struct IeInput {
  const IeParam *param;
  IeWindow *window; /* NULL: not given, or WHOLE and read */
  IeStage as;       /* the step as if this were its picture: space, converter, headers */
  void *pixels;     /* WHOLE: float */
};

typedef enum { IE_OP_SOURCE, IE_OP_DEPTH, IE_OP_TABLE, IE_OP_ENTER, IE_OP_APPLY, IE_OP_LEAVE, IE_OP_TONE, IE_OP_MIX } IeOpKind;

typedef struct {
  IeOpKind kind;
  IeStage *stage;  /* TABLE: the first of `stages` */
  int stages;      /* TABLE: how many were composed */
  IeHeader header; /* of what it makes */
  int reference;   /* LEAVE, MIX: the operation whose result is the original; else -1 */
  int keeps;       /* ENTER that is left again: channels of what it puts aside for that, or 0 */
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
  const IeStage *counted; /* the survey that ends it has its converter count the pixels, which stay native; or NULL */
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
/* Scratch bytes of one rectangle, the result's own included when with_result; *samples: samples computed for it, a
 * measure of work. */
gsize ie_chain_bytes (const IeChain *chain, IeRect out, gboolean with_result, double *samples);
/* The rows of the source that an output rectangle needs. */
void ie_chain_source_rows (const IeChain *chain, IeRect out, int *y0, int *y1);
/* Calls `each` for every window but the source's (masks, aligned inputs) with the rectangle of it that an output
 * rectangle needs, until one returns FALSE. */
typedef gboolean (*IeEachWindow) (IeWindow *window, IeRect need, gpointer data, GError **error);
gboolean ie_chain_other_windows (const IeChain *chain, IeRect out, IeEachWindow each, gpointer data, GError **error);

typedef struct {
  IeRect want;  /* box of the result that later operations look at; may reach beyond the picture */
  IeRect need;  /* the part inside the picture that must be computed */
  IeRect in;    /* what this operation takes of the one before */
} IeOpRects;

/* Rectangles of all operations for an output rectangle; rects has chain->count entries. */
void ie_chain_rects (const IeChain *chain, IeRect out, IeOpRects *rects);
/* The last operations of a chain that look at each pixel alone run through a rectangle a few rows at a time, so that what
 * lies between them stays in the first cache: the first of them (chain->count - 1: there is nothing between), and how many
 * rows. */
int ie_chain_tail (const IeChain *chain, const IeOpRects *rects, int *rows);
/* Whether what a step makes is then mixed with what came in. */
gboolean ie_stage_is_mixed (const IeStage *stage);

/* ---- compute.c ---- */

typedef struct {
  guint64 nan, clipped, samples, out_of_gamut;
} IeTally;

/* Computes `out` into destination (its rectangle and format), or, when destination->data is NULL, into scratch (or a view
 * of the source), and sets *destination to it. `source` (may be NULL): set to the native source pixels under `out` when
 * they have the same geometry. FALSE: no memory, or cancelled. */
gboolean ie_chain_compute (const IeChain *chain, IeWork *work, IeRect out, IePixels *destination, IePixels *source,
                           IeTally *tally);
/* out = before + (after - before) * mix * mask of the stage. after and out: float, the same rectangle;
 * before: any depth, a rectangle that holds theirs. FALSE: no memory. */
gboolean ie_mix_pixels (const IeStage *stage, IeWork *work, const IePixels *before, const IePixels *after,
                        const IePixels *out);

/* ---- pixels.c ---- */

static inline gsize
ie_row_samples (const IePixels *pixels)
{
  return (gsize) pixels->rect.width * (gsize) pixels->channels;
}

/* Row y of the view, counted from its own top. */
static inline void *
ie_row (const IePixels *pixels, int y)
{
  return (char *) pixels->data + (ptrdiff_t) y * pixels->stride;
}

/* The smallest rectangle that holds both. */
IeRect ie_rect_box (IeRect a, IeRect b);
/* The pixels of a picture that the border rule maps `want` to. */
IeRect ie_rect_reflected (IeRect want, const IeHeader *header);
/* Pixels of `rect` in scratch, in the header's format. FALSE: no memory. */
gboolean ie_scratch_pixels (IeWork *work, IeRect rect, const IeHeader *header, IePixels *pixels);
/* Fills what of pixels->rect lies outside `done` by reflecting about the picture's edge. */
void ie_extend (const IePixels *pixels, IeRect done, const IeHeader *header);
/* Converts depth; same rectangle and channels. */
void ie_convert_pixels (const IePixels *in, const IePixels *out);
/* The same as the last change of depth, to a smaller one than the picture had. */
void ie_dither_pixels (const IePixels *in, const IePixels *out);
/* NaN of float pixels; 0 for other depths. */
gsize ie_count_nan (const IePixels *pixels);
/* Float pixels: NaN become 0. */
void ie_clean_nan (const IePixels *pixels);
/* Alpha as it came in, and colour as it came in where alpha is 0. Both have alpha and the same depth. */
void ie_restore_alpha (const IePixels *in, const IePixels *out);

/* ---- tables.c ---- */

/* Makes the tables of the TABLE operations; after the surveys they need. FALSE and error: no memory, or cancelled. */
gboolean ie_chain_prepare (IeChain *chain, IeWork *work, GError **error);
/* Bytes of the tables. */
gsize ie_chain_tables (const IeChain *chain);

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
/* Whether a pass only reads integer rows that stream in: then nothing is to be computed on the way to memory. */
gboolean ie_pass_copies (const IePass *pass);
/* Does such a pass: rows go from the source to where they are to lie, without a band of them in between. */
gboolean ie_pass_copy (IePass *pass, void *memory, ptrdiff_t stride, GError **error);

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
  int input;           /* SURVEY: 0, or 1 + index of the surveyed input that this pass reads instead of the picture */
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
  guint64 inputs_held; /* bytes that further pictures hold all the while */
  guint64 memory;
  int threads;
  /* while it runs */
  IePool *pool;
  IeWork **works; /* one a thread */
  IeTally *tallies;
  gint64 next_progress;
};

/* The chain of a pass that reads `window` (or its own input). */
IeChain *ie_plan_chain (const IePlan *plan, const IePassPlan *pass, IeWindow *window);

/* ---- tiles.c ---- */

/* What decides about the size of rectangles. */
typedef struct {
  const IePlan *plan;
  IeChain *chain;
  gboolean into_memory;    /* the result needs no band buffer */
  gboolean whole_bands;    /* source and result lie in memory: one band */
  gsize result_pixel;      /* bytes of a pixel of the band buffer, 0 without one */
  const IeStage *surveyed; /* or NULL */
  guint64 fixed;           /* bytes held all the while */
} IeTiling;

/* Sets tile size, band and memory of the pass. FALSE: none fits the limit. */
gboolean ie_tiles_choose (const IeTiling *tiling, IePassPlan *pass, GError **error);

/* ---- stages.c ---- */

/* Fills plan->stages and plan->output from the recipe. */
gboolean ie_stages_make (IePlan *plan, const IeRecipe *recipe, GError **error);
void ie_stages_free (IePlan *plan);
/* Space, converter and header in that space, from stage->step.filter, params and stage->before. */
gboolean ie_stage_open_space (IeStage *stage, GError **error);

/* ---- inputs.c ---- */

/* Opens the mask (text; NULL: none) and the pictures of the parameters of a stage whose space is open; reads those that
 * the filter takes whole. */
gboolean ie_inputs_open (IePlan *plan, IeStage *stage, const char *mask, GError **error);
void ie_inputs_free (IeStage *stage);
/* The rectangle of aligned input `a` that is read for an output rectangle of the step. */
IeRect ie_input_need (const IeStage *stage, int a, IeRect out);
/* The pixels of aligned input `a` for an output rectangle, as apply() gets them: in the step's space, at `depth`, in
 * scratch. data NULL: not given. FALSE: no memory. */
gboolean ie_input_fetch (const IeStage *stage, int a, IeWork *work, IeRect out, IeDepth depth, IePixels *in);
/* Bytes of scratch that this takes at most. */
gsize ie_input_bytes (const IeStage *stage, int a, IeRect out);

/* ---- survey.c ---- */

/* Bytes of the statistics of a survey in a band of `cells` rectangles. */
guint64 ie_survey_bytes (const IeStage *stage, int threads, int cells);
/* Runs the survey of the passes' ends, one a picture, and sets the stage's tables. passes: chain, tile size and progress
 * are set; inputs: which picture each reads. */
gboolean ie_survey_run (IePass *passes, const int *inputs, int count, IeStage *stage, GError **error);

/* ---- whole.c ---- */

typedef struct IeWhole IeWhole;
/* Bytes that a WHOLE stage holds: planes and what the filter asks. */
guint64 ie_whole_bytes (const IeStage *stage, IeDepth depth);
/* The depth of the planes for pixels of that depth: float, or 8 bits where the filter takes them. */
IeDepth ie_whole_depth (const IeStage *stage, IeDepth depth);
/* Runs pass->chain into planes and the filter over them. The result is read through the window, which ie_whole_free()
 * frees too. */
IeWhole *ie_whole_run (IePass *pass, IeStage *stage, GError **error);
IeWindow *ie_whole_window (IeWhole *whole);
void ie_whole_free (IeWhole *whole);

/* ---- engine.c ---- */

/* A plan at work: what the passes so far have left. */
typedef struct {
  IePlan *plan;
  IeSpool *spool;        /* the newest */
  IeWindow *spool_window;
  IeWhole *whole;        /* the newest */
} IeRunning;

/* Starts the threads and runs every pass but the last, which writes the result. A survey whose statistic is there does
 * not read the picture. End it also when it fails. */
gboolean ie_running_begin (IeRunning *running, IePlan *plan, GError **error);
/* What the last pass reads. */
IeWindow *ie_running_window (const IeRunning *running);
/* report may be NULL. */
void ie_running_end (IeRunning *running, IeReport *report);
