#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""All files of ../shared/corpus through apply: none crashes, hangs, takes a GiB, says more than a line or leaves a file that
is not whole; every file is decoded or refused as corpus.tsv expects; of a fixed spread, the samples are those that other
readers give. The whole table, with sanitizers: ./dev corpus."""
import collections
import concurrent.futures
import os
import sys

import _command
import tap

tap.require("numpy", "PIL", "tifffile")
_command.need()
shared = os.environ.get("SHARED", "")
corpus = os.path.join(shared, "corpus") if shared else ""
if not os.path.exists(os.path.join(corpus, "corpus.tsv")):
    tap.skip("corpus.py", "there is no folder shared/corpus beside the checkout")
    tap.done()

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "corpus"))
import checks  # noqa: E402  after the path is known

SPREAD = 150  # files whose samples are compared
AT_A_TIME = 2
QUESTIONS = {
    "crash": "none makes it end otherwise than with 0 or 1",
    "sanitizer": "none makes a sanitizer speak",
    "slow": f"none takes more than {checks.SECONDS} s",
    "memory": "none takes more than a GiB",
    "lines": "a file that fails costs one line that names it",
    "leftover": "an output where it said so, none else, nothing beside it",
    "header": f"info gives the size, {SPREAD} files",
    "refused": "what decodes is decoded",
    "accepted": "what cannot be right is refused",
    "samples": f"samples as other readers give them, {SPREAD} files",
    "writing": f"what is written reads alike, {SPREAD} files",
    "profile": "a profile, broken or not, stops no picture",
}


def spread(rows):
    """The paths of those to compare: of each format and class its share, evenly."""
    wanted = [row for row in rows if checks.expectation(row) == "decode"]
    wanted.sort(key=lambda row: (row["format"], row["class"], row["bits"], row["channels"], row["path"]))
    return {wanted[i * len(wanted) // SPREAD]["path"] for i in range(SPREAD)}


def main():
    rows = checks.rows(corpus)
    compared = spread(rows)
    known = checks.exceptions()
    checker = checks.Checker(os.environ["IMGENHANCE"], corpus)
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        results = list(pool.map(lambda row: checker.check(row, row["path"] in compared, False), rows))
    faults = collections.defaultdict(list)
    for result in results:
        for kind, words in result.faults:
            if kind != known.get(result.row["path"], ("",))[0]:
                faults[kind].append(f"{result.row['path']}: {words}")
    tap.check(len(rows) > 0, f"{len(rows)} files are listed")
    for kind, question in QUESTIONS.items():
        tap.check(not faults[kind], f"{len(rows)} files: {question}", "\n".join(faults[kind][:20]))
    agreed = sum(result.reader is not None for result in results)
    tap.check(agreed >= SPREAD * 9 // 10, f"{agreed} of {SPREAD} were compared with a reader and agree")
    print(f"# slowest {max(result.seconds for result in results):.1f} s, "
          f"largest {max(result.peak for result in results) >> 20} MiB")
    tap.done()


main()
