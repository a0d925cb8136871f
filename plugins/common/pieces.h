// SPDX-License-Identifier: GPL-3.0-or-later
/* Pieces of a picture and of what a recipe makes of it, exact or from a smaller copy. One thread computes. */
#pragma once

#include "plugins/common/picture.h"

G_BEGIN_DECLS

/* Pixels of a part of the picture, in the picture's layout and depth. Counted references; not changed once made. */
typedef struct {
  gatomicrefcount references;
  IeRect rect;       /* of the picture */
  int shrink;        /* each pixel stands for shrink x shrink; the last column and row for what there is */
  int width, height; /* in pixels of the piece */
  ptrdiff_t stride;
  guint8 *data;
} IePiece;

IePiece *ie_piece_ref (IePiece *piece);
void ie_piece_unref (IePiece *piece);

/* What is to be done to the picture. */
typedef struct {
  const IeRecipe *recipe;
  const char *text;     /* of the recipe */
  GHashTable *pictures; /* IePicture of each text that names a further one */
} IeLook;

/* Whether a recipe sees the whole picture at once in one of its steps. */
gboolean ie_recipe_is_whole (const IeRecipe *recipe);

typedef struct IePieces IePieces;
/* The picture is referenced. cancel is polled while things are computed. */
IePieces *ie_pieces_new (IePicture *picture, const gint *cancel);
void ie_pieces_free (IePieces *pieces);

/* The picture as it is; rect lies inside it and is grown to whole pixels of the piece. NULL: no memory. */
IePiece *ie_pieces_before (IePieces *pieces, IeRect rect, int shrink);
/* The result: where shrink is 1 its very samples, else their averages. */
IePiece *ie_pieces_exact (IePieces *pieces, const IeLook *look, IeRect rect, int shrink, GError **error);
/* Whether all that ie_pieces_exact() would have to find out about the whole picture is known. */
gboolean ie_pieces_have_exact (const IePieces *pieces, const IeLook *look);
/* The recipe on the picture reduced by `shrink`, and on a part of that alone, around rect, where it needs the whole picture
 * and that is large. *exact: it is the result all the same. */
IePiece *ie_pieces_quick (IePieces *pieces, const IeLook *look, IeRect rect, int shrink, gboolean *exact, GError **error);

G_END_DECLS
