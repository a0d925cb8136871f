// SPDX-License-Identifier: GPL-3.0-or-later
/* Texts that people read, in their language. */
#pragma once

#ifndef _
#define _(text) (text)
#endif
