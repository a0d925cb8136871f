// SPDX-License-Identifier: GPL-3.0-or-later
/* The descriptor of a filter: the one place from which every face is derived.
 *
 * A filter is one file that ends in one IeFilter, defined with IE_FILTER(). The file is compiled once per x86-64 level;
 * IE_FILTER() gives the symbol the level's suffix, so that a whole filter, helpers included, exists once per level.
 *
 * Hooks are marked: [required], [optional], or [class] when the class decides.
 *
 * What a filter may rely on:
 * - Its inputs cover exactly the rectangle that region() asked for, filled beyond the picture's edge by the border rule
 *   (reflect-101): no hook handles a border, unless it asks to (mirrors()).
 * - Float samples are finite or infinite, never NaN (but see IE_LOOKS_FOR_NAN).
 * - Hooks are re-entrant; prepared state and survey tables are read-only once made. No hook starts a thread.
 * - The same rectangle of the output has the same samples whatever rectangle it was computed in. A filter must keep this:
 *   no state carried from pixel to pixel unless it is integer or restarts on a lattice fixed in picture coordinates; sums
 *   of floating numbers in an order that depends on picture coordinates alone.
 */
#pragma once

#include "core/level.h"
#include "core/param.h"
#include "core/work.h"

G_BEGIN_DECLS

typedef enum {
  IE_POINT,  /* a pixel depends on that pixel */
  IE_AREA,   /* ... on a window around it, given by region() */
  IE_SURVEY, /* first a streamed, mergeable statistic of the whole picture, then as POINT or AREA (if it has region()) */
  IE_WHOLE   /* needs whole planes at once */
} IeClass;

/* The values a step is defined on. The engine converts, once, where two neighbours differ. */
typedef enum {
  IE_SPACE_NATIVE,    /* the picture's own channels as stored */
  IE_SPACE_LINEAR,    /* RGB or gray, linear light */
  IE_SPACE_LIGHTNESS, /* one channel: L* of CIELAB D50, divided by 100; a* and b* are kept */
  IE_SPACE_LAB,       /* three channels: L* / 100, a* / 100, b* / 100 */
  IE_SPACE_VALUE      /* one channel: max(R, G, B); the ratios of the channels are kept */
} IeSpace;

/* Views carry alpha as their last channel whenever the picture has it. After apply() the engine puts the input's alpha
 * back (unless FILTER), and the input's colour where alpha is 0: a filter may write anything there. */
typedef enum {
  IE_ALPHA_WEIGH,  /* the filter weighs colour by alpha; alpha is kept */
  IE_ALPHA_FILTER, /* the filter weighs colour by alpha and writes a new alpha */
  IE_ALPHA_IGNORE  /* alpha has no influence: the filter may treat it as one more channel */
} IeAlpha;

typedef enum {
  /* POINT (or SURVEY then POINT): each output sample depends on its channel index and its input sample alone, so that the
   * engine may tabulate apply() for 8 and 16 bits. */
  IE_PER_CHANNEL = 1 << 0,
  /* Every output sample is one of the input samples (rank filters): integer depths are exact, no rounding happens. */
  IE_SELECTS = 1 << 1,
  /* apply() may meet NaN among the float samples of in[0]: it looks for it where it reads them anyway, which saves a pass
   * over memory, and says so (ie_work_found_nan()); what it writes is then thrown away and it is called again without. */
  IE_LOOKS_FOR_NAN = 1 << 2,
} IeFilterFlags;

typedef struct IeFilter IeFilter;
struct IeRecipe;

/* A step at work: the filter, its values and the picture it meets. Read-only for hooks. */
typedef struct {
  const IeFilter *filter;
  const IeParams *params;
  IeHeader input;     /* picture arriving: in the step's space (channels, has_alpha as handed to apply(); depth: the
                         depth of the picture that entered the chain) */
  IeHeader output;    /* picture leaving, as header() said */
  gpointer prepared;  /* from prepare(); NULL without one */
  gpointer tables;    /* from survey finish(); NULL without one */
  /* Headers of the pictures of the IE_PARAM_IMAGE parameters, in the order of the params: as hooks see them (channels of
   * the step's space; WHOLE ones as stored). width 0: not given. There before header() is called. */
  const IeHeader *pictures;
  const IePixels *whole_inputs; /* those of use WHOLE, in the order of the params; data NULL: not given */
} IeStep;

/* Statistics of a whole picture. `statistic` is memory of the engine, size() bytes, zeroed before the first add(). */
typedef struct {
  /* [required] Bytes of one statistic for this step. */
  gsize (*size) (const IeStep *step);
  /* [required] Adds the pixels of a rectangle. `input`: 0 the main picture, else 1 + index among the surveyed
   * parameters (given or not); pictures come one after the other in this order. `pixels` are in the step's space (each
   * picture's own way into it: channels may differ) at u8, u16 or float: u8 and u16 only when the filter sets
   * native_depth below. A further picture's rectangles are in its own coordinates. What is added does not depend on what
   * is there already. */
  void (*add) (const IeStep *step, gpointer statistic, int input, const IePixels *pixels, IeWork *work);
  /* [optional] For a step of one channel: what add() does with `pixels` pixels without alpha is to add 1 for each of them to
   * these counts of 16-bit codes. */
  guint32 *(*counts) (const IeStep *step, gpointer statistic, gsize pixels);
  /* [required] into += from. Called in a fixed order of lattice cells when `cells` is set; else in any order, and then
   * the statistic must be integer. */
  void (*merge) (const IeStep *step, gpointer into, gconstpointer from);
  /* [required] Makes the read-only tables that apply() finds in step->tables. Returning NULL with *again TRUE asks for
   * another pass with the statistic as it now stands (k-means). */
  gpointer (*finish) (const IeStep *step, gpointer statistic, gboolean *again, GError **error);
  void (*free_tables) (gpointer tables); /* [optional] g_free() without it */
  /* [optional] Side in pixels of the lattice cells that add() is called for, one statistic each, merged in row order:
   * for floating statistics. 0: rectangles as they come. */
  int cells;
  gboolean native_depth; /* add() takes u8 and u16 too, in native space */
  gboolean instead;      /* where a further picture is given, the main one is not surveyed (a flat frame) */
  /* [required] Ids of the parameters that the statistic depends on, ended by NULL; a preview repeats the survey only
   * when one of them changed. */
  const char *const *depends;
} IeSurvey;

