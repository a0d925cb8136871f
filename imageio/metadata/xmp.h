// SPDX-License-Identifier: GPL-3.0-or-later
/* XMP packets, read and edited in memory through gexiv2, which is never given a picture file. Any threads at once: the
 * library below keeps global state, so one call runs at a time. */
#pragma once

#include <glib.h>

/* What a packet should say where it says anything of it. Zero members: not known. */
typedef struct {
  int width, height, orientation;
  double x_resolution, y_resolution; /* pixels per inch */
} IeXmpFacts;

/* The packet with these facts; itself (a reference) when nothing in it is otherwise, or when it cannot be edited (then
 * *failed is set and says why; borrowed text). g_bytes_unref(). */
GBytes *ie_xmp_update (GBytes *packet, const IeXmpFacts *facts, const char **failed);

typedef enum { IE_XMP_TEXT, IE_XMP_LANGUAGES, IE_XMP_BAG, IE_XMP_SEQUENCE } IeXmpKind;

typedef struct {
  const char *tag; /* "Xmp.dc.subject" */
  IeXmpKind kind;  /* LANGUAGES: the value is that of x-default */
  GPtrArray *values; /* of char *, UTF-8; one where kind is no list */
  gboolean differs; /* out: the packet says something else, and still does */
} IeXmpProperty;

/* The packet (NULL: a new one) with these properties where it lacks them; lists get the values that they lack. Itself (a
 * reference) when it says all that; NULL when it cannot be edited (*failed says why). g_bytes_unref(). */
GBytes *ie_xmp_add (GBytes *packet, IeXmpProperty **properties, guint count, const char **failed);

/* Calls found for each property, up to `most`, names as "Xmp.dc.creator". FALSE when the packet cannot be read, or this
 * build has no gexiv2; *failed says which. */
typedef void (*IeXmpFound) (gpointer data, const char *name, const char *value);
gboolean ie_xmp_list (GBytes *packet, guint most, IeXmpFound found, gpointer data, const char **failed);
