# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the instructions a sample of key kernels, and fails where there are more than tests/instructions.tsv allows (about one
and a half times what was counted when the list was made): a loop that is no longer vectorised takes four to thirty times as
many, on every compiler. Time would depend on the machine; instructions do not.

The command runs under valgrind (callgrind) on one thread, at level v3, since valgrind knows no AVX-512. What reading and
writing the same picture takes (a recipe without steps) is subtracted, so that nearly the step alone is left.

usage: instructions.py           the test
       instructions.py --list    the list with what is counted now, and bounds made of it"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap
from _command import need

WIDTH, HEIGHT = 768, 512
LEVEL = "v3"
MARGIN = 1.5
LIST = os.path.join(os.environ["SOURCE"], "tests", "instructions.tsv")
COPY = ""


def picture(np, channels, depth):
    """Slopes, waves and disks with noise: smooth places and edges, as photographs have."""
    rng = np.random.default_rng(4)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    planes = []
    for c in range(channels):
        plane = 0.3 + 0.2 * x / WIDTH + 0.15 * np.sin(y / (23 + 5 * c))
        for _ in range(60):
            cx, cy, radius = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(5, 70)
            plane[(x - cx) ** 2 + (y - cy) ** 2 < radius * radius] = rng.uniform(0.1, 0.9)
        planes.append(plane + rng.normal(0, 1.5 / 255, plane.shape))
    value = np.clip(np.stack(planes, axis=2), 0, 1).astype(np.float32)
    return value if depth == "float" else np.rint(value * (255 if depth == "8" else 65535))


def write_pnm(path, value, depth):
    """A PNM, or for float a PFM (rows upwards, little endian)."""
    height, width, channels = value.shape
    with open(path, "wb") as file:
        if depth == "float":
            file.write(b"%s\n%d %d\n-1.0\n" % (b"PF" if channels == 3 else b"Pf", width, height))
            file.write(value[::-1].astype("<f4").tobytes())
        else:
            file.write(b"P%d\n%d %d\n%d\n" % (6 if channels == 3 else 5, width, height, 255 if depth == "8" else 65535))
            file.write(value.astype("u1" if depth == "8" else ">u2").tobytes())


def count(folder, channels, depth, step):
    """Instructions of the command on that picture; a text when it failed."""
    extension = ".pfm" if depth == "float" else ".ppm" if channels == 3 else ".pgm"
    source = os.path.join(folder, f"{channels}-{depth}{extension}")
    result = tempfile.mkdtemp(dir=folder)
    recipe = os.path.join(result, "recipe")
    with open(recipe, "w") as file:
        file.write("# imgenhance recipe 1\n" + step + "\n")
    words = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", os.environ["IMGENHANCE"], "apply", "--quiet",
             "--no-journal", "--no-sync", "--isolate", "none", "--threads", "1", "--recipe", recipe, "-o",
             os.path.join(result, "out" + extension), source]
    ran = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "IMGENHANCE_CPU": LEVEL})
    said = re.search(r"Collected : (\d+)", ran.stderr)
    if ran.returncode != 0 or not said or "has no level" in ran.stderr:
        return ran.stderr[-600:]
    return int(said.group(1))


def read_list():
    with open(LIST) as file:
        return [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]


def main():
    need()
    np, = tap.require("numpy")
    if not shutil.which("valgrind"):
        tap.skip("instructions a sample", "valgrind is absent")
        tap.done()
    rows = read_list()
    with tempfile.TemporaryDirectory() as folder:
        kinds = sorted({(int(row[0]), row[1]) for row in rows})
        for channels, depth in kinds:
            extension = ".pfm" if depth == "float" else ".ppm" if channels == 3 else ".pgm"
            write_pnm(os.path.join(folder, f"{channels}-{depth}{extension}"), picture(np, channels, depth), depth)
        copies = {kind: count(folder, *kind, COPY) for kind in kinds}
        for row in rows:
            channels, depth, step, bound = int(row[0]), row[1], row[2], float(row[3])
            name = f"{step}, {'gray' if channels == 1 else 'rgb'}{depth}"
            whole, copied = count(folder, channels, depth, step), copies[channels, depth]
            if isinstance(copied, str) and ("has no level" in copied or "Unrecognised instruction" in copied):
                tap.skip(name, f"valgrind does not run level {LEVEL} on this processor")
                continue
            if isinstance(whole, str) or isinstance(copied, str):
                tap.check(False, f"{name} runs under valgrind", whole if isinstance(whole, str) else copied)
                continue
            each = (whole - copied) / (WIDTH * HEIGHT * channels)
            if "--list" in sys.argv:
                print(channels, depth, step, f"{MARGIN * each:.3g}", f"{each:.3g}", sep="\t")
            else:
                tap.check(each <= bound, f"{name}: at most {bound:g} instructions a sample", f"{each:.2f} instructions a sample")
    if "--list" not in sys.argv:
        tap.done()


main()
