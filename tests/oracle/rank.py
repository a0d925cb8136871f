# SPDX-License-Identifier: GPL-3.0-or-later
"""rank of the command: equal to SciPy's rank_filter at every depth, ends and middle included; weighed by alpha, to
NumPy's sorting of the samples, each as often as its alpha."""
import math

import _command
import tap

np, _scipy = tap.require("numpy", "scipy")
from scipy.ndimage import rank_filter

_command.need()
DEPTHS = ("uint8", "uint16", "float32")


def picture_of(depth, size, seed, few=False):
    random = np.random.default_rng(seed)
    values = random.random(size)
    if few:
        values = np.floor(values * 4) / 4
    return values.astype(np.float32) if depth == "float32" else (values * np.iinfo(depth).max).astype(depth)


def weighted(plane, weights, radius, share):
    """The smallest value that has at least the share of the weights, and some, at it or below."""
    values = np.pad(plane, radius, mode="reflect")
    weights = np.pad(weights, radius, mode="reflect")
    out = plane.copy()
    side = 2 * radius + 1
    for y in range(plane.shape[0]):
        for x in range(plane.shape[1]):
            v, w = values[y:y + side, x:x + side].ravel(), weights[y:y + side, x:x + side].ravel()
            if w.sum() == 0:
                continue
            order = np.argsort(v, kind="stable")
            wanted = max(1, math.ceil(share * int(w.sum())))
            out[y, x] = v[order][np.searchsorted(np.cumsum(w[order]), wanted)]
    return out


for depth in DEPTHS:
    for radius, percentile in ((1, 0), (1, 100), (1, 50), (2, 25), (3, 90), (7, 10), (12, 75.5)):
        for few in (False, True):
            picture = picture_of(depth, (57, 71), 5, few)
            samples = (2 * radius + 1) ** 2
            rank = max(1, math.ceil(percentile / 100 * samples)) - 1
            expected = rank_filter(picture, rank, size=2 * radius + 1, mode="mirror")
            out = _command.apply(f"rank radius={radius} percentile={percentile}", picture)
            tap.check(np.array_equal(out, expected), f"radius {radius}, percentile {percentile}, {depth}"
                      f"{', few values' if few else ''}", f"{np.count_nonzero(out != expected)} samples differ")
    picture = picture_of(depth, (300, 700, 3), 6)
    out = _command.apply("rank radius=4 percentile=30", picture)
    expected = np.dstack([rank_filter(picture[..., c], math.ceil(0.3 * 81) - 1, size=9, mode="mirror") for c in range(3)])
    tap.check(np.array_equal(out, expected), f"more than one rectangle, {depth}")
    for percentile in (0, 20, 50, 100):
        picture = picture_of(depth, (23, 31, 2), 8)
        picture[::4, ::3, 1] = 0
        scale = {"uint8": 257, "uint16": 1}.get(depth)
        weights = picture[..., 1].astype(np.int64) * scale if scale else np.floor(
            picture[..., 1] * np.float32(65535) + np.float32(0.5)).astype(np.int64)
        out = _command.apply(f"rank radius=2 percentile={percentile}", picture, alpha=True)
        expected = weighted(picture[..., 0], weights, 2, percentile / 100)
        seen = picture[..., 1] > 0
        tap.check(np.array_equal(out[..., 0][seen], expected[seen]), f"alpha weighs, percentile {percentile}, {depth}",
                  f"{np.count_nonzero((out[..., 0] != expected)[seen])} samples differ")

tap.done()
