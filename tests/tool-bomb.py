# SPDX-License-Identifier: GPL-3.0-or-later
"""Bombs: tool-bomb.py IMGENHANCE, in a scratch folder. Writes files that claim to be huge, and the list of them to `bombs`:
name, pattern of the reason, separated by a tab. Formats that this build lacks go to `lacking`.

Headers of 65,535 x 65,535 pixels (or of the most that the format can claim, where that is less), made by hand, or by
patching the size in a small file that the command wrote.
"""
import struct
import subprocess
import sys
import zlib

imgenhance = sys.argv[1]
SIDE = 65535
bombs, lacking = [], []


def bomb(name, data, pattern="more than|short|cut|damaged|truncated|cannot"):
    with open(name, "wb") as file:
        file.write(data)
    bombs.append((name, pattern))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, *chunks, depth=8, colour=2):
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks)


def tiff(width, height, entries=(), big=False):
    """One directory and no samples; entries are (tag, type, count, value)."""
    fields = dict((entry[0], entry) for entry in [
        (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
        (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 1), *entries])
    if big:
        return b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, len(fields)) + b"".join(
            struct.pack("<HHQQ", *fields[tag]) for tag in sorted(fields)) + bytes(8)
    return b"II*\0" + struct.pack("<IH", 8, len(fields)) + b"".join(
        struct.pack("<HHII", *fields[tag]) for tag in sorted(fields)) + bytes(4)


def pages(count):
    """A TIFF of so many pages of one pixel."""
    size = 2 + 12 * 9 + 4
    out = bytearray(b"II*\0" + struct.pack("<I", 16) + b"\x80" * 8)
    for page in range(count):
        one = tiff(1, 1)[8:-4]
        out += one + struct.pack("<I", 16 + size * (page + 1) if page < count - 1 else 0)
    return bytes(out)


