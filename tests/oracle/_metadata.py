# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures that carry all kinds of metadata, and exiftool's dumps of them, for the tests of metadata."""
import fnmatch
import io
import json
import os
import struct
import subprocess
import zlib

import tap

numpy, image_module = tap.require("numpy", "PIL.Image")
Image = image_module.Image if hasattr(image_module, "Image") and hasattr(image_module.Image, "open") else image_module

IMGENHANCE = os.environ["IMGENHANCE"]
SOURCE = os.environ["SOURCE"]
SIZE = (200, 120)
NOTE = b"IETEST\0\x01" + bytes(range(256))
XMP = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" tiff:Orientation="6" xmp:Rating="4" xmp:CreateDate="2021-03-04T05:06:07">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">K\xc3\xb6ln</rdf:li></rdf:Alt></dc:title>
<dc:subject><rdf:Bag><rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
# IIM 4.2: record 1 and 2 datasets.
IPTC = (b"\x1c\x01\x5a\x00\x03\x1b%G" + b"\x1c\x02\x00\x00\x02\x00\x04" + b"\x1c\x02\x05\x00\x05Title" +
        b"\x1c\x02\x19\x00\x03one" + b"\x1c\x02\x19\x00\x03two" + b"\x1c\x02\x37\x00\x0820210304" +
        b"\x1c\x02\x78\x00\x07Caption")


def pixels():
    y, x = numpy.mgrid[0:SIZE[1], 0:SIZE[0]]
    return numpy.stack([40 + x * 0.6, 40 + y, 90 + (x + y) * 0.2], axis=2).astype(numpy.uint8)


def picture():
    return Image.fromarray(pixels())


def jpeg_bytes(size, **options):
    out = io.BytesIO()
    Image.fromarray(numpy.full((size[1], size[0], 3), 200, numpy.uint8)).save(out, "JPEG", **options)
    return out.getvalue()


def exif_block(order):
    """A block with all five directories, a maker note and a gray thumbnail, in either byte order."""
    def pack(form, *values):
        return struct.pack(order + form, *values)

    def rationals(*values):
        return 5, len(values) // 2, pack(f"{len(values)}I", *values)

    def text(value):
        return 2, len(value) + 1, value.encode() + b"\0"

    def short(value):
        return 3, 1, pack("H", value)

    thumbnail = jpeg_bytes((160, 96), quality=70)
    directories = [
        {0x10e: text("A description"), 0x10f: text("Maker"), 0x110: text("Model"), 0x112: short(6),
         0x11a: rationals(300, 1), 0x11b: rationals(300, 1), 0x128: short(2), 0x131: text("Some software 1.0"),
         0x132: text("2022:01:02 03:04:05"), 0x13b: text("Somebody"), 0x8298: text("(c) Somebody"),
         0x8769: (4, 1, 1), 0x8825: (4, 1, 2)},
        {0x829a: rationals(10, 2500), 0x829d: rationals(28, 10), 0x8827: short(400), 0x9000: (7, 4, b"0232"),
         0x9003: text("2021:03:04 05:06:07"), 0x9004: text("2021:03:04 05:06:08"), 0x9010: text("+01:00"),
         0x9291: text("123"), 0x9204: (10, 1, pack("2i", -1, 3)), 0x927c: (7, len(NOTE), NOTE),
         0x9286: (7, 15, b"ASCII\0\0\0comment"), 0xa001: short(1), 0xa002: (4, 1, pack("I", SIZE[0])),
         0xa003: (4, 1, pack("I", SIZE[1])), 0xa005: (4, 1, 3), 0xa434: text("A lens")},
        {0: (1, 4, b"\2\3\0\0"), 1: text("N"), 2: rationals(51, 1, 30, 1, 1234, 100), 3: text("E"),
         4: rationals(7, 1, 5, 1, 4321, 100), 29: text("2021:03:04")},
        {1: text("R98"), 2: (7, 4, b"0100")},
        {0x103: short(6), 0x11a: rationals(72, 1), 0x11b: rationals(72, 1), 0x128: short(2),
         0x201: (4, 1, None), 0x202: (4, 1, pack("I", len(thumbnail)))},
    ]
    places, at = [], 8
    for directory in directories:
        places.append(at)
        at += 2 + 12 * len(directory) + 4
    body, values = b"", b""
    for number, directory in enumerate(directories):
        body += pack("H", len(directory))
        for tag, (kind, count, value) in sorted(directory.items()):
            if isinstance(value, int):
                value = pack("I", places[value])
            if value is None:
                value = pack("I", 0xeeeeeeee)
            if len(value) > 4:
                values += b"\0" * (len(values) % 2)
                value, values = pack("I", at + len(values)), values + value
            body += pack("HHI", tag, kind, count) + value.ljust(4, b"\0")
        body += pack("I", places[4] if number == 0 else 0)
    body = body.replace(pack("I", 0xeeeeeeee), pack("I", at + len(values)))
    return (b"II*\0" if order == "<" else b"MM\0*") + pack("I", 8) + body + values + thumbnail


