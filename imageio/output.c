// SPDX-License-Identifier: GPL-3.0-or-later
/* Output files that appear whole or not at all.
 *
 * A path that is a symbolic link stands for what it points at: the link stays, its target is replaced. Where an
 * existing file may not be replaced, a link counts as existing, even one that points nowhere. Only regular files are
 * replaced; the new one keeps the old one's permissions, and its owner where the system lets us.
 *
 * While a temporary file is being written its writer holds a lock on it; one without a lock is left over from a process
 * that died, and may be swept. */
#include "core/i18n.h"
#include "imageio/internal.h"
#include "imageio/metadata/metadata.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS 100
#define FOLDER_MODE 0777 /* less the umask */
#define MOST_LINKS 40 /* the kernel's own limit (path_resolution(7)) */

struct IeOutput {
  gboolean standard; /* standard output: nothing to rename */
  gboolean existing_ok, no_sync, settled, has_times;
  int folder;   /* O_PATH descriptor of the target's folder */
  int fd;       /* ours; the sink has its own of the same file */
  int lock;     /* one more, which keeps the lock until the file has its name */
  struct timespec times[2]; /* of access and change, if has_times */
  char *name;   /* of the target in its folder */
  char *part;   /* of the temporary file; NULL once it is gone */
  IeFileSink *sink;
};

static gboolean
fail_exists (GError **error)
{
  g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("exists already"));
  return FALSE;
}

static gboolean
fail_place (GError **error, const char *what)
{
  g_set_error (error, IE_ERROR, IE_ERROR_PLACE, "%s: %s", what, g_strerror (errno));
  return FALSE;
}

/* Where a chain of symbolic links ends, whether or not anything is there. NULL and error when it never does. */
static char *
follow_links (const char *path, GError **error)
{
  char *current = g_strdup (path), target[PATH_MAX];
  for (int i = 0; i < MOST_LINKS; i++) {
    gssize length = readlink (current, target, sizeof target - 1);
    if (length < 0)
      return current; /* not a link, or not there */
    target[length] = 0;
    char *folder = g_path_get_dirname (current);
    char *next = g_path_is_absolute (target) ? g_strdup (target) : g_build_filename (folder, target, NULL);
    g_free (folder);
    g_free (current);
    current = next;
  }
  g_free (current);
  g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("too many levels of symbolic links"));
  return NULL;
}

/* The name of the temporary file, with the target's name cut (between UTF-8 characters) where it would be too long. */
static char *
part_name (const char *name, gsize most)
{
  static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  gsize frame = 2 + IE_PART_RANDOM + strlen (IE_PART_SUFFIX), length = strlen (name);
  if (length + frame > most) {
    length = most > frame ? most - frame : 0;
    while (length > 0 && ((guchar) name[length] & 0xc0) == 0x80)
      length--;
  }
  char random[IE_PART_RANDOM + 1] = "";
  for (int i = 0; i < IE_PART_RANDOM; i++)
    random[i] = letters[g_random_int_range (0, sizeof letters - 1)];
  return g_strdup_printf (".%.*s.%s" IE_PART_SUFFIX, (int) length, name, random);
}

/* Whether the new temporary file is ours from now on: locked, and not swept in the moment before. */
static gboolean
hold_part (int fd)
{
  struct stat status;
  while (flock (fd, LOCK_EX) != 0 && errno == EINTR)
    ;
  /* A file system without locks: no sweeper gets one either, and leaves the file alone. */
  return fstat (fd, &status) != 0 || status.st_nlink > 0;
}

static gboolean
make_part (IeOutput *output, const struct stat *existing, gsize most, GError **error)
{
  /* The new file is no wider open than the old one, at any moment. */
  mode_t mode = existing ? S_IRUSR | S_IWUSR : S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH;
  for (int i = 0; i < ATTEMPTS && output->fd < 0; i++) {
    g_free (output->part);
    output->part = part_name (output->name, most);
    output->fd = openat (output->folder, output->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (output->fd >= 0 && !hold_part (output->fd)) {
      close (output->fd);
      output->fd = -1;
    } else if (output->fd < 0 && errno != EEXIST && errno != EINTR)
      break;
  }
  if (output->fd < 0) {
    g_clear_pointer (&output->part, g_free);
    return fail_place (error, _ ("cannot make a file in its folder"));
  }
  output->lock = fcntl (output->fd, F_DUPFD_CLOEXEC, 3);
  if (existing && fchown (output->fd, existing->st_uid, existing->st_gid) != 0)
    errno = 0; /* not ours to give away: the file is ours then */
  if (existing && fchmod (output->fd, existing->st_mode & 07777) != 0)
    return fail_place (error, _ ("cannot set permissions"));
  return TRUE;
}

/* Looks at what stands under the name in the folder, makes the temporary file. */
static gboolean
prepare_name (IeOutput *output, gboolean follow, GError **error)
{
  struct stat status;
  gboolean exists = fstatat (output->folder, output->name, &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && !output->existing_ok)
    return fail_exists (error);
  if (exists && !S_ISREG (status.st_mode)) {
    const char *what = S_ISDIR (status.st_mode)              ? _ ("is a folder")
                       : S_ISLNK (status.st_mode) && !follow ? _ ("is a symbolic link, which may lead out of the "
                                                                  "folder")
                                                             : _ ("not a regular file");
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, what);
    return FALSE;
  }
  long most = fpathconf (output->folder, _PC_NAME_MAX);
  gsize longest = most > 0 ? (gsize) most : NAME_MAX;
  if (strlen (output->name) > longest) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("the name is too long"));
    return FALSE;
  }
  return make_part (output, exists ? &status : NULL, longest, error);
}

