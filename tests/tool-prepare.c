// SPDX-License-Identifier: GPL-3.0-or-later
/* Jobs from standard input, results to standard output, for tests/oracle/resample.py: a line "WIDTH HEIGHT WORDS" and
 * WIDTH x HEIGHT x 3 bytes; the bytes that ie_prepare_portrait() makes of them. "resize=KIND OUTxOUT" as words resizes alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embed/prepare.h"

static void
fail (const char *reason)
{
  fprintf (stderr, "tool-prepare: %s\n", reason);
  exit (2);
}

static void
put (const void *bytes, gsize size)
{
  if (fwrite (bytes, 1, size, stdout) != size)
    fail ("not written");
}

static void
resize (const char *words, const IePortrait *portrait)
{
  int kind, width, height;
  IePortrait out;
  if (sscanf (words, "resize=%d %dx%d", &kind, &width, &height) != 3 ||
      !ie_resample (portrait, width, height, (IeResample) kind, &out))
    fail (words);
  put (out.rgb, (gsize) width * (gsize) height * 3);
  g_free (out.rgb);
}

static void
prepare (const char *words, const IePortrait *portrait)
{
  IePrepare how;
  GError *error = NULL;
  if (!ie_prepare_parse (words, &how, &error))
    fail (error->message);
  char *again = ie_prepare_text (&how);
  if (strcmp (again, words) != 0)
    fail (again);
  g_free (again);
  GBytes *bytes = ie_prepare_portrait (&how, portrait, &error);
  if (!bytes)
    fail (error->message);
  put (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_bytes_unref (bytes);
}

int
main (void)
{
  char line[400];
  while (fgets (line, sizeof line, stdin)) {
    IePortrait portrait;
    int begins = 0;
    line[strcspn (line, "\n")] = '\0';
    if (sscanf (line, "%d %d %n", &portrait.width, &portrait.height, &begins) < 2 || begins == 0)
      fail ("no job");
    gsize size = (gsize) portrait.width * (gsize) portrait.height * 3;
    portrait.rgb = g_malloc (size);
    if (fread (portrait.rgb, 1, size, stdin) != size)
      fail ("too few bytes");
    const char *words = line + begins;
    if (g_str_has_prefix (words, "resize="))
      resize (words, &portrait);
    else
      prepare (words, &portrait);
    g_free (portrait.rgb);
    fflush (stdout);
  }
  return 0;
}
