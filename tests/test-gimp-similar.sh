#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Find Similar in GIMP 2.10 and in GIMP 3, whichever are here: the procedure gives what the command gives, its errors are GIMP's, and the
# window is driven by the keyboard alone on a screen of its own: an empty beginning, a folder put into the catalogue, the right picture opened
# as image and as layer, nothing similar as an answer. On reduced photos of SHARED, without it on the samples. TEST_KEEP is a folder for
# pictures of the window, to be looked at.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/gimp-screen.sh"
TMPDIR=$scratch/tmp
export TMPDIR
mkdir -p "$TMPDIR"

# ---- pictures: all of them small in a/; of the first three a small JPEG, and of the last a mirrored copy, in b/ ----

photos=$SOURCE/data/samples
if [ -n "$SHARED" ] && [ -d "$SHARED/photos" ]; then
  photos=$SHARED/photos
else
  skip "on photos" "there are none in SHARED; the samples stand in"
fi
cat >"$scratch/pictures.py" <<'END'
import glob, os, shutil, subprocess, sys
try:
    from PIL import Image
except ImportError:
    Image = None
    if not shutil.which("convert"):
        sys.exit(1)
source, to = sys.argv[1:]

def make(file, out, most=None, part=None, mirrored=False):
    if not Image:
        how = ["-strip"] + (["-resize", "%dx%d" % (most, most)] if most else []) + (["-resize", "%d%%" % part] if part else [])
        subprocess.check_call(["convert", file] + how + (["-flop"] if mirrored else []) + ["-quality", "60", out])
        return
    picture = Image.open(file).convert("RGB")
    if most:
        picture.thumbnail((most, most), Image.LANCZOS)
    if part:
        picture = picture.resize([side * part // 100 for side in picture.size], Image.LANCZOS)
    if mirrored:
        picture = picture.transpose(Image.FLIP_LEFT_RIGHT)
    picture.save(out, quality=60)

for folder in ("a", "b"):
    os.makedirs(to + "/" + folder)
files = sorted(glob.glob(source + "/*.png") + glob.glob(source + "/*.jpg"))[:12]
for i, file in enumerate(files):
    name = os.path.splitext(os.path.basename(file))[0]
    small = "%s/a/%s.png" % (to, name)
    make(file, small, most=320)
    if i < 3:
        make(small, "%s/b/%s-small.jpg" % (to, name), part=66)
    if i == len(files) - 1:
        make(small, "%s/b/%s-mirrored.png" % (to, name), mirrored=True)
    print(name)
END
pictures=$scratch/pictures
if ! /usr/bin/python3 "$scratch/pictures.py" "$photos" "$pictures" >"$scratch/names"; then
  skip "find similar in GIMP" "neither Python's PIL nor ImageMagick is here"
  finish
fi
first=$(head -n 1 "$scratch/names") last=$(tail -n 1 "$scratch/names")
alone=$(sed -n 4p "$scratch/names") # it has no copy
catalogue=$scratch/catalogue.db
"$IMGENHANCE" index --quiet --catalogue "$catalogue" "$pictures" || echo "# index failed"

# ---- the options of the commands that are there for this ----

progress_told () {
  "$IMGENHANCE" index --progress --quiet --catalogue "$scratch/progress.db" "$pictures" 2>"$scratch/progress" || return 1
  cat "$scratch/progress"
  total=$(find "$pictures" -type f | wc -l)
  [ "$(tail -n 1 "$scratch/progress")" = "progress $total of $total" ] && ! grep -qv '^progress [0-9]* of [0-9]*$' "$scratch/progress"
}

instead_of () {
  cp "$pictures/a/$first.png" "$scratch/copy.png"
  set -- --json --threshold 0 --catalogue "$catalogue"
  "$IMGENHANCE" similar "$@" --instead-of "$pictures/a/$first.png" "$scratch/copy.png" >"$scratch/instead"
  "$IMGENHANCE" similar "$@" "$pictures/a/$first.png" >"$scratch/itself"
  cmp "$scratch/instead" "$scratch/itself" || return 1
  "$IMGENHANCE" similar "$@" --elsewhere --instead-of "$pictures/a/$first.png" "$scratch/copy.png" >"$scratch/instead"
  "$IMGENHANCE" similar "$@" --elsewhere "$pictures/a/$first.png" >"$scratch/itself"
  cmp "$scratch/instead" "$scratch/itself" && grep -q /b/ "$scratch/instead" && ! grep -q /a/ "$scratch/instead"
}

check "index --progress says how far it is, in lines" progress_told
check "similar --instead-of leaves out the file that a picture is a version of" instead_of

# ---- the procedure ----

# In GIMP 3 a script says which file an image is of: GIMP does not know it of what a script loads.
# call_2|call_3 FILE PREPARATION TOP THRESHOLD TURNED ELSEWHERE MODEL CATALOGUE OUT
call_2 () {
  echo "(let* ((image (car (gimp-file-load 1 \"$1\" \"in\"))) (drawable (car (gimp-image-get-active-drawable image))))
    $2 (let ((given (plug-in-imgenhance-similar 1 image drawable $3 $4 $5 $6 \"$7\" \"$8\")) (out (open-output-file \"$9\")))
    (write given out) (close-output-port out)))"
}

call_3 () {
  turned='#f' elsewhere='#f'
  [ "$5" = 0 ] || turned='#t'
  [ "$6" = 0 ] || elsewhere='#t'
  echo "(script-fu-use-v3)
    (let* ((image (gimp-file-load 1 \"$1\")) (drawables (gimp-image-get-selected-drawables image)))
    $2 (let ((given (plug-in-imgenhance-similar #:run-mode RUN-NONINTERACTIVE #:image image #:drawables drawables #:top $3 #:threshold $4
    #:turned $turned #:elsewhere $elsewhere #:model \"$7\" #:catalogue \"$8\" #:file \"$1\")) (out (open-output-file \"$9\")))
    (write given out) (close-output-port out)))"
}

# What a script wrote against what the command prints: given.py OUT JSON
cat >"$scratch/given.py" <<'END'
import json, re, sys
text = open(sys.argv[1]).read()
wanted = json.load(open(sys.argv[2]))
paths = re.findall(r'"([^"]*)"', text)
scores = [float(n) for n in re.search(r"#\(([^)]*)\)", text).group(1).split()]
count = int(re.search(r"\((\d+)", text).group(1))
good = (count == len(wanted) == len(scores) and paths == [one["path"] for one in wanted]
        and all(abs(a - one["score"]) < 1e-6 for a, one in zip(scores, wanted)))
if not good:
    print(text, wanted)
sys.exit(not good)
END

as_command () {
  out=$1
  shift
  "$IMGENHANCE" similar --json "$@" >"$scratch/wanted.json" && /usr/bin/python3 "$scratch/given.py" "$out" "$scratch/wanted.json"
}

none_in () {
  echo '[]' >"$scratch/none.json"
  /usr/bin/python3 "$scratch/given.py" "$1" "$scratch/none.json"
}

# The first path that a script was given.
first_is () {
  cat "$1"
  [ "$(sed 's/^[^"]*"\([^"]*\)".*/\1/' "$1")" = "$2" ]
}

# A call that must fail with words, in a start of its own: GIMP 3 stops there, GIMP 2.10 goes on. fails SCRIPT OUT PATTERN
fails () {
  rm -f "$o/end"
  code=0
  "run_$gimp" "$1" "$o/end.scm" >"$scratch/said" 2>&1 || code=$?
  cat "$scratch/said"
  case $gimp in
    2) [ -f "$o/end" ] || return 1 ;;
    3) [ "$code" = 70 ] || return 1 ;;
  esac
  [ ! -e "$2" ] && grep -q -- "$3" "$scratch/said"
}

check_procedure () {
  gimp=$1 o=$scratch/out$1 q=$pictures/a/$first.png
  mkdir -p "$o" "$XDG_DATA_HOME/imgenhance"
  cp "$catalogue" "$XDG_DATA_HOME/imgenhance/catalogue.db"
  "call_$gimp" "$q" "" 5 0.5 0 0 "" "" "$o/own" >"$o/1.scm"
  "call_$gimp" "$q" "" 3 0 0 1 visual "$catalogue" "$o/elsewhere" >"$o/2.scm"
  "call_$gimp" "$pictures/a/$last.png" "" 8 0.2 1 0 "" "$catalogue" "$o/turned" >"$o/3.scm"
  "call_$gimp" "$pictures/a/$alone.png" "" 5 1 0 0 "" "$catalogue" "$o/none" >"$o/4.scm"
  "call_$gimp" "$q" "" 5 1.5 0 0 "" "" "$o/range" >"$o/5.scm"
  "call_$gimp" "$q" "" 5 0.5 0 0 "" "$scratch/no.db" "$o/absent" >"$o/6.scm"
  "call_$gimp" "$q" "" 5 0.5 0 0 look "" "$o/look" >"$o/7.scm"
  "call_$gimp" "$q" "" 5 0.5 0 0 "no such model" "" "$o/model" >"$o/8.scm"
  "call_$gimp" "$q" "(gimp-image-convert-grayscale image)" 1 0 0 0 "" "$catalogue" "$o/gray" >"$o/9.scm"
  "call_$gimp" "$q" "(gimp-image-convert-indexed image 0 0 255 0 0 \"\")" 1 0 0 0 "" "$catalogue" "$o/indexed" >"$o/10.scm"
  "call_$gimp" "$q" "(gimp-image-convert-precision image 700)" 1 0 0 0 "" "$catalogue" "$o/float" >"$o/11.scm"
  case $gimp in
    2) alpha='(gimp-layer-add-alpha drawable)' white='(gimp-drawable-fill drawable 2)' ;;
    3) alpha='(gimp-layer-add-alpha (vector-ref drawables 0))' white='(gimp-drawable-fill (vector-ref drawables 0) FILL-WHITE)' ;;
  esac
  "call_$gimp" "$q" "$white" 5 0.5 0 0 "" "$catalogue" "$o/white" >"$o/13.scm"
  "call_$gimp" "$q" "$alpha" 5 0.5 0 0 "" "$catalogue" "$o/alpha" >"$o/12.scm"
  echo "(let ((out (open-output-file \"$o/end\"))) (display 1 out) (close-output-port out))" >"$o/end.scm"
  set --
  for i in 1 2 3 4 9 10 11 12 13; do
    set -- "$@" "$o/$i.scm"
  done
  "run_$gimp" "$@" >"$scratch/said" 2>&1
  check "GIMP $gimp: the procedure gives what the command gives, from the user's own catalogue" as_command "$o/own" --top 5 "$q"
  check "GIMP $gimp: ... none of the image's own folder, from a catalogue that is named" \
    as_command "$o/elsewhere" --top 3 --threshold 0 --elsewhere --catalogue "$catalogue" "$q"
  check "GIMP $gimp: ... mirrored and turned ones" \
    as_command "$o/turned" --top 8 --threshold 0.2 --turned --catalogue "$catalogue" "$pictures/a/$last.png"
  check "GIMP $gimp: nothing similar is an answer" \
    as_command "$o/none" --top 5 --threshold 1 --catalogue "$catalogue" "$pictures/a/$alone.png"
  check "GIMP $gimp: an opaque alpha channel changes nothing" as_command "$o/alpha" --top 5 --catalogue "$catalogue" "$q"
  check "GIMP $gimp: nothing is like a white picture" none_in "$o/white"
  for kind in gray indexed float; do
    check "GIMP $gimp: of a picture in $kind the copy is found" first_is "$o/$kind" "$pictures/b/$first-small.jpg"
  done
  check "GIMP $gimp: a score out of range is GIMP's error" fails "$o/5.scm" "$o/range" 'out of range\|it is 0 to 1'
  check "GIMP $gimp: a catalogue that is not there is GIMP's error" fails "$o/6.scm" "$o/absent" 'there is no catalogue yet'
  check "GIMP $gimp: a model that nothing is described by is GIMP's error" fails "$o/7.scm" "$o/look" 'described by look'
  check "GIMP $gimp: a model that is not there is GIMP's error" fails "$o/8.scm" "$o/model" '^[^(]*no such model'
}

# ---- the window ----

dialog_2 () {
  echo "(let* ((image (car (gimp-file-load 1 \"$1\" \"in\"))) (drawable (car (gimp-image-get-active-drawable image))))
    (gimp-image-select-rectangle image 2 0 0 40 40)
    (plug-in-imgenhance-similar 0 image drawable 5 0.5 0 0 \"\" \"\")
    (let* ((out (open-output-file \"$2\")) (images (gimp-image-list)) (layers (gimp-image-get-layers image)))
      (let each ((i 0)) (if (< i (car images)) (begin
        (write (car (gimp-image-get-filename (vector-ref (cadr images) i))) out) (newline out) (each (+ i 1)))))
      (let each ((i 0)) (if (< i (car layers)) (begin
        (write (car (gimp-item-get-name (vector-ref (cadr layers) i))) out) (newline out) (each (+ i 1)))))
      (close-output-port out)))"
}

# GIMP 3.0 cannot write an image of several layers as PPM by a script: flat copies are written.
dialog_3 () {
  echo "(script-fu-use-v3)
    (let* ((image (gimp-file-load 1 \"$1\")) (drawables (gimp-image-get-selected-drawables image)))
    (gimp-image-select-rectangle image CHANNEL-OP-REPLACE 0 0 40 40)
    (plug-in-imgenhance-similar #:run-mode RUN-INTERACTIVE #:image image #:drawables drawables)
    (let* ((out (open-output-file \"$2\")) (images (gimp-get-images)) (layers (gimp-image-get-layers image)))
      (let each ((i 0)) (if (< i (vector-length images)) (begin
        (let ((copy (gimp-image-duplicate (vector-ref images i))))
          (gimp-image-flatten copy)
          (gimp-file-save 1 copy (string-append \"$2-\" (number->string i) \".ppm\"))) (each (+ i 1)))))
      (let each ((i 0)) (if (< i (vector-length layers)) (begin
        (write (gimp-item-get-name (vector-ref layers i)) out) (newline out) (each (+ i 1)))))
      (close-output-port out)))"
}

# Waits until the window has come to rest again; keeps its picture and table under a name.
at_rest () {
  for _ in $(seq 1 480); do
    [ -f "$folder/similar.tsv" ] && break
    sleep 0.25
  done
  [ -f "$folder/similar.tsv" ] || {
    echo "the window does not come to rest: $1"
    return 1
  }
  mv "$folder/similar.tsv" "$folder/$1.tsv"
  mv "$folder/similar.png" "$folder/$1.png"
}

# window TITLE: waits for it, and gives it the focus.
window () {
  found=
  for _ in $(seq 1 480); do
    found=$(xdotool search --onlyvisible --name "^$1\$" 2>/dev/null | head -n 1)
    [ -z "$found" ] || break
    sleep 0.25
  done
  [ -n "$found" ] && sleep 0.5 && xdotool windowfocus --sync "$found" 2>/dev/null
}

# press KEY...: =TEXT is typed in place of what is there.
press () {
  for key in "$@"; do
    case $key in
      =*) xdotool key ctrl+a && xdotool type --delay 20 "${key#=}" ;;
      *) xdotool key "$key" ;;
    esac
    sleep 0.3
  done
}

# start_dialog NAME: on that picture.
start_dialog () {
  rm -f "$scratch/after" "$folder"/similar.*
  "dialog_$gimp" "$pictures/a/$1.png" "$scratch/after" >"$scratch/dialog.scm"
  "run_$gimp" "$scratch/dialog.scm" >"$scratch/said" 2>&1 &
  job=$!
  window 'Find Similar'
}

end_dialog () {
  window 'Find Similar'
  press alt+c
  for _ in $(seq 1 480); do
    kill -0 "$job" 2>/dev/null || break
    sleep 0.25
  done
  kill "$job" 2>/dev/null && echo "the window does not close"
  wait "$job"
  [ -f "$scratch/after" ] || {
    cat "$scratch/said"
    return 1
  }
}

# Without a catalogue: a folder is put into it, its relatives are there, the first is opened with Enter, the second as a layer.
first_time () {
  start_dialog "$first" && at_rest empty || return 1
  press alt+n =0 alt+a # all pictures are listed, so that there is a second one
  window 'Add a Folder' || return 1
  sleep 1
  press slash
  sleep 1
  press "=$pictures/"
  sleep 1
  press Return
  sleep 1
  # The first Enter may only have ended a completion.
  [ -z "$(xdotool search --onlyvisible --name '^Add a Folder$' 2>/dev/null)" ] || press Return
  at_rest found || return 1
  window 'Find Similar'
  # The image's own file, which GIMP 3.0 does not know of what a script loads, is the first there.
  [ "$gimp" = 2 ] || ! gimp-console-3 --version | grep -q ' 3\.0\.' || press Right
  press Return
  sleep 2
  press Right alt+y
  sleep 1
  end_dialog
}

# What GIMP made of a JPEG and what the command makes of it: same.py A.ppm B.ppm
cat >"$scratch/same.py" <<'END'
import re, sys
def read(name):
    data = open(name, "rb").read()
    head = re.match(rb"P6\s+(?:#.*\n)*(\d+)\s+(\d+)\s+255\s", data)
    return head.groups(), data[head.end():]
a, b = (read(name) for name in sys.argv[1:])
sys.exit(a[0] != b[0] or sum(abs(x - y) for x, y in zip(a[1], b[1])) > len(a[1]))
END

# The small JPEG is open beside the image, and the second one is a layer of it. GIMP 3.0 does not say which file an image came from.
right_ones () {
  cat "$scratch/after"
  "$IMGENHANCE" similar --json --threshold 0 --top 2 "$pictures/a/$first.png" >"$scratch/two.json"
  second_name=$(sed 's/.*"path": "\([^"]*\)".*/\1/; s|.*/||' "$scratch/two.json")
  echo "the second one: $second_name"
  case $gimp in
    2) grep -q "/b/$first-small.jpg\"" "$scratch/after" && [ "$(grep -c '/[^"]*"' "$scratch/after")" = 2 ] || return 1 ;;
    3)
      "$IMGENHANCE" apply -f levels -o "$scratch/small.ppm" --no-journal "$pictures/b/$first-small.jpg" >/dev/null 2>&1
      /usr/bin/python3 "$scratch/same.py" "$scratch/small.ppm" "$scratch/after-0.ppm" ||
        /usr/bin/python3 "$scratch/same.py" "$scratch/small.ppm" "$scratch/after-1.ppm" || return 1
      [ ! -e "$scratch/after-2.ppm" ] || return 1
      ;;
  esac
  grep -q "^\"$second_name\"" "$scratch/after"
}

# With it: what is found stands there at once; with the highest score and the own folder left out there is nothing; the selection alone.
second_time () {
  start_dialog "$alone" && at_rest again || return 1
  press alt+r alt+n =1 Return
  at_rest nothing || return 1
  press alt+n =0 alt+l alt+f
  at_rest selection || return 1
  press alt+l alt+n =1
  end_dialog
}

remembered () {
  cat "$XDG_CONFIG_HOME/imgenhance/similar.ini"
  for line in 'threshold=1$' 'turned=true$' 'selection=false$' "folder=file://$pictures"; do
    grep -q "^$line" "$XDG_CONFIG_HOME/imgenhance/similar.ini" || return 1
  done
}

says () {
  grep "^label" "$folder/$1.tsv"
  grep -q "^label.$2" "$folder/$1.tsv"
}

whole () {
  /usr/bin/python3 "$scratch/look.py" "$folder" "$1"
}

check_window () {
  gimp=$1
  place "$gimp" window
  folder=$scratch/window$gimp
  mkdir -p "$folder"
  if ! command -v xdotool >/dev/null 2>&1; then
    skip "GIMP $gimp: the window by the keyboard alone" "xdotool is not here"
    return
  fi
  IMGENHANCE_DIALOG_TEST=$folder
  export IMGENHANCE_DIALOG_TEST
  check "GIMP $gimp: by the keyboard alone: a folder into the catalogue, the first one opened, the second as a layer" first_time
  check "GIMP $gimp: those are the right ones" right_ones
  check "GIMP $gimp: that there is no catalogue yet is said" says empty 'There is no catalogue yet'
  check "GIMP $gimp: by the keyboard alone: other options, and the selection alone" second_time
  case $gimp in
    2) check "GIMP $gimp: nothing similar is said" says nothing 'Nothing in the catalogue is similar' ;;
    # GIMP 3.0 does not tell where the image is from, so that it finds itself; 3.2 does.
    3) check "GIMP $gimp: but itself, nothing similar is said" says nothing '\(1 picture\|Nothing in the catalogue is similar\)' ;;
  esac
  check "GIMP $gimp: the selection alone is looked for" says selection '[0-9]* pictures, the most similar first'
  check "GIMP $gimp: options and folder are remembered" remembered
  for state in empty found nothing; do
    check "GIMP $gimp: $state: no label is clipped, every control has a name" whole "$state"
  done
  check "GIMP $gimp: no temporary file is left" test -z "$(find "$TMPDIR" -name 'imgenhance-*')"
  unset IMGENHANCE_DIALOG_TEST
  [ -z "${TEST_KEEP:-}" ] || {
    mkdir -p "$TEST_KEEP/similar-$gimp"
    cp "$folder"/*.png "$folder"/*.tsv "$TEST_KEEP/similar-$gimp/"
  }
}

for one in "2 2.10" "3 3"; do
  # shellcheck disable=SC2086 # two words
  begin_gimp $one || continue
  check_procedure "${one% *}"
  check_window "${one% *}"
done
finish
