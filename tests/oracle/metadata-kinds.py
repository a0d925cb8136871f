# SPDX-License-Identifier: GPL-3.0-or-later
"""Metadata of pictures that few formats hold: CMYK, CIELab, TIFF of many pages; TIFF's tags of XMP (700), IPTC (33723) and
Photoshop (34377) by their bytes; IPTC that goes into XMP; profiles through each format by their bytes."""
import json
import os
import shutil
import struct
import subprocess
import tempfile

import tap
import _metadata as made
from _metadata import Image, apply, numpy, notes, states

tap.require("tifffile")
import tifffile  # noqa: E402

BLOCKS = {"xmp": 700, "iptc": 33723, "photoshop": 34377, "profile": 34675}
PATHS = b"8BIM\x07\xd0\x06Path 1\0\0\0\0\x04abcd"  # a saved path: a resource with a name
DIGEST = b"8BIM\x04\x25\0\0\0\0\0\x10" + bytes(range(16))


def resources(iptc=made.IPTC):
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)


def tags_of(path, page=0):
    """The bytes of the blocks of a page, IPTC without the zeros that fill its words."""
    with tifffile.TiffFile(path) as file:
        tags, found = file.pages[page].tags, {}
        for name, code in BLOCKS.items():
            if code not in tags:
                continue
            tag = tags[code]
            file.filehandle.seek(tag.valueoffset)
            found[name] = file.filehandle.read(tag.count * {1: 1, 2: 1, 4: 4, 7: 1}[int(tag.dtype)])
    if "iptc" in found:
        found["iptc"] = found["iptc"].rstrip(b"\0")
    return found


