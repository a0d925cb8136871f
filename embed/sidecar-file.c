// SPDX-License-Identifier: GPL-3.0-or-later
/* Sidecars as files, the labels that they name, and the hash by which vectors are known to be of one model. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "core/error.h"
#include "core/i18n.h"
#include "embed/sidecar-keys.h"

#define MOST_SIDECAR (64 << 10)
#define MOST_LABELS (16 << 20)
#define BLOCK ((gsize)1 << 20)

char *
ie_read_small (const char *path, gsize most, gsize *length, GError **error)
{
  struct stat status;
  char *text = NULL;
  if (stat (path, &status) != 0)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("cannot be opened: %s"), g_strerror (errno));
  else if (!S_ISREG (status.st_mode))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("is no file"));
  else if ((guint64)status.st_size > most)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("is larger than %u KiB"), (guint)(most >> 10));
  else if (!g_file_get_contents (path, &text, length, NULL))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("cannot be read"));
  return text;
}

/* "photo.onnx" to "photo" + end. g_free(). */
static char *
other_end (const char *path, const char *end)
{
  const char *dot = strrchr (path, '.'), *slash = strrchr (path, '/');
  gsize length = dot && (!slash || dot > slash) ? (gsize)(dot - path) : strlen (path);
  return g_strdup_printf ("%.*s%s", (int)length, path, end);
}

static void
name_it (IeSidecar *sidecar, const char *file)
{
  char *base = g_path_get_basename (file);
  sidecar->file = g_strdup (file);
  if (!sidecar->name)
    sidecar->name = other_end (base, "");
  if (!sidecar->model)
    sidecar->model = other_end (file, ".onnx");
  g_free (base);
}

IeSidecar *
ie_sidecar_read (const char *path, GError **error)
{
  gboolean onnx = g_str_has_suffix (path, ".onnx");
  char *file = onnx ? other_end (path, ".model") : g_strdup (path), *folder = g_path_get_dirname (file);
  gsize length = 0;
  IeSidecar *sidecar = NULL;
  if (onnx && g_file_test (path, G_FILE_TEST_EXISTS) && !g_file_test (file, G_FILE_TEST_EXISTS))
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE,
                 _ ("has no sidecar %s that says how it is fed; imgenhance models add --preset makes one"), file);
  else {
    char *text = ie_read_small (file, MOST_SIDECAR, &length, error);
    if (text && memchr (text, '\0', length))
      g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("is no text in UTF-8"));
    else if (text)
      sidecar = ie_sidecar_parse (text, folder, error);
    g_free (text);
  }
  if (sidecar)
    name_it (sidecar, file);
  g_free (file);
  g_free (folder);
  return sidecar;
}

char **
ie_sidecar_labels (const IeSidecar *sidecar, GError **error)
{
  gsize length = 0;
  char *text = sidecar->labels ? ie_read_small (sidecar->labels, MOST_LABELS, &length, error) : NULL;
  char **labels = NULL;
  if (!text && sidecar->labels)
    g_prefix_error (error, _ ("the file of labels: "));
  if (text && (memchr (text, '\0', length) || !g_utf8_validate (text, -1, NULL)))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("the file of labels: is no text in UTF-8"));
  else if (text) {
    labels = g_strsplit (g_strchomp (text), "\n", -1);
    for (int i = 0; labels[i]; i++)
      g_strstrip (labels[i]);
  }
  g_free (text);
  return labels;
}

/* ---- the hash ---- */

static gboolean
feed (XXH3_state_t *state, const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat status;
  gssize got = -1;
  if (fd >= 0 && fstat (fd, &status) == 0 && S_ISREG (status.st_mode)) {
    guint8 *block = g_malloc (BLOCK);
    while ((got = read (fd, block, BLOCK)) > 0 || (got < 0 && errno == EINTR))
      if (got > 0)
        XXH3_128bits_update (state, block, (gsize)got);
    g_free (block);
  } else if (fd >= 0)
    errno = 0;
  if (got < 0)
    g_set_error (error, IE_ERROR, IE_ERROR_INPUT, _ ("the model's file cannot be read: %s"),
                 errno ? g_strerror (errno) : _ ("is no file"));
  if (fd >= 0)
    close (fd);
  return got == 0;
}

/* Weights that exporters put beside the model. */
static gboolean
feed_beside (XXH3_state_t *state, const char *model, GError **error)
{
  static const char *const ends[] = { ".data", "_data" };
  gboolean good = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (ends) && good; i++) {
    char *path = g_strconcat (model, ends[i], NULL);
    if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
      good = feed (state, path, error);
    g_free (path);
  }
  return good;
}

/* Keys on which no vector of a picture depends. */
static gboolean
of_no_matter (const IeSidecarKey *key)
{
  return key->kind == IE_KEY_PATH || strcmp (key->name, "preset") == 0 || strcmp (key->name, "name") == 0
         || strcmp (key->name, "dimensions") == 0 || g_str_has_prefix (key->name, "text-");
}

char *
ie_sidecar_id (const IeSidecar *sidecar, GError **error)
{
  GString *text = g_string_new (sidecar->labels ? "model 1 labels\n" : "model 1\n");
  for (const IeSidecarKey *key = ie_sidecar_keys; key->name; key++)
    if (!of_no_matter (key))
      ie_sidecar_put (text, sidecar, key);
  XXH3_state_t *state = XXH3_createState ();
  XXH3_128bits_reset (state);
  XXH3_128bits_update (state, text->str, text->len);
  char *id = NULL;
  if (feed (state, sidecar->model, error) && feed_beside (state, sidecar->model, error)) {
    XXH128_hash_t hash = XXH3_128bits_digest (state);
    id = g_strdup_printf ("%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x", (guint64)hash.high64, (guint64)hash.low64);
  }
  XXH3_freeState (state);
  g_string_free (text, TRUE);
  return id;
}
