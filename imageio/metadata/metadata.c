// SPDX-License-Identifier: GPL-3.0-or-later
#include "imageio/metadata/metadata.h"
#include "core/i18n.h"
#include "imageio/metadata/exif.h"
#include "imageio/internal.h"
#include "imageio/metadata/iptc.h"
#include "imageio/metadata/thumbnail.h"
#include "imageio/metadata/xmp.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define THUMBNAIL_ROOM (16 << 10) /* bytes; cameras' take 5 to 15 KiB */
#define LEAST_ROOM (2 << 10)
#define MOST_JPEG_EXIF 65527        /* a segment's 65,533 bytes less "Exif\0\0" */
#define RESOLUTION_TOLERANCE 0.51   /* pixels per inch: JFIF holds integers; PNG integers of a metre */
#define CENTIMETRES_PER_INCH 2.54

typedef struct {
  IeFileSink file;
  IeFileSink *inner;
  const IeFormat *format;
  IeFidelity *fidelity; /* borrowed */
  gboolean strict;
  int fd;               /* own descriptor of a file that can be gone back into; -1: none */
  IeMetadata metadata;  /* what the inner sink was given; exif and xmp are owned, the rest is the source's */
  IeThumbnail *thumbnail;
  gsize room;           /* for the thumbnail, at the end of metadata.exif */
  int pages;            /* that were begun */
} MetadataSink;

/* ---- A set that agrees ------------------------------------------------------------------------------------------- */

/* Resolution by EXIF's tag, in pixels per inch; 0: it says nothing. */
static double
resolution_in (const IeExifEdit *edit, guint tag, double unit)
{
  const IeExifEntry *entry = ie_exif_find (&edit->exif, IE_EXIF_IMAGE, tag);
  return entry && entry->type == IE_EXIF_RATIONAL ? ie_exif_number (&edit->exif, entry, 0) * unit : 0;
}

/* Containers round (PNG: 300 pixels per inch are 11811 per metre): where EXIF tells the same, its number is the better. */
static void
refine_resolution (const IeExifEdit *edit, IeMetadata *metadata, double unit)
{
  double x = resolution_in (edit, IE_TAG_X_RESOLUTION, unit), y = resolution_in (edit, IE_TAG_Y_RESOLUTION, unit);
  if (ABS (x - metadata->x_resolution) <= RESOLUTION_TOLERANCE && ABS (y - metadata->y_resolution) <= RESOLUTION_TOLERANCE &&
      x > 0 && y > 0) {
    metadata->x_resolution = x;
    metadata->y_resolution = y;
  }
}

static gboolean
set_resolution (IeExifEdit *edit, IeMetadata *metadata)
{
  const IeExifEntry *entry = ie_exif_find (&edit->exif, IE_EXIF_IMAGE, IE_TAG_RESOLUTION_UNIT);
  double kind = entry ? ie_exif_number (&edit->exif, entry, 0) : 2;
  double unit = kind == 3 ? CENTIMETRES_PER_INCH : 1, tolerance = RESOLUTION_TOLERANCE / unit;
  gboolean changed = FALSE;
  if (metadata->x_resolution <= 0 || metadata->y_resolution <= 0)
    return FALSE;
  if (kind == 2 || kind == 3)
    refine_resolution (edit, metadata, unit);
  changed |= ie_exif_set_rational (edit, IE_EXIF_IMAGE, IE_TAG_X_RESOLUTION, metadata->x_resolution / unit, tolerance);
  changed |= ie_exif_set_rational (edit, IE_EXIF_IMAGE, IE_TAG_Y_RESOLUTION, metadata->y_resolution / unit, tolerance);
  /* No unit: then the numbers above were no resolution, and now are one in inches. */
  if (kind != 2 && kind != 3)
    changed |= ie_exif_set_integer (edit, IE_EXIF_IMAGE, IE_TAG_RESOLUTION_UNIT, 2);
  return changed;
}

