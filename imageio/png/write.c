// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes PNG (ISO/IEC 15948), not interlaced. */
#include "core/i18n.h"
#include "imageio/png/chunks.h"

#include <png.h>
#include <zlib.h>

#define LIBRARY_BYTES (512 << 10) /* zlib's compressor takes 268 KiB at its defaults (zconf.h) */
#define METRES_PER_INCH 0.0254
/* A third of the time of zlib's own default, 6, for files 2 % larger (measured on photographs, all filters tried). */
#define DEFAULT_LEVEL 3
#define COMPRESSED_TEXT 1024 /* bytes from which a text is compressed */
#define MOST_KEY 79          /* bytes of a text's name */

typedef struct {
  IeFileSink file;
  IeWriter *writer;
  int level;
  IeFidelity *fidelity;
  png_structp png;
  png_infop info;
  IeHeader header;
  int rows;
  char message[160]; /* libpng's error */
} PngSink;

static void
keep_error (png_structp png, png_const_charp message)
{
  PngSink *sink = png_get_error_ptr (png);
  g_strlcpy (sink->message, message, sizeof sink->message);
  png_longjmp (png, 1);
}

static void
note_warning (png_structp png, png_const_charp message)
{
  PngSink *sink = png_get_error_ptr (png);
  ie_fidelity_note (sink->fidelity, g_str_has_prefix (message, "iCCP") ? IE_ITEM_PROFILE : IE_ITEM_TEXT, IE_FIDELITY_DROPPED,
                    "%s", message);
}

static void
write_bytes (png_structp png, png_bytep data, size_t size)
{
  if (!ie_writer_put (png_get_io_ptr (png), data, size))
    png_error (png, "cannot write");
}

static void
flush_bytes (png_structp png)
{
}

static gboolean
fail (PngSink *sink, GError **error)
{
  if (sink->writer->failure)
    return ie_fail_write (error, sink->writer->failure);
  g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("cannot write PNG: %s"), sink->message);
  return FALSE;
}

/* A text chunk of its own (ISO/IEC 15948, 11.3.4), for libpng would hold copies of all texts at once. */
static void
set_text (PngSink *sink, const char *key, const char *text, gsize size, gboolean latin1)
{
  gboolean packed = size >= COMPRESSED_TEXT && strcmp (key, IE_PNG_XMP_KEY) != 0; /* XMP must not be compressed */
  GByteArray *chunk = g_byte_array_new ();
  g_byte_array_append (chunk, (const guint8 *) key, (guint) strlen (key) + 1);
  if (!latin1) /* compressed or not, the method, no language, no translated name */
    g_byte_array_append (chunk, (const guint8[]){ packed, 0, 0, 0 }, 4);
  else if (packed)
    g_byte_array_append (chunk, (const guint8[]){ 0 }, 1);
  uLong most = packed ? compressBound (size) : size;
  guint at = chunk->len;
  gboolean fits = most < PNG_UINT_31_MAX - at;
  if (fits) {
    g_byte_array_set_size (chunk, at + (guint) most);
    if (packed)
      fits = compress (chunk->data + at, &most, (const Bytef *) text, size) == Z_OK;
    else
      memcpy (chunk->data + at, text, size);
  }
  if (fits)
    png_write_chunk (sink->png, (png_const_bytep) (!latin1 ? "iTXt" : packed ? "zTXt" : "tEXt"), chunk->data, at + most);
  else
    ie_fidelity_note (sink->fidelity, IE_ITEM_TEXT, IE_FIDELITY_DROPPED, _ ("too long for PNG"));
  g_byte_array_free (chunk, TRUE);
}

/* Printable Latin-1, 1 to 79 bytes, single blanks inside alone (11.3.4.2). */
static gboolean
is_key (const char *key)
{
  gsize size = strlen (key);
  if (size == 0 || size > MOST_KEY || key[0] == ' ' || key[size - 1] == ' ' || strstr (key, "  "))
    return FALSE;
  for (const guint8 *at = (const guint8 *) key; *at; at++)
    if (*at < 32 || (*at > 126 && *at < 161))
      return FALSE;
  return TRUE;
}

static void
set_named_text (PngSink *sink, const IeText *text)
{
  char *key = g_convert (text->name, -1, "ISO-8859-1", "UTF-8", NULL, NULL, NULL);
  gsize size = 0;
  char *latin1 = text->latin1 ? g_convert (text->text, -1, "ISO-8859-1", "UTF-8", NULL, &size, NULL) : NULL;
  if (!key || !is_key (key))
    ie_fidelity_note (sink->fidelity, IE_ITEM_TEXT, IE_FIDELITY_DROPPED, _ ("its name is not one for PNG"));
  else if (latin1)
    set_text (sink, key, latin1, size, TRUE);
  else
    set_text (sink, key, text->text, strlen (text->text), FALSE);
  g_free (latin1);
  g_free (key);
}

/* Photoshop's resources, IPTC above all, for which PNG has no chunk, in the way that ImageMagick, Exiv2 and ExifTool know:
 * hexadecimal text. */
static void
set_resources (PngSink *sink, const IeMetadata *metadata)
{
  GBytes *resources = ie_photoshop_join (metadata->iptc, metadata->photoshop);
  gsize size;
  if (!resources)
    return;
  const guint8 *data = g_bytes_get_data (resources, &size);
  GString *text = g_string_sized_new (2 * size + size / 36 + 32);
  g_string_append_printf (text, "\niptc\n%8" G_GSIZE_FORMAT, size);
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, i % 36 ? "%02x" : "\n%02x", data[i]);
  g_string_append_c (text, '\n');
  set_text (sink, "Raw profile type iptc", text->str, text->len, TRUE);
  g_string_free (text, TRUE);
  g_bytes_unref (resources);
}

