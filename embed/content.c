// SPDX-License-Identifier: GPL-3.0-or-later
#include "embed/content.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "core/i18n.h"

#define PIECE (1 << 18) /* stays in the second cache */

gboolean
ie_content_hash (int fd, const gint *cancel, guint8 content[IE_CONTENT_BYTES], GError **error)
{
  XXH3_state_t *state = XXH3_createState ();
  guint8 *piece = g_malloc (PIECE);
  gssize got = 1;
  XXH3_128bits_reset (state);
  for (off_t at = 0; got > 0 && !(cancel && g_atomic_int_get (cancel)); at += got) {
    while ((got = pread (fd, piece, PIECE, at)) < 0 && errno == EINTR)
      ;
    if (got > 0)
      XXH3_128bits_update (state, piece, (size_t) got);
  }
  if (got < 0)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, g_strerror (errno));
  else if (got > 0)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("interrupted"));
  else {
    XXH128_canonical_t number;
    XXH128_canonicalFromHash (&number, XXH3_128bits_digest (state));
    memcpy (content, number.digest, IE_CONTENT_BYTES);
  }
  XXH3_freeState (state);
  g_free (piece);
  return got == 0;
}
