#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenEXR against OpenCV's reader and writer (OpenEXR's C++ library): what the command writes holds the samples that
went in, as linear light times alpha; what OpenCV wrote goes through an empty recipe unchanged, half as half."""
import os
import struct
import subprocess
import tempfile

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"

import _command  # noqa: E402
import tap  # noqa: E402

np, cv2, tifffile = tap.require("numpy", "cv2", "tifffile")
_command.need()

HEIGHT, WIDTH = 71, 83  # no multiple of a chunk's 16 or 32 lines
ULP = 2.0 ** -23  # of a float: one rounding of alpha's quotient, one of the product
HALF = 2.0 ** -11  # relative error of rounding to half
CURVE = 1e-6  # relative error of sRGB's curve in float
random = np.random.Generator(np.random.PCG64(2026))
folder = tempfile.TemporaryDirectory()
os.chdir(folder.name)
with open("empty.recipe", "w", encoding="ascii") as empty:
    empty.write("# imgenhance recipe 1\n")


def copy(source, target):
    """Runs the command with an empty recipe; its message where it fails, else None."""
    ran = subprocess.run([os.environ["IMGENHANCE"], "apply", "--quiet", "--no-journal", "--recipe", "empty.recipe",
                          "--existing", "replace", "-o", target, source], capture_output=True, text=True)
    return None if ran.returncode == 0 else f"exit {ran.returncode}: {ran.stderr.strip()}"


def read(path):
    """Height x width x channels, R, G, B, A; None where OpenCV cannot read it."""
    samples = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    if samples is None or samples.ndim == 2:
        return samples if samples is None else samples[:, :, None]
    return samples[:, :, [2, 1, 0, 3][:samples.shape[2]]]


def pixel_types(path):
    """The type of each channel as the file's header says it: 1 half, 2 float."""
    with open(path, "rb") as file:
        data = file.read()
    at = data.index(b"channels\0chlist\0") + 16 + 4
    kinds = {}
    while data[at]:
        end = data.index(b"\0", at)
        kinds[data[at:end].decode()] = struct.unpack_from("<i", data, end + 1)[0]
        at = end + 17
    return kinds


def linear(v):
    return np.where(v <= 0.04045, v / 12.92, ((np.maximum(v, 0) + 0.055) / 1.055) ** 2.4)


def compare(name, problem, now, wanted, bound):
    """bound: of the relative difference."""
    if problem is None:
        if now is None or now.shape != wanted.shape:
            problem = f"OpenCV reads {now if now is None else now.shape} instead of {wanted.shape}"
        else:
            wrong = np.abs(now.astype(np.float64) - wanted) > bound * np.abs(wanted) + (1e-7 if bound else 0)
            problem = f"{np.count_nonzero(wrong)} of {wrong.size} samples differ" if wrong.any() else None
    tap.check(problem is None, name, problem)


cv2.imwrite("in.exr", np.zeros((2, 2, 3), np.float32))
absent = copy("in.exr", "out.exr")
if absent and "build again" in absent:
    tap.skip("OpenEXR", absent)
    tap.done()

# What OpenCV writes, through the command: each number of channels, half and float.
for kind, word, code in ((np.float16, "half", cv2.IMWRITE_EXR_TYPE_HALF),
                         (np.float32, "float", cv2.IMWRITE_EXR_TYPE_FLOAT)):
    for channels in (1, 3, 4):
        picture = random.normal(0.5, 2, (HEIGHT, WIDTH, channels)).astype(kind).astype(np.float32)
        if channels == 4:
            picture[:, :, 3] = random.integers(0, 257, (HEIGHT, WIDTH)) / 256
        cv2.imwrite("in.exr", picture, [cv2.IMWRITE_EXR_TYPE, code])
        problem = copy("in.exr", "out.exr")
        bound = ULP if channels == 4 and word == "float" else 0
        compare(f"{word}, {channels} channels, from OpenEXR to OpenEXR", problem, read("out.exr"), read("in.exr"),
                bound)
        if problem is None:
            same = pixel_types("in.exr") == pixel_types("out.exr")
            tap.check(same, f"{word}, {channels} channels: the type and names of channels stay", pixel_types("out.exr"))
        problem = copy("in.exr", "out.tif")
        now = tifffile.imread("out.tif").reshape(HEIGHT, WIDTH, channels) if problem is None else None
        wanted = read("in.exr").astype(np.float64)
        if channels == 4:
            alpha = wanted[:, :, 3:]
            wanted[:, :, :3] = wanted[:, :, :3] / np.where(alpha > 0, alpha, 1)
        compare(f"{word}, {channels} channels, as TIFF", problem, now, wanted, ULP)

# What others hold: linear light of sRGB's curve, times alpha. Half from 8 bits, else float.
for kind, half in ((np.uint8, True), (np.uint16, False), (np.float32, False)):
    for channels in (1, 3, 4):
        if kind == np.float32:
            picture = random.random((HEIGHT, WIDTH, channels)).astype(kind)
            value = picture.astype(np.float64)
        else:
            picture = random.integers(0, np.iinfo(kind).max, (HEIGHT, WIDTH, channels), kind, endpoint=True)
            value = picture / np.float64(np.iinfo(kind).max)
        tifffile.imwrite("in.tif", picture.squeeze(), photometric="rgb" if channels > 1 else "minisblack",
                         extrasamples=["unassalpha"] if channels == 4 else None, metadata=None)
        problem = copy("in.tif", "out.exr")
        wanted = linear(value)
        if channels == 4:
            wanted = np.dstack([wanted[:, :, :3] * value[:, :, 3:], value[:, :, 3]])
        compare(f"{np.dtype(kind).name}, {channels} channels, from TIFF to OpenEXR", problem, read("out.exr"), wanted,
                HALF if half else CURVE)
        if problem is None:
            kinds = set(pixel_types("out.exr").values())
            name = f"{np.dtype(kind).name}, {channels} channels: the type in the file"
            tap.check(kinds == {1 if half else 2}, name, kinds)
tap.done()
