#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The dialogs' preview on a screen of its own: tests/tool-preview-check.c with each toolkit that is here.
set -u
. "$SOURCE/tests/tap.sh"

if ! command -v Xvfb >/dev/null 2>&1; then
  skip "the preview on a screen" "Xvfb is not here"
  finish
fi
scratch=$(mktemp -d)
Xvfb -displayfd 3 -screen 0 1280x900x24 3>"$scratch/display" >"$scratch/said" 2>&1 &
screen=$!
trap 'kill "$screen" 2>/dev/null; rm -rf "$scratch"' EXIT
tries=0
while [ ! -s "$scratch/display" ] && [ $tries -lt 100 ]; do
  sleep 0.1
  tries=$((tries + 1))
done
DISPLAY=:$(cat "$scratch/display")
HOME=$scratch XDG_CONFIG_HOME=$scratch XDG_CACHE_HOME=$scratch NO_AT_BRIDGE=1
export DISPLAY HOME XDG_CONFIG_HOME XDG_CACHE_HOME NO_AT_BRIDGE

found=
for program in "$BUILD"/tests/tool-preview-check-gtk[23]; do
  [ -x "$program" ] || continue
  found=yes
  check "the preview on a screen: ${program##*-}" "$program"
done
[ -n "$found" ] || skip "the preview on a screen" "built without GIMP's libraries"
finish
