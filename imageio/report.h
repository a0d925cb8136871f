// SPDX-License-Identifier: GPL-3.0-or-later
/* The fidelity report of one picture: what of all that belongs to it was kept, changed or dropped on the way.
 *
 * The face makes one for each picture and hands it to the reader (IeReadLimits.fidelity) and the writer
 * (IeWriteOptions.fidelity); both keep the pointer and add notes while they work:
 * - A reader notes what it cannot hand on: further frames of an animation, a gain map, unknown chunks, a broken profile.
 * - A writer notes what it was given and cannot or does not write, or writes otherwise (a profile too large for its
 *   segments, tiles that become strips). What the format's `carries` flags promise (imageio.h) is noted as kept, and
 *   what they do not promise as dropped, by the output itself (metadata/metadata.c): no writer needs to.
 *
 * One thread at a time. Every function takes NULL for the report and does nothing then.
 */
#pragma once

#include "core/image.h"

G_BEGIN_DECLS

typedef enum { IE_FIDELITY_KEPT, IE_FIDELITY_CHANGED, IE_FIDELITY_DROPPED } IeFidelityState;

typedef struct IeFidelity IeFidelity;

typedef struct {
  const char *item; /* one of those below, or a word of the format's own */
  IeFidelityState state;
  const char *note; /* one printable line; "" when there is nothing to add */
} IeFidelityNote;

#define IE_ITEM_PROFILE "profile"
#define IE_ITEM_EXIF "exif"
#define IE_ITEM_XMP "xmp"
#define IE_ITEM_IPTC "iptc"
#define IE_ITEM_PHOTOSHOP "photoshop"
#define IE_ITEM_LAYERS "layers"
#define IE_ITEM_TEXT "text"
#define IE_ITEM_RESOLUTION "resolution"
#define IE_ITEM_ORIENTATION "orientation"
#define IE_ITEM_THUMBNAIL "thumbnail"
#define IE_ITEM_MAKER_NOTE "maker-note"
#define IE_ITEM_PAGES "pages"
#define IE_ITEM_ALPHA "alpha"
#define IE_ITEM_DEPTH "depth"
#define IE_ITEM_LAYOUT "layout"
#define IE_ITEM_COMPRESSION "compression"
#define IE_ITEM_ANIMATION "animation"
#define IE_ITEM_GAIN_MAP "gain-map"
#define IE_ITEM_CHUNKS "chunks"
#define IE_ITEM_SAMPLES "samples"

/* ie_fidelity_free(). */
IE_API IeFidelity *ie_fidelity_new (void);
IE_API void ie_fidelity_free (IeFidelity *fidelity);

/* Adds a note; format (may be NULL) as in printf. An item has one entry: the worse state wins (dropped, changed, kept),
 * and the reasons of that state are joined. Text is made one printable line of UTF-8 and cut at 300 bytes; after 64
 * items further ones are counted under "more". */
IE_API void ie_fidelity_note (IeFidelity *fidelity, const char *item, IeFidelityState state, const char *format, ...)
  G_GNUC_PRINTF (4, 5);

IE_API int ie_fidelity_count (const IeFidelity *fidelity);
/* Borrowed; valid until the next note. */
IE_API IeFidelityNote ie_fidelity_get (const IeFidelity *fidelity, int i);
/* "kept", "changed", "dropped". */
IE_API const char *ie_fidelity_state_name (IeFidelityState state);
/* "not kept: thumbnail (no room), text"; NULL when nothing was dropped. g_free(). */
IE_API char *ie_fidelity_dropped (const IeFidelity *fidelity);
/* The same of what cannot be had again, which is what `strict` refuses: a thumbnail is made of the picture, and whoever
 * wants one makes it anew. */
IE_API char *ie_fidelity_lost (const IeFidelity *fidelity);

G_END_DECLS
