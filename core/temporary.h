// SPDX-License-Identifier: GPL-3.0-or-later
/* Files without a name, for what memory does not hold: they are gone with the last descriptor. */
#pragma once

#include "core/image.h"

G_BEGIN_DECLS

/* Makes one, open for reading and writing, close-on-exec, owned by the caller; `folder` NULL: g_get_tmp_dir(). Gives -1
 * and error (IE_ERROR_PLACE) when that fails. Any thread. */
IE_API int ie_temporary_file (const char *folder, GError **error);

/* Lets somebody else make them from now on: for a process that may not open files itself. `make` gets the folder that is
 * wished (NULL: any) and runs in the thread that asks. Set once, before any work; NULL is the usual way again. */
typedef int (*IeMakeTemporary) (const char *folder, GError **error);
IE_API void ie_set_temporary (IeMakeTemporary make);

G_END_DECLS
