// SPDX-License-Identifier: GPL-3.0-or-later
/* The file: a header of 256 bytes; then, each from a multiple of 64 bytes on, ids (gint64), scales (float), parts (guint8),
 * codes, floats, and the checksums (XXH3) of pieces of codes and floats. Everything in the order of bytes of the machine that
 * wrote it. Where sections lie follows from the header's counts, and is not read from the file. */
#include "embed/matrix.h"

#include "core/error.h"
#include "core/i18n.h"
#include "core/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define MAGIC "IeMatrix"
#define VERSION 1
#define ENDIAN 0x01020304u
#define ALIGNMENT 64
#define PIECE (1u << 20) /* bytes that have a checksum of their own, so that threads can share the work */
#define MODE 0600        /* what pictures somebody has is theirs to tell */

enum { HAS_CODES = 1, HAS_SCALES = 2, HAS_FLOATS = 4, HAS_ALL = 7 };

typedef struct {
  char magic[8];
  guint32 version, endian;
  guint64 generation;
  char id[IE_MATRIX_ID + 1];
  guint32 dimensions, count, has, reserved;
  guint64 size;       /* of the file */
  guint64 small_sum;  /* of ids, scales and parts, with what lies between */
  guint64 pieces_sum; /* of the checksums of pieces */
  guint8 more[256 - 8 - 4 * 2 - 8 - (IE_MATRIX_ID + 1) - 4 * 4 - 8 * 3 - 8];
  guint64 header_sum; /* of what is before it */
} Header;

G_STATIC_ASSERT (sizeof (Header) == 256);

/* Where sections begin. Absent ones have no bytes. */
typedef struct {
  guint64 ids, scales, parts, codes, floats, pieces, size;
  guint64 codes_bytes, floats_bytes, piece_count;
} Layout;

struct IeMatrix {
  void *map;
  gsize size;
  Layout layout;
  IeVectors vectors;
};

static guint64
pieces_of (guint64 bytes)
{
  return (bytes + PIECE - 1) / PIECE;
}

