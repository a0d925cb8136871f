# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures out of nothing but seeds, for the fitting of the descriptor: what photographs and drawings have in common with
them is statistics (spectra that fall with frequency, things that hide each other: the dead leaves model of Matheron, Lee et
al. 2001), palettes, horizons, patterns. scene(seed) is a uint8 array, rows x columns x 3, longer side 256."""
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 256

EMBLEMS = 6  # one of so many is no scene


def fractal(rng, width, height, slope):
    """Noise with a spectrum of 1 / frequency^slope, mean 0, deviation 1."""
    fy = np.fft.fftfreq(height)[:, None]
    fx = np.fft.rfftfreq(width)[None, :]
    f = np.sqrt(fx * fx * rng.uniform(0.3, 3) + fy * fy)
    f[0, 0] = 1
    spectrum = np.exp(2j * np.pi * rng.random(f.shape)) / f ** slope
    spectrum[0, 0] = 0
    noise = np.fft.irfft2(spectrum, s=(height, width))
    return noise / (noise.std() + 1e-12)


def palette(rng, count):
    """Colours that go together: a hue, near ones and a few against it, at all kinds of saturation and lightness."""
    hue, spread = rng.random(), rng.choice([0.03, 0.1, 0.25, 1.0])
    colours = []
    for _ in range(count):
        h = (hue + spread * rng.normal() * 0.5 + (0.5 if rng.random() < 0.15 else 0)) % 1
        s, v = rng.beta(1.2, 2.0), rng.beta(1.3, 1.2)
        k = (np.array([5, 3, 1]) + h * 6) % 6
        colours.append(255 * v * (1 - s * np.clip(np.minimum(k, 4 - k), 0, 1)))
    return np.array(colours)


def ramp(rng, width, height, a, b):
    """From colour a to b, along a line or around a point."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    if rng.random() < 0.6:
        t = rng.uniform(0, 2 * np.pi) if rng.random() < 0.5 else np.pi / 2
        g = x / width * np.cos(t) + y / height * np.sin(t)
    else:
        g = np.hypot(x / width - rng.random(), y / height - rng.random())
    g = (g - g.min()) / (np.ptp(g) + 1e-9)
    g = g ** rng.uniform(0.5, 2)
    return a + (b - a) * g[..., None]


def coloured(rng, field, colours):
    """A field through a map of colours."""
    ranks = np.clip((field + 2.2) / 4.4, 0, 1) * (len(colours) - 1)
    i = np.minimum(ranks.astype(int), len(colours) - 2)
    t = (ranks - i)[..., None]
    return colours[i] * (1 - t) + colours[i + 1] * t


def outline(rng, cx, cy, r, kind):
    """Corners of a thing."""
    if kind == 0:  # round, or drawn by hand
        n = 40
        t = np.arange(n) * 2 * np.pi / n
        wobble = 1 + sum(rng.normal() * s / k * np.cos(k * t + rng.uniform(0, 7)) for k in range(2, 7)
                         for s in [rng.choice([0, 0.25])])
        x, y = r * wobble * np.cos(t) * rng.uniform(0.4, 1.6), r * wobble * np.sin(t)
    else:
        n = 4 if kind == 1 else int(rng.integers(3, 9))
        t = np.sort(rng.uniform(0, 2 * np.pi, n)) if kind == 2 else np.arange(4) * np.pi / 2 + np.pi / 4
        x, y = r * np.cos(t) * rng.uniform(0.3, 2), r * np.sin(t)
    a = rng.uniform(0, 2 * np.pi) if rng.random() < 0.6 else 0.0
    return [(cx + px * np.cos(a) - py * np.sin(a), cy + px * np.sin(a) + py * np.cos(a)) for px, py in zip(x, y)]


