// SPDX-License-Identifier: GPL-3.0-or-later
/* IPTC for formats that hold XMP alone: what the datasets say goes into the properties that mean the same. */
#pragma once

#include <glib.h>

typedef struct {
  int datasets;  /* that say something; those about the block itself (versions, character set) are not counted */
  int carried;   /* said by the packet now */
  int different; /* the packet already says something else, which stays */
  GString *lost; /* "2:7, 2:118": those without a property of the same meaning; owned by the caller */
} IeIptcCarried;

/* The packet `xmp` (NULL: a new one) with the properties of the IPTC block that it lacks; *carried tells how that went.
 * NULL when nothing could be added or said: no property applies, the packet cannot be edited, or this build has no gexiv2
 * (*failed says which; borrowed text). Any bytes are safe; any threads at once. g_bytes_unref(). */
GBytes *ie_iptc_to_xmp (GBytes *iptc, GBytes *xmp, IeIptcCarried *carried, const char **failed);
