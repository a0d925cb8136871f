// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/pieces.h"

#include <string.h>

#include "core/i18n.h"
#include "plugins/common/apply.h"
#include "plugins/common/reduce.h"

/* Pixels that a step which needs a whole picture gets for a quick look: a transform of so many takes some 50 ms. */
#define QUICK_PIXELS (1 << 20)
/* Rows of the result that are computed at once before they are averaged. */
#define STRIP_ROWS 256

/* A view, and what it shows. */
typedef struct {
  IeView *view;
  IeSource *source;
  char *text;
  int shrink;
  IeRect part; /* of the level */
} Shown;

struct IePieces {
  IePicture *picture;
  const gint *cancel;
  Shown exact, quick;
  /* for resolve() */
  const IeLook *look;
  int shrink;
  IeRect part;
};

/* ---- pieces ---- */

IePiece *
ie_piece_ref (IePiece *piece)
{
  g_atomic_ref_count_inc (&piece->references);
  return piece;
}

void
ie_piece_unref (IePiece *piece)
{
  if (!piece || !g_atomic_ref_count_dec (&piece->references))
    return;
  g_free (piece->data);
  g_free (piece);
}

/* The pixels of a level that cover a rectangle of the picture. */
static IeRect
level_rect (IeRect rect, int shrink)
{
  int x = rect.x / shrink, y = rect.y / shrink;
  return (IeRect){ x, y, ie_reduced (rect.x + rect.width, shrink) - x, ie_reduced (rect.y + rect.height, shrink) - y };
}

static IePiece *
piece_new (const IeHeader *picture, IeRect level, int shrink)
{
  IePiece *piece = g_new0 (IePiece, 1);
  g_atomic_ref_count_init (&piece->references);
  piece->rect = ie_rect_intersect ((IeRect){ level.x * shrink, level.y * shrink, level.width * shrink, level.height * shrink },
                                   ie_rect_whole (picture));
  piece->shrink = shrink;
  piece->width = level.width;
  piece->height = level.height;
  piece->stride = (ptrdiff_t) ((gsize) level.width * (gsize) picture->channels * ie_depth_bytes (picture->depth));
  piece->data = g_try_malloc (MAX ((gsize) piece->stride * (gsize) level.height, 1));
  if (!piece->data)
    g_clear_pointer (&piece, ie_piece_unref);
  return piece;
}

static gpointer
no_memory (GError **error)
{
  g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for the preview"));
  return NULL;
}

/* ---- views ---- */

static void
forget (Shown *shown)
{
  ie_view_free (shown->view);
  ie_source_free (shown->source);
  g_free (shown->text);
  *shown = (Shown){ 0 };
}

IePieces *
ie_pieces_new (IePicture *picture, const gint *cancel)
{
  IePieces *pieces = g_new0 (IePieces, 1);
  pieces->picture = ie_picture_ref (picture);
  pieces->cancel = cancel;
  return pieces;
}

void
ie_pieces_free (IePieces *pieces)
{
  forget (&pieces->exact);
  forget (&pieces->quick);
  ie_picture_unref (pieces->picture);
  g_free (pieces);
}

/* Further pictures of the picture's size lie beside it pixel by pixel: the same part of them. */
static IeSource *
resolve (gpointer data, const char *text, GError **error)
{
  IePieces *pieces = data;
  const IeHeader *own = &ie_picture_kind (pieces->picture)->header;
  IePicture *picture = g_hash_table_lookup (pieces->look->pictures, text);
  if (!picture) {
    const char *why = g_hash_table_lookup (pieces->look->missing, text);
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, why ? why : text);
    return NULL;
  }
  const IeLevel *level = ie_picture_level (picture, pieces->shrink);
  if (!level)
    return no_memory (error);
  const IeHeader *header = &ie_picture_kind (picture)->header;
  gboolean aligned = header->width == own->width && header->height == own->height;
  IeSource *source = ie_picture_source (picture, pieces->shrink, aligned ? pieces->part : ie_rect_whole (&level->header));
  return source ? source : no_memory (error);
}

