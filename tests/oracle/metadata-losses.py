# SPDX-License-Identifier: GPL-3.0-or-later
"""What is lost is said: animations, further pictures (MPF), gain maps, layers, sub-pages, broken profiles, also of later
pages; and what cannot be read or written is refused in words of one line. `info` tells of pages and how they are stored."""
import io
import json
import os
import struct
import subprocess
import tempfile
import zlib

import tap
import _metadata as made
from _metadata import Image, apply, notes, numpy, states

tap.require("tifffile")
import tifffile  # noqa: E402


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def segment(marker, data):
    return struct.pack(">BBH", 0xff, marker, len(data) + 2) + data


def put(name, data):
    with open(f"{folder}/{name}", "wb") as file:
        file.write(data)
    return f"{folder}/{name}"


def encoded(kind, **options):
    out = io.BytesIO()
    made.picture().save(out, kind, **options)
    return out.getvalue()


def expect(name, source, item, word, target="png"):
    """The report of a run has the item as dropped, with the word in its note; --strict then refuses."""
    run = apply(source, f"{folder}/out.{target}", "--existing", "replace")
    if run.returncode != 0:
        tap.check(False, name, run.stderr)
        return
    tap.check(states(run).get(item) == "dropped" and word in notes(run)[item], name, run.stdout)
    strict = apply(source, f"{folder}/strict.{target}", "--strict")
    tap.check(strict.returncode == 1 and not os.path.exists(f"{folder}/strict.{target}"), f"{name}: --strict", strict.stderr)


def refused(name, source, *words):
    run = apply(source, f"{folder}/refused.png")
    text = run.stderr.decode()
    tap.check(run.returncode == 1 and text.count("\n") == 1 and all(word in text for word in words), name, text)
    tap.check(not os.path.exists(f"{folder}/refused.png"), f"{name}: no output")


def clean(name, source, *items):
    run = apply(source, f"{folder}/clean.png", "--existing", "replace")
    tap.check(run.returncode == 0 and not set(items) & set(states(run)), name, run.stdout)


# ---- animations -------------------------------------------------------------------------------------------------------

def animations():
    plain = encoded("PNG")
    control = chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, *made.SIZE, 0, 0, 1, 10, 0, 0))
    animated = plain[:33] + chunk(b"acTL", struct.pack(">II", 2, 0)) + control + plain[33:]
    expect("APNG", put("a.png", animated), "animation", "first of 2 frames", "tif")
    clean("PNG without animation", put("b.png", plain), "animation")
    frames = [made.picture(), Image.fromarray(255 - made.pixels())]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    source = put("a.webp", out.getvalue())
    run = apply(source, f"{folder}/webp.png")
    if b"build again" in run.stderr:
        tap.skip("animated WebP", "built without WebP")
    else:
        expect("animated WebP", source, "animation", "first of 2 frames")
    refused("GIF", put("a.gif", encoded("GIF")), "not a picture in a known format")


# ---- JPEG -------------------------------------------------------------------------------------------------------------

