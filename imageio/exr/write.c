// SPDX-License-Identifier: GPL-3.0-or-later
/* Writes OpenEXR: one part, scan lines, R, G, B or Y, and A, chunk by chunk. Samples are linear light in the
 * picture's own primaries (those of sRGB where its profile is made of tables), times alpha. Half where the picture
 * came from half, or from 8 bits, every code of which half tells apart; else float. The index stands before the
 * chunks and is known at the end, so a pipe gets the file from a temporary one. */
#include "core/i18n.h"
#include "imageio/exr/exr.h"

#include "colorspace/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#define MOST_HALF 65504.0f
#define DEFAULT_LEVEL 4 /* of zlib; OpenEXR's own */

typedef struct {
  IeFileSink file;
  int out;     /* what the caller gave */
  int fd;      /* what is written: the same, or a temporary file */
  int failure; /* errno of writing, or 0 */
  int level;   /* of zlib, 1..9; 0: not asked */
  IeFidelity *fidelity;
  IeHeader header;
  exr_context_t context;
  exr_encode_pipeline_t pipeline;
  gboolean piping;     /* pipeline was set up */
  gboolean half, read; /* samples are half; they came from OpenEXR */
  const IeConverter *linear;
  IeColourState *state; /* NULL: samples are linear, or of no known colour */
  int lines, filled;    /* of a chunk; that are in `chunk` */
  int rows;
  gsize row_floats;
  float *chunk;
  guint64 hidden, large; /* pixels whose colour no alpha shows; samples beyond half */
} ExrSink;

static int64_t
put_bytes (exr_const_context_t context, void *user, const void *data, uint64_t size, uint64_t offset,
           exr_stream_error_func_ptr_t report)
{
  ExrSink *sink = user;
  if (!sink->failure)
    sink->failure = ie_pwrite (sink->fd, data, size, offset);
  return sink->failure ? -1 : (int64_t) size;
}

static void
drop_message (exr_const_context_t context, exr_result_t code, const char *message)
{}

static gboolean
fail (ExrSink *sink, exr_result_t code, GError **error)
{
  if (sink->failure)
    return ie_fail_write (error, sink->failure);
  g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("cannot write OpenEXR: %s"), exr_get_default_error_message (code));
  return FALSE;
}

/* ---- Header ------------------------------------------------------------------------------------------------------ */

/* A compression of the input that loses nothing is kept, unless a level of ZIP is asked. */
static exr_compression_t
choose_compression (const ExrSink *sink, const IeLayout *layout)
{
  int before = layout && layout->exr.known ? layout->exr.compression : EXR_COMPRESSION_ZIP;
  if (before <= EXR_COMPRESSION_PIZ && !sink->level)
    return (exr_compression_t) before;
  if (before != EXR_COMPRESSION_ZIP)
    ie_fidelity_note (sink->fidelity, IE_ITEM_COMPRESSION, IE_FIDELITY_CHANGED, _ ("ZIP, without loss"));
  return EXR_COMPRESSION_ZIP;
}

static gboolean
is_linear (const IeColourState *state)
{
  return !state->profiled && state->rgb->gamma == 1.0 && !state->rgb->curve[0];
}

/* Half of TIFF stays half where its samples stay what they are. */
static gboolean
comes_from_half (const ExrSink *sink, const IeLayout *layout)
{
  if (sink->header.depth != IE_DEPTH_FLOAT || !layout)
    return sink->header.depth == IE_DEPTH_U8;
  return sink->read ? layout->exr.half : layout->tiff.bits == 16 && (!sink->state || is_linear (sink->state));
}

