// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance info: what a picture file says of itself. Reads headers, no pixels. */
#include <lcms2.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/info-layout.h"
#include "cli/info-metadata.h"
#include "cli/interrupt.h"
#include "cli/json.h"
#include "cli/reading-options.h"
#include "cli/terminal.h"
#include "cli/worker.h"
#include "core/i18n.h"

typedef struct {
  gboolean json;
  CliWorkerOptions worker;
} InfoSettings;

static const CliOption options[] = {
  { "json", 0, CLI_FLAG, NULL, N_ ("Print an array with an object a readable file."), offsetof (InfoSettings, json) },
  CLI_WORKER_OPTIONS (offsetof (InfoSettings, worker)),
  { NULL },
};

static const IeMetadata no_metadata;

static const char *
model_name (IeModel model)
{
  static const char *const names[] = { N_ ("gray"), "rgb", "cmyk", "lab", N_ ("other") };
  return names[model];
}

static const char *
depth_name (IeDepth depth)
{
  return depth == IE_DEPTH_U8 ? "8" : depth == IE_DEPTH_U16 ? "16" : N_ ("float");
}

static gsize
blob_size (GBytes *blob)
{
  return blob ? g_bytes_get_size (blob) : 0;
}

/* The description that the profile carries; NULL when it has none or cannot be read. g_free(). */
static char *
profile_description (GBytes *icc)
{
  gsize size;
  gconstpointer data = g_bytes_get_data (icc, &size);
  cmsHPROFILE profile = cmsOpenProfileFromMem (data, (cmsUInt32Number)size);
  if (!profile)
    return NULL;
  char *text = NULL;
  cmsUInt32Number bytes = cmsGetProfileInfo (profile, cmsInfoDescription, "en", "US", NULL, 0);
  if (bytes > 0) {
    /* Little-CMS puts UTF-16 units into wchar_t, one each. */
    wchar_t *wide = g_malloc0 (bytes + sizeof (wchar_t));
    cmsGetProfileInfo (profile, cmsInfoDescription, "en", "US", wide, bytes);
    gsize units = 0;
    gunichar2 *utf16 = g_new0 (gunichar2, bytes / sizeof (wchar_t) + 1);
    while (units < bytes / sizeof (wchar_t) && wide[units]) {
      utf16[units] = (gunichar2)wide[units];
      units++;
    }
    text = g_utf16_to_utf8 (utf16, (glong)units, NULL, NULL, NULL);
    g_free (utf16);
    g_free (wide);
  }
  cmsCloseProfile (profile);
  return text;
}

static void
append_json (GString *out, const char *path, const IeFormat *format, const IeSource *source, const IeMetadata *metadata)
{
  const IeHeader *header = &source->header;
  char *description = metadata->icc ? profile_description (metadata->icc) : NULL;
  cli_json_open (out, '{');
  cli_json_key (out, "path");
  cli_json_string (out, path);
  cli_json_key (out, "format");
  cli_json_string (out, format->name);
  cli_json_key (out, "width");
  cli_json_integer (out, (guint64)header->width);
  cli_json_key (out, "height");
  cli_json_integer (out, (guint64)header->height);
  cli_json_key (out, "channels");
  cli_json_integer (out, (guint64)header->channels);
  cli_json_key (out, "alpha");
  cli_json_bool (out, header->has_alpha);
  cli_json_key (out, "depth");
  cli_json_string (out, depth_name (header->depth));
  cli_json_key (out, "bits");
  cli_json_integer (out, (guint64)(header->bits ? header->bits : 8 * (int)ie_depth_bytes (header->depth)));
  cli_json_key (out, "model");
  cli_json_string (out, model_name (header->model));
  cli_json_key (out, "icc_description");
  cli_json_string (out, description);
  const struct {
    const char *key;
    GBytes *blob;
  } blobs[] = { { "icc_bytes", metadata->icc },
                { "exif_bytes", metadata->exif },
                { "xmp_bytes", metadata->xmp },
                { "iptc_bytes", metadata->iptc } };
  for (guint i = 0; i < G_N_ELEMENTS (blobs); i++) {
    cli_json_key (out, blobs[i].key);
    cli_json_integer (out, blob_size (blobs[i].blob));
  }
  cli_json_key (out, "x_resolution");
  metadata->x_resolution > 0 ? cli_json_number (out, metadata->x_resolution) : cli_json_null (out);
  cli_json_key (out, "y_resolution");
  metadata->y_resolution > 0 ? cli_json_number (out, metadata->y_resolution) : cli_json_null (out);
  cli_json_key (out, "orientation");
  metadata->orientation > 0 ? cli_json_integer (out, (guint64)metadata->orientation) : cli_json_null (out);
  cli_info_metadata_json (out, metadata);
  cli_info_layout_json (out, format, source);
  cli_json_close (out, '}');
  g_free (description);
}

#define LABEL_WIDTH 12

/* Begins a line: what follows, in its column. */
static void
append_label (GString *out, const char *label)
{
  g_string_append (out, "  ");
  cli_pad (out, label, LABEL_WIDTH);
}

static void
append_blob (GString *out, const char *label, GBytes *blob)
{
  if (!blob)
    return;
  append_label (out, label);
  g_string_append_printf (out, _ ("%zu bytes"), g_bytes_get_size (blob));
  g_string_append_c (out, '\n');
}