/* One rectangle out. in[0] is the main picture, then the pictures of aligned parameters in the order of the params, in the
 * step's space (channels may differ; data NULL: not given). All views have out->depth. Writes every sample of out. in and
 * out never overlap. */
typedef void (*IeApply) (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out);

struct IeFilter {
  const char *name;     /* [required] "fourier-bandpass" */
  int version;          /* [required] 1, 2, ...: results or defaults changed */
  const char *label;    /* [required] title case, translatable */
  const char *summary;  /* [required] one line */
  const char *group;    /* [required] folder of the menu: "Blur", "Sharpen", "Tone", "Frequency", ... */
  const char *citation; /* [optional] paper or standard of the formula */
  IeClass filter_class; /* [required] */
  IeFilterFlags flags;
  IeAlpha alpha;
  const IeParam *params; /* [required] ended by an id of NULL (IE_PARAMS_END) */

  IeSpace (*space) (const IeParams *params);      /* [optional] native without it */
  gboolean (*neutral) (const IeParams *params);   /* [optional] TRUE: output is input, bit for bit; the step is left out */
  /* [optional] Output header from input header; the same without it. FALSE: this picture cannot be done; error says why. */
  gboolean (*header) (const IeStep *step, IeHeader *output, GError **error);
  /* [optional] The ICC profile of the output where it is not the input's, a new reference; asked after header(). NULL without
   * an error: none. Native space only. */
  GBytes *(*profile) (const IeStep *step, GError **error);
  /* [class] AREA: which input rectangle an output rectangle needs; it may reach beyond the picture. `input` as in apply(). */
  IeRect (*region) (const IeStep *step, IeRect output, int input);
  /* [optional] TRUE: at this depth apply() mirrors at the picture's edge itself: in[0] then covers only what of region()
   * lies inside the picture (and what is mirrored beyond), so that it need not be copied. An edge of in[0] that region()
   * reaches beyond is the picture's. */
  gboolean (*mirrors) (const IeStep *step, IeDepth depth);
  /* [optional] Bytes of scratch (ie_work_alloc) that one apply() of this output rectangle takes, at this depth;
   * for WHOLE: bytes beyond the planes themselves. 0 without it. The engine counts on it: never less than is taken. */
  gsize (*memory) (const IeStep *step, IeRect output, IeDepth depth);
  /* [optional] Anything made once per picture: kernels, plans. Released by release() (g_free() without it). */
  gpointer (*prepare) (const IeStep *step, GError **error);
  void (*release) (gpointer prepared);
  const IeSurvey *survey; /* [class] SURVEY */

  IeApply apply;     /* [class] POINT, AREA, SURVEY: float; the definition of the filter */
  /* [optional] The curve (core/tone.h), as 16-bit codes, by which apply() maps the samples of the step's one channel that lie
   * in 0..1; NULL: they stay as they are. Asked when the tables are there. */
  const guint16 *(*curve) (const IeStep *step);
  IeApply apply_u8;  /* [optional] the same at 8 bits: the rounded float result within 1 code (IE_SELECTS: equal) */
  IeApply apply_u16; /* [optional] the same at 16 bits */
  /* [class] WHOLE: float planes in place, one call a picture. planes[c] has `height` rows of `width` samples, `stride` bytes apart;
   * alpha is not among them. Work may be shared out with ie_work_parallel(). */
  gboolean (*apply_whole) (const IeStep *step, IeWork *work, float *const *planes, ptrdiff_t stride, GError **error);
  /* [optional] WHOLE: the same at 8 bits, with the same decisions: for 8-bit pictures that reach the step as they are, a
   * quarter of the memory and of the time that it takes to fill and read it. Rows of `in` are in_stride bytes apart; in[c]
   * may be planes[c], or the picture itself where it lies in memory. memory() is told the depth. */
  gboolean (*apply_whole_u8) (const IeStep *step, IeWork *work, const guint8 *const *in, ptrdiff_t in_stride,
                              guint8 *const *planes, ptrdiff_t stride, GError **error);
  /* [optional] A filter made of others: appends the steps that do the same. Has no apply then. */
  gboolean (*expand) (const IeParams *params, struct IeRecipe *recipe, GError **error);
};

#define IE_PARAMS_END { .id = NULL }

/* Defines the descriptor `ie_filter_NAME` of this file at this level: IE_FILTER (median) = { .name = "median", ... }; */
#define IE_FILTER(symbol) const IeFilter IE_LEVEL_NAME (ie_filter_##symbol)

G_END_DECLS
