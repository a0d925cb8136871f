// SPDX-License-Identifier: GPL-3.0-or-later
/* The options about reading, for the tables of the commands that read. */
#pragma once

#include "cli/apply.h"
#include "core/i18n.h"

extern const char *const cli_isolate_choices[];

/* at: offsetof the CliWorkerOptions in the command's settings. */
#define CLI_WORKER_PLACE(at, member) ((at) + offsetof (CliWorkerOptions, member))
#define CLI_WORKER_OPTIONS(at)                                                                                         \
  { "salvage", 0, CLI_FLAG, NULL,                                                                                      \
    N_ ("Use what can be read of a damaged picture, and say what is missing; by default a damaged picture fails. Of "  \
        "WebP, HEIF, AVIF, JPEG XL and JPEG 2000 that is what their libraries give of a cut file, often nothing."),    \
    CLI_WORKER_PLACE (at, salvage) },                                                                                  \
  { "timeout", 0, CLI_INT, "SECONDS",                                                                                  \
    N_ ("End a picture that makes no progress for so long; by default 120 and one for each MiB of the file."),         \
    CLI_WORKER_PLACE (at, timeout), .min = 1, .max = 1000000 },                                                        \
  { "limit-side", 0, CLI_INT, "PIXELS", N_ ("Refuse pictures that are wider or higher; 1,000,000 by default."),        \
    CLI_WORKER_PLACE (at, side), .min = 1, .max = G_MAXINT },                                                          \
  { "limit-pixels", 0, CLI_NUMBER, "PIXELS", N_ ("Refuse pictures of more pixels, like 5e8; 16e9 by default."),        \
    CLI_WORKER_PLACE (at, pixels), .min = 1, .max = 1e18 },                                                            \
  { "limit-icc", 0, CLI_BYTES, "SIZE", N_ ("Drop colour profiles that are larger; 16M by default."),                   \
    CLI_WORKER_PLACE (at, icc) },                                                                                      \
  { "limit-text", 0, CLI_BYTES, "SIZE",                                                                                \
    N_ ("Drop texts, EXIF, XMP and IPTC blocks that are larger; 8M by default, and twice that for all of a file. A "   \
        "file that claims 8 times as much is refused."),                                                               \
    CLI_WORKER_PLACE (at, text) },                                                                                     \
  { "limit-pages", 0, CLI_INT, "N", N_ ("Refuse files of more pages; 1,000 by default."),                              \
    CLI_WORKER_PLACE (at, pages), .min = 1, .max = G_MAXINT },                                                         \
  { "limit-scans", 0, CLI_INT, "N", N_ ("Refuse JPEG files of more scans; 100 by default."),                           \
    CLI_WORKER_PLACE (at, scans), .min = 1, .max = G_MAXINT },                                                         \
  { "limit-expansion", 0, CLI_INT, "TIMES",                                                                            \
    N_ ("Refuse pictures whose samples are more than so many times their file, where they come to more than 512 MiB; " \
        "500 by default."),                                                                                            \
    CLI_WORKER_PLACE (at, expansion), .min = 1, .max = G_MAXINT },                                                     \
  { "isolate", 0, CLI_CHOICE, "HOW",                                                                                   \
    N_ ("Read pictures in a process of their own, or none: one that crashes then ends everything. process by "         \
        "default."),                                                                                                   \
    CLI_WORKER_PLACE (at, isolate), cli_isolate_choices }
