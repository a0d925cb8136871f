// SPDX-License-Identifier: GPL-3.0-or-later
/* What `doctor` says of processor, memory, temporary files, sandbox and language. */
#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/memory.h"
#include "cli/terminal.h"
#include "cli/worker-process.h"
#include "core/i18n.h"
#include "core/level.h"
#include "core/temporary.h"
#include "embed/model.h"

#define TMPFS 0x01021994 /* statfs(2): TMPFS_MAGIC */

static void
look_at_processor (CliDoctor *doctor)
{
  const char *level = ie_cpu_level_name (ie_cpu_level ()), *forced = g_getenv ("IMGENHANCE_CPU");
  guint threads = g_get_num_processors ();
  gboolean as_asked = !forced || !*forced || strcmp (forced, level) == 0;
  char *says;
  if (!as_asked)
    says = g_strdup_printf (_ ("level %s is in use, and IMGENHANCE_CPU asks for %s"), level, forced);
  else if (forced && *forced)
    says = g_strdup_printf (
        ie_ngettext ("level %s (by IMGENHANCE_CPU), %u thread", "level %s (by IMGENHANCE_CPU), %u threads", threads),
        level, threads);
  else
    says = g_strdup_printf (ie_ngettext ("level %s, %u thread", "level %s, %u threads", threads), level, threads);
  CliCheck *check = cli_doctor_add (doctor, "processor", as_asked ? CLI_CHECK_OK : CLI_CHECK_BROKEN, says);
  if (!as_asked)
    check->advice = g_strdup (_ ("unset IMGENHANCE_CPU; it takes x86-64, v2, v3 or v4, if the processor has it"));
  cli_check_fact (check, "level", level);
  cli_check_number (check, "threads", threads);
}

/* MemAvailable of proc(5), in bytes; 0: not known. */
static guint64
memory_available (void)
{
  char line[256];
  unsigned long long kibibytes = 0;
  FILE *file = fopen ("/proc/meminfo", "re");
  while (file && fgets (line, sizeof line, file))
    if (sscanf (line, "MemAvailable: %llu", &kibibytes) == 1)
      break;
  if (file)
    fclose (file);
  return (guint64)kibibytes * 1024;
}

static void
look_at_memory (CliDoctor *doctor)
{
  guint64 usual = cli_memory_usual (), available = memory_available ();
  char *share = cli_bytes (usual), *left = cli_bytes (available);
  gboolean enough = available == 0 || available >= usual;
  char *says = available ? g_strdup_printf (_ ("pictures may take %s; %s are free"), share, left)
                         : g_strdup_printf (_ ("pictures may take %s"), share);
  CliCheck *check = cli_doctor_add (doctor, "memory", CLI_CHECK_OK, says);
  if (!enough)
    check->advice
        = g_strdup_printf (_ ("apply --memory %" PRIu64 "M stays below what is free now"), available >> 21);
  cli_check_number (check, "limit", usual);
  cli_check_number (check, "available", available);
  g_free (share);
  g_free (left);
}

static void
look_at_temporary (CliDoctor *doctor)
{
  GError *error = NULL;
  const char *folder = g_get_tmp_dir ();
  int fd = ie_temporary_file (NULL, &error);
  struct statvfs space;
  struct statfs kind;
  CliCheck *check;
  if (fd < 0) {
    check = cli_doctor_add (doctor, "temporary", CLI_CHECK_BROKEN, g_strdup_printf ("%s: %s", folder, error->message));
    check->advice = g_strdup (_ ("set TMPDIR to a folder that can be written to"));
    g_clear_error (&error);
  } else {
    guint64 bytes = fstatvfs (fd, &space) == 0 ? (guint64)space.f_bavail * space.f_frsize : 0;
    gboolean in_memory = fstatfs (fd, &kind) == 0 && kind.f_type == TMPFS;
    char *left = cli_bytes (bytes);
    check = cli_doctor_add (doctor, "temporary", CLI_CHECK_OK,
                            g_strdup_printf (in_memory ? _ ("%s, %s free, and lies in memory") : _ ("%s, %s free"),
                                             folder, left));
    if (in_memory)
      check->advice = g_strdup (_ ("for pictures larger than memory: TMPDIR=/var/tmp"));
    cli_check_number (check, "free", bytes);
    g_free (left);
    close (fd);
  }
  cli_check_fact (check, "folder", folder);
}

