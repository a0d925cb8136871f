#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What "Copy As..." copies does the same: the command, the recipe and, in the GIMP that is here, the call in Script-Fu give the picture
# that the step gives.
set -u
. "$SOURCE/tests/tap.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
HOME=$scratch GIMP2_DIRECTORY=$scratch/gimp GIMP3_DIRECTORY=$scratch/gimp
XDG_CONFIG_HOME=$scratch/config XDG_CACHE_HOME=$scratch/cache XDG_DATA_HOME=$scratch/data
PATH=${IMGENHANCE%/*}:$PATH
export HOME GIMP2_DIRECTORY GIMP3_DIRECTORY XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME PATH
copy=$BUILD/tests/tool-copy-text
in="$scratch/it's in.ppm"
"$IMGENHANCE" apply -f levels -o "$in" --depth 8 --no-journal "$SOURCE/data/samples/noise.png" >/dev/null 2>&1

steps='gaussian sigma=3.5
unsharp radius=4 amount=1.5 blur=box
levels black=10 gamma=1.3
clahe
canny channel=rgb high=20 low=5
convolve kernel="-1,0,1;-2,0,2;-1,0,1" normalise=none bias=50
profile black-point=no'

# The step itself, as a program would run it.
made () {
  "$IMGENHANCE" apply -f "$1" -o "$scratch/own.ppm" --existing replace --no-journal "$in" >/dev/null 2>&1
}

same () {
  cmp "$scratch/own.ppm" "$1" || /usr/bin/python3 - "$scratch/own.ppm" "$1" <<'END'
import re, sys
def read(name):
    data = open(name, "rb").read()
    head = re.match(rb"P([56])\s+(?:#.*\n)*(\d+)\s+(\d+)\s+(\d+)\s", data)
    body = data[head.end():]
    return head.groups()[1:], body if head.group(1) == b"6" else bytes(v for v in body for _ in range(3))
sys.exit(read(sys.argv[1]) != read(sys.argv[2]))
END
}

command_text () {
  rm -f "$scratch"/*-enhanced.ppm
  made "$1" && line=$("$copy" command "$1" "$in") && echo "$line" && sh -c "$line" && same "$scratch/it's in-enhanced.ppm"
}

recipe_text () {
  made "$1" && "$copy" recipe "$1" >"$scratch/a.recipe" &&
    "$IMGENHANCE" apply --recipe "$scratch/a.recipe" -o "$scratch/other.ppm" --existing replace --no-journal "$in" &&
    same "$scratch/other.ppm"
}

script_2 () {
  rm -f "$scratch/gimp.ppm"
  made "$1" && call=$("$copy" script-2 "$1") && echo "$call" || return 1
  timeout 200 gimp-console-2.10 -i -d -f -b "(let* ((image (car (gimp-file-load 1 \"$in\" \"in\")))
    (drawable (car (gimp-image-get-active-drawable image)))) $call
    (file-ppm-save 1 image drawable \"$scratch/gimp.ppm\" \"out\" 1))" -b '(gimp-quit 1)' 2>&1
  same "$scratch/gimp.ppm"
}

script_3 () {
  rm -f "$scratch/gimp.ppm"
  made "$1" && call=$("$copy" script-3 "$1") && echo "$call" || return 1
  timeout 200 gimp-console-3 -i --quit -d -f --batch-interpreter=plug-in-script-fu-eval -b "(script-fu-use-v3)
    (let* ((image (gimp-file-load 1 \"$in\")) (drawables (gimp-image-get-selected-drawables image))) $call
    (gimp-file-save 1 image \"$scratch/gimp.ppm\"))" 2>&1
  same "$scratch/gimp.ppm"
}

gimp_here () {
  command -v "gimp-console-$2" >/dev/null 2>&1 && [ -x "$BUILD/plugins/imgenhance-gimp$1" ] || {
    skip "Script-Fu of GIMP $2" "it is not here, or the plug-in was not built"
    return 1
  }
  for folder in brushes dynamics gradients palettes patterns tool-presets plug-ins/imgenhance-gimp"$1"; do
    mkdir -p "$scratch/gimp/$folder"
  done
  cp "$BUILD/plugins/imgenhance-gimp$1" "$scratch/gimp/plug-ins/imgenhance-gimp$1/"
}

printf '%s\n' "$steps" >"$scratch/steps"
while IFS= read -r step; do
  check "copied as a command: $step" command_text "$step"
  check "copied as a recipe: $step" recipe_text "$step"
done <"$scratch/steps"
for gimp in "2 2.10" "3 3"; do
  # shellcheck disable=SC2086 # two words
  gimp_here $gimp || continue
  while IFS= read -r step; do
    check "copied as Script-Fu of GIMP ${gimp#* }: $step" "script_${gimp% *}" "$step"
  done <"$scratch/steps"
done
finish