static guint64
section (guint64 *at, guint64 bytes)
{
  guint64 begin = *at;
  *at = (begin + bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  return begin;
}

/* Nothing overflows: 2^32 rows of 2^16 floats take 2^50 bytes. */
static Layout
lay_out (guint32 count, int dimensions, guint32 has)
{
  Layout layout = { 0 };
  guint64 at = sizeof (Header), numbers = (guint64) count * dimensions;
  layout.codes_bytes = has & HAS_CODES ? numbers : 0;
  layout.floats_bytes = has & HAS_FLOATS ? numbers * sizeof (float) : 0;
  layout.piece_count = pieces_of (layout.codes_bytes) + pieces_of (layout.floats_bytes);
  layout.ids = section (&at, (guint64) count * sizeof (gint64));
  layout.scales = section (&at, has & HAS_SCALES ? (guint64) count * sizeof (float) : 0);
  layout.parts = section (&at, count);
  layout.codes = section (&at, layout.codes_bytes);
  layout.floats = section (&at, layout.floats_bytes);
  layout.pieces = section (&at, layout.piece_count * sizeof (guint64));
  layout.size = at;
  return layout;
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static gboolean
refuse (IeMatrixState *state, IeMatrixState is, GError **error, const char *text)
{
  if (state)
    *state = is;
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, text);
  return FALSE;
}

/* Also for files that somebody made up: their checksums can be right. */
static gboolean
check_header (const Header *header, gsize size, guint64 generation, const char *id, IeMatrixState *state,
              GError **error)
{
  const char *damaged = _ ("the file of vectors is damaged");
  if (size < sizeof *header || memcmp (header->magic, MAGIC, sizeof header->magic))
    return refuse (state, IE_MATRIX_DAMAGED, error, damaged);
  if (header->version != VERSION || header->endian != ENDIAN)
    return refuse (state, IE_MATRIX_STALE, error, _ ("the file of vectors is of another version"));
  if (header->header_sum != XXH3_64bits (header, offsetof (Header, header_sum)) || header->dimensions < 1 ||
      header->dimensions > IE_SEARCH_DIMENSIONS || header->has > HAS_ALL || !(header->has & (HAS_CODES | HAS_FLOATS)) ||
      header->id[IE_MATRIX_ID])
    return refuse (state, IE_MATRIX_DAMAGED, error, damaged);
  Layout layout = lay_out (header->count, header->dimensions, header->has);
  if (header->size != size || layout.size != size)
    return refuse (state, IE_MATRIX_DAMAGED, error, damaged);
  if (header->generation != generation || strcmp (header->id, id))
    return refuse (state, IE_MATRIX_STALE, error, _ ("the file of vectors is not of this state of the catalogue"));
  const guint8 *map = (const guint8 *) header;
  if (header->small_sum != XXH3_64bits (map + layout.ids, layout.codes - layout.ids) ||
      header->pieces_sum != XXH3_64bits (map + layout.pieces, layout.size - layout.pieces))
    return refuse (state, IE_MATRIX_DAMAGED, error, damaged);
  return TRUE;
}

static void *
map_file (const char *path, gsize *size, IeMatrixState *state, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), number = errno;
  void *map = MAP_FAILED;
  struct stat about;
  if (fd < 0) {
    refuse (state, number == ENOENT ? IE_MATRIX_ABSENT : IE_MATRIX_REFUSED, error, g_strerror (number));
    return NULL;
  }
  if (fstat (fd, &about) != 0)
    refuse (state, IE_MATRIX_REFUSED, error, g_strerror (errno));
  else if (!S_ISREG (about.st_mode) || about.st_size < (goffset) sizeof (Header))
    refuse (state, IE_MATRIX_DAMAGED, error, _ ("the file of vectors is damaged"));
  else if ((map = mmap (NULL, about.st_size, PROT_READ, MAP_SHARED, fd, 0)) == MAP_FAILED)
    refuse (state, IE_MATRIX_REFUSED, error, g_strerror (errno));
  close (fd);
  if (map == MAP_FAILED)
    return NULL;
  *size = about.st_size;
  return map;
}

IeMatrix *
ie_matrix_open (const char *path, guint64 generation, const char *id, IeMatrixState *state, GError **error)
{
  gsize size;
  const guint8 *map = map_file (path, &size, state, error);
  if (!map)
    return NULL;
  const Header *header = (const Header *) map;
  if (!check_header (header, size, generation, id, state, error)) {
    munmap ((void *) map, size);
    return NULL;
  }
  Layout layout = lay_out (header->count, header->dimensions, header->has);
  IeMatrix *matrix = g_new (IeMatrix, 1);
  *matrix = (IeMatrix){ (void *) map, size, layout, { header->count, header->dimensions } };
  if (header->has & HAS_CODES)
    matrix->vectors.codes = (const gint8 *) (map + layout.codes);
  if (header->has & HAS_SCALES)
    matrix->vectors.scales = (const float *) (map + layout.scales);
  if (header->has & HAS_FLOATS)
    matrix->vectors.floats = (const float *) (map + layout.floats);
  return matrix;
}

void
ie_matrix_free (IeMatrix *matrix)
{
  if (!matrix)
    return;
  munmap (matrix->map, matrix->size);
  g_free (matrix);
}

const IeVectors *
ie_matrix_vectors (const IeMatrix *matrix)
{
  return &matrix->vectors;
}

const gint64 *
ie_matrix_ids (const IeMatrix *matrix)
{
  return (const gint64 *) ((const guint8 *) matrix->map + matrix->layout.ids);
}

const guint8 *
ie_matrix_parts (const IeMatrix *matrix)
{
  return (const guint8 *) matrix->map + matrix->layout.parts;
}

/* ---- pieces --------------------------------------------------------------------------------------------------------- */

