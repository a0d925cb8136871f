# SPDX-License-Identifier: GPL-3.0-or-later
"""unsharp of the command by its formula, the Gaussian from SciPy (see gaussian.py)."""
import tap
from gaussian import FLOAT_BOUND, RANGE, _command, at_depth, blur, check, np, pictures

GAUSSIAN_ERROR = 3.2e-5  # of range, at most: filters/kernel/gaussian.h, two dimensions; counts at 16 bits
STEPS = ((2, 0.5, 0), (0.5, 3, 0), (4.9, 1.9, 0), (9, 2.5, 0), (30, 1, 0), (2, 1, 3), (12, 2, 8))


def main():
    _command.need()
    for depth, limit in RANGE.items():
        for radius, amount, threshold in STEPS:
            for name, values in pictures():
                picture = at_depth(values, depth)
                exact = picture.astype(float)
                difference = exact - blur(exact, radius)
                least = threshold / 100 * limit
                expected = exact + amount * np.where(np.abs(difference) >= least, difference, 0)
                result = _command.apply(f"unsharp radius={radius} amount={amount} threshold={threshold}", picture)
                if threshold:
                    # So near to the threshold that the Gaussian's own bound decides: either is right.
                    near = np.abs(np.abs(difference) - least) < FLOAT_BOUND * limit
                    expected = np.where(near, result, expected)
                check(picture, result, expected,
                      f"unsharp {depth} radius {radius} amount {amount} threshold {threshold}, {name}",
                      FLOAT_BOUND * amount + 1e-6, 1 + int(amount * GAUSSIAN_ERROR * limit))
        picture = at_depth(next(pictures())[1], depth)
        for step in ("unsharp amount=0", "unsharp radius=0"):
            tap.check(np.array_equal(_command.apply(step, picture), picture), f"{step} is neutral, {depth}")
    tap.done()


if __name__ == "__main__":
    main()
