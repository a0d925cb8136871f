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

/* Takes the mnemonics of the buttons that stand in every dialog of a filter: ours, the preview's and GIMP's. */
void ie_mnemonics_take_buttons (IeMnemonics *taken);
/* The text with a mnemonic of its own; text that has no Latin letter gets one in parentheses behind it, as is the custom there.
 * g_free(). */
char *ie_mnemonic_text (IeMnemonics *taken, const char *text);

/* To the clipboard, which keeps it when the plug-in ends, as far as the desktop does so. */
void ie_copy (GtkWidget *widget, const char *text);

/* A place for something that scrolls by itself, as a list does, with a frame around it. The place takes no focus: what is in it
 * does. */
GtkWidget *ie_scrolled_new (void);

/* A label before a control, at its left end. */
GtkWidget *ie_label_new (const char *text_with_mnemonic, GtkWidget *control);

G_END_DECLS
