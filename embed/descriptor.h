// SPDX-License-Identifier: GPL-3.0-or-later
/* The built-in descriptor: 256 signed bytes that say what a picture shows, without anybody's weights. */
#pragma once

#include "embed/portrait.h"

G_BEGIN_DECLS

#define IE_DESCRIPTOR_BYTES 256
/* A portrait for it need not have a longer side than this. */
#define IE_DESCRIPTOR_SIDE 384

/* VISUAL: the same picture after edits has nearly the same vector. LOOK: colour and layout alone. */
typedef enum { IE_DESCRIPTOR_VISUAL, IE_DESCRIPTOR_LOOK } IeDescriptorMode;

/* Describes `part` of the portrait (NULL: the whole), seen as if it were turned: 1..8 as EXIF orientations are numbered, 1 as it
 * is. A frame around the picture (bars, margins) is left out of it. Two vectors are compared by their inner product over
 * IE_DESCRIPTOR_NORM^2, a cosine within 0.01. The same bytes in every run, thread and processor level. Any thread. */
IE_API void ie_describe (const IePortrait *portrait, const IeRect *part, int turn, IeDescriptorMode mode,
                         gint8 vector[IE_DESCRIPTOR_BYTES]);
/* Length to which vectors are brought before they are rounded. */
#define IE_DESCRIPTOR_NORM 508

/* What cosines of different pictures are: the median; what one of 1,000 pairs reaches; where copies begin (at most one of 10,000
 * pairs reaches it, series of clip art among them). Measured by ./dev bench similar: docs/similar-descriptor.md. */
#define IE_DESCRIPTOR_UNRELATED 0.05
#define IE_DESCRIPTOR_SIMILAR 0.60
#define IE_DESCRIPTOR_NEAR 0.90
#define IE_DESCRIPTOR_LOOK_UNRELATED 0.32
#define IE_DESCRIPTOR_LOOK_SIMILAR 0.85
#define IE_DESCRIPTOR_LOOK_NEAR 0.95

/* "visual-1-89abcdef": name, version and a hash of the fitted data: vectors of equal ids can be compared. */
IE_API const char *ie_descriptor_id (IeDescriptorMode mode);

/* Whether a vector of VISUAL is that of a picture of one colour. Nothing in it can be compared: all such pictures are as near to
 * each other as what they have in common, which is that there is nothing. Any thread. */
IE_API gboolean ie_descriptor_is_blank (const gint8 vector[IE_DESCRIPTOR_BYTES]);

/* Parts that the option for crops describes beside the whole: the centre and the four quadrants, each three fifths of the sides.
 * part: 0 (the whole) .. IE_DESCRIPTOR_PARTS - 1. */
#define IE_DESCRIPTOR_PARTS 6
IE_API IeRect ie_descriptor_part (const IePortrait *portrait, int part);

/* The part of a portrait that looks like another picture pasted into it: a screenshot, a page. A guess, which windows of houses
 * can mislead: queries try it beside the whole, and nothing is stored by it. FALSE where there is none. */
IE_API gboolean ie_descriptor_pasted (const IePortrait *portrait, IeRect *part);

G_END_DECLS
