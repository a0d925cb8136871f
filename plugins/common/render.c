// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/render.h"

#include <string.h>

#include "plugins/common/reduce.h"

/* How long a first answer may be at work before a coarser one is tried, so that the two together stay within a fifth of a
 * second; how long the coarsest; and how long nothing must have come before an exact answer is begun that takes long.
 * Microseconds. */
#define PATIENCE 80000
#define LAST_PATIENCE 400000
#define QUIET 150000
/* A first answer this much faster than it may be is tried finer the next time. */
#define HEADROOM 8
/* Sides of a quick answer's pixels are at most 1 << COARSEST times those asked for. */
#define COARSEST 4

typedef enum { STAGE_QUICK, STAGE_EXACT, STAGE_DONE } Stage;

typedef struct {
  guint serial;
  IeLook look; /* recipe, text, pictures: owned */
  gboolean whole;
  IeRect rect;
  int shrink;
  gboolean dragging;
  gint64 asked;
  Stage stage;
} Job;

struct IeRender {
  IePicture *picture;
  IeRenderHooks hooks;
  GHashTable *pictures; /* further ones by text; of the requesting thread */
  guint serial;
  GThread *thread, *watch;
  /* The rendering thread's own. */
  IePieces *pieces;
  Job *job;
  IePiece *before;
  int coarser;  /* a power of two, found out */
  char *shape;  /* names of the filters that `coarser` was found out for */
  /* Shared. */
  GMutex lock;
  GCond work, watched;
  Job *pending;
  IeRendering *finished;
  gboolean quit, busy;
  gboolean yields;  /* what is at work gives way to a request; first answers do not, or a drag would see none */
  gint64 deadline;  /* of what is at work; 0: none */
  gint cancel;      /* atomic */
};

/* ---- jobs ---- */

static void
job_free (Job *job)
{
  if (!job)
    return;
  ie_recipe_free ((IeRecipe *) job->look.recipe);
  g_free ((char *) job->look.text);
  g_hash_table_unref (job->look.pictures);
  g_free (job);
}

void
ie_rendering_free (IeRendering *rendering)
{
  if (!rendering)
    return;
  ie_piece_unref (rendering->before);
  ie_piece_unref (rendering->after);
  g_free (rendering->error);
  g_free (rendering);
}

static void
deliver (IeRender *render, IePiece *after, gboolean exact, const char *error)
{
  Job *job = render->job;
  IeRendering *rendering = g_new0 (IeRendering, 1);
  rendering->serial = job->serial;
  rendering->exact = exact;
  rendering->before = render->before ? ie_piece_ref (render->before) : NULL;
  rendering->after = after;
  rendering->error = g_strdup (error);
  g_mutex_lock (&render->lock);
  ie_rendering_free (render->finished);
  render->finished = rendering;
  g_mutex_unlock (&render->lock);
  if (render->hooks.ready)
    render->hooks.ready (render->hooks.ready_data);
}

/* ---- the rendering thread ---- */

static void
make_before (IeRender *render)
{
  const Job *job = render->job;
  IePiece *before = render->before;
  if (before && before->shrink == job->shrink && ie_rect_inside (job->rect, before->rect) &&
      before->rect.width < job->rect.width + 2 * job->shrink && before->rect.height < job->rect.height + 2 * job->shrink)
    return;
  ie_piece_unref (before);
  render->before = ie_pieces_before (render->pieces, job->rect, job->shrink);
}

/* Before something is computed without the lock. FALSE: do not begin. */
static gboolean
begin (IeRender *render, gboolean yields, gint64 deadline)
{
  g_mutex_lock (&render->lock);
  gboolean go = !render->quit && !render->pending;
  g_atomic_int_set (&render->cancel, 0);
  render->yields = yields;
  render->deadline = go ? deadline : 0;
  g_cond_signal (&render->watched);
  g_mutex_unlock (&render->lock);
  return go;
}

static void
end (IeRender *render)
{
  g_mutex_lock (&render->lock);
  render->deadline = 0;
  render->yields = FALSE;
  g_mutex_unlock (&render->lock);
}

/* Whether what failed was told to stop: then it is no matter why it says that it failed. */
static gboolean
was_cancelled (IeRender *render)
{
  return g_atomic_int_get (&render->cancel) != 0;
}

/* Where `coarser` is to be found out anew. */
static void
check_shape (IeRender *render)
{
  const IeRecipe *recipe = render->job->look.recipe;
  GString *shape = g_string_new (NULL);
  for (guint i = 0; i < recipe->steps->len; i++)
    g_string_append_printf (shape, "%s ", ((const IeRecipeStep *) recipe->steps->pdata[i])->filter->name);
  if (g_strcmp0 (shape->str, render->shape) != 0) {
    g_free (render->shape);
    render->shape = g_strdup (shape->str);
    render->coarser = 0;
  }
  g_string_free (shape, TRUE);
}