typedef struct {
  const guint8 *codes, *floats;
  guint64 codes_bytes, floats_bytes;
  const guint64 *wanted; /* one a piece */
  const gint *cancel;
  gint differ; /* atomic */
} Check;

static guint64
piece_sum (const guint8 *data, guint64 bytes, guint64 piece)
{
  guint64 from = piece * PIECE;
  return XXH3_64bits (data + from, MIN (PIECE, bytes - from));
}

static void
check_piece (gpointer data, int i, int thread)
{
  Check *check = data;
  guint64 piece = i, of_codes = pieces_of (check->codes_bytes);
  if ((check->cancel && g_atomic_int_get (check->cancel)) || g_atomic_int_get (&check->differ))
    return;
  guint64 sum = piece < of_codes ? piece_sum (check->codes, check->codes_bytes, piece)
                                 : piece_sum (check->floats, check->floats_bytes, piece - of_codes);
  if (sum != check->wanted[piece])
    g_atomic_int_set (&check->differ, 1);
}

gboolean
ie_matrix_check (const IeMatrix *matrix, gboolean floats, int threads, const gint *cancel, GError **error)
{
  const guint8 *map = matrix->map;
  const Layout *layout = &matrix->layout;
  Check check = { map + layout->codes,
                  map + layout->floats,
                  layout->codes_bytes,
                  layout->floats_bytes,
                  (const guint64 *) (map + layout->pieces),
                  cancel };
  guint64 count = floats ? layout->piece_count : pieces_of (layout->codes_bytes);
  IePool *pool = ie_pool_new (count > 1 ? threads : 1);
  for (guint64 done = 0; done < count; done += G_MAXINT) /* the pool counts in ints */
    ie_pool_run (pool, MIN (count - done, G_MAXINT), check_piece, &check);
  ie_pool_free (pool);
  if (cancel && g_atomic_int_get (cancel)) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_CANCELLED, _ ("cancelled"));
    return FALSE;
  }
  return !check.differ || refuse (NULL, IE_MATRIX_DAMAGED, error, _ ("the file of vectors is damaged"));
}

/* ---- writing -------------------------------------------------------------------------------------------------------- */

static gboolean
fail (GError **error, int number)
{
  g_set_error (error, IE_ERROR, IE_ERROR_PLACE, _ ("cannot write the file of vectors: %s"), g_strerror (number));
  return FALSE;
}

/* The file beside `path`, empty and locked; -1 and error. A file that another writer renamed or removed meanwhile is not it. */
static int
open_new (const char *name, GError **error)
{
  for (;;) {
    int fd = open (name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE);
    struct stat ours, there;
    if (fd < 0) {
      fail (error, errno);
      return -1;
    }
    int locked;
    while ((locked = flock (fd, LOCK_EX)) != 0 && errno == EINTR)
      ;
    if (locked == 0 && fstat (fd, &ours) == 0) {
      if (stat (name, &there) == 0 && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev) {
        if (ftruncate (fd, 0) == 0)
          return fd;
      } else {
        close (fd);
        continue;
      }
    }
    fail (error, errno);
    close (fd);
    return -1;
  }
}

static gboolean
write_at (int fd, guint64 at, const void *data, guint64 bytes, GError **error)
{
  for (guint64 done = 0; done < bytes;) {
    gssize got = pwrite (fd, (const guint8 *) data + done, MIN (bytes - done, 1u << 30), at + done);
    if (got < 0 && errno != EINTR)
      return fail (error, errno);
    done += MAX (got, 0);
  }
  return TRUE;
}

/* A checksum over sections and the zeros between them, as they will lie in the file. */
static void
add_section (XXH3_state_t *state, const void *data, guint64 bytes)
{
  static const guint8 zeros[ALIGNMENT];
  guint64 rest = (ALIGNMENT - bytes % ALIGNMENT) % ALIGNMENT;
  if (bytes && data)
    XXH3_64bits_update (state, data, bytes);
  for (guint64 done = 0; bytes && !data && done < bytes; done += MIN (bytes - done, sizeof zeros))
    XXH3_64bits_update (state, zeros, MIN (bytes - done, sizeof zeros));
  XXH3_64bits_update (state, zeros, rest);
}

