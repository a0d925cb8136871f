// SPDX-License-Identifier: GPL-3.0-or-later
/* Reads PNG (ISO/IEC 15948): every colour type and depth, as gray or RGB of 8 or 16 bits, with alpha where there is
 * any.
 *
 * Rows stream, except of interlaced pictures, which are read whole. libpng reports errors by longjmp(): every function
 * that calls it sets the place to return to, and keeps nothing in local variables across the call. */
#include "core/i18n.h"
#include "imageio/png/chunks.h"

#include <png.h>

#define LIBRARY_BYTES (IE_BUFFER_BYTES + (64 << 10)) /* ours, zlib's window and tables */
#define READ_COST 9.0 /* nanoseconds a sample, measured on photographs */
#define METRES_PER_INCH 0.0254

typedef struct {
  IeSource source;
  IeMetadata metadata;
  IeReadLimits limits;
  IeInput *input;
  png_structp png;
  png_infop info;
  gboolean interlaced;
  gsize row_bytes;
  guint8 *picture; /* interlaced: all rows */
  int next_row;
  char message[160]; /* libpng's error */
} PngSource;

static void
keep_error (png_structp png, png_const_charp message)
{
  PngSource *source = png_get_error_ptr (png);
  g_strlcpy (source->message, message, sizeof source->message);
  png_longjmp (png, 1);
}

static void
note_warning (png_structp png, png_const_charp message)
{
  PngSource *source = png_get_error_ptr (png);
  if (g_str_has_prefix (message, "iCCP"))
    ie_fidelity_note (source->limits.fidelity, IE_ITEM_PROFILE, IE_FIDELITY_DROPPED, "%s", message);
}

static void
read_bytes (png_structp png, png_bytep data, size_t size)
{
  if (ie_input_read (png_get_io_ptr (png), data, size) < size)
    png_error (png, ""); /* told apart by its emptiness */
}

static gboolean
fail (PngSource *source, GError **error)
{
  if (source->input->failure || !*source->message)
    return ie_fail_short (error, source->input->failure);
  return ie_fail_damaged (error, "PNG", source->message);
}

