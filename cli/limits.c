// SPDX-License-Identifier: GPL-3.0-or-later
/* What a worker may do. Each limit that the system does not have is left out, and the others hold. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/reading-options.h"
#include "cli/worker.h"
#include "core/i18n.h"

#ifdef IE_SECCOMP
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1 /* terabytes of reserved addresses, and system calls of its own */
#else
#define SANITIZED 0
#endif

#define MEBIBYTE (G_GUINT64_CONSTANT (1) << 20)
/* Addresses are not memory: what is reserved and never touched costs nothing. A thread reserves its stack (8 MiB) and,
 * in glibc, a heap of 64 MiB, for whose alignment it takes twice that for a moment (malloc/arena.c). */
#define THREAD_ADDRESSES (144 * MEBIBYTE)
/* Codecs hold pictures that must be there whole beside the limit for the engine; less than this is never asked. */
#define LEAST_ADDRESSES (1024 * MEBIBYTE)
#define MOST_FILES 256

const char *const cli_isolate_choices[] = { "process", "none", NULL };

IeReadLimits
cli_limits (const CliWorkerOptions *options)
{
  return (IeReadLimits){
    .side = options->side,
    .pixels = (guint64)options->pixels,
    .icc = options->icc,
    .text = options->text,
    .text_all = options->text * 2, /* 16 MiB where one may have 8 */
    .pages = options->pages,
    .scans = options->scans,
    .expansion = options->expansion,
    .salvage = options->salvage,
  };
}

/* Addresses in use, in bytes; 0: not known. */
static guint64
addresses (void)
{
  unsigned long long pages = 0;
  FILE *file = fopen ("/proc/self/statm", "re");
  if (file) {
    if (fscanf (file, "%llu", &pages) != 1)
      pages = 0;
    fclose (file);
  }
  return pages * (guint64)sysconf (_SC_PAGESIZE);
}

static void
limit (__rlimit_resource_t what, guint64 most)
{
  struct rlimit now;
  if (getrlimit (what, &now) != 0)
    return;
  now.rlim_cur = now.rlim_max = MIN (now.rlim_max, (rlim_t)most);
  setrlimit (what, &now);
}

#ifdef IE_SECCOMP

/* Reading, computing, and writing to what is open. What is not here fails with EPERM, which libraries take better than
 * being killed: another version of them may try something that it can do without. */
static const int allowed[] = {
  /* what is open */
  SCMP_SYS (read), SCMP_SYS (readv), SCMP_SYS (pread64), SCMP_SYS (preadv), SCMP_SYS (preadv2), SCMP_SYS (write),
  SCMP_SYS (writev), SCMP_SYS (pwrite64), SCMP_SYS (pwritev), SCMP_SYS (lseek), SCMP_SYS (_llseek), SCMP_SYS (close),
  SCMP_SYS (close_range), SCMP_SYS (fstat), SCMP_SYS (fstat64), SCMP_SYS (fstatfs), SCMP_SYS (ftruncate),
  SCMP_SYS (ftruncate64), SCMP_SYS (fallocate), SCMP_SYS (fadvise64), SCMP_SYS (fsync), SCMP_SYS (fdatasync),
  SCMP_SYS (dup), SCMP_SYS (dup2), SCMP_SYS (dup3), SCMP_SYS (fcntl), SCMP_SYS (fcntl64), SCMP_SYS (poll),
  SCMP_SYS (ppoll), SCMP_SYS (select), SCMP_SYS (pselect6), SCMP_SYS (recvmsg), SCMP_SYS (sendmsg), SCMP_SYS (pipe2),
  SCMP_SYS (eventfd2), SCMP_SYS (memfd_create), SCMP_SYS (getdents64),
  /* names */
  SCMP_SYS (stat), SCMP_SYS (stat64), SCMP_SYS (lstat), SCMP_SYS (newfstatat), SCMP_SYS (fstatat64), SCMP_SYS (statx),
  SCMP_SYS (access), SCMP_SYS (faccessat), SCMP_SYS (faccessat2), SCMP_SYS (readlink), SCMP_SYS (readlinkat),
  SCMP_SYS (getcwd),
  /* memory */
  SCMP_SYS (brk), SCMP_SYS (mmap), SCMP_SYS (mmap2), SCMP_SYS (munmap), SCMP_SYS (mremap), SCMP_SYS (mprotect),
  SCMP_SYS (madvise), SCMP_SYS (msync), SCMP_SYS (mincore), SCMP_SYS (membarrier), SCMP_SYS (get_mempolicy),
  /* threads and signals */
  SCMP_SYS (futex), SCMP_SYS (futex_time64), SCMP_SYS (set_robust_list), SCMP_SYS (get_robust_list), SCMP_SYS (rseq),
  SCMP_SYS (set_tid_address), SCMP_SYS (exit), SCMP_SYS (exit_group), SCMP_SYS (rt_sigaction),
  SCMP_SYS (rt_sigprocmask), SCMP_SYS (rt_sigreturn), SCMP_SYS (sigaltstack), SCMP_SYS (sched_yield),
  SCMP_SYS (sched_getaffinity), SCMP_SYS (sched_getparam), SCMP_SYS (sched_getscheduler), SCMP_SYS (getcpu),
  SCMP_SYS (restart_syscall), SCMP_SYS (arch_prctl),
  /* questions */
  SCMP_SYS (getpid), SCMP_SYS (getppid), SCMP_SYS (gettid), SCMP_SYS (getuid), SCMP_SYS (geteuid), SCMP_SYS (getgid),
  SCMP_SYS (getegid), SCMP_SYS (getrandom), SCMP_SYS (clock_gettime), SCMP_SYS (clock_gettime64),
  SCMP_SYS (clock_getres), SCMP_SYS (clock_nanosleep), SCMP_SYS (clock_nanosleep_time64), SCMP_SYS (nanosleep),
  SCMP_SYS (gettimeofday), SCMP_SYS (time), SCMP_SYS (times), SCMP_SYS (getrusage), SCMP_SYS (getrlimit),
  SCMP_SYS (ugetrlimit), SCMP_SYS (sysinfo), SCMP_SYS (uname),
};