static void
append_profile (GString *out, GBytes *icc)
{
  char *description = profile_description (icc);
  char *safe = cli_escape (description ? description : _ ("cannot be read"));
  append_label (out, _ ("profile"));
  g_string_append_printf (out, _ ("%s (%zu bytes)"), safe, g_bytes_get_size (icc));
  g_string_append_c (out, '\n');
  g_free (safe);
  g_free (description);
}

static void
append_metadata (GString *out, const IeMetadata *metadata)
{
  if (metadata->icc)
    append_profile (out, metadata->icc);
  if (metadata->x_resolution > 0 && metadata->y_resolution > 0) {
    char *x = cli_number (metadata->x_resolution), *y = cli_number (metadata->y_resolution);
    append_label (out, _ ("resolution"));
    g_string_append_printf (out, _ ("%s x %s pixels per inch"), x, y);
    g_string_append_c (out, '\n');
    g_free (x);
    g_free (y);
  }
  if (metadata->orientation > 0) {
    append_label (out, _ ("orientation"));
    g_string_append_printf (out, "%d\n", metadata->orientation);
  }
  append_blob (out, "EXIF", metadata->exif);
  append_blob (out, "XMP", metadata->xmp);
  append_blob (out, "IPTC", metadata->iptc);
}

static void
append_text (GString *out, const char *path, const IeFormat *format, const IeSource *source, const IeMetadata *metadata)
{
  const IeHeader *header = &source->header;
  char *safe = cli_escape (path);
  g_string_append_printf (out, "%s\n", safe);
  append_label (out, _ ("format"));
  g_string_append_printf (out, "%s\n", _ (format->label));
  append_label (out, _ ("size"));
  g_string_append_printf (out, "%d x %d\n", header->width, header->height);
  append_label (out, _ ("channels"));
  g_string_append_printf (out, header->has_alpha ? _ ("%d (%s and alpha)\n") : "%d (%s)\n", header->channels,
                          _ (model_name (header->model)));
  append_label (out, _ ("depth"));
  g_string_append (out, _ (depth_name (header->depth)));
  if (header->bits && header->bits != 8 * (int)ie_depth_bytes (header->depth))
    g_string_append_printf (out, _ (" (%d significant bits)"), header->bits);
  g_string_append_c (out, '\n');
  cli_info_layout_text (out, format, source);
  append_metadata (out, metadata);
  cli_info_metadata_text (out, metadata);
  g_free (safe);
}

void
cli_info_append (GString *out, const char *path, const IeFormat *format, const IeSource *source, gboolean json)
{
  const IeMetadata *metadata = source->header.metadata ? source->header.metadata : &no_metadata;
  if (json)
    append_json (out, path, format, source, metadata);
  else
    append_text (out, path, format, source, metadata);
}

static int
open_nothing (gpointer data, GError **error)
{
  g_set_error_literal (error, IE_ERROR, IE_ERROR_INPUT, _ ("nothing is written"));
  return -1;
}

static int
open_no_picture (gpointer data, const char *text, GError **error)
{
  return open_nothing (data, error);
}

static void
ignore_progress (gpointer data, double fraction)
{
}

static gboolean
append_file (GString *out, const char *path, const InfoSettings *settings)
{
  GError *error = NULL;
  CliResult result;
  CliHost host = { NULL, open_nothing, open_no_picture, ignore_progress, cli_stop_flag () };
  CliJob job = { .kind = CLI_JOB_INFO, .depth = -1, .threads = 1, .json = settings->json, .name = path,
                 .limits = cli_limits (&settings->worker) };
  cli_result_init (&result);
  int input = ie_open_file (path, &error);
  gboolean good = input >= 0 && cli_job_run_isolated (&settings->worker, &job, input, &host, &result, &error);
  if (good && result.plan) {
    if (settings->json && out->len > 1)
      g_string_append_c (out, ',');
    g_string_append (out, result.plan);
  } else if (!g_error_matches (error, IE_ERROR, IE_ERROR_CANCELLED))
    cli_error (path, error->message);
  g_clear_error (&error);
  cli_result_clear (&result);
  return good;
}

static int
run (const CliCommand *command, int argc, char **argv)
{
  InfoSettings settings = { 0 };
  GPtrArray *paths;
  int code;
  if (!cli_parse (command, argc, argv, &settings, &paths, &code))
    return code;
  if (paths->len == 0) {
    g_ptr_array_unref (paths);
    cli_error (NULL, _ ("info needs a FILE; see imgenhance info --help"));
    return CLI_USAGE;
  }
  GString *out = g_string_new (settings.json ? "[" : "");
  gboolean good = TRUE;
  for (guint i = 0; i < paths->len && cli_stopped () == CLI_STOP_NONE; i++)
    good &= append_file (out, paths->pdata[i], &settings);
  if (settings.json)
    g_string_append (out, "]\n");
  cli_print (out->str);
  g_string_free (out, TRUE);
  g_ptr_array_unref (paths);
  if (cli_stopped () != CLI_STOP_NONE)
    return CLI_INTERRUPTED;
  return good ? CLI_DONE : CLI_SOME_FAILED;
}

static const char *const examples[] = { "imgenhance info photo.tif", "imgenhance info --json *.jpg", NULL };

const CliCommand cli_info = {
  .name = "info",
  .arguments = "FILE...",
  .summary = N_ ("Say what picture files are: size, depth, pages, profile, metadata."),
  .description = N_ ("Prints what the header of each file says: format, size, channels, depth, how each page is "
                     "stored, the ICC profile and other metadata. '-' is standard input. A file that cannot be read "
                     "costs one line on standard error."),
  .options = options,
  .examples = examples,
  .run = run,
};
