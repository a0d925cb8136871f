# SPDX-License-Identifier: GPL-3.0-or-later
"""The layers that tests put through GIMP, and what the command makes of the same samples."""
import os
import random
import struct
import subprocess

import gimp as face
import tiff
import xcf

WIDTH, HEIGHT = 150, 110  # more than one of GIMP's tiles each way
OFFSET = (7, -5)


def scene(precision, channels, seed=1, width=WIDTH, height=HEIGHT):
    """Samples of soft gradients, edges and noise, in 8-bit codes (floats beyond 0 to 1, too), alpha of every kind."""
    chance, values = random.Random(seed), []
    letter = xcf.PRECISIONS[precision][2]
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                code = (x * 3 + y * 2 + c * 40) % 200 + chance.randrange(56)
                if (x // 9 + y // 7) % 5 == 0:
                    code = 255 - code
                if channels % 2 == 0 and c == channels - 1:
                    code = (0, 255, 255, chance.randrange(256))[chance.randrange(4)]
                elif letter == "f" and chance.randrange(50) == 0:
                    code = code * 1.25 - 20
                values.append(code)
    return pack(precision, [code / 255 for code in values])


def pack(precision, values):
    """Samples of fractions of the range."""
    _, size, letter, _ = xcf.PRECISIONS[precision]
    if letter in "BHI":
        most = (1 << 8 * size) - 1
        values = [round(min(max(value, 0), 1) * most) for value in values]
    return struct.pack(f">{len(values)}{letter}", *values)


def unpack(precision, data):
    """Fractions of the range."""
    _, size, letter, _ = xcf.PRECISIONS[precision]
    values = struct.unpack(f">{len(data) // size}{letter}", data)
    if letter in "BHI":
        most = (1 << 8 * size) - 1
        return [value / most for value in values]
    return values


class Kind:
    """One sort of layer: precision, channels, whether it lies askew under a selection."""

    def __init__(self, precision, channels, select=None):
        self.precision, self.channels, self.select = precision, channels, select
        self.name = f"{precision}-{ {1: 'gray', 2: 'gray-alpha', 3: 'rgb', 4: 'rgb-alpha'}[channels]}" + ("-part" if select else "")
        self.type = {1: xcf.GRAY, 2: xcf.GRAYA, 3: xcf.RGB, 4: xcf.RGBA}[channels]

    @property
    def exact(self):
        """The library has this depth: what GIMP gives can be the command's samples to the last bit."""
        return xcf.PRECISIONS[self.precision][2] in "BHf"

    def write(self, folder, gimp):
        offset = OFFSET if self.select else (0, 0)
        data = scene_of(self)
        xcf.write(f"{folder}/{self.name}.xcf", self.precision, self.type,
                  [xcf.Pixels("layer", WIDTH, HEIGHT, self.channels, data, offset=offset)], WIDTH, HEIGHT)
        write_tiff(f"{folder}/{self.name}.tif", gimp, self.precision, WIDTH, HEIGHT, self.channels, data)


def write_tiff(path, gimp, precision, width, height, channels, data, icc=None):
    """The samples for the command, which has no other depth than 8, 16 and float."""
    _, size, letter, linear = xcf.PRECISIONS[precision]
    if icc is None and linear:
        icc = face.profile(gimp, channels < 3, True)
    if letter not in "BHf":
        data, size, letter = pack("float", unpack(precision, data)), 4, "f"
    tiff.write(path, width, height, channels, size * 8, letter == "f", data, icc or b"")


def apply(command, step, out, inputs):
    """Runs the command over inputs into the folder `out`; a result that is not there was refused."""
    os.makedirs(out, exist_ok=True)
    subprocess.run([command, "apply", "-f", step, "-o", out + "/", "--no-journal", "--no-sync", "--format", "tiff",
                    "--existing", "replace", "--name", "{stem}.tif", "--quiet", *inputs],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def expected(path, precision, width, height, channels):
    """What a layer of that kind must hold when the command's result is at `path`: samples at the layer's precision, or at
    float where the command has no such depth; None where the layer cannot hold it, or there is none."""
    if not os.path.exists(path):
        return None
    wide, high, given, bits, data = tiff.read(path)
    colours, own = given - (given % 2 == 0), channels - (channels % 2 == 0)
    if (wide, high) != (width, height) or (colours != own and colours != 1) or (given % 2 == 0 and channels % 2 == 1):
        return None
    if given == channels:
        return data
    size = bits // 8
    opaque = struct.pack(">f", 1) if bits == 32 else b"\xff" * size
    out = bytearray(len(data) // given * channels)
    for c in range(channels):
        if c < own:
            source = 0 if colours == 1 else c
        else:
            source = colours if given % 2 == 0 else None
        for i in range(size):
            plane = opaque[i:i + 1] * (len(data) // given // size) if source is None else data[source * size + i::given * size]
            out[c * size + i::channels * size] = plane
    return bytes(out)


_scenes = {}


def scene_of(kind):
    """The samples of Kind.write(), remembered."""
    key = kind.precision, kind.channels
    if key not in _scenes:
        _scenes[key] = scene(*key)
    return _scenes[key]
