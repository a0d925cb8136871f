// SPDX-License-Identifier: GPL-3.0-or-later
/* Messages over a socket. */
#include "embed/model-pipe.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

/* Until the socket is ready. FALSE: the time is over. */
static gboolean
wait_for (int socket, short events, gint64 deadline)
{
  for (;;) {
    gint64 left = deadline ? deadline - g_get_monotonic_time () : G_USEC_PER_SEC;
    if (left <= 0) {
      errno = ETIMEDOUT;
      return FALSE;
    }
    struct pollfd watch = { .fd = socket, .events = events };
    int ready = poll (&watch, 1, (int) MIN (left / 1000 + 1, 1000));
    if (ready > 0)
      return TRUE;
    if (ready < 0 && errno != EINTR)
      return FALSE;
  }
}

static gboolean
push (int socket, gconstpointer bytes, gsize size, gint64 deadline)
{
  const char *at = bytes;
  while (size > 0) {
    struct iovec part = { (char *) at, size };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    gssize sent = sendmsg (socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT); /* what limits.c allows, unlike send() */
    if (sent > 0) {
      at += sent;
      size -= (gsize) sent;
    } else if (errno != EINTR && (errno != EAGAIN || !wait_for (socket, POLLOUT, deadline)))
      return FALSE;
  }
  return TRUE;
}

static gboolean
pull (int socket, gpointer bytes, gsize size, gint64 deadline)
{
  char *at = bytes;
  while (size > 0) {
    struct iovec part = { at, size };
    struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
    gssize got = recvmsg (socket, &message, MSG_DONTWAIT);
    if (got == 0) {
      errno = EPIPE;
      return FALSE;
    }
    if (got > 0) {
      at += got;
      size -= (gsize) got;
    } else if (errno != EINTR && (errno != EAGAIN || !wait_for (socket, POLLIN, deadline)))
      return FALSE;
  }
  return TRUE;
}

gboolean
ie_say (int socket, IeSay kind, gconstpointer first, gsize first_size, gconstpointer rest, gsize rest_size,
        gint64 deadline)
{
  guint32 head[2] = { kind, (guint32) (first_size + rest_size) };
  if (first_size + rest_size > IE_SAY_MOST) {
    errno = EMSGSIZE;
    return FALSE;
  }
  return push (socket, head, sizeof head, deadline) && push (socket, first, first_size, deadline) &&
         push (socket, rest, rest_size, deadline);
}

gboolean
ie_hear (int socket, IeSaid *said, gint64 deadline)
{
  guint32 head[2];
  *said = (IeSaid){ 0 };
  if (!pull (socket, head, sizeof head, deadline))
    return FALSE;
  guint8 *bytes = head[1] <= IE_SAY_MOST ? g_try_malloc ((gsize) head[1] + 1) : NULL;
  if (!bytes || !pull (socket, bytes, head[1], deadline)) {
    g_free (bytes);
    return FALSE;
  }
  bytes[head[1]] = '\0';
  *said = (IeSaid){ head[0], head[1], bytes };
  return TRUE;
}
