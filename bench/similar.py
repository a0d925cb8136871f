#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well edited pictures find their originals among others: recall@1 and mAP of each edit, beside pHash and a Haar
signature (docs/similar-descriptor.md).

usage: similar.py BUILD [--photos FOLDER] [--seen] [--scenes N] [--repeat N] [--features FILE]

Queries are the photographs of --photos after each of the edits; they are looked for among these photographs and the pictures
that Debian's packages bring (./dev bench similar installs them). The descriptor's matrix is fitted once more for each family
of edits, without that family, and only what it does with that family counts. --seen: with the matrix of the library alone."""
import argparse
import hashlib
import io
import os
import re
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


# ---- The others ---------------------------------------------------------------------------------------------------------

def phash(image):
    """64 bits: the lowest 8 x 8 frequencies of 32 x 32 against their median (Zauner 2010; as imagehash and others have it)."""
    a = np.asarray(image.convert("L").resize((32, 32), Image.LANCZOS), float)
    k = np.arange(32)
    c = np.cos(np.pi * (2 * k[None, :] + 1) * k[:8, None] / 64)
    low = c @ a @ c.T
    return (low > np.median(low)).ravel()


def phash_scores(queries_, index):
    q, i = np.array(queries_, np.int32), np.array(index, np.int32)
    return (q @ i.T + (1 - q) @ (1 - i).T) / 64


def haar(image):
    """The 40 largest coefficients of each channel of YIQ at 128 x 128 (Jacobs, Finkelstein, Salesin 1995; imgSeek and digiKam
    compare these)."""
    a = np.asarray(image.resize((128, 128), Image.BILINEAR), float) / 255
    yiq = a @ np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]]).T
    signature = []
    for c in range(3):
        t = yiq[..., c].copy()
        for axis in (0, 1):
            n = 128
            t = np.moveaxis(t, axis, 0).copy()
            while n > 1:
                even, odd = t[0:n:2].copy(), t[1:n:2].copy()
                t[:n // 2], t[n // 2:n] = (even + odd) / 2 ** 0.5, (even - odd) / 2 ** 0.5
                n //= 2
            t = np.moveaxis(t, 0, axis)
        mean, flat = t[0, 0] / 128, t.ravel().copy()
        flat[0] = 0
        best = np.argpartition(-np.abs(flat), 40)[:40]
        signature.append((mean, {(int(b), flat[b] > 0) for b in best}))
    return signature


# Weights of Jacobs et al., table 1 ("scanned", YIQ), by min(max(row, column), 5), as imgSeek has them.
HAAR_WEIGHTS = np.array([[5.00, 19.21, 34.37], [0.83, 1.26, 0.36], [1.01, 0.44, 0.45], [0.52, 0.53, 0.14], [0.47, 0.28, 0.18],
                         [0.30, 0.14, 0.27]])


def haar_scores(queries_, index):
    scores = np.zeros((len(queries_), len(index)))
    for c in range(3):
        table = {}
        for n, signature in enumerate(index):
            for entry in signature[c][1]:
                table.setdefault(entry, []).append(n)
        means = np.array([signature[c][0] for signature in index])
        for k, signature in enumerate(queries_):
            scores[k] -= HAAR_WEIGHTS[0, c] * np.abs(signature[c][0] - means)
            for entry in signature[c][1]:
                if entry in table:
                    level = min(max(entry[0] // 128, entry[0] % 128), 5)
                    scores[k, table[entry]] += HAAR_WEIGHTS[level, c]
    return scores


# ---- Ours ---------------------------------------------------------------------------------------------------------------

def describe(program, images, matrix=None, turn=1, part=0):
    """Vectors; matrix: file, None: the library's."""
    import fit
    out = []
    for at in range(0, len(images), 100):
        data = b"".join(fit.records([np.asarray(i) for i in images[at:at + 100]], turn, part))
        ran = subprocess.run([program, "vectors"] + ([matrix] if matrix else []), input=data, capture_output=True, check=True)
        out.append(np.frombuffer(ran.stdout, np.int8).reshape(-1, 256))
    return np.concatenate(out).astype(np.float32)


