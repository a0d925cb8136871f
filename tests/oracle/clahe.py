# SPDX-License-Identifier: GPL-3.0-or-later
"""clahe through the command: against OpenCV on gray where the tiles divide the picture, and against its definition in
numpy at every size and depth."""
import tap

np, cv2, _ = tap.require("numpy", "cv2", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(11)


def starts(size, tiles):
    tiles = min(tiles, size)
    return [i * size // tiles for i in range(tiles + 1)]


def curve(v, clip, weights):
    """T at the 256 bin centres for the samples of one tile."""
    bins = np.floor(np.clip(v, 0, 1).astype(np.float32) * np.float32(255) + np.float32(0.5)).astype(int)
    weights = np.floor(np.clip(weights, 0, 1) * 65535 + 0.5)
    counts = np.bincount(bins.ravel(), weights=weights.ravel(), minlength=256)
    if counts.sum() == 0:
        return np.arange(1, 257) / 256
    limit = clip * counts.sum() / 256
    return np.cumsum(np.minimum(counts, limit) + np.maximum(counts - limit, 0).sum() / 256) / counts.sum()


def ways(borders):
    """For each pixel: the tiles before and after it, and the way between their centres."""
    centres = (np.array(borders[:-1]) + borders[1:] - 1) / 2
    place = np.interp(np.arange(borders[-1]), centres, np.arange(len(centres)))
    before = np.minimum(place.astype(int), len(centres) - 1)
    return before, np.minimum(before + 1, len(centres) - 1), place - before


def clahe(v, tiles=(6, 6), clip=1.25, weights=None):
    """The definition, for one channel of doubles."""
    weights = np.ones_like(v) if weights is None else weights
    rows, columns = starts(v.shape[0], tiles[1]), starts(v.shape[1], tiles[0])
    curves = np.array([[curve(v[rows[r]:rows[r + 1], columns[c]:columns[c + 1]], clip,
                              weights[rows[r]:rows[r + 1], columns[c]:columns[c + 1]])
                        for c in range(len(columns) - 1)] for r in range(len(rows) - 1)])
    inside = np.clip(v.astype(np.float64), 0, 1)
    bins = np.minimum((inside * 255).astype(int), 254)
    part = inside * 255 - bins
    top, bottom, down = (a[:, None] for a in ways(rows))
    left, right, along = (a[None, :] for a in ways(columns))

    def of(row, column):
        return curves[row, column, bins] * (1 - part) + curves[row, column, bins + 1] * part

    above = of(top, left) * (1 - along) + of(top, right) * along
    below = of(bottom, left) * (1 - along) + of(bottom, right) * along
    return above * (1 - down) + below * down + (v - inside)


def photo(height, width, low=0.0, high=1.0):
    """Shades, texture, an edge, dark and light places: 0..1."""
    y, x = np.mgrid[0:height, 0:width]
    shade = 0.4 + 0.25 * np.sin(x / 37.0) * np.cos(y / 23.0) + 0.3 * (x + 2 * y > width) + \
        0.05 * random.standard_normal((height, width))
    return np.clip(low + (high - low) * shade, 0, 1)


def words(tiles, clip, channel):
    return f"clahe tiles={tiles[0]} tiles-down={tiles[1]} clip-limit={clip} channel={channel}"


# OpenCV, where the tiles divide the picture: at most 3 codes and 0.5 in the mean. What differs is that OpenCV rounds its
# limit and tables and gives the remainder of the residual, up to 255 pixels of a tile, to some bins: tiles of at least
# 16,000 pixels keep that below one code.
scenes = {"photo": photo(1024, 1280), "dark": photo(1024, 1280, 0, 0.25), "bright": photo(1024, 1280, 0.6, 1.1),
          "ramp": np.tile(np.linspace(0, 1, 1280), (1024, 1)) + 0.02 * random.standard_normal((1024, 1280))}
for name, scene in scenes.items():
    gray = np.round(np.clip(scene, 0, 1) * 255).astype(np.uint8)
    for tiles, clip in (((8, 8), 2), ((8, 8), 4), ((2, 4), 1.5), ((1, 1), 40), ((10, 8), 3)):
        wanted = cv2.createCLAHE(clip, tiles).apply(gray).astype(int)
        out = _command.apply(words(tiles, clip, "value"), gray)
        worst, mean = _command.difference(out, wanted), float(np.mean(np.abs(out - wanted)))
        tap.check(worst <= 3 and mean <= 0.5, f"{name}: 8-bit gray, tiles {tiles}, clip limit {clip}: within 3 codes of OpenCV",
                  (worst, mean))

# The definition: sizes that nothing divides, fewer pixels than tiles, one row, one pixel.
shapes = ((1, 1), (1, 97), (89, 1), (3, 5), (7, 11), (64, 64), (101, 211), (257, 131), (8, 4001))
for shape in shapes:
    for tiles, clip in (((8, 8), 2), ((5, 3), 1), ((64, 64), 3.7), ((1, 1), 256)):
        scene = photo(*shape)
        for dtype, top, bound in ((np.uint8, 255, 1), (np.uint16, 65535, 1), (np.float32, 1, 2e-6)):
            picture = (np.round(scene * top) if top > 1 else scene * 1.2 - 0.1).astype(dtype)
            wanted = clahe(picture.astype(np.float64) / top, tiles, clip)
            wanted = wanted if top == 1 else _command.code(top, wanted)
            worst = _command.difference(_command.apply(words(tiles, clip, "value"), picture), wanted)
            tap.check(worst <= bound, f"{shape} {np.dtype(dtype)}, tiles {tiles}, clip limit {clip}: the definition", worst)

# No residual is lost or favoured: equal counts of all codes are mapped to (k + 1) / 256, whatever the limit.
even = np.tile(np.arange(256, dtype=np.uint16) * 257, (64, 2))
for clip in (1, 2, 5.3):
    out = _command.apply(words((1, 1), clip, "rgb"), even)
    worst = _command.difference(out, _command.code(65535, (even / 65535 * 255 + 1) / 256))
    tap.check(worst <= 1, f"all codes alike, clip limit {clip}: a straight line", worst)

# No seam at the tiles' borders where they do not divide the picture: a smooth ramp stays smooth.
y, x = np.mgrid[0:203, 0:307]
ramp = ((x + y) / 508 * 0.5 + 0.2).astype(np.float32)
out = _command.apply("clahe tiles=7 clip-limit=3 channel=value", ramp)
jump = max(float(np.abs(np.diff(out, axis=a)).max()) for a in (0, 1))
tap.check(jump <= 4 * 0.5 / 508 + 2e-3, "a ramp has no step", jump)

# Colour, every channel by itself; value keeps the ratios.
colour = np.round(np.dstack([photo(120, 170), photo(120, 170, 0, 0.5), photo(120, 170, 0.5, 0.7)]) * 255).astype(np.uint8)
out = _command.apply("clahe channel=rgb", colour)
wanted = np.dstack([_command.code(255, clahe(colour[..., c] / 255)) for c in range(3)])
tap.check(_command.difference(out, wanted) <= 1, "8-bit RGB by rgb: each channel", _command.difference(out, wanted))
wide = colour.astype(np.uint16) * 257 + 77
out = _command.apply("clahe channel=rgb", np.minimum(wide, 65535))
wanted = np.dstack([_command.code(65535, clahe(np.minimum(wide, 65535)[..., c] / 65535)) for c in range(3)])
tap.check(_command.difference(out, wanted) <= 1, "16-bit RGB by rgb: each channel", _command.difference(out, wanted))
value = colour.max(axis=2) / 255
after = clahe(value)
wanted = _command.code(255, colour / 255 * (after / np.maximum(value, 1e-9))[..., None])
worst = _command.difference(_command.apply("clahe channel=value", colour)[value > 0], wanted[value > 0])
tap.check(worst <= 1, "8-bit RGB by value: ratios kept, within 1", worst)


# Lightness (the default) on gray, where CIE L* needs only the sRGB curve.
def lightness(v):
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return np.where(linear > 216 / 24389, 1.16 * np.cbrt(linear) - 0.16, linear * 24389 / 2700)


def from_lightness(lstar):
    f = (lstar + 0.16) / 1.16
    linear = np.where(lstar > 0.08, f ** 3, lstar * 2700 / 24389)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055)


gray = np.round(photo(199, 233) * 255).astype(np.uint8)
wanted = _command.code(255, from_lightness(clahe(lightness(gray / 255))))
for name, picture in (("gray", gray), ("gray as RGB", np.dstack([gray] * 3))):
    worst = _command.difference(_command.apply("clahe", picture), wanted if picture.ndim == 2 else np.dstack([wanted] * 3))
    tap.check(worst <= 1, f"{name}: by lightness (the default) within 1", worst)

# Alpha weighs the count, and colour under alpha 0 neither counts nor changes; a tile without weight is nearly left alone.
for dtype, top in ((np.uint8, 255), (np.uint16, 65535), (np.float32, 1)):
    codes = top if top > 1 else 65535
    picture = np.round(np.dstack([photo(90, 70), photo(90, 70)]) * codes)
    picture[20:40, :, 1] = 0
    picture = picture.astype(dtype) if top > 1 else (picture / codes).astype(dtype)
    v, alpha = (picture[..., c].astype(np.float64) / top for c in (0, 1))
    out = _command.apply("clahe channel=rgb", picture, alpha=True)
    wanted = clahe(v, weights=alpha)
    wanted = _command.code(top, wanted) if top > 1 else wanted
    shown = alpha > 0
    worst = _command.difference(out[..., 0][shown], wanted[shown])
    tap.check(worst <= (1 if top > 1 else 2e-6), f"{np.dtype(dtype)}: alpha weighs the count", worst)
    tap.check(np.array_equal(out[..., 1], picture[..., 1]) and np.array_equal(out[~shown], picture[~shown]),
              f"{np.dtype(dtype)}: alpha, and colour under alpha 0, are untouched")

tap.done()
