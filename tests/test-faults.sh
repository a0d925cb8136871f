#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Faults while outputs are written: tool-faults.py says how. An output is the old file or the new one, never a part.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
# In memory, where waiting for the disk costs nothing: there are hundreds of runs.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/cli.sh"

faults () {
  mkdir -p "$1" && (cd "$1" && "$python" "$SOURCE/tests/tool-faults.py" "$imgenhance" "$1" 2>&1) >"counts-$1" ||
    { cat "counts-$1"; return 1; }
}
for format in tiff png jpeg; do
  if strace -qq -o /dev/null -e inject=close:error=EIO:when=1000 true 2>/dev/null; then
    check "every write, fsync, close and rename x ENOSPC, EIO, EDQUOT, EROFS, EINTR, SIGKILL: $format" faults $format
    head -n 1 counts-$format | sed 's/^/# /'
  else
    skip "every write, fsync, close and rename x ENOSPC, EIO, EDQUOT, EROFS, EINTR, SIGKILL: $format" \
      "strace is not there, or may not trace here"
  fi
done

# Every write is cut short and must be continued.
picture in.ppm 150 120
preloaded () {
  [ "$(LD_PRELOAD="$BUILD/tests/tool-short.so" "$python" -c 'import os; os.write(1, b"x" * 300)' | wc -c)" = 100 ]
}
check "writes can be cut short here" preloaded
short () {
  "$imgenhance" apply -f "$step" -q -o "whole.$1" in.ppm &&
    LD_PRELOAD="$BUILD/tests/tool-short.so" "$imgenhance" apply -f "$step" -q -o "short.$1" in.ppm &&
    cmp "whole.$1" "short.$1"
}
# A limit on file sizes cuts the write that crosses it and refuses the next: at every size up to the output's own.
limits () {
  "$python" -c '
import os, resource, subprocess, sys
imgenhance, extension = sys.argv[1:]
whole = os.path.getsize("whole." + extension)
sizes = sorted(set(range(1, whole, max(whole // 12, 1))) | {whole - 1, 4, 8, 4096, 65536, 65537})
failed = 0
for size in sizes:
    for old in (False, True):
        out = "limit." + extension
        if os.path.exists(out):
            os.remove(out)
        if old:
            open(out, "wb").write(b"old")
        code = subprocess.run([imgenhance, "apply", "-f", "levels gamma=1.5", "-q", "--existing", "replace", "-o", out, "in.ppm"],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)), stderr=subprocess.DEVNULL).returncode
        good = size >= whole
        have = open(out, "rb").read() if os.path.exists(out) else None
        want = open("whole." + extension, "rb").read() if good else b"old" if old else None
        if have != want or (code == 0) != good or [n for n in os.listdir(".") if n.endswith("-part")]:
            sys.exit("limit %d of %d, old %s: exit code %d, %s" % (size, whole, old, code, have and len(have)))
        failed += 1
print(failed)' "$imgenhance" "$1" >"limits-$1"
}
for extension in tif png jpg; do
  check "short writes are continued: $extension" short $extension
  check "a limit on file sizes at any size: $extension" limits $extension
  echo "# $(cat "limits-$extension") limits, 0 violations"
done

short_journal () {
  LD_PRELOAD="$BUILD/tests/tool-short.so" "$imgenhance" apply -f "$step" -q -o j/ in.ppm &&
    "$python" -c '
import json
assert [json.loads(line)["status"] for line in open("j/.imgenhance-journal.jsonl")] == ["writing", "done"]'
}
check "short writes of the journal are continued" short_journal
finish
