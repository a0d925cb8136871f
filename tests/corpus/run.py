#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""All files of the corpus through `imgenhance info` and `apply`; prints a table and every deviation.

    run.py IMGENHANCE CORPUS [--sanitize] [--jobs N] [--only TEXT] [--apply WORD]... [--reports FOLDER] [--all]

--sanitize: the command was built with sanitizers: every file three times, in a worker, in the command itself, and there with
--salvage through filters; samples are compared only with --compare. Exit code 0: no crash, no sanitizer report, everything
within its limits and as expected but for at most ten listed exceptions.
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


def work(check, chosen, jobs):
    """The results of check(row), in the order of the rows; their number on a terminal."""
    results = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for result in pool.map(check, chosen):
            results.append(result)
            if sys.stderr.isatty() and len(results) % 20 == 0:
                print(f"\r{len(results)} of {len(chosen)}", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    return results


def has(result, *kinds):
    return any(kind in kinds for kind, _ in result.faults)


def share(good, of):
    """"11/12", or nothing where nothing is asked."""
    good, of = list(good), list(of)
    return f"{len(good)}/{len(of)}" if of else "-"


def line_of_table(name, group):
    """One line of figures for the results of one format and class."""
    wanted = [checks.expectation(result.row) for result in group]
    must = [result for result, want in zip(group, wanted) if want == "decode"]
    refuse = [result for result, want in zip(group, wanted) if want == "refuse"]
    either = [result for result, want in zip(group, wanted) if want in ("either", "profile")]
    compared = [result for result in must if result.compared]
    return (name, len(group), share((result for result in group if result.informed), group),
            share((result for result in must if result.decoded), must),
            share((result for result in compared if result.reader), compared),
            share((result for result in refuse if not result.decoded and not has(result, *checks.NEVER)), refuse),
            share((result for result in either if not has(result, *checks.NEVER, "profile")), either),
            sum(has(result, "crash") for result in group), sum(has(result, "sanitizer") for result in group),
            f"{max(result.seconds for result in group):.1f}", f"{max(result.peak for result in group) / (1 << 20):.0f}")


HEADINGS = ("format, class", "files", "info", "decoded", "samples", "refused", "either", "crashes", "reports", "max s", "max MiB")
LEGEND = f"""\
info     `info` ends with 0, or with 1 and one line, and gives the size that corpus.tsv gives
decoded  of those that corpus.tsv says decode
samples  of those that some reference reads: within {checks.TOLERANCE:.0f} code of it
refused  of those that cannot be right: exit code 1, one line, no file
either   of those that may be decoded or refused, and profiles in a picture: as above, whichever it was
reports  of sanitizers; max s, max MiB: of `info` and `apply`, at most {checks.SECONDS} and {checks.BYTES >> 20}
"""


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
        print(f"{line[0]:<22}" + "".join(f"{cell!s:>10}" for cell in line[1:]))
    print("\n" + LEGEND, end="")
    readers = collections.Counter(result.reader for result in results if result.reader)
    if readers:
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
        path = result.row["path"]
        if result.faults and all(kind == known.get(path, ("",))[0] for kind, _ in result.faults):
            used.append(path)
        elif result.faults:
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
            print(f"  {path}: {': '.join(known[path])}")
    good = not unexplained
    if len(known) > MOST_EXCEPTIONS:
        print(f"\n{len(known)} exceptions are listed; {MOST_EXCEPTIONS} are allowed")
        good = False
    paths = {result.row["path"] for result in results}
    compared = any(result.compared for result in results)
    stale = [path for path in known if path in paths and path not in used and (compared or known[path][0] != "samples")]
    if stale:
        print("\nlisted exceptions that do as expected: " + ", ".join(stale))
    print(f"\n{len(results)} files: {len(results) - len(unexplained) - len(used)} as expected, {len(used)} listed exceptions, "
          f"{len(unexplained)} deviations")
    return good


def keep_reports(results, folder, name):
    """The whole texts of the sanitizers, a file each, in folder/name; folder may be None."""
    for result in results if folder else ():
        os.makedirs(os.path.join(folder, name), exist_ok=True)
        for number, text in enumerate(result.reports):
            file_name = result.row["path"].replace("/", "_") + f".{number}.txt"
            with open(os.path.join(folder, name, file_name), "w", encoding="utf-8") as file:
                file.write(text)


def show(results, options):
    if options.all:
        for result in results:
            print(f"{result.row['path']}\t{result.row['expected']}\t{'decoded' if result.decoded else result.reason}\t"
                  f"{result.detail}\t{result.seconds:.2f} s\t{result.peak >> 20} MiB")
    print_table(results)
    return judge(results)


def print_salvaged(results):
    """One line, and what went wrong; returns whether nothing did."""
    wrong = [result for result in results if result.faults]
    print(f"{len(results)} files: {sum(result.decoded for result in results)} give a picture; {len(wrong)} deviations, "
          f"{sum(has(result, 'crash') for result in results)} crashes, "
          f"{sum(has(result, 'sanitizer') for result in results)} sanitizer reports; "
          f"{max(result.seconds for result in results):.1f} s, {max(result.peak for result in results) >> 20} MiB at most")
    for result in wrong:
        for kind, words in result.faults:
            print(f"  {kind:<10}{result.row['path']}: {words}")
    return not wrong


def main():
    options = arguments()
    chosen = [row for row in checks.rows(options.corpus) if not options.only or options.only in row["path"]]
    good = True
    for isolate in ("process", "none") if options.sanitize else ("process",):
        checker = checks.Checker(os.path.abspath(options.command), os.path.abspath(options.corpus), options.sanitize, isolate,
                                 options.apply)
        if options.sanitize:
            print(f"\n---- read in {'a worker' if isolate == 'process' else 'the command itself'}, with sanitizers\n", flush=True)
        compare = options.compare or not options.sanitize
        results = work(lambda row: checker.check(row, compare), chosen, options.jobs)
        good = show(results, options) and good
        keep_reports(results, options.reports, isolate)
    if options.sanitize:
        print("\n---- salvaged, filtered, written as PNG by the command itself, with sanitizers\n", flush=True)
        results = work(checker.survive, chosen, options.jobs)
        good = print_salvaged(results) and good
        keep_reports(results, options.reports, "salvaged")
    sys.exit(0 if good else 1)


main()
