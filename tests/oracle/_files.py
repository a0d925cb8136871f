# SPDX-License-Identifier: GPL-3.0-or-later
"""Small writers and readers of picture files for tests: what Pillow, OpenCV and tifffile do not write or read alone, samples of
any number of bits above all. Everything is whole in memory."""
import struct
import zlib

import numpy as np


def pack(samples, bits):
    """Rows of samples (height x values, integers) as bytes: each value in so many bits, high bits first, rows at bytes."""
    if bits in (8, 16, 32, 64):
        return samples.astype(f">u{bits // 8}").tobytes()
    shifts = np.arange(bits - 1, -1, -1, dtype=np.uint64)
    digits = (samples.astype(np.uint64)[:, :, None] >> shifts & 1).astype(np.uint8)
    return np.packbits(digits.reshape(len(samples), -1), axis=1).tobytes()


def unpack(data, rows, values, bits):
    """The inverse of pack(), for bits up to 32 that are no whole number of bytes."""
    row_bytes = (values * bits + 7) // 8
    digits = np.unpackbits(np.frombuffer(data, np.uint8, rows * row_bytes).reshape(rows, row_bytes), axis=1)
    digits = digits[:, :values * bits].reshape(rows, values, bits).astype(np.uint64)
    return (digits << np.arange(bits - 1, -1, -1, dtype=np.uint64)).sum(axis=2).astype(np.uint32)


def write_tiff(path, samples, bits, photometric, more=()):
    """A TIFF (big-endian, one strip, not compressed) of integers height x width x channels. more: further entries of the
    directory, (tag, type, count, four bytes)."""
    height, width, channels = samples.shape
    strip = pack(samples.reshape(height, -1), bits)
    body = strip + b"\0" * (len(strip) % 2)
    bits_at = 8 + len(body)
    body += struct.pack(f">{channels}H", *[bits] * channels)
    body += b"\0" * (len(body) % 2)

    def short(tag, value):
        return (tag, 3, 1, struct.pack(">HH", value, 0))

    def long(tag, value):
        return (tag, 4, 1, struct.pack(">I", value))

    bits_entry = short(258, bits) if channels == 1 else (258, 3, 2, struct.pack(">HH", bits, bits)) if channels == 2 \
        else (258, 3, channels, struct.pack(">I", bits_at))
    entries = sorted([long(256, width), long(257, height), bits_entry, short(259, 1), short(262, photometric), long(273, 8),
                      short(277, channels), long(278, height), long(279, len(strip)), short(284, 1), *more])
    directory = struct.pack(">H", len(entries)) + b"".join(struct.pack(">HHI", *entry[:3]) + entry[3] for entry in entries)
    with open(path, "wb") as file:
        file.write(b"MM\0*" + struct.pack(">I", 8 + len(body)) + body + directory + b"\0\0\0\0")


def tiff_samples(page):
    """The samples of a page of tifffile as stored: also of depths that it does not unpack by itself."""
    bits = page.bitspersample
    if isinstance(bits, int) and bits in (8, 16, 24, 32, 64) or int(page.compression) not in (1, 8, 32946) or page.is_tiled:
        return page.asarray()
    if bits == 1 and int(page.compression) == 1:
        return page.asarray()
    file = page.parent.filehandle
    planar = int(page.planarconfig) == 2 and page.samplesperpixel > 1
    values = page.imagewidth * (1 if planar else page.samplesperpixel)
    planes = page.samplesperpixel if planar else 1
    row_bytes = (values * bits + 7) // 8
    data = b""
    for offset, count in zip(page.dataoffsets, page.databytecounts):
        file.seek(offset)
        strip = file.read(count)
        data += zlib.decompress(strip) if int(page.compression) != 1 else strip
    if len(data) != row_bytes * page.imagelength * planes or page.fillorder != 1 or page.predictor != 1:
        return page.asarray()
    samples = unpack(data, page.imagelength * planes, values, bits)
    if planar:
        return samples.reshape(planes, page.imagelength, page.imagewidth)
    return samples.reshape(page.imagelength, page.imagewidth, -1).squeeze(axis=2) if page.samplesperpixel == 1 \
        else samples.reshape(page.imagelength, page.imagewidth, page.samplesperpixel)


PNG_TYPES = {"gray": 0, "rgb": 2, "palette": 3, "gray-alpha": 4, "rgb-alpha": 6}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # x, y, dx, dy


def write_png(path, samples, bits, kind, interlaced=False, palette=None):
    """A PNG of integers height x width x channels, without filters. kind: of PNG_TYPES; palette: n x 3, 8 bits."""
    height, width = samples.shape[:2]

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    def image(part):
        rows = part.reshape(len(part), -1)
        packed = pack(rows, bits)
        size = len(packed) // len(rows)
        return b"".join(b"\0" + packed[i * size:(i + 1) * size] for i in range(len(rows)))

    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    parts = [samples[y::dy, x::dx] for x, y, dx, dy in passes]
    data = b"".join(image(part) for part in parts if part.size)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, PNG_TYPES[kind], 0, 0,
                                                                     int(interlaced))))
        if palette is not None:
            file.write(chunk(b"PLTE", palette.astype(np.uint8).tobytes()))
        file.write(chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def png_header(path):
    """Bits and type of a PNG."""
    with open(path, "rb") as file:
        head = file.read(33)
    return head[24], head[25]
