#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 30,000 x 30,000 pixels, RGB at 8 bits, through a Gaussian and an equalisation in less than 400 MiB.
set -u
. "$SOURCE/tests/tap.sh"
side=30000
limit_mib=400
need_kb=6500000 # the picture and its result, 2.7 GB each, and some room; a spool would be 10.8 GB more
name="$side x $side RGB through gaussian sigma=5 and equalize below $limit_mib MiB"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
picture=$scratch/huge.tif
result=$scratch/result.tif

apply () {
  TMPDIR=$scratch "$@" "$IMGENHANCE" apply --json -f 'gaussian sigma=5' -f equalize -o "$result" "$picture" >"$scratch/line"
}

# The peak of the process in KiB to $scratch/peak: by GNU time or Python's getrusage, which are not ours; else by its own word.
measure () {
  if [ -x /usr/bin/time ] && /usr/bin/time -f %M -o "$scratch/peak" true 2>/dev/null; then
    apply /usr/bin/time -f %M -o "$scratch/peak" || return 1
  elif command -v python3 >/dev/null 2>&1; then
    apply python3 -c 'import resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)' "$scratch/peak" || return 1
  else
    apply || return 1
    sed -n 's/.*"memory_peak": *\([0-9]*\).*/\1/p' "$scratch/line" | awk '{ print int ($1 / 1024) }' >"$scratch/peak"
  fi
}

below_limit () {
  began=$(date +%s)
  measure || {
    cat "$scratch/line"
    return 1
  }
  peak=$(tail -n 1 "$scratch/peak")
  echo "# peak $((peak / 1024)) MiB, $(($(date +%s) - began)) s" >&3
  echo "peak $peak KiB"
  [ "$peak" -gt 0 ] && [ "$peak" -lt $((limit_mib * 1024)) ]
}

# A picture of that size, with no more than the header and 900 million samples in it: it was really written.
result_is_whole () {
  "$IMGENHANCE" info --json "$result" | tee "$scratch/info" | grep -q "\"width\": *$side" &&
    grep -q "\"height\": *$side" "$scratch/info" && [ "$(wc -c <"$result")" -ge $((side * side * 3)) ]
}

free=$(df -Pk "$scratch" | awk 'NR == 2 { print $4 }')
if [ "$free" -lt "$need_kb" ]; then
  skip "$name" "$((need_kb / 1000000)) GB free needed in ${TMPDIR:-/tmp}, there are $((free / 1000000))"
  finish
fi
exec 3>&1
check "a picture of $side x $side is made" "$BUILD/tests/tool-make-tiff" "$side" "$side" 3 8 "$picture"
spooled=$(TMPDIR=$scratch "$IMGENHANCE" apply --dry-run -f 'gaussian sigma=5' \
  -f equalize -o "$result" "$picture" | grep -c -e spool -e file)
if [ "$spooled" -gt 0 ] && [ "$free" -lt $((need_kb + 10800000)) ]; then
  skip "$name" "the plan may spool: 17.3 GB free needed in ${TMPDIR:-/tmp}, there are $((free / 1000000))"
  finish
fi
check "$name" below_limit
check "the result is whole" result_is_whole
finish
