#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command: JSON, file names, locales, interruption, the terminal, the manual.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/cli.sh"

picture a.ppm 60 40
picture b.ppm 33 50
cp a.ppm same.ppm
printf 'not a picture\n' >bad.ppm
flat white.pgm 255
flat gray.pgm 100
"$imgenhance" apply -q -f "$step" a.ppm
"$imgenhance" apply -q -f "$step" -o single.png a.ppm

# ---- --strict --------------------------------------------------------------------------------------------------------

# A JPEG whose EXIF holds a description and a thumbnail: TIFF has no place for the one, PNM for both.
strict () {
  "$imgenhance" apply -q -f "$step" -o small.jpg a.ppm || return 1
  "$python" - <<'END'
import struct
data = open("small.jpg", "rb").read()
text = b"a description\0"
first = struct.pack("<H", 1) + struct.pack("<HHII", 270, 2, len(text), 26) + struct.pack("<I", 26 + len(text))
at = 26 + len(text) + 2 + 3 * 12 + 4
second = struct.pack("<H", 3) + struct.pack("<HHII", 259, 3, 1, 6) + struct.pack("<HHII", 513, 4, 1, at) + \
    struct.pack("<HHII", 514, 4, 1, len(data)) + bytes(4)
exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + first + text + second + data
open("thumbnail.jpg", "wb").write(data[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[2:])
END
  expect 0 '' "$imgenhance" apply -q --json -f "$step" --strict -o strict.tif thumbnail.jpg && [ -f strict.tif ] &&
    json stdout '[n["state"] for n in it["fidelity"] if n["item"] == "thumbnail"] == ["dropped"]' &&
    expect 1 'not kept: exif' "$imgenhance" apply -q -f "$step" --strict -o strict.ppm thumbnail.jpg && [ ! -e strict.ppm ]
}
check "--strict: a thumbnail is no loss, EXIF is" strict

# ---- JSON, names, locales --------------------------------------------------------------------------------------------

apply_json () {
  expect 1 'bad.ppm' "$imgenhance" apply -f "$step" --json -o json/ --jobs 1 a.ppm bad.ppm b.ppm &&
    cp stdout apply.json &&
    json_lines apply.json 3 && sed -n 1p apply.json >first && sed -n 2p apply.json >second &&
    json first 'it["input"] == "a.ppm" and it["output"] == "json/a.ppm"' &&
    json first 'it["status"] == "done" and it["reason"] is None and it["seconds"] > 0' &&
    json second 'it["status"] == "failed" and len(it["reason"]) > 3' &&
    expect 0 '' "$imgenhance" apply -f "$step" --json -o json/ --existing skip a.ppm &&
      json stdout 'it["status"] == "skipped"'
}
filters_json () {
  expect 0 '' "$imgenhance" filters --json && json_whole stdout &&
    json stdout 'all(set(f) == {"name", "version", "label", "group", "summary", "class", "params"} for f in it)' &&
    json stdout 'all(set(p) == {"name", "type", "unit", "default", "min", "max", "choices", "summary"}
      for f in it for p in f["params"])' &&
    json stdout 'all(p["min"] <= p["default"] <= p["max"] for f in it for p in f["params"] if p["type"] == "float")' &&
    json stdout '{"levels", "median", "gaussian", "unsharp", "equalize"} <= {f["name"] for f in it}'
}
filter_pages () {
  expect 0 '' "$imgenhance" filters && cp stdout list || return 1
  "$imgenhance" filters --json >all.json
  for name in $("$python" -c 'import json; print(*[f["name"] for f in json.load(open("all.json"))])'); do
    grep -q "^  $name " list || { echo "$name is not in the list"; return 1; }
    expect 0 '' "$imgenhance" filters "$name" && grep -q 'mix=' stdout &&
      grep -q 'imgenhance apply -f' stdout || return 1
  done
}
narrow () {
  COLUMNS=50 "$imgenhance" filters | awk 'length ($0) > 50 { print; wide = 1 } END { exit wide }'
}
# Each example on a filter's page runs.
examples_run () {
  "$imgenhance" filters --json >all.json
  for name in $("$python" -c 'import json; print(*[f["name"] for f in json.load(open("all.json"))])'); do
    example=$("$imgenhance" filters "$name" | sed -n 's/^  imgenhance apply -f .\(.*\). -o .*/\1/p')
    case $example in *=FILE* | *=VALUE*) continue ;; esac
    expect 0 '' "$imgenhance" apply -q -f "$example" --existing replace -o example.ppm a.ppm || return 1
  done
}
info_json () {
  expect 1 'bad.ppm' "$imgenhance" info --json a.ppm bad.ppm single.png && json_whole stdout &&
    json stdout 'len(it) == 2 and it[0]["width"] == 60 and it[0]["height"] == 40 and it[0]["channels"] == 3' &&
    json stdout 'it[0]["model"] == "rgb" and it[0]["alpha"] is False and it[0]["bits"] == 8' &&
    expect 0 '' "$imgenhance" info a.ppm && grep -q '60 x 40' stdout
}
compare_json () {
  expect 1 '' "$imgenhance" compare --json gray.pgm white.pgm && json_whole stdout &&
    json stdout 'set(it) == {"psnr", "ssim", "de2000_mean", "de2000_p95", "de2000_max", "max_difference",
      "identical"}' &&
    json stdout 'abs(it["max_difference"] - 155 / 255) < 1e-6 and it["identical"] is False' &&
    json stdout 'abs(it["psnr"] - 4.3241) < 1e-3' &&
    expect 0 '' "$imgenhance" compare --json a.ppm same.ppm &&
    json stdout 'it["psnr"] is None and it["ssim"] == 1 and it["max_difference"] == 0 and it["identical"] is True'
}
tolerance () {
  flat gray1.pgm 101
  expect 1 '' "$imgenhance" compare gray.pgm gray1.pgm &&
    expect 1 '' "$imgenhance" compare --tolerance 0.0039 gray.pgm gray1.pgm &&
    expect 0 '' "$imgenhance" compare --tolerance 0.004 gray.pgm gray1.pgm
}
# The pictures are read by another process: what ends that is one line of this one.
crashed_reader () {
  mkfifo stream || return 1
  exec 7<>stream
  "$imgenhance" compare a.ppm - <&7 >stdout 2>stderr &
  parent=$!
  child=
  for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    child=$(ps -o pid= --ppid "$parent" | tr -d ' ')
    [ -n "$child" ] && break
    sleep 0.2
  done
  [ -n "$child" ] && kill -SEGV "$child"
  wait "$parent"
  code=$?
  exec 7>&-
  [ "$code" = 1 ] && [ "$(wc -l <stderr)" = 1 ] && grep -q 'a.ppm and -: the reader crashed (signal 11)' stderr
}
odd_names () {
  odd=$(printf 'r\351sum\351 \344.ppm')
  cp a.ppm "$odd" || return 1
  expect 0 '' "$imgenhance" apply -f "$step" --json -o odd/ "$odd" && test -f "odd/$odd" && json_lines stdout 1 &&
    "$python" -c '
import json, os
line = json.loads(open("stdout", encoding="utf-8").read())
assert os.fsencode(line["input"]) == b"r\xe9sum\xe9 \xe4.ppm", line
assert os.fsencode(line["output"]) == b"odd/r\xe9sum\xe9 \xe4.ppm", line' &&
    printf 'x' >"bad$odd" &&
      expect 1 '' sh -c '"$0" apply -f levels -q -o odd/ "$1" 2>message' "$imgenhance" "bad$odd" &&
    LC_ALL=C grep -q "$(printf 'badr\351sum\351')" message
}
control_names () {
  wild=$(printf 'new\nline\033[31m.ppm')
  printf 'x' >"$wild"
  expect 1 'new\\x0aline\\x1b\[31m.ppm: ' "$imgenhance" apply -f "$step" -q -o odd/ "$wild"
}
dashed_name () {
  cp a.ppm ./-dash.ppm
  expect 0 '' "$imgenhance" apply -f "$step" -q -o odd/ -- -dash.ppm && test -f odd/-dash.ppm
}
points () {
  LC_ALL=$1 expect 0 '' "$imgenhance" filters --json && json_whole stdout &&
    LC_ALL=$1 expect 0 '' "$imgenhance" apply -f 'levels gamma=1.5' -o "point-$1.ppm" a.ppm &&
      grep -q 'in [0-9]*\.[0-9] s' stdout &&
    same "point-$1.ppm" a-enhanced.ppm && LC_ALL=$1 expect 1 '' "$imgenhance" compare --json a.ppm a-enhanced.ppm &&
    json_whole stdout && LC_ALL=$1 expect 1 '' "$imgenhance" compare a.ppm a-enhanced.ppm &&
      grep -q '^PSNR *[0-9]*\.[0-9]* dB' stdout
}
check "apply --json" apply_json
check "filters --json" filters_json
check "filters: the list and every page" filter_pages
check "filters fits the terminal" narrow
check "filters: every example runs" examples_run
check "filters: unknown name suggests" expect 2 "did you mean 'gaussian'?" "$imgenhance" filters gausian
check "info --json" info_json
check "info: a bad file is one line" expect 1 'bad.ppm: ' "$imgenhance" info bad.ppm
check "compare --json" compare_json
check "compare --tolerance" tolerance
check "compare: sizes that differ are one line" expect 1 'a.ppm and b.ppm: the sizes differ: 60 x 40 and 33 x 50' \
  "$imgenhance" compare a.ppm b.ppm
