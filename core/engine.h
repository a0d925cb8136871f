// SPDX-License-Identifier: GPL-3.0-or-later
/* The engine: runs a recipe from a source to a sink, in rectangles, within a memory limit. */
#pragma once

#include "core/recipe.h"
#include "core/source.h"

G_BEGIN_DECLS

/* Resolves the text of a picture parameter or mask to a source that the engine frees. NULL and error when it cannot. */
typedef IeSource *(*IeResolve) (gpointer data, const char *text, GError **error);

typedef struct {
  int threads;                  /* 1: everything in the caller's thread; 0: as many as the processor has */
  int rect_width, rect_height;  /* 0: as the cache and the memory limit ask */
  guint64 memory;               /* limit in bytes for the engine's own memory; 0: no limit */
  gboolean out_depth_set;       /* else the output has the input's depth */
  IeDepth out_depth;
  gboolean dither;              /* where the output's depth is smaller than the input's: noise of less than a code, of
                                   picture coordinates and channel alone; values that are codes stay what they are */
  gboolean result_in_memory;    /* the sink has memory of the result's size: all rectangles may be done at once */
  gboolean piecewise;           /* for ie_view_new(): what can be read again is not spooled, statistics are kept */
  const char *spool_folder;     /* for spools past the memory limit; NULL: g_get_tmp_dir() */
  gboolean count_clipped;       /* fill report->clipped (costs one look at the result in cache) */
  IeResolve resolve;
  gpointer resolve_data;
  void (*progress) (gpointer data, double fraction); /* from the calling thread, at most every 50 ms or so; may be NULL */
  gpointer progress_data;
  const gint *cancel;           /* read atomically; non-zero: stop (IE_ERROR_CANCELLED); may be NULL */
} IeRunOptions;

typedef struct {
  guint64 samples;      /* colour samples of the output */
  guint64 clipped;      /* of them at an end of the range that were not there in the input; where the input is gone (after
                           a spool or a WHOLE filter): that rounding clamped */
  guint64 out_of_gamut; /* pixels that a step in L* or Lab moved out of the picture's gamut: brought back at the same L* */
  guint64 nan;          /* samples that were NaN in the input, taken as 0 */
  guint64 memory;       /* bytes that were predicted */
} IeReport;

/* What a run would do: passes, spools, memory. */
typedef struct IePlan IePlan;
/* source: its header and costs are read; it is neither read nor kept beyond the plan's life. */
IE_API IePlan *ie_plan_new (const IeRecipe *recipe, IeSource *source, const IeRunOptions *options, GError **error);
IE_API void ie_plan_free (IePlan *plan);
IE_API const IeHeader *ie_plan_output (const IePlan *plan);
/* Bytes that the engine, the source and the sink (memory_held as known now) will hold at most. */
IE_API guint64 ie_plan_memory (const IePlan *plan);
/* Text for people, a line each: passes, rectangle, depth of each step, recompute or spool, memory. g_free(). */
IE_API char *ie_plan_describe (const IePlan *plan);
/* Runs it. The sink's begin() is called with the output header. report may be NULL. */
IE_API gboolean ie_plan_run (IePlan *plan, IeSink *sink, IeReport *report, GError **error);

/* A result of which any rectangle can be asked for, again and again: previews, and faces that are asked for pieces. */
typedef struct IeView IeView;
/* Takes the plan, which was made `piecewise`, of a source that lies in memory or is random, and outlives the view. Runs whatever must see the whole
 * picture (with the plan's progress and cancel). previous (may be NULL, is not changed otherwise): a view of the same
 * picture whose statistics are taken over where nothing that they depend on has changed; it can only be freed then.
 * NULL and error: the plan is freed too. */
IE_API IeView *ie_view_new (IePlan *plan, IeView *previous, GError **error);
/* Writes `rect` (inside the output) of the result at the output's depth, on the plan's threads; one call at a time. The
 * samples are those of ie_plan_run(). */
IE_API gboolean ie_view_read (IeView *view, IeRect rect, void *data, ptrdiff_t stride, GError **error);
/* The rectangle of the source that such a read looks at; all of it where planes of the whole picture are kept. */
IE_API IeRect ie_view_need (const IeView *view, IeRect rect);
IE_API const IeHeader *ie_view_header (const IeView *view);
IE_API void ie_view_free (IeView *view);

/* All of it in one call. */
IE_API gboolean ie_run (const IeRecipe *recipe, IeSource *source, IeSink *sink, const IeRunOptions *options,
                        IeReport *report, GError **error);

G_END_DECLS
