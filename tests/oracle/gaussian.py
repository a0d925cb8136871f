# SPDX-License-Identifier: GPL-3.0-or-later
"""gaussian of the command against SciPy: the sampled, normalised kernel cut at 8 sigma, mirrored border.

Bounds: 1e-4 of range in float, one code of the rounded result at 8 and 16 bits."""
import tap

np, ndimage, _ = tap.require("numpy", "scipy.ndimage", "tifffile")
import _command  # noqa: E402

FLOAT_BOUND = 1e-4
SIGMAS = (0.3, 0.5, 1, 2, 3.5, 4.9, 5, 8, 13, 20, 45, 110, 200)
RANGE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}


def blur(values, sigma):
    """The definition in double precision: axes 0 and 1 of an array in any unit."""
    reach = np.arange(-int(np.ceil(8 * sigma)), int(np.ceil(8 * sigma)) + 1)
    kernel = np.exp(-0.5 * (reach / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        values = ndimage.correlate1d(values, kernel, axis=axis, mode="mirror")
    return values


def pictures(height=149, width=211):
    """Hard input, as float 0..1: name, array."""
    random = np.random.default_rng(7)
    y, x = np.mgrid[0:height, 0:width]
    yield "noise", random.random((height, width, 3))
    yield "checks", ((x + y) & 1).astype(float)
    yield "black and white", (random.random((height, width)) < 0.5).astype(float)
    yield "edge", ((x > 70) | (y > 80)).astype(float)
    impulse = np.zeros((height, width))
    impulse[height // 2, width // 3] = 1
    yield "impulse", impulse


def at_depth(values, depth):
    limit = RANGE[depth]
    return values.astype(np.float32) if depth == "float32" else np.floor(values * limit + 0.5).astype(depth)


def check(picture, result, expected, name, float_bound=FLOAT_BOUND, codes=1):
    """expected: in codes (float: in 0..1), before rounding."""
    depth = picture.dtype.name
    if depth == "float32":
        error, bound = np.abs(result - expected).max(), float_bound
    else:
        rounded = np.floor(np.clip(expected, 0, RANGE[depth]) + 0.5)
        error, bound = np.abs(result.astype(float) - rounded).max(), codes
    tap.check(error <= bound, name, f"largest difference {error:g}, allowed {bound:g}")


def main():
    _command.need()
    for depth in RANGE:
        for sigma in SIGMAS:
            for name, values in pictures():
                picture = at_depth(values, depth)
                check(picture, _command.apply(f"gaussian sigma={sigma}", picture), blur(picture.astype(float), sigma),
                      f"gaussian {depth} sigma {sigma}, {name}")
        for size in ((1, 1), (1, 40), (40, 1), (3, 2)):
            picture = at_depth(np.random.default_rng(3).random(size), depth)
            check(picture, _command.apply("gaussian sigma=6", picture), blur(picture.astype(float), 6),
                  f"gaussian {depth}, {size[1]} x {size[0]}")
        flat = at_depth(np.full((50, 60, 3), 0.7), depth)
        bound = 1e-6 if depth == "float32" else 0
        error = np.abs(_command.apply("gaussian sigma=9", flat).astype(float) - flat).max()
        tap.check(error <= bound, f"gaussian {depth}: flat stays flat", f"{error:g}")
        picture = at_depth(next(pictures())[1], depth)
        same = np.array_equal(_command.apply("gaussian sigma=0", picture), picture)
        tap.check(same, f"gaussian {depth}: sigma 0 is neutral")
        alpha(depth)
    tap.done()


def alpha(depth):
    """Colour is weighed by alpha; alpha, and colour under alpha 0, stay as they are."""
    random = np.random.default_rng(11)
    values = random.random((90, 80, 4))
    values[..., 3] = np.clip(3 * values[..., 3] - 1, 0, 1)
    picture = at_depth(values, depth)
    exact = picture.astype(float)
    opacity = exact[..., 3:]
    for sigma in (1.5, 12):
        result = _command.apply(f"gaussian sigma={sigma}", picture, alpha=True)
        weighed = blur(exact[..., :3] * opacity, sigma) / blur(opacity, sigma)
        expected = np.concatenate([np.where(opacity > 0, weighed, exact[..., :3]), opacity], axis=2)
        check(picture, result, expected, f"gaussian {depth} sigma {sigma} with alpha")


if __name__ == "__main__":
    main()
