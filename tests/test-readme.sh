#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The README's tour runs as it is written, and what it shows is what the command prints (times aside).
set -u
. "$SOURCE/tests/tap.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
readme=$SOURCE/README.md
cp "$SOURCE"/data/samples/* "$scratch/"
mkdir "$scratch/bin"
ln -s "$IMGENHANCE" "$scratch/bin/imgenhance"
PATH=$scratch/bin:$PATH
cd "$scratch" || exit 1

# The lines of the tour: "    $ COMMAND   # comment" and, below each, what it shows.
sed -n '/^## A tour/,/^## The tree/s/^    //p' "$readme" >tour
sed -n 's/^\$ //p' tour >commands
sed '/^\$ /d' tour >shown

# Only the one that shows a mistake may fail.
run_line () {
  status=0
  sh -c "$1" >said 2>&1 </dev/null || status=$?
  cat said
  cat said >>all
  case $1 in
    *blak*) [ "$status" = 2 ] ;;
    *compare*) [ "$status" = 1 ] ;; # the pictures differ
    *) [ "$status" = 0 ] ;;
  esac
}

: >all
while IFS= read -r line; do
  check "it runs: ${line%%#*}" run_line "$line"
done <commands

without_times () {
  sed 's/ in [0-9.]* s,/ in some s,/' "$1"
}
without_times all >printed
without_times shown >expected
while IFS= read -r line; do
  check "it prints: $line" grep -qxF -e "$line" printed
done <expected
check "the picture of the README is there and small" [ "$(wc -c <"$SOURCE/docs/before-after.png")" -lt 300000 ]
finish
