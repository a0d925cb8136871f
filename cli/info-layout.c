// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/info-layout.h"

#include <string.h>

#include "cli/json.h"
#include "cli/terminal.h"
#include "core/i18n.h"

/* What the layout says, empty or 0 where it says nothing. */
typedef struct {
  const char *storage;     /* "strips", "tiles", "rows", "interlaced", "baseline", "progressive" */
  int block_width, block_height; /* of a strip or tile */
  gboolean planar;
  char compression[32], subsampling[16];
  int predictor;
  int bits;                /* of a stored sample */
  const char *samples;     /* "unsigned", "signed", "float", "palette" */
} Facts;

/* TIFF 6.0; Adobe Photoshop TIFF Technical Notes; libtiff's tiff.h. */
static const struct {
  int code;
  const char *name;
} compressions[] = {
  { 1, "none" },        { 2, "ccitt-rle" }, { 3, "g3" },       { 4, "g4" },         { 5, "lzw" },
  { 6, "old-jpeg" },    { 7, "jpeg" },      { 8, "deflate" },  { 32773, "packbits" }, { 32809, "thunderscan" },
  { 32946, "deflate" }, { 34661, "jbig" },  { 34676, "sgilog" }, { 34677, "sgilog24" }, { 34712, "jpeg-2000" },
  { 34887, "lerc" },    { 34925, "lzma" },  { 50000, "zstd" }, { 50001, "webp" },   { 50002, "jpeg-xl" },
};

static void
name_compression (Facts *facts, int code)
{
  g_snprintf (facts->compression, sizeof facts->compression, "%d", code);
  for (gsize i = 0; i < G_N_ELEMENTS (compressions); i++)
    if (compressions[i].code == code)
      g_strlcpy (facts->compression, compressions[i].name, sizeof facts->compression);
}

/* Luma samples to a chroma sample, across and down, in the usual notation. */
static void
name_subsampling (Facts *facts, int across, int down)
{
  const char *name = across == 1 && down == 1   ? "4:4:4"
                     : across == 2 && down == 1 ? "4:2:2"
                     : across == 2 && down == 2 ? "4:2:0"
                     : across == 1 && down == 2 ? "4:4:0"
                     : across == 4 && down == 1 ? "4:1:1"
                                                 : NULL;
  if (name)
    g_strlcpy (facts->subsampling, name, sizeof facts->subsampling);
  else
    g_snprintf (facts->subsampling, sizeof facts->subsampling, "%dx%d", across, down);
}

static void
take_tiff (Facts *facts, const IeLayout *layout, const IeHeader *header)
{
  static const char *const formats[] = { N_ ("unsigned"), N_ ("unsigned"), N_ ("signed"), N_ ("float") };
  gboolean tiles = layout->tiff.tile_width > 0;
  facts->storage = tiles ? N_ ("tiles") : N_ ("strips");
  facts->block_width = tiles ? layout->tiff.tile_width : header->width;
  facts->block_height = tiles ? layout->tiff.tile_height : layout->tiff.rows_per_strip;
  facts->planar = layout->tiff.planar;
  facts->predictor = layout->tiff.predictor > 1 ? layout->tiff.predictor : 0;
  facts->bits = layout->tiff.stored_bits;
  facts->samples = layout->tiff.palette ? N_ ("palette") : formats[CLAMP (layout->tiff.format, 0, 3)];
  name_compression (facts, layout->tiff.compression);
  if (layout->tiff.chroma_across)
    name_subsampling (facts, layout->tiff.chroma_across, layout->tiff.chroma_down);
}

static void
take_jpeg (Facts *facts, const IeLayout *layout, const IeHeader *header)
{
  facts->storage = layout->jpeg.progressive ? N_ ("progressive") : N_ ("sequential");
  facts->bits = header->bits ? header->bits : 8 * (int)ie_depth_bytes (header->depth);
  facts->samples = N_ ("unsigned");
  g_strlcpy (facts->compression, layout->jpeg.arithmetic ? N_ ("jpeg, arithmetic") : "jpeg", sizeof facts->compression);
  if (layout->jpeg.components >= 3 && layout->jpeg.horizontal[1] && layout->jpeg.vertical[1])
    name_subsampling (facts, layout->jpeg.horizontal[0] / layout->jpeg.horizontal[1],
                      layout->jpeg.vertical[0] / layout->jpeg.vertical[1]);
}

static Facts
gather (const IeHeader *header)
{
  Facts facts = { 0 };
  const IeLayout *layout = header->metadata ? header->metadata->layout : NULL;
  if (layout && layout->tiff.bits)
    take_tiff (&facts, layout, header);
  else if (layout && layout->jpeg.components)
    take_jpeg (&facts, layout, header);
  else if (layout && layout->png.bits) {
    facts.storage = layout->png.interlaced ? N_ ("interlaced") : N_ ("rows");
    facts.bits = layout->png.bits;
    facts.samples = layout->png.palette ? N_ ("palette") : N_ ("unsigned");
    g_strlcpy (facts.compression, "deflate", sizeof facts.compression);
  } else if (layout)
    g_strlcpy (facts.compression, layout->lossy ? N_ ("lossy") : N_ ("lossless"), sizeof facts.compression);
  return facts;
}

