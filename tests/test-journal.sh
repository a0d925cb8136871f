#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The batch as a job: the journal, continuing, what is not done twice, what is refused, what is left behind.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/cli.sh"

# done_lines FILE: how many outputs are done by the journal, each once; fails when a line is no JSON or one is done twice.
done_lines () {
  "$python" -c '
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8", errors="strict")]
outputs = [line["output"] for line in lines if line["status"] == "done"]
if len(set(outputs)) != len(outputs) and len(sys.argv) < 3:
    sys.exit("done twice")
print(len(set(outputs)))' "$@"
}

# counted DONE FAILED SKIPPED COMMAND...: what --json of the command says.
counted () {
  want="$1 $2 $3"
  shift 3
  "$@" --json >lines 2>said
  got=$("$python" -c '
import collections, json, sys
states = collections.Counter(json.loads(line)["status"] for line in open("lines", encoding="utf-8"))
print(states["done"], states["failed"], states["skipped"])')
  [ "$got" = "$want" ] || { echo "done, failed, skipped: $got instead of $want"; cat lines said; return 1; }
}

for name in a b c d; do picture $name.ppm 30 20; done
picture other.ppm 20 30
journal=out/.imgenhance-journal.jsonl
apply () {
  "$imgenhance" apply -f "$step" -o out/ "$@"
}

# ---- continuing ------------------------------------------------------------------------------------------------------

first () {
  counted 4 0 0 apply a.ppm b.ppm c.ppm d.ppm && [ "$(done_lines $journal)" = 4 ] && tidy &&
    "$python" -c '
import json, os
for line in map(json.loads, open("'$journal'")):
    assert line["journal"] == 1 and line["recipe"].endswith("levels@1 gamma=1.5\n"), line
    assert line["options"] == "" and line["program"].startswith("imgenhance ") and line["time"].endswith("Z"), line
    name = os.path.basename(line["output"])
    assert line["output"] == os.path.realpath("out/" + name) and line["input"] == os.path.realpath(name), line
    assert line["input_hash"].startswith("xxh128:") and line["output_hash"].startswith("xxh128:"), line
    status = os.stat(line["input"])
    assert (line["input_size"], line["input_mtime_ns"]) == (status.st_size, status.st_mtime_ns), line
    if line["status"] == "done":
        status = os.stat(line["output"])
        assert (line["output_size"], line["output_inode"], line["output_ctime_ns"]) == (
            status.st_size, status.st_ino, status.st_ctime_ns), line
        assert line["seconds"] > 0, line
'
}
hash_is_xxh128 () {
  command -v xxh128sum >/dev/null || { echo "no xxh128sum"; return 0; }
  said=$(xxh128sum <out/a.ppm | cut -d ' ' -f 1)
  grep -q "out/a.ppm.*\"output_hash\": \"xxh128:$said\"" $journal
}
again () {
  stat -c '%n %i %Y %Z' out/* >before
  counted 0 0 4 apply a.ppm b.ppm c.ppm d.ppm && grep -q '"reason": "done before"' lines &&
    stat -c '%n %i %Y %Z' out/* | cmp - before && [ "$(done_lines $journal)" = 4 ]
}
verified () {
  counted 0 0 4 apply --verify a.ppm b.ppm c.ppm d.ppm
}
touched () {
  touch a.ppm out/b.ppm
  chmod 600 c.ppm
  counted 0 0 4 apply a.ppm b.ppm c.ppm d.ppm
}
from_elsewhere () {
  ln -s "$scratch" there
  mkdir -p deep
  (cd deep && counted 0 0 2 "$imgenhance" apply -f "$step" -o ../there/out/ ../a.ppm ../there/b.ppm)
}
removed () {
  rm out/a.ppm
  counted 1 0 3 apply a.ppm b.ppm c.ppm d.ppm && test -f out/a.ppm
}
changed_input () {
  cp other.ppm b.ppm
  counted 1 0 3 apply a.ppm b.ppm c.ppm d.ppm && "$imgenhance" apply -f "$step" -o b.expected.ppm -q b.ppm &&
    cmp out/b.ppm b.expected.ppm
}
changed_input_skip () {
  picture b.ppm 9 9
  cp out/b.ppm kept
  counted 0 0 4 apply --existing skip a.ppm b.ppm c.ppm d.ppm && cmp out/b.ppm kept && counted 1 0 3 apply ?.ppm
}
tampered () {
  cp other.ppm out/c.ppm
  counted 0 1 3 apply a.ppm b.ppm c.ppm d.ppm && cmp other.ppm out/c.ppm && grep -q 'c.ppm.*exists' lines &&
    counted 1 0 3 apply --existing replace a.ppm b.ppm c.ppm d.ppm && ! cmp -s other.ppm out/c.ppm
}
# The same size and the old times: only the contents, or the time that cannot be set, tell.
tampered_slyly () {
  touch -r out/d.ppm times
  printf 'X' | dd of=out/d.ppm bs=1 seek=100 conv=notrunc 2>/dev/null
  touch -r times out/d.ppm
  cp out/d.ppm sly
  counted 0 1 3 apply a.ppm b.ppm c.ppm d.ppm && cmp sly out/d.ppm && rm out/d.ppm && counted 1 0 3 apply ?.ppm
}
changed_recipe () {
  counted 4 0 0 "$imgenhance" apply -f 'levels gamma=2' -o out/ a.ppm b.ppm c.ppm d.ppm &&
    counted 0 0 4 "$imgenhance" apply -f 'levels gamma=2' -o out/ a.ppm b.ppm c.ppm d.ppm &&
    "$imgenhance" apply -f 'levels gamma=2' -o a.expected.ppm -q a.ppm && cmp out/a.ppm a.expected.ppm &&
    counted 4 0 0 apply a.ppm b.ppm c.ppm d.ppm
}
changed_option () {
  counted 1 0 0 "$imgenhance" apply -f "$step" -o j/ --format jpeg a.ppm &&
    counted 0 0 1 "$imgenhance" apply -f "$step" -o j/ --format jpeg --jobs 1 --threads 2 --memory 1G a.ppm &&
    counted 1 0 0 "$imgenhance" apply -f "$step" -o j/ --format jpeg --quality 40 a.ppm
}
changed_mask () {
  flat mask.pgm 255
  picture m.ppm 16 16
  masked () { "$imgenhance" apply -f "$step mask=mask.pgm" -o masked/ m.ppm "$@"; }
  counted 1 0 0 masked && counted 0 0 1 masked && flat mask.pgm 0 && counted 1 0 0 masked && same m.ppm masked/m.ppm
}
other_input () {
  mkdir -p second
  cp other.ppm second/a.ppm
  cp out/a.ppm kept
  counted 0 1 0 apply second/a.ppm && cmp out/a.ppm kept
}
failed_again () {
  printf 'not a picture\n' >bad.ppm
  counted 1 1 0 "$imgenhance" apply -f "$step" -o f/ a.ppm bad.ppm &&
    grep -q '"status": "failed".*bad.ppm.*"reason": ".' f/.imgenhance-journal.jsonl && cp other.ppm bad.ppm &&
    counted 1 0 1 "$imgenhance" apply -f "$step" -o f/ a.ppm bad.ppm && [ "$(done_lines f/.imgenhance-journal.jsonl)" = 2 ]
}
odd_names () {
  odd=$(printf 'o\377d"\\\n\303\244\360\237\230\200.ppm')
  cp a.ppm "$odd"
  counted 1 0 0 "$imgenhance" apply -f "$step" -o odd/ "$odd" &&
    counted 0 0 1 "$imgenhance" apply -f "$step" -o odd/ "$odd"
}
in_place () {
  cp a.ppm place.ppm
  counted 1 0 0 "$imgenhance" apply -f "$step" --in-place --journal place.jsonl place.ppm && cp place.ppm once.ppm &&
    counted 0 0 1 "$imgenhance" apply -f "$step" --in-place --journal place.jsonl place.ppm && cmp once.ppm place.ppm
}
dry_run () {
  cp $journal kept
  rm out/a.ppm
  counted 1 0 1 apply --dry-run a.ppm b.ppm && cmp $journal kept && test ! -e out/a.ppm &&
    counted 1 0 0 "$imgenhance" apply -f "$step" --dry-run -o nowhere/ a.ppm && test ! -e nowhere
}
where () {
  "$imgenhance" apply -f "$step" -q -o n/ --no-journal a.ppm && [ "$(ls -A n)" = a.ppm ] &&
    "$imgenhance" apply -f "$step" -q -o single.ppm a.ppm && test ! -e .imgenhance-journal.jsonl &&
    "$imgenhance" apply -f "$step" -q -o s.ppm --journal logs/s.jsonl a.ppm && [ "$(done_lines logs/s.jsonl)" = 1 ] &&
    "$imgenhance" apply -f "$step" -q -o l/ --journal logs/l.jsonl a.ppm && [ "$(ls -A l)" = a.ppm ]
}
check "a line for each file that is done" first
check "the checksum is that of xxh128sum" hash_is_xxh128
check "the same command does nothing twice" again
check "... nor when it compares contents" verified
check "new times and modes alone change nothing" touched
check "other names of the same files" from_elsewhere
check "a removed output is made again" removed
check "a changed input is done again" changed_input
check "... but not with --existing skip" changed_input_skip
check "an output that somebody changed is theirs" tampered
check "... also when it was done slyly" tampered_slyly
check "a changed recipe is done again" changed_recipe
check "a changed option is; threads and memory are none" changed_option
check "a changed mask is" changed_mask
check "the output of another input is not ours to replace" other_input
check "what failed is tried again" failed_again
check "names of any bytes" odd_names
check "in place: never twice" in_place
check "--dry-run looks and writes nothing" dry_run
check "where the journal is, and is not" where

# ---- a journal that is damaged, foreign or in use --------------------------------------------------------------------

# For every length at which the last line could have been cut: the next run continues and the journal is whole again.
torn () {
  rm -rf t && counted 2 0 0 "$imgenhance" apply -f "$step" -o t/ a.ppm b.ppm || return 1
  cp t/.imgenhance-journal.jsonl whole
  size=$(wc -c <whole)
  last=$(tail -n 1 whole | wc -c)
  for cut in 1 2 $((last / 2)) $((last - 1)) $((last)) $((last + 1)) $((size - 5)) $((size - 1)) "$size"; do
    head -c $((size - cut)) whole >t/.imgenhance-journal.jsonl
    rm -f t/a.ppm t/b.ppm
    counted 2 0 0 "$imgenhance" apply -f "$step" -o t/ a.ppm b.ppm &&
      [ "$(done_lines t/.imgenhance-journal.jsonl again)" = 2 ] || { echo "cut $cut"; return 1; }
  done
}
# The process died after the rename and before it said so.
unsaid () {
  rm -rf u && counted 2 0 0 "$imgenhance" apply -f "$step" -o u/ a.ppm b.ppm || return 1
  stat -c '%n %i' u/* >before
  grep '"writing"' u/.imgenhance-journal.jsonl >kept
  cp kept u/.imgenhance-journal.jsonl
  counted 0 0 2 "$imgenhance" apply -f "$step" -o u/ a.ppm b.ppm && stat -c '%n %i' u/* | cmp - before &&
    [ "$(done_lines u/.imgenhance-journal.jsonl)" = 2 ]
}
rubbish_between () {
  { head -n 1 whole; printf 'rubbish\n{"journal": 1, "status": \n\0\0\n'; tail -n +2 whole; } >t/.imgenhance-journal.jsonl
  rm -f t/a.ppm t/b.ppm
  "$imgenhance" apply -f "$step" -q -o t/ a.ppm b.ppm && test -f t/a.ppm
}
foreign () {
  cp a.ppm precious.ppm
  expect 2 'not a journal' "$imgenhance" apply -f "$step" -o z/ --journal precious.ppm b.ppm && cmp a.ppm precious.ppm &&
    expect 2 'not a regular file' "$imgenhance" apply -f "$step" -o z/ --journal /dev/null b.ppm &&
    expect 2 'also an input' "$imgenhance" apply -f "$step" -o z/ --journal new.ppm b.ppm new.ppm &&
    mkdir -p linked && ln -s ../elsewhere linked/.imgenhance-journal.jsonl &&
    expect 3 'journal' "$imgenhance" apply -f "$step" -o linked/ b.ppm && test ! -e elsewhere
}
two_processes () {
  [ -f $journal ] && cp $journal kept || return 1
  flock $journal sleep 5 &
  holder=$!
  for _ in 1 2 3 4 5 6 7 8 9 10; do flock -n $journal true && sleep 0.1; done
  expect 2 'another imgenhance' "$imgenhance" apply -f "$step" -o out/ a.ppm
  state=$?
  kill "$holder" 2>/dev/null
  wait "$holder" 2>/dev/null
  [ $state = 0 ] && cmp $journal kept
}
check "a line that was cut is dropped" torn
check "what was done and not said is not done again" unsaid
check "lines that are none are passed over" rubbish_between
check "a file that is no journal is left alone" foreign
if command -v flock >/dev/null; then
  check "two processes with one journal" two_processes
else
  skip "two processes with one journal" "there is no flock"
fi

# ---- what is refused, and what is passed over ------------------------------------------------------------------------

mkdir -p walk/in outside
cp a.ppm walk/in/a.ppm
cp b.ppm outside/b.ppm
ln -s ../../outside/b.ppm walk/in/out.ppm
ln -s a.ppm walk/in/same.ppm
ln -s ../../outside walk/in/folder
links () {
  counted 2 0 2 "$imgenhance" apply -f "$step" -r -o walked walk && test -f walked/in/same.ppm &&
    [ "$(find walked -name '*.ppm' | wc -l)" = 2 ] &&
    grep -q 'out.ppm.*leads out of the folder' lines && grep -q 'folder".*not followed' lines
}
own_results () {
  mkdir -p beside
  cp a.ppm b.ppm beside
  counted 2 0 0 "$imgenhance" apply -f "$step" -r beside && counted 0 2 2 "$imgenhance" apply -f "$step" -r beside &&
    counted 2 0 2 "$imgenhance" apply -f "$step" -r --existing replace beside &&
    counted 2 0 2 "$imgenhance" apply -f "$step" -r --name 'new/{name}' beside &&
    counted 0 2 4 "$imgenhance" apply -f "$step" -r --name 'new/{name}' beside &&
    [ "$(find beside -name '*.ppm' | wc -l)" = 6 ] && cp a.ppm x-enhanced.ppm &&
    counted 1 0 0 "$imgenhance" apply -f "$step" x-enhanced.ppm
}
own_results_by_journal () {
  mkdir -p numbered
  cp a.ppm b.ppm numbered
  counted 2 0 0 "$imgenhance" apply -f "$step" -r --name '{index}.{ext}' --journal numbered.jsonl numbered &&
    counted 0 0 4 "$imgenhance" apply -f "$step" -r --name '{stem}_.{ext}' --journal numbered.jsonl --dry-run numbered ||
    counted 2 0 2 "$imgenhance" apply -f "$step" -r --name '{stem}_.{ext}' --journal numbered.jsonl numbered
}
through_link () {
  rm -rf esc && mkdir -p esc target
  ln -s ../target esc/sub
  expect 1 'symbolic link' "$imgenhance" apply -f "$step" -o esc/ --name 'sub/{name}' a.ppm && [ -z "$(ls target)" ] &&
    cp a.ppm target/a.ppm && ln -s ../target/a.ppm esc/a.ppm &&
    expect 1 'symbolic link' "$imgenhance" apply -f "$step" -o esc/ --existing replace a.ppm && cmp a.ppm target/a.ppm &&
    ln -s "$scratch/esc2" linked-out && mkdir -p esc2 &&
    expect 0 '' "$imgenhance" apply -f "$step" -q -o linked-out/ --name 'new/{name}' a.ppm && test -f esc2/new/a.ppm
}
collisions () {
  mkdir -p two/x two/y real
  cp a.ppm two/x/p.ppm
  cp b.ppm two/y/p.ppm
  ln -s real alias
  expect 2 'and so would' "$imgenhance" apply -f "$step" -o co/ two/x/p.ppm two/y/p.ppm && test ! -e co &&
    expect 2 'and so would' "$imgenhance" apply -f "$step" -r -o co/ --name 'same.{ext}' two/x two/y && test ! -e co &&
    cp a.ppm p.ppm && cp a.ppm p.pgm &&
    expect 2 'and so would' "$imgenhance" apply -f "$step" -o co/ --format png p.ppm p.pgm && test ! -e co &&
    cp a.ppm P.ppm && expect 0 '' "$imgenhance" apply -f "$step" -q -o co/ p.ppm P.ppm
}
case_collision () {
  expect 2 'and so would' "$imgenhance" apply -f "$step" -o fat/co/ p.ppm P.ppm && test ! -e fat/co
}
check "--recursive: links that lead out are not followed, and said" links
check "--recursive beside the inputs: results are not done again" own_results
check "... nor those that the journal knows" own_results_by_journal
check "no output through a link out of its folder" through_link
check "two inputs for one output" collisions
if [ "$(id -u)" = 0 ] && command -v mkfs.vfat >/dev/null && truncate -s 1M fat.img && mkfs.vfat fat.img >/dev/null 2>&1 &&
  mkdir -p fat && mount -o loop fat.img fat 2>/dev/null; then
  check "two inputs for one output but for case" case_collision
  umount fat
else
  skip "two inputs for one output but for case" "no FAT file system can be mounted here"
fi

# An input that is written to while it is being read; the reader is held by a step's picture that comes through a slow
# file system nowhere at hand, so it is done by brute force: the file changes all the time.
changing () {
  picture big.ppm 400 400
  (while :; do touch big.ppm; done) &
  toucher=$!
  counted 0 1 0 "$imgenhance" apply -f 'median radius=30' --threads 1 -o ch/ big.ppm
  state=$?
  kill $toucher
  wait $toucher 2>/dev/null
  [ $state = 0 ] && grep -q 'changed while it was being read' lines && [ "$(ls ch)" = "" ]
}
check "an input that changes while it is read fails" changing

preserved () {
  touch -d '1999-12-31 23:59:58.123456789 UTC' -m a.ppm && touch -d '2001-02-03 04:05:06.7 UTC' -a a.ppm
  expect 0 '' "$imgenhance" apply -f "$step" -q --preserve-times -o times.png a.ppm &&
    [ "$(stat -c '%y' times.png)" = "$(stat -c '%y' a.ppm)" ] &&
    [ "$(TZ=UTC stat -c '%x' times.png)" = '2001-02-03 04:05:06.700000000 +0000' ]
}
check "--preserve-times" preserved

# ---- stopped, and continued ------------------------------------------------------------------------------------------

interrupted () {
  mkdir -p many
  for i in 1 2 3 4 5 6 7 8; do cp big.ppm many/$i.ppm; done
  for signal in INT TERM HUP; do
    rm -rf stopped
    # A shell's background jobs ignore SIGINT; Python sets it back.
    "$python" -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])' \
      "$imgenhance" apply -f 'median radius=20' --jobs 1 --threads 1 -q -r -o stopped many 2>stderr &
    running=$!
    while [ ! -e stopped/1.ppm ] && kill -0 $running 2>/dev/null; do sleep 0.02; done
    kill -$signal $running
    wait $running
    [ $? = 130 ] && [ "$(wc -l <stderr)" = 1 ] && grep -q interrupted stderr && tidy stopped && test ! -e stopped/8.ppm ||
      { echo "$signal"; cat stderr; return 1; }
  done
  before=$(find stopped -name '*.ppm' | wc -l)
  counted $((8 - before)) 0 "$before" "$imgenhance" apply -f 'median radius=20' -r -o stopped many
}
check "SIGINT, SIGTERM, SIGHUP: exit code 130, nothing half written, continued" interrupted

full_disk () {
  before=$(find full -name '*.ppm' | wc -l)
  "$imgenhance" apply -f "$step" --jobs 2 -o full/out --quiet many/*.ppm 2>stderr
  [ $? = 3 ] && grep -q 'No space' stderr && tidy full && mount -o remount,size=16m full || { cat stderr; return 1; }
  before=$(find full -name '*.ppm' | wc -l)
  counted $((8 - before)) 0 "$before" "$imgenhance" apply -f "$step" -o full/out many/*.ppm &&
    [ "$(done_lines full/out/.imgenhance-journal.jsonl)" = 8 ]
}
mkdir -p full
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=2m,nr_inodes=40 tmpfs full 2>/dev/null; then
  check "a full disk: exit code 3, continued when there is room" full_disk
  umount full
else
  skip "a full disk: exit code 3, continued when there is room" "no file system can be mounted here"
fi
file_limit () {
  (ulimit -f 100 && exec "$imgenhance" apply -f "$step" -q --jobs 1 -o limited/ a.ppm big.ppm 2>stderr)
  code=$?
  [ $code = 3 ] || [ $code = 1 ] || { cat stderr; return 1; }
  [ "$(ls limited)" = a.ppm ] && tidy limited
}
check "a limit on file sizes is an error, not a signal" file_limit

# Temporary files: those of the dead go, that of a living writer stays.
swept () {
  mkdir -p sweep
  for name in .a.ppm.abc123.imgenhance-part ..0z9y8x.imgenhance-part; do echo dead >sweep/$name; done
  for name in a.imgenhance-part .a.ppm.ABC123.imgenhance-part .imgenhance-part .a.ppm.abc12.imgenhance-part; do
    echo not ours >sweep/$name
  done
  echo alive >sweep/.b.ppm.abc123.imgenhance-part
  mkfifo sweep/.c.ppm.abc123.imgenhance-part
  flock sweep/.b.ppm.abc123.imgenhance-part sleep 5 &
  holder=$!
  sleep 0.3
  "$imgenhance" apply -f "$step" -q -o sweep/ a.ppm
  ls -A sweep | LC_ALL=C sort >names
  kill $holder 2>/dev/null
  wait $holder 2>/dev/null
  printf '%s\n' .a.ppm.ABC123.imgenhance-part .a.ppm.abc12.imgenhance-part .b.ppm.abc123.imgenhance-part \
    .c.ppm.abc123.imgenhance-part .imgenhance-journal.jsonl .imgenhance-part a.imgenhance-part a.ppm | cmp - names
}
if command -v flock >/dev/null; then
  check "temporary files of dead runs are swept" swept
else
  skip "temporary files of dead runs are swept" "there is no flock"
fi

# 200 pictures; for each number of jobs a run that nothing disturbs, and one that is killed 20 times and continued.
killed () {
  "$python" "$SOURCE/tests/tool-kill.py" "$imgenhance" "$1" 200 20 >"killed-$1"
}
for jobs in 1 2 4; do
  check "killed 20 times and continued: as if undisturbed, --jobs $jobs" killed $jobs
  sed 's/^/# /' killed-$jobs
done
finish
