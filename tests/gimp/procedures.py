# SPDX-License-Identifier: GPL-3.0-or-later
"""Every filter of the registry in GIMP beside the command: procedures, and in GIMP 3 operations that are merged.

    procedures.py 2|3 [FILTER...]    (IMGENHANCE and BUILD as tests/run gives them; without a filter all)
"""
import concurrent.futures
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)) + "/../oracle"]
import cases
import gimp as face
import pictures
import tap
import xcf

COMMAND, BUILD = os.environ["IMGENHANCE"], os.environ["BUILD"]
WHOLE = [pictures.Kind(precision, channels) for precision in ("u8", "u16", "float") for channels in (3, 1)]
WHOLE += [pictures.Kind("half", 3), pictures.Kind("u32", 2), pictures.Kind("float-linear", 3), pictures.Kind("u16-linear", 1)]
PART = [pictures.Kind(precision, channels, select) for precision, select in
        (("u8", "feathered"), ("u16", "feathered"), ("float", "hard")) for channels in (4, 2)]
# Rarer ones, for some filters: native values, colour, a survey.
FEW = ("gaussian", "unsharp", "equalize")
RARE = [pictures.Kind("u8-linear", 3), pictures.Kind("half-linear", 4), pictures.Kind("u32-linear", 1), pictures.Kind("half", 2),
        pictures.Kind("u32", 3, "hard")]
SELECT = {None: "", "feathered": "(select-ellipse image 4 30 20 90 70)", "hard": "(select-rectangle image 0 30 20 70 61)"}
# Samples that the library has no depth for went through float: a code of half, 2^-21 of the range of 32 bits.
HALF_CODE, U32_STEP = 1, 2.0 ** -21
BLENDED, BLENDED_BEYOND = 1e-5, 5e-3  # GIMP's curves are approximations, good from 0 to 1 and less so the farther beyond


def plain(filters):
    """Those that need no further picture."""
    return [one for one in filters if not any(param.get("required") for param in one["params"])]


def values_of(one, other):
    """Values of all parameters: the defaults, or others close to them."""
    values = {}
    for param in one["params"]:
        value = param.get("default")
        if other and param["type"] == "float":
            value = round(value * 1.3 if value else 0.01, 6)
            value = min(max(value, param["min"] or 0), param["max"] if param["max"] is not None else value)
        elif other and param["type"] == "int" and value + 1 <= (param["max"] or 0):
            value += 1
        values[param["name"]] = value
    return values


def step_of(one, values):
    numbers = [f"{param['name']}={values[param['name']]!r}" for param in one["params"] if param["type"] in ("float", "int")]
    return " ".join([one["name"]] + numbers)


def jobs_of(filters):
    """(filter, values, kinds) in the order of the work."""
    jobs = []
    for one in plain(filters):
        jobs.append((one, values_of(one, False), WHOLE + (RARE if one["name"] in FEW else []), "default"))
        jobs.append((one, values_of(one, True), PART, "other"))
    return jobs


def script_of(gimp, folder, jobs, way):
    lines = []
    for one, values, kinds, label in jobs:
        for kind in kinds:
            call = gimp.call(one["name"], one["params"], values) if way == "plug-in" else gimp.merge(one["name"], one["params"], values)
            lines.append(f'(begin-case "{one["name"]}/{kind.name}")'
                         f'(let* ((image (open "{folder}/{kind.name}.xcf")) (layer (layer-of image))) {SELECT[kind.select]}'
                         f' (if (attempt (lambda () {call})) (save image "{folder}/{way}/{one["name"]}-{kind.name}.xcf"))'
                         f' (gimp-image-delete image))')
    return "\n".join(lines)