static void
quick (IeRender *render)
{
  Job *job = render->job;
  GError *error = NULL;
  gboolean exact = FALSE;
  int coarser = job->whole && job->shrink == 1 && ie_pieces_have_exact (render->pieces, &job->look) ? 0 : render->coarser;
  /* Smaller copies are made once, whatever the recipe. */
  make_before (render);
  ie_picture_level (render->picture, job->shrink << coarser);
  gint64 start = g_get_monotonic_time ();
  if (!begin (render, FALSE, start + (coarser < COARSEST ? PATIENCE : LAST_PATIENCE)))
    return;
  IePiece *after = ie_pieces_quick (render->pieces, &job->look, job->rect, job->shrink << coarser, &exact, &error);
  end (render);
  gint64 took = g_get_monotonic_time () - start;
  if (after) {
    if (coarser > 0 && took * HEADROOM < PATIENCE)
      render->coarser--;
    job->stage = exact ? STAGE_DONE : STAGE_EXACT;
    deliver (render, after, exact, NULL);
  } else if (was_cancelled (render) && coarser < COARSEST) {
    render->coarser = coarser + 1;
  } else if (exact && !was_cancelled (render)) {
    job->stage = STAGE_DONE;
    deliver (render, NULL, TRUE, error->message);
  } else {
    job->stage = STAGE_EXACT; /* which says why, if it fails too */
  }
  g_clear_error (&error);
}

static void
exact (IeRender *render)
{
  Job *job = render->job;
  GError *error = NULL;
  make_before (render);
  if (!begin (render, TRUE, 0))
    return;
  IePiece *after = ie_pieces_exact (render->pieces, &job->look, job->rect, job->shrink, &error);
  end (render);
  if (after || !was_cancelled (render)) {
    job->stage = STAGE_DONE;
    deliver (render, after, TRUE, error ? error->message : NULL);
    /* Statistics are there now: the next drag may be quick without being coarse. */
    if (!job->whole)
      render->coarser = 0;
  }
  g_clear_error (&error);
}

/* When the job's next stage is to begin; G_MAXINT64: never. Under the lock. */
static gint64
due (const Job *job)
{
  if (!job || job->stage == STAGE_DONE)
    return G_MAXINT64;
  if (job->stage == STAGE_QUICK)
    return 0;
  if (job->dragging && job->whole)
    return G_MAXINT64;
  return job->dragging || job->shrink > 1 ? job->asked + QUIET : 0;
}

static void
set_busy (IeRender *render, gboolean busy)
{
  gboolean changed = render->busy != busy;
  render->busy = busy;
  if (!changed || !render->hooks.ready)
    return;
  g_mutex_unlock (&render->lock);
  render->hooks.ready (render->hooks.ready_data);
  g_mutex_lock (&render->lock);
}

/* Waits until there is something to do; FALSE: the end. Under the lock. */
static gboolean
wait_for_work (IeRender *render)
{
  while (!render->quit) {
    if (render->pending) {
      job_free (render->job);
      render->job = render->pending;
      render->pending = NULL;
      return TRUE;
    }
    gint64 when = due (render->job);
    if (when <= g_get_monotonic_time ())
      return TRUE;
    if (when == G_MAXINT64 && render->busy)
      set_busy (render, FALSE);
    else if (when == G_MAXINT64)
      g_cond_wait (&render->work, &render->lock);
    else
      g_cond_wait_until (&render->work, &render->lock, when);
  }
  return FALSE;
}

static gpointer
run (gpointer data)
{
  IeRender *render = data;
  g_mutex_lock (&render->lock);
  while (wait_for_work (render)) {
    set_busy (render, TRUE);
    g_mutex_unlock (&render->lock);
    if (render->job->stage == STAGE_QUICK) {
      check_shape (render);
      quick (render);
    } else {
      exact (render);
    }
    g_mutex_lock (&render->lock);
  }
  g_mutex_unlock (&render->lock);
  return NULL;
}

/* The thread that ends a quick answer which is not quick. */
static gpointer
watch (gpointer data)
{
  IeRender *render = data;
  g_mutex_lock (&render->lock);
  while (!render->quit) {
    if (!render->deadline) {
      g_cond_wait (&render->watched, &render->lock);
    } else if (g_get_monotonic_time () >= render->deadline) {
      g_atomic_int_set (&render->cancel, 1);
      render->deadline = 0;
    } else {
      g_cond_wait_until (&render->watched, &render->lock, render->deadline);
    }
  }
  g_mutex_unlock (&render->lock);
  return NULL;
}

