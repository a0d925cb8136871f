// SPDX-License-Identifier: GPL-3.0-or-later
/* A thread that does one errand after the other: all that a plug-in asks of GIMP while its other threads compute. A tile is a
 * conversation of two processes that mostly wait for each other. */
#pragma once

#include "core/imgenhance.h"

G_BEGIN_DECLS

typedef struct IeCourier IeCourier;
typedef struct {
  void (*work) (gpointer data);
  gpointer data;
  gint done; /* atomic; the courier's */
} IeErrand;

/* NULL: there is no thread to be had. */
IeCourier *ie_courier_new (void);
/* Sends for an errand, which the caller keeps until it is done. */
void ie_courier_send (IeCourier *courier, IeErrand *errand);
void ie_courier_wait (IeCourier *courier, IeErrand *errand);
/* Whether an errand that was sent for is done. */
gboolean ie_courier_is_back (const IeErrand *errand);
/* Waits for all errands and ends the thread. */
void ie_courier_stop (IeCourier *courier);
void ie_courier_free (IeCourier *courier);

/* The pixels of `source`, which is freed with it, fetched by the courier: rows beyond those that were asked for are fetched while
 * the caller is busy with these. One thread reads. To be freed when the courier has stopped. */
IeSource *ie_courier_source_new (IeCourier *courier, IeSource *source);
/* Pixels for `sink`, which is freed with it, delivered by the courier. To be freed when the courier has stopped. */
IeSink *ie_courier_sink_new (IeCourier *courier, IeSink *sink);
/* When the courier has stopped: whether all was delivered. */
gboolean ie_courier_sink_good (IeSink *sink, GError **error);

G_END_DECLS
