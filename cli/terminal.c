// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/terminal.h"

#include "core/i18n.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define SMALLEST_WIDTH 40
#define USUAL_WIDTH 80
#define LARGEST_WIDTH 120

static GMutex lock;
static gboolean status_shown;
static int output_errno;

char *
cli_escape (const char *bytes)
{
  GString *out = g_string_new (NULL);
  for (const guchar *p = (const guchar *)bytes; *p; p++)
    if (*p < 0x20 || *p == 0x7f)
      g_string_append_printf (out, "\\x%02x", *p);
    else if (*p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f) {
      g_string_append_printf (out, "\\x%02x\\x%02x", *p, p[1]);
      p++;
    } else
      g_string_append_c (out, (char)*p);
  return g_string_free (out, FALSE);
}

static void
erase_status (void)
{
  if (status_shown)
    fputs ("\r\033[K", stderr);
  status_shown = FALSE;
}

void
cli_error (const char *name, const char *reason)
{
  char *line = name ? g_strconcat (name, ": ", reason, NULL) : g_strdup (reason);
  char *safe = cli_escape (line);
  g_mutex_lock (&lock);
  erase_status ();
  fprintf (stderr, "imgenhance: %s\n", safe);
  fflush (stderr);
  g_mutex_unlock (&lock);
  g_free (safe);
  g_free (line);
}

void
cli_print (const char *text)
{
  g_mutex_lock (&lock);
  erase_status ();
  fflush (stderr);
  if ((fputs (text, stdout) < 0 || fflush (stdout) != 0) && output_errno == 0)
    output_errno = errno;
  g_mutex_unlock (&lock);
}

void
cli_status (const char *line)
{
  g_mutex_lock (&lock);
  if (line) {
    fprintf (stderr, "\r%s\033[K", line);
    status_shown = TRUE;
  } else
    erase_status ();
  fflush (stderr);
  g_mutex_unlock (&lock);
}

gboolean
cli_close_output (void)
{
  if ((fflush (stdout) != 0 || ferror (stdout)) && output_errno == 0)
    output_errno = errno ? errno : EIO;
  if (output_errno == 0)
    return TRUE;
  /* A reader that has seen enough (head) is no news. */
  if (output_errno != EPIPE)
    cli_error (_ ("standard output"), g_strerror (output_errno));
  return FALSE;
}

int
cli_width (void)
{
  int width = USUAL_WIDTH;
  struct winsize size;
  const char *columns = g_getenv ("COLUMNS");
  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    width = size.ws_col;
  else if (columns && atoi (columns) > 0)
    width = atoi (columns);
  return CLAMP (width, SMALLEST_WIDTH, LARGEST_WIDTH);
}

static int
columns_of (gunichar c)
{
  return g_unichar_iszerowidth (c) ? 0 : g_unichar_iswide (c) ? 2 : 1;
}

int
cli_columns (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return (int)strlen (text);
  int columns = 0;
  for (; *text; text = g_utf8_next_char (text))
    columns += columns_of (g_utf8_get_char (text));
  return columns;
}

/* Punctuation that may not begin a line, and that may not end one. */
static gboolean
closes (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);
  return type == G_UNICODE_CLOSE_PUNCTUATION || type == G_UNICODE_FINAL_PUNCTUATION
         || type == G_UNICODE_OTHER_PUNCTUATION;
}

static gboolean
opens (gunichar c)
{
  GUnicodeType type = g_unichar_type (c);
  return type == G_UNICODE_OPEN_PUNCTUATION || type == G_UNICODE_INITIAL_PUNCTUATION;
}

/* The end of what stays on one line: a word, or within it each wide character (Chinese has no blanks). */
static const char *
unit_end (const char *word)
{
  const char *p = word;
  gunichar c = g_utf8_get_char (p), next;
  for (p = g_utf8_next_char (p); *p; p = g_utf8_next_char (p), c = next) {
    next = g_utf8_get_char (p);
    if ((g_unichar_iswide (c) || g_unichar_iswide (next)) && !opens (c) && !closes (next))
      break;
  }
  return p;
}

/* One word at *column, which may be broken between its units. */
static void
append_word (GString *out, const char *word, gboolean first, int *column, int indent, int width)
{
  gboolean valid = g_utf8_validate (word, -1, NULL), blank = !first, may_break = !first;
  do {
    const char *end = valid && *word ? unit_end (word) : word + strlen (word);
    g_autofree char *unit = g_strndup (word, (gsize)(end - word));
    int length = cli_columns (unit);
    if (may_break && *column + blank + length > width) {
      g_string_append_printf (out, "\n%*s", indent, "");
      *column = indent;
    } else if (blank) {
      g_string_append_c (out, ' ');
      ++*column;
    }
    g_string_append (out, unit);
    *column += length;
    word = end;
    blank = FALSE;
    may_break = TRUE;
  } while (*word);
}

void
cli_wrap (GString *out, const char *text, int column, int indent, int width)
{
  char **lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i]; i++) {
    char **words = g_strsplit (lines[i], " ", -1);
    if (i > 0) {
      g_string_append_printf (out, "\n%*s", lines[i][0] ? indent : 0, "");
      column = indent;
    }
    for (int w = 0; words[w]; w++)
      append_word (out, words[w], w == 0, &column, indent, width);
    g_strfreev (words);
  }
  g_strfreev (lines);
}

void
cli_pad (GString *out, const char *text, int width)
{
  g_string_append (out, text);
  g_string_append_printf (out, "%*s", MAX (width - cli_columns (text), 1), "");
}

void
cli_speak_plainly (void)
{
  setlocale (LC_MESSAGES, "C");
  g_setenv ("LANGUAGE", "C", TRUE);
}

char *
cli_number (double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.6g", value));
}

char *
cli_fixed (double value, int decimals)
{
  char format[8], buffer[400]; /* the largest double has 309 digits before the point */
  if (!isfinite (value))
    return g_strdup (value > 0 ? "inf" : value < 0 ? "-inf" : "-");
  g_snprintf (format, sizeof format, "%%.%df", CLAMP (decimals, 0, 9));
  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, format, value));
}

char *
cli_bytes (guint64 bytes)
{
  static const char *const units[] = { N_ ("bytes"), "KiB", "MiB", "GiB", "TiB" };
  double value = (double)bytes;
  guint unit = 0;
  while (value >= 1024 && unit + 1 < G_N_ELEMENTS (units)) {
    value /= 1024;
    unit++;
  }
  char *number = cli_fixed (value, unit == 0 || value >= 100 ? 0 : 1);
  char *text = g_strconcat (number, " ", _ (units[unit]), NULL);
  g_free (number);
  return text;
}
