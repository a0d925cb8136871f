// SPDX-License-Identifier: GPL-3.0-or-later
/* What the process of a model may do: what a worker may (limits.c), and of files read only those of the model. An ONNX file may name
 * other files as its weights, and not every ONNX Runtime looks where they are. */
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/worker.h"
#include "core/i18n.h"

#if __has_include(<linux/landlock.h>) && defined(SYS_landlock_create_ruleset)
#include <linux/landlock.h>

/* All that the first version of Landlock (Linux 5.13) knows. */
#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ALL                                                                                                            \
  (READ | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                 \
   LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |                       \
   LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                         \
   LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static void
allow (int rules, const char *folder)
{
  struct landlock_path_beneath_attr below = { READ | LANDLOCK_ACCESS_FS_EXECUTE, open (folder, O_PATH | O_CLOEXEC) };
  if (below.parent_fd < 0)
    return;
  syscall (SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
  close (below.parent_fd);
}

/* FALSE: the system cannot. */
static gboolean
hide_files (const char *const *folders)
{
  static const char *const of_system[] = { "/usr", "/lib", "/lib64", "/sys/devices/system", NULL };
  struct landlock_ruleset_attr handled = { ALL };
  int rules = (int) syscall (SYS_landlock_create_ruleset, &handled, sizeof handled, 0);
  if (rules < 0)
    return FALSE;
  for (int i = 0; of_system[i]; i++)
    allow (rules, of_system[i]);
  for (int i = 0; folders[i]; i++)
    allow (rules, folders[i]);
  gboolean hidden = prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall (SYS_landlock_restrict_self, rules, 0) == 0;
  close (rules);
  return hidden;
}

#else

static gboolean
hide_files (const char *const *folders)
{
  return FALSE;
}

#endif

char *
cli_give_up_rights_of_model (guint64 memory, int threads, const char *const *folders)
{
  guint64 all = (guint64) sysconf (_SC_PHYS_PAGES) * (guint64) sysconf (_SC_PAGESIZE);
  gboolean hidden = hide_files (folders);
  char *rest = cli_give_up_rights (memory ? memory : all, threads);
  char *text = hidden ? g_strdup_printf (_ ("its own files (Landlock), %s"), rest) : g_strdup (rest);
  g_free (rest);
  return text;
}
