// SPDX-License-Identifier: GPL-3.0-or-later
/* The interface between the engine and the working spaces: core defines it, colorspace fills it.
 *
 * A group of neighbouring steps in one space is entered once and left once. Leaving gets the pixels that the group
 * started from, so that what the space does not hold (a*, b*, the ratios of the channels) is taken from there.
 */
#pragma once

#include "core/filter.h"

G_BEGIN_DECLS

typedef struct {
  guint64 out_of_gamut; /* pixels whose colour left the range of the picture's profile by more than half an 8-bit code */
} IeConvertCount;

typedef struct {
  IeSpace space;
  /* Makes what conversion from and to pictures of this header needs (its profile, tables). NULL and error when it
   * has no such space (lightness of CMYK without a profile). */
  gpointer (*open) (const IeHeader *native, GError **error);
  void (*close) (gpointer state);
  /* Colour channels of the space for pictures of this header. */
  int (*channels) (const IeHeader *native);
  /* native (u8, u16 or float, alpha kept as the last channel) -> space, float. Same rectangle. */
  void (*enter) (gconstpointer state, const IePixels *native, const IePixels *worked);
  /* worked (float, as the steps left it) and original (native pixels that enter() saw, same rectangle) -> out: native
   * channels, float or, as the last thing before the sink, u8 / u16 clamped and rounded. Alpha of out is worked's. */
  void (*leave) (gconstpointer state, const IePixels *original, const IePixels *worked, const IePixels *out,
                 IeConvertCount *count);
  /* A converter that can hand what it computed on entering to its leaving says how many floats a pixel that takes with
   * this state (0: nothing). The two functions below then give the samples of the two above, `kept` (float, that many
   * channels, laid out as the converter likes) filled by the first and read by the second: its rectangle has those rows of
   * the one that is entered which are left again, in their whole width. NULL, all three, where there is nothing. */
  int (*keeps) (gconstpointer state);
  void (*enter_keeping) (gconstpointer state, const IePixels *native, const IePixels *worked, const IePixels *kept);
  void (*leave_kept) (gconstpointer state, const IePixels *original, const IePixels *worked, const IePixels *kept,
                      const IePixels *out, IeConvertCount *count);
  /* Whether with this state the two functions below take the place of the others, for 8-bit pictures without alpha whose one
   * channel in the space is counted, or mapped by a curve, and nothing else. NULL, all three, where there is nothing.
   * count(): adds 1 to counts[k] for each pixel, k the 16-bit code of its clamped value.
   * tone(): enters, maps by the curve (IE_TONE_VALUES codes, core/tone.h) and leaves; within 0.3 of an 8-bit code, before
   * rounding, of what the three would give. */
  gboolean (*tones) (gconstpointer state);
  void (*count) (gconstpointer state, const IePixels *native, guint32 *counts);
  void (*tone) (gconstpointer state, const IePixels *native, const guint16 *curve, const IePixels *out,
                IeConvertCount *count);
} IeConverter;

/* The converter of a space at this processor's level; NULL for IE_SPACE_NATIVE. Defined by colorspace/, called by core. */
const IeConverter *ie_converter (IeSpace space);

G_END_DECLS
