#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command: exit codes, messages, options, where outputs go. Pictures are made here, so that nothing else is needed.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/cli.sh"

picture a.ppm 60 40
picture b.ppm 33 50
cp a.ppm same.ppm
printf 'not a picture\n' >bad.ppm

# ---- the program -----------------------------------------------------------------------------------------------------

three_examples () {
  expect 0 '' "$imgenhance" && [ "$(grep -c '^  imgenhance ' stdout)" = 3 ]
}
version () {
  expect 0 '' "$imgenhance" --version && grep -q '^imgenhance [0-9]*\.[0-9]*\.[0-9]*$' stdout
}
help_everywhere () {
  expect 0 '' "$imgenhance" --help && grep -q 'apply' stdout && grep -q '130' stdout || return 1
  for command in apply filters info compare doctor; do
    expect 0 '' "$imgenhance" "$command" --help && grep -q "^Usage: imgenhance $command" stdout || return 1
    expect 0 '' "$imgenhance" "$command" -h || return 1
  done
  expect 0 '' "$imgenhance" apply -f "$step" --help && grep -q -e '-o, --output OUT' stdout
}
check "bare: three examples" three_examples
check "--version" version
check "--help everywhere" help_everywhere
check "unknown command suggests" expect 2 'did you mean apply?' "$imgenhance" aply
check "a filter is no command, and the line says what to do" expect 2 'apply -f median' "$imgenhance" median
check "unknown command far from any" expect 2 'see imgenhance --help' "$imgenhance" xyzzyxyzzy
check "unknown option before a command" expect 2 'did you mean --version?' "$imgenhance" --versoin
check "a full device at standard output is an error" \
  expect 3 'standard output' sh -c '"$0" filters >/dev/full' "$imgenhance"
check "a closed pipe is none to speak of" sh -c '[ -z "$("$0" filters --json 2>&1 >&3 3>&- | cat)" ]' \
  "$imgenhance" 3>/dev/null

# ---- usage and recipes: exit code 2, nothing written -----------------------------------------------------------------

usage () {
  check "usage: $1" expect 2 "$2" "$imgenhance" apply -o none/ "$3" "$4" a.ppm
}
usage "unknown option suggests" 'did you mean --quality?' --qualty 3
usage "unknown format suggests" "did you mean jpeg?" --format jepg
usage "unknown depth" 'none of 8, 16, float' --depth 12
usage "number out of range says the range" 'from 1 to 100' --quality 101
usage "not a number" 'not a whole number' --jobs 1.5
usage "size" 'not a size' --memory 3Q
usage "rectangle" 'WxH' --rect 100
usage "unknown filter suggests" "did you mean 'median'?" -f mediam
usage "unknown parameter suggests" "did you mean 'gamma'?" -f 'levels gama=2'
usage "parameter out of range says the range" 'out of range: .* to ' -f 'levels gamma=1e9'
usage "mix out of range says the range" '0 to 1' -f 'levels mix=2'
usage "recipe that is not there" 'none.recipe: no such file' --recipe none.recipe
printf '# imgenhance recipe 1\nlevels gamma=2\nlevls\n' >wrong.recipe
usage "recipe names the line" 'wrong.recipe: .*3' --recipe wrong.recipe
check "usage: no step" expect 2 'needs a step' "$imgenhance" apply a.ppm
check "usage: no picture" expect 2 'needs a picture' "$imgenhance" apply -f "$step"
check "usage: option without its value" expect 2 'needs OUT' "$imgenhance" apply -f "$step" a.ppm -o
check "usage: value for a flag" expect 2 'takes no value' "$imgenhance" apply -f "$step" a.ppm --quiet=yes
check "usage wrote nothing" test ! -e none

# ---- outputs ---------------------------------------------------------------------------------------------------------

