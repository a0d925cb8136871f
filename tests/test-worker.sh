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

# refused FILE PATTERN OPTIONS...: one line; less than 1 s, and 50 MiB in all processes together at any moment.
refused () {
  file=$1 pattern=$2
  shift 2
  "$python" - "$imgenhance" "$file" "$pattern" "$@" <<'END'
import re, resource, subprocess, sys, time
program, name, pattern, *options = sys.argv[1:]
began = time.monotonic()
run = subprocess.run([program, "apply", "-f", "levels", "-q", "--no-journal", "-o", "bomb/"] + options + [name],
                     capture_output=True, text=True, timeout=60)
took = time.monotonic() - began
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print("%s: %.2f s, %.0f MiB, exit code %d: %s" % (name, took, peak, run.returncode, run.stderr.strip()))
sys.exit(not (run.returncode == 1 and run.stderr.count("\n") == 1 and re.search(pattern, run.stderr)
              and took < 1 and peak < 50))
END
}
# Headers of 65535 x 65535 pixels and nothing after them; a TIFF of 20,000 pages; 100 MB of text in a PNG.
"$python" - <<'END'
import struct, zlib
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
def png(width, height, *chunks):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks)
rows = zlib.compress((b"\0" + b"\x55" * 12) * 4)
open("side.png", "wb").write(png(2000001, 4) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
open("pixels.png", "wb").write(png(999999, 999999) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
open("short.png", "wb").write(png(65535, 65535) + chunk(b"IDAT", b""))
open("text.png", "wb").write(png(4, 4, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 100000000, 9)),
                                 chunk(b"IDAT", rows), chunk(b"IEND", b"")))
open("huge.ppm", "wb").write(b"P6 65535 65535 255\n")
open("scan.jpg", "wb").write(b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03\1\x22\0\2\x11\1\3\x11\1\xff\xd9")
# 20,000 pages of one pixel: 12 bytes an entry
entries = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1),
           (278, 3, 1, 1), (279, 4, 1, 1)]
size = 2 + 12 * len(entries) + 4
out = bytearray(b"II*\0" + struct.pack("<I", 16) + b"\x80" * 8)
for page in range(20000):
    after = 16 + size * (page + 1) if page < 19999 else 0
    out += struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHIHH" if t == 3 else "<HHII", *(
        (tag, t, n, v, 0) if t == 3 else (tag, t, n, v))) for tag, t, n, v in entries) + struct.pack("<I", after)
open("pages.tif", "wb").write(out)
END
check "a bomb: a side of 2,000,001" refused side.png 'limit'
check "a bomb: 10^12 pixels" refused pixels.png 'limit'
check "a bomb: 65535 x 65535 in a short PNG" refused short.png '.'
check "a bomb: 65535 x 65535 in a short PPM" refused huge.ppm 'short'
check "a bomb: 65535 x 65535 in a short JPEG" refused scan.jpg '.'
check "a bomb: 20,000 pages" refused pages.tif 'pages'
check "--limit-side" refused a.ppm 'limit of 59' --limit-side 59
check "--limit-pixels" refused a.ppm 'limit of 2399' --limit-pixels 2399

# 100 MB of text are no reason to lose the picture, nor memory: the text is dropped, and said to be, or refused.
text_bomb () {
  "$python" - "$imgenhance" <<'END'
import json, resource, subprocess, sys, time
began = time.monotonic()
run = subprocess.run([sys.argv[1], "apply", "-f", "levels", "--json", "--no-journal", "-o", "bomb/", "text.png"],
                     capture_output=True, text=True, timeout=60)
took = time.monotonic() - began
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print("%.2f s, %.0f MiB, exit code %d: %s%s" % (took, peak, run.returncode, run.stderr, run.stdout))
line = json.loads(run.stdout)
said = line["status"] == "failed" or any(note["state"] == "dropped" for note in line.get("fidelity", []))
sys.exit(not (took < 1 and peak < 64 and said))
END
}
check "a bomb: 100 MB of text" text_bomb

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

# 2,000 tiny pictures through two workers: what the processes hold does not grow after the first 200.
flat_memory () {
  "$python" - "$imgenhance" <<'END'
import os, subprocess, sys, time
os.makedirs("tiny", exist_ok=True)
data = open("a.ppm", "rb").read()
for i in range(2000):
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
            with open("/proc/%s/statm" % pid) as file:
                total += int(file.read().split()[1])
        except OSError:
            return None
    return (len(pids), total * os.sysconf("SC_PAGESIZE") / 1024)
seen, count = [], 0
for line in batch.stdout:
    count += 1
    if count % 50 == 0 and count <= 1950:
        seen.append((count, held()))
early = max(kib for count, (pids, kib) in seen if 200 <= count <= 600)
late = max(kib for count, (pids, kib) in seen if count >= 1600)
print("processes %s, %d KiB early, %d KiB late" % (sorted({pids for _, (pids, _) in seen}), early, late))
sys.exit(batch.wait() or not (count == 2000 and late < early + 1024))
END
}
if [ -r /proc/self/statm ]; then
  check "memory is flat over 2,000 pictures" flat_memory
else
  skip "memory is flat over 2,000 pictures" "/proc is needed"
fi
finish
