# SPDX-License-Identifier: GPL-3.0-or-later
"""convert through the command: planes against scikit-image, OpenCV and the formulas, the way back, CIELab files against
tifffile."""
import os
import subprocess
import tempfile

import tap

np, cv2, tifffile, color = tap.require("numpy", "cv2", "tifffile", "skimage.color")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(5)
rgb = random.random((67, 83, 3))
rgb[:8] = rgb[:8].mean(axis=2, keepdims=True)
rgb[8, :8] = np.array([[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 0]])
D50 = np.array([0.9642, 1, 0.8249])
D65 = np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def linear(v):
    return np.where(v <= 0.04045, v / 12.92, ((np.maximum(v, 0) + 0.055) / 1.055) ** 2.4)


def encoded(v):
    return np.where(v <= 0.0031308, v * 12.92, 1.055 * np.maximum(v, 0) ** (1 / 2.4) - 0.055)


def srgb_matrix():
    primaries = np.array([[0.64, 0.33, 0.03], [0.30, 0.60, 0.10], [0.15, 0.06, 0.79]]).T
    matrix = primaries * np.linalg.solve(primaries, D65)
    adapt = np.linalg.inv(BRADFORD) @ np.diag(BRADFORD @ D50 / (BRADFORD @ D65)) @ BRADFORD
    return adapt @ matrix


def hue(a, b):
    return np.degrees(np.arctan2(b, a)) % 360 / 360


def planes(v, space):
    """The planes that the head of enhance/convert.c promises, in double."""
    if space in ("hsv", "hsl"):
        most, least = v.max(axis=2), v.min(axis=2)
        h = color.rgb2hsv(v)[..., 0]
        light = (most + least) / 2
        saturation = np.where(most > least, (most - least) / np.maximum(1 - abs(2 * light - 1), 1e-12), 0)
        return color.rgb2hsv(v) if space == "hsv" else np.dstack([h, saturation, light])
    if space == "ycbcr":
        y = v @ [0.299, 0.587, 0.114]
        half = 32768 / 65535
        return np.dstack([y, (v[..., 2] - y) / 1.772 + half, (v[..., 0] - y) / 1.402 + half])
    if space == "linear":
        return linear(v)
    if space.startswith("okl"):
        cones = np.cbrt(linear(v) @ np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                                              [0.0883024619, 0.2817188376, 0.6299787005]]).T)
        lab = cones @ np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                                [0.0259040371, 0.7827717662, -0.8086757660]]).T
        a, b = lab[..., 1], lab[..., 2]
        return np.dstack([lab[..., 0], a + 0.5, b + 0.5] if space == "oklab" else [lab[..., 0], 2 * np.hypot(a, b), hue(a, b)])
    xyz = linear(v) @ srgb_matrix().T
    if space == "xyz":
        return xyz
    if space == "gray":
        return encoded(xyz[..., 1])
    lab = color.xyz2lab(xyz / D50 * np.array([0.9642956764295677, 1, 0.8251046025104602]), illuminant="D50", observer="2")
    lightness, a, b = lab[..., 0] / 100, lab[..., 1], lab[..., 2]
    return np.dstack([lightness, np.hypot(a, b) / 255, hue(a, b)] if space == "lch" else
                     [lightness, (a + 128) / 255, (b + 128) / 255])


def apart(a, b, space):
    """The largest difference; hues go round, and of gray there is none."""
    difference = np.abs(a - b)
    place = {"hsv": 0, "hsl": 0, "lch": 2, "oklch": 2}.get(space)
    if place is not None:
        turn = difference[..., place]
        chroma = b[..., 1] > 0.02
        difference[..., place] = np.where(chroma, np.minimum(turn, 1 - turn), 0)
    return float(difference.max())


white = color.xyz2lab(np.array([[[0.9642956764295677, 1, 0.8251046025104602]]]), illuminant="D50", observer="2")
exact_white = np.allclose(white, [[[100, 0, 0]]], atol=1e-3)
spaces = ("hsv", "hsl", "ycbcr", "linear", "xyz", "lab", "lch", "oklab", "oklch")
for space in spaces:
    if space in ("lab", "lch") and not exact_white:
        tap.skip(f"{space}: planes", "this scikit-image has another white D50")
    else:
        wanted = planes(rgb, space)
        worst = apart(_command.apply(f"convert to={space}", rgb.astype(np.float32)).astype(float), wanted, space)
        tap.check(worst <= 2e-5, f"{space}: float planes within 2e-5 of the formulas", worst)
        wide = np.round(rgb * 65535).astype(np.uint16)
        worst = apart(_command.apply(f"convert to={space}", wide) / 65535, np.clip(planes(wide / 65535, space), 0, 1), space)
        tap.check(worst <= 2.5 / 65535, f"{space}: 16 bits within 2 codes", worst * 65535)
    for dtype, top, bound in ((np.uint16, 65535, 48), (np.float32, 1, 3e-5)):
        picture = (np.round(rgb * top) if top > 1 else rgb).astype(dtype)
        there = _command.apply(f"convert to={space}", picture)
        back = _command.apply(f"convert from={space}", there)
        worst = _command.difference(back, picture)
        # The slope of sRGB near black makes codes of linear light, and of what is like it, coarse there.
        bound = 850 if space in ("linear", "xyz") and top > 1 else bound
        tap.check(worst <= bound, f"{space}: there and back, {np.dtype(dtype)}", worst)
        once = _command.apply([f"convert to={space}", f"convert from={space}"], picture)
        worst = _command.difference(once, picture)
        tap.check(worst <= (1 if top > 1 else 3e-5), f"{space}: there and back in one run, {np.dtype(dtype)}", worst)

