# SPDX-License-Identifier: GPL-3.0-or-later
"""EXIF, XMP, IPTC and profiles from each format to each: exiftool's dumps before and after differ only as
tests/metadata-allow.tsv allows. The thumbnail is of the new pixels; what is lost is in the report; --strict refuses it."""
import fnmatch
import io
import json
import os
import shutil
import struct
import subprocess
import tempfile
import zlib

import tap

numpy, image_module, image_cms = tap.require("numpy", "PIL.Image", "PIL.ImageCms")
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
    """sRGB with another description, so that it is nobody's built-in."""
    return image_cms.ImageCmsProfile(image_cms.createProfile("sRGB")).tobytes()


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


def write_tiff(path, exif):
    write_jpeg(path + ".jpg", exif)
    picture().save(path, "TIFF", dpi=(300, 300))
    subprocess.run(["exiftool", "-q", "-overwrite_original", "-tagsFromFile", path + ".jpg", "-all:all", "-unsafe",
                    "-icc_profile", path], check=True, capture_output=True)


def dump(path):
    out = subprocess.run(["exiftool", "-j", "-G1", "-u", "-n", "-b", "-struct", path], check=True, capture_output=True)
    groups = ("IFD0", "IFD1", "ExifIFD", "GPS", "InteropIFD", "MakerNotes", "MakerUnknown", "XMP-*", "IPTC", "ICC*")
    return {tag: str(value) for tag, value in json.loads(out.stdout)[0].items()
            if any(fnmatch.fnmatchcase(tag.split(":")[0], group) for group in groups)}


def read_allowed():
    with open(f"{SOURCE}/tests/metadata-allow.tsv", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]


def differences(before, after, rules, source, target):
    """What differs and is not allowed; the rules that were needed are marked."""
    for tag in sorted(before.keys() | after.keys()):
        kind = "gone" if tag not in after else "new" if tag not in before else "other"
        if before.get(tag) == after.get(tag):
            continue
        for rule in rules:
            if (fnmatch.fnmatchcase(source, rule[0]) and fnmatch.fnmatchcase(target, rule[1]) and
                    fnmatch.fnmatchcase(tag, rule[2]) and kind == rule[3]):
                used.add(tuple(rule))
                break
        else:
            yield f"{tag} {kind}: {before.get(tag, '')[:60]!r} -> {after.get(tag, '')[:60]!r}"


def apply(source, target, *options):
    return subprocess.run([IMGENHANCE, "apply", "-f", "levels gamma=1.5", "--json", *options, "-o", target, source],
                          capture_output=True, check=False)


def check_report(name, before, after, report):
    """A group that is gone as a whole is said to be."""
    items = {"exif": "ExifIFD:", "xmp": "XMP-", "iptc": "IPTC:", "profile": "ICC", "thumbnail": "IFD1:ThumbnailImage"}
    states = {entry["item"]: entry["state"] for entry in report["fidelity"]}
    for item, prefix in items.items():
        had = any(tag.startswith(prefix) for tag in before)
        has = any(tag.startswith(prefix) for tag in after)
        if had:
            tap.check((states.get(item) == "dropped") == (not has), f"{name}: report of {item}", f"{has} {states}")


def check_thumbnail(name, path, target):
    binary = subprocess.run(["exiftool", "-b", "-ThumbnailImage", path], capture_output=True, check=True).stdout
    small = Image.open(io.BytesIO(binary)).convert("RGB")
    whole = Image.open(target).convert("RGB").resize(small.size, 4)
    distance = numpy.abs(numpy.asarray(small, float) - numpy.asarray(whole, float)).mean()
    tap.check(max(small.size) == 160 and distance < 4, f"{name}: thumbnail", f"{small.size}, {distance}")


if not shutil.which("exiftool"):
    tap.skip("metadata of format pairs", "exiftool is absent (libimage-exiftool-perl)")
    tap.done()
writers = {"jpg": write_jpeg, "png": write_png, "tif": write_tiff, "webp": write_webp}
formats = subprocess.run([IMGENHANCE, "apply", "--help"], capture_output=True, check=True, text=True).stdout
used = set()
allowed = read_allowed()
with tempfile.TemporaryDirectory() as folder:
    for letter, order in (("i", "<"), ("m", ">")):
        block = exif_block(order)
        for source, write in writers.items():
            path = f"{folder}/{letter}.{source}"
            write(path, block)
            before = dump(path)
            for target in writers:
                name = f"{source} to {target} ({'little' if order == '<' else 'big'}-endian)"
                into = f"{folder}/{letter}-{source}.{target}"
                run = apply(path, into)
                if b"no WebP" in run.stdout + run.stderr:
                    tap.skip(name, "built without WebP")
                    continue
                if not tap.check(run.returncode == 0, f"{name}: exit code", run.stdout + run.stderr):
                    continue
                after = dump(into)
                wrong = list(differences(before, after, allowed, source, target))
                tap.check(not wrong, f"{name}: dumps", "\n".join(wrong))
                check_report(name, before, after, json.loads(run.stdout))
                if "IFD1:ThumbnailImage" in after:
                    check_thumbnail(name, into, into)
    run = apply(f"{folder}/i.jpg", f"{folder}/strict.ppm", "--strict")
    tap.check(run.returncode == 1 and b"not kept" in run.stderr and not os.path.exists(f"{folder}/strict.ppm"),
              "--strict refuses", run.stderr)
    run = apply(f"{folder}/i.jpg", f"{folder}/strict.png", "--strict")
    tap.check(run.returncode == 0 and os.path.exists(f"{folder}/strict.png"), "--strict lets a whole one through",
              run.stdout + run.stderr)
unused = [rule for rule in allowed if tuple(rule) not in used]
tap.check(not unused, "every rule of the allow-list is needed", unused)
tap.done()
