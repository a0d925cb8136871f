// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/common/help-page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/names.h"
#include "core/i18n.h"

/* ---- words ---- */

/* "0 to 50 px", "Gaussian, Bilateral", ... g_free(). */
static char *
range_of (const IeParam *param)
{
  GString *out = g_string_new (NULL);
  if (param->type == IE_PARAM_ENUM) {
    for (const IeChoice *choice = param->choices; choice->id; choice++)
      g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", _ (choice->label));
  } else if (param->type == IE_PARAM_BOOL) {
    g_string_append (out, _ ("yes or no"));
  } else if (param->min < param->max) {
    g_autofree char *min = ie_number_text (param->min), *max = ie_number_text (param->max);
    if (isfinite (param->max))
      g_string_append_printf (out, _ ("%s to %s"), min, max);
    else
      g_string_append_printf (out, _ ("from %s"), min);
    if (*ie_param_unit (param))
      g_string_append_printf (out, " %s", ie_param_unit (param));
  }
  return g_string_free (out, FALSE);
}

static char *
default_of (const IeFilter *filter, int i)
{
  const IeParam *param = &filter->params[i];
  if (param->type == IE_PARAM_ENUM)
    return g_strdup (_ (param->choices[(int) param->initial].label));
  IeParams *params = ie_params_new (filter->params);
  char *text = ie_params_text (params, i);
  ie_params_free (params);
  return text;
}

/* "Only with Kernel: Deriche." g_free(); NULL: always. */
static char *
condition_of (const IeFilter *filter, const IeParam *param)
{
  const char *words = param->visible_if ? strchr (param->visible_if, '=') : NULL;
  if (!words)
    return NULL;
  for (const IeParam *other = filter->params; other->id; other++) {
    if (strlen (other->id) != (gsize) (words - param->visible_if) || !g_str_has_prefix (param->visible_if, other->id))
      continue;
    g_auto (GStrv) ids = g_strsplit (words + 1, "|", -1);
    GString *out = g_string_new (NULL);
    for (const IeChoice *choice = other->choices; choice && choice->id; choice++)
      if (g_strv_contains ((const char *const *) ids, choice->id))
        g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", _ (choice->label));
    char *text = g_strdup_printf (_ ("Only with %s: %s."), _ (other->label), out->str);
    g_string_free (out, TRUE);
    return text;
  }
  return NULL;
}

/* ---- HTML ---- */

#define STYLE                                                                                                          \
  "body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#222;background:#fff}"             \
  "h1{font-size:1.6em;margin-bottom:.2em}h2{font-size:1.15em;margin-top:1.6em}"                                        \
  "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.4em .8em .4em 0;"       \
  "border-bottom:1px solid #ddd}code{background:#f2f2f2;padding:.1em .3em}pre code{display:block;padding:.6em;"        \
  "white-space:pre-wrap}img{max-width:100%}.small{color:#666;font-size:.9em}"                                          \
  "@media(prefers-color-scheme:dark){body{color:#ddd;background:#222}code{background:#333}a{color:#8bf}}"

