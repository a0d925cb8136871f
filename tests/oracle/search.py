# SPDX-License-Identifier: GPL-3.0-or-later
"""Search over vectors against numpy: scores of floats within their rounding and the rows that they put first; products of codes
and all pairs exactly."""
import ctypes
import os
import sys

import tap

np, = tap.require("numpy")
sys.path.insert(0, os.path.join(os.environ["SOURCE"], "bench", "search"))
import binding  # noqa: E402

LIBRARY = os.path.join(os.environ["BUILD"], "libimgenhance.so.0")
NORM = 508.0  # IE_DESCRIPTOR_NORM
COUNT, TOP, QUERIES, THREADS = 30000, 20, 8, 2
DIMENSIONS = (1, 3, 100, 255, 256, 768, 1024)
ROUNDING = 1e-6


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def ask(search, vectors, queries, *numbers):
    hits = (binding.Hit * (QUERIES * TOP))()
    count = search(ctypes.byref(vectors), queries.ctypes.data, QUERIES, TOP, *numbers, THREADS, hits)
    rows = np.array([hit.row for hit in hits]).reshape(QUERIES, TOP)
    return count, rows, np.array([hit.score for hit in hits]).reshape(QUERIES, TOP)


def best(scores):
    """Rows of each query, the highest score first, of equal ones the lower row."""
    return np.argsort(-scores, axis=1, kind="stable")[:, :TOP]


def check_floats(library, dimensions, rows, queries):
    vectors = binding.Vectors(COUNT, dimensions, rows.ctypes.data, None, None)
    count, found, scores = ask(library.ie_search_many, vectors, queries, 0)
    exact = queries.astype(float) @ rows.astype(float).T
    wanted = np.take_along_axis(exact, best(exact), 1)
    worst = np.abs(np.take_along_axis(exact, found, 1) - scores).max()
    tap.check(count == TOP and worst <= ROUNDING and np.abs(wanted - scores).max() <= ROUNDING,
              f"floats of {dimensions}: the best rows and their scores", f"{count} hits, {worst} off")


def check_codes(library, dimensions, codes, queries):
    vectors = binding.Vectors(COUNT, dimensions, None, codes.ctypes.data, None)
    count, found, scores = ask(library.ie_search_codes_many, vectors, queries)
    exact = (queries.astype(float) @ codes.astype(float).T).astype(np.int64)  # whole numbers below 2^53
    wanted = best(exact)
    tap.check(count == TOP and (found == wanted).all(), f"codes of {dimensions}: the same rows in the same order")
    tap.check((scores == (np.take_along_axis(exact, wanted, 1) / (NORM * NORM)).astype(np.float32)).all(),
              f"codes of {dimensions}: the same scores")


def check_pairs(library, dimensions, codes):
    count = 3000
    some = codes[:count].copy()
    some[1500:1600] = some[100:200]  # copies
    some[1600:1700] = np.clip(some[100:200] + np.random.default_rng(5).integers(-9, 10, (100, dimensions)), -127, 127)
    products = some.astype(np.int64) @ some.astype(np.int64).T
    vectors = binding.Vectors(count, dimensions, None, some.ctypes.data, None)
    for share in (0.95, 0.7, 0.3):
        least = int(share * np.median(np.diag(products)))
        found = []

        def take(data, first, second, product):
            found.append((first, second, product))
            return 1

        whole = library.ie_search_pairs(ctypes.byref(vectors), least, THREADS, None, binding.PairFound(take), None)
        first, second = np.nonzero(np.triu(products >= least, 1))
        wanted = list(zip(first.tolist(), second.tolist(), products[first, second].tolist()))
        tap.check(whole and found == wanted, f"pairs of {dimensions} numbers from {share} on: all, in order",
                  f"{len(found)} of {len(wanted)}")


if __name__ == "__main__":
    ours = binding.load(LIBRARY)
    random = np.random.default_rng(3)
    for size in DIMENSIONS:
        vectors_of_size = unit(random.standard_normal((COUNT, size))).astype(np.float32)
        asked = unit(random.standard_normal((QUERIES, size))).astype(np.float32)
        check_floats(ours, size, vectors_of_size, asked)
        as_codes = np.clip(np.rint(vectors_of_size * NORM), -127, 127).astype(np.int8)
        check_codes(ours, size, as_codes, np.clip(np.rint(asked * NORM), -127, 127).astype(np.int8))
        if size >= 100:
            check_pairs(ours, size, as_codes)
    tap.done()
