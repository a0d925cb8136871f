# SPDX-License-Identifier: GPL-3.0-or-later
"""Resampling and the preprocessing of models beside Pillow: within one code, at sizes of every kind; the nearest: equal."""
import os
import subprocess

from tap import check, done, require

np, image = require("numpy", "PIL.Image")
KINDS = ("nearest", "bilinear", "bicubic", "lanczos")
PILLOW = {"nearest": image.NEAREST, "bilinear": image.BILINEAR, "bicubic": image.BICUBIC, "lanczos": image.LANCZOS}
rng = np.random.default_rng(6)
tool = subprocess.Popen([os.path.join(os.environ["BUILD"], "tests/tool-prepare")], stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE)


def ours(picture, words, width, height):
    tool.stdin.write(f"{picture.shape[1]} {picture.shape[0]} {words}\n".encode() + picture.tobytes())
    tool.stdin.flush()
    return np.frombuffer(tool.stdout.read(width * height * 3), np.uint8).reshape(height, width, 3)


def pictures(width, height):
    yield "random", rng.integers(0, 256, (height, width, 3), np.uint8)
    yield "black and white", rng.integers(0, 2, (height, width, 3), np.uint8) * np.uint8(255)
    across = np.linspace(0, 255, width)[None, :, None] * np.linspace(0, 1, height)[:, None, None]
    yield "smooth", np.repeat(np.rint(across), 3, 2).astype(np.uint8)


def apart(mine, theirs):
    return int(np.abs(mine.astype(int) - np.asarray(theirs).astype(int)).max())


SIZES = [(1, 1), (1, 7), (7, 1), (2, 3), (5, 5), (16, 16), (31, 17), (64, 48), (100, 100), (224, 224), (333, 250), (640, 427)]
for kind in KINDS:
    worst, where, equal, total = 0, "", 0, 0
    for width, height in SIZES:
        for to in SIZES:
            for name, picture in pictures(width, height):
                mine = ours(picture, f"resize={KINDS.index(kind)} {to[0]}x{to[1]}", *to)
                theirs = np.asarray(image.fromarray(picture).resize(to, PILLOW[kind]))
                equal += int((mine == theirs).sum())
                total += mine.size
                if apart(mine, theirs) > worst:
                    worst, where = apart(mine, theirs), f"{name} {width}x{height} to {to}"
    print(f"# {kind}: {equal} of {total} samples equal, the others at most {worst} codes apart")
    check(worst <= (0 if kind == "nearest" else 1), f"{kind}: {len(SIZES) ** 2} pairs of sizes, as Pillow has it",
          f"{worst} codes: {where}")


def shorter(picture, side, kind):
    """torchvision's and Hugging Face's rule: the longer side without its fraction."""
    width, height = picture.size
    size = (side, int(side * height / width)) if width <= height else (int(side * width / height), side)
    return picture.resize(size, kind)


def middle(picture, side, rounded):
    left, top = ((size - side) / 2 for size in picture.size)
    left, top = (round(left), round(top)) if rounded else (int(left), int(top))
    return picture.crop((left, top, left + side, top + side))


# The six presets of docs/models.md, as their makers' Python does it.
PRESETS = {
    "vit-l-16": ("pixels resample=bilinear fit=stretch width=224 height=224", 224,
                 lambda p: p.resize((224, 224), image.BILINEAR)),
    "clip-vit-b-32": ("pixels resample=bicubic fit=short short=224 cut=floor width=224 height=224", 224,
                      lambda p: middle(shorter(p, 224, image.BICUBIC), 224, False)),
    "dinov2-b": ("pixels resample=bicubic fit=short short=256 cut=floor width=224 height=224", 224,
                 lambda p: middle(shorter(p, 256, image.BICUBIC), 224, False)),
    "blip2-qformer": ("pixels resample=bicubic fit=stretch width=224 height=224", 224,
                      lambda p: p.resize((224, 224), image.BICUBIC)),
    "efficientnet-b7": ("pixels resample=nearest fit=stretch width=600 height=600", 600,
                        lambda p: p.resize((600, 600), image.NEAREST)),
    "vgg16": ("pixels resample=bilinear fit=short short=256 cut=even width=224 height=224", 224,
              lambda p: middle(shorter(p, 256, image.BILINEAR), 224, True)),
}
for name, (words, side, theirs) in PRESETS.items():
    worst, where = 0, ""
    for width, height in [(640, 427), (427, 640), (224, 224), (1000, 300), (301, 1003), (90, 61), (1, 500), (229, 259)]:
        for kind, picture in pictures(width, height):
            distance = apart(ours(picture, words, side, side), theirs(image.fromarray(picture)))
            if distance > worst:
                worst, where = distance, f"{kind} {width}x{height}"
    check(worst <= 1, f"preset {name}: pixels within a code of Pillow's", f"{worst} codes: {where}")

shared = os.environ.get("SHARED", "")
folder = os.path.join(shared, "photos")
names = sorted(n for n in os.listdir(folder) if n.endswith((".jpg", ".png")))[:4] if shared and os.path.isdir(folder) else []
for file in names:
    photo = image.open(os.path.join(folder, file)).convert("RGB")
    worst = {name: apart(ours(np.asarray(photo), words, side, side), theirs(photo))
             for name, (words, side, theirs) in PRESETS.items()}
    check(max(worst.values()) <= 1, f"photograph {file} ({photo.size[0]}x{photo.size[1]}): all presets", worst)
check(not names or len(names) == 4, "photographs were there, or none are")
tool.stdin.close()
check(tool.wait() == 0, "the tool said nothing against any job")
done()