check "compare: a reader that crashes is one line" crashed_reader
check "compare needs two" expect 2 'two pictures' "$imgenhance" compare a.ppm
check "names that are not UTF-8" odd_names
check "control characters in names" control_names
check "-- ends the options" dashed_name
mkdir locale
if localedef -i de_DE -f UTF-8 locale/de_DE.UTF-8 2>/dev/null && export LOCPATH="$scratch/locale" &&
  [ "$(LC_ALL=de_DE.UTF-8 /usr/bin/printf %.1f 1,5 2>/dev/null)" = 1,5 ]; then
  check "a decimal point where the locale has a comma" points de_DE.UTF-8
elif locale -a 2>/dev/null | grep -q '^de_DE.utf8$'; then
  unset LOCPATH
  check "a decimal point where the locale has a comma" points de_DE.UTF-8
else
  unset LOCPATH
  skip "a decimal point where the locale has a comma" "no German locale"
  check "a decimal point in C.UTF-8" points C.UTF-8
fi

# ---- interruption, terminal, manual ----------------------------------------------------------------------------------

# The picture comes through a pipe that stops in the middle, so that the signal always meets the work.
interrupted () {
  picture big.ppm 600 600
  mkfifo pipe
  {
    head -c 200000 big.ppm
    while [ ! -e signalled ]; do sleep 0.05; done
    tail -c +200001 big.ppm
  } >pipe 2>/dev/null &
  feeder=$!
  env --default-signal=INT,TERM "$imgenhance" apply -f 'gaussian sigma=3' -o interrupted.ppm - <pipe >stdout 2>stderr &
  worker=$!
  sleep 0.5
  kill -"$1" "$worker"
  sleep 0.1
  : >signalled
  code=0
  wait "$worker" || code=$?
  wait "$feeder"
  rm -f signalled pipe
  cat stderr
  [ "$code" = 130 ] && lines stderr 1 && grep -q interrupted stderr && [ ! -e interrupted.ppm ] && tidy
}
bar () {
  script -qec "'$imgenhance' apply -f 'gaussian sigma=2' -o barred/ a.ppm b.ppm" /dev/null >typescript </dev/null
  grep -q 'pictures/s' typescript && ! "$imgenhance" apply -f levels -o unbarred/ a.ppm 2>&1 | grep -q 'pictures/s'
}
manual () {
  expect 0 '' "$imgenhance" manual && sed 's/\\-/-/g' stdout >manual.1 || return 1
  for word in $("$imgenhance" apply --help | grep -o -e '--[a-z-]*') levels median gaussian unsharp equalize radius; do
    grep -q -e "$word" manual.1 || { echo "$word is not in the manual"; return 1; }
  done
}
check "SIGINT: exit code 130, nothing left" interrupted INT
check "SIGTERM: exit code 130, nothing left" interrupted TERM
if command -v script >/dev/null; then
  check "a progress bar, on a terminal alone" bar
else
  skip "a progress bar, on a terminal alone" "script(1) is absent"
fi
check "the manual has every option and filter" manual
if command -v groff >/dev/null; then
  check "troff has nothing to say about the manuals" \
    sh -c '{ "$0" manual && cat "$1"; } | groff -man -Tutf8 -ww -z 2>&1 | (! grep .)' \
    "$imgenhance" "$SOURCE/plugins/scripts/imgenhance-gimp.1"
else
  skip "troff has nothing to say about the manuals" "groff is absent"
fi
finish
