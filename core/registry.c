// SPDX-License-Identifier: GPL-3.0-or-later
/* The registry, made from the list of files (filter-list.h), and lookup by name. */
#include "core/registry.h"

#include "core/error.h"
#include "core/i18n.h"
#include "filter-list.h"

#include <string.h>

#ifdef IE_X86_LEVELS
#define DECLARE(symbol) \
  extern const IeFilter ie_filter_##symbol##_base, ie_filter_##symbol##_v2, ie_filter_##symbol##_v3, \
      ie_filter_##symbol##_v4;
#define LEVELS(symbol) \
  { &ie_filter_##symbol##_base, &ie_filter_##symbol##_v2, &ie_filter_##symbol##_v3, &ie_filter_##symbol##_v4 },
#else
#define DECLARE(symbol) extern const IeFilter ie_filter_##symbol##_base;
#define LEVELS(symbol) \
  { &ie_filter_##symbol##_base, &ie_filter_##symbol##_base, &ie_filter_##symbol##_base, &ie_filter_##symbol##_base },
#endif

IE_FILTER_LIST (DECLARE)
static const IeFilter *const all[][IE_CPU_LEVELS] = { IE_FILTER_LIST (LEVELS) };

static int
by_name (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const IeFilter *const *) a)->name, (*(const IeFilter *const *) b)->name);
}

static const IeFilter *
newest_of (const char *name)
{
  const IeFilter *newest = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    const IeFilter *filter = all[i][ie_cpu_level ()];
    if (strcmp (filter->name, name) == 0 && (!newest || filter->version > newest->version))
      newest = filter;
  }
  return newest;
}

static gpointer
make_list (gpointer unused)
{
  GPtrArray *list = g_ptr_array_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++) {
    const IeFilter *filter = all[i][ie_cpu_level ()];
    if (newest_of (filter->name) == filter)
      g_ptr_array_add (list, (gpointer) filter);
  }
  g_ptr_array_sort (list, by_name);
  return list;
}

const IeFilter *const *
ie_filters (int *count)
{
  static GOnce once = G_ONCE_INIT;
  GPtrArray *list = g_once (&once, make_list, NULL);
  if (count)
    *count = (int) list->len;
  return (const IeFilter *const *) list->pdata;
}

/* Edit distance of Damerau and Levenshtein (neighbours swapped count one), for words of up to 63 bytes. */
static int
distance (const char *a, const char *b)
{
  int m = (int) MIN (strlen (a), 63), n = (int) MIN (strlen (b), 63);
  int d[64][64];
  for (int i = 0; i <= m; i++)
    d[i][0] = i;
  for (int j = 0; j <= n; j++)
    d[0][j] = j;
  for (int i = 1; i <= m; i++)
    for (int j = 1; j <= n; j++) {
      int change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      d[i][j] = MIN (change, MIN (d[i - 1][j], d[i][j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = MIN (d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[m][n];
}

const char *
ie_nearest (const char *typed, const char *const *names)
{
  const char *nearest = NULL;
  int limit = (int) MAX (strlen (typed) / 3, 1) + 1, least = limit + 1;
  for (; *names; names++) {
    int d = distance (typed, *names);
    /* A beginning of at least three letters is near too. */
    if (strlen (typed) >= 3 && g_str_has_prefix (*names, typed))
      d = MIN (d, limit);
    if (d < least) {
      least = d;
      nearest = *names;
    }
  }
  return nearest;
}

const IeFilter *
ie_filter_find (const char *name, int version, GError **error)
{
  const IeFilter *newest = newest_of (name);
  if (newest && (version == 0 || version == newest->version))
    return newest;
  for (gsize i = 0; newest && i < G_N_ELEMENTS (all); i++) {
    const IeFilter *filter = all[i][ie_cpu_level ()];
    if (strcmp (filter->name, name) == 0 && filter->version == version)
      return filter;
  }
  if (newest) {
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE,
                 _ ("filter '%s' has no version %d here; the newest is %d"), name, version,
                 newest->version);
    return NULL;
  }
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  const char **names = g_new0 (const char *, count + 1);
  for (int i = 0; i < count; i++)
    names[i] = filters[i]->name;
  const char *near = ie_nearest (name, names);
  if (near)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("no filter '%s'; did you mean '%s'?"), name, near);
  else
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("no filter '%s'; 'imgenhance filters' lists them"), name);
  g_free (names);
  return NULL;
}

const IeFilter *
ie_filter_at_level (const IeFilter *filter, IeCpuLevel level)
{
  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    for (int l = 0; l < IE_CPU_LEVELS; l++)
      if (all[i][l] == filter)
        return all[i][level];
  return NULL;
}

const char *
ie_class_name (IeClass filter_class)
{
  static const char *const names[] = { "point", "area", "survey", "whole" };
  return names[filter_class];
}

const char *
ie_param_type_name (IeParamType type)
{
  static const char *const names[] = { "float", "int",   "bool",   "enum",  "string", "file",
                                       "image", "colour", "point", "curve", "list",   "matrix" };
  return names[type];
}