static guint64
sum_small (const IeVectors *v, gboolean scales, const gint64 *ids, const guint8 *parts)
{
  XXH3_state_t *state = XXH3_createState ();
  XXH3_64bits_reset (state);
  add_section (state, ids, v->count * sizeof *ids);
  add_section (state, v->scales, scales ? v->count * sizeof (float) : 0);
  add_section (state, parts, v->count);
  guint64 sum = XXH3_64bits_digest (state);
  XXH3_freeState (state);
  return sum;
}

static gboolean
write_all (int fd, Header *header, const IeVectors *v, const gint64 *ids, const guint8 *parts, GError **error)
{
  Layout layout = lay_out (header->count, header->dimensions, header->has);
  gsize pieces_bytes = layout.size - layout.pieces;
  g_autofree guint64 *pieces = g_new0 (guint64, pieces_bytes / sizeof (guint64) + 1);
  guint64 p = 0;
  for (guint64 i = 0; i < pieces_of (layout.codes_bytes); i++)
    pieces[p++] = piece_sum ((const guint8 *) v->codes, layout.codes_bytes, i);
  for (guint64 i = 0; i < pieces_of (layout.floats_bytes); i++)
    pieces[p++] = piece_sum ((const guint8 *) v->floats, layout.floats_bytes, i);
  header->size = layout.size;
  header->small_sum = sum_small (v, header->has & HAS_SCALES, ids, parts);
  header->pieces_sum = XXH3_64bits (pieces, pieces_bytes);
  header->header_sum = XXH3_64bits (header, offsetof (Header, header_sum));
  if (ftruncate (fd, layout.size) != 0)
    return fail (error, errno);
  return write_at (fd, 0, header, sizeof *header, error) &&
         write_at (fd, layout.ids, ids, v->count * sizeof *ids, error) &&
         (!(header->has & HAS_SCALES) || write_at (fd, layout.scales, v->scales, v->count * sizeof (float), error)) &&
         (!parts || write_at (fd, layout.parts, parts, v->count, error)) &&
         write_at (fd, layout.codes, v->codes, layout.codes_bytes, error) &&
         write_at (fd, layout.floats, v->floats, layout.floats_bytes, error) &&
         write_at (fd, layout.pieces, pieces, pieces_bytes, error) && (fdatasync (fd) == 0 || fail (error, errno));
}

gboolean
ie_matrix_write (const char *path, guint64 generation, const char *id, const IeVectors *vectors, const gint64 *ids,
                 const guint8 *parts, GError **error)
{
  g_return_val_if_fail (vectors->dimensions >= 1 && vectors->dimensions <= IE_SEARCH_DIMENSIONS, FALSE);
  g_return_val_if_fail (strlen (id) <= IE_MATRIX_ID, FALSE);
  Header header = { MAGIC, VERSION, ENDIAN, generation };
  strcpy (header.id, id);
  header.dimensions = vectors->dimensions;
  header.count = vectors->count;
  /* Of no rows there is nothing that could say what they have. */
  header.has = (vectors->codes ? HAS_CODES : 0) | (vectors->floats ? HAS_FLOATS : 0);
  header.has |= !header.has ? HAS_CODES : 0;
  header.has |= vectors->codes && vectors->scales ? HAS_SCALES : 0;
  g_autofree char *name = g_strconcat (path, ".new", NULL);
  int fd = open_new (name, error);
  if (fd < 0)
    return FALSE;
  gboolean written = write_all (fd, &header, vectors, ids, parts, error);
  if (written && rename (name, path) != 0)
    written = fail (error, errno);
  if (!written)
    unlink (name);
  close (fd); /* and the lock: only now may the next writer have the name */
  return written;
}