/* ---- the requesting thread ---- */

IeRender *
ie_render_new (GeglBuffer *buffer, const GeglRectangle *extent, const IeBufferKind *kind, const IeRenderHooks *hooks,
               GError **error)
{
  IePicture *picture = ie_picture_new (buffer, extent, kind, error);
  if (!picture)
    return NULL;
  IeRender *render = g_new0 (IeRender, 1);
  render->picture = picture;
  if (hooks)
    render->hooks = *hooks;
  render->pictures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ie_picture_unref);
  render->pieces = ie_pieces_new (picture, &render->cancel);
  g_mutex_init (&render->lock);
  g_cond_init (&render->work);
  g_cond_init (&render->watched);
  render->thread = g_thread_new ("preview", run, render);
  render->watch = g_thread_new ("preview watch", watch, render);
  return render;
}

void
ie_render_free (IeRender *render)
{
  if (!render)
    return;
  g_mutex_lock (&render->lock);
  render->quit = TRUE;
  g_atomic_int_set (&render->cancel, 1);
  g_cond_broadcast (&render->work);
  g_cond_broadcast (&render->watched);
  g_mutex_unlock (&render->lock);
  g_thread_join (render->thread);
  g_thread_join (render->watch);
  job_free (render->job);
  job_free (render->pending);
  ie_rendering_free (render->finished);
  ie_pieces_free (render->pieces);
  ie_piece_unref (render->before);
  g_hash_table_unref (render->pictures);
  ie_picture_unref (render->picture);
  g_free (render->shape);
  g_mutex_clear (&render->lock);
  g_cond_clear (&render->work);
  g_cond_clear (&render->watched);
  g_free (render);
}

const IeHeader *
ie_render_header (const IeRender *render)
{
  return &ie_picture_kind (render->picture)->header;
}

/* A further picture, read now or before; what cannot be read is missing, and said by who looks for it. */
static void
add_picture (IeRender *render, GHashTable *pictures, const char *text)
{
  if (!text || !*text || g_hash_table_contains (pictures, text))
    return;
  IePicture *picture = g_hash_table_lookup (render->pictures, text);
  if (picture) {
    g_hash_table_insert (pictures, g_strdup (text), ie_picture_ref (picture));
    return;
  }
  IeSource *source = render->hooks.resolve ? render->hooks.resolve (render->hooks.resolve_data, text, NULL) : NULL;
  picture = source ? ie_picture_read (source, NULL) : NULL;
  ie_source_free (source);
  if (picture)
    g_hash_table_insert (pictures, g_strdup (text), picture);
}

/* The further pictures of a recipe; those of earlier ones are let go. */
static GHashTable *
find_pictures (IeRender *render, const IeRecipe *recipe)
{
  GHashTable *pictures = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) ie_picture_unref);
  for (guint i = 0; i < recipe->steps->len; i++) {
    const IeRecipeStep *step = recipe->steps->pdata[i];
    add_picture (render, pictures, step->mask);
    for (int p = 0; p < step->params->count; p++)
      if (step->params->params[p].type == IE_PARAM_IMAGE)
        add_picture (render, pictures, step->params->values[p].text);
  }
  g_hash_table_unref (render->pictures);
  render->pictures = g_hash_table_ref (pictures);
  return pictures;
}

guint
ie_render_request (IeRender *render, const IeRecipe *recipe, IeRect rect, int shrink, gboolean dragging)
{
  Job *job = g_new0 (Job, 1);
  render->serial = MAX (render->serial + 1, 1);
  job->serial = render->serial;
  job->look.recipe = ie_recipe_reduced (recipe, 1);
  job->look.text = ie_recipe_text (recipe);
  job->look.pictures = find_pictures (render, recipe);
  job->whole = ie_recipe_is_whole (recipe);
  job->rect = rect;
  job->shrink = shrink;
  job->dragging = dragging;
  job->asked = g_get_monotonic_time ();
  g_mutex_lock (&render->lock);
  job_free (render->pending);
  render->pending = job;
  render->busy = TRUE;
  if (render->yields)
    g_atomic_int_set (&render->cancel, 1);
  g_cond_signal (&render->work);
  g_mutex_unlock (&render->lock);
  return job->serial;
}

IeRendering *
ie_render_take (IeRender *render)
{
  g_mutex_lock (&render->lock);
  IeRendering *rendering = g_steal_pointer (&render->finished);
  g_mutex_unlock (&render->lock);
  return rendering;
}

gboolean
ie_render_busy (IeRender *render)
{
  g_mutex_lock (&render->lock);
  gboolean busy = render->busy;
  g_mutex_unlock (&render->lock);
  return busy;
}