def differences(kind, have, want, before, mask, offset):
    """What is wrong with the samples of a layer; None: nothing."""
    _, size, letter, _ = xcf.PRECISIONS[kind.precision]
    pixel = size * kind.channels
    if mask is None and kind.exact:
        return None if have == want else _first(kind, have, want)
    if not kind.exact:
        want_values, have_values = pictures.unpack("float", want), pictures.unpack(kind.precision, have)
        if letter == "e":
            codes = [struct.unpack(">H", struct.pack(">e", value))[0] for value in want_values]
            far = max(abs((a & 0x7fff) - (b & 0x7fff)) for a, b in zip(codes, struct.unpack(f">{len(codes)}H", have)))
            if mask is None:
                return None if far <= HALF_CODE else f"{far} codes of half away"
        want = pictures.pack(kind.precision, want_values)
        if mask is None:
            far = max(abs(a - b) for a, b in zip(have_values, pictures.unpack(kind.precision, want)))
            return None if far <= U32_STEP else f"{far * 2 ** 32:.0f} codes of 32 bits away"
    full = empty = 0
    levels = pictures.unpack(kind.precision, mask.data)
    for y in range(pictures.HEIGHT):
        for x in range(pictures.WIDTH):
            across, down = x + offset[0], y + offset[1]
            inside = 0 <= across < mask.width and 0 <= down < mask.height
            level = levels[down * mask.width + across] if inside else 0
            at = (y * pictures.WIDTH + x) * pixel
            one, new, old = have[at:at + pixel], want[at:at + pixel], before[at:at + pixel]
            if level == 0:
                empty += 1
                if one != old:
                    return f"({x}, {y}) beyond the selection changed"
            elif level == 1:
                full += 1
                if one != new and not _close(kind, one, new):
                    return f"({x}, {y}) in the selection: {pictures.unpack(kind.precision, one)} for {pictures.unpack(kind.precision, new)}"
            elif not _between(kind, one, old, new):
                return f"({x}, {y}) at the selection's edge is not between {old.hex()} and {new.hex()}: {one.hex()}"
    return None if full > 1000 and empty > 1000 else f"{full} pixels with a full mask, {empty} with an empty one"


def _close(kind, one, new):
    """Float samples that GIMP has blended with a weight of 1 went through its linear light and back."""
    if kind.exact and kind.precision[:5] != "float":
        return False
    return all(abs(a - b) <= (BLENDED if abs(b) <= 1 else BLENDED_BEYOND * abs(b)) for a, b in
               zip(pictures.unpack(kind.precision, one), pictures.unpack(kind.precision, new)))