static gboolean
allow_all (scmp_filter_ctx filter)
{
  for (gsize i = 0; i < G_N_ELEMENTS (allowed); i++) {
    int failed = seccomp_rule_add (filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (failed && failed != -EDOM && failed != -EFAULT) /* another architecture's: there is no such call here */
      return FALSE;
  }
  return TRUE;
}

/* What is allowed with some arguments alone. */
static gboolean
allow_some (scmp_filter_ctx filter)
{
  const scmp_datum_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
  int failed = 0;
  /* Libraries read tables and plugins of their own. */
  failed |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (openat), 1, SCMP_A2 (SCMP_CMP_MASKED_EQ, writing, 0));
#ifdef __NR_open
  failed |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (open), 1, SCMP_A1 (SCMP_CMP_MASKED_EQ, writing, 0));
#endif
  /* A thread, not a process. The flags of clone3() cannot be looked at; without it glibc takes clone(). */
#ifdef __s390__
  const unsigned flags = 1;
#else
  const unsigned flags = 0;
#endif
  failed |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (clone), 1,
                              SCMP_CMP (flags, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
  failed |= seccomp_rule_add (filter, SCMP_ACT_ERRNO (ENOSYS), SCMP_SYS (clone3), 0);
  /* abort() and raise() send to ourselves. */
  failed |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (tgkill), 1,
                              SCMP_A0 (SCMP_CMP_EQ, (scmp_datum_t)getpid ()));
  failed |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (prctl), 1, SCMP_A0 (SCMP_CMP_EQ, PR_SET_NAME));
#ifdef PR_SET_VMA
  failed |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (prctl), 1, SCMP_A0 (SCMP_CMP_EQ, PR_SET_VMA));
#endif
  /* Limits may be looked at. */
  failed |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (prlimit64), 1, SCMP_A2 (SCMP_CMP_EQ, 0));
  /* Whether it is a terminal. */
  failed |= seccomp_rule_add (filter, SCMP_ACT_ALLOW, SCMP_SYS (ioctl), 1, SCMP_A1 (SCMP_CMP_EQ, TCGETS));
  return failed == 0;
}

/* Loads the filter; 0 or errno. */
static int
forbid_calls (void)
{
  scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ERRNO (EPERM));
  /* There are no secrets here to be guessed from its timing, and the guard (on by default up to Linux 5.15) is slow. */
  if (filter)
    seccomp_attr_set (filter, SCMP_FLTATR_CTL_SSB, 1);
  int failed = !filter                       ? ENOMEM
               : !allow_all (filter)         ? EINVAL
               : !allow_some (filter)        ? EINVAL
                                             : -seccomp_load (filter);
  if (filter)
    seccomp_release (filter);
  return failed;
}

#else

static int
forbid_calls (void)
{
  return ENOSYS;
}

#endif

char *
cli_give_up_rights (guint64 memory, int threads)
{
  limit (RLIMIT_CORE, 0);
  limit (RLIMIT_NOFILE, MOST_FILES);
  gboolean alone = prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (SANITIZED)
    return g_strdup (_ ("no limits: a build with a sanitizer"));
  guint64 used = addresses (), most = used + MAX (memory + memory / 2, LEAST_ADDRESSES);
  most += (guint64)(threads + 1) * THREAD_ADDRESSES;
  if (used > 0)
    limit (RLIMIT_AS, most);
  int failed = alone ? forbid_calls () : EPERM;
  char *calls = failed ? g_strdup_printf (_ ("no filter of system calls (%s)"), g_strerror (failed))
                       : g_strdup (_ ("a filter of system calls (seccomp)"));
  char *text = g_strdup_printf (_ ("%s, %" PRIu64 " MiB of addresses"), calls, most / MEBIBYTE);
  g_free (calls);
  return text;
}
