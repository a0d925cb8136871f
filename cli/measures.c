// SPDX-License-Identifier: GPL-3.0-or-later
/* How often a classifier is right: accuracy; of each class precision (of those that were called so, the share that are), recall
 * (of those that are, the share that were called so) and their harmonic mean F1. */
#include "cli/json.h"
#include "cli/label.h"
#include "cli/terminal.h"
#include "core/i18n.h"

static double
share (double part, double whole)
{
  return whole > 0 ? part / whole : 0;
}

static void
add (CliClassMeasures *sum, const CliClassMeasures *one, double weight)
{
  sum->precision += weight * one->precision;
  sum->recall += weight * one->recall;
  sum->f1 += weight * one->f1;
}

CliMeasures
cli_measures_of (const CliConfusion *confusion)
{
  int classes = confusion->classes, seen = 0;
  guint64 right = 0;
  CliMeasures measures = { .classes = g_new0 (CliClassMeasures, classes) };
  guint64 *given = g_new0 (guint64, classes);
  for (int truth = 0; truth < classes; truth++)
    for (int guess = 0; guess < classes; guess++) {
      guint64 count = confusion->counts[(gsize) truth * (gsize) classes + (gsize) guess];
      given[guess] += count;
      measures.classes[truth].support += count;
      measures.pictures += count;
      right += truth == guess ? count : 0;
    }
  for (int k = 0; k < classes; k++) {
    CliClassMeasures *one = &measures.classes[k];
    double hits = (double) confusion->counts[(gsize) k * (gsize) classes + (gsize) k];
    one->precision = share (hits, (double) given[k]);
    one->recall = share (hits, (double) one->support);
    one->f1 = share (2 * hits, (double) given[k] + (double) one->support);
    if (given[k] || one->support) {
      seen++;
      add (&measures.mean, one, 1);
      add (&measures.weighted, one, (double) one->support);
    }
  }
  CliClassMeasures mean = measures.mean, weighted = measures.weighted, none = { .support = measures.pictures };
  measures.mean = measures.weighted = none;
  add (&measures.mean, &mean, share (1, seen));
  add (&measures.weighted, &weighted, share (1, (double) measures.pictures));
  measures.accuracy = share ((double) right, (double) measures.pictures);
  g_free (given);
  return measures;
}

/* ---- shown ---- */

#define NAME_WIDTH 24
#define NUMBER_WIDTH 11

static void
append_row (GString *out, const char *name, const CliClassMeasures *one)
{
  cli_pad (out, name, NAME_WIDTH);
  const double numbers[] = { one->precision, one->recall, one->f1 };
  for (int i = 0; i < 3; i++) {
    char *text = cli_fixed (numbers[i], 4);
    cli_pad (out, text, NUMBER_WIDTH);
    g_free (text);
  }
  g_string_append_printf (out, "%" G_GUINT64_FORMAT "\n", one->support);
}

static void
append_text (GString *out, const CliConfusion *confusion, const CliMeasures *measures)
{
  char *accuracy = cli_fixed (measures->accuracy, 4);
  cli_pad (out, _ ("label"), NAME_WIDTH);
  cli_pad (out, _ ("precision"), NUMBER_WIDTH);
  cli_pad (out, _ ("recall"), NUMBER_WIDTH);
  cli_pad (out, "F1", NUMBER_WIDTH);
  g_string_append_printf (out, "%s\n", _ ("pictures"));
  for (int k = 0; k < confusion->classes; k++)
    if (measures->classes[k].support || measures->classes[k].precision > 0)
      append_row (out, confusion->names[k], &measures->classes[k]);
  append_row (out, _ ("mean"), &measures->mean);
  append_row (out, _ ("weighted mean"), &measures->weighted);
  cli_pad (out, _ ("accuracy"), NAME_WIDTH);
  g_string_append_printf (out, "%s\n", accuracy);
  g_free (accuracy);
}

static void
append_members (GString *out, const CliClassMeasures *one)
{
  const struct {
    const char *key;
    double value;
  } numbers[] = { { "precision", one->precision }, { "recall", one->recall }, { "f1", one->f1 } };
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    cli_json_key (out, numbers[i].key);
    cli_json_number (out, numbers[i].value);
  }
}

static void
append_json (GString *out, const CliConfusion *confusion, const CliMeasures *measures)
{
  cli_json_open (out, '{');
  cli_json_key (out, "pictures");
  cli_json_integer (out, measures->pictures);
  cli_json_key (out, "accuracy");
  cli_json_number (out, measures->accuracy);
  const CliClassMeasures *const means[] = { &measures->mean, &measures->weighted };
  for (int i = 0; i < 2; i++) {
    cli_json_key (out, i ? "weighted" : "mean");
    cli_json_open (out, '{');
    append_members (out, means[i]);
    cli_json_close (out, '}');
  }
  cli_json_key (out, "labels");
  cli_json_open (out, '[');
  for (int k = 0; k < confusion->classes; k++) {
    cli_json_open (out, '{');
    cli_json_key (out, "label");
    cli_json_string (out, confusion->names[k]);
    append_members (out, &measures->classes[k]);
    cli_json_key (out, "pictures");
    cli_json_integer (out, measures->classes[k].support);
    cli_json_key (out, "called");
    cli_json_open (out, '[');
    for (int guess = 0; guess < confusion->classes; guess++)
      cli_json_integer (out, confusion->counts[(gsize) k * (gsize) confusion->classes + (gsize) guess]);
    cli_json_close (out, ']');
    cli_json_close (out, '}');
  }
  cli_json_close (out, ']');
  cli_json_close (out, '}');
  g_string_append_c (out, '\n');
}

void
cli_measures_append (GString *out, const CliConfusion *confusion, const CliMeasures *measures, gboolean json)
{
  (json ? append_json : append_text) (out, confusion, measures);
}
