# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads pictures by programs that are not ours: libvips, ImageMagick, Pillow, tifffile. All give a Picture or raise Unread."""
import logging
import os
import struct
import subprocess
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle"))
from _files import tiff_samples  # noqa: E402  after the path is known

logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what is broken in a file is no news here
SECONDS = 60
FLOAT_STEP = 2.0 ** -24  # half a unit of 32-bit float, below 1


class Unread(Exception):
    """The reader does not read this picture, or reads it as something that cannot be compared."""


class Picture:
    """samples: height x width x channels, float64; 0..1 unless floating. codes: the largest code of its depth, or 0 for
    floating samples. model: gray, rgb, cmyk (1 is full ink) or lab. alpha: the last channel is straight alpha. reader: who
    read it."""

    def __init__(self, samples, codes, model, alpha, reader):
        samples = samples[:, :, None] if samples.ndim == 2 else samples
        if samples.ndim != 3:
            raise Unread(f"{reader}: {samples.ndim} dimensions")
        self.codes, self.model, self.alpha, self.reader = codes, model, alpha, reader
        self.samples = samples.astype(np.float64) / codes if codes else samples.astype(np.float64)


def model_of(colours):
    try:
        return {1: "gray", 3: "rgb"}[colours]
    except KeyError:
        raise Unread(f"{colours} colour channels") from None


def run(words):
    try:
        ran = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise Unread(str(problem)) from None
    if ran.returncode != 0:
        raise Unread(f"{words[0]}: {ran.stderr.decode('utf-8', 'replace').strip()[:200]}")
    return ran.stdout


# ---- netpbm ----------------------------------------------------------------------------------------------------------


def read_pam(data, reader):
    """PAM (P7) as our command and ImageMagick write it."""
    end = data.find(b"ENDHDR\n")
    if data[:3] != b"P7\n" or end < 0:
        raise Unread(f"{reader}: no PAM")
    words = dict(line.split(None, 1) for line in data[:end].decode("ascii").split("\n")[1:] if line.strip())
    width, height, depth, most = (int(words[name]) for name in ("WIDTH", "HEIGHT", "DEPTH", "MAXVAL"))
    kind = np.dtype(">u2") if most > 255 else np.dtype("u1")
    samples = np.frombuffer(data, kind, width * height * depth, end + 7).reshape(height, width, depth)
    tuple_type = words.get("TUPLTYPE", "").strip().upper()
    alpha = tuple_type.endswith("_ALPHA")
    model = "cmyk" if tuple_type.startswith("CMYK") else model_of(depth - alpha)
    return Picture(samples, most, model, alpha, reader)


def read_pfm(data, reader):
    """PFM, rows from the bottom."""
    kind, size, scale, body = data.split(b"\n", 3)
    width, height = map(int, size.split())
    channels = {b"PF": 3, b"Pf": 1}[kind]
    order = "<f4" if float(scale) < 0 else ">f4"
    samples = np.frombuffer(body, order, width * height * channels).reshape(height, width, channels)[::-1]
    return Picture(samples, 0, model_of(channels), False, reader)


# ---- the readers -----------------------------------------------------------------------------------------------------

VIPS_BANDS = {0: ("u1", 255), 1: ("i1", 127), 2: ("u2", 65535), 3: ("i2", 32767), 4: ("u4", 4294967295),
              5: ("i4", 2147483647), 6: ("f4", 0), 8: ("f8", 0)}
VIPS_CMYK, VIPS_LAB, VIPS_LABQ, VIPS_LABS = 15, 13, 16, 21
VIPS_XYZ = 12
VIPS_D65 = (95.0470, 100.0, 108.8827)  # where libvips puts the white of LogLuv (colour.h)
VIPS_HEADER = 64
LOG_L = 32844  # PhotometricInterpretation of SGI's LogL


def encode_srgb(linear):
    """IEC 61966-2-1, on beyond 1 and mirrored below 0."""
    size = np.abs(linear)
    return np.sign(linear) * np.where(size <= 0.0031308, 12.92 * size, 1.055 * np.maximum(size, 0.0031308) ** (1 / 2.4) - 0.055)


def from_xyz(xyz):
    """XYZ of equal-energy white (LogLuv's), Y 0..1, as sRGB: IEC 61966-2-1, whose D65 takes the place of that white."""
    matrix = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    return encode_srgb(xyz * (0.9505, 1, 1.0890) @ matrix.T)


def tiff_facts(path):
    """PhotometricInterpretation, and the number of colours if channels beyond them are not said to be alpha, else None. Gray of
    three samples, none of which is said to be extra, is an array's RGB."""
    import tifffile
    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages[0]
            photometric, extra = int(page.photometric), [int(kind) for kind in page.extrasamples]
            colours = {0: 1, 1: 1, 2: 3, 5: 4}.get(photometric)
            array = photometric == 1 and page.samplesperpixel == 3 and not extra
            unsaid = colours and page.samplesperpixel > colours and not any(extra) and not array
            return photometric, colours if unsaid else None
    except Exception:  # no TIFF, or one that tifffile does not read
        return None, None


