#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What is installed is enough for a program that is not ours: headers, pkg-config, soname. Only ie_* is exported.
set -u
. "$SOURCE/tests/tap.sh"
PATH=/usr/bin:/bin:$PATH
export PATH
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

install_it () {
  DESTDIR=$scratch/root meson install -C "$BUILD" --no-rebuild &&
    pc=$(find "$scratch/root" -name libimgenhance.pc) && [ -n "$pc" ] || return 1
  echo "${pc%/*}" >"$scratch/pc"
}

# An 8-bit gray ramp through a recipe in memory.
program () {
  cat >"$scratch/program.c" <<'END'
#include <imgenhance.h>

#include <stdio.h>

int
main (void)
{
  guint8 in[4] = { 0, 64, 128, 255 }, out[4] = { 0 };
  IeHeader header = { .width = 4, .height = 1, .channels = 1, .depth = IE_DEPTH_U8, .model = IE_MODEL_GRAY };
  GError *error = NULL;
  IeRecipe *recipe = ie_recipe_parse ("# imgenhance recipe 1\nlevels@1 white=50\n", &error);
  if (!recipe) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  IeSource *source = ie_memory_source_new (&header, in, sizeof in);
  IeSink *sink = ie_memory_sink_new (&header, out, sizeof out);
  IeRunOptions options = { .threads = 1 };
  if (!ie_run (recipe, source, sink, &options, NULL, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  ie_sink_free (sink);
  ie_source_free (source);
  ie_recipe_free (recipe);
  printf ("%d %d %d %d\n", out[0], out[1], out[2], out[3]);
  return 0;
}
END
  # The file names the prefix that the build folder is set to; here that lies below the scratch folder.
  mkdir -p "$scratch/pkgconfig" &&
    sed "s|^prefix=|prefix=$scratch/root|" "$(cat "$scratch/pc")/libimgenhance.pc" \
      >"$scratch/pkgconfig/libimgenhance.pc" || return 1
  PKG_CONFIG_PATH=$scratch/pkgconfig
  export PKG_CONFIG_PATH
  # shellcheck disable=SC2046 # a list of options
  cc -std=c17 -Wall -Werror -o "$scratch/program" "$scratch/program.c" $(pkg-config --cflags --libs libimgenhance)
}

runs () {
  said=$(LD_LIBRARY_PATH=$(dirname "$(cat "$scratch/pc")") "$scratch/program") || return 1
  echo "$said"
  [ "$said" = "0 128 255 255" ]
}

library () {
  find "$scratch/root" -name 'libimgenhance.so.*.*'
}

soname () {
  objdump -p "$(library)" | grep -w SONAME | grep -w libimgenhance.so.0
}

only_ours () {
  others=$(nm -D --defined-only "$(library)" | awk '{ print $NF }' | grep -v '^ie_')
  [ -z "$others" ] || {
    echo "$others"
    return 1
  }
  nm -D --defined-only "$(library)" | grep -w ie_run
}

command_installed () {
  "$(find "$scratch/root" -type f -path '*/bin/imgenhance')" filters | grep -w levels
}

manual_installed () {
  grep -q '^\.TH' "$(find "$scratch/root" -name imgenhance.1)"
}

check "it installs" install_it
check "a program is built with the installed headers and pkg-config" program
check "the program runs a recipe" runs
check "the soname is libimgenhance.so.0" soname
check "only symbols that begin with ie_ are exported" only_ours
check "the command is installed" command_installed
check "the manual page is installed" manual_installed
finish
