// SPDX-License-Identifier: GPL-3.0-or-later
/* What `doctor` says of find similar: the catalogue. */
#include <inttypes.h>

#include "cli/doctor.h"
#include "cli/embedding.h"
#include "core/i18n.h"

static void
look_at_catalogue (CliDoctor *doctor)
{
  GError *error = NULL;
  char *path = ie_catalogue_usual_path ();
  IeCatalogue *catalogue = ie_catalogue_open (path, IE_CATALOGUE_READ, &error);
  IeCatalogueCounts counts = { 0 };
  gboolean good = catalogue && ie_catalogue_check (catalogue, &error) && ie_catalogue_count (catalogue, 0, &counts, &error);
  gboolean absent = g_error_matches (error, IE_ERROR, IE_ERROR_INPUT);
  CliCheck *check = cli_doctor_add (
    doctor, "catalogue", good ? CLI_CHECK_OK : absent ? CLI_CHECK_MISSING : CLI_CHECK_BROKEN,
    good ? g_strdup_printf (ie_ngettext ("%" PRId64 " file in %s", "%" PRId64 " files in %s", (gulong)counts.files), counts.files, path)
         : g_strdup (error->message));
  if (!good && !absent)
    check->advice = g_strdup (_ ("imgenhance index saves what can be read and brings back the rest"));
  cli_check_fact (check, "path", path);
  cli_check_number (check, "files", (guint64)counts.files);
  cli_check_number (check, "failures", (guint64)counts.failures);
  ie_catalogue_close (catalogue);
  g_clear_error (&error);
  g_free (path);
}

void
cli_doctor_similar (CliDoctor *doctor)
{
  if (cli_doctor_wants (doctor, "catalogue"))
    look_at_catalogue (doctor);
}