def write_tiff(path, byteorder="<", longs=False, samples=None, photometric="rgb", description=None, append=False, **blocks):
    """A page with these blocks; longs: IPTC as 32-bit words, as the standard that most have forgotten says."""
    extra = [(BLOCKS[name], 1 if name != "profile" else 7, len(data), data, True) for name, data in blocks.items()
             if name != "iptc" or not longs]
    if longs:
        data = blocks["iptc"] + b"\0" * (-len(blocks["iptc"]) % 4)
        extra.append((33723, 4, len(data) // 4, struct.unpack(byteorder + f"{len(data) // 4}I", data), True))
    samples = made.pixels() if samples is None else samples
    # The words were turned into numbers of the file's order, so their bytes stand in the file as they are.
    tifffile.imwrite(path, samples, photometric=photometric, byteorder=None if append else byteorder, metadata=None,
                     software=False, description=description, append=append, extratags=extra)


def expect(name, source, target, want, *options):
    run = apply(source, target, *options)
    if not tap.check(run.returncode == 0, f"{name}: exit code", run.stderr):
        return run
    got = tags_of(target)
    wrong = {key: (got.get(key, b"")[:40], value[:40]) for key, value in want.items() if got.get(key) != value}
    tap.check(not wrong and set(got) == set(want), f"{name}: bytes", f"{wrong}, {sorted(got)}")
    return run


def tiff_tags():
    for byteorder in "<>":
        for longs in (False, True):
            name = f"TIFF {'II' if byteorder == '<' else 'MM'}, IPTC as {'words' if longs else 'bytes'}"
            source, target = f"{folder}/tags.tif", f"{folder}/tags-to.tif"
            write_tiff(source, byteorder, longs, xmp=XMP, iptc=made.IPTC, photoshop=PATHS + DIGEST, profile=made.profile())
            expect(name, source, target, {"xmp": XMP, "iptc": made.IPTC, "photoshop": PATHS + DIGEST,
                                          "profile": made.profile()})
            for middle in ("jpg", "png"):
                apply(source, f"{folder}/middle.{middle}", "--existing", "replace")
                expect(f"{name}, by {middle}", f"{folder}/middle.{middle}", target,
                       {"xmp": XMP, "iptc": made.IPTC, "photoshop": PATHS + DIGEST, "profile": made.profile()},
                       "--existing", "replace")
            os.remove(target)


def only_in_photoshop():
    """Photoshop writes IPTC among its resources, where TIFF has a tag of its own for it, too."""
    source, target = f"{folder}/only.tif", f"{folder}/only-to.tif"
    write_tiff(source, photoshop=resources() + PATHS)
    expect("IPTC in tag 34377 alone", source, target, {"iptc": made.IPTC, "photoshop": PATHS})
    write_tiff(source, photoshop=resources(b"\x1c\x02\x78\x00\x03old"), iptc=made.IPTC)
    expect("IPTC in both tags", source, target, {"iptc": made.IPTC}, "--existing", "replace")
    write_tiff(source, photoshop=(PATHS + resources())[:-30])
    run = expect("resources that are cut short", source, target, {"photoshop": PATHS}, "--existing", "replace")
    tap.check(states(run).get("photoshop") == "dropped", "resources that are cut short: said", run.stdout)


def iptc_into_xmp():
    """Formats without IPTC get what XMP can say of it; what it cannot say is named, and what it says already stays."""
    def dataset(number, value):
        return b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(value)) + value
    source, target = f"{folder}/iptc.tif", f"{folder}/iptc-to.webp"
    block = (b"\x1c\x01\x5a\x00\x03\x1b%G" + dataset(5, "Köln".encode()) + dataset(25, b"one") + dataset(25, b"two") +
             dataset(55, b"20210304") + dataset(60, b"050607+0100") + dataset(80, b"Somebody") +
             dataset(90, b"Mainz & <x>") + dataset(118, b"a telephone"))
    write_tiff(source, iptc=block)
    run = apply(source, target)
    if b"build again" in run.stderr:
        tap.skip("IPTC into XMP", "built without WebP")
        return
    out = json.loads(subprocess.run(["exiftool", "-j", "-G1", "-n", "-XMP:all", target], check=True,
                                    capture_output=True).stdout)[0]
    want = {"XMP-dc:Title": "Köln", "XMP-dc:Subject": ["one", "two"], "XMP-dc:Creator": "Somebody",
            "XMP-photoshop:City": "Mainz & <x>", "XMP-photoshop:DateCreated": "2021:03:04 05:06:07+01:00"}
    wrong = {tag: out.get(tag) for tag, value in want.items() if out.get(tag) != value}
    tap.check(not wrong, "IPTC into XMP", wrong)
    tap.check(states(run)["iptc"] == "dropped" and notes(run)["iptc"] == "datasets 2:118 have no place in XMP",
              "IPTC into XMP: the rest is named", run.stdout)
    os.remove(target)
    write_tiff(source, iptc=dataset(5, b"other") + dataset(25, b"three"), xmp=XMP)
    run = apply(source, target, "--strict")
    out = json.loads(subprocess.run(["exiftool", "-j", "-G1", "-XMP:all", target], check=True, capture_output=True).stdout)[0]
    tap.check(out["XMP-dc:Title"] == "Köln" and out["XMP-dc:Subject"] == ["one", "two", "three"],
              "IPTC beside XMP: XMP's title stays, keywords are joined", out)
    tap.check(states(run)["iptc"] == "changed" and "otherwise" in notes(run)["iptc"], "IPTC beside XMP: said", run.stdout)


def models():
    """CMYK goes between TIFF and JPEG, CIELab from TIFF to TIFF; other formats refuse in words."""
    cmyk = numpy.concatenate([made.pixels(), made.pixels()[:, :, :1]], axis=2)
    lab = made.pixels().astype(numpy.int16)
    lab[:, :, 1:] -= 100
    write_tiff(f"{folder}/cmyk.tif", samples=cmyk, photometric="separated", xmp=XMP, iptc=made.IPTC, photoshop=PATHS)
    write_tiff(f"{folder}/lab.tif", samples=lab.astype(numpy.int8).view(numpy.uint8), photometric="cielab", xmp=XMP,
               iptc=made.IPTC, photoshop=PATHS)
    want = {"xmp": XMP, "iptc": made.IPTC, "photoshop": PATHS}
    expect("CMYK TIFF to TIFF", f"{folder}/cmyk.tif", f"{folder}/cmyk-to.tif", want)
    tap.check(apply(f"{folder}/cmyk.tif", f"{folder}/cmyk.jpg").returncode == 0, "CMYK TIFF to JPEG")
    expect("CMYK JPEG to TIFF", f"{folder}/cmyk.jpg", f"{folder}/cmyk-back.tif", want)
    expect("CIELab TIFF to TIFF", f"{folder}/lab.tif", f"{folder}/lab-to.tif", want)
    for kind, extensions in (("cmyk", ("png", "webp")), ("lab", ("png", "jpg"))):
        for extension in extensions:
            run = apply(f"{folder}/{kind}.tif", f"{folder}/refused.{extension}")
            right = run.returncode == 1 and (b"cannot hold" in run.stderr or b"build again" in run.stderr)
            tap.check(right and run.stderr.count(b"\n") == 1, f"{kind} to {extension} is refused in words", run.stderr)


def pages():
    """Each page keeps its own."""
    source, target = f"{folder}/pages.tif", f"{folder}/pages-to.tif"
    for page in range(3):
        mark = str(page).encode()
        write_tiff(source, append=page > 0, description=f"page {page}", xmp=XMP.replace(b"one", mark),
                   iptc=made.IPTC.replace(b"Title", b"Page" + mark), photoshop=PATHS.replace(b"abcd", b"abc" + mark))
    run = apply(source, target)
    tap.check(run.returncode == 0, "pages: exit code", run.stderr)
    for page in range(3):
        before, after = tags_of(source, page), tags_of(target, page)
        tap.check(before == after and len(after) == 3, f"page {page}: bytes", f"{before} {after}")
        with tifffile.TiffFile(target) as file:
            tap.check(file.pages[page].description == f"page {page}", f"page {page}: description",
                      file.pages[page].description)


def profiles():
    """The bytes of a profile, through each format and back to TIFF."""
    source = f"{folder}/profile.tif"
    write_tiff(source, profile=made.profile())
    for extension in ("jpg", "png", "webp", "jp2", "jxl", "heic", "avif"):
        middle, target = f"{folder}/profile.{extension}", f"{folder}/profile-{extension}.tif"
        run = apply(source, middle)
        if b"build again" in run.stderr or b"no encoder" in run.stderr:
            tap.skip(f"profile by {extension}", run.stderr.decode().strip().splitlines()[-1])
            continue
        apply(middle, target)
        got = tags_of(target).get("profile") if os.path.exists(target) else None
        tap.check(got == made.profile(), f"profile by {extension}", f"{len(got or b'')} bytes")


XMP = made.XMP.replace(b' tiff:Orientation="6"', b"")  # so that nothing in it has to be edited
if not shutil.which("exiftool"):
    tap.skip("metadata of kinds", "exiftool is absent (libimage-exiftool-perl)")
    tap.done()
with tempfile.TemporaryDirectory() as folder:
    tiff_tags()
    only_in_photoshop()
    iptc_into_xmp()
    models()
    pages()
    profiles()
tap.done()