static gboolean
takes (const IePieces *pieces, const IeSource *source, const IePlan *plan, GError **error)
{
  IeBufferKind kind = { .header = source->header };
  return ie_buffer_takes (&kind, ie_plan_output (plan), error);
}

static IePlan *
plan_new (IePieces *pieces, const IeLook *look, IeSource *source, int shrink, IeRect part, GError **error)
{
  IeRunOptions options = { .piecewise = TRUE, .memory = ie_face_memory (), .resolve = resolve, .resolve_data = pieces,
                           .cancel = pieces->cancel };
  pieces->look = look;
  pieces->shrink = shrink;
  pieces->part = part;
  IeRecipe *recipe = ie_recipe_reduced (look->recipe, shrink);
  IePlan *plan = ie_plan_new (recipe, source, &options, error);
  ie_recipe_free (recipe);
  pieces->look = NULL;
  if (plan && !takes (pieces, source, plan, error))
    g_clear_pointer (&plan, ie_plan_free);
  return plan;
}

/* Makes `shown` show the recipe on that part of that level. */
static gboolean
show (IePieces *pieces, Shown *shown, const IeLook *look, int shrink, IeRect part, GError **error)
{
  gboolean same_pixels = shown->view && shown->shrink == shrink && memcmp (&shown->part, &part, sizeof part) == 0;
  if (same_pixels && strcmp (shown->text, look->text) == 0)
    return TRUE;
  IeSource *source = ie_picture_source (pieces->picture, shrink, part);
  if (!source)
    return no_memory (error) != NULL;
  IePlan *plan = plan_new (pieces, look, source, shrink, part, error);
  if (!plan) {
    ie_source_free (source);
    return FALSE;
  }
  /* Planes of the whole picture are not held twice; statistics are worth keeping a view for. */
  if (!same_pixels || look->whole)
    forget (shown);
  IeView *view = ie_view_new (plan, shown->view, error);
  forget (shown);
  if (!view) {
    ie_source_free (source);
    return FALSE;
  }
  *shown = (Shown){ .view = view, .source = source, .text = g_strdup (look->text), .shrink = shrink, .part = part };
  return TRUE;
}

/* Pixels of a view in the picture's layout. */
static gboolean
read_view (IePieces *pieces, IeView *view, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  const IeBufferKind *kind = ie_picture_kind (pieces->picture);
  const IeHeader *result = ie_view_header (view);
  if (result->channels == kind->header.channels && result->has_alpha == kind->header.has_alpha)
    return ie_view_read (view, rect, data, stride, error);
  gsize row = (gsize) rect.width * (gsize) result->channels * ie_depth_bytes (result->depth);
  g_autofree void *own = g_try_malloc (MAX (row * (gsize) rect.height, 1));
  if (!own)
    return no_memory (error) != NULL;
  if (!ie_view_read (view, rect, own, (ptrdiff_t) row, error))
    return FALSE;
  ie_buffer_arrange (kind, result, own, (ptrdiff_t) row, data, stride, rect);
  return TRUE;
}

/* ---- what is asked for ---- */

IePiece *
ie_pieces_before (IePieces *pieces, IeRect rect, int shrink)
{
  const IeHeader *header = &ie_picture_kind (pieces->picture)->header;
  const IeLevel *level = ie_picture_level (pieces->picture, shrink);
  IeRect part = level_rect (rect, shrink);
  IePiece *piece = level ? piece_new (header, part, shrink) : NULL;
  if (!piece)
    return NULL;
  gsize pixel = (gsize) header->channels * ie_depth_bytes (header->depth);
  const guint8 *from = level->data + part.y * level->stride + (gsize) part.x * pixel;
  for (int y = 0; y < part.height; y++)
    memcpy (piece->data + y * piece->stride, from + y * level->stride, (gsize) part.width * pixel);
  return piece;
}

