# SPDX-License-Identifier: GPL-3.0-or-later
"""Uneven light and low contrast on photographs: see _use.py. Also why "low contrast" is missed in some rows: the damaged picture
tells which of two photographs it was made of as little as it tells the range."""
import tap

import _command
import _peers
import _use

np, = tap.require("numpy")


def uneven(picture, random):
    """A gradient and a vignette whose middle lies anywhere near that of the picture."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    x, y = (x - width / 2) / (width / 2), (y - height / 2) / (height / 2)
    angle, (cx, cy) = random.uniform(0, 2 * np.pi), random.uniform(-0.3, 0.3, 2)
    field = np.exp(0.45 * (x * np.cos(angle) + y * np.sin(angle)) - 0.5 * ((x - cx) ** 2 + (y - cy) ** 2))
    return _use.code(picture / 255.0 * (field / field.mean())[..., None]), None


def squeezed(black, range_):
    """No codes of 8 bits fall on halves here, which a program could round either way."""
    return lambda picture, random: (_use.code(black + range_ * (picture / 255.0)), None)


# ---- what no curve against low contrast can know ----

BLACK, RANGE = 0.31, 0.41


def twin(picture):
    """A photograph one code darker, with the same black and the same white. Squeezed into a range that lies one step higher, it
    is the same damaged picture: code k becomes 255 BLACK + RANGE k here, and k - 1 becomes that there. The ends fit
    too: 79.05 .. 183.60 and 79.46 .. 184.01 both begin at code 79 and end at 184."""
    return np.where((picture == 0) | (picture == 255), picture, picture - 1).astype(np.uint8)


def best_for_both(bad, one, other):
    """The least mean squared error that any curve (code to code, as all these programs work) can have, averaged over both
    photographs. No curve is better than that on the worse of the two."""
    total = 0
    for value in np.unique(bad):
        truths = np.concatenate([one[bad == value], other[bad == value]]).astype(float)
        total += min(np.sum((truths - round_(truths.mean())) ** 2) for round_ in (np.floor, np.ceil))
    return total / (2 * bad.size)


def check_twin(number):
    picture = _use.photograph(number)
    bad = squeezed(BLACK, RANGE)(picture, None)[0]
    other = twin(picture)
    tap.check(np.array_equal(bad, squeezed(BLACK + RANGE / 255, RANGE)(other, None)[0]),
              f"low contrast, photograph {number}: another photograph in another range is the same damaged picture")
    error = [np.mean((_command.apply("stretch", bad).astype(float) - true) ** 2) for true in (picture, other)]
    of_both = [10 * np.log10(255 ** 2 / e) for e in (*error, np.mean(error), best_for_both(bad, picture, other))]
    print("# low contrast {:2}: stretch {:.2f} dB, on the twin {:.2f}; in the mean {:.2f}, of all curves the best {:.2f}"
          .format(number, *of_both))
    tap.check(of_both[2] > of_both[3] - 1, f"low contrast, photograph {number}: stretch is within 1 dB of the best curve for both", of_both)


def check_ends(ranges, numbers):
    """Codes are rounded: does black lie within the darkest code somewhere else than in its middle? Over random ranges, how far
    a stretch whose ends are moved inward by a part of a code is below the curve that knows the range."""
    codes, random, moved = np.arange(256), np.random.default_rng(1), (0, -0.2, -0.1, 0.1, 0.2)
    shares = [np.bincount(_use.photograph(number).ravel(), minlength=256) for number in numbers]
    below = np.zeros(len(moved))
    for _ in range(ranges):
        black, range_ = random.uniform(0.05, 0.4), random.uniform(0.3, 0.55)
        bad = _use.code(black + range_ * codes / 255.0).astype(float)
        for share in shares:
            low, high = bad[share > 0][[0, -1]]
            curves = [(255 * black, 255 * (black + range_))] + [(low + inward, high - inward) for inward in moved]
            best, *others = [np.sum(share * (_use.code((bad - a) / (b - a)) - codes.astype(float)) ** 2) for a, b in curves]
            below += 10 * np.log10(np.array(others) / best) / (ranges * len(shares))
    print(f"# {ranges} random ranges: ends moved inward by", ", ".join(f"{m} code: {b:.2f} dB below" for m, b in zip(moved, below)))
    tap.check(below[0] == below.min(), "moving the ends by a fixed part of a code gains nothing", below.tolist())


MISSED = {2: 0.4, 5: 0.45, 6: 1.25, 9: 1.1, 11: 0.5, 12: 1.95, 16: 0.65, 17: 0.3, 21: 0.8, 22: 0.75}  # rows of low contrast

JOBS = [
    _use.Job("uneven light", uneven, "flat-field", _peers.light, {6: 0.6, 9: 3.2, 13: 0.4, 14: 2.6, 16: 0.8, 23: 0.5},
             "what is light and what the scene, no single picture tells: see docs/use.md"),
    _use.Job("low contrast", squeezed(BLACK, RANGE), "stretch", _peers.contrast, MISSED,
             "two photographs, a code apart, make the same damaged picture; whoever knows which can be above 49.1 dB"),
    _use.Job("dull", squeezed(0.11, 0.47), "stretch", _peers.contrast),
]

if __name__ == "__main__":
    if _use.ready():
        for missed in MISSED:
            check_twin(missed)
        check_ends(400, range(1, 13))
    _use.main(JOBS, [(0, 1), (0, 5), (1, 3), (2, 6)], None)
