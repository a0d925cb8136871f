# SPDX-License-Identifier: GPL-3.0-or-later
# What the tests of the command share; sourced after tests/tap.sh. Leaves the shell in a scratch folder of its own.
# shellcheck shell=sh disable=SC2329,SC2317 # functions are called through check
python=/usr/bin/python3
[ -x "$python" ] || python=python3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
unset COLUMNS
imgenhance=$IMGENHANCE
# shellcheck disable=SC2034 # used by who sources this
step='levels gamma=1.5'

# picture FILE WIDTH HEIGHT: a PPM whose samples lie from 33 to 126.
picture () {
  LC_ALL=C awk -v w="$2" -v h="$3" 'BEGIN {
    printf "P6\n%d %d\n255\n", w, h
    for (i = 0; i < w * h * 3; i++) printf "%c", 33 + (i * 7 + int(i / w) * 13) % 94
  }' >"$1"
}

# flat FILE CODE: a 16 x 16 PGM of one value, as text.
flat () {
  awk -v code="$2" 'BEGIN { print "P2 16 16 255"; for (i = 0; i < 256; i++) print code }' >"$1"
}

# expect CODE PATTERN COMMAND...: the exit code is CODE; standard error is one line "imgenhance: ..." that has
# PATTERN, or empty when PATTERN is. What the command printed is left in `stdout` and `stderr`.
expect () {
  want=$1 pattern=$2
  shift 2
  code=0
  "$@" >stdout 2>stderr </dev/null || code=$?
  [ "$code" = "$want" ] || { echo "exit code $code instead of $want"; cat stdout stderr; return 1; }
  if [ -z "$pattern" ]; then
    [ ! -s stderr ] || { echo "said on standard error:"; cat stderr; return 1; }
  else
    [ "$(wc -l <stderr)" = 1 ] || { echo "not one line:"; cat stderr; return 1; }
    grep -q '^imgenhance: ' stderr &&
      grep -q -e "$pattern" stderr || { echo "no '$pattern' in:"; cat stderr; return 1; }
  fi
}

# same A B: the pictures are equal.
same () {
  "$imgenhance" compare "$1" "$2"
}

differ () {
  code=0
  "$imgenhance" compare "$1" "$2" >compared 2>&1 || code=$?
  grep -q '^identical *no' compared && [ "$code" = 1 ]
}

# Every line of the file is a JSON value.
json_lines () {
  "$python" -c '
import json, sys
count = 0
for line in open(sys.argv[1], encoding="utf-8", newline="\n"):
    json.loads(line, parse_constant=lambda word: sys.exit("not JSON: " + word))
    count += 1
sys.exit(0 if count == int(sys.argv[2]) else "%d lines" % count)' "$1" "$2"
}

json_whole () {
  "$python" -m json.tool "$1" >/dev/null
}

# json FILE EXPRESSION: the Python expression holds for `it`, the parsed file.
json () {
  "$python" -c '
import json, sys
it = json.load(open(sys.argv[1], encoding="utf-8"))
sys.exit(0 if eval(sys.argv[2]) else "not so: %s in %s" % (sys.argv[2], it))' "$1" "$2"
}

lines () {
  [ "$(wc -l <"$1")" = "$2" ] || { cat "$1"; return 1; }
}

# No temporary file of an output is left below the folder.
tidy () {
  left=$(find "${1:-.}" -name '*imgenhance-part*')
  [ -z "$left" ] || { echo "left: $left"; return 1; }
}
