#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""All files of the corpus that load through every operation of the GEGL module, a few in each process.

    gegl.py TOOL_GEGL FAULTS CORPUS [--only TEXT] [--processes A-B] [--jobs N] [--verbose]

With a build that has sanitizers these look on, and FAULTS (test-gegl-faults) is run under them, too. Exit code 0: no crash, no report
of a sanitizer, no leak, no sample that differs.
"""
import argparse
import concurrent.futures
import os
import re
import subprocess
import sys

import checks

AT_ONCE = 24  # babl has room for a hundred profiles in a process
SECONDS = 1800
HERE = os.path.dirname(os.path.abspath(__file__))


def environment():
    # Names of GEGL's and babl's one-time allocations; nothing of ours. babl would measure tables of 360 MB in each process.
    return dict(os.environ, BABL_INHIBIT_CACHE="1", BABL_LUT="0", LSAN_OPTIONS=f"suppressions={HERE}/../lsan-gegl.supp:print_suppressions=0", ASAN_OPTIONS="detect_leaks=1",
                UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=0", G_SLICE="always-malloc")


def run(words, folder):
    """What went wrong, and what was printed."""
    try:
        done = subprocess.run(words, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return [f"more than {SECONDS} s"], ""
    said = done.stderr.decode("utf-8", "replace")
    wrong = checks.SANITIZER.findall(said)
    if done.returncode:
        wrong.append(f"exit code {done.returncode}")
    return wrong, done.stdout.decode("utf-8", "replace") + (said if wrong else "")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool")
    parser.add_argument("faults")
    parser.add_argument("corpus")
    parser.add_argument("--only", default="", help="files whose path contains this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--processes", default="1-", help="of all processes these, as 11-20; the first is FAULTS")
    parser.add_argument("--verbose", action="store_true", help="say how far it is, without a terminal too")
    options = parser.parse_args()
    files = [row["path"] for row in checks.rows(options.corpus)
             if row["format"] != "ICC" and checks.expectation(row) != "refuse" and options.only in row["path"]]
    groups = [[os.path.abspath(options.faults)]]
    groups += [[os.path.abspath(options.tool)] + files[i:i + AT_ONCE] for i in range(0, len(files), AT_ONCE)]
    first, last = options.processes.split("-")
    groups = groups[int(first) - 1:int(last) if last else None]
    ran = bad = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for words, (wrong, text) in zip(groups, pool.map(lambda words: run(words, options.corpus), groups)):
            ran += len(re.findall(r"operations, \d+ differ$", text, re.M))
            if wrong:
                bad += 1
                print(" ".join(words) + ": " + "; ".join(sorted(set(wrong))) + "\n" + text[-6000:], flush=True)
            if sys.stderr.isatty() or options.verbose:
                print(f"{groups.index(words) + 1} of {len(groups)} processes, {ran} pictures", file=sys.stderr, flush=True)
    print(f"{sum(len(words) - 1 for words in groups)} files, {ran} pictures through every operation, allocations failing in turn; {bad} of {len(groups)} processes went wrong")
    sys.exit(1 if bad or not (ran or groups == [[os.path.abspath(options.faults)]]) else 0)


main()