static gboolean
set_size (IeExifEdit *edit, const IeHeader *header)
{
  guint32 width = (guint32) header->width, height = (guint32) header->height;
  gboolean changed = FALSE;
  changed |= ie_exif_set_integer (edit, IE_EXIF_IMAGE, IE_TAG_WIDTH, width);
  changed |= ie_exif_set_integer (edit, IE_EXIF_IMAGE, IE_TAG_HEIGHT, height);
  changed |= ie_exif_set_integer (edit, IE_EXIF_PHOTO, IE_TAG_PIXEL_WIDTH, width);
  changed |= ie_exif_set_integer (edit, IE_EXIF_PHOTO, IE_TAG_PIXEL_HEIGHT, height);
  return changed;
}

static void
drop_thumbnail (MetadataSink *sink, IeExifEdit *edit, const char *reason)
{
  ie_exif_remove_thumbnail (edit);
  ie_fidelity_note (sink->fidelity, IE_ITEM_THUMBNAIL, IE_FIDELITY_DROPPED, "%s", reason);
}

/* The old thumbnail goes; a new one gets room where the file and the format let us put it there later. */
static void
prepare_thumbnail (MetadataSink *sink, IeExifEdit *edit, const IeHeader *header)
{
  int side = ie_exif_thumbnail_kind (&edit->exif);
  if (side == 0)
    return;
  gboolean late = sink->inner->late, placed = ie_exif_replaceable (sink->format);
  if (side < 0 || (!late && (!placed || sink->fd < 0))) {
    drop_thumbnail (sink, edit, side < 0 ? _ ("not a JPEG")
                                : placed  ? _ ("the output cannot be gone back into")
                                          : _ ("not made for this format"));
    return;
  }
  ie_exif_reserve_thumbnail (edit, 0);
  gsize used = (edit->exif.size + 1) & ~(gsize) 1, room = THUMBNAIL_ROOM;
  if (g_str_equal (sink->format->name, "jpeg"))
    room = used < MOST_JPEG_EXIF ? MIN (room, MOST_JPEG_EXIF - used) : 0;
  sink->thumbnail = room >= LEAST_ROOM ? ie_thumbnail_new (header, side) : NULL;
  if (!sink->thumbnail) {
    drop_thumbnail (sink, edit, room < LEAST_ROOM ? _ ("no room in the EXIF segment") : _ ("not made of such colours"));
    return;
  }
  sink->room = room;
  if (!late)
    ie_exif_reserve_thumbnail (edit, room);
}

static void
note_edits (MetadataSink *sink, gboolean orientation, gboolean resolution, gboolean size)
{
  if (orientation)
    ie_fidelity_note (sink->fidelity, IE_ITEM_EXIF, IE_FIDELITY_CHANGED, _ ("orientation made the file's"));
  if (resolution)
    ie_fidelity_note (sink->fidelity, IE_ITEM_EXIF, IE_FIDELITY_CHANGED, _ ("resolution made the file's"));
  if (size)
    ie_fidelity_note (sink->fidelity, IE_ITEM_EXIF, IE_FIDELITY_CHANGED, _ ("size made the picture's"));
}

static void
make_exif_agree (MetadataSink *sink, const IeHeader *header)
{
  IeMetadata *metadata = &sink->metadata;
  IeExifEdit edit;
  if (!ie_exif_edit_begin (&edit, metadata->exif)) {
    metadata->exif = ie_exif_edit_end (&edit); /* cannot be read: goes through as it is */
    return;
  }
  gboolean known = metadata->orientation >= 1 && metadata->orientation <= 8;
  gboolean absent = !ie_exif_find (&edit.exif, IE_EXIF_IMAGE, IE_TAG_ORIENTATION);
  gboolean turned = known && !(absent && metadata->orientation == 1) &&
                    ie_exif_set_orientation (&edit, metadata->orientation);
  gboolean resolved = set_resolution (&edit, metadata), sized = set_size (&edit, header);
  note_edits (sink, turned, resolved, sized);
  prepare_thumbnail (sink, &edit, header);
  metadata->exif = ie_exif_edit_end (&edit);
}