NORM = 508.0


def cosines(a, b):
    return a @ b.T / NORM ** 2


def ranks(scores, targets):
    own = scores[np.arange(len(targets)), targets]
    return (scores >= own[:, None]).sum(1)  # a tie is no success


def row(rank):
    return 100 * float((rank == 1).mean()), float((1 / rank).mean())


TURN_PENALTY = 0.98   # of a turned query's score, as the commands have it


PASTED = -1  # as a part: what is pasted into the picture


def query_scores(program, images, index, matrix=None):
    """As `similar` looks: the whole, and what is pasted into it."""
    return np.maximum(cosines(describe(program, images, matrix), index),
                      TURN_PENALTY * cosines(describe(program, images, matrix, part=PASTED), index))


def turned_scores(program, images, index, matrix=None):
    best = cosines(describe(program, images, matrix), index)
    for turn in range(2, 9):
        best = np.maximum(best, TURN_PENALTY * cosines(describe(program, images, matrix, turn), index))
    return best


def bench(given):
    import fit
    program = os.path.join(given.build, "embed", "fit", "describe-pictures")
    names = sorted(n for n in os.listdir(given.photos) if n.endswith(".png"))
    photographs = [load(os.path.join(given.photos, n)) for n in names]
    if not photographs:
        sys.exit("similar.py: no photographs in " + given.photos)
    found = collection(PACKAGES)
    distractors = [image for _, image in found]
    wallpapers = [image for path, image in found if "/wallpapers/" in path or "/backgrounds/" in path]
    print(f"{len(photographs)} photographs, {len(distractors)} distractors from {len(PACKAGES)} packages; "
          f"{len(photographs) * given.repeat} queries an edit", flush=True)
    if len(distractors) < 1000:
        print("(fewer than 1,000: packages are missing)")
    everything = photographs + distractors
    asked = queries(photographs, wallpapers or distractors, given.repeat)
    targets = np.tile(np.arange(len(photographs)), given.repeat)

    with tempfile.TemporaryDirectory() as folder:
        matrices = {None: None}
        if not given.seen:
            x, tags = fit.collect(program, given.scenes, given.features)
            for family in sorted({e[1] for e in EDITS if e[1]}):
                matrices[family] = os.path.join(folder, family)
                with open(matrices[family], "wb") as file:
                    file.write(fit.fit(x, tags, family))
        index = {family: describe(program, everything, matrix) for family, matrix in matrices.items()}
        hashes, signatures = [phash(i) for i in everything], [haar(i) for i in everything]
        print(f"\n{'':24}{'ours, family left out':>24}{'ours, as shipped':>20}{'pHash-64':>16}{'Haar':>16}")
        print(f"{'edit':24}{'recall@1':>16}{'mAP':>8}{'recall@1':>12}{'mAP':>8}{'recall@1':>10}{'mAP':>6}{'recall@1':>10}{'mAP':>6}")
        sums = {}
        for name, family, counts, _ in EDITS:
            images = asked[name]
            shipped = row(ranks(query_scores(program, images, index[None]), targets))
            left_out = shipped
            if family and not given.seen:
                left_out = row(ranks(query_scores(program, images, index[family], matrices[family]), targets))
            p = row(ranks(phash_scores([phash(i) for i in images], hashes), targets))
            h = row(ranks(haar_scores([haar(i) for i in images], signatures), targets))
            if counts:
                for key, value in (("left out", left_out), ("shipped", shipped), ("phash", p), ("haar", h)):
                    sums.setdefault(key, []).append(value)
            print(f"{name:24}{left_out[0]:16.1f}{left_out[1]:8.3f}{shipped[0]:12.1f}{shipped[1]:8.3f}{p[0]:10.1f}{p[1]:6.2f}"
                  f"{h[0]:10.1f}{h[1]:6.2f}", flush=True)
        means = {key: np.mean(value, 0) for key, value in sums.items()}
        print(f"{'mean of the 17':24}" + "".join(
            f"{means[key][0]:{w}.1f}{means[key][1]:{v}.{d}f}" for key, w, v, d in
            (("left out", 16, 8, 3), ("shipped", 12, 8, 3), ("phash", 10, 6, 2), ("haar", 10, 6, 2))))

        print("\nwith options (no flip, crop or turn is in the fit of the rows named so):")
        for name in ("mirrored", "turned 90"):
            r = row(ranks(turned_scores(program, asked[name], index[None]), targets))
            print(f"{name + ', query turned':40}{r[0]:8.1f}{r[1]:8.3f}")
        family = None if given.seen else "crop"
        parts = [describe(program, everything, matrices[family], part=p) for p in range(1, 6)]
        for name in ("crop to 50 %", "crop to 25 %"):
            q = describe(program, asked[name], matrices[family])
            scores = cosines(q, index[family])
            for part in parts:
                scores = np.maximum(scores, cosines(q, part))
            r = row(ranks(scores, targets))
            print(f"{name + ', parts indexed':40}{r[0]:8.1f}{r[1]:8.3f}")

    print_pairs("photographs and wallpapers", photographs, found, PHOTOGRAPHS, index[None])
    print_pairs("the same, themes and stamps, which come in series", photographs, found,
                [p for p in PACKAGES if p not in ("kgeography-data", "openclipart-png")], index[None])
    print("\nof the edited queries are as near to their original:")
    for threshold in THRESHOLDS:
        near = [np.mean((describe_cached(program, asked, e[0]) * index[None][targets]).sum(1) / NORM ** 2 >= threshold)
                for e in EDITS if e[2]]
        print(f"  from {threshold:.2f}: {100 * np.mean(near):.1f} %")


