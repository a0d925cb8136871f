// SPDX-License-Identifier: GPL-3.0-or-later
/* Output files that appear whole or not at all.
 *
 * A path that is a symbolic link stands for what it points at: the link stays, its target is replaced. Where an
 * existing file may not be replaced, a link counts as existing, even one that points nowhere. Only regular files are
 * replaced; the new one keeps the old one's permissions, and its owner where the system lets us. */
#include "imageio/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART_SUFFIX ".imgenhance-part"
#define RANDOM_CHARACTERS 6
#define ATTEMPTS 100
#define MOST_LINKS 40 /* the kernel's own limit (path_resolution(7)) */

struct IeOutput {
  gboolean standard; /* standard output: nothing to rename */
  gboolean existing_ok, no_sync;
  int folder;   /* O_PATH descriptor of the target's folder */
  int fd;       /* ours; the sink has its own of the same file */
  char *name;   /* of the target in its folder */
  char *part;   /* of the temporary file; NULL once it is gone */
  IeFileSink *sink;
};

static gboolean
fail_exists (GError **error)
{
  g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, "exists already");
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
  g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, "too many levels of symbolic links");
  return NULL;
}

/* The name of the temporary file, with the target's name cut (between UTF-8 characters) where it would be too long. */
static char *
part_name (const char *name, gsize most)
{
  static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";
  gsize frame = 2 + RANDOM_CHARACTERS + strlen (PART_SUFFIX), length = strlen (name);
  if (length + frame > most) {
    length = most > frame ? most - frame : 0;
    while (length > 0 && ((guchar) name[length] & 0xc0) == 0x80)
      length--;
  }
  char random[RANDOM_CHARACTERS + 1] = "";
  for (int i = 0; i < RANDOM_CHARACTERS; i++)
    random[i] = letters[g_random_int_range (0, sizeof letters - 1)];
  return g_strdup_printf (".%.*s.%s" PART_SUFFIX, (int) length, name, random);
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
    if (output->fd < 0 && errno != EEXIST && errno != EINTR)
      break;
  }
  if (output->fd < 0) {
    g_clear_pointer (&output->part, g_free);
    return fail_place (error, "cannot make a file in its folder");
  }
  if (existing && fchown (output->fd, existing->st_uid, existing->st_gid) != 0)
    errno = 0; /* not ours to give away: the file is ours then */
  if (existing && fchmod (output->fd, existing->st_mode & 07777) != 0)
    return fail_place (error, "cannot set permissions");
  return TRUE;
}

/* Opens the folder, looks at what is there, makes the temporary file. */
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
  long most = pathconf (folder, _PC_NAME_MAX);
  output->name = g_path_get_basename (target);
  output->folder = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  g_free (folder);
  g_free (target);
  if (output->folder < 0)
    return fail_place (error, "cannot open its folder");

  gboolean exists = fstatat (output->folder, output->name, &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (ends_in_slash || (exists && !S_ISREG (status.st_mode))) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT,
                         ends_in_slash || S_ISDIR (status.st_mode) ? "is a folder" : "not a regular file");
    return FALSE;
  }
  gsize longest = most > 0 ? (gsize) most : NAME_MAX;
  if (strlen (output->name) > longest) {
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, "the name is too long");
    return FALSE;
  }
  return make_part (output, exists ? &status : NULL, longest, error);
}

IeOutput *
ie_output_new (const char *path, const IeFormat *format, const IeWriteOptions *options, gboolean existing_ok,
               GError **error)
{
  IeOutput *output = g_new0 (IeOutput, 1);
  output->folder = output->fd = -1;
  output->existing_ok = existing_ok;
  output->no_sync = options && options->no_sync;
  output->standard = strcmp (path, "-") == 0;
  gboolean ok = TRUE;
  if (output->standard) {
    output->fd = fcntl (STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    ok = output->fd >= 0 || fail_place (error, "cannot write to standard output");
  } else
    ok = prepare (output, path, error);
  int fd = ok ? fcntl (output->fd, F_DUPFD_CLOEXEC, 3) : -1;
  if (ok && fd < 0)
    ok = ie_fail_write (error, errno);
  if (ok)
    output->sink = format->create (fd, options, error);
  if (output->sink)
    return output;
  ie_output_free (output);
  return NULL;
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

static gboolean
sync_folder (IeOutput *output, GError **error)
{
  int folder = openat (output->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0)
    return TRUE; /* a folder that we may write but not read cannot be synced */
  /* EINVAL: this file system has nothing to sync there (fsync(2)). */
  gboolean ok = fsync (folder) == 0 || errno == EINVAL || ie_fail_write (error, errno);
  close (folder);
  return ok;
}

/* fsync and close: both can be the first to tell that the data are lost. */
static gboolean
settle (IeOutput *output, GError **error)
{
  int fd = output->fd;
  int number = !output->standard && !output->no_sync && fsync (fd) != 0 ? errno : 0;
  output->fd = -1;
  if (close (fd) != 0 && errno != EINTR && !number)
    number = errno;
  return !number || ie_fail_write (error, number);
}

gboolean
ie_output_commit (IeOutput *output, GError **error)
{
  if (!output->sink->finish (output->sink, error) || !settle (output, error))
    return FALSE;
  if (output->standard)
    return TRUE;
  int number = 0;
  if (!output->existing_ok)
    number = rename_new (output);
  else if (renameat (output->folder, output->part, output->folder, output->name) != 0)
    number = errno;
  if (number == EEXIST && !output->existing_ok)
    return fail_exists (error);
  if (number)
    return ie_fail_write (error, number);
  g_clear_pointer (&output->part, g_free);
  return output->no_sync || sync_folder (output, error);
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
  if (output->folder >= 0)
    close (output->folder);
  g_free (output->name);
  g_free (output->part);
  g_free (output);
}
