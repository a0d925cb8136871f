// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/start.h"

#include <gegl.h>

/* Bytes of tiles that wait here to be looked at again, or to be sent. GIMP has all of them: a plug-in walks over a picture in rows, and
 * needs some rows of tiles. At 24 megapixels and four floats a pixel a row of tiles is 12 MB. */
#define TILES (32u << 20)

void
ie_face_environment (void)
{
  /* babl reads the conversions that other programs once looked for, and measures how fast tables are for them: half a second and 360 MB
   * in each process (0.1.98 to 0.1.112). Pixels come here in the format in which they are wanted: there is nothing to convert but
   * for the screen, and for precisions that the library has not. */
  g_setenv ("BABL_INHIBIT_CACHE", "1", TRUE);
  g_setenv ("BABL_LUT", "0", TRUE);
  /* Buffers are all that is wanted of GEGL: without its operations it starts in half the time. */
  g_setenv ("GEGL_PATH", "/nonexistent", TRUE);
}

void
ie_face_begin (void)
{
  gegl_init (NULL, NULL);
  /* GIMP tells its plug-ins its own limit, which is half of the machine: pictures would be held here a second time. */
  g_object_set (gegl_config (), "tile-cache-size", (guint64) TILES, NULL);
}