static gboolean
open_colour (ExrSink *sink, GError **error)
{
  const IeHeader *header = &sink->header;
  if (header->model == IE_MODEL_OTHER)
    return TRUE;
  sink->linear = ie_converter (IE_SPACE_LINEAR);
  sink->state = sink->linear->open (header, error);
  if (!sink->state)
    return FALSE;
  if (sink->state->profiled)
    ie_fidelity_note (sink->fidelity, IE_ITEM_PROFILE, IE_FIDELITY_CHANGED,
                      _ ("made linear light of sRGB's primaries"));
  else if (!is_linear (sink->state))
    ie_fidelity_note (sink->fidelity, IE_ITEM_PROFILE, IE_FIDELITY_CHANGED,
                      _ ("made linear light of the same primaries"));
  return TRUE;
}

static exr_result_t
write_colour (ExrSink *sink)
{
  const IeMetadata *metadata = sink->header.metadata;
  double to_xyz[3][3];
  if (!sink->state || sink->header.model != IE_MODEL_RGB)
    return EXR_ERR_SUCCESS;
  gboolean own = sink->state->own_rgb != NULL;
  memcpy (to_xyz, own ? sink->state->rgb->to_xyz : ie_srgb ()->to_xyz, sizeof to_xyz);
  return ie_exr_write_primaries (sink->context, to_xyz, own && metadata ? metadata->icc : NULL);
}

static const char *
channel_name (const IeHeader *header, int c)
{
  static const char *const rgb[] = { "R", "G", "B" };
  int colours = ie_colours (header->channels, header->has_alpha);
  return c == colours ? "A" : colours == 1 ? "Y" : rgb[c];
}

static exr_result_t
write_header (ExrSink *sink, exr_compression_t compression)
{
  const IeHeader *header = &sink->header;
  exr_context_initializer_t setup = EXR_DEFAULT_CONTEXT_INITIALIZER;
  int part;
  setup.user_data = sink;
  setup.write_fn = put_bytes;
  setup.error_handler_fn = drop_message;
  exr_result_t code = exr_start_write (&sink->context, "picture", EXR_WRITE_FILE_DIRECTLY, &setup);
  if (code == EXR_ERR_SUCCESS)
    code = exr_add_part (sink->context, NULL, EXR_STORAGE_SCANLINE, &part);
  if (code == EXR_ERR_SUCCESS)
    code = exr_initialize_required_attr_simple (sink->context, 0, header->width, header->height, compression);
  if (code == EXR_ERR_SUCCESS)
    code = exr_set_zip_compression_level (sink->context, 0, sink->level ? sink->level : DEFAULT_LEVEL);
  for (int c = 0; c < header->channels && code == EXR_ERR_SUCCESS; c++)
    code = exr_add_channel (sink->context, 0, channel_name (header, c), sink->half ? EXR_PIXEL_HALF : EXR_PIXEL_FLOAT,
                            EXR_PERCEPTUALLY_LOGARITHMIC, 1, 1);
  if (code == EXR_ERR_SUCCESS)
    code = write_colour (sink);
  if (code == EXR_ERR_SUCCESS && header->metadata)
    code = ie_exr_write_attributes (sink->context, header->metadata, sink->fidelity);
  if (code == EXR_ERR_SUCCESS)
    code = exr_write_header (sink->context);
  return code == EXR_ERR_SUCCESS ? exr_get_scanlines_per_chunk (sink->context, 0, &sink->lines) : code;
}

static gboolean
begin (IeSink *base, const IeHeader *header, GError **error)
{
  ExrSink *sink = (ExrSink *) base;
  if (!ie_check_writable (&ie_format_exr, header, error))
    return FALSE;
  const IeLayout *layout = header->metadata ? header->metadata->layout : NULL;
  sink->header = *header;
  sink->read = layout && layout->exr.known;
  if (!open_colour (sink, error))
    return FALSE;
  sink->half = comes_from_half (sink, layout);
  exr_result_t code = write_header (sink, choose_compression (sink, layout));
  if (code != EXR_ERR_SUCCESS)
    return fail (sink, code, error);
  sink->row_floats = (gsize) header->width * (gsize) header->channels;
  guint64 bytes = sink->row_floats * sizeof (float) * (guint64) sink->lines;
  sink->chunk = ie_try_alloc (bytes, error);
  base->memory_held = 4 * bytes; /* ours, packed, compressed, zlib's copy */
  return sink->chunk != NULL;
}

