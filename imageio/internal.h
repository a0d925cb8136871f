// SPDX-License-Identifier: GPL-3.0-or-later
/* What the picture formats share: bytes in and out of descriptors, limits, metadata.
 *
 * Conventions of all readers and writers here:
 * - CMYK samples are amounts of ink (0: none), as in TIFF and in lcms2; formats that store the opposite are turned.
 * - A source or sink is used by one thread at a time; different ones by any threads at once. Nothing here is global.
 * - Library messages become GError messages of one line; the first one counts.
 */
#pragma once

struct IeWriteOptions;
#include "core/temporary.h"
#include "imageio/imageio.h"

#include <string.h>

#define IE_BUFFER_BYTES 65536 /* what is read or written at once where a library asks for small pieces */

extern const IeFormat ie_format_tiff, ie_format_png, ie_format_jpeg, ie_format_pnm, ie_format_pam, ie_format_pfm;
/* Each of them is there in every build; without its library all it does is to say which package brings it. */
extern const IeFormat ie_format_webp, ie_format_heif, ie_format_avif, ie_format_jxl, ie_format_jp2, ie_format_exr,
  ie_format_raw;
extern const char *const ie_extensions_webp[], *const ie_extensions_heif[], *const ie_extensions_avif[],
  *const ie_extensions_jxl[], *const ie_extensions_jp2[], *const ie_extensions_exr[], *const ie_extensions_raw[];
gboolean ie_sniff_webp (const guint8 *head, gsize size);
gboolean ie_sniff_heif (const guint8 *head, gsize size);
gboolean ie_sniff_avif (const guint8 *head, gsize size);
gboolean ie_sniff_jxl (const guint8 *head, gsize size);
gboolean ie_sniff_jp2 (const guint8 *head, gsize size);
gboolean ie_sniff_exr (const guint8 *head, gsize size);
gboolean ie_sniff_raw (const guint8 *head, gsize size);
/* Whether a file that begins like a TIFF is camera raw (DNG, NEF, ARW, ...). Any bytes are safe. */
gboolean ie_raw_in_tiff (int fd);

/* ---- Input ------------------------------------------------------------------------------------------------------- */

/* Buffered bytes of a descriptor. Regular files are read with pread(), so the descriptor's own offset never matters. */
typedef struct {
  int fd;            /* owned */
  gboolean seekable; /* a regular file */
  guint64 size;      /* of a regular file, else 0 */
  guint64 offset;    /* in the file, of the byte after the buffer */
  gsize begin, end;  /* unread part of the buffer */
  int failure;       /* errno of a read that failed, else 0 */
  guint8 buffer[IE_BUFFER_BYTES];
} IeInput;

/* Takes fd. */
IeInput *ie_input_new (int fd);
void ie_input_free (IeInput *input);
/* Replaces the (used up) buffer by the next bytes; FALSE at the end or on failure. */
gboolean ie_input_fill (IeInput *input);
/* Copies up to size bytes; fewer only at the end or on failure. */
gsize ie_input_read (IeInput *input, void *data, gsize size);
/* Begins again at byte `offset` of a regular file. */
void ie_input_seek (IeInput *input, guint64 offset);

/* The next byte, or -1. */
static inline int
ie_input_byte (IeInput *input)
{
  if (input->begin == input->end && !ie_input_fill (input))
    return -1;
  return input->buffer[input->begin++];
}

/* pread() of all of size unless the file ends; -1 and errno on failure. Interruptions are not failures. */
gssize ie_pread (int fd, void *data, gsize size, guint64 offset);
/* read() in the same way. */
gssize ie_read (int fd, void *data, gsize size);

/* ---- Output ------------------------------------------------------------------------------------------------------ */

/* Writes all of data at the descriptor's offset (write()) or at `offset` (pwrite()); 0 or errno. */
int ie_write (int fd, const void *data, gsize size);
int ie_pwrite (int fd, const void *data, gsize size, guint64 offset);

/* Buffered writing; the first failure is kept and stops everything after it. */
typedef struct {
  int fd;      /* owned */
  int failure; /* errno, or 0 */
  gsize used;
  guint8 buffer[IE_BUFFER_BYTES];
} IeWriter;

IeWriter *ie_writer_new (int fd);
void ie_writer_free (IeWriter *writer);
gboolean ie_writer_put (IeWriter *writer, const void *data, gsize size);
gboolean ie_writer_flush (IeWriter *writer);

/* The name of an output's temporary file ends in '.', so many random characters, and the suffix. */
#define IE_PART_RANDOM 6
#define IE_PART_SUFFIX ".imgenhance-part"

/* Takes source and gives one that reads what can be read of a damaged picture: rows (of a random source: rectangles)
 * that fail are 0, and their number is noted. */
IeSource *ie_salvage_source_new (IeSource *source, IeFidelity *fidelity);
/* The source that such a one reads, borrowed; any other source itself. *fidelity (may be NULL): of such a one. */
const IeSource *ie_salvage_inner (const IeSource *source, IeFidelity **fidelity);

