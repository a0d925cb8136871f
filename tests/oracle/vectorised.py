# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds the compiler to its word: in each file of pixel loops (the lists `filters` and `kernels` of meson.build) the compiler's
own report must name at least as many vectorised loops a function as tests/vectorised.tsv says. gcc 12 gave up on a loop once
for want of a `restrict`, and the filter took five times as long: nothing else had changed.

Each file is compiled as build/compile_commands.json has it for level v3, to nothing. A loop is counted once, by the line where
the report has it; its function is the last one whose name stands at the head of a line above (functions that were inlined
count where they are written, headers of loops too). A list made with one gcc must hold for another: it has what gcc 12 and 14
both do, and 0 where only one of them vectorises.

usage: vectorised.py            the test
       vectorised.py --list     the list made anew by what this compiler does; numbers that the list has are not raised"""
import json
import os
import re
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

LEVEL = "level_v3"
SOURCE, BUILD = os.environ["SOURCE"], os.environ["BUILD"]
LIST = os.path.join(SOURCE, "tests", "vectorised.tsv")
# Leaves out passes that come after the loops are vectorised: half the time, the same report.
SHORTER = ["-fira-algorithm=priority", "-fira-region=one"] + [
    "-fno-" + name for name in ("gcse", "gcse-after-reload", "rerun-cse-after-loop", "cprop-registers", "dce", "dse",
                                "schedule-insns2")]
REPORT = re.compile(r"^(\S+?):(\d+):\d+: optimized: +loop vectorized", re.MULTILINE)
FUNCTION = re.compile(r"^([A-Za-z_]\w*) \(")  # the style of this tree: a function's name begins its line
LEVEL_NAME = re.compile(r"^(?:IE_LEVEL_NAME|NAME) \((\w+)\)")


def commands():
    """Source file -> (folder, words) of its compilation for the level."""
    with open(os.path.join(BUILD, "compile_commands.json")) as file:
        entries = json.load(file)
    found = {}
    for entry in entries:
        if entry.get("output", "").split("/")[0].endswith(LEVEL + ".a.p"):
            path = os.path.join(entry["directory"], entry["file"])
            found[os.path.relpath(path, SOURCE)] = (entry["directory"], shlex.split(entry["command"]))
    return found


def report(entry):
    """What the compiler says about one file. Raises when it does not compile."""
    folder, words = entry
    if os.path.basename(words[0]) == "ccache":
        words = words[1:]
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ("-o", "-MF", "-MQ"):
            skip = True
        elif word not in ("-MD", "-c") and not word.startswith("-fdiagnostics-color"):
            kept.append(word)
    made = subprocess.run(kept + SHORTER + ["-S", "-o", "/dev/null", "-fopt-info-vec-optimized"], cwd=folder,
                          capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"})
    return made.stderr


_lines = {}


def function_at(path, line):
    """The function that holds this line of a source file."""
    if path not in _lines:
        with open(path, encoding="utf-8") as file:
            _lines[path] = file.read().split("\n")
    for text in reversed(_lines[path][:line]):
        match = LEVEL_NAME.match(text) or FUNCTION.match(text)
        if match:
            return match.group(1)
    return "?"


def has_function(path, function):
    """Whether a source file still defines it."""
    path = os.path.join(SOURCE, path)
    function_at(path, 1)
    return any(function_at(path, line + 1) == function for line in range(len(_lines[path])))


def loops(entry):
    """(file, function) -> how many loops are vectorised, of one compilation."""
    places = {(os.path.normpath(os.path.join(entry[0], path)), int(line)) for path, line in REPORT.findall(report(entry))}
    count = {}
    for path, line in places:
        relative = os.path.relpath(path, SOURCE)
        if not relative.startswith(".."):
            key = (relative, function_at(path, line))
            count[key] = count.get(key, 0) + 1
    return count


def measure(wanted):
    """Compiled file -> its loops, or the compiler's complaint."""
    known = commands()
    found = {}
    for file in wanted(known):
        try:
            found[file] = loops(known[file]) if file in known else "it is not compiled for level v3"
        except subprocess.CalledProcessError as error:
            found[file] = error.stderr[-500:]
    return found


def main():
    if not os.path.exists(os.path.join(BUILD, "compile_commands.json")) or not commands():
        tap.skip("vectorised loops", "this build has no level v3 (another processor family)")
        tap.done()
    with open(LIST) as file:
        text = file.read().splitlines()
    rows = [line.split("\t") for line in text if line and not line.startswith("#")]
    if "--list" in sys.argv:
        print("\n".join(line for line in text if line.startswith("#")))
        listed = {tuple(row[:3]): int(row[3]) for row in rows}
        for file, count in sorted(measure(sorted).items()):
            for (place, function), number in sorted(count.items()):
                key = (file, place if place != file else "-", function)
                print(*key, min(number, listed.get(key, number)), sep="\t")
        return
    first = next(iter(commands().values()))[1]
    compiler = first[1] if os.path.basename(first[0]) == "ccache" else first[0]
    if "Free Software Foundation" not in subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout:
        tap.skip("vectorised loops", f"{compiler} is no gcc: its report has another form")
        tap.done()
    files = sorted({row[0] for row in rows})
    found = measure(lambda known: files)
    for file in files:
        count = found[file]
        if isinstance(count, str):
            tap.check(False, f"{file} compiles", count)
            continue
        missing = []
        for _, place, function, least in (row for row in rows if row[0] == file):
            place = file if place == "-" else place
            if count.get((place, function), 0) < int(least):
                missing.append(f"{place}: {function}(): {count.get((place, function), 0)} of {least} loops are vectorised"
                               + ("" if has_function(place, function) else ": it is no longer there: --list"))
        tap.check(not missing, f"{file}: the loops of its functions are vectorised", "\n".join(missing))
    tap.done()


main()
