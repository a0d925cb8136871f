// SPDX-License-Identifier: GPL-3.0-or-later
/* The catalogue as comma-separated values (RFC 4180): a line a file. */
#include <inttypes.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/embedding.h"
#include "cli/terminal.h"

typedef struct {
  const CliEmbedding *embedding;
  IeCatalogue *catalogue;
  gint64 number;
  GString *line;
  GError *error;
} Export;

/* Bytes of names as they are. */
void
cli_csv_text (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (; *text; text++) {
    if (*text == '"')
      g_string_append_c (out, '"');
    g_string_append_c (out, *text);
  }
  g_string_append_c (out, '"');
}

static void
append_vector (GString *line, const CliEmbedding *embedding, gconstpointer data)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  for (int i = 0; i < embedding->dimensions; i++) {
    if (i > 0)
      g_string_append_c (line, ' ');
    if (embedding->kind == IE_VECTOR_CODES)
      g_string_append_printf (line, "%d", ((const gint8 *)data)[i]);
    else
      g_string_append (line, g_ascii_formatd (number, sizeof number, "%.9g", (double)((const float *)data)[i]));
  }
}

static gboolean
print_file (gpointer data, const IeCatalogueFile *file)
{
  Export *export = data;
  GString *line = export->line;
  GBytes *vector = ie_catalogue_vector (export->catalogue, export->number, file->picture, 0, &export->error);
  g_string_truncate (line, 0);
  cli_csv_text (line, file->path);
  g_string_append_printf (line, ",%" PRIu64 ",%" PRId64 ".%09d,%d,%d,", file->size, file->mtime / 1000000000,
                          (int)(file->mtime % 1000000000), file->width, file->height);
  for (int i = 0; i < IE_CONTENT_BYTES; i++)
    g_string_append_printf (line, "%02x", file->content[i]);
  g_string_append_c (line, ',');
  cli_csv_text (line, export->embedding->id);
  g_string_append_c (line, ',');
  if (vector && g_bytes_get_size (vector) == cli_embedding_bytes (export->embedding))
    append_vector (line, export->embedding, g_bytes_get_data (vector, NULL));
  g_string_append (line, "\r\n");
  cli_print (line->str);
  if (vector)
    g_bytes_unref (vector);
  return !export->error;
}

gboolean
cli_export_csv (const CliEmbedding *embedding, IeCatalogue *catalogue, gint64 number, GError **error)
{
  Export export = { embedding, catalogue, number, g_string_new (NULL), NULL };
  cli_print ("path,size,mtime,width,height,content,model,vector\r\n");
  gboolean good = ie_catalogue_each (catalogue, print_file, &export, error);
  if (export.error) {
    g_clear_error (error);
    g_propagate_error (error, export.error);
    good = FALSE;
  }
  g_string_free (export.line, TRUE);
  return good;
}
