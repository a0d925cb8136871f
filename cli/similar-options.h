// SPDX-License-Identifier: GPL-3.0-or-later
/* The options that the commands of find similar share. */
#pragma once

#include "cli/options.h"
#include "core/i18n.h"

#define CLI_CATALOGUE_OPTION(at)                                                                                       \
  { "catalogue", 'c', CLI_TEXT, "FILE", N_ ("Another catalogue than the user's own."), at }
#define CLI_MODEL_OPTION(at)                                                                                           \
  { "model", 'm', CLI_TEXT, "MODEL",                                                                                   \
    N_ ("What pictures are compared by: visual (the same picture after edits; the default), look (colour and layout), or the " \
        "name or file of a model of your own; see imgenhance models."),                                                \
    at }