beside () {
  expect 0 '' "$imgenhance" apply -f "$step" a.ppm && test -f a-enhanced.ppm && differ a.ppm a-enhanced.ppm &&
    grep -q '^1 picture done in [0-9.]* s, 0 failed, [0-9.]* % of samples newly clipped$' stdout
}
to_folder () {
  expect 0 '' "$imgenhance" apply -f "$step" -o out/ a.ppm b.ppm && same out/a.ppm a-enhanced.ppm &&
    test -f out/b.ppm &&
    grep -q '^2 pictures done' stdout
}
to_file () {
  expect 0 '' "$imgenhance" apply -f "$step" -o single.png --quiet a.ppm && same single.png a-enhanced.ppm &&
    lines stdout 0 && expect 0 '' "$imgenhance" info --json single.png && json stdout 'it[0]["format"] == "png"'
}
bad_among_good () {
  expect 1 'bad.ppm: ' "$imgenhance" apply -f "$step" -o among/ a.ppm bad.ppm b.ppm && test -f among/a.ppm &&
    test -f among/b.ppm && test ! -e among/bad.ppm && grep -q '^2 pictures done in [0-9.]* s, 1 failed' stdout && tidy
}
existing_fail () {
  picture out/a.ppm 5 5
  cp out/a.ppm kept.ppm
  rm -f out/b.ppm
  expect 1 'out/a.ppm exists' "$imgenhance" apply -f "$step" -o out/ a.ppm b.ppm && cmp out/a.ppm kept.ppm &&
    test -f out/b.ppm
}
existing_skip () {
  expect 0 '' "$imgenhance" apply -f "$step" -o out/ --existing skip a.ppm && cmp out/a.ppm kept.ppm &&
    grep -q '1 skipped' stdout
}
existing_replace () {
  expect 0 '' "$imgenhance" apply -f "$step" -o out/ --existing replace a.ppm && same out/a.ppm a-enhanced.ppm
}
in_place () {
  cp a.ppm place.ppm
  chmod 640 place.ppm
  expect 0 '' "$imgenhance" apply -f "$step" --in-place place.ppm && same place.ppm a-enhanced.ppm && tidy
}
in_place_link () {
  cp a.ppm target.ppm
  ln -s target.ppm link.ppm
  expect 0 '' "$imgenhance" apply -f "$step" --in-place link.ppm && test -L link.ppm && same target.ppm a-enhanced.ppm
}
onto_itself () {
  cp a.ppm self.ppm
  expect 2 'self.ppm.*--in-place' "$imgenhance" apply -f "$step" --existing replace -o self.ppm self.ppm &&
    cmp a.ppm self.ppm
}
onto_other_input () {
  mkdir -p two && cp a.ppm two/a.ppm && cp two/a.ppm two.copy
  expect 2 '--in-place' "$imgenhance" apply -f "$step" --existing replace -o two/ a.ppm two/a.ppm &&
    cmp two/a.ppm two.copy
}
collision () {
  mkdir -p other && cp b.ppm other/a.ppm
  expect 2 'and so would' "$imgenhance" apply -f "$step" -o collided/ a.ppm other/a.ppm && test ! -e collided
}
template () {
  expect 0 '' "$imgenhance" apply -f "$step" -o named/ --name '{index}-{stem}-new.{ext}' a.ppm b.ppm &&
    test -f named/1-a-new.ppm && test -f named/2-b-new.ppm &&
    expect 0 '' "$imgenhance" apply -f "$step" -o named/ --name 'deeper/{name}' --format png --quiet a.ppm &&
    test -f named/deeper/a.ppm
}
outside () {
  for name in '../{stem}.{ext}' '/tmp/{stem}' 'x/../../{stem}' '..' 'x//y'; do
    expect 2 'inside the output folder' "$imgenhance" apply -f "$step" -o named/ --name "$name" a.ppm || return 1
  done
}
dry_run () {
  expect 0 '' "$imgenhance" apply -f "$step" --dry-run -o never/ a.ppm b.ppm && test ! -e never &&
    grep -q '^a.ppm -> never/a.ppm$' stdout && [ "$(wc -l <stdout)" -gt 3 ]
}
check "without -o the result stands beside the input" beside
check "several inputs make a folder" to_folder
check "one input to a file, its format by the name" to_file
check "a bad file costs one line" bad_among_good
check "an absent file costs one line" expect 1 'absent.ppm: ' "$imgenhance" apply -f "$step" -q -o among/ absent.ppm
check "--existing fail" existing_fail
check "--existing skip" existing_skip
check "--existing replace" existing_replace
check "--in-place" in_place
check "--in-place keeps the mode" sh -c '[ "$(stat -c %a place.ppm)" = 640 ]'
check "--in-place keeps a link" in_place_link
check "an input is not overwritten" onto_itself
check "another input is not overwritten" onto_other_input
check "two inputs for one output are refused before the work" collision
check "--name" template
check "--name leads nowhere outside" outside
check "--name with an unknown field suggests" expect 2 'did you mean {stem}?' \
  "$imgenhance" apply -f "$step" -o x/ --name '{stm}' a.ppm
check "--dry-run writes nothing" dry_run
check "--in-place and -o do not go together" expect 2 'neither -o' "$imgenhance" apply -f "$step" --in-place -o x a.ppm
check "an output place that fails is exit code 3" expect 3 '/dev/null' \
  "$imgenhance" apply -f "$step" -o /dev/null/x/ a.ppm -q
check "what has no room for alpha is refused" sh -c '
  { printf "P7\nWIDTH 2\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\nabcdefgh"; } >alpha.pam
  "$0" apply -f "levels gamma=2" -o alpha.jpg alpha.pam 2>stderr && exit 1
  cat stderr; [ "$(wc -l <stderr)" = 1 ] && grep -q "alpha.*PNG or TIFF" stderr && test ! -e alpha.jpg' "$imgenhance"

