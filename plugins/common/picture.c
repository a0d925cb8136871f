// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/picture.h"

#include "core/i18n.h"
#include "plugins/common/reduce.h"

struct IePicture {
  gatomicrefcount references;
  IeBufferKind kind;
  IeLevel whole;
  GPtrArray *reduced; /* of IeLevel, the newest last; used by one thread */
};

/* Pixels of a level are counted too, since views look at levels that are no longer kept. */
typedef struct {
  IeLevel level;
  gatomicrefcount references;
} Reduced;

static void
reduced_unref (gpointer data)
{
  Reduced *reduced = data;
  if (!g_atomic_ref_count_dec (&reduced->references))
    return;
  g_free (reduced->level.data);
  g_free (reduced);
}

static gsize
row_bytes (const IeHeader *header)
{
  return (gsize) header->width * (gsize) header->channels * ie_depth_bytes (header->depth);
}

static gboolean
level_alloc (IeLevel *level, const IeHeader *header, int shrink)
{
  level->shrink = shrink;
  level->header = *header;
  level->header.width = ie_reduced (header->width, shrink);
  level->header.height = ie_reduced (header->height, shrink);
  level->stride = (ptrdiff_t) row_bytes (&level->header);
  level->data = g_try_malloc (MAX ((gsize) level->stride * (gsize) level->header.height, 1));
  return level->data != NULL;
}

static IePicture *
picture_alloc (const Babl *format, const IeHeader *header, GError **error)
{
  IePicture *picture = g_new0 (IePicture, 1);
  g_atomic_ref_count_init (&picture->references);
  picture->reduced = g_ptr_array_new_with_free_func (reduced_unref);
  picture->kind.format = format;
  picture->kind.header = *header;
  if (header->metadata && header->metadata->icc)
    picture->kind.metadata.icc = g_bytes_ref (header->metadata->icc);
  picture->kind.header.metadata = &picture->kind.metadata;
  if (level_alloc (&picture->whole, &picture->kind.header, 1))
    return picture;
  g_set_error (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for %.0f MiB of pixels"),
               (double) row_bytes (header) * header->height / (1 << 20));
  ie_picture_unref (picture);
  return NULL;
}

IePicture *
ie_picture_new (GeglBuffer *buffer, const GeglRectangle *extent, const IeBufferKind *kind, GError **error)
{
  IePicture *picture = picture_alloc (kind->format, &kind->header, error);
  if (picture)
    gegl_buffer_get (buffer, extent, 1.0, kind->format, picture->whole.data, (int) picture->whole.stride, GEGL_ABYSS_NONE);
  return picture;
}

IePicture *
ie_picture_read (IeSource *source, GError **error)
{
  IePicture *picture = picture_alloc (NULL, &source->header, error);
  if (picture && source->read (source, ie_rect_whole (&source->header), picture->whole.data, picture->whole.stride, error))
    return picture;
  ie_picture_unref (picture);
  return NULL;
}

IePicture *
ie_picture_ref (IePicture *picture)
{
  g_atomic_ref_count_inc (&picture->references);
  return picture;
}

void
ie_picture_unref (IePicture *picture)
{
  if (!picture || !g_atomic_ref_count_dec (&picture->references))
    return;
  g_ptr_array_unref (picture->reduced);
  g_free (picture->whole.data);
  ie_buffer_kind_clear (&picture->kind);
  g_free (picture);
}

const IeBufferKind *
ie_picture_kind (const IePicture *picture)
{
  return &picture->kind;
}

static Reduced *
find_reduced (IePicture *picture, int shrink)
{
  GPtrArray *levels = picture->reduced;
  for (guint i = 0; i < levels->len; i++) {
    Reduced *reduced = levels->pdata[i];
    if (reduced->level.shrink != shrink)
      continue;
    g_ptr_array_insert (levels, -1, g_ptr_array_steal_index (levels, i));
    return reduced;
  }
  return NULL;
}

static Reduced *
reduced_of (IePicture *picture, int shrink)
{
  const IeLevel *whole = &picture->whole;
  Reduced *reduced = find_reduced (picture, shrink);
  if (reduced)
    return reduced;
  reduced = g_new0 (Reduced, 1);
  g_atomic_ref_count_init (&reduced->references);
  if (!level_alloc (&reduced->level, &whole->header, shrink) ||
      !ie_reduce (&whole->header, whole->header.width, whole->header.height, shrink, whole->data, whole->stride,
                  reduced->level.data, reduced->level.stride)) {
    reduced_unref (reduced);
    return NULL;
  }
  if (picture->reduced->len == IE_LEVELS)
    g_ptr_array_remove_index (picture->reduced, 0);
  g_ptr_array_add (picture->reduced, reduced);
  return reduced;
}

const IeLevel *
ie_picture_level (IePicture *picture, int shrink)
{
  Reduced *reduced = shrink > 1 ? reduced_of (picture, shrink) : NULL;
  return shrink > 1 ? (reduced ? &reduced->level : NULL) : &picture->whole;
}

/* ---- sources ---- */

typedef struct {
  IeSource source;
  IePicture *picture;
  Reduced *reduced; /* NULL: the picture itself */
} PictureSource;

static void
source_free (IeSource *source)
{
  PictureSource *from = (PictureSource *) source;
  if (from->reduced)
    reduced_unref (from->reduced);
  ie_picture_unref (from->picture);
  g_free (from);
}

IeSource *
ie_picture_source (IePicture *picture, int shrink, IeRect part)
{
  Reduced *reduced = shrink > 1 ? reduced_of (picture, shrink) : NULL;
  const IeLevel *level = reduced ? &reduced->level : &picture->whole;
  if (shrink > 1 && !reduced)
    return NULL;
  PictureSource *from = g_new0 (PictureSource, 1);
  from->picture = ie_picture_ref (picture);
  if (reduced) {
    g_atomic_ref_count_inc (&reduced->references);
    from->reduced = reduced;
  }
  gsize pixel = (gsize) level->header.channels * ie_depth_bytes (level->header.depth);
  from->source = (IeSource){ .header = level->header, .random = TRUE, .free = source_free, .stride = level->stride,
                             .memory = level->data + part.y * level->stride + (gsize) part.x * pixel };
  from->source.header.width = part.width;
  from->source.header.height = part.height;
  return &from->source;
}