THRESHOLDS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9)


def is_blank(image):
    """White, to the eye: wallpapers that are all transparent are the same picture."""
    return np.asarray(image, float).std((0, 1)).max() < 4


def print_pairs(title, photographs, found, packages, vectors):
    """How near pictures are that have nothing to do with each other. Left out, by no more than their names: the same picture in
    another size."""
    listed = set()
    for package in packages:
        listed.update(subprocess.run(["dpkg-query", "-L", package], capture_output=True, text=True).stdout.splitlines())
    chosen, names = list(range(len(photographs))), set()
    for k, (path, image) in enumerate(found):
        name = re.sub(r"[_-]\d{3,5}x\d{3,5}|_(GRAY|RGB)", "", path)
        if path in listed and "/icons/" not in path and name not in names and not is_blank(image):
            names.add(name)
            chosen.append(len(photographs) + k)
    s = cosines(vectors[chosen], vectors[chosen])[np.triu_indices(len(chosen), 1)]
    print(f"\n{title}: {len(chosen)}, {len(s)} pairs; median cosine {np.median(s):.3f}, " +
          ", ".join(f"{100 * q:g} % below {np.quantile(s, q):.3f}" for q in (0.99, 0.999, 0.9999)))
    for threshold in THRESHOLDS:
        print(f"  from {threshold:.2f}: {1e4 * (s >= threshold).mean():8.2f} of 10,000 ({(s >= threshold).sum()})")


_cache = {}


def describe_cached(program, asked, name):
    if name not in _cache:
        _cache[name] = describe(program, asked[name])
    return _cache[name]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build")
    parser.add_argument("--photos", default=os.path.join(HERE, "..", "..", "shared", "photos"))
    parser.add_argument("--seen", action="store_true")
    parser.add_argument("--scenes", type=int, default=600)
    parser.add_argument("--repeat", type=int, default=3, help="how often each edit is drawn of each photograph")
    parser.add_argument("--features", help="where the features of the fit are kept from run to run")
    bench(parser.parse_args())


if __name__ == "__main__":
    main()
