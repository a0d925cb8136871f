// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/buffer.h"

#include <lcms2.h>
#include <string.h>

#include "core/i18n.h"

/* ---- formats ---- */

typedef struct {
  const char *name; /* of a babl model */
  int colours;
  gboolean has_alpha;
  const char *curve; /* of its samples: a babl TRC; NULL: the space's own */
} Model;

/* ' is the curve of the space, ~ that of sRGB (perceptual), without a sign light itself. */
static const Model models[] = {
  { "R'G'B'", 3, FALSE, NULL },     { "R'G'B'A", 3, TRUE, NULL },     { "R~G~B~", 3, FALSE, "sRGB" },
  { "R~G~B~A", 3, TRUE, "sRGB" },   { "RGB", 3, FALSE, "linear" },    { "RGBA", 3, TRUE, "linear" },
  { "Y'", 1, FALSE, NULL },         { "Y'A", 1, TRUE, NULL },         { "Y~", 1, FALSE, "sRGB" },
  { "Y~A", 1, TRUE, "sRGB" },       { "Y", 1, FALSE, "linear" },      { "YA", 1, TRUE, "linear" },
};

static const Model *
find_model (const Babl *format)
{
  const char *name = babl_get_name (babl_format_get_model (format));
  for (gsize i = 0; i < G_N_ELEMENTS (models); i++)
    /* With a space the name has it behind a dash. */
    if (g_str_has_prefix (name, models[i].name) && strchr ("-", name[strlen (models[i].name)]))
      return &models[i];
  return NULL;
}

static IeDepth
depth_of (const Babl *format)
{
  const Babl *type = babl_format_get_type (format, 0);
  return type == babl_type ("u8") ? IE_DEPTH_U8 : type == babl_type ("u16") ? IE_DEPTH_U16 : IE_DEPTH_FLOAT;
}

/* Linear light in sRGB's primaries (ITU-R BT.709) under D65, or gray. The primaries are those of GIMP and of lcms2 as a profile holds
 * them, in 1/65536, so that such a profile is the one that GIMP writes into files. */
static GBytes *
make_linear_profile (gboolean gray)
{
  const cmsCIExyY d65 = { 0.3127, 0.3290, 1 };
  const cmsCIExyYTRIPLE primaries = { { 0.639998686, 0.330010138, 1 }, { 0.300003784, 0.600003357, 1 },
                                      { 0.150002046, 0.059997204, 1 } };
  cmsToneCurve *straight = cmsBuildGamma (NULL, 1), *three[3] = { straight, straight, straight };
  cmsHPROFILE profile = !straight ? NULL : gray ? cmsCreateGrayProfile (&d65, straight)
                                                : cmsCreateRGBProfile (&d65, &primaries, three);
  cmsUInt32Number size = 0;
  void *data = profile && cmsSaveProfileToMem (profile, NULL, &size) ? g_try_malloc (size) : NULL;
  gboolean good = data && cmsSaveProfileToMem (profile, data, &size);
  if (profile)
    cmsCloseProfile (profile);
  if (straight)
    cmsFreeToneCurve (straight);
  if (good)
    return g_bytes_new_take (data, size);
  g_free (data);
  return NULL;
}

static GBytes *
linear_profile (gboolean gray)
{
  static GMutex mutex;
  static GBytes *made[2];
  g_mutex_lock (&mutex);
  if (!made[gray])
    made[gray] = make_linear_profile (gray);
  GBytes *profile = made[gray] ? g_bytes_ref (made[gray]) : NULL;
  g_mutex_unlock (&mutex);
  return profile;
}

/* The profile of samples of that model in that space; *icc is NULL for sRGB. FALSE: there was no memory for it. */
static gboolean
profile_of (const Babl *format, const Model *model, GBytes **icc)
{
  const Babl *space = babl_format_get_space (format);
  gboolean gray = model->colours == 1, linear = g_strcmp0 (model->curve, "linear") == 0;
  *icc = NULL;
  /* babl has profiles of three channels alone for the curves that it puts to a space. */
  if (linear && (gray || space == babl_space ("sRGB"))) {
    *icc = linear_profile (gray);
    return *icc != NULL;
  }
  if (model->curve)
    space = gray ? babl_space ("sRGB") : babl_space_with_trc (space, babl_trc (model->curve));
  if (space == babl_space ("sRGB"))
    return TRUE;
  int length = 0;
  const char *data = babl_space_get_icc (space, &length);
  *icc = data && length > 0 ? g_bytes_new (data, (gsize) length) : NULL;
  return TRUE;
}