def textured(rng, colour, width, height):
    """A ground of one colour with a texture of its own, lit from somewhere."""
    field = fractal(rng, width, height, rng.uniform(0.6, 1.8)) * rng.choice([0, 6, 14, 30])
    if rng.random() < 0.2:
        y, x = np.mgrid[0:height, 0:width]
        t, period = rng.uniform(0, np.pi), rng.uniform(4, 24)
        field = field + rng.uniform(8, 40) * np.sin((x * np.cos(t) + y * np.sin(t)) * 2 * np.pi / period)
    light = ramp(rng, width, height, np.array([rng.uniform(-40, 40)]), np.array([rng.uniform(-40, 40)]))
    return np.clip(colour + field[..., None] + light, 0, 255)


def put(picture, mask, ground):
    m = np.asarray(mask, float)[..., None] / 255
    return picture * (1 - m) + ground * m


def leaves(rng, picture, colours, count, smallest, largest, soft=0.0):
    """Things over each other, sizes by a power law."""
    height, width = picture.shape[:2]
    kinds = rng.choice([0, 1, 2], 2)
    style = rng.random()
    for _ in range(count):
        u = rng.random()
        r = (smallest ** -2 + u * (largest ** -2 - smallest ** -2)) ** -0.5
        mask = Image.new("L", (width, height))
        corners = outline(rng, rng.uniform(0, width), rng.uniform(0, height), r, int(rng.choice(kinds)))
        ImageDraw.Draw(mask).polygon(corners, fill=255)
        if soft:
            mask = mask.filter(ImageFilter.GaussianBlur(soft))
        colour = colours[rng.integers(len(colours))] + rng.normal(0, 12, 3)
        ground = textured(rng, colour, width, height) if style < 0.5 and r > 14 else np.broadcast_to(colour, picture.shape)
        picture = put(picture, mask, ground)
    return picture


def landscape(rng, width, height, colours):
    sky = ramp(rng, width, height, colours[0] * 0.4 + 140, colours[1] * 0.5 + 110)
    clouds = fractal(rng, width, height, rng.uniform(1.4, 2.2))
    picture = sky + (np.clip(clouds, 0, 3) * rng.choice([0, 15, 40]))[..., None]
    horizon = rng.uniform(0.25, 0.75) * height
    for k in range(int(rng.integers(1, 5))):
        line = horizon + k * rng.uniform(5, 35) + fractal(rng, width, 2, rng.uniform(0.8, 2))[0] * rng.choice([0.3, 4, 16, 30])
        mask = Image.fromarray(((np.mgrid[0:height, 0:width][0] > line[None, :]) * 255).astype(np.uint8))
        picture = put(picture, mask, textured(rng, colours[(2 + k) % len(colours)], width, height))
    return picture


def town(rng, picture, colours):
    """Boxes that stand, with windows."""
    height, width = picture.shape[:2]
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(2, 14))):
        x, w, top = rng.uniform(-20, width), rng.uniform(12, 90), rng.uniform(0.1, 0.8) * height
        bottom = height if rng.random() < 0.7 else rng.uniform(top, height)
        body, pane = [tuple(int(v) for v in np.clip(colours[rng.integers(len(colours))] + rng.normal(0, 10, 3), 0, 255))
                      for _ in range(2)]
        draw.rectangle([x, top, x + w, bottom], fill=body)
        px, py = rng.uniform(4, 18), rng.uniform(4, 20)
        if rng.random() < 0.7:
            for wy in np.arange(top + 3, bottom - py, py * rng.uniform(1.3, 2)):
                for wx in np.arange(x + 2, x + w - px * 0.8, px * 1.5):
                    draw.rectangle([wx, wy, wx + px * 0.7, wy + py * 0.7], fill=pane)
        if rng.random() < 0.3:
            draw.polygon([(x - 4, top), (x + w / 2, top - rng.uniform(5, 40)), (x + w + 4, top)], fill=pane)
    return np.asarray(image, float)


