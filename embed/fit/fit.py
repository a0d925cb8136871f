#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits the matrix of the built-in descriptor to procedural pictures and their edits (docs/similar-descriptor.md).

usage: fit.py DESCRIBE-PICTURES OUTPUT [--scenes N] [--without FAMILY] [--features FILE]

The features are computed by the library itself (describe-pictures). --features keeps them in a file from run to run."""
import argparse
import multiprocessing
import os
import subprocess
import sys

import numpy as np
from PIL import Image

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import edits  # noqa: E402
import scenes  # noqa: E402


def records(pictures, turn=1, part=0, mode=0):
    for picture in pictures:
        a = np.ascontiguousarray(picture)
        yield np.array([a.shape[1], a.shape[0], turn, part, mode], np.int32).tobytes() + a.tobytes()


def features(program, pictures):
    out = subprocess.run([program, "features"], input=b"".join(records(pictures)), capture_output=True, check=True).stdout
    return np.frombuffer(out, np.float32).reshape(len(pictures), -1)


def of_scene(job):
    program, seed = job
    rng = np.random.default_rng([7, seed])
    image = Image.fromarray(scenes.scene(seed))
    plan = edits.plan(rng)
    made = []
    for families in plan:
        result = image
        for family in families:
            result = edits.apply(family, result, rng, lambda r: Image.fromarray(scenes.scene(int(r.integers(10 ** 6, 2 * 10 ** 6)))))
        made.append(np.asarray(result))
    return features(program, made), [",".join(f) for f in plan]


def collect(program, count, path):
    """Features [scene, edit, :] and the families of each [scene, edit]."""
    if path and os.path.exists(path):
        kept = np.load(path)
        if len(kept["x"]) >= count:
            return kept["x"][:count], kept["tags"][:count]
    with multiprocessing.Pool(min(2, os.cpu_count())) as pool:
        results = pool.map(of_scene, [(program, seed) for seed in range(count)], chunksize=4)
    x = np.stack([r[0] for r in results])
    tags = np.array([r[1] for r in results])
    if path:
        np.savez(path, x=x, tags=tags)
    return x, tags


# What embed/kernel/features.h has of each kind, how many outputs are made of it, their share of the square of a vector's
# length, and the length of outputs that counts as half of it: gray pictures have no colour. These are choices, not fits.
LIGHT, LIGHT_FREE, COLOUR, COLOUR_FREE = 574, 296, 268, 245
KINDS = [(LIGHT, 96, 0.35, 1e-6), (LIGHT_FREE, 48, 0.15, 1e-6), (COLOUR, 56, 0.2, 0.5), (COLOUR_FREE, 56, 0.3, 0.5)]
CENTRED = [True, True, False, False]  # colours are not: none is none
REGULARISE = 0.1     # of the mean variance, added to all: procedural pictures are not photographs


def usable(tags, without):
    """Which of a scene's edits take part: all but the untouched one, and none that holds the family `without`."""
    ok = np.zeros(tags.shape, bool)
    for index, text in np.ndenumerate(tags):
        families = text.split(",") if text else []
        ok[index] = bool(families) and without not in families and not (without == "several" and len(families) > 1)
    return ok


def discriminants(x, ok, outputs):
    """Linear discriminants (Fisher 1936; Rao 1948): the directions in which pictures differ most, measured by how far edits
    move a picture in them. x: scenes x edits x features, the first edit none. Gives the matrix and the mean."""
    x = x.astype(np.float64)
    clean = x[:, 0]
    moved = (x - clean[:, None])[ok]
    within = moved.T @ moved / len(moved)
    within += REGULARISE * np.trace(within) / len(within) * np.eye(len(within))
    between = np.cov(clean.T)
    inverse = np.linalg.inv(np.linalg.cholesky(within))
    values, vectors = np.linalg.eigh(inverse @ between @ inverse.T)
    order = np.argsort(-values)[:outputs]
    matrix = inverse.T @ vectors[:, order]
    matrix *= np.where(matrix[np.abs(matrix).argmax(0), np.arange(outputs)] < 0, -1, 1)  # signs are no accident
    return matrix, clean.mean(0)


def quantised(matrix):
    scale = np.abs(matrix).max(0) / 127
    return np.rint(matrix / scale).astype(np.int8), scale.astype("<f4")


def fit(x, tags, without=None):
    """The bytes that embed/matrix.h describes."""
    ok = usable(tags, without)
    numbers, shapes, scales, biases, codes, at = [], [], [], [], [], 0
    for (count, outputs, share, floor), centred in zip(KINDS, CENTRED):
        matrix, mean = discriminants(x[:, :, at:at + count], ok, outputs)
        at += count
        code, scale = quantised(matrix)
        numbers += [count, outputs]
        shapes += [share, floor]
        scales.append(scale)
        biases.append((mean @ (code * scale.astype(float)) * centred).astype("<f4"))
        codes.append(code.tobytes())
    return b"IEM2" + np.array(numbers, "<u4").tobytes() + np.array(shapes, "<f4").tobytes() + \
        np.concatenate(scales).tobytes() + np.concatenate(biases).tobytes() + b"".join(codes)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("output")
    parser.add_argument("--scenes", type=int, default=600)
    parser.add_argument("--without")
    parser.add_argument("--features")
    given = parser.parse_args()
    x, tags = collect(given.program, given.scenes, given.features)
    with open(given.output, "wb") as file:
        file.write(fit(x, tags, given.without))


if __name__ == "__main__":
    main()
