#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Worker processes: whatever a file or a worker does, the batch goes on with one line and leaves nothing half done.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/cli.sh"
unset IMGENHANCE_CPU
exec 3>&1

picture a.ppm 60 40
picture big.ppm 1200 1200

# ---- a worker that dies in the middle --------------------------------------------------------------------------------

# The first of two pictures comes through a pipe that stops in the middle until its worker has got the signal.
# Leaves the exit code in $code.
signalled () { # SIGNAL OPTIONS...
  signal=$1
  shift
  rm -rf out pipe gone
  mkfifo pipe
  {
    head -c 200000 big.ppm
    while [ ! -e gone ]; do sleep 0.05; done
  } >pipe 2>/dev/null &
  feeder=$!
  "$imgenhance" apply -f 'gaussian sigma=3' --jobs 1 --no-journal -o out/ --format pnm "$@" - a.ppm \
    <pipe >stdout 2>stderr &
  batch=$!
  worker=
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.1
    worker=$(pgrep -P "$batch") && [ -n "$(find out -name '*imgenhance-part*' 2>/dev/null)" ] && break
  done
  [ -n "$worker" ] || { echo "no worker"; kill "$batch"; : >gone; return 1; }
  kill -"$signal" "$worker"
  code=0
  wait "$batch" || code=$?
  : >gone
  wait "$feeder"
}

# dies SIGNAL PATTERN OPTIONS...: one line with the pattern, exit code 1, the other picture done, nothing left.
dies () {
  signal=$1 pattern=$2
  shift 2
  signalled "$signal" "$@" || return 1
  cat stderr stdout
  [ "$code" = 1 ] && lines stderr 1 && grep -q -e "$pattern" stderr && [ -f out/a.ppm ] &&
    [ "$(find out -type f | wc -l)" = 1 ] && tidy && grep -q '1 failed' stdout && ! pgrep -P "$batch"
}

# All workers of a batch that is killed are gone at once.
orphans () {
  rm -rf out pipe
  mkfifo pipe
  sleep 20 >pipe &
  sleeper=$!
  "$imgenhance" apply -f levels -o out/ --format pnm - <pipe >/dev/null 2>&1 &
  batch=$!
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.1
    worker=$(pgrep -P "$batch") && break
  done
  kill -KILL "$batch"
  wait "$batch"
  sleep 0.3
  kill "$sleeper"
  [ -n "$worker" ] && { [ ! -e "/proc/$worker" ] || grep -q '^State:.Z' "/proc/$worker/status"; }
}

check "a worker that is killed (signal 9)" dies KILL 'signal 9'
check "a worker that crashes (signal 11)" dies SEGV 'the reader crashed (signal 11)'
check "a worker that aborts (signal 6)" dies ABRT 'the reader crashed (signal 6)'
check "a worker that hangs" dies STOP 'took more than 1 s' --timeout 1
check "a batch that is killed takes its workers with it" orphans

# ---- what a worker may not do ----------------------------------------------------------------------------------------

confined () {
  "$imgenhance" apply --verbose -f levels -o verbose.ppm a.ppm 2>stderr >stdout
  cat stderr
  grep -q 'seccomp' stderr
}
# As strace sees it: after the filter is loaded nothing is opened for writing, and nothing is started.
traced () {
  strace -f -o trace -e trace=openat,open,execve,socket,connect,seccomp,kill \
    "$imgenhance" apply -f 'equalize' -f 'gaussian sigma=2' -o traced.png a.ppm >/dev/null 2>&1 || return 1
  # from the filter on, of the worker and its threads
  "$python" -c '
import re
filtered = set()
for line in open("trace"):
    pid, call = line.split(None, 1)
    if call.startswith("seccomp("):
        filtered.add(pid)
    elif pid in filtered and re.match(r"(openat|open|execve|socket|connect)\(", call) and "O_RDONLY" not in call:
        raise SystemExit(line)
if not filtered:
    raise SystemExit("no filter was loaded")'
}
isolate_none () {
  "$imgenhance" apply --isolate none -f 'gaussian sigma=2' -q -o none.ppm a.ppm &&
    "$imgenhance" apply -f 'gaussian sigma=2' -q -o process.ppm a.ppm && cmp none.ppm process.ppm
}
if "$imgenhance" apply --verbose -f levels -o probe.ppm a.ppm 2>&1 | grep -q 'no filter\|no limits'; then
  skip "a filter of system calls" "this build or system has none"
else
  check "a filter of system calls" confined
  if command -v strace >/dev/null 2>&1 && strace -o /dev/null true 2>/dev/null; then
    check "nothing opened for writing, nothing started" traced
  else
    skip "nothing opened for writing, nothing started" "strace is needed"
  fi
