#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Bombs: small files that ask for much. They are refused, or what is too much of them is left out and said, within 50 MiB:
# the sum, over the command and its worker, of the most that each had resident at any time. Pages that both share, as those
# of libraries, count in both, and the two need not have had their most at once, so that the true figure is below.
# Each bomb's time is printed, and none is asserted.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/cli.sh"
exec 3>&1

# measured WHAT FILE PATTERN OPTIONS...: WHAT is refused (exit code 1, one line with the pattern) or kept (exit code 0 or 1,
# and the loss is said).
measured () {
  "$python" - "$imgenhance" "$BUILD/tests/tool-peak.so" "$@" 3>&3 <<'END'
import json, os, re, subprocess, sys, time
program, preloaded, what, name, pattern, *options = sys.argv[1:]
if os.path.exists("peaks"):
    os.remove("peaks")
began = time.monotonic()
run = subprocess.run([program, "apply", "-f", "levels", "-q", "--json", "--no-journal", "--existing", "replace", "-o", "out/",
                      *options, name], capture_output=True, text=True, timeout=120,
                     env=dict(os.environ, LD_PRELOAD=preloaded, PEAK_FILE="peaks"))
took = time.monotonic() - began
peaks = [int(line) / 1024 for line in open("peaks")]
print("%s: %s MiB, exit code %d: %s%s" % (name, peaks, run.returncode, run.stderr, run.stdout))
with os.fdopen(3, "w") as shown:
    shown.write("# %s: %.2f s, %s = %.0f MiB\n" % (name, took, " + ".join("%.0f" % peak for peak in peaks), sum(peaks)))
line = json.loads(run.stdout)
lost = line["status"] == "failed" or any(note["state"] == "dropped" for note in line.get("fidelity", []))
refused = run.returncode == 1 and run.stderr.count("\n") == 1 and re.search(pattern, run.stderr) is not None
sys.exit(not (len(peaks) == 2 and sum(peaks) < 50 and (refused if what == "refused" else lost)))
END
}
"$python" "$SOURCE/tests/tool-bomb.py" "$imgenhance" || exit 1
while IFS='	' read -r file pattern; do
  check "a bomb: $file" measured refused "$file" "$pattern"
done <bombs
while IFS= read -r line; do
  skip "a bomb: ${line%%:*}" "${line#*: }"
done <lacking
for file in packed.png packed-texts.png international.png; do
  check "a bomb: 100 MB of packed text, $file" measured lost "$file" .
done
finish