# ---- folders ---------------------------------------------------------------------------------------------------------

mkdir -p tree/deep/deeper tree/.hidden
cp a.ppm tree/one.ppm
cp b.ppm tree/deep/deeper/two.ppm
cp a.ppm tree/.hidden/three.ppm
cp a.ppm tree/.four.ppm
echo text >tree/notes.txt
mirror () {
  expect 0 '' "$imgenhance" apply -f "$step" --recursive -o mirrored tree && test -f mirrored/one.ppm &&
    test -f mirrored/deep/deeper/two.ppm && [ "$(find mirrored -type f ! -name '.*' | wc -l)" = 2 ] && tidy mirrored
}
into_itself () {
  expect 0 '' "$imgenhance" apply -f "$step" -r -o tree/out tree && rm -f tree/out/one.ppm &&
    expect 0 '' "$imgenhance" apply -f "$step" -r -o tree/out --existing skip tree &&
      [ "$(find tree/out -type f ! -name '.*' | wc -l)" = 2 ]
}
check "--recursive mirrors the tree" mirror
check "--recursive does not walk into its output" into_itself
check "a folder without --recursive is one line" expect 1 'tree: is a folder' \
  "$imgenhance" apply -f "$step" -q -o x/ tree

# ---- streams ---------------------------------------------------------------------------------------------------------

through () {
  "$imgenhance" apply -f "$step" - <a.ppm >piped.ppm && same piped.ppm a-enhanced.ppm &&
    "$imgenhance" apply -f "$step" --format png -o - - <a.ppm >piped.png && same piped.png a-enhanced.ppm &&
    "$imgenhance" apply -f "$step" -q -o piped.tif - <a.ppm && same piped.tif a-enhanced.ppm
}
check "standard input to standard output" through
check "standard input twice" expect 2 'only once' "$imgenhance" apply -f "$step" -o x/ - -
check "two pictures to standard output" expect 2 'standard output' "$imgenhance" apply -f "$step" -o - a.ppm b.ppm
check "--json and a picture to standard output" expect 2 'standard output' \
  "$imgenhance" apply -f "$step" --json -o - a.ppm
check "a full device" expect 3 'imgenhance: ' sh -c '"$0" apply -f levels -o - a.ppm >/dev/full' "$imgenhance"

# ---- steps -----------------------------------------------------------------------------------------------------------

flat white.pgm 255
flat black.pgm 0
flat gray.pgm 100
masks () {
  expect 0 '' "$imgenhance" apply -f 'levels gamma=2' -o gamma.pgm -q gray.pgm && differ gray.pgm gamma.pgm &&
    expect 0 '' "$imgenhance" apply -f 'levels gamma=2 mask=white.pgm' -o white-mask.pgm -q gray.pgm &&
    same gamma.pgm white-mask.pgm &&
    expect 0 '' "$imgenhance" apply -f 'levels gamma=2 mask=black.pgm' -o black-mask.pgm -q gray.pgm &&
    same gray.pgm black-mask.pgm
}
order () {
  printf '# imgenhance recipe 1\nlevels gamma=2\n' >gamma.recipe
  expect 0 '' "$imgenhance" apply -f 'levels black=20' --recipe gamma.recipe -o order1.pgm -q gray.pgm &&
    expect 0 '' "$imgenhance" apply -f 'levels black=20' -f 'levels gamma=2' -o order2.pgm -q gray.pgm &&
    expect 0 '' "$imgenhance" apply --recipe gamma.recipe -f 'levels black=20' -o order3.pgm -q gray.pgm &&
    same order1.pgm order2.pgm && differ order1.pgm order3.pgm
}
deeper () {
  expect 0 '' "$imgenhance" apply -f "$step" --depth 16 -o deep.tif -q a.ppm &&
    expect 0 '' "$imgenhance" info --json deep.tif &&
    json stdout 'it[0]["depth"] == "16"' &&
    expect 0 'a.ppm: written with 8 bits: JPEG' "$imgenhance" apply -f "$step" --depth 16 -o shallow.jpg a.ppm
}
clipped () {
  expect 0 '' "$imgenhance" apply -f 'levels black=30 white=40' -o clipped.ppm --json a.ppm &&
    json stdout '0.5 < it["clipped"] <= 1 and it["memory_predicted"] > 0 and it["memory_peak"] > 0'
}
check "mask" masks
check "a mask that is not there costs one line" expect 1 'none.pgm' \
  "$imgenhance" apply -q -f 'levels gamma=2 mask=none.pgm' -o x.pgm gray.pgm
check "-f and --recipe keep their order" order
check "--depth, and a note where a format holds less" deeper
check "newly clipped samples are counted" clipped
check "too little memory says so" expect 1 '--memory' \
  "$imgenhance" apply -q -f 'fourier-bandpass low=0.1' --memory 1K -o x.ppm a.ppm
finish