/* Averages of the view's pixels, strip by strip. */
static gboolean
read_reduced (IePieces *pieces, IePiece *piece, GError **error)
{
  const IeHeader *header = &ie_picture_kind (pieces->picture)->header;
  IeRect all = piece->rect;
  int shrink = piece->shrink, step = MAX (STRIP_ROWS / shrink, 1) * shrink;
  gsize row = (gsize) all.width * (gsize) header->channels * ie_depth_bytes (header->depth);
  g_autofree guint8 *strip = g_try_malloc (MAX (row * (gsize) MIN (step, all.height), 1));
  if (!strip)
    return no_memory (error) != NULL;
  for (int y = 0; y < all.height; y += step) {
    IeRect rect = { all.x, all.y + y, all.width, MIN (step, all.height - y) };
    if (!read_view (pieces, pieces->exact.view, rect, strip, (ptrdiff_t) row, error))
      return FALSE;
    if (!ie_reduce (header, rect.width, rect.height, shrink, strip, (ptrdiff_t) row, piece->data + y / shrink * piece->stride,
                    piece->stride))
      return no_memory (error) != NULL;
  }
  return TRUE;
}

IePiece *
ie_pieces_exact (IePieces *pieces, const IeLook *look, IeRect rect, int shrink, GError **error)
{
  const IeHeader *header = &ie_picture_kind (pieces->picture)->header;
  if (!show (pieces, &pieces->exact, look, 1, ie_rect_whole (header), error))
    return NULL;
  IePiece *piece = piece_new (header, level_rect (rect, shrink), shrink);
  if (!piece)
    return no_memory (error);
  gboolean good = shrink > 1 ? read_reduced (pieces, piece, error)
                             : read_view (pieces, pieces->exact.view, rect, piece->data, piece->stride, error);
  if (!good)
    g_clear_pointer (&piece, ie_piece_unref);
  return piece;
}

gboolean
ie_pieces_have_exact (const IePieces *pieces, const IeLook *look)
{
  return pieces->exact.view && strcmp (pieces->exact.text, look->text) == 0;
}

/* A window of at most QUICK_PIXELS around `rect`, as far as it lies in the level, and not smaller than rect. */
static IeRect
window_around (IeRect rect, const IeHeader *level)
{
  int side = 1;
  while ((side + 1) * (side + 1) <= QUICK_PIXELS)
    side++;
  int width = CLAMP (side, rect.width, level->width);
  int height = CLAMP (QUICK_PIXELS / width, rect.height, level->height);
  width = CLAMP (QUICK_PIXELS / height, width, level->width);
  return (IeRect){ CLAMP (rect.x + (rect.width - width) / 2, 0, level->width - width),
                   CLAMP (rect.y + (rect.height - height) / 2, 0, level->height - height), width, height };
}

IePiece *
ie_pieces_quick (IePieces *pieces, const IeLook *look, IeRect rect, int shrink, gboolean *exact, GError **error)
{
  const IeHeader *header = &ie_picture_kind (pieces->picture)->header;
  const IeLevel *level = ie_picture_level (pieces->picture, shrink);
  if (!level)
    return no_memory (error);
  IeRect wanted = level_rect (rect, shrink), all = ie_rect_whole (&level->header), part = all;
  if (look->whole && !(shrink == 1 && ie_pieces_have_exact (pieces, look)))
    part = window_around (wanted, &level->header);
  *exact = shrink == 1 && ie_rect_inside (all, part);
  Shown *shown = *exact ? &pieces->exact : &pieces->quick;
  if (!show (pieces, shown, look, shrink, part, error))
    return NULL;
  IePiece *piece = piece_new (header, wanted, shrink);
  if (!piece)
    return no_memory (error);
  wanted.x -= part.x;
  wanted.y -= part.y;
  if (!read_view (pieces, shown->view, wanted, piece->data, piece->stride, error))
    g_clear_pointer (&piece, ie_piece_unref);
  return piece;
}