def only_colours(picture, colours):
    """The picture without channels whose meaning is not said."""
    if colours and picture.samples.shape[2] > colours:
        picture.samples, picture.alpha = picture.samples[:, :, :colours], False
    return picture


def vips(path, folder):
    """The first page by libvips."""
    made = os.path.join(folder, "vips.v")
    run(["vips", "copy", path, made])
    with open(made, "rb") as file:
        data = file.read()
    os.unlink(made)
    order = "<" if data[:4] == b"\xb6\xa6\xf2\x08" else ">"
    width, height, bands, _, band_format, coding, kind = struct.unpack(order + "7i", data[4:32])
    if band_format not in VIPS_BANDS or coding != 0:
        raise Unread("vips: format of the samples")
    letter, codes = VIPS_BANDS[band_format]
    samples = np.frombuffer(data, order + letter, width * height * bands, VIPS_HEADER).reshape(height, width, bands)
    photometric, colours = tiff_facts(path)
    if photometric == LOG_L:
        return Picture(65535 * encode_srgb(np.exp2((samples.astype(np.float64) + 0.5) / 256 - 64)), 65535, "gray", False, "vips")
    if kind == VIPS_XYZ:
        return Picture(65535 * from_xyz(samples.astype(np.float64) / VIPS_D65), 65535, "rgb", False, "vips")
    if kind == VIPS_CMYK:
        return Picture(samples, codes, "cmyk", bands == 5, "vips")
    if colours:
        return Picture(samples[:, :, :colours], codes, "cmyk" if colours == 4 else model_of(colours), False, "vips")
    if kind in (VIPS_LAB, VIPS_LABQ, VIPS_LABS):
        raise Unread("vips: Lab in its own units")
    alpha = bands in (2, 4)
    return Picture(samples, codes, model_of(bands - alpha), alpha, "vips")


def imagemagick(path, folder):
    """The first page by ImageMagick, 16 bits."""
    tool = next((tool for tool in ("/usr/bin/convert-im6", "/usr/bin/convert-im6.q16", "/usr/bin/convert")
                 if os.access(tool, os.X_OK)), "convert")
    made = os.path.join(folder, "magick.pam")
    first = path + "[0]" if not any(letter in path for letter in ",:[]%") else path
    data = run([tool, "-quiet", first, "-depth", "16", "pam:" + made] if first != path
               else [tool, "-quiet", path, "-delete", "1--1", "-depth", "16", "pam:" + made])
    with open(made, "rb") as file:
        data = file.read()
    os.unlink(made)
    return read_pam(data, "ImageMagick")


def pillow(path, folder):
    """The first frame by Pillow. It has no 16 bits of colour: 8-bit codes are compared then."""
    del folder
    from PIL import Image
    Image.MAX_IMAGE_PIXELS = None
    try:
        picture = Image.open(path)
        picture.load()
        if picture.mode in ("P", "PA"):
            picture = picture.convert("RGBA" if picture.mode == "PA" or "transparency" in picture.info else "RGB")
        elif picture.mode == "1":
            picture = picture.convert("L")
        elif picture.mode in ("L", "RGB") and "transparency" in picture.info:
            picture = picture.convert("LA" if picture.mode == "L" else "RGBA")
        samples = np.asarray(picture)
    except Exception as problem:  # Pillow raises whatever a damaged file makes of its parts
        raise Unread(f"Pillow: {problem}") from None
    mode = picture.mode
    if mode in ("L", "LA", "RGB", "RGBA"):
        alpha = mode.endswith("A")
        return Picture(samples, 255, model_of(samples.shape[2] - alpha if samples.ndim == 3 else 1), alpha, "Pillow")
    if mode == "CMYK":
        return Picture(samples, 255, "cmyk", False, "Pillow")
    if mode.startswith("I;16"):
        return Picture(samples, 65535, "gray", False, "Pillow")
    if mode == "I" and picture.format == "PNG":
        return Picture(samples, 65535, "gray", False, "Pillow")
    if mode == "F":
        return Picture(samples, 0, "gray", False, "Pillow")
    raise Unread(f"Pillow: mode {mode}")


TIFF_MODELS = {0: "gray", 1: "gray", 2: "rgb", 3: "palette", 5: "cmyk", 8: "lab"}
MIN_IS_WHITE, PALETTE, UNSIGNED, SIGNED = 0, 3, 1, 2


def tiff_codes(page, samples):
    """The samples as they are meant, and the largest code: 0 for floating ones."""
    if samples.dtype.kind == "f":
        return samples, 0
    if samples.dtype == bool:
        return samples.astype("u1"), 1
    if samples.dtype.kind == "i":
        return samples, (1 << (8 * samples.dtype.itemsize - 1)) - 1
    if samples.dtype.kind != "u":
        raise Unread(f"tifffile: samples of type {samples.dtype}")
    return samples, (1 << page.bitspersample) - 1


