# SPDX-License-Identifier: GPL-3.0-or-later
"""unsharp of the command by its formula, the Gaussian from SciPy (see gaussian.py), its other blurs from SciPy and OpenCV."""
import tap
from gaussian import FLOAT_BOUND, RANGE, _command, at_depth, blur, check, ndimage, np, pictures

GAUSSIAN_ERROR = 3.2e-5  # of range, at most: filters/kernel/gaussian.h, two dimensions; counts at 16 bits
STEPS = ((2, 0.5, 0), (0.5, 3, 0), (4.9, 1.9, 0), (9, 2.5, 0), (30, 1, 0), (2, 1, 3), (12, 2, 8))


def blurs(depth):
    limit = RANGE[depth]
    for name, values in pictures():
        if name not in ("noise", "edge"):
            continue
        picture = at_depth(values, depth)
        exact = picture.astype(float)
        windows = (7, 7) + (1,) * (picture.ndim - 2)
        for blur_name, blurred in (("box", ndimage.uniform_filter(exact, windows, mode="mirror")),
                                   ("median", ndimage.median_filter(exact, windows, mode="mirror"))):
            for threshold in (0, 5):
                difference = exact - blurred
                expected = exact + 0.8 * np.where(np.abs(difference) >= threshold / 100 * limit, difference, 0)
                result = _command.apply(f"unsharp radius=3 amount=0.8 threshold={threshold} blur={blur_name} channel=rgb",
                                        picture)
                if threshold:
                    near = np.abs(np.abs(difference) - threshold / 100 * limit) < 1e-5 * limit
                    expected = np.where(near, result, expected)
                check(picture, result, expected, f"unsharp {depth} blur={blur_name} threshold {threshold}, {name}", 1e-5)
        # The bilateral filter has its own oracle: here the masking is held to what it gives.
        soft = _command.apply("bilateral sigma-space=3 sigma-range=20", (exact / limit).astype(np.float32)) * limit
        result = _command.apply("unsharp radius=3 amount=0.8 blur=bilateral sigma-range=20 channel=rgb", picture)
        check(picture, result, exact + 0.8 * (exact - soft), f"unsharp {depth} blur=bilateral, {name}", 1e-5)


def lightness(gray):
    linear = np.where(gray <= 0.04045, gray / 12.92, ((np.maximum(gray, 0) + 0.055) / 1.055) ** 2.4)
    return np.where(linear > 216 / 24389, 116 * np.cbrt(linear) - 16, linear * 24389 / 27) / 100


def versions():
    """The newest works on lightness by default; version 1 goes on as it was: every channel."""
    random = np.random.default_rng(12)
    gray = (0.3 + 0.4 * random.random((80, 90))).astype(np.float32)
    values = lightness(gray.astype(float))
    expected = values + 0.5 * (values - blur(values, 2))
    error = np.abs(lightness(_command.apply("unsharp", gray).astype(float)) - expected).max()
    tap.check(error < 1e-4, "unsharp works on lightness", f"largest difference {error:g}")
    colour = random.integers(0, 256, (70, 80, 3), dtype=np.uint8)
    for step in ("radius=2", "radius=1.5 amount=3 threshold=4"):
        same = np.array_equal(_command.apply(f"unsharp@1 {step}", colour),
                              _command.apply(f"unsharp {step} channel=rgb", colour))
        tap.check(same, f"unsharp@1 {step} is unsharp of every channel")
    differs = not np.array_equal(_command.apply("unsharp@1", colour), _command.apply("unsharp", colour))
    tap.check(differs, "unsharp@1 is not the newest")
    try:
        _command.apply("unsharp radius=600 blur=median", colour)
        tap.check(False, "a median of radius 600 is refused")
    except RuntimeError as error:
        tap.check("out of range" in str(error), "a median of radius 600 is refused", error)


def main():
    _command.need()
    versions()
    for depth, limit in RANGE.items():
        for radius, amount, threshold in STEPS:
            for name, values in pictures():
                picture = at_depth(values, depth)
                exact = picture.astype(float)
                difference = exact - blur(exact, radius)
                least = threshold / 100 * limit
                expected = exact + amount * np.where(np.abs(difference) >= least, difference, 0)
                result = _command.apply(f"unsharp radius={radius} amount={amount} threshold={threshold} channel=rgb", picture)
                if threshold:
                    # So near to the threshold that the Gaussian's own bound decides: either is right.
                    near = np.abs(np.abs(difference) - least) < FLOAT_BOUND * limit
                    expected = np.where(near, result, expected)
                check(picture, result, expected,
                      f"unsharp {depth} radius {radius} amount {amount} threshold {threshold}, {name}",
                      FLOAT_BOUND * amount + 1e-6, 1 + int(amount * GAUSSIAN_ERROR * limit))
        blurs(depth)
        picture = at_depth(next(pictures())[1], depth)
        for step in ("unsharp amount=0", "unsharp radius=0"):
            tap.check(np.array_equal(_command.apply(step, picture), picture), f"{step} is neutral, {depth}")
    tap.done()


if __name__ == "__main__":
    main()
