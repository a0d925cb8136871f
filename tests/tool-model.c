// SPDX-License-Identifier: GPL-3.0-or-later
/* tool-model MODEL [--threads N] [--memory MIB] [--timeout S] WORD...: a line of numbers for each word: a picture's file, or text:TEXT. A word
 * that fails gives the line "error CODE MESSAGE"; so does the model. The command that runs it is $IMGENHANCE. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embed/model.h"
#include "imageio/imageio.h"

static gboolean
say_error (GError *error)
{
  printf ("error %d %s\n", error->code, error->message);
  g_error_free (error);
  return FALSE;
}

static gboolean
picture (IeNetwork *network, const char *path, float *vector)
{
  GError *error = NULL;
  IeSource *source = ie_read_file (path, NULL, NULL, &error);
  GBytes *pixels = source ? ie_prepare_run (&ie_model_info (network)->prepare, source, NULL, &error) : NULL;
  gboolean good = pixels && ie_model_run (network, g_bytes_get_data (pixels, NULL), vector, &error);
  ie_source_free (source);
  g_clear_pointer (&pixels, g_bytes_unref);
  return good ? TRUE : say_error (error);
}

static gboolean
text (IeNetwork *network, const char *words, float *vector)
{
  GError *error = NULL;
  return ie_model_run_text (network, words, vector, &error) ? TRUE : say_error (error);
}

int
main (int argc, char **argv)
{
  const char *program[] = { g_getenv ("IMGENHANCE"), "model-process", NULL };
  GError *error = NULL;
  int threads = 1, first = 2;
  guint64 memory = 0;
  for (; first + 1 < argc && g_str_has_prefix (argv[first], "--"); first += 2)
    if (strcmp (argv[first], "--threads") == 0)
      threads = atoi (argv[first + 1]);
    else if (strcmp (argv[first], "--timeout") == 0)
      ie_model_set_timeout (atoi (argv[first + 1]));
    else
      memory = (guint64)atoi (argv[first + 1]) << 20;
  if (argc < 2 || !program[0])
    return 2;
  ie_model_set_program (program);
  IeNetwork *network = ie_model_open (argv[1], threads, memory, &error);
  if (!network) {
    say_error (error);
    return 1;
  }
  int dimensions = ie_model_info (network)->dimensions;
  float *vector = g_new (float, dimensions);
  for (int i = first; i < argc; i++) {
    gboolean words = g_str_has_prefix (argv[i], "text:");
    if (!(words ? text (network, argv[i] + strlen ("text:"), vector) : picture (network, argv[i], vector)))
      continue;
    for (int k = 0; k < dimensions; k++)
      printf ("%.9g%c", (double)vector[k], k + 1 < dimensions ? ' ' : '\n');
  }
  g_free (vector);
  ie_model_free (network);
  return 0;
}