def profile():
    """A matrix profile (ICC.1:2001) of Adobe RGB's primaries, adapted to D50, and gamma 563/256: nobody's built-in."""
    def fixed(*values):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *[round(value * 65536) for value in values])

    name = b"Primaries of a test\0"
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, 563) + b"\0\0"
    tags = {b"desc": b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 78 + b"\0" * 2,
            b"cprt": b"text\0\0\0\0Public domain\0\0\0", b"wtpt": fixed(0.9642, 1, 0.8249),
            b"rXYZ": fixed(0.60974, 0.31111, 0.01947), b"gXYZ": fixed(0.20528, 0.62567, 0.06087),
            b"bXYZ": fixed(0.14919, 0.06322, 0.74457), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    table, body = struct.pack(">I", len(tags)), b""
    for tag, data in tags.items():
        body += b"\0" * (-len(body) % 4)
        table += struct.pack(">4sII", tag, 132 + 12 * len(tags) + len(body), len(data))
        body += data
    body += b"\0" * (-len(body) % 4)
    head = struct.pack(">I4sI4s4s4s", 128 + len(table) + len(body), b"none", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2021, 3, 4, 5, 6, 7) + b"acsp" + b"\0" * 28 + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


def write_jpeg(path, exif):
    def segment(marker, data):
        return struct.pack(">BBH", 0xff, marker, len(data) + 2) + data
    out = io.BytesIO()
    picture().save(out, "JPEG", quality=95, dpi=(300, 300))
    plain = out.getvalue()
    resource = b"Photoshop 3.0\08BIM\x04\x04\0\0" + struct.pack(">I", len(IPTC)) + IPTC + b"\0" * (len(IPTC) % 2)
    jfif = 4 + struct.unpack(">H", plain[4:6])[0]
    with open(path, "wb") as file:
        file.write(plain[:jfif] + segment(0xe1, b"Exif\0\0" + exif) +
                   segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0" + XMP) + segment(0xed, resource) +
                   segment(0xe2, b"ICC_PROFILE\0\1\1" + profile()) + plain[jfif:])


def write_png(path, exif):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    out = io.BytesIO()
    picture().save(out, "PNG", dpi=(300, 300))
    plain = out.getvalue()
    hexadecimal = f"\niptc\n{len(IPTC):8d}\n{IPTC.hex()}\n".encode()
    with open(path, "wb") as file:
        file.write(plain[:33] + chunk(b"iCCP", b"a profile\0\0" + zlib.compress(profile())) + chunk(b"eXIf", exif) +
                   chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP) +
                   chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(hexadecimal)) + plain[33:])


def write_webp(path, exif):
    picture().save(path, "WEBP", lossless=True, exif=exif, xmp=XMP, icc_profile=profile())


def add_by_exiftool(path, exif):
    """What the JPEG of the same block carries, written by exiftool; the profile is there already."""
    write_jpeg(path + ".jpg", exif)
    ran = subprocess.run(["exiftool", "-q", "-m", "-overwrite_original", "-tagsFromFile", path + ".jpg", "-all:all", "-unsafe",
                          path], check=False, capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError(ran.stderr)


def write_tiff(path, exif):
    picture().save(path, "TIFF", dpi=(300, 300), icc_profile=profile())
    add_by_exiftool(path, exif)


def write_by_command(path, exif):
    """Formats that Pillow does not write: samples, turn and profile by our writer, all else by exiftool."""
    turned = Image.Exif()
    turned[274] = 6
    picture().save(path + ".png", icc_profile=profile(), exif=turned)
    ran = subprocess.run([IMGENHANCE, "apply", "-f", "levels", "-q", "--no-journal", "-o", path, path + ".png"],
                         check=False, capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError(ran.stderr)
    add_by_exiftool(path, exif)


GROUPS = ("IFD0", "IFD1", "ExifIFD", "GPS", "InteropIFD", "MakerNotes", "MakerUnknown", "XMP-*", "IPTC", "Photoshop", "ICC*")


def dumps(paths):
    """Tags and values of each file that exiftool finds, of the groups above."""
    out = subprocess.run(["exiftool", "-j", "-G1", "-u", "-n", "-b", "-struct", *paths], check=True, capture_output=True)
    return {entry["SourceFile"]: {tag: str(value) for tag, value in entry.items()
                                  if any(fnmatch.fnmatchcase(tag.split(":")[0], group) for group in GROUPS)}
            for entry in json.loads(out.stdout)}


def apply(source, target, *options, steps=("levels gamma=1.5",)):
    words = [word for step in steps for word in ("-f", step)]
    return subprocess.run([IMGENHANCE, "apply", *words, "--json", "--no-journal", *options, "-o", target, source],
                          capture_output=True, check=False)


def states(run):
    """State of each item of the fidelity report."""
    return {entry["item"]: entry["state"] for entry in json.loads(run.stdout)["fidelity"]}


def notes(run):
    return {entry["item"]: entry["note"] for entry in json.loads(run.stdout)["fidelity"]}
