// SPDX-License-Identifier: GPL-3.0-or-later
/* Formats whose libraries take or give whole pictures: what their readers and writers share. */
#pragma once

#include "imageio/internal.h"

typedef struct IeWholeSource IeWholeSource;
struct IeWholeSource {
  IeSource source;
  IeMetadata metadata;
  IeReadLimits limits;
  GBytes *file;     /* all bytes of the file; may be given back once they are decoded */
  gsize row_bytes;
  guint8 *picture;  /* once decoded: rows of row_bytes, header.depth */
  /* Fills picture, which it finds allocated and zero. Called once, at the first read. */
  gboolean (*decode) (IeWholeSource *whole, GError **error);
  void (*close) (IeWholeSource *whole); /* frees the decoder; may be NULL */
  gpointer decoder;
};

/* Reads all of fd (taken) and lets read_header fill header, metadata and decoder; it must call ie_whole_set_size() first
 * of all. working: bytes a pixel that the library holds while it decodes, beside picture and file. NULL and error. */
IeSource *ie_whole_open (int fd, const IeReadLimits *limits, double working,
                         gboolean (*read_header) (IeWholeSource *whole, GError **error),
                         gboolean (*decode) (IeWholeSource *whole, GError **error), void (*close) (IeWholeSource *whole),
                         GError **error);
/* Checks the size against the limits and sets it. */
gboolean ie_whole_set_size (IeWholeSource *whole, guint64 width, guint64 height, GError **error);
/* Keeps a block of metadata (once), when it is within the limits; else it is noted. */
void ie_whole_keep (IeWholeSource *whole, GBytes **blob, const void *data, gsize size, const char *item);
/* The same for EXIF, whose "Exif\0\0" (if any) is left out. */
void ie_whole_keep_exif (IeWholeSource *whole, const void *data, gsize size);
void ie_whole_keep_icc (IeWholeSource *whole, const void *data, gsize size);
/* Spreads integer samples of `bits` bits (in 8 or 16 bit words, as header.depth) over the whole range, in place. */
void ie_whole_widen (IeWholeSource *whole, int bits);

typedef struct IeWholeSink IeWholeSink;
struct IeWholeSink {
  IeFileSink file;
  const IeFormat *format;
  IeWriter *writer;
  IeWriteOptions options;
  IeHeader header;
  gsize row_bytes;
  guint8 *picture;
  int rows;
  double working; /* bytes a pixel that the library holds while it encodes */
  gboolean expand_gray; /* gray is given to encode as RGB (header.channels says so) */
  guint64 most_side;    /* pixels; 0: no limit */
  /* Writes picture to writer. */
  gboolean (*encode) (IeWholeSink *sink, GError **error);
};

/* A sink that gathers the picture and encodes it in finish(). The caller sets the members that differ. */
IeWholeSink *ie_whole_sink_new (int fd, const IeFormat *format, const IeWriteOptions *options,
                                gboolean (*encode) (IeWholeSink *sink, GError **error));
/* What options and input ask: lossy or not; and the quality, 1 .. 100. */
gboolean ie_whole_lossy (const IeWholeSink *sink);
int ie_whole_quality (const IeWholeSink *sink);
gboolean ie_whole_fail (IeWholeSink *sink, const char *message, GError **error);
/* Adds bytes to the file. */
gboolean ie_whole_put (IeWholeSink *sink, const void *data, gsize size, GError **error);
