// SPDX-License-Identifier: GPL-3.0-or-later
/* Groups of duplicates in the catalogue: what `duplicates` lists, whatever it is then printed as. */
#pragma once

#include "cli/find.h"

typedef enum {
  CLI_GROUP_EXACT,   /* the same bytes */
  CLI_GROUP_NEAR,    /* copies: another size, format, tone */
  CLI_GROUP_SIMILAR,
  CLI_GROUP_BURST    /* near or similar, but taken one right after the other: no duplicates */
} CliGroupKind;

const char *cli_group_name (CliGroupKind kind); /* of JSON */

typedef struct {
  IeCatalogueFile file;
  double score; /* to the first of the group */
} CliMember;

typedef struct {
  CliGroupKind kind;
  GArray *members; /* of CliMember: most pixels first, then most bytes, then by path */
} CliGroup;

typedef struct {
  CliGroupKind last; /* EXACT, NEAR or SIMILAR: the tiers up to it */
  double threshold;  /* score from which pictures count as similar */
  GPtrArray *folders; /* of const char *, absolute: groups with a file at or below one of them; empty: all */
  int threads;
} CliGrouping;

/* Pictures that are told apart by ie_catalogue_put_distinct() are in no group by each other. Groups in the order of kinds, then of
 * the path of their first file. g_ptr_array_unref(). NULL and error. */
GPtrArray *cli_groups_find (CliEmbedding *embedding, IeCatalogue *catalogue, const CliGrouping *grouping, GError **error);
