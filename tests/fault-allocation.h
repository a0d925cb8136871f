// SPDX-License-Identifier: GPL-3.0-or-later
/* Allocations that fail: a program that is linked with fault-allocation.c can let the n-th one that a shared object makes fail.
 *
 * What counts are those after which the object can go on: g_try_malloc() and its kin, aligned_alloc(), mmap(). g_malloc() ends
 * the program by GLib's design: the largest one that stood in the object is noted instead. So do FFTW's plans, and lcms2 2.14 reads
 * through a null pointer when it gets no memory for a profile that it makes: what these ask for is small, and does not fail here.
 * With the address sanitizer malloc() and mmap() are the sanitizer's: they do not fail, and are not noted. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where the object lies; again when it was loaded anew. Part of its file's name. FALSE: it is not loaded. */
gboolean ie_faults_in (const char *object);
/* The n-th from now on fails, once; 0: none. Counts from 0 again. */
void ie_faults_arm (int n);
/* How many there were, and whether one failed. */
int ie_faults_seen (void);
gboolean ie_faults_struck (void);
/* The largest allocation that must not fail; *where (may be NULL) is a place in the object. Begins again. */
gsize ie_faults_largest (gpointer *where);

G_END_DECLS
