#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well edited pictures find their originals among others: recall@1 and mAP of each edit, beside pHash and a Haar
signature (docs/similar-descriptor.md).

usage: similar.py BUILD [--photos FOLDER] [--seen] [--scenes N] [--features FILE]

Queries are the photographs of --photos after each of the edits; they are looked for among these photographs and the pictures
that Debian's packages bring (./dev bench similar installs them). The descriptor's matrix is fitted once more for each family
of edits, without that family, and only what it does with that family counts. --seen: with the matrix of the library alone."""
import argparse
import hashlib
import io
import os
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "embed", "fit"))

PHOTOGRAPHS = ["plasma-workspace-wallpapers", "mate-backgrounds", "ukui-wallpapers", "lomiri-wallpapers-16.04",
               "lomiri-wallpapers-20.04", "palapeli-data", "python3-skimage"]
PACKAGES = PHOTOGRAPHS + ["gnome-backgrounds", "lxqt-themes", "tuxpaint-stamps-default", "kgeography-data", "openclipart-png"]
LEAST_SIDE = 96    # pixels of a picture that takes part
KEPT_SIDE = 1024   # larger ones are reduced at once, as a collection of web pictures would be
Image.MAX_IMAGE_PIXELS = None


def load(path):
    image = Image.open(path)
    if image.format == "JPEG":
        image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
    image = image.convert("RGBA") if image.mode in ("RGBA", "LA", "P", "PA") else image.convert("RGB")
    image.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.BOX)
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        image = Image.alpha_composite(white, image).convert("RGB")
    return image


def collection(packages):
    """[(name, picture)] of what the packages bring: of pictures in several sizes the largest, of clip art every eighth, no
    stars (a thousand that nobody can tell apart), no file twice."""
    chosen = {}
    for package in packages:
        listed = subprocess.run(["dpkg-query", "-L", package], capture_output=True, text=True)
        for path in listed.stdout.splitlines():
            if not path.lower().endswith((".jpg", ".jpeg", ".png", ".webp")) or os.path.islink(path):
                continue
            folder, name = os.path.split(path)
            if "/contents/" in path:
                key = path.split("/contents/")[0]
                if "screenshot" in name or "_dark" in path:
                    continue
            elif package == "openclipart-png":
                if "/shapes/stars" in path or hashlib.md5(path.encode()).digest()[0] % 8:
                    continue
                key = path
            elif package == "kgeography-data" and "/flags/" in path:
                continue
            else:
                key = path
            size = os.path.getsize(path) if os.path.exists(path) else 0
            if size > chosen.get(key, (0, ""))[0]:
                chosen[key] = (size, path)
    seen, pictures = set(), []
    for size, path in sorted(chosen.values(), key=lambda entry: entry[1]):
        with open(path, "rb") as file:
            digest = hashlib.md5(file.read()).digest()
        if digest in seen:
            continue
        seen.add(digest)
        try:
            image = load(path)
        except Exception:
            continue
        if min(image.size) >= LEAST_SIDE:
            pictures.append((path, image))
    return pictures


# ---- The edits ----------------------------------------------------------------------------------------------------------

def curve(image, function):
    return image.point([int(min(max(function(v), 0), 255) + 0.5) for v in range(256)] * 3)


def channels(image, factors):
    return image.point([int(min(v * f, 255) + 0.5) for f in factors for v in range(256)])


def saturation(image, factor):
    a = np.asarray(image, float)
    y = (a @ [0.299, 0.587, 0.114])[..., None]
    return Image.fromarray(np.clip(y + (a - y) * factor + 0.5, 0, 255).astype(np.uint8))


def jpeg(image, quality):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def noise(image, rng, sigma):
    a = np.asarray(image, float)
    return Image.fromarray(np.clip(a + rng.normal(0, sigma, a.shape) + 0.5, 0, 255).astype(np.uint8))


def crop(image, rng, area):
    w, h = image.size
    cw, ch = int(w * area ** 0.5), int(h * area ** 0.5)
    x, y = int(rng.integers(0, w - cw + 1)), int(rng.integers(0, h - ch + 1))
    return image.crop((x, y, x + cw, y + ch))


def letterbox(image):
    w, h = image.size
    page = Image.new("RGB", (w, h + 2 * int(0.15 * h)))
    page.paste(image, (0, int(0.15 * h)))
    return page


def page_of_text(rng, w, h):
    page = Image.new("RGB", (w, h), (252, 252, 250))
    draw = ImageDraw.Draw(page)
    for y in range(20, h - 20, 16):
        x = 24
        while x < w - 70:
            word = int(rng.integers(10, 60))
            draw.rectangle([x, y, x + word, y + 7], fill=(40, 40, 44))
            x += word + 7
    return page


def screenshot(rng, w, h):
    page = Image.new("RGB", (w, h), tuple(int(v) for v in rng.integers(40, 200, 3)))
    draw = ImageDraw.Draw(page)
    draw.rectangle([0, 0, w, 28], fill=(60, 60, 64))
    draw.rectangle([0, 28, w // 6, h], fill=(235, 235, 238))
    for k in range(12):
        y = 44 + k * 34
        draw.rectangle([10, y, 26, y + 16], fill=tuple(int(v) for v in rng.integers(0, 255, 3)))
        draw.rectangle([34, y + 4, 34 + int(rng.integers(20, w // 6 - 40)), y + 11], fill=(90, 90, 90))
    return page


def inset(image, rng, others, number):
    """At 45 to 65 % of the sides, anywhere on: a page of text, a window of a program, another picture; by turns."""
    w, h = image.size
    page = [page_of_text, screenshot][number % 3](rng, w, h) if number % 3 < 2 else \
        others[int(rng.integers(len(others)))].resize((w, h))
    f = rng.uniform(0.45, 0.65)
    small = image.resize((int(w * f), int(h * f)), Image.BICUBIC)
    page.paste(small, (int(rng.integers(0, w - small.width + 1)), int(rng.integers(0, h - small.height + 1))))
    return page


def several(image, rng):
    image = crop(image, rng, 0.8)
    image = channels(curve(image, lambda v: 128 + (v - 128) * 0.75 + 15), (1.08, 1.0, 0.9))
    image = image.resize((image.width // 2, image.height // 2), Image.BILINEAR)
    return jpeg(image, 30)


# name, family that the fit is made without, does it count among the 17 without flips, the edit (image, rng, others, number)
EDITS = [
    ("gray", "colour", True, lambda i, r, o, n: i.convert("L").convert("RGB")),
    ("colour cast", "colour", True, lambda i, r, o, n: channels(i, (1.25, 1.0, 0.75))),
    ("saturation x 1.6", "colour", False, lambda i, r, o, n: saturation(i, 1.6)),
    ("brightness + 50", "tone", True, lambda i, r, o, n: curve(i, lambda v: v + 50)),
    ("contrast x 0.6", "tone", True, lambda i, r, o, n: curve(i, lambda v: 128 + (v - 128) * 0.6)),
    ("gamma 1.8", "tone", True, lambda i, r, o, n: curve(i, lambda v: 255 * (v / 255) ** 1.8)),
    ("a quarter of the sides", "resize", True, lambda i, r, o, n: i.resize((i.width // 4, i.height // 4), Image.BICUBIC)),
    ("JPEG 10", "jpeg", True, lambda i, r, o, n: jpeg(i, 10)),
    ("noise 25", "noise", True, lambda i, r, o, n: noise(i, r, 25)),
    ("blur 4", "blur", True, lambda i, r, o, n: i.filter(ImageFilter.GaussianBlur(4))),
    ("crop to 80 %", "crop", True, lambda i, r, o, n: crop(i, r, 0.80)),
    ("crop to 50 %", "crop", True, lambda i, r, o, n: crop(i, r, 0.50)),
    ("crop to 25 %", "crop", True, lambda i, r, o, n: crop(i, r, 0.25)),
    ("rotated 5", "rotate", True, lambda i, r, o, n: i.rotate(5, Image.BICUBIC)),
    ("rotated 15", "rotate", True, lambda i, r, o, n: i.rotate(-15, Image.BICUBIC)),
    ("letterbox", "letterbox", True, lambda i, r, o, n: letterbox(i)),
    ("inset", "inset", True, lambda i, r, o, n: inset(i, r, o, n)),
    ("several at once", "several", True, lambda i, r, o, n: several(i, r)),
    ("mirrored", None, False, lambda i, r, o, n: i.transpose(Image.FLIP_LEFT_RIGHT)),
    ("turned 90", None, False, lambda i, r, o, n: i.transpose(Image.ROTATE_90)),
]


def queries(images, others, repeat=1):
    """{edit: [picture of each image]}; the same ones in every run."""
    made = {}
    for k, (name, _, _, function) in enumerate(EDITS):
        made[name] = [function(image, np.random.default_rng([9, k, n, again]), others, n + again)
                      for again in range(repeat) for n, image in enumerate(images)]
    return made
