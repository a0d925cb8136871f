# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plug-in's process takes for 24 megapixels in real GIMP: the most that it had resident at any time.

    memory.py 2|3    (IMGENHANCE and BUILD as tests/run gives them)
"""
import json
import os
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)) + "/../oracle"]
import gimp as face
import tap

COMMAND, BUILD = os.environ["IMGENHANCE"], os.environ["BUILD"]
WIDTH, HEIGHT = 6000, 4000
BOUND = 300 << 20
# Also 16 bits: it is the tiles held that are bounded, not the picture.
CASES = (("gaussian", {"sigma": 2.0}, 3, 8), ("unsharp", {}, 3, 8), ("gaussian", {"sigma": 2.0}, 3, 16))


def watch(session, folder):
    """Puts a script in the plug-in's place, that has the process note its peak in the file whose name is returned."""
    place, own, peaks = f"{session.home}/gimp/plug-ins/{session.gimp.plugin}/{session.gimp.plugin}", f"{folder}/{session.gimp.plugin}", f"{folder}/peaks"
    os.rename(place, own)
    with open(place, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nLD_PRELOAD="{BUILD}/tests/tool-peak.so" PEAK_FILE="{peaks}" exec "{own}" "$@"\n')
    os.chmod(place, 0o755)
    return peaks


def peak_of(session, peaks, one, given, picture):
    """Bytes, and what GIMP said; 0: the filter did not end well."""
    values = dict({param["name"]: param.get("default") for param in one["params"]}, **given)
    with open(peaks, "w", encoding="utf-8"):
        pass
    ended, said = session.run(f'(let* ((image (open "{picture}")) (layer (layer-of image)))'
                              f' (if (attempt (lambda () {session.gimp.call(one["name"], one["params"], values)})) (gimp-message "it ended well")))')
    with open(peaks, encoding="utf-8") as file:
        lines = file.read().split()
    good = ended and "it ended well" in said and len(lines) == 1
    return int(lines[0]) << 10 if good else 0, said


def main():
    gimp, program = face.chosen(BUILD, "memory in GIMP")
    filters = {one["name"]: one for one in json.loads(subprocess.run([COMMAND, "filters", "--json"], capture_output=True, check=True).stdout)}
    with tempfile.TemporaryDirectory() as folder:
        session = face.Session(gimp, program, BUILD, folder + "/home")
        peaks = watch(session, folder)
        session.run("")  # what GIMP does when it finds a plug-in for the first time
        for name, given, channels, bits in CASES:
            picture = f"{folder}/{bits}.tif"
            if not os.path.exists(picture):
                subprocess.run([f"{BUILD}/tests/tool-make-tiff", str(WIDTH), str(HEIGHT), str(channels), str(bits), picture], check=True)
            peak, said = peak_of(session, peaks, filters[name], given, picture)
            tap.check(0 < peak < BOUND, f"{name}, {WIDTH} x {HEIGHT}, {channels} x {bits} bits: {peak >> 20} MiB of {BOUND >> 20}", said[-2000:])
    tap.done()


main()
