# SPDX-License-Identifier: GPL-3.0-or-later
"""equalize through the command: against OpenCV on 8-bit gray, and against its definition in numpy at every depth."""
import tap

np, cv2, _ = tap.require("numpy", "cv2", "tifffile")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(3)
BINS = 65536


def curve(v, weights=None):
    """T at the bin centres, from the samples v (0..1) and their weights."""
    bins = np.floor(np.clip(v, 0, 1).astype(np.float32) * np.float32(65535) + np.float32(0.5)).astype(int)
    weights = None if weights is None else np.floor(weights * 65535 + 0.5).ravel()
    counts = np.bincount(bins.ravel(), weights=weights, minlength=BINS).astype(np.float64)
    first = counts[np.flatnonzero(counts)[0]]
    return np.maximum(np.cumsum(counts) - first, 0) / (counts.sum() - first)


def mapped(v, table):
    inside = np.clip(v.astype(np.float64), 0, 1)
    return np.interp(inside * 65535, np.arange(BINS), table) + (v - inside)


def photo(height, width, low, high):
    """Something with shades, texture and clipped ends: 0..1."""
    y, x = np.mgrid[0:height, 0:width]
    shade = 0.5 + 0.3 * np.sin(x / 37.0) * np.cos(y / 23.0) + 0.06 * random.standard_normal((height, width))
    return np.clip(low + (high - low) * shade, 0, 1)


pictures = {
    "photo": photo(301, 407, 0, 1), "dark": photo(128, 128, 0, 0.2), "flat corner": photo(99, 101, 0.4, 0.6),
    "clipped": photo(200, 120, -1, 2), "one row": photo(1, 333, 0, 1), "one column": photo(333, 1, 0, 1),
}
pictures["flat corner"][:50, :50] = 0.3
pictures["two tones"] = np.where(photo(64, 64, 0, 1) > 0.5, 200 / 255, 100 / 255)
pictures["flat"] = np.full((30, 40), 100 / 255)

for name, picture in pictures.items():
    gray = np.round(picture * 255).astype(np.uint8)
    wanted = cv2.equalizeHist(gray)
    for channel in ("value", "rgb"):
        worst = _command.difference(_command.apply(f"equalize channel={channel}", gray), wanted)
        tap.check(worst <= 1, f"{name}: 8-bit gray by {channel} within 1 of OpenCV", worst)

    wide = np.round(picture * 65535).astype(np.uint16)
    if name == "flat":
        for array in (wide, picture.astype(np.float32)):
            out = _command.apply("equalize channel=rgb", array)
            tap.check(np.array_equal(out, array), f"{name}: {array.dtype} stays as it is")
        continue
    wanted = _command.code(65535, mapped(wide / 65535, curve(wide / 65535)))
    worst = _command.difference(_command.apply("equalize channel=rgb", wide), wanted)
    tap.check(worst <= 1, f"{name}: 16-bit gray within 1 of the definition", worst)
    # At bin centres both are exact; tests/test-equalize.c has the samples between.
    real = (wide / 65535).astype(np.float32)
    worst = _command.difference(_command.apply("equalize channel=rgb", real), mapped(wide / 65535, curve(wide / 65535)))
    tap.check(worst <= 1e-6, f"{name}: float gray within 1e-6 of the definition", worst)

# Colour, every channel by itself, as OpenCV does it one by one.
colour = np.round(np.dstack([photo(120, 170, 0, 1), photo(120, 170, 0, 0.5), photo(120, 170, 0.5, 0.7)]) * 255)
colour = colour.astype(np.uint8)
out = _command.apply("equalize channel=rgb", colour)
wanted = np.dstack([cv2.equalizeHist(np.ascontiguousarray(colour[..., c])) for c in range(3)])
worst = _command.difference(out, wanted)
tap.check(worst <= 1, "8-bit RGB by rgb within 1 of OpenCV", worst)

# Value: the brightest channel follows the curve, the ratios of the channels stay.
value = colour.max(axis=2) / 255
after = mapped(value, curve(value))
wanted = _command.code(255, colour / 255 * (after / np.maximum(value, 1e-9))[..., None])
worst = _command.difference(_command.apply("equalize channel=value", colour)[value > 0], wanted[value > 0])
tap.check(worst <= 1, "8-bit RGB by value: ratios kept, within 1", worst)

# Lightness, on colours that are gray, where CIE L* needs only the sRGB curve.
gray = np.round(pictures["photo"] * 255).astype(np.uint8)


def lightness(v):
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return np.where(linear > 216 / 24389, 1.16 * np.cbrt(linear) - 0.16, linear * 24389 / 2700)


def from_lightness(lstar):
    f = (lstar + 0.16) / 1.16
    linear = np.where(lstar > 0.08, f ** 3, lstar * 2700 / 24389)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055)


wanted = _command.code(255, from_lightness(mapped(lightness(gray / 255), curve(lightness(gray / 255)))))
for name, picture in (("gray", gray), ("gray as RGB", np.dstack([gray] * 3))):
    out = _command.apply("equalize", picture)
    worst = _command.difference(out, wanted if picture.ndim == 2 else np.dstack([wanted] * 3))
    tap.check(worst <= 1, f"{name}: by lightness (the default) within 1", worst)

# Alpha weighs the count, and colour under alpha 0 neither counts nor changes.
for dtype, top in ((np.uint8, 255), (np.uint16, 65535), (np.float32, 1)):
    picture = np.dstack([photo(90, 70, 0, 1), photo(90, 70, 0, 1)])
    picture[20:40, :, 1] = 0
    picture[20:40, :, 0] = 1
    picture = np.round(picture * top).astype(dtype) if top > 1 else (np.round(picture * 255) / 255).astype(dtype)
    codes = top if top > 1 else 255
    v, alpha = (np.round(picture[..., c].astype(np.float64) / top * codes) / codes for c in (0, 1))
    out = _command.apply("equalize channel=rgb", picture, alpha=True)
    wanted = mapped(v, curve(v, alpha))
    wanted = _command.code(top, wanted) if top > 1 else wanted
    shown = alpha > 0
    worst = _command.difference(out[..., 0][shown], wanted[shown])
    tap.check(worst <= (1 if top > 1 else 1e-6), f"{np.dtype(dtype)}: alpha weighs the count", worst)
    tap.check(np.array_equal(out[..., 1], picture[..., 1]) and np.array_equal(out[~shown], picture[~shown]),
              f"{np.dtype(dtype)}: alpha, and colour under alpha 0, are untouched")

tap.done()