static void
make_xmp_agree (MetadataSink *sink, const IeHeader *header)
{
  IeMetadata *metadata = &sink->metadata;
  const char *failed;
  IeXmpFacts facts = { header->width, header->height, metadata->orientation, metadata->x_resolution,
                       metadata->y_resolution };
  GBytes *xmp = ie_xmp_update (metadata->xmp, &facts, &failed);
  if (failed)
    ie_fidelity_note (sink->fidelity, IE_ITEM_XMP, IE_FIDELITY_KEPT, "%s", failed);
  else if (xmp != metadata->xmp)
    ie_fidelity_note (sink->fidelity, IE_ITEM_XMP, IE_FIDELITY_CHANGED,
                      _ ("size, resolution or orientation made the file's"));
  metadata->xmp = xmp;
}

/* What XMP can say of IPTC goes there. Owns what it leaves in metadata.xmp. */
static void
put_iptc_into_xmp (MetadataSink *sink)
{
  IeMetadata *metadata = &sink->metadata;
  const char *failed;
  IeIptcCarried carried = { .lost = g_string_new (NULL) };
  GBytes *xmp = ie_iptc_to_xmp (metadata->iptc, metadata->xmp, &carried, &failed);
  if (!xmp)
    ie_fidelity_note (sink->fidelity, IE_ITEM_IPTC, IE_FIDELITY_DROPPED,
                      _ ("%s holds none, XMP: %s"), sink->format->label, failed);
  else if (carried.lost->len > 0)
    ie_fidelity_note (sink->fidelity, IE_ITEM_IPTC, IE_FIDELITY_DROPPED,
                      _ ("datasets %s have no place in XMP"), carried.lost->str);
  if (xmp && carried.carried > 0)
    ie_fidelity_note (sink->fidelity, IE_ITEM_IPTC, IE_FIDELITY_CHANGED, _ ("put into XMP"));
  if (xmp && carried.different > 0)
    ie_fidelity_note (sink->fidelity, IE_ITEM_IPTC, IE_FIDELITY_CHANGED, _ ("where XMP says otherwise, it stays"));
  if (xmp) {
    g_clear_pointer (&metadata->xmp, g_bytes_unref);
    metadata->xmp = xmp;
  }
  g_string_free (carried.lost, TRUE);
}

/* ---- Notes ------------------------------------------------------------------------------------------------------- */

static gboolean
exif_has (GBytes *block, guint tag)
{
  IeExif exif;
  gsize size;
  const void *data = block ? g_bytes_get_data (block, &size) : NULL;
  if (!block)
    return FALSE;
  gboolean has = ie_exif_parse (&exif, data, size) && ie_exif_find (&exif, IE_EXIF_IMAGE, tag);
  ie_exif_clear (&exif);
  return has;
}

/* Whether IPTC has no place of its own in this format, but XMP has. */
static gboolean
by_xmp (const MetadataSink *sink)
{
  return !(sink->format->carries & IE_CARRIES_IPTC) && sink->format->carries & IE_CARRIES_XMP;
}

static void
note_carried (const MetadataSink *sink, const IeMetadata *metadata)
{
  int carries = (int) sink->format->carries;
  gboolean by_exif = (carries & IE_CARRIES_EXIF) != 0;
  const struct {
    const char *item;
    gboolean there, kept;
  } items[] = {
    { IE_ITEM_PROFILE, metadata->icc != NULL, carries & IE_CARRIES_PROFILE },
    { IE_ITEM_EXIF, metadata->exif != NULL, by_exif },
    { IE_ITEM_XMP, metadata->xmp != NULL, carries & IE_CARRIES_XMP },
    { IE_ITEM_IPTC, metadata->iptc != NULL && !by_xmp (sink), carries & IE_CARRIES_IPTC },
    { IE_ITEM_PHOTOSHOP, metadata->photoshop != NULL, carries & IE_CARRIES_PHOTOSHOP },
    { IE_ITEM_TEXT, metadata->texts && metadata->texts->len > 0, carries & IE_CARRIES_TEXT },
    { IE_ITEM_RESOLUTION, metadata->x_resolution > 0 && metadata->y_resolution > 0,
      carries & IE_CARRIES_RESOLUTION || (by_exif && exif_has (metadata->exif, IE_TAG_X_RESOLUTION)) },
    { IE_ITEM_ORIENTATION, metadata->orientation > 0,
      metadata->orientation == 1 || by_exif || carries & IE_CARRIES_ORIENTATION },
  };
  for (gsize i = 0; i < G_N_ELEMENTS (items); i++)
    if (items[i].there && items[i].kept)
      ie_fidelity_note (sink->fidelity, items[i].item, IE_FIDELITY_KEPT, NULL);
    else if (items[i].there)
      ie_fidelity_note (sink->fidelity, items[i].item, IE_FIDELITY_DROPPED, _ ("%s holds none"), sink->format->label);
}

