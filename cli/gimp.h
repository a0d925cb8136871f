// SPDX-License-Identifier: GPL-3.0-or-later
/* The GIMPs of this system, and where each looks for plug-ins and for operations of GEGL. */
#pragma once

#include <glib.h>

typedef enum {
  CLI_GIMP_SYSTEM, /* a program like any other: it loads what is built here */
  CLI_GIMP_FLATPAK,
  CLI_GIMP_SNAP
} CliGimpKind;

typedef struct {
  CliGimpKind kind;
  int major;
  char *version;          /* "2.10.34"; of a Snap or Flatpak that does not say: "" */
  char *command;          /* what starts it */
  char *directory;        /* the user's folder of this GIMP; as all below NULL unless CLI_GIMP_SYSTEM */
  char *plug_ins;         /* the user's folder of plug-ins, in it */
  char *operations;       /* the user's folder of GEGL's modules */
  GPtrArray *all_plug_ins;   /* of char *: every folder of plug-ins that it looks into and that is there */
  GPtrArray *all_operations; /* the same for modules; GEGL_PATH instead where that is set */
} CliGimp;

/* All of them, of CliGimp *; free with g_ptr_array_unref(). Asks each program on PATH for its version (and `flatpak`),
 * and starts none of them otherwise. */
GPtrArray *cli_gimps_find (void);

/* "flatpak" and the like. */
const char *cli_gimp_kind_name (CliGimpKind kind);
