// SPDX-License-Identifier: GPL-3.0-or-later
/* Small pieces that every dialog is put together from: boxes, labels with mnemonics, accessible names. */
#pragma once

#include "core/imgenhance.h"
#include "core/i18n.h"
#include "plugins/dialog/gimp-compat.h"

G_BEGIN_DECLS

/* Distances of GNOME's guidelines, which GIMP follows. */
#define IE_BORDER 12
#define IE_SPACING 6

/* Letters that are taken already, as a set. */
typedef guint32 IeMnemonics;

/* Those of GIMP's buttons: _OK, _Cancel, _Help, _Reset, _Load, _Save; of ours: _Presets, Save _As, _Delete, Cop_y; of the
 * preview's: _Fit, _Before, _Split. */
#define IE_MNEMONICS_OF_BUTTONS "ochrlspadyfb"

/* Takes the letters of the text. */
void ie_mnemonics_take (IeMnemonics *taken, const char *letters);
/* The text with a mnemonic of its own; text that has no Latin letter gets one in parentheses behind it, as is the custom there.
 * g_free(). */
char *ie_mnemonic_text (IeMnemonics *taken, const char *text);

/* A label before a control, at its left end. */
GtkWidget *ie_label_new (const char *text_with_mnemonic, GtkWidget *control);

G_END_DECLS
