# SPDX-License-Identifier: GPL-3.0-or-later
"""canny of the command: equal to the plain detector written out below (hysteresis by SciPy's labels), at every depth, and
F1 >= 0.999 with OpenCV's detector on each of twelve photographs that are blurred beforehand."""
import glob
import os

import tap

np, ndimage, cv2, _ = tap.require("numpy", "scipy.ndimage", "cv2", "tifffile")
import _command  # noqa: E402

RANGE = {"uint8": 255.0, "uint16": 65535.0, "float32": 1.0}
UNITS = 65280.0
STEP = 4.0
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def crests(values, l1):
    """Size of the slope of a blurred picture (float, 0..1) in units, and where it is the highest across an edge."""
    whole = np.rint(values.astype(np.float32) * np.float32(UNITS)).astype(float)
    wide = np.pad(whole, 1, mode="edge")
    x = ndimage.correlate(wide, np.outer([1, 2, 1], [-1, 0, 1]).astype(float))[1:-1, 1:-1]
    y = ndimage.correlate(wide, np.outer([-1, 0, 1], [1, 2, 1]).astype(float))[1:-1, 1:-1]
    size = np.abs(x) + np.abs(y) if l1 else x * x + y * y
    around = np.pad(size, 1)

    def shifted(dy, dx):
        return around[1 + dy:1 + dy + size.shape[0], 1 + dx:1 + dx + size.shape[1]]

    angle = np.arctan2(np.abs(y), np.abs(x)) * 180 / np.pi
    level, steep, falling = angle < 22.5, angle > 67.5, x * y < 0
    level_crest = (size > shifted(0, -1)) & (size >= shifted(0, 1))
    steep_crest = (size > shifted(-1, 0)) & (size >= shifted(1, 0))
    falling_crest = (size > shifted(-1, 1)) & (size > shifted(1, -1))
    rising_crest = (size > shifted(-1, -1)) & (size > shifted(1, 1))
    crest = np.where(level, level_crest, np.where(steep, steep_crest, np.where(falling, falling_crest, rising_crest)))
    return size if l1 else np.sqrt(size), crest & (size > 0)


def otsu(sizes):
    """The upper end of the bin of 1 / 2048 after which the classes lie farthest apart."""
    counts = np.bincount(np.minimum((sizes * 2048).astype(int), 4095), minlength=4096).astype(float)
    bins = np.arange(4096)
    below = np.cumsum(counts)[:-1]
    above = counts.sum() - below
    with np.errstate(all="ignore"):
        means = np.cumsum(counts * bins)[:-1] / below, (np.sum(counts * bins) - np.cumsum(counts * bins)[:-1]) / above
        variance = np.nan_to_num(below * above * (means[0] - means[1]) ** 2, nan=0)
    return (np.argmax(variance) + 1) / 2048


def canny(blurred, low, high, l1):
    """low, high: percent of the range; high 0: automatic; low 0: two fifths of high."""
    size, crest = crests(blurred, l1)
    size = size / (UNITS * STEP)
    high = high / 100 if high else otsu(size[crest].astype(np.float32))
    low = low / 100 if low else 0.4 * high
    labels, count = ndimage.label(crest & (size > low), np.ones((3, 3)))
    strong = np.unique(labels[crest & (size > high)])
    return np.isin(labels, strong[strong > 0])


def scene(height, width, channels=1):
    random = np.random.default_rng(8)
    y, x = np.mgrid[0:height, 0:width]
    values = 0.45 + 0.25 * np.sin(0.11 * x + 0.0007 * x * y) + 0.2 * ((x - 70) ** 2 + (y - 50) ** 2 < 1500)
    values = values[..., None] + 0.06 * random.standard_normal((height, width, channels))
    return np.clip(values, 0, 1).squeeze(axis=2) if channels == 1 else np.clip(values, 0, 1)


def at_depth(values, depth):
    return values.astype(np.float32) if depth == "float32" else np.floor(values * RANGE[depth] + 0.5).astype(depth)


def to_float(picture):
    return (picture.astype(float) / RANGE[picture.dtype.name]).astype(np.float32)