static void
append_escaped (GString *out, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The arguments' markup is text. */
static void
append_escaped (GString *out, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_markup_vprintf_escaped (format, arguments);
  va_end (arguments);
  g_string_append (out, text);
}

static GString *
begin_page (const char *title)
{
  GString *out = g_string_new ("<!DOCTYPE html>\n");
  /* The code of the language that this is translated to: de, zh-CN. */
  append_escaped (out, "<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", _ ("en"));
  append_escaped (out, "<title>%s - imgenhance</title>\n", title);
  g_string_append (out, "<style>" STYLE "</style>\n</head>\n<body>\n");
  append_escaped (out, "<h1>%s</h1>\n", title);
  return out;
}

static char *
end_page (GString *out)
{
  g_string_append (out, "<p class=\"small\">imgenhance " IE_VERSION ", from the filter's own description.</p>\n</body>\n</html>\n");
  return g_string_free (out, FALSE);
}

static void
append_param (GString *out, const IeFilter *filter, int i)
{
  const IeParam *param = &filter->params[i];
  g_autofree char *range = range_of (param), *initial = default_of (filter, i), *condition = condition_of (filter, param);
  append_escaped (out, "<tr><td>%s<br><code>%s</code></td><td>%s</td><td>%s</td><td>%s", _ (param->label), param->id, range,
                  param->required ? _ ("needed") : initial, _ (param->summary));
  if (condition)
    append_escaped (out, " <span class=\"small\">%s</span>", condition);
  g_string_append (out, "</td></tr>\n");
}

char *
ie_help_page (const IeFilter *filter, const char *picture)
{
  GString *out = begin_page (_ (filter->label));
  append_escaped (out, "<p>%s.</p>\n", _ (filter->summary));
  if (picture)
    append_escaped (out, "<p><img src=\"%s\" alt=\"%s\"><br><span class=\"small\">%s</span></p>\n", picture, _ (filter->label),
                    _ ("Before (left) and after (right)."));
  if (filter->params->id) {
    append_escaped (out, "<h2>%s</h2>\n<table>\n<tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr>\n", _ ("Parameters"), _ ("Name"),
                    _ ("Range"), _ ("Default"), _ ("Meaning"));
    for (int i = 0; filter->params[i].id; i++)
      append_param (out, filter, i);
    g_string_append (out, "</table>\n");
  }
  g_autofree char *procedure = ie_procedure_name (filter), *operation = ie_operation_name (filter);
  append_escaped (out, "<h2>%s</h2>\n<p>%s <code>imgenhance apply -f %s PICTURE</code></p>\n", _ ("Elsewhere"), _ ("As a command:"),
                  filter->name);
  append_escaped (out, "<p>%s <code>%s</code>; %s <code>%s</code></p>\n", _ ("In Script-Fu:"), procedure, _ ("in GEGL:"), operation);
  if (filter->citation)
    append_escaped (out, "<h2>%s</h2>\n<p>%s</p>\n", _ ("Source"), filter->citation);
  append_escaped (out, "<p><a href=\"index.html\">%s</a></p>\n", _ ("All filters"));
  return end_page (out);
}

static int
compare_filters (gconstpointer a, gconstpointer b)
{
  const IeFilter *one = *(const IeFilter *const *) a, *other = *(const IeFilter *const *) b;
  int groups = strcmp (one->group, other->group);
  return groups ? groups : strcmp (one->label, other->label);
}

char *
ie_help_index (void)
{
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  GString *out = begin_page (_ ("Filters"));
  g_autofree const IeFilter **sorted = g_memdup2 (filters, sizeof *filters * (gsize) count);
  qsort (sorted, (size_t) count, sizeof *sorted, compare_filters);
  for (int i = 0; i < count; i++) {
    if (i == 0 || strcmp (sorted[i]->group, sorted[i - 1]->group) != 0)
      append_escaped (out, "<h2>%s</h2>\n", _ (sorted[i]->group));
    append_escaped (out, "<p><a href=\"%s.html\">%s</a>: %s.</p>\n", sorted[i]->name, _ (sorted[i]->label), _ (sorted[i]->summary));
  }
  return end_page (out);
}

/* ---- text ---- */

char *
ie_help_text (const IeFilter *filter)
{
  GString *out = g_string_new (NULL);
  g_string_append_printf (out, "%s.\n", _ (filter->summary));
  for (int i = 0; filter->params[i].id; i++) {
    const IeParam *param = &filter->params[i];
    g_autofree char *range = range_of (param), *initial = default_of (filter, i), *condition = condition_of (filter, param);
    g_string_append_printf (out, "\n%s", _ (param->label));
    if (*range)
      g_string_append_printf (out, " (%s)", range);
    g_string_append_printf (out, "\n%s", _ (param->summary));
    if (condition)
      g_string_append_printf (out, " %s", condition);
    if (!param->required && *initial)
      g_string_append_printf (out, " %s %s.", _ ("Default:"), initial);
    g_string_append_c (out, '\n');
  }
  if (filter->citation)
    g_string_append_printf (out, "\n%s: %s\n", _ ("Source"), filter->citation);
  return g_string_free (out, FALSE);
}

/* ---- where it is ---- */

static char *
file_in (const char *folder, const IeFilter *filter, const char *ending)
{
  g_autofree char *name = g_strconcat (filter->name, ending, NULL), *path = g_build_filename (folder, name, NULL);
  return g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_filename_to_uri (path, NULL, NULL) : NULL;
}

/* The URI of a file of the filter among the pages that were installed. */
static char *
installed (const IeFilter *filter, const char *ending)
{
  const char *given = g_getenv ("IMGENHANCE_HELP_DIR");
  if (given)
    return file_in (given, filter, ending);
  char *uri = NULL;
#ifdef IE_HELP_FOLDER
  uri = file_in (IE_HELP_FOLDER, filter, ending);
#endif
  const char *const *system = g_get_system_data_dirs ();
  const char *folder = g_get_user_data_dir ();
  for (int i = 0; !uri && folder; folder = system[i++]) {
    g_autofree char *pages = g_build_filename (folder, "gimp-imgenhance", "filters", NULL);
    uri = file_in (pages, filter, ending);
  }
  return uri;
}

static gboolean
write_page (const char *folder, const char *name, char *page)
{
  g_autofree char *text = page, *file = g_strconcat (name, ".html", NULL), *path = g_build_filename (folder, file, NULL);
  return g_file_set_contents (path, text, -1, NULL);
}

/* The pages are installed in English; in another language they are written when they are asked for, all of them, since each leads to
 * the others. */
static char *
translated (const IeFilter *filter)
{
  int count;
  const IeFilter *const *filters = ie_filters (&count);
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "imgenhance", "help", NULL);
  gboolean good = g_mkdir_with_parents (folder, 0700) == 0 && write_page (folder, "index", ie_help_index ());
  for (int i = 0; good && i < count; i++) {
    g_autofree char *picture = installed (filters[i], ".jpg");
    good = write_page (folder, filters[i]->name, ie_help_page (filters[i], picture));
  }
  return good ? file_in (folder, filter, ".html") : NULL;
}

char *
ie_help_uri (const IeFilter *filter)
{
  gboolean english = strcmp (_ ("All filters"), "All filters") == 0;
  char *uri = english ? NULL : translated (filter);
  return uri ? uri : installed (filter, ".html");
}