fi
check "--isolate none gives the same result" isolate_none

# ---- limits ----------------------------------------------------------------------------------------------------------

# Options for them; what bombs cost is in test-bomb.sh.
"$python" - <<'END'
import struct
# An 8 x 8 progressive JPEG of 128 scans: DC, then each of 63 coefficients alone, and all that again for the last bit.
def marker(code, data):
    return b"\xff" + bytes([code]) + struct.pack(">H", len(data) + 2) + data
def scan(first, last, high, low): # one bit of data: the shortest code, which says that there is nothing
    return marker(0xda, bytes([1, 1, 0, first, last, high << 4 | low])) + b"\x7f"
scans = [scan(k, k, *bits) for bits in ((0, 1), (1, 0)) for k in range(64)]
table = bytes([1] + [0] * 15 + [0])
open("scans.jpg", "wb").write(b"\xff\xd8" + marker(0xdb, b"\0" + b"\1" * 64) + marker(0xc2, bytes([8, 0, 8, 0, 8, 1, 1, 0x11, 0]))
                              + marker(0xc4, b"\0" + table + b"\x10" + table) + b"".join(scans) + b"\xff\xd9")
# 65,535 x 65,535 in one strip of LZW.
tags = {256: 65535, 257: 65535, 258: 8, 259: 5, 262: 1, 273: 8, 277: 1, 278: 65535, 279: 1}
open("lzw.tif", "wb").write(b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(
    struct.pack("<HHII", tag, 4 if tag > 270 or tag < 258 else 3, 1, value) for tag, value in sorted(tags.items())) + bytes(4))
# Three pages of one pixel.
size = 2 + 12 * 9 + 4
page = {256: 1, 257: 1, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 1, 279: 1}
open("pages.tif", "wb").write(b"II*\0" + struct.pack("<II", 12, 0x80808080) + b"".join(
    struct.pack("<H", len(page)) + b"".join(struct.pack("<HHII", tag, 4 if tag > 270 or tag < 258 else 3, 1, value)
    for tag, value in sorted(page.items())) + struct.pack("<I", 12 + size * i if i < 3 else 0) for i in (1, 2, 3)))
END
# limit OPTION MOST FILE PATTERN: with the option at MOST the file is taken, one below it is refused with that pattern.
limit () {
  expect 0 '' "$imgenhance" apply -q -f levels --dry-run -o limited/ "$1" "$2" "$3" &&
    expect 1 "$4.*$1" "$imgenhance" apply -q -f levels --dry-run -o limited/ "$1" $(($2 - 1)) "$3" &&
    expect 0 '' "$imgenhance" info "$1" "$2" "$3" &&
    expect 1 "$4.*$1" "$imgenhance" info "$1" $(($2 - 1)) "$3"
}
check "--limit-side" limit --limit-side 60 a.ppm 'limit of 59 '
check "--limit-pixels" limit --limit-pixels 2400 a.ppm 'limit of 2399;'
check "--limit-pages" limit --limit-pages 3 pages.tif 'limit of 2;'
# 4,294,836,225 bytes, of which a 34,917,368th is 122.99, in a file of 122; a 34,917,367th is 123.
check "--limit-expansion" limit --limit-expansion 34917368 lzw.tif 'limit of 34917367 times'
scans () {
  expect 1 'limit of 100 scans; --limit-scans' "$imgenhance" apply -q -f levels -o scans.ppm scans.jpg &&
    expect 1 'limit of 127 scans' "$imgenhance" apply -q -f levels --limit-scans 127 -o scans.ppm scans.jpg &&
    expect 0 '' "$imgenhance" apply -q -f levels --limit-scans 128 -o scans.ppm scans.jpg
}
check "--limit-scans" scans