def strokes(rng, picture, colours):
    """Branches, grass, cables, writing by hand."""
    height, width = picture.shape[:2]
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    lean, spread = rng.uniform(0, np.pi), rng.choice([0.1, 0.4, 2])
    thick = rng.choice([1, 1, 2, 4])
    for _ in range(int(rng.choice([5, 20, 120]))):
        x, y, a = rng.uniform(0, width), rng.uniform(0, height), lean + rng.normal() * spread
        points, bend = [(x, y)], rng.normal() * 0.2
        for _ in range(int(rng.integers(2, 12))):
            a += bend
            x, y = x + 9 * np.cos(a), y + 9 * np.sin(a)
            points.append((x, y))
        colour = tuple(int(v) for v in np.clip(colours[rng.integers(len(colours))] + rng.normal(0, 15, 3), 0, 255))
        draw.line(points, fill=colour, width=int(thick))
    return np.asarray(image, float)


def writing(rng, picture, colours):
    """Lines of something like words."""
    height, width = picture.shape[:2]
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    ink = tuple(int(v) for v in np.clip(colours[rng.integers(len(colours))], 0, 255))
    size = rng.uniform(3, 14)
    x0, x1 = rng.uniform(0, 0.4) * width, rng.uniform(0.6, 1) * width
    for y in np.arange(rng.uniform(0, 0.5) * height, rng.uniform(0.5, 1) * height, size * 1.7):
        x = x0
        while x < x1 * rng.uniform(0.7, 1):
            word = rng.uniform(1, 6) * size * 0.6
            for letter in np.arange(x, x + word, size * 0.6):
                h = size * rng.choice([0.6, 0.6, 1])
                draw.line([(letter, y + size - h), (letter + rng.uniform(-1, 1) * size * 0.3, y + size)], fill=ink,
                          width=max(1, int(size / 6)))
            x += word + size * 0.5
    return np.asarray(image, float)