static void
set_texts (PngSink *sink, const IeMetadata *metadata)
{
  gsize size;
  if (metadata->xmp) {
    const char *data = g_bytes_get_data (metadata->xmp, &size);
    char *text = g_strndup (data, size); /* libpng looks for its end */
    set_text (sink, IE_PNG_XMP_KEY, text, strlen (text), FALSE);
    g_free (text);
  }
  set_resources (sink, metadata);
  for (guint i = 0; metadata->texts && i < metadata->texts->len; i++)
    set_named_text (sink, metadata->texts->pdata[i]);
}

static void
set_bits (PngSink *sink)
{
  const IeHeader *header = &sink->header;
  if (header->bits <= 0 || header->bits >= 8 * (int) ie_depth_bytes (header->depth))
    return;
  png_byte bits = (png_byte) header->bits;
  png_color_8 significant = { bits, bits, bits, bits, (png_byte) (8 * ie_depth_bytes (header->depth)) };
  png_set_sBIT (sink->png, sink->info, &significant);
}

static void
set_metadata (PngSink *sink)
{
  const IeMetadata *metadata = sink->header.metadata;
  set_bits (sink);
  if (!metadata)
    return;
  gsize size;
  if (metadata->icc) {
    const void *data = g_bytes_get_data (metadata->icc, &size);
    png_set_iCCP (sink->png, sink->info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, data, (png_uint_32) size);
  }
  double x = metadata->x_resolution / METRES_PER_INCH, y = metadata->y_resolution / METRES_PER_INCH;
  if (x >= 0.5 && y >= 0.5 && x < PNG_UINT_31_MAX && y < PNG_UINT_31_MAX)
    png_set_pHYs (sink->png, sink->info, (png_uint_32) (x + 0.5), (png_uint_32) (y + 0.5), PNG_RESOLUTION_METER);
  GBytes *exif = ie_metadata_exif (metadata);
  if (exif) {
    const void *data = g_bytes_get_data (exif, &size);
    if (size <= G_MAXINT32)
      png_set_eXIf_1 (sink->png, sink->info, (png_uint_32) size, (png_bytep) data); /* copies it */
    g_bytes_unref (exif);
  }
}

static gboolean
begin (IeSink *base, const IeHeader *header, GError **error)
{
  PngSink *sink = (PngSink *) base;
  if (!ie_check_writable (&ie_format_png, header, error))
    return FALSE;
  sink->header = *header;
  sink->png = png_create_write_struct (PNG_LIBPNG_VER_STRING, sink, keep_error, note_warning);
  sink->info = sink->png ? png_create_info_struct (sink->png) : NULL;
  if (!sink->info) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for libpng"));
    return FALSE;
  }
  int type = (ie_colours (header->channels, header->has_alpha) == 3 ? PNG_COLOR_MASK_COLOR : 0) |
             (header->has_alpha ? PNG_COLOR_MASK_ALPHA : 0);
  if (setjmp (png_jmpbuf (sink->png)))
    return fail (sink, error);
  png_set_write_fn (sink->png, sink->writer, write_bytes, flush_bytes);
  png_set_benign_errors (sink->png, 1); /* a profile that libpng dislikes is left out */
  png_set_user_limits (sink->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max (sink->png, 0);
  png_set_IHDR (sink->png, sink->info, (png_uint_32) header->width, (png_uint_32) header->height,
                (int) ie_depth_bytes (header->depth) * 8, type, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level (sink->png, sink->level);
  set_metadata (sink);
  png_write_info (sink->png, sink->info);
  if (header->metadata)
    set_texts (sink, header->metadata);
  if (header->depth == IE_DEPTH_U16 && G_BYTE_ORDER == G_LITTLE_ENDIAN)
    png_set_swap (sink->png);
  base->memory_held =
    LIBRARY_BYTES + 6 * (guint64) header->width * (guint64) header->channels * ie_depth_bytes (header->depth);
  return TRUE;
}

static gboolean
write_rows (IeSink *base, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  PngSink *sink = (PngSink *) base;
  if (setjmp (png_jmpbuf (sink->png)))
    return fail (sink, error);
  for (int y = 0; y < rect.height; y++)
    png_write_row (sink->png, (png_const_bytep) data + y * stride);
  sink->rows += rect.height;
  return TRUE;
}

static gboolean
finish (IeFileSink *base, GError **error)
{
  PngSink *sink = (PngSink *) base;
  if (!ie_check_rows (&sink->header, sink->rows, error))
    return FALSE;
  if (setjmp (png_jmpbuf (sink->png)))
    return fail (sink, error);
  png_write_end (sink->png, NULL); /* with info libpng 1.6 writes eXIf a second time */
  return ie_writer_flush (sink->writer) || fail (sink, error);
}

static void
free_sink (IeSink *base)
{
  PngSink *sink = (PngSink *) base;
  png_destroy_write_struct (&sink->png, &sink->info);
  ie_writer_free (sink->writer);
  g_free (sink);
}

IeFileSink *
ie_png_create (int fd, const IeWriteOptions *options, GError **error)
{
  PngSink *sink = g_new0 (PngSink, 1);
  sink->writer = ie_writer_new (fd);
  sink->level = options && options->compression ? CLAMP (options->compression, 1, 9) : DEFAULT_LEVEL;
  sink->fidelity = options ? options->fidelity : NULL;
  sink->file.sink.begin = begin;
  sink->file.sink.write = write_rows;
  sink->file.sink.free = free_sink;
  sink->file.finish = finish;
  return &sink->file;
}
