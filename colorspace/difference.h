// SPDX-License-Identifier: GPL-3.0-or-later
/* Colour differences of CIELAB: of two colours { L*, a*, b* }. Any thread; no errors. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* CIE 1976: the Euclidean distance. */
double ie_delta_e_76 (const double lab1[3], const double lab2[3]);
/* CIE 1994 for graphic arts (kL = 1, K1 = 0.045, K2 = 0.015); lab1 is the reference: not symmetric. */
double ie_delta_e_94 (const double lab1[3], const double lab2[3]);
/* CIEDE2000 (kL = kC = kH = 1): Sharma, Wu and Dalal, Color Research and Application 30 (2005), 21-30. */
double ie_delta_e_2000 (const double lab1[3], const double lab2[3]);

G_END_DECLS
