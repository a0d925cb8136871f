#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Adding a filter is exactly three edits: its file, one line in meson.build, its test. This test makes them in a scratch
# copy of the tree, builds that, and finds the filter in the command, its help, its JSON and a recipe, and its test run.
set -u
. "$SOURCE/tests/tap.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree
PATH=/usr/bin:/bin:$PATH
export PATH

copy () {
  mkdir "$tree" &&
    tar -C "$SOURCE" --exclude='./build*' --exclude=./.git --exclude=./demo --exclude=./out -cf - . |
    tar -C "$tree" -xf - &&
    cp -R "$tree" "$scratch/before"
}

# Edit 1: the file.
write_filter () {
  cat >"$tree/enhance/invert.c" <<'END'
// SPDX-License-Identifier: GPL-3.0-or-later
/* Negative: out = 1 - in for every colour channel. */
#include "core/filter.h"

static void
apply (const IeStep *step, IeWork *work, const IePixels *in, const IePixels *out)
{
  for (int y = out->rect.y; y < out->rect.y + out->rect.height; y++) {
    const float *from = ie_pixels_at (in, out->rect.x, y);
    float *to = ie_pixels_at (out, out->rect.x, y);
    for (int i = 0; i < out->rect.width * out->channels; i++)
      to[i] = 1.0f - from[i];
  }
}

static const IeParam params[] = { IE_PARAMS_END };

IE_FILTER (invert) = {
  .name = "invert",
  .version = 1,
  .label = "Invert",
  .summary = "Replaces every colour by its negative.",
  .group = "Tone",
  .filter_class = IE_POINT,
  .flags = IE_PER_CHANNEL,
  .alpha = IE_ALPHA_IGNORE,
  .params = params,
  .apply = apply,
};
END
}

# Edit 2: the line in meson.build.
list_filter () {
  sed -i "s|^  'enhance/levels.c',|  'enhance/invert.c',\n&|" "$tree/meson.build" &&
    grep -q "^  'enhance/invert.c',$" "$tree/meson.build"
}

# Edit 3: its test, found by its name.
write_test () {
  cat >"$tree/tests/test-invert.c" <<'END'
// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/registry.h"

static void
test_invert (void)
{
  const IeFilter *filter = ie_filter_find ("invert", 0, NULL);
  g_assert_nonnull (filter);
  float in[2] = { 0.25f, 1.0f }, out[2];
  IePixels from = { in, sizeof in, { 0, 0, 2, 1 }, 1, FALSE, IE_DEPTH_FLOAT }, to = from;
  to.data = out;
  filter->apply (&(IeStep){ .filter = filter }, NULL, &from, &to);
  g_assert_cmpfloat (out[0], ==, 0.75f);
  g_assert_cmpfloat (out[1], ==, 0.0f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/invert", test_invert);
  return g_test_run ();
}
END
}

three_edits () {
  diff -rq "$scratch/before" "$tree" >"$scratch/edits"
  cat "$scratch/edits"
  [ "$(wc -l <"$scratch/edits")" = 3 ] &&
    [ "$(diff "$scratch/before/meson.build" "$tree/meson.build" | grep -c '^[<>]')" = 1 ]
}

# What is built here need not be fast: a compiler that leaves out the optimisation makes the test three times as quick.
build () {
  printf '#!/bin/sh\nexec cc "$@" -O0\n' >"$scratch/quick-cc" && chmod +x "$scratch/quick-cc" &&
    CC=$scratch/quick-cc meson setup -Dbench=disabled "$scratch/build" "$tree" &&
    ninja -C "$scratch/build" cli/imgenhance tests/test-invert
}

listed () {
  "$scratch/build/cli/imgenhance" filters | grep -w invert
}

in_json () {
  "$scratch/build/cli/imgenhance" filters --json | grep -E '"name": *"invert"'
}

# 64, 128, 250 become 191, 127, 5, and back.
applied () {
  printf 'P5\n3 1\n255\n\100\200\372' >"$scratch/in.pgm"
  printf 'P5\n3 1\n255\n\277\177\005' >"$scratch/wanted.pgm"
  printf '# imgenhance recipe 1\ninvert@1\n' >"$scratch/invert.recipe"
  command=$scratch/build/cli/imgenhance
  "$command" apply -f invert --quiet -o "$scratch/a.pgm" "$scratch/in.pgm" &&
    "$command" apply --recipe "$scratch/invert.recipe" --quiet -o "$scratch/b.pgm" "$scratch/in.pgm" &&
    "$command" compare "$scratch/a.pgm" "$scratch/wanted.pgm" &&
    "$command" compare "$scratch/b.pgm" "$scratch/wanted.pgm"
}

check "the tree is copied" copy
write_filter
check "one line goes into meson.build" list_filter
write_test
check "these are three edits" three_edits
check "it builds" build
check "imgenhance filters lists it" listed
check "imgenhance filters --json has it" in_json
check "apply runs it, by -f and from a recipe" applied
check "its test passes" "$scratch/build/tests/test-invert"
finish
