# SPDX-License-Identifier: GPL-3.0-or-later
"""adaptive-median of the command: equal to a slow plain version of its text at every depth; clean photographs stay, and
areas that are black or white."""
import os

import _command
import tap

(np,) = tap.require("numpy")

_command.need()
DEPTHS = ("uint8", "uint16", "float32")


def plain(plane, seen, radius, percent):
    reach = max(radius, 4)
    real = plane.astype(np.float32) if plane.dtype == np.float32 else (plane / np.iinfo(plane.dtype).max).astype(np.float32)
    low, high = np.float32(percent / 100), np.float32(1) - np.float32(percent / 100)
    near = np.float32(0.08)
    mark = np.select([~seen, real <= low, real >= high, real <= low + near, real >= high - near],
                     [5, 3, 4, 1, 2], 0)
    marks, values = np.pad(mark, reach, mode="reflect"), np.pad(plane, reach, mode="reflect")
    out = plane.copy()
    for y in range(plane.shape[0]):
        for x in range(plane.shape[1]):
            cy, cx = y + reach, x + reach
            if mark[y, x] not in (3, 4) or (marks[cy - 2:cy + 3, cx - 2:cx + 3] == mark[y, x]).sum() - 1 >= 12:
                continue
            around = marks[cy - 1:cy + 2, cx - 1:cx + 2]
            nearly = (around == mark[y, x] - 2).sum()
            if nearly and nearly + (around == mark[y, x]).sum() - 1 >= 3:
                continue
            lines = marks[cy, cx - 4:cx + 5], marks[cy - 4:cy + 5, cx]
            if max((line == mark[y, x]).sum() - 1 for line in lines) >= 6:
                continue
            other = 7 - mark[y, x]
            if (marks[cy - 2:cy + 3, cx - 2:cx + 3] == other).sum() < 12:
                other = 0
            for r in range(1, radius + 1):
                window = np.s_[cy - r:cy + r + 1, cx - r:cx + r + 1]
                good = np.sort(values[window][(marks[window] <= 2) | (marks[window] == other)])
                if len(good) >= 3:
                    break
            if len(good):
                out[y, x] = good[(len(good) - 1) // 2]
    return out


def with_impulses(values, share, seed):
    random = np.random.default_rng(seed)
    hit = random.random(values.shape) < share
    return np.where(hit, random.integers(0, 2, values.shape), values)


def at_depth(values, depth):
    if depth == "float32":
        return values.astype(np.float32)
    return np.floor(values * np.iinfo(depth).max + 0.5).astype(depth)


y, x = np.mgrid[:47, :61]
scene = 0.5 + 0.3 * np.sin(x * 0.15 + y * 0.1)[..., None] * np.array([1, 0.8, -0.9])
scene[10:25, 10:30] = 1  # white, on purpose
scene[0] = 0  # a frame
scene[:, 50] = 1
for depth in DEPTHS:
    for share in (0.05, 0.4, 0.9):
        for radius, percent in ((4, 1), (1, 0), (7, 5)):
            picture = at_depth(with_impulses(scene, share, 4), depth)
            out = _command.apply(f"adaptive-median radius={radius} threshold={percent}", picture)
            every = np.ones(picture.shape[:2], bool)
            expected = np.dstack([plain(picture[..., c], every, radius, percent) for c in range(3)])
            tap.check(np.array_equal(out, expected),
                      f"{share:.0%} impulses, radius {radius}, threshold {percent} %, {depth}",
                      f"{np.count_nonzero(out != expected)} samples differ")
    picture = at_depth(np.dstack([with_impulses(scene, 0.3, 5), with_impulses(scene[..., 0] * 0 + 0.5, 0.5, 6)]), depth)
    out = _command.apply("adaptive-median", picture, alpha=True)
    seen = picture[..., 3] > 0
    expected = np.dstack([plain(picture[..., c], seen, 4, 1) for c in range(3)])
    tap.check(np.array_equal(out[..., :3][seen], expected[seen]) and np.array_equal(out[..., 3], picture[..., 3]),
              f"samples under alpha 0 count for nothing, {depth}")
    white = np.full((20, 30), at_depth(np.array(1.0), depth))
    tap.check(np.array_equal(_command.apply("adaptive-median", white), white), f"a white picture stays, {depth}")

for number in (1, 4, 9, 12):
    path = os.path.join(os.environ.get("SHARED", ""), "photos", f"kodim{number:02d}.png")
    if not os.path.isfile(path):
        tap.skip(f"photograph {number} stays", "the photographs are absent")
        continue
    (cv2,) = tap.require("cv2")
    picture = cv2.imread(path)[..., ::-1].copy()
    out = _command.apply("adaptive-median", picture)
    changed = np.count_nonzero(out != picture) / picture.size
    worst = 10 * np.log10(255 ** 2 / max(np.mean((out.astype(float) - picture) ** 2), 1e-9))
    tap.check(changed < 0.01 and worst > 45, f"photograph {number} stays",
              f"{changed:.4f} of the samples changed, {worst:.1f} dB")

tap.done()