static const char *
kind_name (IePageKind kind)
{
  return kind == IE_PAGE_MASK ? N_ ("mask") : kind == IE_PAGE_REDUCED ? N_ ("reduced") : N_ ("picture");
}

static const char *
model_name (IeModel model)
{
  static const char *const names[] = { N_ ("gray"), "rgb", "cmyk", "lab", N_ ("other") };
  return names[model];
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static void
member (GString *out, const char *key, const char *text)
{
  cli_json_key (out, key);
  cli_json_string (out, text && *text ? text : NULL);
}

static void
number (GString *out, const char *key, int value)
{
  cli_json_key (out, key);
  if (value > 0)
    cli_json_integer (out, (guint64)value);
  else
    cli_json_null (out);
}

static void
page_json (GString *out, const IeHeader *header)
{
  Facts facts = gather (header);
  number (out, "width", header->width);
  number (out, "height", header->height);
  number (out, "channels", header->channels);
  member (out, "model", model_name (header->model));
  member (out, "storage", facts.storage);
  number (out, "block_width", facts.block_width);
  number (out, "block_height", facts.block_height);
  cli_json_key (out, "planar");
  cli_json_bool (out, facts.planar);
  member (out, "compression", facts.compression);
  number (out, "predictor", facts.predictor);
  member (out, "subsampling", facts.subsampling);
  number (out, "stored_bits", facts.bits);
  member (out, "stored_samples", facts.samples);
}

void
cli_info_layout_json (GString *out, const IeFormat *format, const IeSource *source)
{
  int count = ie_page_count (format, source);
  cli_json_key (out, "pages");
  cli_json_open (out, '[');
  for (int i = 0; i < count; i++) {
    GError *error = NULL;
    IeSource *page = i ? ie_page_open (format, source, i, &error) : NULL;
    cli_json_open (out, '{');
    member (out, "kind", kind_name (ie_page_kind (format, source, i)));
    if (i == 0 || page)
      page_json (out, i ? &page->header : &source->header);
    member (out, "error", error ? error->message : NULL);
    cli_json_close (out, '}');
    g_clear_error (&error);
    ie_source_free (page);
  }
  cli_json_close (out, ']');
}

/* ---- Text -------------------------------------------------------------------------------------------------------- */

/* "strips of 16 rows, planar, deflate with predictor 2, 12-bit unsigned"; empty where nothing is known. */
static void
append_facts (GString *out, const Facts *facts)
{
  const char *comma = "";
  if (facts->storage && facts->block_height && facts->storage[0] == 't')
    g_string_append_printf (out, _ ("tiles of %d x %d"), facts->block_width, facts->block_height);
  else if (facts->storage && facts->block_height)
    g_string_append_printf (out, ie_ngettext ("strips of %d row", "strips of %d rows", (gulong)facts->block_height),
                            facts->block_height);
  else if (facts->storage)
    g_string_append (out, _ (facts->storage));
  if (facts->storage)
    comma = _ (", ");
  if (facts->planar)
    g_string_append_printf (out, "%s%s", comma, _ ("planar"));
  if (*facts->compression)
    g_string_append_printf (out, "%s%s", comma, _ (facts->compression));
  if (facts->predictor)
    g_string_append_printf (out, _ (" with predictor %d"), facts->predictor);
  if (*facts->subsampling)
    g_string_append_printf (out, _ (", chroma %s"), facts->subsampling);
  if (facts->bits)
    g_string_append_printf (out, _ (", %d-bit %s"), facts->bits, _ (facts->samples));
}

void
cli_info_layout_text (GString *out, const IeFormat *format, const IeSource *source)
{
  int count = ie_page_count (format, source);
  Facts facts = gather (&source->header);
  if (facts.storage || *facts.compression) {
    g_string_append (out, "  ");
    cli_pad (out, _ ("storage"), 12);
    append_facts (out, &facts);
    g_string_append_c (out, '\n');
  }
  if (count > 1) {
    g_string_append (out, "  ");
    cli_pad (out, _ ("pages"), 12);
    g_string_append_printf (out, "%d\n", count);
  }
  for (int i = 1; i < count; i++) {
    GError *error = NULL;
    IeSource *page = ie_page_open (format, source, i, &error);
    g_string_append_printf (out, _ ("    page %d: %s, "), i + 1, _ (kind_name (ie_page_kind (format, source, i))));
    if (page) {
      const IeHeader *header = &page->header;
      facts = gather (header);
      g_string_append_printf (out, header->has_alpha ? _ ("%d x %d, %s and alpha, ") : "%d x %d, %s, ", header->width,
                              header->height, _ (model_name (header->model)));
      append_facts (out, &facts);
    } else {
      char *safe = cli_escape (error->message);
      g_string_append (out, safe);
      g_free (safe);
    }
    g_string_append_c (out, '\n');
    g_clear_error (&error);
    ie_source_free (page);
  }
}