eight = np.round(rgb * 255).astype(np.uint8)
out = _command.apply("convert to=ycbcr", eight)[..., [0, 2, 1]]
worst = _command.difference(out, cv2.cvtColor(eight, cv2.COLOR_RGB2YCrCb))
tap.check(worst <= 1, "ycbcr: 8 bits within 1 of OpenCV", worst)
out = _command.apply("convert to=lab", rgb.astype(np.float32)).astype(float)
lab = np.dstack([out[..., 0] * 100, out[..., 1] * 255 - 128, out[..., 2] * 255 - 128])
# Another implementation, another white: the gray axis and lightness agree all the same.
gray = rgb[:8]
worst = max(abs(lab[:8, :, 1:]).max(), abs(lab[:8, :, 0] - color.rgb2lab(gray)[..., 0]).max())
tap.check(worst <= 0.01, "lab: grays have no colour and scikit-image's L*", worst)


def file(steps, picture, name="out.tif", **more):
    """The TIFF page that the command writes."""
    with tempfile.TemporaryDirectory() as folder:
        source, result = os.path.join(folder, "in.tif"), os.path.join(folder, name)
        tifffile.imwrite(source, picture, photometric="rgb" if picture.ndim == 3 else "minisblack", metadata=None, **more)
        words = [os.environ["IMGENHANCE"], "apply", "--quiet", "--no-journal"]
        for step in steps:
            words += ["-f", step]
        ran = subprocess.run(words + ["-o", result, source], capture_output=True, text=True)
        if ran.returncode != 0:
            return ran.stderr.strip(), None
        with tifffile.TiffFile(result) as tiff:
            return tiff.pages[0].photometric.name, tiff.pages[0].asarray()


for dtype, top in ((np.uint8, 255), (np.uint16, 65535), (np.float32, 1)):
    picture = (np.round(rgb * top) if top > 1 else rgb).astype(dtype)
    name, codes = file(["convert to=cielab"], picture)
    tap.check(name == "CIELAB", f"cielab: a TIFF that says so, {np.dtype(dtype)}", name)
    wanted = planes(picture / top, "lab") if top > 1 else planes(rgb, "lab")
    if codes is None or not exact_white:
        tap.skip(f"cielab: samples, {np.dtype(dtype)}", "nothing to compare")
    else:
        signed = codes.astype({1: float, 255: np.uint8, 65535: np.uint16}[top])
        if top == 1:
            got = np.dstack([signed[..., 0] / 100, (signed[..., 1] + 128) / 255, (signed[..., 2] + 128) / 255])
            bound = 2e-5
        else:
            half = (top + 1) // 2  # a* and b* are signed there: TIFF 6.0, section 23
            got = np.dstack([signed[..., 0], signed[..., 1] ^ half, signed[..., 2] ^ half]) / top
            bound = 1.5 / top
        worst = float(np.abs(got - np.clip(wanted, 0, 1)).max())
        tap.check(worst <= bound, f"cielab: samples, {np.dtype(dtype)}", worst * top)
    name, back = file(["convert to=cielab", "convert from=lab"], picture)
    worst = _command.difference(back, picture) if back is not None else 1e9
    tap.check(name == "RGB" and worst <= (1 if top > 1 else 3e-5), f"cielab: and back, {np.dtype(dtype)}", (name, worst))

name, gray = file(["convert to=gray"], np.round(rgb * 65535).astype(np.uint16))
worst = _command.difference(gray / 65535, planes(rgb, "gray")) if gray is not None else 1e9
tap.check(name == "MINISBLACK" and worst <= 2 / 65535, "gray: one channel of the same luminance", (name, worst * 65535))

message, nothing = file(["convert from=lab"], eight[..., 0])
tap.check(nothing is None and "three planes" in message and message.count("\n") == 0, "a gray picture holds no planes: one line", message)
message, nothing = file(["convert to=cielab"], eight, "out.png")
tap.check(nothing is None and "CIELab" in message and message.count("\n") == 0, "a PNG holds no CIELab: one line", message)
tap.done()
