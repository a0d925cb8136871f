// SPDX-License-Identifier: GPL-3.0-or-later
/* imgenhance label, in three parts: label.c names what is in pictures, truth.c reads what is right, measures.c says how often it
 * was. */
#pragma once

#include <glib.h>

typedef struct {
  char *path, *label;
} CliTruth;

/* Pictures whose label is known: of a folder, in whose folders named by label they stand, or of a CSV file with the columns path
 * (seen from its folder) and label, under a line of headings or not. Sorted for folders, in the file's order for CSV. NULL and
 * error. g_ptr_array_unref(). */
GPtrArray *cli_truth_read (const char *path, GError **error);

/* counts[truth x classes + given]: how often. */
typedef struct {
  int classes;
  const char *const *names;
  guint64 *counts;
} CliConfusion;

typedef struct {
  guint64 support;              /* pictures that are of the class */
  double precision, recall, f1; /* 0 where there is nothing to divide by */
} CliClassMeasures;

typedef struct {
  guint64 pictures;
  double accuracy;
  CliClassMeasures *classes; /* g_free() */
  CliClassMeasures mean;     /* over the classes that are in the truth or were given; support: of all */
  CliClassMeasures weighted; /* by support */
} CliMeasures;

CliMeasures cli_measures_of (const CliConfusion *confusion);
/* Text or JSON of it; classes without any picture are left out of the text. */
void cli_measures_append (GString *out, const CliConfusion *confusion, const CliMeasures *measures, gboolean json);
