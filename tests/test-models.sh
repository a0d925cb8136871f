#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# imgenhance models and label as far as they go without ONNX Runtime: models are kept by name, sidecars are judged, and what is not
# available says how to get it. What runs a model is in oracle/models*.py.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/cli.sh"

XDG_DATA_HOME=$scratch/data
IMGENHANCE_ONNXRUNTIME=$scratch/none.so
export XDG_DATA_HOME IMGENHANCE_ONNXRUNTIME
store=$scratch/data/imgenhance/models
models () { "$imgenhance" models "$@"; }
echo 'no model' >some.onnx
printf 'one\ntwo\n' >labels.txt
picture p.ppm 20 20

nothing () { expect 0 '' models && grep -q 'no models' stdout && expect 0 '' models --json list && json stdout 'it == []'; }
check 'at first there are no models' nothing
add_preset () {
  expect 0 'added without.*ONNX Runtime is not available' models add some.onnx --preset dinov2-b --name dino &&
    grep -qx "model = $PWD/some.onnx" "$store/dino.model" && grep -qx 'fit = short 256' "$store/dino.model" &&
    expect 0 '' models && grep -q '^dino  *dinov2-b  *224x224, 768 numbers' stdout
}
check 'an ONNX file is added by preset, where it is, though it cannot be opened' add_preset
add_twice () { expect 2 'dino: there is a model' models add some.onnx --preset vgg16 --name dino; }
check 'a name is not taken twice' add_twice
add_set () {
  expect 0 'added' models add some.onnx --set size=32x16 --set labels=labels.txt --set 'mean=0.1 0.2 0.3' --name small &&
    grep -qx 'size = 32x16' "$store/small.model" && grep -qx "labels = $PWD/labels.txt" "$store/small.model" &&
    expect 0 '' models --json && json stdout 'it[1]["name"] == "small" and it[1]["labels"] and it[0]["dimensions"] == 768'
}
check '--set writes lines of the sidecar, paths as seen from here' add_set
add_sidecar () {
  mkdir -p there && cp some.onnx there/m.onnx && printf 'preset = vgg16\nlabels = l.txt\n' >there/m.model &&
    expect 0 'added' models add there/m.onnx && grep -qx "labels = $PWD/there/l.txt" "$store/m.model" &&
    expect 0 'added' models add there/m.model --name again && cmp "$store/m.model" "$store/again.model" >/dev/null
  sed -i '/^name/d' "$store/m.model" "$store/again.model" && cmp "$store/m.model" "$store/again.model"
}
check 'an ONNX file with its sidecar beside it, or the sidecar, is taken as it says' add_sidecar
wrong () {
  expect 2 'no sidecar' models add some.onnx && expect 2 'no preset resnet' models add some.onnx --preset resnet --name x &&
    expect 2 'did you mean size' models add some.onnx --set siez=8x8 --name x &&
    expect 2 'no name for a model' models add some.onnx --preset vgg16 --name ../x &&
    expect 2 'models takes' models add && expect 2 'models takes' models frobnicate it && [ ! -e "$scratch/data/imgenhance/x.model" ]
}
check 'what makes no sense is one line and exit code 2' wrong
unavailable () {
  for verb in check time; do
    expect 2 'ONNX Runtime is not available: .*none.so' models $verb dino || return 1
  done
  expect 2 'not available' "$imgenhance" label --model dino p.ppm && expect 2 'not available' models check dino --onnxruntime ./other.so &&
    grep -q other.so stderr
}
check 'without ONNX Runtime each says that it is not available' unavailable
how () {
  case $(ldconfig -p 2>/dev/null) in
    *libonnxruntime*) return 0 ;;
  esac
  unset IMGENHANCE_ONNXRUNTIME
  expect 2 'libonnxruntime1.21 (Debian 13)' models check dino && grep -q 'PyPI.*npm' stderr && grep -q "$scratch/data/imgenhance" stderr &&
    echo 'no library' >"$scratch/data/imgenhance/libonnxruntime.so.1" &&
    expect 2 'data/imgenhance/libonnxruntime.so.1' models check dino && rm "$scratch/data/imgenhance/libonnxruntime.so.1"
}
check 'where there is none the line names the packages; one in the user data is tried' how
not_the_library () {
  libc=$(ldd "$imgenhance" | awk '/libm\.so/ { print $3; exit }')
  [ -n "$libc" ] || return 0
  expect 2 'no ONNX Runtime' models check dino --onnxruntime "$libc"
}
check 'another library is told from ONNX Runtime' not_the_library
doctor () { code=0; "$imgenhance" doctor onnxruntime >stdout 2>stderr || code=$?; [ "$code" = 1 ] && grep -q 'ONNX Runtime is not here' stdout; }
check 'doctor says so, too' doctor
unknown () { expect 2 'did you mean dino' models check dinno && expect 2 'did you mean dino' models remove dinno; }
check 'a name that is nearly one is recognised' unknown
gone () {
  rm there/m.onnx && expect 0 '' models && grep -q '^m .*its file is gone' stdout
}
check 'the list says where an ONNX file is gone' gone
damaged () {
  echo 'size = 1x' >"$store/bad.model" && expect 1 'bad: line 1' models && grep -q '^dino' stdout && rm "$store/bad.model"
}
check 'a damaged sidecar costs a line of the list' damaged
removed () { expect 0 '' models remove dino small && [ ! -e "$store/dino.model" ] && [ -e some.onnx ] && expect 2 'no such model' models remove dino; }
check 'remove takes the sidecar, not the ONNX file' removed
label_use () {
  expect 2 'needs --model' "$imgenhance" label p.ppm && expect 2 'needs pictures' "$imgenhance" label --model m &&
    expect 2 'needs pictures' "$imgenhance" label --model m --evaluate x p.ppm
}
check 'label needs a model, and pictures or --evaluate' label_use
finish