/* Sets error for an errno of writing: IE_ERROR_PLACE when the place is to blame (full, read-only, failing), else
 * IE_ERROR_OUTPUT. Always FALSE. */
gboolean ie_fail_write (GError **error, int number);
/* Sets IE_ERROR_INPUT: "damaged LABEL: message" with message made one printable line. Always FALSE. */
gboolean ie_fail_damaged (GError **error, const char *label, const char *message);
/* Sets IE_ERROR_INPUT: "the file is cut short", or what went wrong (errno, unless 0). Always FALSE. */
gboolean ie_fail_short (GError **error, int number);
/* Whether all rows of the picture were written; else error. */
gboolean ie_check_rows (const IeHeader *header, int rows, GError **error);
/* Whether the format can hold this picture: depth, alpha, model, number of channels; else IE_ERROR_OUTPUT says why. */
gboolean ie_check_writable (const IeFormat *format, const IeHeader *header, GError **error);

/* Takes the profile off a source that has just been opened if it cannot be used (colorspace/profile.h), and notes why. */
void ie_drop_broken_profile (IeSource *source, IeFidelity *fidelity);

/* ---- Limits and memory ------------------------------------------------------------------------------------------- */

/* limits (may be NULL) with the defaults filled in. */
IeReadLimits ie_limits (const IeReadLimits *limits);
/* Whether a picture of this size may be read; else IE_ERROR_INPUT. */
gboolean ie_check_size (guint64 width, guint64 height, const IeReadLimits *limits, GError **error);
/* A number of four bytes, the most significant first. */
static inline guint32
ie_big_endian_32 (const guint8 *bytes)
{
  return (guint32) bytes[0] << 24 | (guint32) bytes[1] << 16 | (guint32) bytes[2] << 8 | bytes[3];
}
/* Whether the four bytes at `name` are one of `names`, which lie there one after the other. */
gboolean ie_is_one_of (const guint8 *name, const char *names);
/* Whether a file may claim so many bytes of texts and metadata; else IE_ERROR_INPUT. limits are filled in. */
gboolean ie_check_text (guint64 bytes, const IeReadLimits *limits, GError **error);
/* The same of what a file of RIFF chunks (WebP) or of boxes (JPEG XL, JPEG 2000) claims; TRUE for all others. */
gboolean ie_check_container_text (int fd, const IeReadLimits *limits, GError **error);
/* Memory that a file asks for; NULL and IE_ERROR_MEMORY when there is none. g_free(). */
void *ie_try_alloc (guint64 bytes, GError **error);

/* ---- Metadata ---------------------------------------------------------------------------------------------------- */

void ie_metadata_clear (IeMetadata *metadata);
/* Adds a text; bytes that are not UTF-8 are taken as Latin-1. name is copied. */
void ie_metadata_add_text (IeMetadata *metadata, const char *name, const char *text, gsize size, gboolean latin1);
/* The layout, made when it is not there. */
IeLayout *ie_metadata_layout (IeMetadata *metadata);
/* Takes IPTC and the rest of Photoshop's image resources ("8BIM...") apart, for members that are still NULL; a bare IPTC
 * block is taken too. What ends in the middle is noted. Any bytes are safe. */
void ie_photoshop_read (IeMetadata *metadata, const guint8 *data, gsize size, IeFidelity *fidelity);
/* The resources again: IPTC (may be NULL) first, then the others. NULL: there are none. g_bytes_unref(). */
GBytes *ie_photoshop_join (GBytes *iptc, GBytes *others);
/* Fills orientation and resolution from metadata->exif where they are still unknown. Any bytes are safe. */
void ie_metadata_from_exif (IeMetadata *metadata);
/* The EXIF block to write: the picture's own, else a minimal one where there is an orientation to carry, else NULL.
 * Free with g_bytes_unref(). */
GBytes *ie_metadata_exif (const IeMetadata *metadata);

/* ---- Parts of formats that stand in files of their own ----------------------------------------------------------- */

/* PNM, PAM or PFM from a pipe of which `head` was read already. */
IeSource *ie_pnm_open_stream (int fd, const guint8 *head, gsize size, const IeReadLimits *limits, GError **error);
IeSource *ie_pnm_open (int fd, const IeReadLimits *limits, GError **error);
IeFileSink *ie_tiff_create (int fd, const IeWriteOptions *options, GError **error);
IeFileSink *ie_png_create (int fd, const IeWriteOptions *options, GError **error);
IeFileSink *ie_jpeg_create (int fd, const IeWriteOptions *options, GError **error);
IeFileSink *ie_heif_create (int fd, const IeWriteOptions *options, GError **error);
IeFileSink *ie_avif_create (int fd, const IeWriteOptions *options, GError **error);
IeFileSink *ie_jxl_create (int fd, const IeWriteOptions *options, GError **error);
IeFileSink *ie_jp2_create (int fd, const IeWriteOptions *options, GError **error);
