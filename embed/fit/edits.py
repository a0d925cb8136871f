# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits of random strength for the fitting of the descriptor, each of a family that can be left out."""
import io

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter


def _array(image):
    return np.asarray(image, float)


def _image(array):
    return Image.fromarray(np.clip(array + 0.5, 0, 255).astype(np.uint8))


def tone(image, rng):
    a = _array(image)
    kind = rng.integers(4)
    if kind == 0:
        return _image(a + rng.uniform(-70, 70))
    if kind == 1:
        return _image(128 + (a - 128) * rng.choice([rng.uniform(0.4, 0.9), rng.uniform(1.1, 1.9)]))
    if kind == 2:
        return _image(255 * (a / 255) ** np.exp(rng.uniform(-0.8, 0.8)))
    low, high = rng.uniform(0, 60), rng.uniform(195, 255)
    return _image((a - low) * 255 / (high - low))


def colour(image, rng):
    a = _array(image)
    kind = rng.integers(4)
    if kind == 0:
        return image.convert("L").convert("RGB")
    if kind == 1:
        return ImageEnhance.Color(image).enhance(rng.uniform(0, 2))
    if kind == 2:
        return _image(a * rng.uniform(0.7, 1.25, 3))
    return _image(a * rng.uniform(0.85, 1.1, 3) + rng.uniform(-25, 25, 3))


def resize(image, rng):
    f = rng.uniform(0.15, 0.8)
    w, h = image.size
    if rng.random() < 0.3:
        return image.resize((max(8, int(w * f)), max(8, int(h * f * rng.uniform(0.7, 1.4)))), Image.BICUBIC)
    return image.resize((max(8, int(w * f)), max(8, int(h * f))), int(rng.choice([Image.BICUBIC, Image.BILINEAR, Image.NEAREST])))


def jpeg(image, rng):
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=int(rng.integers(6, 50)))
    return Image.open(buffer).convert("RGB")


def noise(image, rng):
    a = _array(image)
    return _image(a + rng.normal(0, rng.uniform(5, 35), a.shape if rng.random() < 0.6 else a.shape[:2] + (1,)))


def blur(image, rng):
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 4)))


def crop(image, rng, area=None):
    area = area or rng.choice([rng.uniform(0.2, 0.5), rng.uniform(0.5, 0.95)])
    w, h = image.size
    side = area ** 0.5
    stretch = np.exp(rng.normal() * 0.08)
    cw, ch = min(w, w * side * stretch), min(h, h * side / stretch)
    x, y = rng.uniform(0, w - cw), rng.uniform(0, h - ch)
    return image.crop((int(x), int(y), int(x + cw), int(y + ch)))


def rotate(image, rng):
    return image.rotate(rng.choice([-1, 1]) * rng.uniform(1.5, 18), Image.BICUBIC, expand=bool(rng.integers(2)),
                        fillcolor=tuple(int(v) for v in rng.choice([[0, 0, 0], [255, 255, 255]])))


def letterbox(image, rng):
    w, h = image.size
    bars = rng.uniform(0.05, 0.35)
    down = rng.random() < 0.6
    page = Image.new("RGB", (w, int(h * (1 + 2 * bars))) if down else (int(w * (1 + 2 * bars)), h),
                     (0, 0, 0) if rng.random() < 0.7 else (255, 255, 255))
    page.paste(image, ((page.width - w) // 2, (page.height - h) // 2))
    return page


def inset(image, rng, others):
    """Small on something else: another picture, a page with writing, a plain ground."""
    w, h = image.size
    kind = rng.integers(3)
    if kind == 0:
        page = others(rng).resize((w, h))
    else:
        page = Image.new("RGB", (w, h), tuple(int(v) for v in rng.integers(0, 256, 3)) if kind == 1 else (250, 250, 250))
        if kind == 2:
            a = np.array(page)
            for y in range(6, h - 6, 7):
                x = 8
                while x < w - 20:
                    word = int(rng.integers(4, 22))
                    a[y:y + 3, x:x + word] = rng.integers(0, 90)
                    x += word + 4
            page = Image.fromarray(a)
    f = rng.uniform(0.5, 0.8)
    small = image.resize((int(w * f), int(h * f)), Image.BICUBIC)
    page.paste(small, (int(rng.uniform(0, w - small.width)), int(rng.uniform(0, h - small.height))))
    return page


FAMILIES = {"tone": tone, "colour": colour, "resize": resize, "jpeg": jpeg, "noise": noise, "blur": blur, "crop": crop,
            "rotate": rotate, "letterbox": letterbox, "inset": inset}
# How many of each there are of a picture; "several" are three families at once.
COUNTS = {"tone": 3, "colour": 3, "resize": 1, "jpeg": 1, "noise": 1, "blur": 1, "crop": 4, "rotate": 2, "letterbox": 1,
          "inset": 2, "several": 4}
SEVERAL = ["tone", "colour", "resize", "jpeg", "noise", "blur", "crop", "rotate"]


def apply(family, image, rng, others):
    return inset(image, rng, others) if family == "inset" else FAMILIES[family](image, rng)


def plan(rng):
    """The edits of one picture, each a list of families."""
    edits = [[]]
    for family, count in COUNTS.items():
        for _ in range(count):
            edits.append([family] if family != "several" else sorted(rng.choice(SEVERAL, 3, replace=False).tolist(),
                                                                     key=lambda f: f in ("jpeg", "noise")))
    return edits
