# SPDX-License-Identifier: GPL-3.0-or-later
"""GIMP's own files, so that a test says and sees the very samples that a layer holds, in every precision: images of plain
layers are written, and the layers, masks and channels of any image read. After devel-docs/xcf.txt of GIMP.

Samples are bytes, big endian as in the file, rows without gaps.
"""
import struct
import zlib

RGB, RGBA, GRAY, GRAYA, INDEXED, INDEXEDA = range(6)
CHANNELS = (3, 4, 1, 2, 1, 2)
TILE = 64
# Versions of the file from which on so it is.
PRECISION_GIVEN, LONG_POINTERS, ALL_SAMPLES_BIG_ENDIAN = 4, 11, 12

# Name: code in the file, bytes of a sample, letter for struct, whether samples are light itself.
PRECISIONS = {
    "u8": (150, 1, "B", False), "u16": (250, 2, "H", False), "u32": (350, 4, "I", False),
    "half": (550, 2, "e", False), "float": (650, 4, "f", False),
    "u8-linear": (100, 1, "B", True), "u16-linear": (200, 2, "H", True), "u32-linear": (300, 4, "I", True),
    "half-linear": (500, 2, "e", True), "float-linear": (600, 4, "f", True),
}
PROP_END, PROP_SELECTION, PROP_OFFSETS, PROP_COMPRESSION, PROP_PARASITES = 0, 4, 15, 17, 21
PERSISTENT, UNDOABLE = 1, 2
UNCOMPRESSED, RLE, ZLIB = 0, 1, 2


class Pixels:
    """A layer, mask or channel: name, size, channels, samples; of a layer its mask (Pixels or None), too."""

    def __init__(self, name, width, height, channels, data, mask=None, offset=(0, 0)):
        self.name, self.width, self.height, self.channels, self.data = name, width, height, channels, data
        self.mask, self.offset = mask, offset


class Image:
    def __init__(self, precision, layers, channels, selection=None):
        self.precision, self.layers, self.channels, self.selection = precision, layers, channels, selection


# ---- writing ----

def _tiles(pixels):
    sample = len(pixels.data) // (pixels.width * pixels.height)
    for top in range(0, pixels.height, TILE):
        for left in range(0, pixels.width, TILE):
            wide = min(TILE, pixels.width - left) * sample
            yield b"".join(pixels.data[(y * pixels.width + left) * sample:][:wide]
                           for y in range(top, min(top + TILE, pixels.height)))


def _text(words):
    data = words.encode() + b"\0"
    return struct.pack(">I", len(data)) + data


def _hierarchy(out, pixels):
    """Appends the pixels; returns where they begin."""
    tiles = list(_tiles(pixels))
    sample = len(pixels.data) // (pixels.width * pixels.height)
    at = len(out)
    level = at + 12 + 16
    first = level + 8 + 8 * (len(tiles) + 1)
    places = [first]
    for tile in tiles:
        places.append(places[-1] + len(tile))
    size = struct.pack(">II", pixels.width, pixels.height)
    out += size + struct.pack(">IQQ", sample, level, 0) + size
    out += struct.pack(f">{len(tiles) + 1}Q", *places[:-1], 0) + b"".join(tiles)
    return at


def write(path, precision, kind, layers, width, height, icc=b""):
    """An image of layers (Pixels) that have all the same type, RGB to GRAYA; icc: its profile."""
    out = bytearray(b"gimp xcf v012\0")
    out += struct.pack(">IIII", width, height, 1 if kind >= GRAY else 0, PRECISIONS[precision][0])
    out += struct.pack(">IIB", PROP_COMPRESSION, 1, UNCOMPRESSED)
    if icc:
        parasite = _text("icc-profile") + struct.pack(">II", PERSISTENT | UNDOABLE, len(icc)) + icc
        out += struct.pack(">II", PROP_PARASITES, len(parasite)) + parasite
    out += struct.pack(">II", PROP_END, 0)
    table = len(out)
    out += bytes(8 * (len(layers) + 2))
    for i, layer in enumerate(layers):
        struct.pack_into(">Q", out, table + 8 * i, len(out))
        out += struct.pack(">III", layer.width, layer.height, kind) + _text(layer.name)
        out += struct.pack(">IIii", PROP_OFFSETS, 8, *layer.offset) + struct.pack(">II", PROP_END, 0)
        pointers = len(out)
        out += bytes(16)
        struct.pack_into(">Q", out, pointers, _hierarchy(out, layer))
    with open(path, "wb") as file:
        file.write(out)


