// SPDX-License-Identifier: GPL-3.0-or-later
/* Which compression and predictor a page of TIFF is written with. Codes are those of TIFF. */
#pragma once

#include "imageio/tiff/pack.h"

/* The code of a name among ie_tiff_compressions(); 0 and error (IE_ERROR_USAGE) for another. */
int ie_tiff_compression_by_name (const char *name, GError **error);
/* Pictures of one bit, one channel: what fax compressions take. */
gboolean ie_tiff_is_bilevel (const IeTiffType *type);
/* Compression of a page: `wished` unless 0, else that of the file it came from where it loses nothing and can be written,
 * else Deflate, which is noted. layout may be NULL. 0 and error (IE_ERROR_OUTPUT) when the wish does not fit. */
int ie_tiff_choose_compression (int wished, const IeLayout *layout, const IeTiffType *type, IeFidelity *fidelity,
                                GError **error);
/* Whether a compression knows predictors at all. */
gboolean ie_tiff_predicts (int compression);
/* The predictor; PREDICTOR_NONE also where the compression knows none. */
int ie_tiff_choose_predictor (int compression, const IeLayout *layout, const IeTiffType *type);
