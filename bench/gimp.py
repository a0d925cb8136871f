#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our procedures beside GIMP's own filters in real GIMP, in turns, on one layer of 24 megapixels.

    bench/gimp.py BUILD 2|3 [--pairs N] [PICTURE]

Each pair gives a ratio, GIMP's time by ours; printed are the median and the range. GIMP's own run as scripts call them: the plug-in's
procedure in 2.10 (in GIMP's process), the operation merged in 3. Without PICTURE one is made. What is timed is the call, to the script's
next line.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

SOURCE = os.path.dirname(os.path.abspath(__file__)) + "/.."
sys.path[:0] = [SOURCE + "/tests/gimp", SOURCE + "/tests/oracle"]
import gimp as face  # noqa: E402  after the path is known

# GIMP 2.10 takes a radius at which the blur's weight is 1/255: 6.25 for a sigma of 2.
ROWS = (("gaussian", {"sigma": 2.0}, "(plug-in-gauss 1 image layer 6.25 6.25 0)", '"gegl:gaussian-blur" 0 LAYER-MODE-REPLACE 1.0 "std-dev-x" 2.0 "std-dev-y" 2.0'),
        ("unsharp", {}, "(plug-in-unsharp-mask 1 image layer 2.0 0.5 0)", '"gegl:unsharp-mask" 0 LAYER-MODE-REPLACE 1.0 "std-dev" 2.0 "scale" 0.5'))


def calls(gimp, filters):
    """(row, ours or own, Scheme) of one turn."""
    for name, given, own2, own3 in ROWS:
        one = filters[name]
        values = dict({param["name"]: param.get("default") for param in one["params"]}, **given)
        yield name, "ours", gimp.call(name, one["params"], values)
        yield name, "own", own2 if gimp is face.Gimp2 else f"(gimp-drawable-merge-new-filter layer {own3})"


def timed(session, script):
    """Seconds by (row, side), in order; the script says when each begins and ends."""
    path = session.home + "/bench.scm"
    with open(path, "w", encoding="utf-8") as file:
        file.write(session.gimp.PRELUDE + script)
    process = subprocess.Popen(session.gimp.command(session.program, f'(load "{path}")', False), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=session.environment, start_new_session=True)
    took, began, said = {}, 0, []
    for raw in process.stdout:
        now = time.monotonic()
        said.append(raw.decode("utf-8", "replace"))
        found = re.search(r"turn (\d+) (\S+) (ours|own) (begins|ends)", said[-1])
        if found and found[4] == "begins":
            began = now
        elif found and int(found[1]) > 0:  # the first turn warms what can be warmed
            took.setdefault((found[2], found[3]), []).append(now - began)
    process.wait()
    return took, "".join(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("version", choices=("2", "3"))
    parser.add_argument("picture", nargs="?")
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    gimp = {"2": face.Gimp2, "3": face.Gimp3}[options.version]
    program = gimp.find()
    if not program:
        sys.exit(f"GIMP {gimp.version} is not here")
    build = os.path.abspath(options.build)
    filters = {one["name"]: one for one in json.loads(subprocess.run([build + "/cli/imgenhance", "filters", "--json"], capture_output=True, check=True).stdout)}
    with tempfile.TemporaryDirectory() as folder:
        picture = os.path.abspath(options.picture) if options.picture else folder + "/picture.tif"
        if not options.picture:
            subprocess.run([build + "/tests/tool-make-tiff", "6000", "4000", "3", "8", picture], check=True)
        session = face.Session(gimp, program, build, folder + "/home")
        session.run("")  # GIMP finds the plug-in
        turns = [f'(gimp-message "turn {turn} {name} {side} begins") {call} (gimp-message "turn {turn} {name} {side} ends")'
                 for turn in range(options.pairs + 1) for name, side, call in calls(gimp, filters)]
        took, said = timed(session, f'(let* ((image (open "{picture}")) (layer (layer-of image))) (gimp-image-undo-disable image)' + "\n".join(turns) + ")")
    for name, *_ in ROWS:
        ours, own = took.get((name, "ours"), []), took.get((name, "own"), [])
        if len(ours) != options.pairs or len(own) != options.pairs:
            sys.exit(said[-2000:])
        ratios = [b / a for a, b in zip(ours, own)]
        print(f"{name}: {statistics.median(ratios):.2f} times as fast as GIMP's own ({min(ratios):.2f}..{max(ratios):.2f}); "
              f"median {statistics.median(ours):.3f} s, GIMP's {statistics.median(own):.3f} s")


main()
