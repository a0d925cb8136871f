// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/temporary.h"

#include "core/error.h"
#include "core/i18n.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static IeMakeTemporary make_elsewhere;

void
ie_set_temporary (IeMakeTemporary make)
{
  make_elsewhere = make;
}

int
ie_temporary_file (const char *folder, GError **error)
{
  if (make_elsewhere)
    return make_elsewhere (folder, error);
  if (!folder)
    folder = g_get_tmp_dir ();
  char *path = g_build_filename (folder, "imgenhance-XXXXXX", NULL);
  int fd = mkostemp (path, O_CLOEXEC);
  if (fd < 0)
    g_set_error (error, IE_ERROR, IE_ERROR_PLACE,
                 _ ("cannot make a temporary file in %s: %s"), folder, g_strerror (errno));
  else
    unlink (path);
  g_free (path);
  return fd;
}
