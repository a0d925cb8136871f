// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/find-html.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/thumbnail.h"
#include "core/i18n.h"

#define SIDE 240 /* of a thumbnail */
#define QUALITY 85

/* ---- thumbnails ---- */

/* A JPEG of a thumbnail's pixels. NULL: none. */
static GBytes *
encode (const guint8 *pixels, int width, int height)
{
  int fd = memfd_create ("imgenhance", MFD_CLOEXEC), again = fd < 0 ? -1 : dup (fd);
  IeHeader header = { .width = width, .height = height, .channels = 3, .depth = IE_DEPTH_U8, .model = IE_MODEL_RGB };
  IeWriteOptions options = { .quality = QUALITY, .no_sync = TRUE };
  IeFileSink *sink = again < 0 ? NULL : ie_file_sink_new (again, ie_format_find ("jpeg"), &options, NULL);
  GBytes *jpeg = NULL;
  struct stat status;
  gboolean good = sink && sink->sink.begin (&sink->sink, &header, NULL)
                  && sink->sink.write (&sink->sink, (IeRect){ 0, 0, width, height }, pixels, (ptrdiff_t)width * 3, NULL)
                  && sink->finish (sink, NULL);
  if (sink)
    ie_sink_free (&sink->sink);
  if (good && fstat (fd, &status) == 0) {
    guint8 *data = g_malloc ((gsize)status.st_size + 1);
    if (pread (fd, data, (gsize)status.st_size, 0) == status.st_size)
      jpeg = g_bytes_new_take (data, (gsize)status.st_size);
    else
      g_free (data);
  }
  if (fd >= 0)
    close (fd);
  return jpeg;
}

void
cli_html_thumbnail (GString *out, const CliWorkerOptions *options, const char *path)
{
  int width, height;
  guint8 *pixels = cli_thumbnail (options, path, SIDE, &width, &height);
  GBytes *jpeg = pixels ? encode (pixels, width, height) : NULL;
  g_free (pixels);
  if (!jpeg) {
    g_string_append_printf (out, "<span class=\"none\">%s</span>", _ ("cannot be read"));
    return;
  }
  gsize size;
  const guchar *data = g_bytes_get_data (jpeg, &size);
  char *text = g_base64_encode (data, size);
  g_string_append_printf (out, "<img alt=\"\" width=\"%d\" height=\"%d\" src=\"data:image/jpeg;base64,%s\">", width, height, text);
  g_free (text);
  g_bytes_unref (jpeg);
}

/* ---- the page ---- */

void
cli_html_text (GString *out, const char *bytes)
{
  char *valid = g_utf8_make_valid (bytes, -1), *escaped = g_markup_escape_text (valid, -1);
  g_string_append (out, escaped);
  g_free (escaped);
  g_free (valid);
}

static void
append_card (GString *out, const CliWorkerOptions *options, const char *path, const char *caption)
{
  char *real = g_canonicalize_filename (path, NULL), *link = g_filename_to_uri (real, NULL, NULL);
  char *name = g_path_get_basename (path), *folder = g_path_get_dirname (path);
  g_string_append (out, "<figure>");
  if (link) {
    g_string_append (out, "<a href=\"");
    cli_html_text (out, link);
    g_string_append (out, "\">");
  }
  cli_html_thumbnail (out, options, path);
  g_string_append (out, link ? "</a><figcaption><b>" : "<figcaption><b>");
  cli_html_text (out, caption);
  g_string_append (out, "</b><br>");
  cli_html_text (out, name);
  g_string_append (out, "<br><small>");
  cli_html_text (out, folder);
  g_string_append (out, "</small></figcaption></figure>\n");
  g_free (folder);
  g_free (name);
  g_free (link);
  g_free (real);
}

static const char *const head =
  "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\n"
  "<style>body{font:14px sans-serif;margin:2em;background:#f4f4f4;color:#222}main{display:flex;flex-wrap:wrap;gap:16px}"
  "figure{margin:0;padding:10px;background:#fff;border:1px solid #ccc;width:240px;overflow-wrap:anywhere}"
  "img{max-width:100%;height:auto;display:block;margin:auto}figcaption{margin-top:8px}small{color:#666}"
  ".none{display:block;padding:40px 0;text-align:center;color:#666}</style>\n";

gboolean
cli_find_html (const char *file, const CliQuery *query, const CliFound *found, GError **error)
{
  GString *out = g_string_new (head);
  g_string_append_printf (out, "<title>%s</title></head><body>\n<h1>%s</h1>\n<main>\n", _ ("Similar pictures"),
                          _ ("Similar pictures"));
  if (query->path && strcmp (query->path, "-") != 0)
    append_card (out, &query->worker, query->path, _ ("looked for"));
  else if (query->text) {
    g_string_append (out, "<figure><span class=\"none\">");
    cli_html_text (out, query->text);
    g_string_append (out, "</span></figure>\n");
  }
  for (guint i = 0; i < found->matches->len; i++) {
    const CliMatch *match = found->matches->pdata[i];
    char *caption = g_strdup_printf ("%.2f %s", match->score, cli_tier_word (match->tier));
    append_card (out, &query->worker, match->file.path, caption);
    g_free (caption);
  }
  g_string_append (out, "</main>\n");
  if (found->matches->len == 0)
    g_string_append_printf (out, "<p>%s</p>\n", _ ("Nothing similar."));
  g_string_append (out, "</body></html>\n");
  GError *failed = NULL;
  gboolean good = g_file_set_contents_full (file, out->str, (gssize)out->len, G_FILE_SET_CONTENTS_CONSISTENT, 0666, &failed);
  if (!good) {
    const char *reason = strrchr (failed->message, ':');
    g_set_error_literal (error, IE_ERROR, IE_ERROR_OUTPUT, reason ? reason + 2 : failed->message);
    g_error_free (failed);
  }
  g_string_free (out, TRUE);
  return good;
}
