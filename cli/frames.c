// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/frames.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/i18n.h"

#define HEADER_BYTES 12
#define FIELD_BYTES 6 /* its number and its length */
#define FLAG_DESCRIPTOR 1u
#define WAIT_MILLISECONDS 100
#define MOST_DESCRIPTORS 4 /* room for what should not come, so that it can be closed */

static const char magic[4] = "IEWK";

/* ---- numbers, lowest byte first ---- */

static void
store (guint8 *into, guint64 value, int bytes)
{
  for (int i = 0; i < bytes; i++)
    into[i] = (guint8)(value >> (8 * i));
}

static guint64
load (const guint8 *from, int bytes)
{
  guint64 value = 0;
  for (int i = 0; i < bytes; i++)
    value |= (guint64)from[i] << (8 * i);
  return value;
}

/* ---- channels ---- */

static gboolean
is_socket (int fd)
{
  struct stat status;
  return fstat (fd, &status) == 0 && S_ISSOCK (status.st_mode);
}

void
cli_channel_init (CliChannel *channel, int in, int out)
{
  *channel = (CliChannel){ .in = in, .out = out, .socket = is_socket (in) && is_socket (out) };
  g_mutex_init (&channel->lock);
}

void
cli_channel_clear (CliChannel *channel)
{
  g_mutex_clear (&channel->lock);
}

static gboolean
fail (GError **error, const char *what)
{
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, what);
  return FALSE;
}

/* Until something can be read or written; FALSE: nobody waits any longer. */
static gboolean
await (CliChannel *channel, int fd, short events, GError **error)
{
  struct pollfd look = { .fd = fd, .events = events };
  for (;;) {
    int found = poll (&look, 1, channel->wait ? WAIT_MILLISECONDS : -1);
    if (found > 0)
      return TRUE; /* an end or an error shows at the next read or write */
    if (found < 0 && errno != EINTR)
      return fail (error, g_strerror (errno));
    if (channel->wait && !channel->wait (channel->wait_data))
      return fail (error, _ ("the other side does not answer"));
  }
}

/* Bytes, and a descriptor where one comes along (into *fd, if that is -1; all others are closed). 0: the end. */
static gssize
receive_some (CliChannel *channel, void *data, gsize size, int *fd)
{
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE (MOST_DESCRIPTORS * sizeof (int))];
  } control;
  struct iovec piece = { data, size };
  struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
  if (!channel->socket)
    return read (channel->in, data, size);
  gssize got = recvmsg (channel->in, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  for (struct cmsghdr *item = got >= 0 ? CMSG_FIRSTHDR (&message) : NULL; item; item = CMSG_NXTHDR (&message, item)) {
    if (item->cmsg_level != SOL_SOCKET || item->cmsg_type != SCM_RIGHTS)
      continue;
    for (gsize i = 0; i < (item->cmsg_len - CMSG_LEN (0)) / sizeof (int); i++) {
      int came;
      memcpy (&came, CMSG_DATA (item) + i * sizeof came, sizeof came);
      if (*fd < 0)
        *fd = came;
      else
        close (came);
    }
  }
  return got;
}

static CliReceived
receive_all (CliChannel *channel, guint8 *data, gsize size, int *fd, GError **error)
{
  for (gsize done = 0; done < size;) {
    if (!await (channel, channel->in, POLLIN, error))
      return CLI_RECEIVED_NOTHING;
    gssize got = receive_some (channel, data + done, size - done, fd);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (got == 0 && done == 0)
      return CLI_RECEIVED_END;
    if (got <= 0) {
      fail (error, got < 0 ? g_strerror (errno) : _ ("a frame is cut short"));
      return got < 0 && errno == ECONNRESET ? CLI_RECEIVED_END : CLI_RECEIVED_NOTHING;
    }
    done += (gsize)got;
  }
  return CLI_RECEIVED;
}

/* Whether the payload is fields from end to end. */
static gboolean
well_formed (const GByteArray *payload)
{
  gsize at = 0;
  while (payload->len - at >= FIELD_BYTES) {
    guint64 length = load (payload->data + at + 2, 4);
    at += FIELD_BYTES;
    if (length > payload->len - at)
      return FALSE;
    at += length;
  }
  return at == payload->len;
}

static CliReceived
receive_frame (CliChannel *channel, CliFrame *frame, GError **error)
{
  guint8 header[HEADER_BYTES];
  int ignored = -1;
  CliReceived received = receive_all (channel, header, sizeof header, &frame->fd, error);
  if (received != CLI_RECEIVED)
    return received;
  guint flags = (guint)load (header + 6, 2);
  guint64 length = load (header + 8, 4);
  frame->type = header[5];
  if (memcmp (header, magic, sizeof magic) != 0)
    fail (error, _ ("not a frame"));
  else if (header[4] != CLI_FRAME_VERSION)
    fail (error, _ ("a frame of another version"));
  else if (frame->type < CLI_FRAME_HELLO || frame->type > CLI_FRAME_LAST)
    fail (error, _ ("a frame of an unknown type"));
  else if (length > CLI_FRAME_MOST)
    fail (error, _ ("a frame that is too long"));
  else if (((flags & FLAG_DESCRIPTOR) != 0) != (frame->fd >= 0))
    fail (error, _ ("a frame without its descriptor"));
  else {
    g_byte_array_set_size (frame->payload, (guint)length);
    received = receive_all (channel, frame->payload->data, length, &ignored, error);
    if (ignored >= 0)
      close (ignored);
    if (received == CLI_RECEIVED && well_formed (frame->payload))
      return CLI_RECEIVED;
    if (!error || !*error)
      fail (error, received == CLI_RECEIVED ? _ ("a frame whose fields are damaged") : _ ("a frame is cut short"));
  }
  return CLI_RECEIVED_NOTHING;
}

