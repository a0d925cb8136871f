# SPDX-License-Identifier: GPL-3.0-or-later
"""median through the command: equal to SciPy at every depth and radius 1 to 50, to OpenCV at 8 bits, and to the
weighted median by its definition where there is alpha."""
import tap

np, cv2, ndimage, _ = tap.require("numpy", "cv2", "scipy.ndimage", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(5)
cv2.setNumThreads(1)
DEPTHS = (np.uint8, np.uint16, np.float32)


def scene(height, width, noise):
    """Shades, an edge, specks and noise: 0..1."""
    y, x = np.mgrid[0:height, 0:width]
    shade = 0.45 + 0.25 * np.sin(x / 19.0) * np.cos(y / 13.0) + np.where(x * 2 > width + y, 0.2, 0)
    shade += noise * random.standard_normal((height, width))
    specks = random.random((height, width))
    return np.clip(np.where(specks < 0.05, 0, np.where(specks > 0.95, 1, shade)), 0, 1)


def at_depth(picture, dtype):
    if dtype == np.float32:
        return (picture * 3 - 1).astype(np.float32)  # beyond 0..1 on both sides
    return np.floor(picture * np.iinfo(dtype).max + 0.5).astype(dtype)


def reference(plane, radius):
    """SciPy on the plane with the border rule (reflect-101, folded as often as needed) written out."""
    padded = np.pad(plane, radius, mode="reflect")
    out = ndimage.median_filter(padded, size=2 * radius + 1, mode="nearest")
    return out[radius:radius + plane.shape[0], radius:radius + plane.shape[1]]


def check_equal(name, got, wanted):
    differing = np.argwhere(got != wanted)
    detail = ""
    if differing.size:
        first = tuple(differing[0])
        detail = f"{len(differing)} samples differ, first at {first}: {got[first]!r}, not {wanted[first]!r}"
    tap.check(differing.size == 0, name, detail)


# SciPy takes time in proportion to the window, so large radii get small pictures.
for radius, shape in ((1, (203, 307)), (2, (203, 307)), (3, (150, 307)), (4, (90, 120)), (5, (90, 120)), (7, (90, 120)),
                      (10, (90, 120)), (20, (60, 90)), (50, (40, 60))):
    for dtype in DEPTHS:
        gray = at_depth(scene(*shape, 0.05), dtype)
        out = _command.apply(f"median radius={radius}", gray)
        check_equal(f"radius {radius}, {np.dtype(dtype)} gray: equal to SciPy", out, reference(gray, radius))

# SciPy's own reflect-101 ("mirror") where the window is smaller than the picture.
gray = at_depth(scene(61, 83, 0.2), np.uint16)
check_equal("radius 6, mirror of SciPy itself", _command.apply("median radius=6", gray),
            ndimage.median_filter(gray, size=13, mode="mirror"))

for radius in (1, 2, 6):
    for dtype in DEPTHS:
        colour = np.dstack([at_depth(scene(70, 110, noise), dtype) for noise in (0, 0.05, 0.5)])
        wanted = np.dstack([reference(colour[..., c], radius) for c in range(3)])
        check_equal(f"radius {radius}, {np.dtype(dtype)} RGB: each channel alone",
                    _command.apply(f"median radius={radius}", colour), wanted)

# OpenCV repeats the edge, so it is compared away from it. It has 16 bits and float for 3 x 3 and 5 x 5 alone.
for radius, dtype in [(r, d) for r in (1, 2) for d in DEPTHS] + [(r, np.uint8) for r in (3, 10, 25)]:
    colour = np.dstack([at_depth(scene(160, 210, noise), dtype) for noise in (0, 0.05, 0.5)])
    out = _command.apply(f"median radius={radius}", colour)
    inner = (slice(radius, -radius), slice(radius, -radius))
    check_equal(f"radius {radius}, {np.dtype(dtype)} RGB: equal to OpenCV inside", out[inner],
                cv2.medianBlur(colour, 2 * radius + 1)[inner])

# Sizes that the window does not fit in.
for shape in ((1, 1), (1, 2), (2, 1), (1, 40), (40, 1), (2, 2), (3, 5)):
    for radius in (1, 2, 3, 12):
        for dtype in DEPTHS:
            picture = at_depth(scene(*shape, 0.3), dtype)
            check_equal(f"{shape[1]} x {shape[0]}, radius {radius}, {np.dtype(dtype)}",
                        _command.apply(f"median radius={radius}", picture), reference(picture, radius))

# More pixels than a rectangle of the engine, across its seams.
wide = at_depth(scene(300, 2500, 0.1), np.uint8)
for radius in (1, 2, 3):
    check_equal(f"radius {radius}, 2500 x 300: no seam", _command.apply(f"median radius={radius}", wide),
                reference(wide, radius))


def weighted(plane, alpha, radius):
    """By the definition: the smallest value whose weight, with that of all below it, is at least half of the total."""
    side = 2 * radius + 1
    weight = np.floor(alpha.astype(np.float64) * 65535 + 0.5).astype(np.int64)

    def windows(array):
        padded = np.pad(array, radius, mode="reflect")
        return np.lib.stride_tricks.sliding_window_view(padded, (side, side)).reshape(*array.shape, side * side)

    values, weights = windows(plane), windows(weight)
    order = np.argsort(values, axis=-1, kind="stable")
    values, weights = np.take_along_axis(values, order, -1), np.take_along_axis(weights, order, -1)
    sums = np.cumsum(weights, axis=-1)
    found = np.argmax(2 * sums >= sums[..., -1:], axis=-1)
    median = np.take_along_axis(values, found[..., None], -1)[..., 0]
    # Colour under alpha 0 is never touched.
    return np.where(weight == 0, plane, median)


for radius in (1, 2, 5):
    for dtype in DEPTHS:
        planes = [at_depth(scene(40, 57, noise), dtype) for noise in (0.05, 0.3, 0.5)]
        share = np.clip(scene(40, 57, 0.3) * 1.4 - 0.2, 0, 1)
        share[10:22, 15:35] = 0
        share[30:, :20] = 1
        alpha = share.astype(np.float32) if dtype == np.float32 else at_depth(share, dtype)
        real = alpha.astype(np.float64) / (1 if dtype == np.float32 else np.iinfo(dtype).max)
        for name, used in (("gray", planes[:1]), ("RGB", planes)):
            picture = np.dstack(used + [alpha])
            out = _command.apply(f"median radius={radius}", picture, alpha=True)
            wanted = np.dstack([weighted(plane, real, radius) for plane in used] + [alpha])
            check_equal(f"radius {radius}, {np.dtype(dtype)} {name}: alpha weighs", out, wanted)

    opaque = np.dstack([planes[0], np.full_like(planes[0], 1)])
    out = _command.apply(f"median radius={radius}", opaque, alpha=True)
    check_equal(f"radius {radius}: full alpha is no alpha", out[..., 0], reference(planes[0], radius))

for dtype in DEPTHS:
    picture = at_depth(scene(50, 60, 0.2), dtype)
    check_equal(f"radius 0, {np.dtype(dtype)}: nothing changes", _command.apply("median radius=0", picture), picture)

tap.done()
