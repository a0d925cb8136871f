#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""All files of the corpus through `imgenhance info` and `apply`; prints a table and every deviation.

    run.py IMGENHANCE CORPUS [--sanitize] [--jobs N] [--only TEXT] [--apply WORD]... [--reports FOLDER] [--all]

--sanitize: the command was built with sanitizers (more time and memory, no comparison unless --compare is given, reports kept).
Exit code 0: no crash, no sanitizer report, everything within its limits and as expected but for at most ten listed exceptions.
"""
import argparse
import collections
import concurrent.futures
import os
import sys

import checks
import launcher

MOST_EXCEPTIONS = 10
CLASSES = ("valid", "weird", "hostile")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command")
    parser.add_argument("corpus")
    parser.add_argument("--sanitize", action="store_true")
    parser.add_argument("--compare", action="store_true", help="compare samples with --sanitize, too")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", help="files whose path contains this")
    parser.add_argument("--apply", action="append", default=[], metavar="WORD", help="a further word for apply")
    parser.add_argument("--reports", help="folder for sanitizer reports")
    parser.add_argument("--all", action="store_true", help="print a line for each file")
    return parser.parse_args()


def work(checker, chosen, options):
    """The results, in the order of the rows; a dot a hundred files on a terminal."""
    results = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        compare = options.compare or not options.sanitize
        for result in pool.map(lambda row: checker.check(row, compare=compare), chosen):
            results.append(result)
            if sys.stderr.isatty() and len(results) % 20 == 0:
                print(f"\r{len(results)} of {len(chosen)}", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    return results


def has(result, *kinds):
    return any(kind in kinds for kind, _ in result.faults)


def line_of_table(name, group):
    """One line of figures for the results of one format and class."""
    wanted = [checks.expectation(result.row) for result in group]
    must = [result for result, want in zip(group, wanted) if want == "decode"]
    refuse = [result for result, want in zip(group, wanted) if want == "refuse"]
    either = [result for result, want in zip(group, wanted) if want in ("either", "profile")]
    compared = [result for result in must if result.compared]
    return (name, len(group), f"{sum(result.decoded for result in must)}/{len(must)}",
            f"{sum(result.reader is not None for result in compared)}/{len(compared)}",
            f"{sum(not result.decoded and not has(result, *checks.NEVER) for result in refuse)}/{len(refuse)}",
            f"{sum(not has(result, *checks.NEVER, 'profile') for result in either)}/{len(either)}",
            sum(has(result, "crash") for result in group), sum(has(result, "sanitizer") for result in group),
            f"{max(result.seconds for result in group):.1f}", f"{max(result.peak for result in group) / (1 << 20):.0f}")


HEADINGS = ("format, class", "files", "decoded", "samples", "refused", "either", "crash", "sanit.", "max s", "max MiB")


def print_table(results):
    groups = collections.OrderedDict()
    formats = sorted({result.row["format"] for result in results}, key=lambda name: (name not in checks.DOCUMENTED, name))
    for name in formats:
        for kind in CLASSES:
            group = [result for result in results if (result.row["format"], result.row["class"]) == (name, kind)]
            if group:
                groups[f"{name.split('/')[-1]}, {kind}"] = group
    groups["all"] = results
    table = [HEADINGS] + [line_of_table(name, group) for name, group in groups.items()]
    for line in table:
        print(f"{line[0]:<24}" + "".join(f"{cell!s:>11}" for cell in line[1:]))
    readers = collections.Counter(result.reader for result in results if result.reader)
    print("\nsamples as read by " + ", ".join(f"{name} {count}" for name, count in readers.most_common()))
    alone = [result for result in results if checks.expectation(result.row) == "decode" and result.decoded
             and not result.compared]
    if any(result.compared for result in results) and alone:
        print(f"{len(alone)} that no reference reads:")
        for result in alone:
            print(f"  {result.row['path']}: {result.detail}")


def judge(results):
    """Prints what deviates; returns whether the rule holds."""
    known = checks.exceptions()
    used, unexplained = [], []
    for result in results:
        if not result.faults:
            continue
        path = result.row["path"]
        if path in known and not has(result, *checks.NEVER):
            used.append(path)
        else:
            unexplained.append(result)
    by_kind = collections.Counter(kind for result in unexplained for kind in {kind for kind, _ in result.faults})
    if unexplained:
        print("\nnot as expected: " + ", ".join(f"{kind} {count}" for kind, count in by_kind.most_common()))
    for result in unexplained:
        for kind, words in result.faults:
            print(f"  {kind:<10}{result.row['path']} ({result.row['expected']}): {words}")
    if used:
        print("\nlisted exceptions:")
        for path in used:
            print(f"  {path}: {known[path]}")
    good = not unexplained
    if len(known) > MOST_EXCEPTIONS:
        print(f"\n{len(known)} exceptions are listed; {MOST_EXCEPTIONS} are allowed")
        good = False
    paths = {result.row["path"] for result in results}
    stale = [path for path in known if path in paths and path not in used]
    if stale:
        print("\nlisted exceptions that do as expected: " + ", ".join(stale))
    print(f"\n{len(results)} files: {len(results) - len(unexplained) - len(used)} as expected, {len(used)} listed exceptions, "
          f"{len(unexplained)} deviations")
    return good


def keep_reports(results, folder):
    os.makedirs(folder, exist_ok=True)
    for result in results:
        for number, text in enumerate(result.reports):
            name = result.row["path"].replace("/", "_") + f".{number}.txt"
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)


def main():
    options = arguments()
    chosen = [row for row in checks.rows(options.corpus) if not options.only or options.only in row["path"]]
    checker = checks.Checker(os.path.abspath(options.command), os.path.abspath(options.corpus), options.sanitize, options.apply)
    results = work(checker, chosen, options)
    if options.all:
        for result in results:
            print(f"{result.row['path']}\t{result.row['expected']}\t{'decoded' if result.decoded else result.reason}\t"
                  f"{result.detail}\t{result.seconds:.2f} s\t{result.peak >> 20} MiB")
    print_table(results)
    if options.reports:
        keep_reports(results, options.reports)
    sys.exit(0 if judge(results) else 1)


main()
