#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The generator makes the committed samples, on every processor: the decoded samples are equal. Each is small, has its
# recipe beside it, and the recipe keeps its depth.
set -u
. "$SOURCE/tests/tap.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

identical () {
  said=$("$IMGENHANCE" compare --json "$1" "$2") || true
  echo "$said"
  case $said in *'"identical": true'* | *'"identical":true'*) ;; *) return 1 ;; esac
}

depth_kept () {
  mkdir -p "$scratch/done"
  "$IMGENHANCE" apply --recipe "${1%.*}.recipe" -o "$scratch/done" --name '{stem}.{ext}' --quiet "$1" &&
    before=$("$IMGENHANCE" info --json "$1" | grep -o '"depth": *[^,}]*') &&
    after=$("$IMGENHANCE" info --json "$scratch/done/${1##*/}" | grep -o '"depth": *[^,}]*') &&
    echo "$before, then $after" && [ -n "$before" ] && [ "$before" = "$after" ]
}

changed () {
  said=$("$IMGENHANCE" compare --json "$1" "$scratch/done/${1##*/}") || true
  echo "$said"
  case $said in *'"identical": false'* | *'"identical":false'*) ;; *) return 1 ;; esac
}

check "the generator runs" "$BUILD/data/render-samples" "$scratch"
count=0
for sample in "$SOURCE"/data/samples/*.png "$SOURCE"/data/samples/*.jpg "$SOURCE"/data/samples/*.tif; do
  [ -f "$sample" ] || continue
  name=${sample##*/}
  count=$((count + 1))
  check "$name is what the generator makes" identical "$sample" "$scratch/$name"
  check "$name is below 300 KB" [ "$(wc -c <"$sample")" -lt 300000 ]
  check "$name and its recipe keep its depth" depth_kept "$sample"
  check "$name is changed by its recipe" changed "$sample"
done
check "every picture of the generator is committed" [ "$count" = "$(find "$scratch" -maxdepth 1 -type f | wc -l)" ]
finish
