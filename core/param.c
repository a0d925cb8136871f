// SPDX-License-Identifier: GPL-3.0-or-later
/* Values of parameters: defaults, and text to value and back, by the type that the descriptor names. */
#include "core/param.h"

#include "core/error.h"
#include "core/i18n.h"
#include "core/registry.h"

#include <math.h>
#include <string.h>

static int
count_params (const IeParam *params)
{
  int count = 0;
  while (params[count].id)
    count++;
  return count;
}

static gboolean
is_text (IeParamType type)
{
  return type == IE_PARAM_STRING || type == IE_PARAM_FILE || type == IE_PARAM_IMAGE;
}

static gboolean
is_numbers (IeParamType type)
{
  return type >= IE_PARAM_COLOUR;
}

/* How many numbers a type has, 0 for any. */
static int
numbers_of (IeParamType type)
{
  return type == IE_PARAM_COLOUR ? 3 : type == IE_PARAM_POINT ? 2 : 0;
}

static gboolean parse_numbers (const IeParam *param, IeValue *value, const char *text, GError **error);

IeParams *
ie_params_new (const IeParam *params)
{
  IeParams *new = g_new0 (IeParams, 1);
  new->params = params;
  new->count = count_params (params);
  new->values = g_new0 (IeValue, MAX (new->count, 1));
  for (int i = 0; i < new->count; i++) {
    if (is_numbers (params[i].type) && params[i].initial_text)
      parse_numbers (&params[i], &new->values[i], params[i].initial_text, NULL);
    else if (is_text (params[i].type))
      new->values[i].text = g_strdup (params[i].initial_text);
    else
      new->values[i].number = params[i].initial;
  }
  return new;
}

IeParams *
ie_params_copy (const IeParams *params)
{
  IeParams *copy = g_new0 (IeParams, 1);
  *copy = *params;
  copy->values = g_new0 (IeValue, MAX (params->count, 1));
  for (int i = 0; i < params->count; i++) {
    copy->values[i] = params->values[i];
    copy->values[i].text = g_strdup (params->values[i].text);
    copy->values[i].numbers = g_memdup2 (params->values[i].numbers, sizeof (double) * (gsize) params->values[i].count);
  }
  return copy;
}

void
ie_params_free (IeParams *params)
{
  if (!params)
    return;
  for (int i = 0; i < params->count; i++) {
    g_free (params->values[i].text);
    g_free (params->values[i].numbers);
  }
  g_free (params->values);
  g_free (params);
}

char *
ie_number_text (double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  for (int digits = 6; digits <= 17; digits++) {
    char format[8];
    g_snprintf (format, sizeof format, "%%.%dg", digits);
    g_ascii_formatd (buffer, sizeof buffer, format, number);
    if (g_ascii_strtod (buffer, NULL) == number)
      break;
  }
  return g_strdup (buffer);
}

static gboolean
parse_number (const char *text, double *number)
{
  char *end = NULL;
  if (!*text || g_ascii_isspace (*text))
    return FALSE;
  *number = g_ascii_strtod (text, &end);
  return end && !*end && isfinite (*number);
}

static gboolean
fail_type (GError **error, const IeParam *param, const char *text, const char *wanted)
{
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s=%s: not %s"), param->id, text, wanted);
  return FALSE;
}

const char *
ie_param_unit (const IeParam *param)
{
  /* Those that are symbols (px, L*) are the same in every language. */
  static const char *const words[] = {
    /* xgettext:no-c-format */
    N_ ("% of range"),
    /* xgettext:no-c-format */
    N_ ("% of samples"), N_ ("cycles/px"), N_ ("degrees"), N_ ("per px"),
  };
  for (gsize i = 0; param->unit && i < G_N_ELEMENTS (words); i++)
    if (strcmp (param->unit, words[i]) == 0)
      return _ (words[i]);
  return param->unit ? param->unit : "";
}

static gboolean
check_range (const IeParam *param, double number, const char *text, GError **error)
{
  if (number >= param->min && number <= param->max)
    return TRUE;
  const char *unit = ie_param_unit (param);
  char *min = ie_number_text (param->min), *max = ie_number_text (param->max);
  g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s=%s is out of range: %s to %s%s%s"), param->id, text, min, max,
               *unit ? " " : "", unit);
  g_free (min);
  g_free (max);
  return FALSE;
}

static gboolean
parse_bool (const char *text, double *number)
{
  static const char *const yes[] = { "yes", "true", "on", "1", NULL };
  static const char *const no[] = { "no", "false", "off", "0", NULL };
  *number = g_strv_contains (yes, text);
  return *number != 0 || g_strv_contains (no, text);
}

static gboolean
parse_choice (const IeParam *param, const char *text, double *number, GError **error)
{
  GPtrArray *ids = g_ptr_array_new ();
  for (int i = 0; param->choices[i].id; i++) {
    g_ptr_array_add (ids, (gpointer) param->choices[i].id);
    if (strcmp (param->choices[i].id, text) == 0) {
      *number = i;
      g_ptr_array_free (ids, TRUE);
      return TRUE;
    }
  }
  g_ptr_array_add (ids, NULL);
  const char *near = ie_nearest (text, (const char *const *) ids->pdata);
  char *all = g_strjoinv ("|", (char **) ids->pdata);
  if (near)
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s=%s: not one of %s; did you mean %s?"), param->id, text, all,
                 near);
  else
    g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("%s=%s: not one of %s"), param->id, text, all);
  g_free (all);
  g_ptr_array_free (ids, TRUE);
  return FALSE;
}

