#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The dialogs, in GIMP 2.10 and in GIMP 3, whichever are here, on a screen of their own: every filter's opens, its preview becomes exact,
# no label is clipped, every control has a name for a screen reader, and OK gives what the command gives; three are driven by the
# keyboard alone. TEST_KEEP is a folder for the pictures of the dialogs, to be looked at.
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/dialogs.sh"

# ---- by the keyboard ----

# The letter that leads to a control, from the table of an earlier start: letter GIMP FILTER NAME-OF-CONTROL
letter () {
  awk -F '\t' -v name="$3" '$1 == "control" && $3 == name && $4 != "" { print tolower($4); exit }' "$scratch/$1-en/$2.tsv"
}

# keys GIMP FILTER LABEL STEP KEY...: a KEY of the form @NAME is Alt and the letter of that control; =TEXT is typed.
keys () {
  gimp=$1 name=$2 label=$3 step=$4
  shift 4
  "call_$gimp" "$name" "$scratch/keys.ppm" >"$scratch/keys.scm"
  rm -f "$scratch/keys.ppm"
  "run_$gimp" "$scratch/keys.scm" >"$scratch/said" 2>&1 &
  job=$!
  window=
  for _ in $(seq 1 120); do
    window=$(xdotool search --onlyvisible --name "^$label\$" 2>/dev/null | head -n 1)
    [ -z "$window" ] || break
    sleep 0.5
  done
  if [ -n "$window" ]; then
    sleep 1
    xdotool windowfocus --sync "$window" 2>/dev/null
    for key in "$@"; do
      case $key in
        @*) xdotool key "alt+$(letter "$gimp" "$name" "${key#@}")" ;;
        =*) xdotool key ctrl+a && xdotool type --delay 20 "${key#=}" ;;
        *) xdotool key "$key" ;;
      esac
      sleep 0.3
    done
  else
    echo "no window $label"
  fi
  wait "$job"
  [ -f "$scratch/keys.ppm" ] || {
    cat "$scratch/said"
    return 1
  }
  same "$step" "$scratch/keys.ppm"
}

check_keys () {
  # GIMP 3 keeps the values of the dialogs' last run.
  place "$1" keys
  if ! command -v xdotool >/dev/null 2>&1; then
    skip "GIMP $1: dialogs by the keyboard alone" "xdotool is not here"
    return
  fi
  check "GIMP $1: gaussian by the keyboard alone: a number, and Enter" \
    keys "$1" gaussian 'Gaussian Blur' 'gaussian sigma=3.5' @Sigma =3.5 Return
  check "GIMP $1: unsharp by the keyboard alone: two numbers, a choice, and OK" \
    keys "$1" unsharp 'Unsharp Mask' 'unsharp radius=4 amount=1.5 blur=box' @Radius =4 @Amount =1.5 Tab @Blur Down alt+o
  check "GIMP $1: levels by the keyboard alone: numbers with Tab between them, and OK" \
    keys "$1" levels 'Levels' 'levels black=10 white=90' "@Black point" =10 Tab Tab =90 Tab alt+o
}

for gimp in "2 2.10" "3 3.0"; do
  # shellcheck disable=SC2086 # two words
  begin_gimp $gimp || continue
  check_all "${gimp% *}" en
  check_keys "${gimp% *}"
done
finish
