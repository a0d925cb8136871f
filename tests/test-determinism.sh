#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Samples do not depend on threads, rectangle size, run, x86-64 level or the C library's choice of code: every filter of the
# registry at its defaults, the recipes below and a chain of three, at 8 bits, 16 bits and float, gray, RGB and RGB + alpha,
# hashed. Filters of the class "whole" use FFTW, which may differ by one code between x86-64 levels; nowhere else.
set -u
. "$SOURCE/tests/tap.sh"

# Off the defaults, where those do nothing or little.
recipes='levels black=3 white=96 gamma=1.3
gaussian sigma=0.6
gaussian sigma=23.5
median radius=4
unsharp radius=3 amount=0.8 threshold=2
equalize channel=value mix=0.7
equalize channel=rgb
fourier-bandpass low=0.02 high=0.3'
chain='median radius=1
equalize mix=0.5
unsharp radius=1.5 amount=0.6'
width=701 height=523 # no multiple of any rectangle's side
no_fma=glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable,-AVX2,-FMA # names of glibc before and after 2.33
python=/usr/bin/python3
[ -x "$python" ] || python=python3

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# has_level NAME: whether this processor has the x86-64 level, by the flags that the psABI lists for it.
has_level () {
  case $1 in
  x86-64) needed=lm ;;
  v2) needed='cx16 popcnt sse4_1 sse4_2 ssse3' ;;
  v3) needed='avx avx2 bmi1 bmi2 f16c fma movbe abm' ;;
  v4) needed='avx512f avx512bw avx512cd avx512dq avx512vl' ;;
  esac
  for flag in $needed; do
    grep -m 1 '^flags' /proc/cpuinfo 2>/dev/null | grep -qw "$flag" || return 1
  done
}

# apply FOLDER OPTION...: all pictures through the steps in $scratch/steps, uncompressed TIFF into a fresh folder.
apply () {
  into=$scratch/$1
  shift
  rm -rf "$into"
  mkdir "$into"
  set -- "$@" --recipe "$scratch/steps" --format tiff --name '{stem}.{ext}' --quiet --no-journal
  "$IMGENHANCE" apply "$@" -o "$into" "$scratch"/in/*.tif
}

hashes () {
  (cd "$scratch/$1" && sha256sum -- *)
}

# The pictures whose files differ, by name.
differing () {
  hashes "$1" | diff "$scratch/reference.sums" - | sed -n 's/^[<>] [0-9a-f]* [ *]//p' | sort -u
}

# same OPTION...: the run with these options gives the files of the reference.
same () {
  apply now "$@" || return 1
  [ "$(find "$scratch/now" -type f | wc -l)" = "$pictures" ] || {
    echo "not every picture has a result"
    return 1
  }
  different=$(differing now)
  [ -z "$different" ] || {
    echo "differ from the reference:" $different
    return 1
  }
}

# The same, where one code of 8 or 16 bits, or 1/65535 in float, is forgiven. Files are read by tifffile, not by us.
nearly_same () {
  same "$@" && return 0
  [ -n "${different:-}" ] || return 1
  "$python" - "$scratch/reference" "$scratch/now" $different <<'END'
import sys
import numpy, tifffile
folder, other, *names = sys.argv[1:]
good = True
for name in names:
    a, b = (tifffile.imread(f"{place}/{name}") for place in (folder, other))
    code = 1 / 65535 if a.dtype.kind == "f" else 1
    difference = numpy.abs(a.astype(float) - b.astype(float)).max() / code if a.shape == b.shape else numpy.inf
    print(f"{name}: {difference} codes")
    good = good and bool(difference <= 1)  # not so for NaN
sys.exit(not good)
END
}

# each_way NAME same|nearly_same: the steps in $scratch/steps, in every way. The second word is for other processors only.
each_way () {
  across=$2
  if ! apply reference --threads 1; then
    check "$1: runs" false
    return
  fi
  hashes reference >"$scratch/reference.sums"
  check "$1: the same again" same --threads 1
  for threads in 2 7; do
    check "$1: --threads $threads" same --threads "$threads"
  done
  for rect in 64x64 97x33 512x256; do
    check "$1: --rect $rect" same --threads 2 --rect "$rect"
  done
  for level in x86-64 v2 v3 v4; do
    if has_level "$level"; then
      IMGENHANCE_CPU=$level
      export IMGENHANCE_CPU
      check "$1: IMGENHANCE_CPU=$level" "$across" --threads 1
      unset IMGENHANCE_CPU
    else
      skip "$1: IMGENHANCE_CPU=$level" "this processor has no level $level"
    fi
  done
  GLIBC_TUNABLES=$no_fma
  export GLIBC_TUNABLES
  check "$1: FMA and AVX2 hidden from the C library" "$across" --threads 1
  unset GLIBC_TUNABLES
}

unset IMGENHANCE_CPU GLIBC_TUNABLES
mkdir "$scratch/in"
pictures=0
for channels in 1 3 4; do
  for bits in 8 16 32; do
    "$BUILD/tests/tool-make-tiff" $width $height $channels $bits "$scratch/in/$channels-$bits.tif" || exit 1
    pictures=$((pictures + 1))
  done
done

"$IMGENHANCE" filters --json >"$scratch/filters.json"
"$python" -c 'import json, sys
for f in json.load(open(sys.argv[1])): print(f["name"], f["class"])' "$scratch/filters.json" >"$scratch/filters"
check "the registry has filters" [ -s "$scratch/filters" ]

class_of () {
  awk -v name="$1" '$1 == name { print $2 }' "$scratch/filters"
}

while read -r name class; do
  echo "$name" >"$scratch/steps"
  across=same
  [ "$class" != whole ] || across=nearly_same
  each_way "$name" $across
done <"$scratch/filters"

echo "$recipes" >"$scratch/recipes"
while read -r step; do
  echo "$step" >"$scratch/steps"
  across=same
  [ "$(class_of "${step%% *}")" != whole ] || across=nearly_same
  each_way "$step" $across
done <"$scratch/recipes"

echo "$chain" >"$scratch/steps"
each_way "a chain of three" same
finish
