// SPDX-License-Identifier: GPL-3.0-or-later
/* Picture files: one reader and one writer interface, one file per format behind it.
 *
 * Reading gives an IeSource, writing takes an IeSink, so that a file streams through the engine.
 */
#pragma once

#include "core/error.h"
#include "core/source.h"

G_BEGIN_DECLS

/* Judged from headers, before memory is taken. Zero members mean the defaults below. */
typedef struct {
  int side;            /* pixels a side; default 1,000,000 */
  guint64 pixels;      /* default 16 gigapixels */
  gsize icc;           /* bytes; default 16 MiB */
} IeReadLimits;

typedef struct IeFormat IeFormat;
typedef struct IeWriteOptions IeWriteOptions;
typedef struct IeFileSink IeFileSink;

typedef enum { IE_CAN_U8 = 1, IE_CAN_U16 = 2, IE_CAN_FLOAT = 4, IE_CAN_ALPHA = 8, IE_CAN_CMYK = 16 } IeFormatCan;

struct IeFormat {
  const char *name;        /* "tiff", as --format takes it */
  const char *label;       /* "TIFF" */
  const char *const *extensions; /* without dot, the first is the usual one; ended by NULL */
  IeFormatCan can;         /* what can be written */
  /* TRUE when the first bytes of a file (up to 32) are of this format. */
  gboolean (*sniff) (const guint8 *head, gsize size);
  /* fd: readable, at its start, owned by the source from now on (also on failure). name: for messages of libraries only.
   * Errors are IE_ERROR_INPUT, one line, without the file's name. */
  IeSource *(*open) (int fd, const IeReadLimits *limits, GError **error);
  /* fd: writable (and seekable unless it is a pipe), owned by the sink. The sink writes everything in write() and finish(). */
  IeFileSink *(*create) (int fd, const IeWriteOptions *options, GError **error);
};

struct IeWriteOptions {
  int quality;      /* JPEG: 1..100; 0: 92 */
  int compression;  /* PNG: zlib level 1..9, 0: default. */
  const char *tiff_compression; /* "none", "lzw", "deflate"; NULL: none */
  gboolean no_sync; /* leave out fsync */
};

/* What a format's create() returns: a sink that can also be finished. */
struct IeFileSink {
  IeSink sink;
  /* Writes what remains (index, end of file), without closing fd. */
  gboolean (*finish) (IeFileSink *sink, GError **error);
};

IE_API const IeFormat *const *ie_formats (int *count);
/* By name or by extension (any case); NULL when unknown. */
IE_API const IeFormat *ie_format_find (const char *name_or_extension);

/* Opens a picture: regular files only (`path` "-": standard input), format by content. *format (may be NULL) is what it
 * is. Errors are IE_ERROR_INPUT without the file's name. */
IE_API IeSource *ie_read_file (const char *path, const IeReadLimits *limits, const IeFormat **format, GError **error);

/* Writing that appears whole or not at all: a temporary file beside `path` (".NAME.XXXXXX.imgenhance-part"), then on
 * ie_output_commit() fsync, rename, fsync of the folder; ie_output_free() without commit removes it.
 * `path` "-": standard output. existing_ok FALSE: an existing `path` is never replaced, also when it appears meanwhile. */
typedef struct IeOutput IeOutput;
IE_API IeOutput *ie_output_new (const char *path, const IeFormat *format, const IeWriteOptions *options,
                                gboolean existing_ok, GError **error);
IE_API IeSink *ie_output_sink (IeOutput *output);
IE_API gboolean ie_output_commit (IeOutput *output, GError **error);
IE_API void ie_output_free (IeOutput *output);
/* Depth that the format writes nearest to the wished one without loss, else the deepest it has. */
IE_API IeDepth ie_format_depth (const IeFormat *format, IeDepth wished);

G_END_DECLS
