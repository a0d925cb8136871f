// SPDX-License-Identifier: GPL-3.0-or-later
/* tool-colour lab|lightness|linear|value|round-trip|difference: the working spaces for tests/oracle/colour.py.
 * Reads raw floats of the machine from standard input, three a pixel (encoded sRGB; difference: six, two Lab colours),
 * and writes raw floats: the channels of the space; RGB after lightness and back; dE 2000. */
#include "colorspace/difference.h"
#include "core/converter.h"

#include <stdio.h>
#include <string.h>

#define BLOCK 4096

static void
differences (void)
{
  float in[6], out;
  while (fread (in, sizeof in, 1, stdin) == 1) {
    double lab[6];
    for (int i = 0; i < 6; i++)
      lab[i] = (double) in[i];
    out = (float) ie_delta_e_2000 (lab, lab + 3);
    fwrite (&out, sizeof out, 1, stdout);
  }
}

static void
convert (IeSpace space, gboolean back)
{
  IeHeader header = { .width = BLOCK, .height = 1, .channels = 3, .depth = IE_DEPTH_FLOAT, .model = IE_MODEL_RGB };
  const IeConverter *converter = ie_converter (space);
  gpointer state = converter->open (&header, NULL);
  int channels = converter->channels (&header);
  static float rgb[BLOCK * 3], worked[BLOCK * 3], result[BLOCK * 3];
  IeConvertCount count = { 0 };
  size_t pixels;
  while ((pixels = fread (rgb, 3 * sizeof (float), BLOCK, stdin)) > 0) {
    IeRect rect = { 0, 0, (int) pixels, 1 };
    IePixels in = { rgb, sizeof rgb, rect, 3, FALSE, IE_DEPTH_FLOAT };
    IePixels middle = { worked, sizeof worked, rect, channels, FALSE, IE_DEPTH_FLOAT };
    IePixels out = { result, sizeof result, rect, 3, FALSE, IE_DEPTH_FLOAT };
    converter->enter (state, &in, &middle);
    if (back)
      converter->leave (state, &in, &middle, &out, &count);
    fwrite (back ? result : worked, sizeof (float), pixels * (size_t) (back ? 3 : channels), stdout);
  }
  converter->close (state);
}

int
main (int argc, char **argv)
{
  static const struct {
    const char *name;
    IeSpace space;
    gboolean back;
  } modes[] = { { "lab", IE_SPACE_LAB, FALSE },
                { "lightness", IE_SPACE_LIGHTNESS, FALSE },
                { "linear", IE_SPACE_LINEAR, FALSE },
                { "value", IE_SPACE_VALUE, FALSE },
                { "round-trip", IE_SPACE_LIGHTNESS, TRUE } };
  const char *mode = argc == 2 ? argv[1] : "";
  if (strcmp (mode, "difference") == 0) {
    differences ();
    return 0;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    if (strcmp (mode, modes[i].name) == 0) {
      convert (modes[i].space, modes[i].back);
      return 0;
    }
  fprintf (stderr, "usage: tool-colour lab|lightness|linear|value|round-trip|difference\n");
  return 2;
}
