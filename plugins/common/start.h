// SPDX-License-Identifier: GPL-3.0-or-later
/* How a plug-in's process uses GEGL: as buffers that GIMP fills, and nothing else. (The GEGL module lives in GIMP's own process
 * and leaves these things as they are.) */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Before anything of GIMP, in main(). */
void ie_face_environment (void);
/* In place of gegl_init(), when a procedure was called. */
void ie_face_begin (void);

G_END_DECLS
