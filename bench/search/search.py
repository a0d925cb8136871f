# SPDX-License-Identifier: GPL-3.0-or-later
"""The search over vectors beside FAISS IndexFlatIP and numpy, in one process and in turns. Ours runs in the mapped file that the
catalogue would have; FAISS and numpy have their copies in memory.

usage: search.py make FOLDER LIBRARY COUNT DIMENSIONS      makes the files, once
       search.py run FOLDER LIBRARY COUNT DIMENSIONS THREADS[,THREADS...] PAIRS"""
import ctypes
import statistics
import sys
import time

from binding import Hit, Vectors, load

TOP = 10
QUERIES = 20
MEMBERS = 20  # relatives that each picture has, about
SPREAD = 0.9  # of a relative, beside the length of what they have in common
PIECE = 50000
TURNS = 8  # queries at once: a picture turned and mirrored


def unit(rows):
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def make(folder, library, count, dimensions):
    """Vectors in families of relatives, and queries that are relatives of some: as pictures and their edits are."""
    random = np.random.default_rng(1)
    centres = unit(random.standard_normal((count // MEMBERS + 1, dimensions), np.float32))
    rows = np.empty((count, dimensions), np.float32)
    codes = np.empty((count, dimensions), np.int8)
    scales = np.empty(count, np.float32)
    for at in range(0, count, PIECE):
        end = min(at + PIECE, count)
        noise = unit(random.standard_normal((end - at, dimensions), np.float32))
        piece = rows[at:end]
        piece[:] = unit(centres[random.integers(0, len(centres), end - at)] + SPREAD * noise)
        scales[at:end] = np.abs(piece).max(1) / 127
        codes[at:end] = np.rint(piece / scales[at:end, None])
    queries = unit(centres[random.integers(0, len(centres), QUERIES)] +
                   SPREAD * unit(random.standard_normal((QUERIES, dimensions), np.float32)))
    np.save(f"{folder}/queries.npy", queries)
    np.save(f"{folder}/rows.npy", rows)
    ids = np.arange(count, dtype=np.int64)
    vectors = Vectors(count, dimensions, rows.ctypes.data, codes.ctypes.data, scales.ctypes.data)
    if not library.ie_matrix_write(f"{folder}/matrix".encode(), 1, b"bench", ctypes.byref(vectors), ids.ctypes.data, None, None):
        sys.exit("search.py: the matrix could not be written")


class Ours:
    def __init__(self, library, vectors, threads):
        self.library, self.vectors, self.threads = library, vectors, threads

    def __call__(self, queries):
        hits = (Hit * (TOP * len(queries)))()
        count = self.library.ie_search_many(ctypes.byref(self.vectors), queries.ctypes.data, len(queries), TOP, 0, self.threads,
                                            hits)
        assert count == TOP
        return np.array([hit.row for hit in hits]).reshape(len(queries), TOP)


def pair(name, ours, peer, batches, pairs):
    """Both in turns, each first in every other pair. Prints medians of the times and of the ratios; returns what both found."""
    found = ours(batches[0]), peer(batches[0])
    times = [[], []]
    for i in range(pairs):
        batch = batches[i % len(batches)]
        taken = {}
        for who in ((0, 1), (1, 0))[i % 2]:
            began = time.perf_counter()
            (ours, peer)[who](batch)
            taken[who] = time.perf_counter() - began
        times[0].append(taken[0])
        times[1].append(taken[1])
    ratios = sorted(peer_time / our_time for our_time, peer_time in zip(*times))
    print(f"{name:48s} {statistics.median(times[0]) * 1e3:8.2f} {statistics.median(times[1]) * 1e3:8.2f} "
          f"{statistics.median(ratios):7.2f}  {ratios[len(ratios) // 4]:.2f} - {ratios[-1 - len(ratios) // 4]:.2f}", flush=True)
    return found


def run(folder, library, count, dimensions, thread_counts, pairs):
    matrix = library.ie_matrix_open(f"{folder}/matrix".encode(), 1, b"bench", None, None)
    if not matrix:
        sys.exit("search.py: no matrix in there")
    both = library.ie_matrix_vectors(matrix).contents
    floats = Vectors(both.count, both.dimensions, both.floats, None, None)
    queries = np.load(f"{folder}/queries.npy")
    rows = np.load(f"{folder}/rows.npy")
    singles = [queries[i:i + 1].copy() for i in range(QUERIES)]
    groups = [np.roll(queries, -i, 0)[:TURNS].copy() for i in range(QUERIES)]
    peers = []
    if faiss:
        index = faiss.IndexFlatIP(dimensions)
        index.add(rows)
        peers.append((f"FAISS {faiss.__version__}", lambda batch: index.search(batch, TOP)[1]))

    def with_faiss_alone(batch):
        """On one thread whatever we have: where it is faster so."""
        before = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(1)
        found = index.search(batch, TOP)[1]
        faiss.omp_set_num_threads(before)
        return found

    def with_numpy(batch):
        scores = rows @ batch.T
        best = np.argpartition(scores, count - TOP, 0)[-TOP:]
        return np.array([best[np.argsort(-scores[best[:, q], q]), q] for q in range(len(batch))])

    peers.append((f"numpy {np.__version__}", with_numpy))
    print(f"{count} vectors of {dimensions}, top {TOP}; ms of ours and of the peer, median ratio, quartiles")
    for threads in thread_counts:
        if faiss:
            faiss.omp_set_num_threads(threads)
        limits = threadpoolctl.threadpool_limits(threads) if threadpoolctl else None
        if limits is None:
            print("(no threadpoolctl: numpy takes as many threads as it likes)")
        for kind, vectors in (("float", floats), ("int8 + rerank", both)):
            for peer, search in peers:
                ours = Ours(library, vectors, threads)
                pair(f"1 query, {threads} threads, {kind}, {peer}", ours, search, singles, pairs)
                if peer.startswith("FAISS") and threads > 1:
                    pair(f"1 query, {threads} threads, {kind}, {peer} on 1", ours, with_faiss_alone, singles, pairs)
                if peer.startswith("FAISS"):
                    same = sum(bool((ours(single) == search(single)).all()) for single in singles)
                    print(f"    top {TOP} equal: {same} of {QUERIES} queries")
        for peer, search in peers[:1]:
            for kind, vectors in (("float", floats), ("int8 + rerank", both)):
                pair(f"{TURNS} queries, {threads} threads, {kind}, {peer}", Ours(library, vectors, threads), search, groups, pairs)


if __name__ == "__main__":
    import numpy as np
    try:
        import faiss
    except ImportError:
        faiss = None
    try:
        import threadpoolctl
    except ImportError:
        threadpoolctl = None
    command, place, our_library = sys.argv[1], sys.argv[2], load(sys.argv[3])
    sizes = int(sys.argv[4]), int(sys.argv[5])
    if command == "make":
        make(place, our_library, *sizes)
    else:
        run(place, our_library, *sizes, [int(t) for t in sys.argv[6].split(",")], int(sys.argv[7]))
