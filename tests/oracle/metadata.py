# SPDX-License-Identifier: GPL-3.0-or-later
"""EXIF, XMP, IPTC and profiles from each format to each: exiftool's dumps before and after differ only as
tests/metadata-allow.tsv allows. The thumbnail is of the new pixels, dates are the old ones; what is lost is in the report;
--strict refuses it."""
import fnmatch
import io
import json
import os
import shutil
import subprocess
import tempfile

import tap
import _metadata as made
from _metadata import Image, apply, dumps, numpy

# Dates stay whatever the file becomes, so no rule may excuse one.
DATES = ("IFD0:ModifyDate", "ExifIFD:DateTimeOriginal", "ExifIFD:CreateDate", "ExifIFD:OffsetTime",
         "ExifIFD:SubSecTimeOriginal", "GPS:GPSDateStamp", "XMP-xmp:CreateDate")


def read_allowed():
    with open(f"{made.SOURCE}/tests/metadata-allow.tsv", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]


def differences(before, after, source, target):
    """What differs and is not allowed; the rules that were needed are marked."""
    for tag in sorted(before.keys() | after.keys()):
        kind = "gone" if tag not in after else "new" if tag not in before else "other"
        if before.get(tag) == after.get(tag):
            continue
        for rule in allowed:
            if (fnmatch.fnmatchcase(source, rule[0]) and fnmatch.fnmatchcase(target, rule[1]) and
                    fnmatch.fnmatchcase(tag, rule[2]) and kind == rule[3]):
                used.add(tuple(rule))
                break
        else:
            yield f"{tag} {kind}: {before.get(tag, '')[:60]!r} -> {after.get(tag, '')[:60]!r}"


def check_report(name, before, after, run):
    """A group that is gone as a whole is said to be; IPTC may be said by XMP instead."""
    items = {"exif": "ExifIFD:", "xmp": "XMP-", "iptc": "IPTC:", "profile": "ICC", "thumbnail": "IFD1:ThumbnailImage",
             "photoshop": "Photoshop:"}
    if name.endswith("to jxl (little-endian)"):
        del items["profile"]  # which exiftool does not see there
    states = made.states(run)
    for item, prefix in items.items():
        had = any(tag.startswith(prefix) for tag in before)
        has = any(tag.startswith(prefix) for tag in after)
        said = "kept" if has else "dropped"
        right = states.get(item) in (("kept", "changed") if has else ("changed", "dropped") if item == "iptc" else ("dropped",))
        if had:
            tap.check(right, f"{name}: report of {item}", f"it was {said}: {states}")


def check_thumbnail(name, source, target):
    """It shows the new pixels, which the PNG made of the same source holds, too."""
    binary = subprocess.run(["exiftool", "-b", "-ThumbnailImage", target], capture_output=True, check=True).stdout
    small = Image.open(io.BytesIO(binary)).convert("RGB")
    whole = Image.open(f"{source}-to.png").convert("RGB").resize(small.size, 4)
    distance = numpy.abs(numpy.asarray(small, float) - numpy.asarray(whole, float)).mean()
    tap.check(max(small.size) == 160 and distance < 4, f"{name}: thumbnail", f"{small.size}, {distance}")


def check_pair(name, source, target, before, after, run):
    kinds = source.rsplit(".", 1)[1], target.rsplit(".", 1)[1]
    wrong = list(differences(before, after, *kinds))
    tap.check(not wrong, f"{name}: dumps", "\n".join(wrong))
    dates = {tag: (before.get(tag), after.get(tag)) for tag in DATES}
    tap.check(all(was is not None and was == now for was, now in dates.values()), f"{name}: dates", dates)
    check_report(name, before, after, run)
    if "IFD1:ThumbnailImage" in after:
        check_thumbnail(name, source, target)


def make_sources(letter, block, names):
    """Pictures of all formats that this build writes; the others are skipped by name."""
    for extension in names:
        path = f"{folder}/{letter}.{extension}"
        try:
            writers[extension](path, block)
            yield path
        except RuntimeError as error:
            absent = any(word in str(error) for word in ("build again", "no encoder"))
            if absent:
                tap.skip(f"{extension}, {letter}", str(error).strip().splitlines()[-1])
            else:
                tap.check(False, f"{extension}, {letter}: made", error)


def check_all(letter, order, names):
    paths = list(make_sources(letter, made.exif_block(order), names))
    runs = {(source, target): apply(source, target) for source in paths
            for target in [f"{source}-to.{path.rsplit('.', 1)[1]}" for path in paths]}
    dump = dumps(paths + [target for (_, target), run in runs.items() if run.returncode == 0])
    for (source, target), run in runs.items():
        name = f"{os.path.basename(source)[2:]} to {target.rsplit('.', 1)[1]} ({letter})"
        if tap.check(run.returncode == 0, f"{name}: exit code", run.stdout + run.stderr):
            check_pair(name, source, target, dump[source], dump[target], run)


if not shutil.which("exiftool"):
    tap.skip("metadata of format pairs", "exiftool is absent (libimage-exiftool-perl)")
    tap.done()
writers = {"jpg": made.write_jpeg, "png": made.write_png, "tif": made.write_tiff, "webp": made.write_webp,
           "jp2": made.write_by_command, "jxl": made.write_by_command, "heic": made.write_by_command,
           "avif": made.write_by_command}
used = set()
allowed = read_allowed()
with tempfile.TemporaryDirectory() as folder:
    check_all("little-endian", "<", list(writers))
    check_all("big-endian", ">", ["jpg", "png", "tif"])
    run = apply(f"{folder}/little-endian.jpg", f"{folder}/strict.ppm", "--strict")
    tap.check(run.returncode == 1 and b"not kept" in run.stderr and not os.path.exists(f"{folder}/strict.ppm"),
              "--strict refuses", run.stderr)
    run = apply(f"{folder}/little-endian.jpg", f"{folder}/strict.png", "--strict")
    tap.check(run.returncode == 0 and os.path.exists(f"{folder}/strict.png"), "--strict lets a whole one through",
              run.stdout + run.stderr)
excused = [rule for rule in allowed if any(fnmatch.fnmatchcase(date, rule[2]) for date in DATES)]
tap.check(not excused, "no rule of the allow-list excuses a date", excused)
unused = [rule for rule in allowed if tuple(rule) not in used]
tap.check(not unused, "every rule of the allow-list is needed", unused)
tap.done()
