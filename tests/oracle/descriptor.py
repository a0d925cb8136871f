# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in descriptor as whole processes see it: the same vectors at every processor level and with every choice of code
that the C library makes, vectors that the documented steps give in double precision from the features and the data in the
tree, and a fit that gives the same bytes twice."""
import os
import subprocess
import sys
import tempfile

import tap

np, _ = tap.require("numpy", "PIL.Image")
SOURCE, BUILD = os.environ["SOURCE"], os.environ["BUILD"]
PROGRAM = os.path.join(BUILD, "embed", "fit", "describe-pictures")
sys.path.insert(0, os.path.join(SOURCE, "embed", "fit"))
import fit  # noqa: E402
import scenes  # noqa: E402

NO_FMA = "glibc.cpu.hwcaps=-AVX2_Usable,-FMA_Usable,-AVX2,-FMA"
NORM = 508


def run(data, what="vectors", **env):
    return subprocess.run([PROGRAM, what], input=data, capture_output=True, env={**os.environ, **env}, check=False)


pictures = [scenes.scene(seed) for seed in range(12)]
rng = np.random.default_rng(5)
pictures += [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for w, h in ((1, 1), (3, 700), (700, 3), (41, 37), (500, 400))]
data = b"".join(next(fit.records([p], turn=1 + i % 8, part=i % 6, mode=i // 3 % 2)) for i, p in enumerate(pictures))
reference = run(data).stdout
tap.check(len(reference) == 256 * len(pictures), "a vector of each picture")
for level in ("x86-64", "v2", "v3", "v4"):
    ran = run(data, IMGENHANCE_CPU=level)
    if ran.stderr:
        tap.skip(f"level {level}", "this processor has it not")
        continue
    tap.check(ran.stdout == reference, f"the same vectors at level {level}")
tap.check(run(data, GLIBC_TUNABLES=NO_FMA).stdout == reference, "the same vectors without the C library's FMA and AVX2")
tap.check(run(data).stdout == reference, "the same vectors again")

# From features to vectors, by the steps of docs/similar-descriptor.md.
with open(os.path.join(SOURCE, "embed", "visual.matrix"), "rb") as file:
    matrix = file.read()
numbers = np.frombuffer(matrix, "<u4", 8, 4).reshape(4, 2)
shapes = np.frombuffer(matrix, "<f4", 8, 36).reshape(4, 2).astype(float)
scale, bias = np.frombuffer(matrix, "<f4", 512, 68).reshape(2, 256).astype(float)
plain = b"".join(fit.records(pictures))
features = np.frombuffer(run(plain, "features").stdout, np.float32).reshape(len(pictures), -1).astype(float)
vectors = np.frombuffer(run(plain).stdout, np.int8).reshape(-1, 256).astype(float)
parts, at, out, place = [], 0, 0, 4 + 64 + 2048
for (count, outputs), (share, floor) in zip(numbers, shapes):
    codes = np.frombuffer(matrix, np.int8, count * outputs, place).reshape(count, outputs).astype(float)
    y = features[:, at:at + count] @ codes * scale[out:out + outputs] - bias[out:out + outputs]
    parts.append(share ** 0.5 * y / np.sqrt((y * y).sum(1, keepdims=True) + floor ** 2))
    at, out, place = at + count, out + outputs, place + count * outputs
expected = np.concatenate(parts, 1)
expected /= np.linalg.norm(expected, axis=1, keepdims=True)
wanted = expected @ expected.T
found = vectors @ vectors.T / NORM ** 2
error = np.abs(wanted - found).max()
tap.check(error < 0.01, "inner products are those of the steps in double precision", f"largest difference {error:g}")

with tempfile.TemporaryDirectory() as folder:
    results = []
    for again in range(2):
        output = os.path.join(folder, str(again))
        subprocess.run([sys.executable, os.path.join(SOURCE, "embed", "fit", "fit.py"), PROGRAM, output, "--scenes", "6"],
                       check=True)
        with open(output, "rb") as file:
            results.append(file.read())
tap.check(len(results[0]) == len(matrix), "a small fit has the size of the one in the tree")
tap.check(results[0] == results[1], "and the same bytes when it is made again")
tap.done()
