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