def tiles(rng, width, height, colours):
    """Stripes, checks, dots, waves."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    t = rng.choice([0, 0, np.pi / 2, rng.uniform(0, np.pi)])
    u, v = x * np.cos(t) + y * np.sin(t), y * np.cos(t) - x * np.sin(t)
    p, q = rng.uniform(8, 100, 2)
    kind = rng.integers(4)
    field = [np.sin(u * 2 * np.pi / p), np.sin(u * 2 * np.pi / p) * np.sin(v * 2 * np.pi / q),
             np.hypot((u % p) - p / 2, (v % p) - p / 2) / p * 4 - 1, np.sin((u + 12 * np.sin(v / q * 6)) * 2 * np.pi / p)][kind]
    if rng.random() < 0.5:
        field = np.sign(field)
    return coloured(rng, field + fractal(rng, width, height, 1.2) * rng.choice([0, 0.1, 0.4]), colours)


def emblem(rng, width, height):
    """What signs, labels, flags and charts are made of: few plain colours in stripes, crosses, discs, with straight edges."""
    picture = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(picture)
    plain = [(255, 255, 255), (0, 0, 0), (200, 20, 40), (20, 50, 140), (250, 205, 30), (20, 130, 70), (240, 120, 20), (110, 170, 230)]
    chosen = [tuple(int(v) for v in np.clip(np.array(plain[i]) + rng.integers(-30, 31, 3), 0, 255))
              for i in rng.permutation(len(plain))]
    count = int(rng.choice([1, 2, 2, 3, 3, 5, 9]))
    down = rng.random() < 0.55
    for i in range(count):
        a, b = i / count, (i + 1) / count
        box = (0, a * height, width, b * height) if down else (a * width, 0, b * width, height)
        draw.rectangle([int(v) for v in box], chosen[i % 2 if count > 3 else i % len(chosen)])
    for _ in range(int(rng.choice([0, 1, 1, 2])) if count > 1 else int(rng.integers(1, 4))):
        kind, colour = rng.integers(5), chosen[int(rng.integers(2, len(chosen)))]
        x, y = rng.choice([0.25, 0.35, 0.5, 0.5, 0.65]) * width, rng.choice([0.25, 0.5, 0.5, 0.75]) * height
        r = rng.uniform(0.08, 0.3) * min(width, height)
        if kind == 0:
            draw.ellipse((x - r, y - r, x + r, y + r), colour)
        elif kind == 1:
            draw.rectangle((x - r * 0.4, 0, x + r * 0.4, height), colour)
            draw.rectangle((0, y - r * 0.4, width, y + r * 0.4), colour)
        elif kind == 2:
            draw.polygon([(0, 0), (width * rng.uniform(0.25, 0.5), height / 2), (0, height)], colour)
        elif kind == 3:
            points = [(x + r * (1, 0.4)[k % 2] * np.sin(k * np.pi / 5), y - r * (1, 0.4)[k % 2] * np.cos(k * np.pi / 5)) for k in range(10)]
            draw.polygon(points, colour)
        else:
            draw.rectangle((0, 0, width * rng.uniform(0.3, 0.5), height * rng.uniform(0.4, 0.6)), colour)
    return np.array(picture)


def scene(seed):
    rng = np.random.default_rng([6, seed])
    if seed % EMBLEMS == EMBLEMS - 1:
        width = int(SIDE * rng.uniform(0.8, 1))
        return emblem(rng, width, int(width / rng.choice([1, 1.25, 1.5, 1.5, 2])))
    ratio = rng.choice([1, 4 / 3, 3 / 2, 3 / 2, 16 / 9])
    width, height = (SIDE, int(SIDE / ratio)) if rng.random() < 0.75 else (int(SIDE / ratio), SIDE)
    colours = palette(rng, int(rng.integers(3, 9)))
    ground = rng.random()
    if ground < 0.3:
        picture = landscape(rng, width, height, colours)
    elif ground < 0.5:
        picture = coloured(rng, fractal(rng, width, height, rng.uniform(1.0, 2.4)), colours)
    elif ground < 0.65:
        picture = ramp(rng, width, height, colours[0], colours[1])
    elif ground < 0.75:
        picture = tiles(rng, width, height, colours)
    elif ground < 0.85:
        picture = np.broadcast_to(rng.choice([0, 255, 255, 230]), (height, width, 3)).astype(float)
    else:
        picture = textured(rng, colours[0], width, height)
    if rng.random() < 0.25:
        picture = leaves(rng, picture, palette(rng, 6), int(rng.integers(10, 60)), 6, 90)
        picture = np.asarray(Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).filter(
            ImageFilter.GaussianBlur(rng.uniform(1, 9))), float)
    for _ in range(int(rng.integers(1, 4))):
        more = rng.random()
        if more < 0.55:
            picture = leaves(rng, picture, colours, int(rng.choice([1, 3, 8, 25, 70])), rng.uniform(3, 20),
                             rng.uniform(30, 110), rng.choice([0, 0, 1, 2]))
        elif more < 0.7:
            picture = town(rng, picture, colours)
        elif more < 0.85:
            picture = strokes(rng, picture, palette(rng, 4))
        elif more < 0.93:
            picture = writing(rng, picture, palette(rng, 2))
        else:
            field = fractal(rng, width, height, rng.uniform(1.2, 2))
            mask = Image.fromarray(((field > rng.uniform(-1, 1)) * 255).astype(np.uint8))
            picture = put(picture, mask, textured(rng, colours[-1], width, height))
    if rng.random() < 0.5:
        picture = picture * (1 + 0.25 * np.clip(fractal(rng, width, height, 2.2), -2, 2)[..., None])
    picture = picture + rng.normal(0, rng.choice([0, 2, 5]), picture.shape)
    if rng.random() < 0.5:
        light = (picture @ [0.299, 0.587, 0.114])[..., None]
        picture = light + (picture - light) * rng.uniform(0.1, 1.2)
    return np.clip(picture, 0, 255).astype(np.uint8)


if __name__ == "__main__":
    import sys
    sheet = Image.new("RGB", (8 * 200, 6 * 200))
    for i in range(48):
        one = Image.fromarray(scene(int(sys.argv[2]) + i if len(sys.argv) > 2 else i))
        one.thumbnail((196, 196))
        sheet.paste(one, (i % 8 * 200, i // 8 * 200))
    sheet.save(sys.argv[1])