CliReceived
cli_frame_receive (CliChannel *channel, CliFrame *frame, GError **error)
{
  *frame = (CliFrame){ .payload = g_byte_array_new (), .fd = -1 };
  CliReceived received = receive_frame (channel, frame, error);
  if (received != CLI_RECEIVED)
    cli_frame_clear (frame);
  if (received == CLI_RECEIVED_END)
    g_clear_error (error);
  return received;
}

/* Bytes, the descriptor (-1: none) with the first of them. */
static gssize
send_some (CliChannel *channel, const void *data, gsize size, int fd)
{
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE (sizeof (int))];
  } control;
  struct iovec piece = { (void *)data, size };
  struct msghdr message = { .msg_iov = &piece, .msg_iovlen = 1 };
  if (!channel->socket)
    return write (channel->out, data, size);
  if (fd >= 0) {
    memset (&control, 0, sizeof control);
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    struct cmsghdr *item = CMSG_FIRSTHDR (&message);
    item->cmsg_level = SOL_SOCKET;
    item->cmsg_type = SCM_RIGHTS;
    item->cmsg_len = CMSG_LEN (sizeof fd);
    memcpy (CMSG_DATA (item), &fd, sizeof fd);
  }
  return sendmsg (channel->out, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static gboolean
send_all (CliChannel *channel, const guint8 *data, gsize size, int fd, GError **error)
{
  for (gsize done = 0; done < size;) {
    gssize sent = send_some (channel, data + done, size - done, done == 0 ? fd : -1);
    if (sent > 0)
      done += (gsize)sent;
    else if (sent < 0 && errno == EAGAIN) {
      if (!await (channel, channel->out, POLLOUT, error))
        return FALSE;
    } else if (sent == 0 || errno != EINTR)
      return fail (error, g_strerror (errno));
  }
  return TRUE;
}

gboolean
cli_frame_send (CliChannel *channel, CliFrameType type, GByteArray *fields, int fd, GError **error)
{
  gsize length = fields ? fields->len : 0;
  guint8 *bytes = NULL;
  gboolean good = length <= CLI_FRAME_MOST || fail (error, _ ("a frame that is too long"));
  if (good && fd >= 0 && !channel->socket)
    good = fail (error, _ ("descriptors travel through sockets alone"));
  if (good) {
    bytes = g_malloc (HEADER_BYTES + length);
    memcpy (bytes, magic, sizeof magic);
    bytes[4] = CLI_FRAME_VERSION;
    bytes[5] = (guint8)type;
    store (bytes + 6, fd >= 0 ? FLAG_DESCRIPTOR : 0, 2);
    store (bytes + 8, length, 4);
    if (length > 0)
      memcpy (bytes + HEADER_BYTES, fields->data, length);
    g_mutex_lock (&channel->lock);
    good = send_all (channel, bytes, HEADER_BYTES + length, fd, error);
    g_mutex_unlock (&channel->lock);
  }
  g_free (bytes);
  if (fields)
    g_byte_array_unref (fields);
  return good;
}

void
cli_frame_clear (CliFrame *frame)
{
  g_clear_pointer (&frame->payload, g_byte_array_unref);
  if (frame->fd >= 0)
    close (frame->fd);
  frame->fd = -1;
}

/* ---- fields ---- */

static void
put (GByteArray *fields, guint field, const void *data, gsize size)
{
  guint8 head[FIELD_BYTES];
  store (head, field, 2);
  store (head + 2, size, 4);
  g_byte_array_append (fields, head, sizeof head);
  g_byte_array_append (fields, data, (guint)size);
}

void
cli_put_number (GByteArray *fields, guint field, guint64 value)
{
  guint8 bytes[8];
  store (bytes, value, 8);
  put (fields, field, bytes, 8);
}

void
cli_put_real (GByteArray *fields, guint field, double value)
{
  guint64 bits;
  memcpy (&bits, &value, sizeof bits);
  cli_put_number (fields, field, bits);
}

void
cli_put_text (GByteArray *fields, guint field, const char *text)
{
  if (text)
    put (fields, field, text, strlen (text));
}

static const guint8 *
get (const CliFrame *frame, guint field, gsize *size)
{
  const guint8 *data = frame->payload->data, *found = NULL;
  for (gsize at = 0; at < frame->payload->len;) {
    gsize length = load (data + at + 2, 4);
    if (load (data + at, 2) == field) {
      found = data + at + FIELD_BYTES;
      *size = length;
    }
    at += FIELD_BYTES + length;
  }
  return found;
}

guint64
cli_get_number (const CliFrame *frame, guint field, guint64 otherwise)
{
  gsize size = 0;
  const guint8 *data = get (frame, field, &size);
  return data && size == 8 ? load (data, 8) : otherwise;
}

double
cli_get_real (const CliFrame *frame, guint field, double otherwise)
{
  gsize size = 0;
  const guint8 *data = get (frame, field, &size);
  guint64 bits = data && size == 8 ? load (data, 8) : 0;
  double value;
  memcpy (&value, &bits, sizeof value);
  return data && size == 8 ? value : otherwise;
}

char *
cli_get_text (const CliFrame *frame, guint field)
{
  gsize size = 0;
  const guint8 *data = get (frame, field, &size);
  return data && !memchr (data, 0, size) ? g_strndup ((const char *)data, size) : NULL;
}

int
cli_get_choice (const CliFrame *frame, guint field, int most)
{
  guint64 value = cli_get_number (frame, field, 0);
  return value <= (guint64)most ? (int)value : 0;
}