/* ---- Samples ----------------------------------------------------------------------------------------------------- */

/* A row of samples without colour, or of linear floats, as floats. */
static void
copy_row (const IeHeader *header, const void *row, float *to, gsize count)
{
  if (header->depth == IE_DEPTH_FLOAT)
    memcpy (to, row, count * sizeof (float));
  else if (header->depth == IE_DEPTH_U16)
    for (gsize i = 0; i < count; i++)
      to[i] = (float) ((const guint16 *) row)[i] / 65535.0f;
  else
    for (gsize i = 0; i < count; i++)
      to[i] = (float) ((const guint8 *) row)[i] / 255.0f;
}

/* What the reader divides by alpha. Where that is 0 it leaves colours alone: OpenEXR has light without cover, but
 * what comes from elsewhere is not to be seen. */
static void
multiply_by_alpha (ExrSink *sink, float *row)
{
  int colours = sink->header.channels - 1;
  for (int x = 0; x < sink->header.width; x++, row += sink->header.channels) {
    gboolean hidden = FALSE;
    for (int c = 0; c < colours; c++) {
      if (row[colours] > 0)
        row[c] *= row[colours];
      else if (!sink->read) {
        hidden = hidden || row[c] != 0;
        row[c] = 0;
      }
    }
    sink->hidden += hidden;
  }
}

/* Rounding to half would make infinities of finite numbers. */
static void
limit_to_half (ExrSink *sink, float *row)
{
  for (gsize i = 0; i < sink->row_floats; i++)
    if ((row[i] > MOST_HALF || row[i] < -MOST_HALF) && row[i] - row[i] == 0) {
      row[i] = row[i] > 0 ? MOST_HALF : -MOST_HALF;
      sink->large++;
    }
}

static void
take_row (ExrSink *sink, const void *row)
{
  const IeHeader *header = &sink->header;
  float *to = sink->chunk + sink->row_floats * (gsize) sink->filled;
  IePixels native = { (void *) row, 0, { 0, 0, header->width, 1 }, header->channels, header->has_alpha, header->depth };
  IePixels worked = native;
  worked.data = to;
  worked.depth = IE_DEPTH_FLOAT;
  if (sink->state && !(is_linear (sink->state) && header->depth == IE_DEPTH_FLOAT))
    sink->linear->enter (sink->state, &native, &worked);
  else
    copy_row (header, row, to, sink->row_floats);
  if (header->has_alpha)
    multiply_by_alpha (sink, to);
  if (sink->half)
    limit_to_half (sink, to);
}

static void
aim (ExrSink *sink)
{
  const IeHeader *header = &sink->header;
  for (int i = 0; i < sink->pipeline.channel_count; i++) {
    exr_coding_channel_info_t *channel = &sink->pipeline.channels[i];
    for (int c = 0; c < header->channels; c++)
      if (strcmp (channel->channel_name, channel_name (header, c)) == 0)
        channel->encode_from_ptr = (const guint8 *) (sink->chunk + c);
    channel->user_bytes_per_element = sizeof (float);
    channel->user_data_type = EXR_PIXEL_FLOAT;
    channel->user_pixel_stride = (int32_t) (header->channels * (int) sizeof (float));
    channel->user_line_stride = (int32_t) (sink->row_floats * sizeof (float));
  }
}

/* Writes the rows that are in `chunk`, the last of which is row sink->rows - 1. */
static exr_result_t
put_chunk (ExrSink *sink)
{
  exr_chunk_info_t info;
  exr_result_t code = exr_write_scanline_chunk_info (sink->context, 0, sink->rows - sink->filled, &info);
  if (code == EXR_ERR_SUCCESS)
    code = sink->piping ? exr_encoding_update (sink->context, 0, &info, &sink->pipeline)
                        : exr_encoding_initialize (sink->context, 0, &info, &sink->pipeline);
  if (code != EXR_ERR_SUCCESS)
    return code;
  aim (sink);
  if (!sink->piping)
    code = exr_encoding_choose_default_routines (sink->context, 0, &sink->pipeline);
  sink->piping = TRUE;
  sink->filled = 0;
  return code == EXR_ERR_SUCCESS ? exr_encoding_run (sink->context, 0, &sink->pipeline) : code;
}

