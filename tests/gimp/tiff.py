# SPDX-License-Identifier: GPL-3.0-or-later
"""The least of TIFF that a test needs: pictures in one strip, written and read without a library."""
import struct

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, STRIPS, SAMPLES, ROWS, STRIP_BYTES, PLANAR, EXTRA, FORMAT, ICC = (
    256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 338, 339, 34675)
SHORT, LONG, UNDEFINED = 3, 4, 7
UNASSOCIATED, FLOATING, UNSIGNED = 2, 3, 1
FORMS = {SHORT: "H", LONG: "I", UNDEFINED: "B"}


def write(path, width, height, channels, bits, floating, data, icc=b""):
    """data: big-endian samples. An even number of channels has alpha."""
    alpha = channels % 2 == 0
    entries = [(WIDTH, LONG, [width]), (LENGTH, LONG, [height]), (BITS, SHORT, [bits] * channels), (COMPRESSION, SHORT, [1]),
               (PHOTOMETRIC, SHORT, [2 if channels > 2 else 1]), (STRIPS, LONG, [8]), (SAMPLES, SHORT, [channels]),
               (ROWS, LONG, [height]), (STRIP_BYTES, LONG, [len(data)]), (PLANAR, SHORT, [1])]
    entries += [(EXTRA, SHORT, [UNASSOCIATED])] if alpha else []
    entries += [(FORMAT, SHORT, [FLOATING if floating else UNSIGNED] * channels)]
    entries += [(ICC, UNDEFINED, list(icc))] if icc else []
    at = 8 + len(data) + len(data) % 2
    directory, beyond = bytearray(struct.pack(">H", len(entries))), bytearray()
    first_beyond = at + 2 + 12 * len(entries) + 4
    for tag, kind, values in entries:
        packed = struct.pack(f">{len(values)}{FORMS[kind]}", *values)
        if len(packed) > 4:
            beyond += bytes(len(beyond) % 2)
            place = struct.pack(">I", first_beyond + len(beyond))
            beyond += packed
        else:
            place = packed.ljust(4, b"\0")
        directory += struct.pack(">HHI", tag, kind, len(values)) + place
    with open(path, "wb") as file:
        file.write(b"MM\0*" + struct.pack(">I", at) + data + bytes(len(data) % 2) + directory + bytes(4) + beyond)


def _tags(data):
    """Values by tag, and the byte order."""
    order = ">" if data[:2] == b"MM" else "<"
    at = struct.unpack_from(order + "I", data, 4)[0]
    count = struct.unpack_from(order + "H", data, at)[0]
    found = {}
    for i in range(count):
        tag, kind, number = struct.unpack_from(order + "HHI", data, at + 2 + 12 * i)
        if kind not in FORMS:
            continue
        form = f"{order}{number}{FORMS[kind]}"
        place = at + 2 + 12 * i + 8
        if struct.calcsize(form) > 4:
            place = struct.unpack_from(order + "I", data, place)[0]
        found[tag] = struct.unpack_from(form, data, place)
    return found, order


def profile(path):
    with open(path, "rb") as file:
        return bytes(_tags(file.read())[0].get(ICC, ()))


def read(path):
    """(width, height, channels, bits, data): samples big endian."""
    with open(path, "rb") as file:
        data = file.read()
    found, order = _tags(data)
    if found.get(COMPRESSION, (1,))[0] != 1:
        raise ValueError(f"{path} is compressed")
    samples = b"".join(data[start:start + size] for start, size in zip(found[STRIPS], found[STRIP_BYTES]))
    bits = found[BITS][0]
    if order == "<" and bits > 8:
        size = bits // 8
        swapped = bytearray(len(samples))
        for i in range(size):
            swapped[i::size] = samples[size - 1 - i::size]
        samples = bytes(swapped)
    return found[WIDTH][0], found[LENGTH][0], found.get(SAMPLES, (1,))[0], bits, samples