def check(step, picture, expected, name):
    result = _command.apply(step, picture)
    only = np.isin(result, (0, RANGE[picture.dtype.name])).all()
    differing = int(np.sum((result > 0) != expected))
    tap.check(only and differing == 0, f"{step}, {name}", f"{differing} of {expected.size} pixels differ, "
              f"{int(expected.sum())} expected, {int((result > 0).sum())} found")


def check_plain(depth):
    for size in ((187, 1300), (129, 33), (1, 1), (1, 40), (40, 1), (2, 2)):
        picture = at_depth(scene(*size), depth)
        values = to_float(picture)
        name = f"{depth} {size[1]} x {size[0]}"
        for low, high, l1 in ((3, 9, False), (3, 9, True), (0, 12, False), (0, 0, False), (2, 0, True)):
            step = f"canny sigma=0 low={low} high={high} gradient={'l1' if l1 else 'l2'}"
            check(step, picture, canny(values, low, high, l1), name)
    picture = at_depth(scene(120, 150), depth)
    for sigma in (0.7, 1.4, 6):
        # The Gaussian itself has its own oracle: here the detector is held to what it makes of the same blurred picture.
        blurred = _command.apply(f"gaussian sigma={sigma}", to_float(picture))
        check(f"canny sigma={sigma} low=1 high=3", picture, canny(blurred, 1, 3, False), depth)
        check(f"canny sigma={sigma}", picture, canny(blurred, 0, 0, False), depth)
    colour = at_depth(scene(90, 110, 3), depth)
    values = to_float(colour)
    gray = (LUMA[0] * values[..., 0] + LUMA[1] * values[..., 1]) + LUMA[2] * values[..., 2]
    found = canny(gray, 3, 9, False)
    check("canny sigma=0 low=3 high=9", colour, np.repeat(found[..., None], 3, 2), f"{depth} luma")
    each = np.stack([canny(values[..., c], 3, 9, False) for c in range(3)], 2)
    check("canny sigma=0 low=3 high=9 channel=rgb", colour, each, f"{depth} rgb")


def check_long():
    """A line that winds through the whole picture hangs on one strong place, at either end."""
    picture = np.zeros((700, 300), np.uint8)
    for turn in range(0, 700, 10):
        picture[turn:turn + 5, 3:-3] = 60
        side = slice(3, 8) if turn % 20 else slice(-8, -3)
        picture[turn:turn + 11, side] = 60
    for place in ((2, 150), (692, 150)):
        one = picture.copy()
        one[place] = 255
        check("canny sigma=0 low=5 high=40", one, canny(to_float(one), 5, 40, False), f"a winding line from {place}")


def check_opencv():
    photos = os.path.join(os.environ.get("SHARED", ""), "photos")
    paths = sorted(glob.glob(os.path.join(photos, "*.png")))[:12]
    if not os.environ.get("SHARED") or not paths:
        tap.skip("canny beside OpenCV", "there are no photographs")
        return
    worst = 1.0
    for path in paths:
        blurred = cv2.GaussianBlur(cv2.imread(path, cv2.IMREAD_GRAYSCALE), (0, 0), 1.4)
        theirs = cv2.Canny(blurred, 50, 150, apertureSize=3, L2gradient=False) > 0
        ours = _command.apply(f"canny sigma=0 low={50 / 10.2!r} high={150 / 10.2!r} gradient=l1", blurred) > 0
        worst = min(worst, 2 * np.sum(theirs & ours) / max(1, theirs.sum() + ours.sum()))
    tap.check(worst >= 0.999, "canny beside OpenCV, the worst photograph", f"F1 {worst:.6f}")
    print(f"# canny beside OpenCV: F1 {worst:.6f} on the worst of {len(paths)} photographs")


def main():
    _command.need()
    for depth in RANGE:
        check_plain(depth)
    check_long()
    check_opencv()
    try:
        _command.apply("canny low=20 high=10", np.zeros((8, 8), np.uint8))
        tap.check(False, "low above high is refused")
    except RuntimeError as error:
        tap.check("above high" in str(error), "low above high is refused", error)
    tap.done()


if __name__ == "__main__":
    main()
