// SPDX-License-Identifier: GPL-3.0-or-later
/* Compressions of TIFF: their names, and which one a page is written with. */
#include "imageio/tiff/compression.h"

#include "core/i18n.h"

#include <tiffio.h>

static const struct {
  const char *name;
  int code;
} compressions[] = {
  { "none", COMPRESSION_NONE },     { "packbits", COMPRESSION_PACKBITS },
  { "lzw", COMPRESSION_LZW },       { "deflate", COMPRESSION_ADOBE_DEFLATE },
  { "zstd", COMPRESSION_ZSTD },     { "lzma", COMPRESSION_LZMA },
  { "g4", COMPRESSION_CCITTFAX4 },
};

const char *const *
ie_tiff_compressions (void)
{
  static const char *names[G_N_ELEMENTS (compressions) + 1];
  static gsize made = 0;
  if (g_once_init_enter (&made)) {
    gsize count = 0;
    for (gsize i = 0; i < G_N_ELEMENTS (compressions); i++)
      if (TIFFIsCODECConfigured ((uint16_t) compressions[i].code))
        names[count++] = compressions[i].name;
    g_once_init_leave (&made, 1);
  }
  return names;
}

int
ie_tiff_compression_by_name (const char *name, GError **error)
{
  const char *const *names = ie_tiff_compressions ();
  for (gsize i = 0; i < G_N_ELEMENTS (compressions); i++)
    if (g_str_equal (compressions[i].name, name) && g_strv_contains (names, name))
      return compressions[i].code;
  char *list = g_strjoinv (", ", (char **) (guintptr) names);
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("TIFF compression is one of %s, not %s"), list, name);
  g_free (list);
  return 0;
}

static gboolean
is_fax (int compression)
{
  return compression == COMPRESSION_CCITTFAX4 || compression == COMPRESSION_CCITTFAX3 ||
         compression == COMPRESSION_CCITTRLE;
}

gboolean
ie_tiff_is_bilevel (const IeTiffType *type)
{
  return type->bits == 1 && type->header.channels == 1;
}

int
ie_tiff_choose_compression (int wished, const IeLayout *layout, const IeTiffType *type, IeFidelity *fidelity,
                            GError **error)
{
  int kept = layout && layout->tiff.bits ? layout->tiff.compression : COMPRESSION_NONE;
  if (kept == COMPRESSION_DEFLATE) /* the older number of the same */
    kept = COMPRESSION_ADOBE_DEFLATE;
  int compression = wished ? wished : kept;
  gboolean fits = !is_fax (compression) || ie_tiff_is_bilevel (type);
  if (wished) {
    if (!fits)
      g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("compression g4 needs a picture of 1 bit"));
    return fits ? wished : 0;
  }
  gboolean known = is_fax (kept);
  for (gsize i = 0; i < G_N_ELEMENTS (compressions); i++)
    known |= compressions[i].code == kept;
  if (known && fits && TIFFIsCODECConfigured ((uint16_t) kept))
    return kept;
  ie_fidelity_note (fidelity, IE_ITEM_COMPRESSION, IE_FIDELITY_CHANGED,
                    _ ("TIFF compression %d becomes Deflate"), kept);
  return COMPRESSION_ADOBE_DEFLATE;
}

gboolean
ie_tiff_predicts (int compression)
{
  return compression == COMPRESSION_LZW || compression == COMPRESSION_ADOBE_DEFLATE ||
         compression == COMPRESSION_DEFLATE || compression == COMPRESSION_ZSTD || compression == COMPRESSION_LZMA;
}

int
ie_tiff_choose_predictor (int compression, const IeLayout *layout, const IeTiffType *type)
{
  int bits = type->bits;
  gboolean real = type->format == SAMPLEFORMAT_IEEEFP;
  gboolean whole = bits == 8 || bits == 16 || bits == 32;
  if (!ie_tiff_predicts (compression))
    return PREDICTOR_NONE;
  gboolean same = layout && layout->tiff.bits == bits && layout->tiff.format == type->format &&
                  (layout->tiff.compression == compression || layout->tiff.compression == COMPRESSION_DEFLATE);
  int wished = same ? layout->tiff.predictor : real ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL;
  if (wished == PREDICTOR_FLOATINGPOINT)
    return real ? wished : PREDICTOR_NONE;
  return whole ? wished : PREDICTOR_NONE;
}