# A strip whose LZMA stream says that its dictionary is of 2 GiB: more addresses than a worker has beside --memory, while
# a process without limits has them, and touches but the first few.
dictionary () {
  "$imgenhance" apply -q -f levels --compression lzma -o lzma.tif a.ppm || return 1
  "$python" - <<'END'
import struct, zlib
data = bytearray(open("lzma.tif", "rb").read())
at = data.index(b"\xfd7zXZ\0") + 12
size = 4 * (data[at] + 1)
assert data[at + 1:at + 4] == b"\0\x21\1" or data[at + 2:at + 4] == b"\x21\1" or data[at + 5:at + 7] == b"\x21\1"
at_filter = data.index(b"\x21\1", at)
data[at_filter + 2] = 38 # 2 << (38 / 2 + 11)
data[at + size - 4:at + size] = struct.pack("<I", zlib.crc32(data[at:at + size - 4]))
open("dictionary.tif", "wb").write(data)
END
  code=0
  "$imgenhance" apply -f levels --memory 256M --jobs 1 --no-journal --existing replace -o limited/ --format pnm \
    dictionary.tif a.ppm >stdout 2>stderr || code=$?
  cat stdout stderr
  [ "$code" = 1 ] && lines stderr 1 && grep -q 'dictionary.tif: .*memory' stderr && [ -f limited/a.ppm ] &&
    grep -q '1 failed' stdout &&
    expect 0 '' "$imgenhance" apply -q -f levels --isolate none -o dictionary.ppm dictionary.tif
}
# The host is stopped and cannot look after its worker: the system ends that after its share of processor time.
processor () {
  rm -rf limited
  for step in $(seq 61 100); do
    echo "median radius=$step"
  done >medians
  "$imgenhance" apply --recipe medians --jobs 1 --threads 1 --timeout 2 \
    --memory 2G --no-journal -o limited/ --format pnm huge.ppm a.ppm >stdout 2>stderr &
  batch=$!
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.1
    [ -n "$(find limited -name '*imgenhance-part*' 2>/dev/null)" ] && break
  done
  kill -STOP "$batch"
  worker=$(pgrep -P "$batch")
  for attempt in $(seq 1 300); do
    sleep 0.1
    grep -q '^State:.Z' "/proc/$worker/status" && break
  done
  kill -CONT "$batch"
  code=0
  wait "$batch" || code=$?
  cat stdout stderr
  [ "$code" = 1 ] && lines stderr 1 && grep -q 'huge.ppm: took more than 2 s of processor time' stderr &&
    [ -f limited/a.ppm ] && grep -q '1 failed' stdout && tidy limited
}
picture huge.ppm 3000 2000
if "$imgenhance" apply --verbose -f levels -o probe.ppm --existing replace a.ppm 2>&1 | grep -q 'no limits'; then
  skip "a limit of addresses" "this build has none"
elif [ "$("$imgenhance" apply -q -f levels --compression lzma -o probe.tif a.ppm 2>&1 | wc -l)" != 0 ]; then
  skip "a limit of addresses" "libtiff has no LZMA"
else
  check "a limit of addresses" dictionary
fi
check "a limit of processor time" processor

# ---- salvage ---------------------------------------------------------------------------------------------------------

salvage () {
  "$imgenhance" apply -q -f levels -o whole."$1" big.ppm || return 1
  head -c "$(($(wc -c <whole."$1") * 2 / 3))" whole."$1" >cut."$1"
  expect 1 "cut.$1: " "$imgenhance" apply -q -f 'levels gamma=2' -o fails.ppm cut."$1" && [ ! -e fails.ppm ] &&
    expect 0 'salvaged' "$imgenhance" apply -f 'levels gamma=2' --salvage -o salvaged-"$1".ppm cut."$1" &&
    "$imgenhance" apply -q -f 'levels gamma=2' -o good.ppm --existing replace whole."$1" &&
    "$python" - salvaged-"$1".ppm good.ppm <<'END'
import sys
def rows(name):
    data = open(name, "rb").read()
    return [data[-1200 * 3600:][y * 3600:(y + 1) * 3600] for y in range(1200)]
got, good = map(rows, sys.argv[1:])
same = sum(a == b for a, b in zip(got, good))
empty = sum(not any(a) for a in got)
print(same, "rows as they were,", empty, "empty")
sys.exit(not (same > 300 and empty > 100 and same + empty >= 1200 - 16))
END
}
for format in jpg png ppm; do
  check "--salvage: a cut $format" salvage "$format"
done

# ---- frames ----------------------------------------------------------------------------------------------------------