def jpegs():
    plain = encoded("JPEG")
    first = 4 + struct.unpack(">H", plain[4:6])[0]

    def with_segment(*segments):
        return plain[:first] + b"".join(segments) + plain[first:]

    expect("MPF", put("mpf.jpg", with_segment(segment(0xe2, b"MPF\0II*\0\x08\0\0\0\0\0\0\0\0\0")) + plain), "pages", "MPF")
    expect("gain map of ISO 21496", put("iso.jpg", with_segment(segment(0xe2, b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0"))),
           "gain-map", "not read")
    packet = (b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
              b'<rdf:Description rdf:about="" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/>'
              b"</rdf:RDF></x:xmpmeta>")
    expect("gain map of XMP", put("xmp.jpg", with_segment(segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0" + packet))),
           "gain-map", "not read")
    clean("JPEG without these", put("plain.jpg", plain), "gain-map", "pages")
    broken = made.profile()[:300]
    expect("broken profile", put("icc.jpg", with_segment(segment(0xe2, b"ICC_PROFILE\0\1\1" + broken))), "profile", "states")
    # A frame header of 12 bits (ITU-T T.81, B.2.2), which libjpeg-turbo reads from version 3 on alone.
    deep = bytearray(plain)
    at = deep.find(b"\xff\xc0")
    deep[at + 1], deep[at + 4] = 0xc1, 12
    run = apply(put("deep.jpg", bytes(deep)), f"{folder}/deep.png")
    text = run.stderr.decode()
    tap.check(run.returncode == 0 or (run.returncode == 1 and text.count("\n") == 1 and "precision 12" in text),
              "JPEG of 12 bits: read, or refused in words", text)


# ---- TIFF -------------------------------------------------------------------------------------------------------------

def layers_and_pages():
    source = f"{folder}/layers.tif"
    tifffile.imwrite(source, made.pixels(), photometric="rgb", metadata=None,
                     extratags=[(37724, 7, 40, b"Adobe Photoshop Document Data Block\0" + b"8BIM", True)])
    expect("layered TIFF", source, "layers", "picture that they make", "tif")
    source = f"{folder}/sub.tif"
    with tifffile.TiffWriter(source) as file:
        file.write(made.pixels(), photometric="rgb", metadata=None, subifds=1)
        file.write(made.pixels()[::2, ::2], photometric="rgb", metadata=None, subfiletype=1)
    expect("sub-pages", source, "pages", "1 sub-page", "tif")
    source = f"{folder}/pages.tif"
    for page in range(3):
        broken = [(34675, 7, 200, made.profile()[:200], True)] if page == 1 else []
        tifffile.imwrite(source, made.pixels(), photometric="rgb", metadata=None, append=page > 0, extratags=broken)
    expect("broken profile of the second page", source, "profile", "states", "tif")
    expect("pages into PNG", source, "pages", "2 of 3", "png")
    run = apply(source, f"{folder}/salvaged.tif", "--salvage")
    tap.check(run.returncode == 0 and len(tifffile.TiffFile(f"{folder}/salvaged.tif").pages) == 3,
              "--salvage of several pages", run.stderr)


def inks():
    """InkSet 2: inks that are not cyan, magenta, yellow and black."""
    source = f"{folder}/inks.tif"
    four = numpy.concatenate([made.pixels(), made.pixels()[:, :, :1]], axis=2)
    tifffile.imwrite(source, four, photometric="separated", metadata=None, extratags=[(332, 3, 1, 2, True)])
    refused("inks other than CMYK", source, "inks other than CMYK")


# ---- formats without a place ------------------------------------------------------------------------------------------

def without_place():
    """Every format that holds little or nothing beside samples: what it drops is said, item by item, and what it keeps comes
    back from it."""
    source = f"{folder}/full.jpg"
    made.write_jpeg(source, made.exif_block("<"))
    for extension in ("exr", "ppm", "pfm"):
        target = f"{folder}/full.{extension}"
        run = apply(source, target)
        if b"build again" in run.stderr:
            tap.skip(f"JPEG to {extension}", f"built without {extension}")
            continue
        said = states(run)
        gone = {"exif", "xmp", "iptc", "orientation"} | (set() if extension == "exr" else {"profile", "resolution"})
        tap.check({item for item, state in said.items() if state == "dropped"} == gone, f"JPEG to {extension}: dropped", said)
        if extension == "exr":
            back = apply(target, f"{folder}/back.png")
            tap.check(said.get("profile") == "changed" and said.get("resolution") == "kept" and
                      states(back).get("resolution") == "kept" and states(back).get("profile") == "kept",
                      "JPEG to exr: profile and resolution", back.stdout)


# ---- info -------------------------------------------------------------------------------------------------------------

def info(source):
    ran = subprocess.run([made.IMGENHANCE, "info", "--json", source], capture_output=True, check=False)
    text = subprocess.run([made.IMGENHANCE, "info", source], capture_output=True, check=False).stdout.decode()
    return json.loads(ran.stdout)[0]["pages"], text


def holds(name, source, number, **members):
    pages, text = info(source)
    wrong = {key: pages[number].get(key) for key, value in members.items() if pages[number].get(key) != value}
    tap.check(not wrong, f"info --json: {name}", wrong)
    return pages, text


def infos():
    source = f"{folder}/info.tif"
    with tifffile.TiffWriter(source, bigtiff=True) as file:
        file.write(made.pixels(), photometric="rgb", metadata=None, tile=(64, 32), compression="zlib", predictor=True)
        file.write(made.pixels().transpose(2, 0, 1), photometric="rgb", planarconfig="separate", metadata=None, rowsperstrip=7)
        file.write(made.pixels()[::2, ::2, 0], photometric="minisblack", metadata=None, subfiletype=1)
    pages, text = holds("tiles", source, 0, kind="picture", storage="tiles", block_width=32, block_height=64, planar=False,
                        compression="deflate", predictor=2, stored_bits=8, stored_samples="unsigned", width=200, height=120)
    tap.check(len(pages) == 3, "info --json: three pages", pages)
    holds("planes", source, 1, kind="picture", storage="strips", block_height=7, planar=True, compression="none")
    holds("reduced page", source, 2, kind="reduced", width=100, height=60, model="gray", channels=1)
    for line in ("  storage     tiles of 32 x 64, deflate with predictor 2, 8-bit unsigned\n", "  pages       3\n",
                 "    page 2: picture, 200 x 120, rgb, strips of 7 rows, planar, none, 8-bit unsigned\n",
                 "    page 3: reduced, 100 x 60, gray, "):
        tap.check(line in text, f"info: {line.strip()}", text)
    deep = f"{folder}/deep.tif"
    tifffile.imwrite(deep, made.pixels().astype("f4") / 255, photometric="rgb", metadata=None, rowsperstrip=120)
    holds("float", deep, 0, storage="strips", block_height=120, stored_bits=32, stored_samples="float")
    half = put("half.jpg", encoded("JPEG", subsampling=2, progressive=True))
    _, text = holds("progressive JPEG 4:2:0", half, 0, storage="progressive", subsampling="4:2:0", compression="jpeg")
    tap.check("progressive, jpeg, chroma 4:2:0, 8-bit unsigned\n" in text, "info: JPEG", text)
    holds("JPEG 4:2:2", put("wide.jpg", encoded("JPEG", subsampling=1)), 0, subsampling="4:2:2", storage="sequential")
    small = io.BytesIO()
    made.picture().quantize(4).save(small, "PNG", bits=2)
    holds("PNG palette", put("small.png", small.getvalue()), 0, stored_bits=2, stored_samples="palette", storage="rows")
    with open(source, "rb") as file:
        whole = bytearray(file.read())
    with tifffile.TiffFile(source) as file:
        tag = file.pages[1].tags[262]
    whole[tag.valueoffset:tag.valueoffset + 2] = struct.pack("<H", 999)
    pages, text = info(put("odd.tif", bytes(whole)))
    tap.check("999" in (pages[1].get("error") or "") and "page 2: picture, " in text and pages[2]["width"] == 100,
              "info: a page that cannot be read", pages)


with tempfile.TemporaryDirectory() as folder:
    animations()
    jpegs()
    layers_and_pages()
    inks()
    without_place()
    infos()
tap.done()