# ---- reading ----

class _Reader:
    def __init__(self, data, at, pointer):
        self.data, self.at, self.pointer = data, at, pointer

    def take(self, form):
        values = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return values if len(values) > 1 else values[0]

    def bytes(self, count):
        self.at += count
        return self.data[self.at - count:self.at]

    def text(self):
        return self.bytes(self.take("I")).rstrip(b"\0").decode()

    def properties(self):
        found = {}
        while True:
            kind, size = self.take("II")
            data = self.bytes(size)
            if kind == PROP_END:
                return found
            found[kind] = data

    def pointers(self):
        found = []
        while True:
            place = self.take(self.pointer)
            if not place:
                return found
            found.append(place)


def _unpack(data, count, sample):
    """A tile of so many pixels, packed as runs, each byte of a pixel by itself."""
    planes, at = [], 0
    for _ in range(sample):
        plane = bytearray()
        while len(plane) < count:
            code = data[at]
            at += 1
            if code in (127, 128):
                length = data[at] << 8 | data[at + 1]
                at += 2
            else:
                length = code + 1 if code < 127 else 256 - code
            if code <= 127:
                plane += data[at:at + 1] * length
                at += 1
            else:
                plane += data[at:at + length]
                at += length
        planes.append(plane)
    if sample == 1:
        return bytes(planes[0])
    out = bytearray(count * sample)
    for i, plane in enumerate(planes):
        out[i::sample] = plane
    return bytes(out)


def _pixels(data, at, pointer, compression):
    reader = _Reader(data, at, pointer)
    width, height, sample = reader.take("III")
    reader.at = reader.take(pointer)
    reader.take("II")
    places = reader.pointers()
    rows = [[] for _ in range(height)]
    for i, place in enumerate(places):
        across = (width + TILE - 1) // TILE
        top, left = i // across * TILE, i % across * TILE
        wide, high = min(TILE, width - left), min(TILE, height - top)
        size = wide * high * sample
        if compression == RLE:
            tile = _unpack(data[place:place + 2 * size + 1024], wide * high, sample)
        elif compression == ZLIB:
            tile = zlib.decompressobj().decompress(data[place:])
        else:
            tile = data[place:place + size]
        for y in range(high):
            rows[top + y].append(tile[y * wide * sample:(y + 1) * wide * sample])
    return width, height, b"".join(b"".join(row) for row in rows)


def _channel(data, at, pointer, compression):
    reader = _Reader(data, at, pointer)
    width, height = reader.take("II")
    name = reader.text()
    is_selection = PROP_SELECTION in reader.properties()
    pixels = Pixels(name, width, height, 1, _pixels(data, reader.take(pointer), pointer, compression)[2])
    return pixels, is_selection


def _layer(data, at, pointer, compression):
    reader = _Reader(data, at, pointer)
    width, height, kind = reader.take("III")
    name = reader.text()
    found = reader.properties()
    place, mask = reader.take(2 * pointer)
    layer = Pixels(name, width, height, CHANNELS[kind], _pixels(data, place, pointer, compression)[2],
                   offset=struct.unpack(">ii", found.get(PROP_OFFSETS, bytes(8))))
    if mask:
        layer.mask = _channel(data, mask, pointer, compression)[0]
    return layer


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    version = int(data[10:13]) if data[9:10] == b"v" else 0
    pointer = "Q" if version >= LONG_POINTERS else "I"
    reader = _Reader(data, 14, pointer)
    reader.take("III")
    code = reader.take("I") if version >= PRECISION_GIVEN else PRECISIONS["u8"][0]
    precision = next(name for name, facts in PRECISIONS.items() if facts[0] == code)
    if version < ALL_SAMPLES_BIG_ENDIAN and PRECISIONS[precision][1] > 1:
        raise ValueError(f"{path}: version {version}")
    compression = reader.properties()[PROP_COMPRESSION][0]
    layers = [_layer(data, at, pointer, compression) for at in reader.pointers()]
    channels, selection = [], None
    for at in reader.pointers():
        channel, is_selection = _channel(data, at, pointer, compression)
        if is_selection:
            selection = channel
        else:
            channels.append(channel)
    return Image(precision, layers, channels, selection)
