// SPDX-License-Identifier: GPL-3.0-or-later
/* EXIF of TIFF files. There the EXIF, GPS and interoperability directories hang below a page's own directory, which also
 * holds what EXIF keeps in its first one (description, maker, dates, artist, copyright, and so on).
 *
 * Values are copied as they are stored, not through libtiff's numbers: a fraction stays the fraction it was, and tags
 * that libtiff does not know come along.
 */
#pragma once

#include <glib.h>
#include <tiffio.h>

/* The descriptive tags, EXIF and GPS of the directory that tiff stands on, as a block of their own ("II*\0..." or
 * "MM\0*..."), in the file's byte order. NULL: there are none. Cut off at 16 MiB. Any file is safe. g_bytes_unref().
 * A maker note's offsets are not those it was written with: see ie_exif_maker_note_is_bound(). */
GBytes *ie_tiff_exif_read (TIFF *tiff);

/* Sets the block's descriptive tags in the directory being written, and writes its EXIF and GPS directories to the end of
 * the file, at once: call it after the page's other fields and before its first strip or tile. What the page itself
 * tells (size, orientation, resolution) is left to the caller; the thumbnail is left out. A block that cannot be read
 * writes nothing. FALSE and error when writing failed. */
gboolean ie_tiff_exif_write (TIFF *tiff, GBytes *exif, GError **error);
