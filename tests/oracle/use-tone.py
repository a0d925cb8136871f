# SPDX-License-Identifier: GPL-3.0-or-later
"""What clahe is for, on photographs: contrast and light that differ from place to place, made here from seeds; and low
contrast everywhere, of which it must gain something, though a stretch of the whole picture (stretch, in use-light.py) is
the better correction. clahe at its defaults must gain PSNR and SSIM in every row and, in those of local damage, not fall more than
0.2 dB behind the best of OpenCV, scikit-image, ImageMagick and G'MIC, each at the best of its settings for the row.

use-tone.py --full: every setting, printed. The folder of photographs, of which the first twelve are taken, is the
environment's SHARED/photos."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

import tap

np, cv2, metrics, exposure = tap.require("numpy", "cv2", "skimage.metrics", "skimage.exposure")
import _command  # noqa: E402

_command.need()
FULL = "--full" in sys.argv
BEHIND = 0.2  # dB
GRID = [(tiles, clip) for tiles in (4, 6, 8) for clip in (1.25, 1.5, 2, 2.5)]
# Without --full only the settings near the best of the full table: scikit-image is slow.
SETTINGS = {"OpenCV": [(4, 1.25), (4, 2), (6, 1.25), (8, 1.25), (8, 1.5)], "scikit-image": [(6, 1.25), (6, 2)]}
# ImageMagick has -clahe from 7.0.8 on.
IMAGEMAGICK = shutil.which("magick")
GMIC = shutil.which("gmic")


def field(shape, seed):
    """A smooth random field, 0..1."""
    noise = cv2.GaussianBlur(np.random.default_rng(seed).standard_normal(shape), (0, 0), min(shape) / 5)
    return (noise - noise.min()) / (noise.max() - noise.min())


def low(gray, seed):
    return 0.3 + 0.4 * gray


def dull(gray, seed):
    return 0.1 + 0.5 * gray


def uneven(gray, seed):
    """Contrast about the local mean that falls to between 1/4 and 3/4 of itself from place to place."""
    mean = cv2.GaussianBlur(gray, (0, 0), 60)
    return mean + (0.25 + 0.5 * field(gray.shape, seed)) * (gray - mean)


def shaded(gray, seed):
    """Light that falls off from place to place, and stray light."""
    return 0.1 + (0.3 + 0.6 * field(gray.shape, seed)) * gray


def by_opencv(picture, tiles, clip):
    return cv2.createCLAHE(clip, (tiles, tiles)).apply(picture)


def by_scikit(picture, tiles, clip):
    """Its first step stretches the whole picture to the range, which is the work of `levels`: two pixels keep it out."""
    size = [max(side // tiles, 1) for side in picture.shape]
    marked = picture.copy()
    marked[0, 0], marked[-1, -1] = 0, 255
    return np.round(255 * exposure.equalize_adapthist(marked, size, clip / 256, 256)).astype(np.uint8)


def by_command(picture, words):
    with tempfile.TemporaryDirectory() as folder:
        source, result = os.path.join(folder, "in.png"), os.path.join(folder, "out.png")
        cv2.imwrite(source, picture)
        subprocess.run([word.format(source=source, result=result) for word in words], check=True, capture_output=True)
        return cv2.imread(result, cv2.IMREAD_GRAYSCALE)


def by_imagemagick(picture, tiles, clip):
    height, width = picture.shape
    return by_command(picture, [IMAGEMAGICK, "{source}", "-clahe", f"{width // tiles}x{height // tiles}+256+{clip}", "{result}"])


def by_gmic(picture, tiles, clip):
    """G'MIC's normalize_local; clip stands for its amplitude, the side of a tile for its radius."""
    radius = max(picture.shape) / tiles / 2
    return by_command(picture, [GMIC, "{source}", "normalize_local", f"{clip},{radius:.1f},5,20,1,0,255", "-o", "{result}"])


peers = {"OpenCV": by_opencv, "scikit-image": by_scikit}
if IMAGEMAGICK:
    peers["ImageMagick"] = by_imagemagick
if GMIC and FULL:
    peers["G'MIC"] = by_gmic


def quality(picture, true):
    error = np.mean((picture.astype(float) - true) ** 2)
    return np.array([10 * np.log10(255 ** 2 / error), metrics.structural_similarity(picture, true)])


def ours(picture):
    return _command.apply("clahe channel=value", picture)


photos = sorted(glob.glob(os.path.join(os.environ.get("SHARED", ""), "photos", "*.png")))[:12]
if not os.environ.get("SHARED") or not photos:
    tap.skip("use-tone", "there is no folder of photographs (SHARED/photos)")
    tap.done()

print(f"# means of {len(photos)} photographs: PSNR in dB / SSIM; settings: tiles, clip limit")
for degrade in (low, dull, uneven, shaded):
    true = [cv2.imread(photo, cv2.IMREAD_GRAYSCALE) for photo in photos]
    worse = [np.clip(np.round(255 * degrade(gray / 255.0, seed)), 0, 255).astype(np.uint8) for seed, gray in enumerate(true)]
    before = np.mean([quality(a, b) for a, b in zip(worse, true)], axis=0)
    mine = np.mean([quality(ours(a), b) for a, b in zip(worse, true)], axis=0)
    print(f"# {degrade.__name__:8} before {before[0]:.2f} / {before[1]:.3f}   clahe {mine[0]:.2f} / {mine[1]:.3f}")
    tap.check((mine > before).all(), f"{degrade.__name__}: clahe gains PSNR and SSIM", (before, mine))
    best, name = -1.0, "nobody"
    for peer, run in peers.items():
        table = {(tiles, clip): np.mean([quality(run(a, tiles, clip), b) for a, b in zip(worse, true)], axis=0)
                 for tiles, clip in (GRID if FULL else SETTINGS.get(peer, SETTINGS["OpenCV"]))}
        setting = max(table, key=lambda key: table[key][0])
        print(f"#          {peer:12} {setting}: {table[setting][0]:.2f} / {table[setting][1]:.3f}")
        if FULL:
            for key, value in table.items():
                print(f"#            {key}: {value[0]:.2f} / {value[1]:.3f}")
        if table[setting][0] > best:
            best, name = table[setting][0], f"{peer} {setting}"
    if degrade in (uneven, shaded):
        tap.check(mine[0] >= best - BEHIND, f"{degrade.__name__}: at most {BEHIND} dB behind the best peer", (name, best, mine[0]))
tap.done()