/* What a process can take from itself, said by one that does it. g_free(). */
static char *
try_to_give_up_rights (void)
{
  int ends[2];
  char text[512];
  gsize length = 0;
  gssize got;
  if (pipe (ends) != 0)
    return NULL;
  pid_t child = fork ();
  if (child == 0) {
    char *said = cli_give_up_rights (cli_memory_usual (), 1);
    _exit (write (ends[1], said, strlen (said)) < 0);
  }
  close (ends[1]);
  while (child > 0 && length < sizeof text && (got = read (ends[0], text + length, sizeof text - length)) != 0)
    if (got > 0)
      length += (gsize)got;
    else if (errno != EINTR)
      break;
  close (ends[0]);
  while (child > 0 && waitpid (child, NULL, 0) < 0 && errno == EINTR)
    continue;
  return length > 0 ? g_strndup (text, length) : NULL;
}

static void
look_at_sandbox (CliDoctor *doctor)
{
  GError *error = NULL;
  CliWorker *worker = cli_worker_take (cli_memory_usual (), 1, FALSE, &error);
  CliCheck *check;
  if (!worker) {
    check = cli_doctor_add (doctor, "sandbox", CLI_CHECK_BROKEN,
                            g_strdup_printf (_ ("the process that reads pictures does not start: %s"), error->message));
    check->advice = g_strdup (_ ("apply --isolate none does without; a damaged file can then end the command"));
    g_clear_error (&error);
    return;
  }
  cli_worker_reap (worker);
  char *rights = try_to_give_up_rights ();
  gboolean filtered = rights && strstr (rights, "(seccomp)");
  char *first = g_strndup (rights ? rights : _ ("no limits"), strcspn (rights ? rights : _ ("no limits"), ","));
  check = cli_doctor_add (doctor, "sandbox", filtered ? CLI_CHECK_OK : CLI_CHECK_MISSING,
                          g_strdup_printf (_ ("pictures are read by a process of its own: %s"), first));
#ifndef IE_SECCOMP
  check->advice = g_strdup (_ ("install libseccomp-dev and build again"));
#endif
  cli_check_fact (check, "rights", rights);
  g_free (first);
  g_free (rights);
}

static void
look_at_language (CliDoctor *doctor)
{
  const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
  const char *wished = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names) && !wished; i++)
    wished = g_getenv (names[i]) && *g_getenv (names[i]) ? g_getenv (names[i]) : NULL;
  /* In use is the one that main() has set; "C" is what stays of one that the system does not have. */
  const char *used = setlocale (LC_CTYPE, NULL);
  gboolean there = !wished || strcmp (used, "C") != 0 || strcmp (wished, "C") == 0 || strcmp (wished, "POSIX") == 0;
  /* A translation names its own language: it is seen when messages are in that. */
  char *says = there ? g_strdup_printf (_ ("%s (%s), messages in English"), used, nl_langinfo (CODESET))
                     : g_strdup_printf (_ ("the system has no locale %s, %s is in use; messages in English"), wished,
                                        used);
  CliCheck *check = cli_doctor_add (doctor, "language", there ? CLI_CHECK_OK : CLI_CHECK_MISSING, says);
  if (!there)
    check->advice = g_strdup ("sudo dpkg-reconfigure locales");
  cli_check_fact (check, "locale", used);
  cli_check_fact (check, "codeset", nl_langinfo (CODESET));
}

static void
look_at_runtime (CliDoctor *doctor)
{
  GError *error = NULL;
  char *runtime = ie_model_runtime (&error);
  CliCheck *check = cli_doctor_add (doctor, "onnxruntime", runtime ? CLI_CHECK_OK : CLI_CHECK_MISSING,
                                    g_strdup (runtime ? runtime : _ ("ONNX Runtime is not here; models of your own need it")));
  if (!runtime)
    check->advice = g_strdup (error->message);
  cli_check_fact (check, "runtime", runtime);
  g_clear_error (&error);
  g_free (runtime);
}

void
cli_doctor_system (CliDoctor *doctor)
{
  static const struct {
    const char *name;
    void (*look) (CliDoctor *doctor);
  } things[] = { { "processor", look_at_processor },
                 { "memory", look_at_memory },
                 { "temporary", look_at_temporary },
                 { "sandbox", look_at_sandbox },
                 { "language", look_at_language },
                 { "onnxruntime", look_at_runtime } };
  for (guint i = 0; i < G_N_ELEMENTS (things); i++)
    if (cli_doctor_wants (doctor, things[i].name))
      things[i].look (doctor);
}