def bits(*fields):
    """JPEG XL: (value, bits), lowest bit first."""
    number = at = 0
    for value, width in fields:
        number |= value << at
        at += width
    return number.to_bytes((at + 7) // 8, "little")


def small(form):
    """A picture of 40 x 24 pixels in that format, by the command; None where the build lacks it."""
    with open("seed.ppm", "wb") as file:
        file.write(b"P6 40 24 255\n" + bytes(range(240)) * 12)
    run = subprocess.run([imgenhance, "apply", "-f", "levels", "-q", "--existing", "replace", "--format", form, "-o", "seed",
                          "seed.ppm"], capture_output=True, text=True)
    if run.returncode:
        lacking.append("%s: %s" % (form, run.stderr.strip()))
        return None
    with open("seed", "rb") as file:
        return file.read()


def patched(form, name, old, new):
    """The small picture with its size, wherever it stands, made large. `old` of None: every 8 bytes that follow
    what `new` begins with (encoders may round sizes up)."""
    data = small(form)
    if data is None:
        return
    if (old or new[:-8]) not in data:
        sys.exit("%s: no size found" % form)
    if old is None:
        parts = data.replace(b"clap", b"none").split(new[:-8])  # a crop would say another size
        bomb(name, parts[0] + b"".join(new + part[8:] for part in parts[1:]))
    else:
        bomb(name, data.replace(old, new))


rows = zlib.compress((b"\0" + b"\x55" * 12) * 4)
bomb("side.png", png(2000001, 4) + chunk(b"IDAT", rows) + chunk(b"IEND", b""), "limit")
bomb("pixels.png", png(999999, 999999) + chunk(b"IDAT", rows) + chunk(b"IEND", b""), "limit")
for depth, colour in ((1, 0), (1, 3), (8, 2), (16, 6)):
    palette = chunk(b"PLTE", bytes(6)) if colour == 3 else b""
    bomb("%d-%d.png" % (depth, colour), png(SIDE, SIDE, palette, chunk(b"IDAT", rows), depth=depth, colour=colour))
for kind in (0xc0, 0xc2):  # baseline, progressive
    frame = b"\xff\xd8\xff" + bytes([kind]) + b"\0\x11\x08\xff\xff\xff\xff\x03\1\x22\0\2\x11\1\3\x11\1"
    scan = b"\xff\xda\0\x0c\3\1\0\2\0\3\0\0\x3f\0\0\0"
    bomb("%x.jpg" % kind, frame + b"\xff\xd9", ".")
    bomb("%x-scan.jpg" % kind, frame + scan + b"\xff\xd9", ".")
for magic in (b"P5", b"P6", b"P4", b"Pf", b"PF"):
    head = b"%s\n%d %d\n" % (magic, SIDE, SIDE)
    bomb("%s.pnm" % magic.decode(), head + (b"" if magic == b"P4" else b"-1.0\n" if magic[1:] in b"fF" else b"255\n"))
bomb("strips.tif", tiff(SIDE, SIDE))
bomb("lzw.tif", tiff(SIDE, SIDE, [(259, 3, 1, 5)]))
bomb("big.tif", tiff(SIDE, SIDE, big=True))
bomb("tiles.tif", tiff(SIDE, SIDE, [(322, 4, 1, 65520), (323, 4, 1, 65520), (324, 4, 1, 8), (325, 4, 1, 1)]))
bomb("pages.tif", pages(20000), "pages")
if small("webp"):
    canvas = b"VP8X" + struct.pack("<IB3s3s3s", 10, 0, b"\0\0\0", *[struct.pack("<I", SIDE - 1)[:3]] * 2)
    lossless = b"VP8L" + struct.pack("<IBI", 6, 0x2f, 16383 | 16383 << 14) + b"\0\0"
    for name, part in (("canvas.webp", canvas), ("lossless.webp", lossless)):
        bomb(name, b"RIFF" + struct.pack("<I", 4 + len(part)) + b"WEBP" + part, ".")
for form in ("heif", "avif"):
    patched(form, "size." + form, None, b"ispe" + bytes(4) + struct.pack(">II", SIDE, SIDE))
if small("jxl"):
    size = [(SIDE - 1, 30)]
    bomb("size.jxl", b"\xff\x0a" + bits((0, 1), (3, 2), *size, (0, 3), (3, 2), *size, (1, 1)) + bytes(100))
data = small("jp2")
if data:
    data = data.replace(b"ihdr" + struct.pack(">II", 24, 40), b"ihdr" + struct.pack(">II", SIDE, SIDE))
    at = data.index(b"\xff\x51") + 6
    for name, tile in (("tile.jp2", SIDE), ("tiles.jp2", 1)):
        bomb(name, data[:at] + struct.pack(">IIIIII", SIDE, SIDE, 0, 0, tile, tile) + data[at + 24:], ".")
patched("exr", "window.exr", struct.pack("<iiii", 0, 0, 39, 23), struct.pack("<iiii", 0, 0, SIDE - 1, SIDE - 1))
# A digital negative is a TIFF with a mosaic; without LibRaw it is one that cannot be read.
bomb("mosaic.dng", tiff(SIDE, SIDE, [(258, 3, 1, 16), (262, 3, 1, 32803), (33421, 3, 2, 2 | 2 << 16),
                                     (33422, 1, 4, 0x02010100), (50706, 1, 4, 0x00000401)]), ".")


def texts(name, *chunks, refused=False):
    data = png(4, 4, *chunks, chunk(b"IDAT", rows), chunk(b"IEND", b""))
    if refused:
        bomb(name, data, "text and metadata")
    else:
        with open(name, "wb") as file:
            file.write(data)


# 100 MB of text, in the ways that the formats have. What is packed is left out: the file itself is small.
MANY = 100000000
texts("text.png", chunk(b"tEXt", b"Comment\0" + b"x" * MANY), refused=True)
texts("texts.png", *[chunk(b"tEXt", b"Comment\0" + b"x" * 5000)] * (MANY // 5000), refused=True)
texts("packed.png", chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * MANY, 9)))
texts("packed-texts.png", *[chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 5000, 9))] * (MANY // 5000))
texts("international.png", chunk(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(b"x" * MANY, 9)))
data = small("jpeg")
comment = b"\xff\xfe\xff\xff" + b"x" * 65533
bomb("comments.jpg", data[:2] + comment * (MANY // len(comment)) + data[2:], "text and metadata")
bomb("description.tif", tiff(1, 1, [(270, 2, MANY, 200)]).ljust(200, b"\0") + b"x" * (MANY - 1) + b"\0", "text and metadata")
data = small("webp")
if data:
    text = b"XMP " + struct.pack("<I", MANY) + b" " * MANY
    head = b"VP8X" + struct.pack("<IB3s3s3s", 10, 4, b"\0\0\0", struct.pack("<I", 39)[:3], struct.pack("<I", 23)[:3])
    bomb("text.webp", b"RIFF" + struct.pack("<I", 4 + len(head) + len(data) - 12 + len(text)) + b"WEBP" + head + data[12:] + text,
         "text and metadata")
data = small("jxl")
if data:
    boxes = struct.pack(">I", 12) + b"JXL \r\n\x87\n" + struct.pack(">I", 20) + b"ftypjxl \0\0\0\0jxl "
    bomb("text.jxl", boxes + struct.pack(">I", MANY + 8) + b"xml " + b" " * MANY + data, "text and metadata")
data = small("jp2")
if data:
    at = data.index(b"jp2c") - 4
    bomb("text.jp2", data[:at] + struct.pack(">I", MANY + 8) + b"xml " + b" " * MANY + data[at:], "text and metadata")
with open("bombs", "w") as file:
    file.writelines("%s\t%s\n" % item for item in bombs)
with open("lacking", "w") as file:
    file.writelines("%s\n" % line for line in lacking)