static gboolean
check_strict (const MetadataSink *sink, GError **error)
{
  char *dropped = sink->strict ? ie_fidelity_lost (sink->fidelity) : NULL;
  if (!dropped)
    return TRUE;
  g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, "%s", dropped);
  g_free (dropped);
  return FALSE;
}

/* ---- The sink ---------------------------------------------------------------------------------------------------- */

static void
clear_picture (MetadataSink *sink)
{
  g_clear_pointer (&sink->metadata.exif, g_bytes_unref);
  g_clear_pointer (&sink->metadata.xmp, g_bytes_unref);
  g_clear_pointer (&sink->thumbnail, ie_thumbnail_free);
  sink->room = 0;
}

/* TIFF puts the note at the offset that it had, but for further pages, and has a byte order of its own. */
static void
note_moved (const MetadataSink *sink, GBytes *exif)
{
  const char *data = g_bytes_get_data (exif, NULL);
  gboolean swapped = (*data == 'M') != (G_BYTE_ORDER == G_BIG_ENDIAN);
  if (g_str_equal (sink->format->name, "tiff") && (swapped || sink->pages > 0) && ie_exif_maker_note_is_bound (exif))
    ie_fidelity_note (sink->fidelity, IE_ITEM_MAKER_NOTE, IE_FIDELITY_CHANGED,
                      swapped ? _ ("its bytes are the same in a file of the other byte order")
                              : _ ("moved: its bytes are the same, offsets within it may not fit"));
}

static void
make_metadata (MetadataSink *sink, const IeHeader *header)
{
  sink->metadata = *header->metadata;
  note_carried (sink, header->metadata);
  if (sink->metadata.exif && sink->format->carries & IE_CARRIES_EXIF) {
    make_exif_agree (sink, header);
    note_moved (sink, sink->metadata.exif);
  } else if (sink->metadata.exif)
    g_bytes_ref (sink->metadata.exif);
  if (sink->metadata.xmp && sink->format->carries & IE_CARRIES_XMP)
    make_xmp_agree (sink, header);
  else if (sink->metadata.xmp)
    g_bytes_ref (sink->metadata.xmp);
  if (sink->metadata.iptc && by_xmp (sink))
    put_iptc_into_xmp (sink);
}

static gboolean
begin (IeSink *base, const IeHeader *header, GError **error)
{
  MetadataSink *sink = (MetadataSink *) base;
  IeSink *inner = &sink->inner->sink;
  IeHeader changed = *header;
  clear_picture (sink); /* a page before this one */
  if (header->metadata) {
    make_metadata (sink, header);
    changed.metadata = &sink->metadata;
  }
  if (!check_strict (sink, error) || !inner->begin (inner, &changed, error))
    return FALSE;
  sink->pages++;
  base->memory = inner->memory;
  base->stride = inner->stride;
  base->memory_held = inner->memory_held;
  return check_strict (sink, error);
}

static gboolean
write_rows (IeSink *base, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  MetadataSink *sink = (MetadataSink *) base;
  IeSink *inner = &sink->inner->sink;
  if (sink->thumbnail)
    ie_thumbnail_add (sink->thumbnail, rect, data, stride);
  return inner->write (inner, rect, data, stride, error);
}

