# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills a catalogue up to COUNT pictures with files that are not there and random vectors, for bench/index/run.

usage: many.py CATALOGUE COUNT"""
import sqlite3
import sys

import numpy as np

if __name__ == "__main__":
    path, count = sys.argv[1], int(sys.argv[2])
    random = np.random.default_rng(1)
    vectors = random.standard_normal((count, 256))
    vectors = np.rint(vectors / np.linalg.norm(vectors, axis=1, keepdims=True) * 508).clip(-127, 127).astype(np.int8)
    contents = random.integers(0, 256, (count, 16), dtype=np.uint8)
    db = sqlite3.connect(path)
    first, embedding = db.execute("SELECT max (id) + 1, (SELECT min (id) FROM embeddings) FROM pictures").fetchone()
    rows = range(first, count + 1)
    with db:
        db.executemany("INSERT INTO pictures VALUES (?, ?, 1800, 1200, NULL)", ((i, contents[i - 1].tobytes()) for i in rows))
        db.executemany("INSERT INTO files VALUES (?, 1000, 1, ?)", ((b"/nowhere/folder/picture-%06d.jpg" % i, i) for i in rows))
        db.executemany("INSERT INTO vectors VALUES (?, ?, 0, ?)", ((embedding, i, vectors[i - 1].tobytes()) for i in rows))
        db.execute("UPDATE embeddings SET generation = generation + 1")
    db.close()
