#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In GIMP 2.10, where it is here: every filter of the registry as a procedure gives what the command gives, at its defaults,
# on 8 and 16 bits; a value out of range, an indexed image and an empty selection are refused in words.
set -u
. "$SOURCE/tests/tap.sh"
plugin=$BUILD/plugins/imgenhance-gimp2
if ! command -v gimp-console-2.10 >/dev/null 2>&1 || [ ! -x "$plugin" ]; then
  echo "ok 1 - GIMP 2.10 # SKIP it is not here, or the plug-in was not built (libgimp2.0-dev)"
  echo 1..1
  exit 0
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
HOME=$scratch
GIMP2_DIRECTORY=$scratch/gimp
XDG_CONFIG_HOME=$scratch/config XDG_CACHE_HOME=$scratch/cache XDG_DATA_HOME=$scratch/data
export HOME GIMP2_DIRECTORY XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME
for folder in brushes dynamics gradients palettes patterns tool-presets plug-ins/imgenhance-gimp2; do
  mkdir -p "$GIMP2_DIRECTORY/$folder"
done
cp "$plugin" "$GIMP2_DIRECTORY/plug-ins/imgenhance-gimp2/"

# GIMP's exit code says nothing: what was written does.
gimp () {
  timeout 300 gimp-console-2.10 -i -d -f -b "$(cat "$1")" -b '(gimp-quit 1)' >"$scratch/said" 2>&1
}

sample=$(ls "$SOURCE"/data/samples/*.png | head -n 1)
"$IMGENHANCE" apply -f 'levels' -o "$scratch/in8.png" --depth 8 --no-journal "$sample" >/dev/null 2>&1
"$IMGENHANCE" apply -f 'gaussian sigma=1' -o "$scratch/in16.png" --depth 16 --no-journal "$sample" >/dev/null 2>&1
"$IMGENHANCE" filters --json >"$scratch/filters.json"

# A call of each procedure: numbers at their defaults, no words (the defaults), no further picture. Those that cannot do
# without a picture or whose result no layer holds are left out by the command itself, below.
/usr/bin/python3 - "$scratch" <<'END' || exit 1
import json, sys
scratch = sys.argv[1]
filters = json.load(open(scratch + "/filters.json"))
names, calls = [], []
for f in filters:
    if any(p.get("required") for p in f["params"]):
        continue
    words = []
    for p in f["params"]:
        kind, value = p["type"], p.get("default")
        if kind in ("float", "int"):
            words.append(str(value))
        elif kind == "bool":
            words.append("1" if value in (True, "yes", 1) else "0")
        elif kind == "image":
            words += ["-1", '""']
        else:
            words.append('""')
    names.append(f["name"])
    calls.append((f["name"], " ".join(words)))
with open(scratch + "/calls.scm", "w") as out:
    for depth in ("8", "16"):
        for name, words in calls:
            out.write('(let* ((image (car (gimp-file-load 1 "%s/in%s.png" "in"))) (layer (car (gimp-image-get-active-drawable image))))'
                      ' (plug-in-imgenhance-%s 1 image layer %s)'
                      ' (file-png-save 1 image layer "%s/gimp-%s-%s.png" "out" 0 1 0 0 0 0 0) (gimp-image-delete image))\n'
                      % (scratch, depth, name, words, scratch, name, depth))
open(scratch + "/names", "w").write("\n".join(names) + "\n")
END
# Each by itself: one that fails ends only its own call.
set --
while IFS= read -r call; do
  set -- "$@" -b "$call"
done <"$scratch/calls.scm"
timeout 400 gimp-console-2.10 -i -d -f "$@" -b '(gimp-quit 1)' >"$scratch/said" 2>&1

same () {
  "$IMGENHANCE" apply -f "$1" -o "$scratch/own.png" --existing replace --no-journal "$scratch/in$2.png" >/dev/null 2>&1 || {
    # What the command cannot do, GIMP must not have done either.
    [ ! -f "$scratch/gimp-$1-$2.png" ]
    return
  }
  [ -f "$scratch/gimp-$1-$2.png" ] || {
    grep -A2 "plug-in-imgenhance-$1'" "$scratch/said"
    return 1
  }
  "$IMGENHANCE" compare "$scratch/gimp-$1-$2.png" "$scratch/own.png" >"$scratch/compared" 2>&1
  grep -q '^identical *yes' "$scratch/compared" || {
    # Gray results stand in a layer of three colours.
    /usr/bin/python3 - "$scratch/gimp-$1-$2.png" "$scratch/own.png" <<'END'
import sys
import cv2
import numpy as np
a, b = (cv2.imread(name, cv2.IMREAD_UNCHANGED) for name in sys.argv[1:])
if b.ndim == 2 and a.ndim == 3:
    b = np.repeat(b[:, :, None], a.shape[2], 2)
sys.exit(0 if a.shape == b.shape and (a == b).all() else 1)
END
  }
}

while IFS= read -r name; do
  for depth in 8 16; do
    check "$name at $depth bits is what the command gives" same "$name" "$depth"
  done
done <"$scratch/names"

refused () {
  printf '%s\n' "$1" >"$scratch/one.scm"
  gimp "$scratch/one.scm"
  grep -q -e "$2" "$scratch/said" || {
    cat "$scratch/said"
    return 1
  }
}
open="(let* ((image (car (gimp-file-load 1 \"$scratch/in8.png\" \"in\"))) (layer (car (gimp-image-get-active-drawable image))))"
check "a value out of range is an error that says the range" \
  refused "$open (plug-in-imgenhance-gaussian 1 image layer 5000))" 'sigma=5000 is out of range: 0 to 1000 px'
check "a wrong word is an error" \
  refused "$open (plug-in-imgenhance-canny 1 image layer 1.4 0 0 \"l3\" \"luma\"))" "gradient"
check "an indexed image is refused in words" \
  refused "$open (gimp-image-convert-indexed image 0 0 16 0 0 \"\") (plug-in-imgenhance-gaussian 1 image layer 2))" 'indexed'
check "a selection beside the layer is refused in words" \
  refused "$open (gimp-layer-resize layer 10 10 0 0) (gimp-image-select-rectangle image 2 50 50 10 10) (plug-in-imgenhance-gaussian 1 image layer 2))" \
  'does not touch this layer'
finish