static gboolean
parse_numbers (const IeParam *param, IeValue *value, const char *text, GError **error)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (double));
  char **rows = g_strsplit (text, ";", -1);
  int columns = 0;
  gboolean good = TRUE;
  for (int r = 0; good && rows[r]; r++) {
    char **cells = g_strsplit (rows[r], ",", -1);
    int n = (int) g_strv_length (cells);
    for (int c = 0; good && cells[c]; c++) {
      double number;
      good = parse_number (g_strstrip (cells[c]), &number) ? check_range (param, number, cells[c], error)
                                                           : fail_type (error, param, text, _ ("a list of numbers"));
      if (good)
        g_array_append_val (numbers, number);
    }
    if (good && r > 0 && n != columns)
      good = fail_type (error, param, text, _ ("a matrix with rows of one length"));
    columns = n;
    g_strfreev (cells);
  }
  int wanted = numbers_of (param->type);
  if (good && wanted && (int) numbers->len != wanted)
    good = fail_type (error, param, text, wanted == 3 ? _ ("three numbers") : _ ("two numbers"));
  g_strfreev (rows);
  if (good) {
    g_free (value->numbers);
    value->count = (int) numbers->len;
    value->columns = columns;
    value->numbers = (double *) (gpointer) g_array_free (numbers, FALSE);
  } else {
    g_array_free (numbers, TRUE);
  }
  return good;
}

static int
find_param (IeParams *params, const char *id, GError **error)
{
  GPtrArray *ids = g_ptr_array_new ();
  int found = -1;
  for (int i = 0; i < params->count; i++) {
    if (strcmp (params->params[i].id, id) == 0)
      found = i;
    g_ptr_array_add (ids, (gpointer) params->params[i].id);
  }
  g_ptr_array_add (ids, (gpointer) "mix");
  g_ptr_array_add (ids, (gpointer) "mask");
  g_ptr_array_add (ids, (gpointer) "store");
  g_ptr_array_add (ids, NULL);
  if (found < 0) {
    const char *near = ie_nearest (id, (const char *const *) ids->pdata);
    char *all = g_strjoinv (", ", (char **) ids->pdata);
    if (near)
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("no parameter '%s'; did you mean '%s'?"), id, near);
    else
      g_set_error (error, IE_ERROR, IE_ERROR_USAGE, _ ("no parameter '%s'; there are: %s"), id, all);
    g_free (all);
  }
  g_ptr_array_free (ids, TRUE);
  return found;
}

gboolean
ie_params_set (IeParams *params, const char *id, const char *text, GError **error)
{
  int i = find_param (params, id, error);
  if (i < 0)
    return FALSE;
  const IeParam *param = &params->params[i];
  IeValue *value = &params->values[i];
  double number = 0;
  if (is_text (param->type)) {
    g_free (value->text);
    value->text = *text ? g_strdup (text) : NULL;
    return TRUE;
  }
  if (is_numbers (param->type))
    return parse_numbers (param, value, text, error);
  if (param->type == IE_PARAM_ENUM) {
    if (!parse_choice (param, text, &number, error))
      return FALSE;
  } else if (param->type == IE_PARAM_BOOL) {
    if (!parse_bool (text, &number))
      return fail_type (error, param, text, _ ("yes or no"));
  } else {
    if (!parse_number (text, &number))
      return fail_type (error, param, text, _ ("a number"));
    if (param->type == IE_PARAM_INT && number != floor (number))
      return fail_type (error, param, text, _ ("a whole number"));
    if (!check_range (param, number, text, error))
      return FALSE;
  }
  value->number = number;
  return TRUE;
}

char *
ie_params_text (const IeParams *params, int i)
{
  const IeParam *param = &params->params[i];
  const IeValue *value = &params->values[i];
  if (is_text (param->type))
    return g_strdup (value->text ? value->text : "");
  if (is_numbers (param->type)) {
    GString *text = g_string_new (NULL);
    for (int n = 0; n < value->count; n++) {
      char *number = ie_number_text (value->numbers[n]);
      if (n)
        g_string_append_c (text, value->columns && n % value->columns == 0 ? ';' : ',');
      g_string_append (text, number);
      g_free (number);
    }
    return g_string_free (text, FALSE);
  }
  if (param->type == IE_PARAM_ENUM)
    return g_strdup (param->choices[(int) value->number].id);
  if (param->type == IE_PARAM_BOOL)
    return g_strdup (value->number != 0 ? "yes" : "no");
  return ie_number_text (value->number);
}

gboolean
ie_params_is_initial (const IeParams *params, int i)
{
  IeParams *initial = ie_params_new (params->params);
  char *a = ie_params_text (params, i), *b = ie_params_text (initial, i);
  gboolean same = strcmp (a, b) == 0;
  g_free (a);
  g_free (b);
  ie_params_free (initial);
  return same;
}