# Bytes that are no frames, and frames that are wrong: an error, never a signal.
fuzz () {
  "$python" - "$imgenhance" <<'END'
import os, random, struct, subprocess, sys
random.seed(1)
def frame(kind, payload=b"", magic=b"IEWK", version=1, flags=0, length=None):
    return magic + struct.pack("<BBHI", version, kind, flags, len(payload) if length is None else length) + payload
def number(field, value):
    return struct.pack("<HIQ", field, 8, value)
def text(field, value):
    return struct.pack("<HI", field, len(value)) + value
setup = frame(2, number(8, 1 << 28) + number(9, 1) + number(10, 0))
job = frame(4, text(1, b"levels gamma=2") + text(60, b"a.ppm") + number(5, 1) + number(4, 2 ** 64 - 1))
inputs = [os.urandom(random.randrange(200)) for i in range(40)]
inputs += [b"", frame(2)[:7], frame(99), frame(0), frame(2, version=9), frame(2, length=1 << 31), frame(2, b"abc"),
           frame(2, text(1, b"x" * 100)[:50]), frame(2, flags=1), frame(4), setup + frame(4), setup + frame(4, text(1, b"nothing")),
           setup + frame(6), setup + frame(1) + frame(3), setup + frame(4, number(3, 7)), setup + job,
           setup + job + frame(13) + job, setup + job + frame(6, text(4, b"/nowhere/at/all"))]
for i in range(60):
    bad = bytearray(setup + job)
    for j in range(random.randrange(1, 8)):
        bad[random.randrange(len(bad))] = random.randrange(256)
    inputs.append(bytes(bad))
for data in inputs:
    run = subprocess.run([sys.argv[1], "worker"], input=data, capture_output=True, timeout=30)
    if run.returncode not in (0, 1, 2):
        sys.exit("exit code %d for %r: %s" % (run.returncode, data, run.stderr))
print(len(inputs), "inputs")
END
}
# A worker whose host has only pipes, as a cluster's has: paths in place of descriptors.
by_paths () {
  "$python" - "$imgenhance" <<'END'
import struct, subprocess, sys
def frame(kind, payload=b""):
    return b"IEWK" + struct.pack("<BBHI", 1, kind, 0, len(payload)) + payload
def number(field, value):
    return struct.pack("<HIQ", field, 8, value % (1 << 64))
def text(field, value):
    return struct.pack("<HI", field, len(value)) + value
worker = subprocess.Popen([sys.argv[1], "worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def send(data):
    worker.stdin.write(data)
    worker.stdin.flush()
def receive():
    magic, version, kind, flags, length = struct.unpack("<4sBBHI", worker.stdout.read(12))
    assert (magic, version, flags) == (b"IEWK", 1, 0)
    return kind, worker.stdout.read(length)
assert receive()[0] == 1
send(frame(2, number(8, 1 << 30) + number(9, 1)))
assert receive()[0] == 3
kinds = []
for output in (b"paths1.ppm", b"paths2.ppm"):
    send(frame(4, text(1, b"# imgenhance recipe 1\ngaussian sigma=2\n") + text(2, b"pnm") + number(4, -1) + number(5, 1)
               + text(60, b"a.ppm")))
    while True:
        kind, payload = receive()
        kinds.append(kind)
        if kind == 5:
            send(frame(6, text(4, output)))
        if kind == 11:
            sys.exit(payload.decode("latin1"))
        if kind == 12:
            break
worker.stdin.close()
sys.exit(worker.wait() or not (5 in kinds and 10 in kinds))
END
  cmp paths1.ppm process.ppm && cmp paths2.ppm process.ppm
}
check "frames that are none" fuzz
check "a host with pipes and paths" by_paths

# ---- many pictures ---------------------------------------------------------------------------------------------------

# 600 tiny pictures through two workers: what the processes hold does not grow after the first 200.
flat_memory () {
  "$python" - "$imgenhance" <<'END'
import os, subprocess, sys, time
os.makedirs("tiny", exist_ok=True)
data = open("a.ppm", "rb").read()
for i in range(600):
    open("tiny/%04d.ppm" % i, "wb").write(data)
batch = subprocess.Popen([sys.argv[1], "apply", "-f", "gaussian sigma=1", "-r", "--jobs", "2", "--threads", "1", "--json",
                          "--no-journal", "--no-sync", "-o", "tinied", "tiny"], stdout=subprocess.PIPE, text=True)
def held():
    with open("/proc/%d/task/%d/children" % (batch.pid, batch.pid)) as file:
        own = file.read().split()
    pids = {str(batch.pid)} | set(own)
    for task in os.listdir("/proc/%d/task" % batch.pid):
        try:
            with open("/proc/%d/task/%s/children" % (batch.pid, task)) as file:
                pids |= set(file.read().split())
        except OSError:
            pass
    total = 0
    for pid in pids:
        try:
            with open("/proc/%s/status" % pid) as file: # not pages of the program's file, which come and go
                total += next(int(line.split()[1]) for line in file if line.startswith("RssAnon:"))
        except OSError:
            return None
    return (len(pids), total)
seen, count = [], 0
for line in batch.stdout:
    count += 1
    if count % 20 == 0 and count <= 580:
        seen.append((count, held()))
early = max(kib for count, (pids, kib) in seen if 200 <= count <= 300)
late = max(kib for count, (pids, kib) in seen if count >= 480)
print("processes %s, %d KiB early, %d KiB late" % (sorted({pids for _, (pids, _) in seen}), early, late))
sys.exit(batch.wait() or not (count == 600 and late < early + 512))
END
}
if [ -r /proc/self/statm ]; then
  check "memory is flat over 600 pictures" flat_memory
else
  skip "memory is flat over 600 pictures" "/proc is needed"
fi
finish