def _between(kind, one, old, new):
    """A blend of two pixels lies between them, up to rounding."""
    slack = U32_STEP if kind.precision[0] != "u" else 1.01 / ((1 << 8 * len(one) // kind.channels) - 1)
    a, b, c = (pictures.unpack(kind.precision, data) for data in (one, old, new))
    if kind.channels % 2 == 0 and (b[-1] == 0 or c[-1] == 0):
        return True  # what has no alpha has no colour
    return all(min(low, high) - slack <= value <= max(low, high) + slack for value, low, high in zip(a, b, c))


def _first(kind, have, want):
    a, b = pictures.unpack(kind.precision, have), pictures.unpack(kind.precision, want)
    wrong = [i for i in range(len(a)) if a[i] != b[i]]
    i = wrong[0]
    pixel = i // kind.channels
    return (f"{len(wrong)} samples of {len(a)}, first at ({pixel % pictures.WIDTH}, {pixel // pictures.WIDTH}) channel "
            f"{i % kind.channels}: {a[i]} for {b[i]}; most {max(abs(a[i] - b[i]) for i in wrong)}")


def bounds(kind, mask, offset):
    """The part of the layer that a mask touches: x, y, width, height."""
    levels = pictures.unpack(kind.precision, mask.data)
    rows = [y for y in range(mask.height) if any(levels[y * mask.width:(y + 1) * mask.width])]
    columns = [x for x in range(mask.width) if any(levels[x::mask.width])]
    left, top = max(columns[0] - offset[0], 0), max(rows[0] - offset[1], 0)
    right, bottom = min(columns[-1] + 1 - offset[0], pictures.WIDTH), min(rows[-1] + 1 - offset[1], pictures.HEIGHT)
    return left, top, right - left, bottom - top


def part_of(folder, one, values, kind, place):
    """What the command makes of a part of the layer alone, in its place: GIMP shows an operation no more than what is selected."""
    x, y, width, height = place
    pixel, data = xcf.PRECISIONS[kind.precision][1] * kind.channels, pictures.scene_of(kind)
    rows = [data[(row * pictures.WIDTH + x) * pixel:][:width * pixel] for row in range(y, y + height)]
    pictures.write_tiff(f"{folder}/part.tif", face.Gimp3, kind.precision, width, height, kind.channels, b"".join(rows))
    pictures.apply(COMMAND, step_of(one, values), f"{folder}/parts", [f"{folder}/part.tif"])
    part = pictures.expected(f"{folder}/parts/part.tif", kind.precision, width, height, kind.channels)
    if part is None:
        return None
    os.remove(f"{folder}/parts/part.tif")
    pixel = len(part) // (width * height)
    whole = bytearray(pictures.WIDTH * pictures.HEIGHT * pixel)
    for row in range(height):
        at = ((y + row) * pictures.WIDTH + x) * pixel
        whole[at:at + width * pixel] = part[row * width * pixel:(row + 1) * width * pixel]
    return bytes(whole)


def compare(folder, way, one, values, kind, label):
    """What is wrong with a filter on a kind of layer; None: nothing."""
    want = pictures.expected(f"{folder}/{one['name']}-{label}/{kind.name}.tif", kind.precision, pictures.WIDTH, pictures.HEIGHT,
                             kind.channels)
    path = f"{folder}/{way}/{one['name']}-{kind.name}.xcf"
    before = pictures.scene_of(kind)
    if not os.path.exists(path):
        return None if want is None else "nothing came"
    image = xcf.read(path)
    layer = image.layers[0]
    if way == "operation" and kind.select:
        want = part_of(folder, one, values, kind, bounds(kind, image.selection, layer.offset))
    if want is None:
        # An operation has no way to refuse but to leave the layer as it is.
        return None if way == "operation" and layer.data == before else "it was not refused"
    return differences(kind, layer.data, want, before, image.selection if kind.select else None, layer.offset)


def check_filters(gimp, sessions, folder, filters):
    jobs = jobs_of(filters)
    for kind in WHOLE + PART + RARE:
        kind.write(folder, gimp)
    ways = ("plug-in", "operation") if gimp.module else ("plug-in",)
    for way in ways:
        os.mkdir(f"{folder}/{way}")
    with concurrent.futures.ThreadPoolExecutor(len(sessions) + 1) as pool:
        command = pool.submit(lambda: [pictures.apply(COMMAND, step_of(one, values), f"{folder}/{one['name']}-{label}",
                                                      [f"{folder}/{kind.name}.tif" for kind in kinds])
                                       for one, values, kinds, label in jobs])
        def work(i):
            script = "\n".join(script_of(gimp, folder, jobs[i::len(sessions)], way) for way in ways)
            return sessions[i].run(script)
        ran = list(pool.map(work, range(len(sessions))))
        command.result()
    tap.check(all(ended for ended, _ in ran), "GIMP comes to the end", "\n".join(said[-2000:] for _, said in ran))
    for way in ways:
        for one, values, kinds, label in jobs:
            wrong = [(kind.name, compare(folder, way, one, values, kind, label)) for kind in kinds]
            wrong = [f"{name}: {what}" for name, what in wrong if what]
            said = [face.said_of(text, f"{one['name']}/{line.split(':')[0]}") for line in wrong if "nothing came" in line for _, text in ran]
            tap.check(not wrong, f"{one['name']} ({label} values) as {way}: {', '.join(kind.name for kind in kinds)}",
                      "\n".join(wrong + [text for text in said if text]))


def main():
    gimp, program = face.chosen(BUILD, "GIMP")
    filters = json.loads(subprocess.run([COMMAND, "filters", "--json"], capture_output=True, check=True).stdout)
    with tempfile.TemporaryDirectory() as folder:
        sessions = [face.Session(gimp, program, BUILD, f"{folder}/home-{i}") for i in range(min(os.cpu_count() or 1, 4))]
        check_filters(gimp, sessions, folder, [one for one in filters if len(sys.argv) < 3 or one["name"] in sys.argv[2:]])
        if len(sys.argv) < 3 or "cases" in sys.argv:
            cases.check_cases(gimp, sessions[0], folder, filters)
    tap.done()


main()
