// SPDX-License-Identifier: GPL-3.0-or-later
/* The functions below stand in the program, which the loader asks before any library. __builtin_return_address() is the one thing
 * here that no standard has. */
#include "tests/fault-allocation.h"

#include <execinfo.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct {
  const char *name;
  guintptr from, to; /* 0: not loaded */
} Range;

enum { OBJECT, GLIB, RANGES };
static Range ranges[RANGES] = { [GLIB] = { "libglib-2.0.so" } };
static gint armed, seen, struck; /* atomic */

static int
find_range (struct dl_phdr_info *info, size_t size, void *data)
{
  for (int i = 0; i < RANGES; i++)
    if (ranges[i].name && strstr (info->dlpi_name, ranges[i].name)) {
      ranges[i].from = ranges[i].to = (guintptr) info->dlpi_addr;
      for (int k = 0; k < info->dlpi_phnum; k++)
        if (info->dlpi_phdr[k].p_type == PT_LOAD)
          ranges[i].to = MAX (ranges[i].to, (guintptr) (info->dlpi_addr + info->dlpi_phdr[k].p_vaddr + info->dlpi_phdr[k].p_memsz));
    }
  return 0;
}

static gboolean
within (int range, const void *address)
{
  return (guintptr) address >= ranges[range].from && (guintptr) address < ranges[range].to;
}

gboolean
ie_faults_in (const char *object)
{
  ranges[OBJECT].name = object;
  dl_iterate_phdr (find_range, NULL);
  void *frames[2];
  backtrace (frames, 2); /* loads what it needs */
  return ranges[OBJECT].from != 0;
}

void
ie_faults_arm (int n)
{
  g_atomic_int_set (&armed, n);
  g_atomic_int_set (&seen, 0);
  g_atomic_int_set (&struck, 0);
}

int
ie_faults_seen (void)
{
  return g_atomic_int_get (&seen);
}

gboolean
ie_faults_struck (void)
{
  return g_atomic_int_get (&struck);
}

/* Whether the allocation that was asked for at this place is to fail. */
static gboolean
fails (const void *caller)
{
  if (!within (OBJECT, caller))
    return FALSE;
  if (g_atomic_int_add (&seen, 1) + 1 != g_atomic_int_get (&armed))
    return FALSE;
  g_atomic_int_set (&struck, TRUE);
  return TRUE;
}

/* ---- those that GLib lets fail: all that the library and its faces call ---- */

static _Thread_local gboolean may_fail;

gpointer
g_try_malloc (gsize bytes)
{
  if (bytes == 0 || fails (__builtin_return_address (0)))
    return NULL;
  may_fail = TRUE;
  gpointer data = malloc (bytes);
  may_fail = FALSE;
  return data;
}

gpointer
g_try_malloc0 (gsize bytes)
{
  if (bytes == 0 || fails (__builtin_return_address (0)))
    return NULL;
  may_fail = TRUE;
  gpointer data = calloc (1, bytes);
  may_fail = FALSE;
  return data;
}

gpointer
g_try_malloc_n (gsize count, gsize bytes)
{
  if (count == 0 || bytes == 0 || bytes > G_MAXSIZE / count || fails (__builtin_return_address (0)))
    return NULL;
  may_fail = TRUE;
  gpointer data = malloc (count * bytes);
  may_fail = FALSE;
  return data;
}

gpointer
g_try_malloc0_n (gsize count, gsize bytes)
{
  if (count == 0 || bytes == 0 || bytes > G_MAXSIZE / count || fails (__builtin_return_address (0)))
    return NULL;
  may_fail = TRUE;
  gpointer data = calloc (count, bytes);
  may_fail = FALSE;
  return data;
}

/* ---- those of the C library ---- */

#ifdef __SANITIZE_ADDRESS__

extern void *__interceptor_aligned_alloc (size_t alignment, size_t bytes);

void *
aligned_alloc (size_t alignment, size_t bytes)
{
  return fails (__builtin_return_address (0)) ? NULL : __interceptor_aligned_alloc (alignment, bytes);
}

gsize
ie_faults_largest (gpointer *where)
{
  return 0;
}

#else

extern void *__libc_malloc (size_t bytes);
extern void *__libc_calloc (size_t count, size_t bytes);
extern void *__libc_realloc (void *data, size_t bytes);
extern void *__libc_memalign (size_t alignment, size_t bytes);

/* Smaller ones are not worth a look at the stack. */
#define WORTH_A_LOOK 1024
#define FRAMES 24

static GMutex mutex;
static gsize largest;
static gpointer largest_at;
static _Thread_local gboolean looking;

gsize
ie_faults_largest (gpointer *where)
{
  g_mutex_lock (&mutex);
  gsize size = largest;
  if (where)
    *where = (gpointer) ((guintptr) largest_at - ranges[OBJECT].from);
  largest = 0;
  g_mutex_unlock (&mutex);
  return size;
}

/* Notes what GLib allocates for the object, and would end the program for. */
static void
note (gsize bytes, const void *caller)
{
  if (bytes < WORTH_A_LOOK || may_fail || looking || !within (GLIB, caller))
    return;
  void *frames[FRAMES];
  looking = TRUE;
  int count = backtrace (frames, FRAMES), i = 2; /* beyond this function and its caller */
  looking = FALSE;
  while (i < count && within (GLIB, frames[i]))
    i++;
  if (i == count || !within (OBJECT, frames[i]))
    return;
  g_mutex_lock (&mutex);
  if (bytes > largest) {
    largest = bytes;
    largest_at = frames[i];
  }
  g_mutex_unlock (&mutex);
}

void *
malloc (size_t bytes)
{
  note (bytes, __builtin_return_address (0));
  return __libc_malloc (bytes);
}

void *
calloc (size_t count, size_t bytes)
{
  note (count * bytes, __builtin_return_address (0));
  return __libc_calloc (count, bytes);
}

void *
realloc (void *data, size_t bytes)
{
  note (bytes, __builtin_return_address (0));
  return __libc_realloc (data, bytes);
}

void *
aligned_alloc (size_t alignment, size_t bytes)
{
  return fails (__builtin_return_address (0)) ? NULL : __libc_memalign (alignment, bytes);
}

void *
mmap (void *address, size_t bytes, int protection, int flags, int fd, off_t offset)
{
  return fails (__builtin_return_address (0)) ? MAP_FAILED
                                              : (void *) syscall (SYS_mmap, address, bytes, protection, flags, fd, offset);
}

#endif
