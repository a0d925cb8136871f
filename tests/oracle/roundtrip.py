#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture that goes through an empty recipe comes out with the samples that it had, at its own depth: every kind of TIFF,
PNG, PNM, PFM and WebP, and what a JPEG decodes to; the stored orientation stays; a TIFF of 40 pages keeps 40.
The files are made and read by tifffile, Pillow, OpenCV and _files.py, nothing of ours."""
import os
import subprocess
import tempfile

import _command
import tap

np, tifffile, Image = tap.require("numpy", "tifffile", "PIL.Image")
_command.need()
import _files  # noqa: E402  needs numpy

WIDTH, HEIGHT = 83, 61  # no multiple of a byte's bits, of tiles, of JPEG's blocks
PAGES = 40
random = np.random.Generator(np.random.PCG64(20263))
folder = tempfile.TemporaryDirectory()
recipe = os.path.join(folder.name, "empty.recipe")
with open(recipe, "w", encoding="ascii") as empty:
    empty.write("# imgenhance recipe 1\n")


def path(name):
    return os.path.join(folder.name, name)


def copy(source, target, *words):
    """Runs the command; returns what it said, or None when it went well."""
    ran = subprocess.run([os.environ["IMGENHANCE"], "apply", "--quiet", "--recipe", recipe, "--existing", "replace", *words,
                          "-o", target, source], capture_output=True, text=True)
    return None if ran.returncode == 0 else f"exit {ran.returncode}: {ran.stderr.strip()}"


def integers(bits, channels=1):
    """Every code where there are few enough, noise, and the two ends."""
    shape = (HEIGHT, WIDTH, channels)
    samples = random.integers(0, 1 << bits, shape, np.uint64, endpoint=False)
    ends = samples.reshape(-1)
    ends[0], ends[1] = 0, (1 << bits) - 1
    return samples


def typed(kind, channels=1):
    """Noise of a NumPy type, its ends among it; floating samples below and above 0..1 as well."""
    kind = np.dtype(kind)
    if kind.kind == "f":
        samples = random.normal(0.5, 0.6, (HEIGHT, WIDTH, channels))
    else:
        limits = np.iinfo(kind)
        samples = random.integers(limits.min, limits.max, (HEIGHT, WIDTH, channels), kind, endpoint=True)
        samples.reshape(-1)[:2] = limits.min, limits.max
    samples = samples.astype(kind)
    return samples[:, :, 0] if channels == 1 else samples


# ---- TIFF ------------------------------------------------------------------------------------------------------------

WHITE_IS_0, PALETTE, MINIMUM = 0, 3, 1
FLOAT_STEP = 2.0 ** -23  # of a picture's samples beyond 16 bits, for 1 and below


def told(page):
    """What a page says of its samples, and them with their meaning: 0..1 from black (no ink) to the largest code."""
    samples = _files.tiff_samples(page)
    if int(page.planarconfig) == 2 and page.samplesperpixel > 1:
        samples = np.moveaxis(samples, 0, -1)
    photometric = int(page.photometric)
    facts = {"colour": {WHITE_IS_0: MINIMUM, PALETTE: 2}.get(photometric, photometric),
             "extra": [int(kind) for kind in page.extrasamples],
             "orientation": int(page.tags[274].value) if 274 in page.tags else 1}
    if photometric == PALETTE:
        return facts, 0, np.moveaxis(page.colormap, 0, -1)[samples.astype(np.uint16)].astype(np.float64) / 65535
    bits = page.bitspersample
    if samples.dtype.kind == "f":
        bits, meaning = 0, samples.astype(np.float64)
    elif samples.dtype.kind == "i":
        bits, meaning = 0, samples.astype(np.float64) / ((1 << (bits - 1)) - 1)
    else:
        meaning = samples.astype(np.float64) / ((1 << bits) - 1)
    return facts, bits if bits <= 16 else 0, 1 - meaning if photometric == WHITE_IS_0 else meaning


def same_page(before, after):
    """None, or how the page differs: integers up to 16 bits stay what they are, all else may become 32-bit float."""
    (old, bits, was), (new, now_bits, now) = told(before), told(after)
    if old != new or bits and bits != now_bits:
        return f"{old}, {bits} bits became {new}, {now_bits} bits"
    if was.shape != now.shape:
        return f"{was.shape} became {now.shape}"
    bound = 1e-9 if bits or now_bits else FLOAT_STEP * np.maximum(1, np.abs(was))
    wrong = np.argwhere(~(np.abs(was - now) <= bound))
    if len(wrong):
        first = tuple(wrong[0])
        return f"{len(wrong)} samples differ, the first at {first}: {was[first]} became {now[first]}"
    return None


def same_tiff(source, target):
    with tifffile.TiffFile(source) as before, tifffile.TiffFile(target) as after:
        if len(before.pages) != len(after.pages):
            return f"{len(before.pages)} pages became {len(after.pages)}"
        for number, (old, new) in enumerate(zip(before.pages, after.pages)):
            problem = same_page(old, new)
            if problem:
                return f"page {number}: {problem}"
    return None


def check_tiff(name, source):
    target = path("out.tif")
    try:
        problem = copy(source, target, *UNCOMPRESSED) or same_tiff(source, target)
    except Exception as what:  # tifffile could not read what was written
        problem = f"{type(what).__name__}: {what}"
    tap.check(problem is None, f"TIFF, {name}", problem)


def offers(option):
    """Whether apply has the option."""
    ran = subprocess.run([os.environ["IMGENHANCE"], "apply", "--help"], capture_output=True, text=True)
    return option in ran.stdout


# tifffile alone unpacks few compressions; what is kept of them is another test's question.
UNCOMPRESSED = ["--compression", "none"] if offers("--compression") else []


def made_by_tifffile(samples, **how):
    source = path("in.tif")
    tifffile.imwrite(source, samples, metadata=None, **how)
    return source


def tiffs():
    for kind in ("u1", "u2", "u4", "i1", "i2", "i4", "f2", "f4", "f8"):
        check_tiff(f"gray {kind}", made_by_tifffile(typed(kind), photometric="minisblack"))
        check_tiff(f"RGB {kind}", made_by_tifffile(typed(kind, 3), photometric="rgb"))
    for kind in ("u1", "u2", "f4"):
        check_tiff(f"RGB and alpha, {kind}", made_by_tifffile(typed(kind, 4), photometric="rgb", extrasamples=["unassalpha"]))
        check_tiff(f"gray and alpha, {kind}",
                   made_by_tifffile(typed(kind, 2), photometric="minisblack", planarconfig="contig", extrasamples=["unassalpha"]))
        check_tiff(f"planar RGB, {kind}", made_by_tifffile(np.moveaxis(typed(kind, 3), -1, 0).copy(), photometric="rgb",
                                                           planarconfig="separate"))
    for kind in ("u1", "u2"):
        check_tiff(f"min is white, {kind}", made_by_tifffile(typed(kind), photometric="miniswhite"))
        check_tiff(f"CMYK {kind}", made_by_tifffile(typed(kind, 4), photometric="separated", planarconfig="contig"))
        check_tiff(f"CMYK and alpha, {kind}", made_by_tifffile(typed(kind, 5), photometric="separated", planarconfig="contig",
                                                               extrasamples=["unassalpha"]))
        check_tiff(f"CIELab {kind}", made_by_tifffile(typed(kind, 3), photometric="cielab", planarconfig="contig"))
        check_tiff(f"tiled, {kind}", made_by_tifffile(typed(kind, 3), photometric="rgb", tile=(32, 48)))
        check_tiff(f"BigTIFF, {kind}", made_by_tifffile(typed(kind, 3), photometric="rgb", bigtiff=True))
        check_tiff(f"big-endian, {kind}", made_by_tifffile(typed(kind, 3), photometric="rgb", byteorder=">"))
        check_tiff(f"deflate and predictor, {kind}",
                   made_by_tifffile(typed(kind, 3), photometric="rgb", compression="zlib", predictor=True))
    for bits in (1, 2, 3, 4, 5, 6, 7, 10, 12, 14):
        for photometric, name, channels in ((1, "gray", 1), (0, "min is white", 1), (2, "RGB", 3)):
            if bits not in (1, 2, 4, 12) and photometric == 0:
                continue
            source = path("packed.tif")
            _files.write_tiff(source, integers(bits, channels), bits, photometric)
            check_tiff(f"{name} of {bits} bit{'s' * (bits > 1)}", source)
    for bits in (1, 2, 4, 8):
        check_tiff(f"palette of {bits} bit{'s' * (bits > 1)}", palette_tiff(bits))


def palette_tiff(bits):
    """Like _files.write_tiff() with a colour map, which is put where the file ends."""
    source = path("palette.tif")
    colours = random.integers(0, 65536, (3, 1 << bits), np.uint16)
    end = 8 + len(_files.pack(np.zeros((HEIGHT, WIDTH), np.uint8), bits))
    size = end + end % 2 + 2 + 2 + 11 * 12 + 4  # strip, BitsPerSample, directory of eleven entries
    _files.write_tiff(source, integers(bits), bits, 3, [(320, 3, 3 << bits, size.to_bytes(4, "big"))])
    with open(source, "ab") as file:
        assert file.tell() == size
        file.write(colours.astype(">u2").tobytes())
    return source


def pages():
    source = path("pages.tif")
    with tifffile.TiffWriter(source) as file:
        for number in range(PAGES):
            kind, channels = (("u1", 3), ("u2", 1), ("u1", 1), ("f4", 3))[number % 4]
            samples = typed(kind, channels)[:HEIGHT - number, :WIDTH - number // 2]
            file.write(samples, photometric="rgb" if channels == 3 else "minisblack", metadata=None)
    check_tiff(f"{PAGES} pages of four kinds and {PAGES} sizes", source)


# ---- PNG, PNM, PFM, WebP ---------------------------------------------------------------------------------------------


def compare_arrays(was, now):
    if was.shape != now.shape or was.dtype != now.dtype:
        return f"{was.shape} {was.dtype} became {now.shape} {now.dtype}"
    return None if np.array_equal(was, now) else f"{np.count_nonzero(was != now)} samples differ"


def by_opencv(name):
    import cv2
    return cv2.imread(name, cv2.IMREAD_UNCHANGED)


def by_pillow(name, mode):
    with Image.open(name) as picture:
        return np.asarray(picture.convert(mode))


def check_copy(name, source, target, read, *words, also=lambda: None):
    try:
        problem = copy(source, target, *words) or compare_arrays(read(source), read(target)) or also()
    except Exception as what:
        problem = f"{type(what).__name__}: {what}"
    tap.check(problem is None, name, problem)


def pngs():
    source, target = path("in.png"), path("out.png")
    tap.require("cv2")
    for interlaced in (False, True):
        how = ", Adam7" if interlaced else ""
        for bits in (1, 2, 4, 8, 16):
            _files.write_png(source, integers(bits), bits, "gray", interlaced)
            check_copy(f"PNG, gray of {bits} bit{'s' * (bits > 1)}{how}", source, target, by_opencv)
        for bits in (1, 2, 4, 8):
            _files.write_png(source, integers(bits), bits, "palette", interlaced, random.integers(0, 256, (1 << bits, 3)))
            check_copy(f"PNG, palette of {bits} bit{'s' * (bits > 1)}{how}", source, target,
                       lambda name: by_pillow(name, "RGB"))
        for kind, channels in (("rgb", 3), ("gray-alpha", 2), ("rgb-alpha", 4)):
            for bits in (8, 16):
                _files.write_png(source, integers(bits, channels), bits, kind, interlaced)
                expected = (bits, _files.PNG_TYPES[kind])
                check_copy(f"PNG, {kind} of {bits} bits{how}", source, target, by_opencv,
                           also=lambda: None if _files.png_header(target) == expected else
                           f"bits and type {expected} became {_files.png_header(target)}")


def pnms():
    for name, kind, channels, most in (("in.pgm", "u1", 1, 255), ("in.ppm", "u1", 3, 255), ("in.pgm", ">u2", 1, 65535),
                                       ("in.ppm", ">u2", 3, 65535)):
        samples = random.integers(0, most, (HEIGHT, WIDTH, channels), np.uint32, endpoint=True).astype(kind)
        with open(path(name), "wb") as file:
            file.write(b"P%d\n%d %d\n%d\n" % (5 if channels == 1 else 6, WIDTH, HEIGHT, most) + samples.tobytes())
        check_copy(f"{name[3:].upper()} up to {most}", path(name), path("out" + name[2:]), by_opencv)
    for channels in (1, 3):
        with open(path("in.pfm"), "wb") as file:
            file.write(b"P%s\n%d %d\n-1\n" % (b"f" if channels == 1 else b"F", WIDTH, HEIGHT) +
                       typed("f4", channels).astype("<f4").tobytes())
        check_copy(f"PFM, {channels} channel{'s' * (channels > 1)}", path("in.pfm"), path("out.pfm"), by_opencv)


def webps():
    if copy(made_by_tifffile(typed("u1", 3), photometric="rgb"), path("try.webp")):
        tap.skip("WebP", "this build writes no WebP")
        return
    for mode, channels in (("RGB", 3), ("RGBA", 4)):
        Image.fromarray(typed("u1", channels), mode).save(path("in.webp"), lossless=True, exact=True)
        check_copy(f"WebP without loss, {mode}", path("in.webp"), path("out.webp"), lambda name, m=mode: by_pillow(name, m))


# ---- JPEG ------------------------------------------------------------------------------------------------------------


def smooth(channels):
    x, y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    planes = [128 + 100 * np.sin(x / (9 + 3 * c)) * np.cos(y / (11 - c)) for c in range(channels)]
    return np.stack(planes, 2).astype(np.uint8).squeeze()


def jpegs():
    for mode, channels in (("L", 1), ("RGB", 3), ("CMYK", 4)):
        for progressive in (False, True):
            source = path("in.jpg")
            Image.fromarray(smooth(channels), mode).save(source, quality=87, progressive=progressive, subsampling=2)
            target = path("decoded.tif" if mode == "CMYK" else "decoded.png")
            check_copy(f"JPEG {mode}{', progressive' * progressive}: decoded as Pillow does", source, target,
                       lambda name, m=mode: by_pillow(name, m))
            again = path("again.jpg")

            def tables(name):
                with Image.open(name) as picture:
                    return picture.quantization, [layer[1:3] for layer in picture.layer]

            problem = copy(source, again)
            if not problem and tables(source) != tables(again):
                problem = f"{tables(source)} became {tables(again)}"
            tap.check(problem is None, f"JPEG {mode}{', progressive' * progressive}: quantisation and subsampling stay", problem)
            if mode == "CMYK":  # Pillow's is not transformed: at another quality it becomes YCCK
                continue
            problem = copy(source, again, "--quality", "95")
            if not problem and tables(source)[1] != tables(again)[1]:
                problem = f"{tables(source)[1]} became {tables(again)[1]}"
            tap.check(problem is None, f"JPEG {mode}{', progressive' * progressive}: subsampling stays at another quality", problem)


# ---- orientation -----------------------------------------------------------------------------------------------------


def orientation_of(name):
    with Image.open(name) as picture:
        return picture.getexif().get(274)


def orientations():
    kinds = [(".png", "RGB"), (".jpg", "RGB"), (".tif", "RGB")]
    for number in range(1, 9):
        for extension, mode in kinds:
            source, target = path("turned" + extension), path("kept" + extension)
            if extension == ".tif":
                tifffile.imwrite(source, typed("u1", 3), photometric="rgb", metadata=None,
                                 extratags=[(274, "H", 1, number, True)])
            else:
                exif = Image.Exif()
                exif[274] = number
                Image.fromarray(smooth(3), mode).save(source, exif=exif, quality=90)
            problem = copy(source, target)
            if not problem and orientation_of(target) != number:
                problem = f"became {orientation_of(target)}"
            if not problem and extension != ".jpg":
                problem = compare_arrays(raw(source), raw(target))
            if not problem and Image.open(source).size != Image.open(target).size:
                problem = "the stored size changed"
            tap.check(problem is None, f"orientation {number} stays in {extension[1:].upper()}, pixels as stored", problem)


def raw(name):
    return tifffile.imread(name) if name.endswith(".tif") else by_opencv_unturned(name)


def by_opencv_unturned(name):
    import cv2
    return cv2.imread(name, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)


tiffs()
pages()
pngs()
pnms()
webps()
jpegs()
orientations()
folder.cleanup()
tap.done()
