# SPDX-License-Identifier: GPL-3.0-or-later
"""profile through the command, against lcms2 (Pillow's ImageCms) with the profiles that the files carry."""
import io
import os
import subprocess
import tempfile

import tap

np, tifffile, Image, cms = tap.require("numpy", "tifffile", "PIL.Image", "PIL.ImageCms")
import _command  # noqa: E402

_command.need()
random = np.random.default_rng(21)
rgb = (random.random((59, 71, 3)) * 256).astype(np.uint8)
rgb[:6] = rgb[:6, :, :1]
ICC_TAG = 34675


def run(steps, picture, icc=None):
    """Samples and profile of the result, or the message and None."""
    with tempfile.TemporaryDirectory() as folder:
        source, result = os.path.join(folder, "in.tif"), os.path.join(folder, "out.tif")
        tags = [(ICC_TAG, "B", len(icc), icc, True)] if icc else []
        photometric = "minisblack" if picture.ndim == 2 else "separated" if picture.shape[2] == 4 else "rgb"
        tifffile.imwrite(source, picture, photometric=photometric, metadata=None, extratags=tags)
        words = [os.environ["IMGENHANCE"], "apply", "--quiet", "--no-journal"]
        for step in steps:
            words += ["-f", step]
        ran = subprocess.run(words + ["-o", result, source], capture_output=True, text=True)
        if ran.returncode != 0:
            return ran.stderr.strip(), None
        with tifffile.TiffFile(result) as tiff:
            page = tiff.pages[0]
            return page.asarray(), bytes(page.tags[ICC_TAG].value) if ICC_TAG in page.tags else None


def by_lcms(picture, source, target, intent=1, flags=0, mode="RGB", to="RGB"):
    """The 8-bit picture by lcms2, from profile to profile."""
    source = cms.ImageCmsProfile(io.BytesIO(source) if source else cms.createProfile("sRGB"))
    transform = cms.ImageCmsTransform(source, cms.ImageCmsProfile(io.BytesIO(target)), mode, to, intent,
                                      flags=flags | 0x0040 | 0x0100)  # no cache, no optimisation
    return np.asarray(transform.apply(Image.fromarray(picture, mode)))


names = ("srgb", "adobe-rgb", "display-p3", "prophoto", "rec2020")
profiles = {}
for name in names:
    out, icc = run([f"profile to={name}"], rgb)
    if not tap.check(icc is not None, f"{name}: the result carries a profile", out):
        continue
    profiles[name] = icc
    again = run([f"profile to={name}"], rgb)[1]
    tap.check(again == icc, f"{name}: the same bytes every time")
    worst = _command.difference(out, by_lcms(rgb, None, icc))
    tap.check(worst <= 1, f"srgb to {name}: 8 bits within 1 of lcms2", worst)
    wide = rgb.astype(np.uint16) * 257
    there, icc = run([f"profile to={name}"], wide)
    back, _ = run(["profile to=srgb"], there, icc)
    # Steps of a code there are up to this many of sRGB's, near black, where the curves are least alike.
    worst = _command.difference(back, wide)
    tap.check(worst <= 24, f"{name} and back: 16 bits", worst)

# What the profiles say: primaries and white against the standards' chromaticities.
adapted = {"display-p3": [0.51512, 0.24120, -0.00105], "adobe-rgb": [0.60974, 0.31111, 0.01947], "rec2020": [0.67348, 0.27904, -0.00193]}
for name, wanted in adapted.items():
    if name in profiles:
        red = cms.ImageCmsProfile(io.BytesIO(profiles[name])).profile.red_colorant[0]
        tap.check(max(abs(a - b) for a, b in zip(red, wanted)) < 5e-4, f"{name}: red is where the standard says", red)

for source in profiles:
    for target in profiles:
        if source == target:
            out, icc = run([f"profile to={target}"], rgb, profiles[source])
            tap.check(np.array_equal(out, rgb), f"{source} to itself: nothing changes", _command.difference(out, rgb))
            continue
        out, icc = run([f"profile to={target}"], rgb, profiles[source])
        worst = _command.difference(out, by_lcms(rgb, profiles[source], profiles[target]))
        tap.check(worst <= 1 and icc == profiles[target], f"{source} to {target}: within 1 of lcms2", worst)

with tempfile.TemporaryDirectory() as folder:
    place = os.path.join(folder, "p3.icc")
    with open(place, "wb") as file:
        file.write(profiles.get("display-p3", b""))
    out, icc = run([f"profile to={place}"], rgb)
    worst = _command.difference(out, run(["profile to=display-p3"], rgb)[0]) if icc else out
    tap.check(icc == profiles.get("display-p3") and worst == 0, "a file in the place of a name", worst)
    out, icc = run([f"profile to={place} intent=absolute black-point=no"], rgb, profiles.get("prophoto"))
    wanted = by_lcms(rgb, profiles["prophoto"], profiles["display-p3"], intent=3)
    worst = _command.difference(out, wanted) if icc else out
    tap.check(icc is not None and worst <= 1, "absolute colorimetric: within 1 of lcms2", worst)
    with open(place, "wb") as file:
        file.write(b"nothing like a profile")
    message, icc = run([f"profile to={place}"], rgb)
    tap.check(icc is None and isinstance(message, str) and "no ICC profile" in message and "\n" not in message,
              "a file that is none: one line", message)
# Tables: inks and back, through lcms2 on both sides.
INKS = "/usr/share/color/icc/ghostscript/default_cmyk.icc"
if not os.path.exists(INKS):
    tap.skip("a profile of tables", f"{INKS} is absent")
else:
    with open(INKS, "rb") as file:
        inks = file.read()
    out, icc = run([f"profile to={INKS}"], rgb)
    worst = _command.difference(out, by_lcms(rgb, None, inks, 1, 0x2000, to="CMYK")) if icc else out
    tap.check(icc == inks and worst <= 1, "RGB to CMYK, black point compensation: within 1 of lcms2", worst)
    for intent, number in (("perceptual", 0), ("relative", 1), ("absolute", 3)):
        back, icc = run([f"profile to=adobe-rgb intent={intent} black-point=no"], out, inks)
        wanted = by_lcms(out, inks, profiles["adobe-rgb"], number, mode="CMYK")
        worst = _command.difference(back, wanted) if icc else back
        tap.check(icc is not None and worst <= 1, f"CMYK to RGB, {intent}: within 1 of lcms2", worst)
    message, icc = run(["profile to=srgb"], out)
    tap.check(isinstance(message, str) and "CMYK" in message and "\n" not in message, "CMYK without a profile: one line", message)

message, icc = run(["profile to=adobergb"], rgb)
tap.check(icc is None and isinstance(message, str) and "adobe-rgb" in message and "\n" not in message, "an unknown name: one line", message)
message, icc = run(['profile to=""'], rgb)
tap.check(icc is None and isinstance(message, str) and "adobe-rgb" in message and "\n" not in message, "no name at all: one line", message)
gray, icc = run(["profile to=display-p3"], rgb[..., 0])
tap.check(icc is not None and np.array_equal(gray, rgb[..., 0]), "gray stays gray, under a gray profile")
steps, _ = run(["profile to=prophoto", "levels gamma=1.2", "profile to=srgb"], rgb)
tap.check(not isinstance(steps, str), "between other steps", steps)
tap.done()
