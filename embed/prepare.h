// SPDX-License-Identifier: GPL-3.0-or-later
/* What is made of a picture where it is decoded (a process without rights): little, fixed in size, and all that is needed
 * afterwards. The built-in descriptor's vectors, the pixels that a model is fed with, or a small picture to show. */
#pragma once

#include "embed/descriptor.h"
#include "embed/resample.h"

G_BEGIN_DECLS

typedef enum { IE_PREPARE_DESCRIPTOR, IE_PREPARE_PIXELS, IE_PREPARE_SMALL } IePrepareKind;

/* How a picture is brought to width x height. */
typedef enum {
  IE_FIT_STRETCH, /* straight to the size */
  IE_FIT_SHORT,   /* the shorter side to short_side, then the middle is cut out */
} IeFit;

/* Where the middle begins when what is cut off is odd: half of it without the rest (Hugging Face's processors), or rounded to
 * the even one (torchvision's CenterCrop). */
typedef enum { IE_CUT_FLOOR, IE_CUT_EVEN } IeCut;

#define IE_PREPARE_MOST 4096
#define IE_PREPARE_PASTED (1u << 8)

typedef struct {
  IePrepareKind kind;
  /* DESCRIPTOR: vectors of IE_DESCRIPTOR_BYTES, for each part (1 or IE_DESCRIPTOR_PARTS) each of the turns. */
  IeDescriptorMode mode;
  int parts;
  guint turns; /* bit i < 8: EXIF orientation i + 1; bit 0 is always set. IE_PREPARE_PASTED comes last: what is pasted into the
                  part, or the part again where nothing is */
  /* SMALL: area means whose longer side is at most `width`: see ie_prepare_small().
   * PIXELS: width x height x 3 bytes, RGB interleaved. */
  IeResample resample;
  IeFit fit;
  IeCut cut;
  int short_side, width, height; /* 1..IE_PREPARE_MOST; short_side is not below the others */
} IePrepare;

/* As words, and back; FALSE and error (IE_ERROR_USAGE) when the words are no such thing. The text of equal ones is equal. */
IE_API char *ie_prepare_text (const IePrepare *prepare);
IE_API gboolean ie_prepare_parse (const char *text, IePrepare *prepare, GError **error);

/* Bytes of the result: known before the picture is. */
IE_API gsize ie_prepare_bytes (const IePrepare *prepare);
/* The longer side that a reader may reduce the picture to (never below it), 0: none. */
IE_API int ie_prepare_side (const IePrepare *prepare);
/* Does it; ie_prepare_bytes() bytes, g_bytes_unref(). PIXELS of a picture with a side of more than IE_PREPARE_LONGEST are made of
 * area means of that size. NULL and error. Any thread. */
IE_API GBytes *ie_prepare_run (const IePrepare *prepare, IeSource *source, const gint *cancel, GError **error);
#define IE_PREPARE_LONGEST 12288

/* What SMALL gave: the pixels (of `bytes`, not a copy), RGB interleaved, and how many; NULL when it makes no sense. */
IE_API const guint8 *ie_prepare_small (const IePrepare *prepare, const guint8 *bytes, int *width, int *height);

/* The same of a portrait that is there already. */
IE_API GBytes *ie_prepare_portrait (const IePrepare *prepare, const IePortrait *portrait, GError **error);

G_END_DECLS
