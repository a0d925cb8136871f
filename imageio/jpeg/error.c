// SPDX-License-Identifier: GPL-3.0-or-later
#include "imageio/jpeg/error.h"

#include <jerror.h>

static void
escape (j_common_ptr jpeg)
{
  IeJpegError *error = (IeJpegError *) jpeg->err;
  jpeg->err->format_message (jpeg, error->message);
  longjmp (error->escape, 1);
}

/* Level below 0: a warning. Those about samples that are lost or wrong count as errors; about the rest (an unknown
 * version, a broken profile, bytes between segments) nothing needs to be said. */
static void
judge (j_common_ptr jpeg, int level)
{
  if (level >= 0)
    return;
  switch (jpeg->err->msg_code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
      escape (jpeg);
      break;
    case JWRN_EXTRANEOUS_DATA: /* before a restart marker: the blocks until there were decoded wrongly */
      if (jpeg->err->msg_parm.i[1] >= JPEG_RST0 && jpeg->err->msg_parm.i[1] < JPEG_RST0 + 8)
        escape (jpeg);
      break;
    default:
      break;
  }
}

static void
print_nothing (j_common_ptr jpeg)
{
}

struct jpeg_error_mgr *
ie_jpeg_error_init (IeJpegError *error)
{
  jpeg_std_error (&error->manager);
  error->manager.error_exit = escape;
  error->manager.emit_message = judge;
  error->manager.output_message = print_nothing;
  return &error->manager;
}