def tiff_page(path, folder):
    """The first page by tifffile: any depth that is a whole number of bits, and Lab. Signed samples have their zero at 0."""
    del folder
    import tifffile
    try:
        with tifffile.TiffFile(path) as file:
            page = file.pages[0]
            samples, photometric = tiff_samples(page), int(page.photometric)
            colour_map = page.colormap
            extra = [int(kind) for kind in page.extrasamples]
            planar = int(page.planarconfig) == 2 and page.samplesperpixel > 1
            subsampled = photometric == 6 and int(page.compression) != 7
    except Exception as problem:  # as with Pillow
        raise Unread(f"tifffile: {problem}") from None
    if photometric not in TIFF_MODELS or subsampled:
        raise Unread("tifffile: kind of colour")
    samples = np.moveaxis(samples, 0, -1) if planar and samples.ndim == 3 else samples
    if photometric == PALETTE:
        return Picture(np.moveaxis(colour_map, 0, -1)[samples.astype(np.uint16)], 65535, "rgb", False, "tifffile")
    model = TIFF_MODELS[photometric]
    samples, codes = tiff_codes(page, samples)
    if photometric == MIN_IS_WHITE:
        samples = (codes or 1) - samples
    colours = {"gray": 1, "rgb": 3, "cmyk": 4, "lab": 3}[model]
    if len(extra) > 1:
        raise Unread("tifffile: several extra samples")
    picture = Picture(samples, codes, model, bool(extra) and samples.ndim == 3 and samples.shape[2] == colours + 1, "tifffile")
    if extra == [1] and picture.alpha:
        alpha = picture.samples[:, :, -1:]
        with np.errstate(divide="ignore", invalid="ignore"):
            picture.samples[:, :, :-1] = np.where(alpha > 0, picture.samples[:, :, :-1] / alpha, 0)
    return picture


def ours(path):
    """What our command wrote: PAM and PFM here, TIFF by tifffile."""
    with open(path, "rb") as file:
        start = file.read(2)
    if start == b"P7":
        with open(path, "rb") as file:
            return read_pam(file.read(), "imgenhance")
    if start in (b"PF", b"Pf"):
        with open(path, "rb") as file:
            return read_pfm(file.read(), "imgenhance")
    picture = tiff_page(path, None)
    picture.reader = "imgenhance"
    return picture


READERS = {"TIFF": (vips, imagemagick, tiff_page, pillow), "PNG": (vips, imagemagick, pillow)}
OTHERS = (vips, pillow, imagemagick)


def readers_of(file_format):
    return READERS.get(file_format, OTHERS)


# ---- comparison ------------------------------------------------------------------------------------------------------


def planes(picture):
    """Colour planes (gray as three equal ones) and alpha, 1 where there is none."""
    colour = picture.samples[:, :, :-1] if picture.alpha else picture.samples
    alpha = picture.samples[:, :, -1] if picture.alpha else np.ones(colour.shape[:2])
    if picture.model == "gray" and colour.shape[2] == 1:
        colour = np.repeat(colour, 3, axis=2)
    return colour, alpha


def deviation(mine, reference, weigh):
    """The largest difference in codes of the coarser depth (of relative 1e-6 where samples are floating). weigh: colour counts
    as much as alpha lets it be seen, for files that hold it multiplied. Raises Unread for pictures of different kinds."""
    one, other = planes(mine), planes(reference)
    if one[0].shape != other[0].shape:
        return None, f"{one[0].shape} here, {other[0].shape} by {reference.reader}"
    if {mine.model, reference.model} not in ({"gray"}, {"rgb"}, {"gray", "rgb"}, {"cmyk"}, {"lab"}):
        return None, f"{mine.model} here, {reference.model} by {reference.reader}"
    codes = min(code for code in (mine.codes, reference.codes, 4294967295) if code) if mine.codes or reference.codes else 0
    with np.errstate(invalid="ignore", over="ignore"):
        if codes:
            unit = 1 / codes if mine.codes else max(1 / codes, FLOAT_STEP)
            if not mine.codes:  # the reference, of integers, ends where they end
                least, most = min(0, np.min(other[0])), max(1, np.max(other[0]))
                one = (np.clip(one[0], least, most), one[1])
        else:
            unit = 1e-6 * np.maximum(1, np.abs(np.nan_to_num(other[0])))
        colour = np.abs(np.nan_to_num(one[0]) - np.nan_to_num(other[0])) / unit
        if weigh:
            colour = colour * np.minimum(one[1], other[1])[:, :, None]
        largest = float(max(np.max(colour, initial=0), np.max(np.abs(one[1] - other[1]), initial=0) * (codes or 1e6)))
    return largest, f"{largest:.6g} codes of {codes} by {reference.reader}" if codes else f"{largest:.6g} ppm by {reference.reader}"
