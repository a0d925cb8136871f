// SPDX-License-Identifier: GPL-3.0-or-later
/* What `doctor` says of picture formats and of the libraries behind them. */
#include "cli/doctor.h"
#include "core/i18n.h"
#include "imageio/imageio.h"

static void
look_at_format (CliDoctor *doctor, const IeFormat *format)
{
  CliCheck *check;
  char *lacks = !format->missing && format->lacks ? format->lacks () : NULL;
  if (format->missing) {
    check = cli_doctor_add (doctor, format->name, CLI_CHECK_MISSING,
                            g_strdup_printf (_ ("%s is not in this build"), _ (format->label)));
    check->advice = g_strdup_printf (_ ("install %s and build again"), format->missing);
  } else if (lacks) {
    check = cli_doctor_add (doctor, format->name, CLI_CHECK_MISSING,
                            g_strdup_printf (_ ("%s: its library has no codec for all of it"), _ (format->label)));
    check->advice = g_strdup_printf ("sudo apt install %s", lacks);
  } else
    check = cli_doctor_add (doctor, format->name, CLI_CHECK_OK, g_strdup (_ (format->label)));
  cli_check_fact (check, "label", format->label);
  cli_check_fact (check, "package", format->missing ? format->missing : lacks);
  g_free (lacks);
}

static void
look_at_xmp (CliDoctor *doctor)
{
#ifdef IE_HAVE_GEXIV2
  cli_doctor_add (doctor, "xmp", CLI_CHECK_OK, g_strdup ("XMP"));
#else
  CliCheck *check = cli_doctor_add (doctor, "xmp", CLI_CHECK_MISSING,
                                    g_strdup (_ ("XMP metadata cannot be brought up to date in this build")));
  check->advice = g_strdup (_ ("install libgexiv2-dev and build again"));
#endif
}

void
cli_doctor_formats (CliDoctor *doctor)
{
  int count;
  const IeFormat *const *formats = ie_formats (&count);
  for (int i = 0; i < count; i++)
    if (cli_doctor_wants (doctor, "formats") || cli_doctor_wants (doctor, formats[i]->name))
      look_at_format (doctor, formats[i]);
  if (cli_doctor_wants (doctor, "formats") || cli_doctor_wants (doctor, "xmp"))
    look_at_xmp (doctor);
}