static gboolean
prepare (IeOutput *output, const char *path, GError **error)
{
  struct stat status;
  if (!output->existing_ok && lstat (path, &status) == 0)
    return fail_exists (error);
  char *target = follow_links (path, error);
  if (!target)
    return FALSE;
  char *folder = g_path_get_dirname (target);
  gboolean ends_in_slash = g_str_has_suffix (target, G_DIR_SEPARATOR_S);
  output->name = g_path_get_basename (target);
  output->folder = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  g_free (folder);
  g_free (target);
  if (output->folder < 0)
    return fail_place (error, _ ("cannot open its folder"));
  if (ends_in_slash) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("is a folder"));
    return FALSE;
  }
  return prepare_name (output, TRUE, error);
}

static int
sync_folder (int path_fd)
{
  int folder = openat (path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    return 0; /* a folder that we may write but not read cannot be synced */
  /* EINVAL: this file system has nothing to sync there (fsync(2)). */
  int number = fsync (folder) == 0 || errno == EINVAL ? 0 : errno;
  close (folder);
  return number;
}

/* Goes from output->folder into its folder `name`, made when absent; never through a link. */
static gboolean
enter (IeOutput *output, const char *name, GError **error)
{
  const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  struct stat status;
  int inside = openat (output->folder, name, flags);
  if (inside < 0 && errno == ENOENT && (mkdirat (output->folder, name, FOLDER_MODE) == 0 || errno == EEXIST)) {
    int number = output->no_sync ? 0 : sync_folder (output->folder);
    if (number)
      return ie_fail_write (error, number);
    inside = openat (output->folder, name, flags);
  }
  if (inside < 0) {
    int number = errno;
    if (fstatat (output->folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK (status.st_mode)) {
      g_set_error (error, IE_ERROR, IE_ERROR_OUTPUT,
                   _ ("'%s' is a symbolic link, which may lead out of the folder"), name);
      return FALSE;
    }
    errno = number;
    return fail_place (error, _ ("cannot open its folder"));
  }
  close (output->folder);
  output->folder = inside;
  return TRUE;
}

static gboolean
prepare_inside (IeOutput *output, const char *folder, const char *path, GError **error)
{
  char **parts = g_strsplit (path, G_DIR_SEPARATOR_S, -1);
  guint count = g_strv_length (parts);
  gboolean ok = count > 0;
  for (guint i = 0; i < count; i++)
    ok = ok && parts[i][0] && strcmp (parts[i], ".") != 0 && strcmp (parts[i], "..") != 0;
  if (!ok)
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, _ ("is no file name inside the output folder"));
  else if (g_mkdir_with_parents (folder, FOLDER_MODE) != 0
           || (output->folder = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
    ok = fail_place (error, _ ("the output folder cannot be made"));
  for (guint i = 0; ok && i + 1 < count; i++)
    ok = enter (output, parts[i], error);
  output->name = g_strdup (count > 0 ? parts[count - 1] : "");
  g_strfreev (parts);
  return ok && prepare_name (output, FALSE, error);
}

IeFileSink *
ie_file_sink_new (int fd, const IeFormat *format, const IeWriteOptions *options, GError **error)
{
  int own = fcntl (fd, F_DUPFD_CLOEXEC, 3); /* create() takes fd */
  IeFileSink *sink = format->create (fd, options, error);
  IeFileSink *outer = sink ? ie_metadata_sink_new (sink, own, format, options) : NULL;
  if (own >= 0)
    close (own);
  return outer;
}

/* Where a new output goes: standard output, a path, or a path inside a folder. */
static IeOutput *
output_new (const char *folder, const char *path, const IeFormat *format, const IeWriteOptions *options,
            gboolean existing_ok, GError **error)
{
  IeOutput *output = g_new0 (IeOutput, 1);
  output->folder = output->fd = output->lock = -1;
  output->existing_ok = existing_ok;
  output->no_sync = options && options->no_sync;
  output->standard = !folder && strcmp (path, "-") == 0;
  gboolean ok = TRUE;
  if (output->standard) {
    output->fd = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    ok = output->fd >= 0 || fail_place (error, _ ("cannot write to standard output"));
  } else
    ok = folder ? prepare_inside (output, folder, path, error) : prepare (output, path, error);
  if (ok && !format)
    return output; /* somebody else writes, into ie_output_fd() */
  int fd = ok ? fcntl (output->fd, F_DUPFD_CLOEXEC, 3) : -1;
  if (ok && fd < 0)
    ok = ie_fail_write (error, errno);
  if (ok)
    output->sink = ie_file_sink_new (fd, format, options, error);
  if (output->sink)
    return output;
  ie_output_free (output);
  return NULL;
}

IeOutput *
ie_output_new (const char *path, const IeFormat *format, const IeWriteOptions *options, gboolean existing_ok,
               GError **error)
{
  return output_new (NULL, path, format, options, existing_ok, error);
}

IeOutput *
ie_output_new_inside (const char *folder, const char *path, const IeFormat *format, const IeWriteOptions *options,
                      gboolean existing_ok, GError **error)
{
  return output_new (folder, path, format, options, existing_ok, error);
}

IeSink *
ie_output_sink (IeOutput *output)
{
  return &output->sink->sink;
}

/* Gives the temporary file its name where nothing may stand yet; 0 or errno (EEXIST: something does). */
static int
rename_new (IeOutput *output)
{
  int folder = output->folder;
  if (renameat2 (folder, output->part, folder, output->name, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != ENOSYS && errno != EINVAL)
    return errno;
  if (linkat (folder, output->part, folder, output->name, 0) == 0) {
    unlinkat (folder, output->part, 0);
    return 0;
  }
  if (errno != EPERM && errno != EOPNOTSUPP && errno != EMLINK)
    return errno;
  /* A file system with neither: whoever makes the empty file first has the name. */
  int claim = openat (folder, output->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (claim < 0)
    return errno;
  close (claim);
  if (renameat (folder, output->part, folder, output->name) == 0)
    return 0;
  int number = errno;
  unlinkat (folder, output->name, 0);
  return number;
}

void
ie_output_set_times (IeOutput *output, gint64 access, int access_ns, gint64 change, int change_ns)
{
  output->times[0] = (struct timespec){ .tv_sec = (time_t) access, .tv_nsec = access_ns };
  output->times[1] = (struct timespec){ .tv_sec = (time_t) change, .tv_nsec = change_ns };
  output->has_times = TRUE;
}

int
ie_output_fd (const IeOutput *output)
{
  return output->standard ? -1 : output->fd;
}

gboolean
ie_output_settle (IeOutput *output, GError **error)
{
  if (output->settled)
    return TRUE;
  if (output->sink && !output->sink->finish (output->sink, error))
    return FALSE;
  if (output->has_times && !output->standard && futimens (output->fd, output->times) != 0)
    return ie_fail_write (error, errno);
  if (!output->standard && !output->no_sync && fsync (output->fd) != 0)
    return ie_fail_write (error, errno);
  output->settled = TRUE;
  return TRUE;
}

gboolean
ie_output_commit (IeOutput *output, GError **error)
{
  if (!ie_output_settle (output, error))
    return FALSE;
  /* close, like fsync, can be the first to tell that the data are lost. */
  int fd = output->fd, number = 0;
  output->fd = -1;
  if (close (fd) != 0 && errno != EINTR)
    return ie_fail_write (error, errno);
  if (output->standard)
    return TRUE;
  if (!output->existing_ok)
    number = rename_new (output);
  else if (renameat (output->folder, output->part, output->folder, output->name) != 0)
    number = errno;
  if (number == EEXIST && !output->existing_ok)
    return fail_exists (error);
  if (number)
    return ie_fail_write (error, number);
  g_clear_pointer (&output->part, g_free);
  number = output->no_sync ? 0 : sync_folder (output->folder);
  return !number || ie_fail_write (error, number);
}

void
ie_output_free (IeOutput *output)
{
  if (!output)
    return;
  if (output->sink)
    ie_sink_free (&output->sink->sink);
  if (output->fd >= 0)
    close (output->fd);
  if (output->part)
    unlinkat (output->folder, output->part, 0);
  if (output->lock >= 0)
    close (output->lock);
  if (output->folder >= 0)
    close (output->folder);
  g_free (output->name);
  g_free (output->part);
  g_free (output);
}
