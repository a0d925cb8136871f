#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Pictures of ../shared/corpus through every operation of the GEGL module: a fixed spread of those that load (the whole, with
# sanitizers: ./dev corpus --gegl --sanitize).
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
if [ ! -x "$BUILD/tests/tool-gegl" ] || [ ! -f "${SHARED:-/nowhere}/corpus/corpus.tsv" ]; then
  skip "the corpus through GEGL's operations" "there is no GEGL, or no ../shared/corpus"
  finish
fi
# Few files at a time: babl has room for a hundred profiles in a process.
spread () {
  awk -F '\t' '$NF ~ /^decodes/ && $2 != "ICC" { n++; if (n % 60 == 1) print $1 }' "$SHARED/corpus/corpus.tsv"
}
runs () {
  spread | (cd "$SHARED/corpus" && tr '\n' '\0' | xargs -0 -n 9 "$BUILD/tests/tool-gegl")
}
check "a spread of the corpus through every operation, as the library does it" runs
finish