/* Puts the thumbnail into the block that is not written yet. */
static void
insert_thumbnail (MetadataSink *sink)
{
  IeExifEdit edit;
  int width, height;
  GBytes *jpeg = ie_thumbnail_encode (sink->thumbnail, sink->room, &width, &height), *old = sink->metadata.exif;
  ie_exif_edit_begin (&edit, old);
  if (jpeg) {
    gsize size = g_bytes_get_size (jpeg);
    ie_exif_reserve_thumbnail (&edit, size);
    ie_exif_fill_thumbnail (&edit, size, jpeg, width, height);
    ie_fidelity_note (sink->fidelity, IE_ITEM_THUMBNAIL, IE_FIDELITY_CHANGED, _ ("made anew"));
    g_bytes_unref (jpeg);
  } else
    drop_thumbnail (sink, &edit, _ ("could not be made"));
  sink->metadata.exif = ie_exif_edit_end (&edit);
  g_bytes_unref (old);
}

/* Puts the thumbnail into the file that is otherwise complete. */
static gboolean
place_thumbnail (MetadataSink *sink, GError **error)
{
  IeExifEdit edit;
  int width, height, number = 0;
  GBytes *jpeg = ie_thumbnail_encode (sink->thumbnail, sink->room, &width, &height);
  ie_exif_edit_begin (&edit, sink->metadata.exif);
  ie_exif_fill_thumbnail (&edit, sink->room, jpeg, width, height);
  GBytes *filled = ie_exif_edit_end (&edit);
  gboolean placed = ie_exif_replace_in_file (sink->fd, sink->format, sink->metadata.exif, filled, &number);
  if (placed && jpeg)
    ie_fidelity_note (sink->fidelity, IE_ITEM_THUMBNAIL, IE_FIDELITY_CHANGED, _ ("made anew"));
  else
    ie_fidelity_note (sink->fidelity, IE_ITEM_THUMBNAIL, IE_FIDELITY_DROPPED,
                      jpeg ? _ ("its place was not found again") : _ ("could not be made"));
  g_bytes_unref (filled);
  if (jpeg)
    g_bytes_unref (jpeg);
  return !number || ie_fail_write (error, number);
}

static gboolean
finish (IeFileSink *base, GError **error)
{
  MetadataSink *sink = (MetadataSink *) base;
  gboolean late = sink->inner->late;
  if (sink->thumbnail && late)
    insert_thumbnail (sink);
  if (!sink->inner->finish (sink->inner, error))
    return FALSE;
  return (!sink->thumbnail || late || place_thumbnail (sink, error)) && check_strict (sink, error);
}

static gboolean
next_page (IeFileSink *base, IePageKind kind, GError **error)
{
  IeFileSink *inner = ((MetadataSink *) base)->inner;
  return inner->next_page (inner, kind, error);
}

static IeSource *
reread (IeFileSink *base, GError **error)
{
  IeFileSink *inner = ((MetadataSink *) base)->inner;
  return inner->reread (inner, error);
}

static void
free_sink (IeSink *base)
{
  MetadataSink *sink = (MetadataSink *) base;
  ie_sink_free (&sink->inner->sink);
  clear_picture (sink);
  if (sink->fd >= 0)
    close (sink->fd);
  g_free (sink);
}

IeFileSink *
ie_metadata_sink_new (IeFileSink *inner, int fd, const IeFormat *format, const IeWriteOptions *options)
{
  MetadataSink *sink = g_new0 (MetadataSink, 1);
  struct stat status;
  int flags = fcntl (fd, F_GETFL);
  gboolean back = fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && lseek (fd, 0, SEEK_CUR) == 0 &&
                  (flags & O_ACCMODE) == O_RDWR && !(flags & O_APPEND) && ie_exif_replaceable (format);
  sink->fd = back ? fcntl (fd, F_DUPFD_CLOEXEC, 3) : -1;
  sink->inner = inner;
  sink->format = format;
  sink->fidelity = options ? options->fidelity : NULL;
  sink->strict = options && options->strict;
  sink->file.sink = (IeSink){ .begin = begin, .write = write_rows, .free = free_sink,
                              .memory_held = inner->sink.memory_held };
  sink->file.next_page = inner->next_page ? next_page : NULL;
  sink->file.reread = inner->reread ? reread : NULL;
  sink->file.finish = finish;
  return &sink->file;
}
