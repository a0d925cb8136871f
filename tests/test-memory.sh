#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The memory that is predicted before the work is the memory that the process takes: within 20 % from 24 megapixels up.
set -u
. "$SOURCE/tests/tap.sh"
tolerance=20 # percent of the measured peak
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# field NAME: a number of the JSON line in $scratch/line
field () {
  sed -n 's/.*"'"$1"'": *\([0-9][0-9]*\).*/\1/p' "$scratch/line"
}

within_tolerance () {
  "$IMGENHANCE" apply --json --existing replace -f "$2" -o "$scratch/out.tif" "$1" >"$scratch/line" || return 1
  predicted=$(field memory_predicted)
  peak=$(field memory_peak)
  [ -n "$predicted" ] && [ -n "$peak" ] || {
    cat "$scratch/line"
    echo "no memory_predicted or memory_peak in the JSON line"
    return 1
  }
  echo "predicted $((predicted / 1048576)) MiB, measured $((peak / 1048576)) MiB"
  echo "# $2, ${1##*/}: predicted $((predicted / 1048576)) MiB, measured $((peak / 1048576)) MiB" >&3
  [ $((predicted * 100)) -ge $((peak * (100 - tolerance))) ] && [ $((predicted * 100)) -le $((peak * (100 + tolerance))) ]
}

# The largest picture and its result at once, 16-bit: 1.2 GB.
free=$(df -Pk "$scratch" | awk 'NR == 2 { print $4 }')
if [ "$free" -lt 1500000 ]; then
  skip "memory as predicted" "1.5 GB free needed in ${TMPDIR:-/tmp}"
  finish
fi

exec 3>&1
for size in '6000 4000 3 8' '6000 4000 3 16' '8660 5774 3 8' '10000 10000 3 8' '10000 10000 1 16'; do
  set -- $size
  picture=$scratch/$1x$2x$3-$4.tif
  if ! "$BUILD/tests/tool-make-tiff" "$1" "$2" "$3" "$4" "$picture"; then
    check "a picture of $1 x $2 is made" false
    continue
  fi
  for recipe in 'gaussian sigma=5' 'median radius=2' 'equalize' 'fourier-bandpass'; do
    check "$recipe: $1 x $2, $3 channels, $4 bits: predicted within $tolerance %" within_tolerance "$picture" "$recipe"
  done
  rm -f "$picture" "$scratch/out.tif"
done
finish