static gboolean
write_rows (IeSink *base, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  ExrSink *sink = (ExrSink *) base;
  for (int y = 0; y < rect.height; y++) {
    take_row (sink, (const char *) data + y * stride);
    sink->filled++;
    sink->rows++;
    if (sink->filled < sink->lines && sink->rows < sink->header.height)
      continue;
    exr_result_t code = put_chunk (sink);
    if (code != EXR_ERR_SUCCESS)
      return fail (sink, code, error);
  }
  return TRUE;
}

/* ---- End --------------------------------------------------------------------------------------------------------- */

static exr_result_t
close_context (ExrSink *sink)
{
  if (sink->piping)
    exr_encoding_destroy (sink->context, &sink->pipeline);
  sink->piping = FALSE;
  return sink->context ? exr_finish (&sink->context) : EXR_ERR_SUCCESS;
}

static gboolean
copy_to_pipe (ExrSink *sink, GError **error)
{
  guint8 *piece = g_malloc (IE_BUFFER_BYTES);
  guint64 offset = 0;
  gssize got = 0;
  while (!sink->failure && (got = ie_pread (sink->fd, piece, IE_BUFFER_BYTES, offset)) > 0) {
    sink->failure = ie_write (sink->out, piece, (gsize) got);
    offset += (guint64) got;
  }
  if (got < 0)
    sink->failure = errno;
  g_free (piece);
  return !sink->failure || ie_fail_write (error, sink->failure);
}

static gboolean
finish (IeFileSink *base, GError **error)
{
  ExrSink *sink = (ExrSink *) base;
  if (!ie_check_rows (&sink->header, sink->rows, error))
    return FALSE;
  exr_result_t code = close_context (sink);
  if (code != EXR_ERR_SUCCESS || sink->failure)
    return fail (sink, code, error);
  if (sink->hidden)
    ie_fidelity_note (sink->fidelity, IE_ITEM_SAMPLES, IE_FIDELITY_DROPPED,
                      _ ("colours of %" PRIu64 " pixels that are fully transparent"), sink->hidden);
  if (sink->large)
    ie_fidelity_note (sink->fidelity, IE_ITEM_SAMPLES, IE_FIDELITY_CHANGED,
                      _ ("%" PRIu64 " beyond 65504, the most of half"), sink->large);
  return sink->fd == sink->out || copy_to_pipe (sink, error);
}

static void
free_sink (IeSink *base)
{
  ExrSink *sink = (ExrSink *) base;
  close_context (sink);
  if (sink->state)
    sink->linear->close (sink->state);
  if (sink->fd != sink->out)
    close (sink->fd);
  close (sink->out);
  g_free (sink->chunk);
  g_free (sink);
}

IeFileSink *
ie_exr_create (int fd, const IeWriteOptions *options, GError **error)
{
  /* Written in place only where offset 0 is the beginning: not in pipes, and not where others wrote before. */
  gboolean in_place = lseek (fd, 0, SEEK_CUR) == 0 && !(fcntl (fd, F_GETFL) & O_APPEND);
  int target = in_place ? fd : ie_temporary_file (NULL, error);
  if (target < 0) {
    close (fd);
    return NULL;
  }
  ExrSink *sink = g_new0 (ExrSink, 1);
  sink->out = fd;
  sink->fd = target;
  sink->level = options && options->compression ? CLAMP (options->compression, 1, 9) : 0;
  sink->fidelity = options ? options->fidelity : NULL;
  sink->file.sink.begin = begin;
  sink->file.sink.write = write_rows;
  sink->file.sink.free = free_sink;
  sink->file.finish = finish;
  return &sink->file;
}
