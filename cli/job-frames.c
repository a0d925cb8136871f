// SPDX-License-Identifier: GPL-3.0-or-later
/* Jobs and results as fields. A new option of either is a line in one of the tables here and one in docs/protocol.md. */
#include <string.h>

#include "cli/job.h"
#include "core/i18n.h"

typedef enum { INT, FLAG, BYTES, SIZE, TEXT } Kind;

typedef struct {
  guint field;
  Kind kind;
  gsize place;
} Member;

#define JOB(number, kind, member) { number, kind, offsetof (CliJob, member) }
#define RESULT(number, kind, member) { number, kind, offsetof (CliResult, member) }

enum { FIELD_RECIPE = 1, FIELD_FORMAT = 2, FIELD_NOTES = 1 };

static const Member job_members[] = {
  JOB (3, INT, kind),
  JOB (4, INT, depth),
  JOB (5, INT, threads),
  JOB (6, INT, rect[0]),
  JOB (7, INT, rect[1]),
  JOB (8, BYTES, memory),
  JOB (9, FLAG, count_clipped),
  JOB (10, FLAG, dry_run),
  JOB (11, FLAG, json),
  JOB (13, FLAG, dither),
  JOB (12, TEXT, name),
  JOB (20, INT, limits.side),
  JOB (21, BYTES, limits.pixels),
  JOB (22, SIZE, limits.icc),
  JOB (23, SIZE, limits.text),
  JOB (24, SIZE, limits.text_all),
  JOB (25, INT, limits.pages),
  JOB (26, INT, limits.scans),
  JOB (27, FLAG, limits.salvage),
  JOB (28, INT, limits.expansion),
  JOB (40, INT, write.quality),
  JOB (41, INT, write.loss),
  JOB (42, TEXT, write.subsampling),
  JOB (43, INT, write.compression),
  JOB (44, TEXT, write.tiff_compression),
  JOB (45, FLAG, write.strict),
  JOB (46, INT, write.tile_width),
  JOB (47, INT, write.tile_height),
};

static const Member result_members[] = {
  RESULT (2, BYTES, memory),
  RESULT (3, BYTES, peak),
  RESULT (4, BYTES, report.samples),
  RESULT (5, BYTES, report.clipped),
  RESULT (6, BYTES, report.out_of_gamut),
  RESULT (7, BYTES, report.nan),
  RESULT (8, BYTES, report.memory),
};

static void
put_members (GByteArray *fields, gconstpointer from, const Member *members, gsize count)
{
  for (gsize i = 0; i < count; i++) {
    gconstpointer place = (const char *)from + members[i].place;
    guint field = members[i].field;
    switch (members[i].kind) {
    case INT:
    case FLAG: /* a gboolean is an int */
      cli_put_number (fields, field, (guint64)(gint64) * (const int *)place);
      break;
    case BYTES:
      cli_put_number (fields, field, *(const guint64 *)place);
      break;
    case SIZE:
      cli_put_number (fields, field, *(const gsize *)place);
      break;
    case TEXT:
      cli_put_text (fields, field, *(const char *const *)place);
      break;
    }
  }
}

static void
get_members (const CliFrame *frame, gpointer into, const Member *members, gsize count)
{
  for (gsize i = 0; i < count; i++) {
    gpointer place = (char *)into + members[i].place;
    guint field = members[i].field;
    switch (members[i].kind) {
    case INT:
      *(int *)place = (int)CLAMP ((gint64)cli_get_number (frame, field, 0), -1, G_MAXINT);
      break;
    case FLAG:
      *(gboolean *)place = cli_get_number (frame, field, 0) != 0;
      break;
    case BYTES:
      *(guint64 *)place = cli_get_number (frame, field, 0);
      break;
    case SIZE:
      *(gsize *)place = cli_get_number (frame, field, 0);
      break;
    case TEXT:
      *(char **)place = cli_get_text (frame, field);
      break;
    }
  }
}

GByteArray *
cli_job_put (const CliJob *job)
{
  GByteArray *fields = g_byte_array_new ();
  char *recipe = job->recipe ? ie_recipe_text (job->recipe) : NULL;
  cli_put_text (fields, FIELD_RECIPE, recipe);
  cli_put_text (fields, FIELD_FORMAT, job->format ? job->format->name : NULL);
  put_members (fields, job, job_members, G_N_ELEMENTS (job_members));
  g_free (recipe);
  return fields;
}

gboolean
cli_job_get (const CliFrame *frame, CliJob *job, GError **error)
{
  char *recipe = cli_get_text (frame, FIELD_RECIPE), *format = cli_get_text (frame, FIELD_FORMAT);
  *job = (CliJob){ 0 };
  get_members (frame, job, job_members, G_N_ELEMENTS (job_members));
  job->format = ie_format_find (format);
  job->threads = CLAMP (job->threads, 1, 1024);
  job->rect[0] = MAX (job->rect[0], 0);
  job->rect[1] = MAX (job->rect[1], 0);
  job->write.loss = (IeLoss)CLAMP ((int)job->write.loss, IE_LOSS_AUTO, IE_LOSS_SOME);
  gboolean good = FALSE;
  if (job->depth > IE_DEPTH_FLOAT || job->kind < CLI_JOB_APPLY || job->kind > CLI_JOB_LAST || (format && !job->format)
      || (job->kind != CLI_JOB_APPLY && !job->name))
    g_set_error_literal (error, IE_ERROR, IE_ERROR_USAGE, _ ("a job that this program does not know"));
  else if (job->kind == CLI_JOB_APPLY)
    good = (job->recipe = ie_recipe_parse (recipe ? recipe : "", error)) != NULL;
  else
    good = TRUE;
  g_free (recipe);
  g_free (format);
  return good;
}

void
cli_job_clear (CliJob *job)
{
  if (job->recipe)
    ie_recipe_free ((IeRecipe *)job->recipe);
  for (gsize i = 0; i < G_N_ELEMENTS (job_members); i++)
    if (job_members[i].kind == TEXT)
      g_free (*(char **)((char *)job + job_members[i].place));
  *job = (CliJob){ 0 };
}

GByteArray *
cli_result_put (const CliResult *result)
{
  GByteArray *fields = g_byte_array_new ();
  cli_put_text (fields, FIELD_NOTES, result->notes->str);
  put_members (fields, result, result_members, G_N_ELEMENTS (result_members));
  return fields;
}

void
cli_result_get (const CliFrame *frame, CliResult *result)
{
  char *notes = cli_get_text (frame, FIELD_NOTES);
  if (notes && *notes)
    cli_note (result, "%s", notes);
  get_members (frame, result, result_members, G_N_ELEMENTS (result_members));
  g_free (notes);
}