gboolean
ie_buffer_kind_init (IeBufferKind *kind, const Babl *own, int width, int height, GBytes *icc, GError **error)
{
  memset (kind, 0, sizeof *kind);
  if (babl_format_is_palette (own)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         _ ("indexed colours cannot be filtered; convert the image to RGB or grayscale first"));
    return FALSE;
  }
  const Model *model = find_model (own);
  if (!model) {
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
                 _ ("pixels of the format %s cannot be filtered"), babl_get_name (own));
    return FALSE;
  }
  IeDepth depth = depth_of (own);
  static const char *const types[] = { "u8", "u16", "float" };
  g_autofree char *encoding = g_strdup_printf ("%s %s", model->name, types[depth]);
  kind->format = babl_format_with_space (encoding, babl_format_get_space (own));
  if (icc)
    kind->metadata.icc = g_bytes_ref (icc);
  else if (!profile_of (own, model, &kind->metadata.icc)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for the profile of the pixels"));
    return FALSE;
  }
  kind->header = (IeHeader){ .width = width, .height = height, .channels = model->colours + (model->has_alpha ? 1 : 0),
                             .has_alpha = model->has_alpha, .depth = depth,
                             .model = model->colours == 1 ? IE_MODEL_GRAY : IE_MODEL_RGB, .metadata = &kind->metadata };
  return TRUE;
}

void
ie_buffer_kind_clear (IeBufferKind *kind)
{
  g_clear_pointer (&kind->metadata.icc, g_bytes_unref);
}

/* ---- source ---- */

typedef struct {
  IeSource source;
  GeglBuffer *buffer;
  GeglRectangle extent;
  const Babl *format;
  IeBufferKind kind; /* of a further picture */
  GDestroyNotify done;
  gpointer data;
} BufferSource;

static gboolean
source_read (IeSource *source, IeRect rect, void *data, ptrdiff_t stride, GError **error)
{
  BufferSource *from = (BufferSource *) source;
  GeglRectangle place = { from->extent.x + rect.x, from->extent.y + rect.y, rect.width, rect.height };
  gegl_buffer_get (from->buffer, &place, 1.0, from->format, data, (int) stride, GEGL_ABYSS_NONE);
  return TRUE;
}

static void
source_free (IeSource *source)
{
  BufferSource *from = (BufferSource *) source;
  g_clear_object (&from->buffer);
  ie_buffer_kind_clear (&from->kind);
  if (from->done)
    from->done (from->data);
  g_free (from);
}

/* Reading tiles is a copy of what mostly lies in memory. */
#define READ_COST 0.5

IeSource *
ie_buffer_source_new (GeglBuffer *buffer, const GeglRectangle *extent, const IeBufferKind *kind)
{
  BufferSource *from = g_new0 (BufferSource, 1);
  from->source = (IeSource){ .header = kind->header, .random = TRUE, .read = source_read, .free = source_free,
                             .read_cost = READ_COST };
  from->buffer = buffer ? g_object_ref (buffer) : NULL;
  from->extent = *extent;
  from->format = kind->format;
  return &from->source;
}

IeSource *
ie_buffer_picture_new (GeglBuffer *buffer, GBytes *icc, GDestroyNotify done, gpointer data, GError **error)
{
  const GeglRectangle *extent = gegl_buffer_get_extent (buffer);
  IeBufferKind kind;
  if (!ie_buffer_kind_init (&kind, gegl_buffer_get_format (buffer), extent->width, extent->height, icc, error))
    return NULL;
  BufferSource *from = (BufferSource *) ie_buffer_source_new (buffer, extent, &kind);
  from->kind = kind;
  from->source.header.metadata = &from->kind.metadata;
  from->done = done;
  from->data = data;
  return &from->source;
}

void
ie_buffer_source_set (IeSource *source, GeglBuffer *buffer)
{
  g_set_object (&((BufferSource *) source)->buffer, buffer);
}

/* ---- sink ---- */

typedef struct {
  IeSink sink;
  GeglBuffer *buffer;
  GeglRectangle extent;
  const IeBufferKind *kind;
  IeRect only;
  IeHeader result;
  void *rows; /* arranged for the buffer; NULL where the result has its layout */
  gsize rows_bytes;
} BufferSink;

