# SPDX-License-Identifier: GPL-3.0-or-later
"""box of the command against SciPy's uniform_filter in double precision.

Bounds: 1e-6 of range in float, one code of the rounded result at 8 and 16 bits."""
import tap

np, ndimage, _ = tap.require("numpy", "scipy.ndimage", "tifffile")
import _command  # noqa: E402

RANGE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}
RADII = (1, 2, 3, 7, 20, 64, 130, 300)


def blur(values, radius):
    """Axes 0 and 1, mirrored as often as the window asks."""
    for axis in (0, 1):
        size = values.shape[axis]
        i = np.abs(np.arange(-radius, size + radius)) % max(2 * size - 2, 1)
        sums = np.cumsum(np.take(values, np.where(i < size, i, 2 * size - 2 - i), axis=axis), axis=axis)
        first = np.take(sums, [0], axis=axis) * 0
        sums = np.concatenate([first, sums], axis=axis)
        side = 2 * radius + 1
        values = (np.take(sums, range(side, side + size), axis=axis) - np.take(sums, range(size), axis=axis)) / side
    return values


def compare(name, result, expected):
    depth = result.dtype.name
    if depth == "float32":
        error, bound = np.abs(result - expected).max(), 1e-6
    else:
        error = np.abs(result.astype(float) - np.floor(np.clip(expected, 0, RANGE[depth]) + 0.5)).max()
        bound = 1
    tap.check(error <= bound, name, f"largest difference {error:g}, allowed {bound:g}")


def at_depth(values, depth):
    return values.astype(np.float32) if depth == "float32" else np.floor(values * RANGE[depth] + 0.5).astype(depth)


def main():
    _command.need()
    random = np.random.default_rng(6)
    for depth in RANGE:
        noise = at_depth(random.random((187, 1301, 3)), depth)
        white = at_depth(np.ones((90, 80)), depth)
        for radius in RADII:
            part = noise if radius < 20 else noise[:, :200]
            exact = part.astype(float)
            result = _command.apply(f"box radius={radius}", part)
            compare(f"box {depth} radius {radius}", result, blur(exact, radius))
            if 2 * radius < min(part.shape[:2]):
                inside = ndimage.uniform_filter(exact, (2 * radius + 1, 2 * radius + 1, 1), mode="mirror")
                compare(f"box {depth} radius {radius}, uniform_filter", result, inside)
            same = np.array_equal(_command.apply(f"box radius={radius}", white), white)
            tap.check(same, f"box {depth} radius {radius}: white stays white")
        for size in ((1, 1), (1, 40), (40, 1), (3, 2)):
            small = at_depth(random.random(size), depth)
            compare(f"box {depth}, {size[1]} x {size[0]}", _command.apply("box radius=5", small),
                    blur(small.astype(float), 5))
        same = np.array_equal(_command.apply("box radius=0", noise), noise)
        tap.check(same, f"box {depth}: radius 0 is neutral")
        values = random.random((90, 80, 4))
        values[..., 3] = np.clip(3 * values[..., 3] - 1, 0, 1)
        picture = at_depth(values, depth)
        exact, opacity = picture.astype(float), picture[..., 3:].astype(float)
        expected = np.where(opacity > 0, blur(exact[..., :3] * opacity, 4) / blur(opacity, 4), exact[..., :3])
        compare(f"box {depth} with alpha", _command.apply("box radius=4", picture, alpha=True),
                np.concatenate([expected, opacity], axis=2))
    wide = (1e3 * random.standard_normal((50, 60))).astype(np.float32)
    error = np.abs(_command.apply("box radius=3", np.clip(wide, -1000, 1000)) - blur(np.clip(wide, -1000., 1000.), 3)).max()
    tap.check(error < 1e-3, "box float beyond the range", f"{error:g}")
    tap.done()


if __name__ == "__main__":
    main()
