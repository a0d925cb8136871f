# SPDX-License-Identifier: GPL-3.0-or-later
# What tests need that open windows in GIMP; sourced after tap.sh: a scratch folder, a screen, a place of its own for each GIMP.
# shellcheck shell=sh
limit=${TEST_LIMIT:-600} # seconds

scratch=$(mktemp -d)
screen=
cleanup () {
  [ -z "$screen" ] || kill "$screen" 2>/dev/null
  rm -rf "$scratch"
}
trap cleanup EXIT

# What the tables say against the dialogs: look.py FOLDER NAME. A letter leads to one control. The state of the preview changes and may be shortened.
cat >"$scratch/look.py" <<'END'
import sys
folder, name = sys.argv[1:]
wrong, window, controls, letters = [], None, 0, {}
for line in open("%s/%s.tsv" % (folder, name), encoding="utf-8"):
    words = line.rstrip("\n").split("\t")
    if words[0] == "window":
        window = words
        size, screen = ([int(n) for n in w.split("x")] for w in words[2:4])
        if size[0] > screen[0] or size[1] > screen[1]:
            wrong.append("larger than the screen: " + line)
    elif words[0] == "label" and words[4] == "clipped":
        wrong.append(line)
    elif words[0] == "control":
        controls += 1
        if not words[2].strip():
            wrong.append("without a name: " + line)
        letter = words[3].lower()
        if letter and letter in letters:
            wrong.append("the same letter as %s: %s" % (letters[letter], line))
        letters[letter] = words[2]
    elif words[0] == "preview" and words[1] != "exact":
        wrong.append(line)
if not window or controls < 6:
    wrong.append("%d controls" % controls)
print("".join(wrong))
sys.exit(1 if wrong else 0)
END

begin_screen () {
  command -v Xvfb >/dev/null 2>&1 || return 1
  Xvfb -displayfd 3 -screen 0 1280x900x24 3>"$scratch/display" >/dev/null 2>&1 &
  screen=$!
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ -s "$scratch/display" ] && break
    sleep 0.5
  done
  DISPLAY=:$(cat "$scratch/display")
  export DISPLAY
}

# A place of its own for a GIMP, in which it finds our plug-in alone: place 2|3 [NAME]
place () {
  home=$scratch/home$1${2:-}
  HOME=$home GIMP2_DIRECTORY=$home/gimp GIMP3_DIRECTORY=$home/gimp
  XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache XDG_DATA_HOME=$home/data
  export HOME GIMP2_DIRECTORY GIMP3_DIRECTORY XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME
  for folder in brushes dynamics gradients palettes patterns tool-presets plug-ins/imgenhance-gimp"$1"; do
    mkdir -p "$home/gimp/$folder"
  done
  cp "$BUILD/plugins/imgenhance-gimp$1" "$home/gimp/plug-ins/imgenhance-gimp$1/"
}

# Runs the calls in the files: each fails for itself.
run_2 () {
  set -- "$@" --
  while [ "$1" != -- ]; do
    set -- "$@" -b "$(cat "$1")"
    shift
  done
  shift
  timeout "$limit" gimp-console-2.10 -i -d -f "$@" -b '(gimp-quit 1)'
}

run_3 () {
  set -- "$@" --
  while [ "$1" != -- ]; do
    set -- "$@" -b "$(cat "$1")"
    shift
  done
  shift
  timeout "$limit" gimp-console-3 -i --quit -d -f --batch-interpreter=plug-in-script-fu-eval "$@"
}

# begin_gimp 2|3 VERSION: whether there is all that its dialogs need; says what is missing.
begin_gimp () {
  if ! command -v "gimp-console-$2" >/dev/null 2>&1 || [ ! -x "$BUILD/plugins/imgenhance-gimp$1" ]; then
    skip "dialogs in GIMP $2" "it is not here, or the plug-in was not built"
    return 1
  fi
  if [ -z "$screen" ] && ! begin_screen; then
    skip "dialogs in GIMP $2" "Xvfb is not here"
    return 1
  fi
  place "$1"
}