gboolean
ie_buffer_takes (const IeBufferKind *kind, const IeHeader *result, GError **error)
{
  const IeHeader *own = &kind->header;
  int colours = ie_colours (result->channels, result->has_alpha), own_colours = ie_colours (own->channels, own->has_alpha);
  if (result->width != own->width || result->height != own->height)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
                 _ ("the result is %d x %d pixels, the layer %d x %d"), result->width, result->height,
                 own->width, own->height);
  else if (colours != own_colours && colours != 1)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT,
                 own_colours != 1 ? _ ("the result has %d colour channels, which an RGB image cannot hold")
                 : colours == 3   ? _ ("the result has %d colour channels, which a grayscale image cannot hold; "
                                       "convert "
                                       "the image to RGB first")
                                  : _ ("the result has %d colour channels, which a grayscale image cannot hold"),
                 colours);
  else if (result->has_alpha && !own->has_alpha)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT,
                         _ ("the result has transparency; add an alpha channel to the layer first"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
sink_begin (IeSink *sink, const IeHeader *header, GError **error)
{
  BufferSink *to = (BufferSink *) sink;
  to->result = *header;
  return ie_buffer_takes (to->kind, header, error);
}

static gboolean
same_layout (const IeHeader *a, const IeHeader *b)
{
  return a->channels == b->channels && a->has_alpha == b->has_alpha;
}

static void
opaque (void *sample, IeDepth depth)
{
  if (depth == IE_DEPTH_U8)
    *(guint8 *) sample = G_MAXUINT8;
  else if (depth == IE_DEPTH_U16)
    *(guint16 *) sample = G_MAXUINT16;
  else
    *(float *) sample = 1;
}

void
ie_buffer_arrange (const IeBufferKind *kind, const IeHeader *result, const void *from, ptrdiff_t from_stride, void *to,
                   ptrdiff_t to_stride, IeRect rect)
{
  const IeHeader *own = &kind->header;
  gsize size = ie_depth_bytes (own->depth);
  int colours = ie_colours (result->channels, result->has_alpha), own_colours = ie_colours (own->channels, own->has_alpha);
  for (int y = 0; y < rect.height; y++) {
    const guint8 *in = (const guint8 *) from + y * from_stride;
    guint8 *out = (guint8 *) to + y * to_stride;
    if (same_layout (result, own)) {
      memcpy (out, in, (gsize) rect.width * (gsize) own->channels * size);
      continue;
    }
    for (int x = 0; x < rect.width; x++, in += (gsize) result->channels * size, out += (gsize) own->channels * size) {
      for (int c = 0; c < own_colours; c++)
        memcpy (out + (gsize) c * size, in + (gsize) (colours == 1 ? 0 : c) * size, size);
      if (own->has_alpha && result->has_alpha)
        memcpy (out + (gsize) own_colours * size, in + (gsize) colours * size, size);
      else if (own->has_alpha)
        opaque (out + (gsize) own_colours * size, own->depth);
    }
  }
}

static gboolean
sink_write (IeSink *sink, IeRect rect, const void *data, ptrdiff_t stride, GError **error)
{
  BufferSink *to = (BufferSink *) sink;
  const IeHeader *own = &to->kind->header;
  IeRect part = ie_rect_intersect (rect, to->only);
  if (part.width <= 0 || part.height <= 0)
    return TRUE;
  gsize size = ie_depth_bytes (own->depth);
  const guint8 *first = (const guint8 *) data + (part.y - rect.y) * stride +
                        (ptrdiff_t) ((gsize) (part.x - rect.x) * (gsize) to->result.channels * size);
  GeglRectangle place = { to->extent.x + part.x, to->extent.y + part.y, part.width, part.height };
  if (!same_layout (&to->result, own)) {
    gsize row = (gsize) part.width * (gsize) own->channels * size;
    if (to->rows_bytes < row * (gsize) part.height) {
      g_free (to->rows);
      to->rows_bytes = row * (gsize) part.height;
      to->rows = g_try_malloc (to->rows_bytes);
      if (!to->rows) {
        to->rows_bytes = 0;
        g_set_error_literal (error, IE_ERROR, IE_ERROR_MEMORY, _ ("no memory for the rows of the result"));
        return FALSE;
      }
    }
    ie_buffer_arrange (to->kind, &to->result, first, stride, to->rows, (ptrdiff_t) row, part);
    first = to->rows;
    stride = (ptrdiff_t) row;
  }
  gegl_buffer_set (to->buffer, &place, 0, to->kind->format, first, (int) stride);
  return TRUE;
}

static void
sink_free (IeSink *sink)
{
  BufferSink *to = (BufferSink *) sink;
  g_object_unref (to->buffer);
  g_free (to->rows);
  g_free (to);
}

IeSink *
ie_buffer_sink_new (GeglBuffer *buffer, const GeglRectangle *extent, const IeBufferKind *kind, const IeRect *only)
{
  BufferSink *to = g_new0 (BufferSink, 1);
  to->sink = (IeSink){ .begin = sink_begin, .write = sink_write, .free = sink_free };
  to->buffer = g_object_ref (buffer);
  to->extent = *extent;
  to->kind = kind;
  to->only = only ? *only : ie_rect_whole (&kind->header);
  return &to->sink;
}