static void
set_limits (PngSource *source)
{
  png_set_user_limits (source->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* judged by us, with a better message */
  png_set_chunk_malloc_max (source->png, source->limits.icc);
  png_set_chunk_cache_max (source->png, 1); /* kept texts and unknown chunks: none */
  /* What is not used, or read by chunks.c, is skipped: libpng takes and clears memory of the length that such a chunk
   * claims. */
  static const png_byte skipped[] = "tEXt\0zTXt\0iTXt\0eXIf\0sPLT\0hIST\0pCAL\0sCAL\0tIME\0bKGD\0oFFs";
  png_set_keep_unknown_chunks (source->png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
  png_set_keep_unknown_chunks (source->png, PNG_HANDLE_CHUNK_NEVER, skipped, (int) sizeof skipped / 5);
}

/* Asks libpng for samples of 8 or 16 bits, native byte order, palette and transparent colour written out. */
static void
set_transforms (PngSource *source)
{
  png_structp png = source->png;
  png_set_expand (png);
  if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
    png_set_swap (png);
  if (source->interlaced)
    png_set_interlace_handling (png);
  png_read_update_info (png, source->info);
}

/* Primaries and gamma, where neither a profile nor sRGB says more. */
static void
read_colour (PngSource *source)
{
  png_structp png = source->png;
  png_infop info = source->info;
  IePngColour colour = { 0 };
  int intent;
  if (source->metadata.icc || png_get_sRGB (png, info, &intent))
    return;
  colour.has_gamma = png_get_gAMA_fixed (png, info, &colour.gamma) != 0;
  colour.has_primaries =
    png_get_cHRM_fixed (png, info, &colour.white[0], &colour.white[1], &colour.red[0], &colour.red[1], &colour.green[0],
                        &colour.green[1], &colour.blue[0], &colour.blue[1]) != 0;
  if (colour.has_gamma || colour.has_primaries)
    source->metadata.icc = ie_png_profile (&colour, !(png_get_color_type (png, info) & PNG_COLOR_MASK_COLOR));
}

/* Significant bits, where they are fewer than those of the samples. */
static void
read_bits (PngSource *source)
{
  png_color_8p bits;
  int type = png_get_color_type (source->png, source->info);
  if (!png_get_sBIT (source->png, source->info, &bits))
    return;
  int most = type & PNG_COLOR_MASK_COLOR ? MAX (MAX (bits->red, bits->green), bits->blue) : bits->gray;
  if (most > 0 && most < (int) ie_depth_bytes (source->source.header.depth) * 8)
    source->source.header.bits = most;
}

static void
read_metadata (PngSource *source)
{
  png_charp name;
  int compression, unit;
  png_bytep icc;
  png_uint_32 size, x, y;
  IeMetadata *metadata = &source->metadata;
  if (png_get_iCCP (source->png, source->info, &name, &compression, &icc, &size) && !metadata->icc)
    metadata->icc = g_bytes_new (icc, size);
  if (png_get_pHYs (source->png, source->info, &x, &y, &unit) && unit == PNG_RESOLUTION_METER) {
    metadata->x_resolution = x * METRES_PER_INCH;
    metadata->y_resolution = y * METRES_PER_INCH;
  }
  read_bits (source);
  read_colour (source);
  ie_metadata_from_exif (metadata);
}

/* Begins at the first byte and reads up to the first row. */
static gboolean
start (PngSource *source, GError **error)
{
  png_destroy_read_struct (&source->png, &source->info, NULL);
  ie_input_seek (source->input, 0);
  source->next_row = 0;
  source->png = png_create_read_struct (PNG_LIBPNG_VER_STRING, source, keep_error, note_warning);
  source->info = source->png ? png_create_info_struct (source->png) : NULL;
  if (!source->info) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for libpng"));
    return FALSE;
  }
  if (setjmp (png_jmpbuf (source->png)))
    return fail (source, error);
  png_set_read_fn (source->png, source->input, read_bytes);
  set_limits (source);
  png_read_info (source->png, source->info);
  if (!ie_check_size (png_get_image_width (source->png, source->info),
                      png_get_image_height (source->png, source->info), &source->limits, error))
    return FALSE;
  source->interlaced = png_get_interlace_type (source->png, source->info) != PNG_INTERLACE_NONE;
  IeLayout *layout = ie_metadata_layout (&source->metadata);
  layout->png.bits = png_get_bit_depth (source->png, source->info);
  layout->png.palette = png_get_color_type (source->png, source->info) == PNG_COLOR_TYPE_PALETTE;
  layout->png.interlaced = source->interlaced;
  set_transforms (source);
  return TRUE;
}

static gboolean
read_header (PngSource *source, GError **error)
{
  png_structp png = source->png;
  png_infop info = source->info;
  IeHeader *header = &source->source.header;
  if (setjmp (png_jmpbuf (png)))
    return fail (source, error);
  guint64 width = png_get_image_width (png, info), height = png_get_image_height (png, info);
  int type = png_get_color_type (png, info);
  header->width = (int) width;
  header->height = (int) height;
  header->channels = png_get_channels (png, info);
  header->has_alpha = (type & PNG_COLOR_MASK_ALPHA) != 0;
  header->depth = png_get_bit_depth (png, info) == 16 ? IE_DEPTH_U16 : IE_DEPTH_U8;
  header->model = type & PNG_COLOR_MASK_COLOR ? IE_MODEL_RGB : IE_MODEL_GRAY;
  header->metadata = &source->metadata;
  source->row_bytes = png_get_rowbytes (png, info);
  if (source->row_bytes != width * (guint64) header->channels * ie_depth_bytes (header->depth))
    return ie_fail_damaged (error, "PNG", _ ("rows of an unexpected size"));
  guint64 rows = source->interlaced ? height + 3 : 3;
  source->source.memory_held = LIBRARY_BYTES + source->row_bytes * rows;
  source->source.read_cost = READ_COST;
  read_metadata (source);
  return TRUE;
}

/* All passes of an interlaced picture. */
static gboolean
read_interlaced (PngSource *source, GError **error)
{
  int height = source->source.header.height;
  source->picture = ie_try_alloc (source->row_bytes * (guint64) height, error);
  if (!source->picture)
    return FALSE;
  if (setjmp (png_jmpbuf (source->png))) {
    g_clear_pointer (&source->picture, g_free);
    return fail (source, error);
  }
  for (int pass = 0; pass < PNG_INTERLACE_ADAM7_PASSES; pass++)
    for (int y = 0; y < height; y++)
      png_read_row (source->png, source->picture + source->row_bytes * (gsize) y, NULL);
  png_read_end (source->png, NULL);
  return TRUE;
}

static gboolean
read_rows (PngSource *source, int count, guint8 *data, ptrdiff_t stride, GError **error)
{
  if (setjmp (png_jmpbuf (source->png)))
    return fail (source, error);
  for (int y = 0; y < count; y++)
    png_read_row (source->png, data + y * stride, NULL);
  source->next_row += count;
  if (source->next_row == source->source.header.height)
    png_read_end (source->png, NULL); /* what is missing or wrong at the end is damage too */
  return TRUE;
}

static gboolean
read_picture (IeSource *base, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  PngSource *source = (PngSource *) base;
  if (!source->interlaced)
    return read_rows (source, rect.height, data, stride, error);
  if (!source->picture && !read_interlaced (source, error))
    return FALSE;
  for (int y = 0; y < rect.height; y++)
    memcpy ((char *) data + y * stride, source->picture + source->row_bytes * (gsize) (rect.y + y), source->row_bytes);
  return TRUE;
}

static gboolean
rewind_picture (IeSource *base, GError **error)
{
  PngSource *source = (PngSource *) base;
  return source->picture ? TRUE : start (source, error);
}

static void
free_picture (IeSource *base)
{
  PngSource *source = (PngSource *) base;
  png_destroy_read_struct (&source->png, &source->info, NULL);
  ie_input_free (source->input);
  ie_metadata_clear (&source->metadata);
  g_free (source->picture);
  g_free (source);
}

static IeSource *
png_open (int fd, const IeReadLimits *limits, GError **error)
{
  PngSource *source = g_new0 (PngSource, 1);
  source->limits = ie_limits (limits);
  source->input = ie_input_new (fd);
  source->source.read = read_picture;
  source->source.rewind = rewind_picture;
  source->source.free = free_picture;
  /* Texts first: libpng reads them all, for their CRC. */
  if (ie_png_read_chunks (source->input->fd, &source->limits, &source->metadata, error) && start (source, error) &&
      read_header (source, error))
    return &source->source;
  free_picture (&source->source);
  return NULL;
}

static gboolean
sniff (const guint8 *head, gsize size)
{
  return size >= 8 && png_sig_cmp ((png_bytep) head, 0, 8) == 0;
}

static const char *const extensions[] = { "png", NULL };

const IeFormat ie_format_png = {
  .name = "png",
  .label = "PNG",
  .extensions = extensions,
  .can = IE_CAN_U8 | IE_CAN_U16 | IE_CAN_ALPHA,
  .carries = IE_CARRIES_PROFILE | IE_CARRIES_EXIF | IE_CARRIES_XMP | IE_CARRIES_IPTC | IE_CARRIES_TEXT |
             IE_CARRIES_RESOLUTION | IE_CARRIES_ORIENTATION | IE_CARRIES_PHOTOSHOP,
  .sniff = sniff,
  .open = png_open,
  .create = ie_png_create,
};
