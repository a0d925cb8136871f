# SPDX-License-Identifier: GPL-3.0-or-later
"""What is not a plain layer, what is wrong, and what ends too soon: the right result or a clear message, in GIMP 2.10 and 3."""
import os
import re
import signal
import time

import gimp as face
import pictures
import tap
import tiff
import xcf

COMMAND = os.environ["IMGENHANCE"]
KIND = pictures.Kind("u8", 3)


class Case:
    """Opens a picture as `image` and `layer`, runs `setup`, makes `target` (Scheme) the layer, saves, calls, saves.

    say: a pattern of what must be said while nothing changes; step: else what the command does to the same samples. look:
    which samples of a file are meant; others: that others change, too."""

    def __init__(self, name, call, setup="", target="layer", say=None, step=None, look=lambda image: image.layers[0],
                 source="u8-rgb", icc=None, others=False):
        self.name, self.call, self.setup, self.target, self.say, self.step = name, call, setup, target, say, step
        self.look, self.source, self.icc, self.others = look, source, icc, others

    def script(self, folder):
        base = f"{folder}/cases/{self.name}"
        return (f'(begin-case "{self.name}")(let* ((image (open "{folder}/{self.source}.xcf")) (layer (layer-of image))) {self.setup}'
                f' (let* ((layer {self.target})) (save image "{base}-before.xcf")'
                f' (if (attempt (lambda () {self.call})) (mark "{base}-did")) (save image "{base}-after.xcf"))'
                f' (gimp-image-delete image))')

    def wrong(self, gimp, folder, said):
        base = f"{folder}/cases/{self.name}"
        if not os.path.exists(base + "-after.xcf"):
            return "it did not come to its end"
        before, after = xcf.read(base + "-before.xcf"), xcf.read(base + "-after.xcf")
        did = os.path.exists(base + "-did")
        if self.say:
            if did:
                return "it was not refused"
            if _samples(before) != _samples(after):
                return "it was refused, and yet something changed"
            return None if re.search(self.say, said) else f"nothing said of {self.say}"
        return self.result(gimp, folder, before, after) if did else "it was refused"

    def result(self, gimp, folder, before, after):
        pixels, now = self.look(before), self.look(after)
        pictures.write_tiff(f"{folder}/cases/{self.name}.tif", gimp, before.precision, pixels.width, pixels.height, pixels.channels,
                            pixels.data, self.icc)
        pictures.apply(COMMAND, self.step, f"{folder}/cases/own", [f"{folder}/cases/{self.name}.tif"])
        want = pictures.expected(f"{folder}/cases/own/{self.name}.tif", before.precision, pixels.width, pixels.height, pixels.channels)
        if want is None:
            return "the command has no result"
        if now.data != want:
            return f"other samples: {sum(a != b for a, b in zip(now.data, want))} bytes of {len(want)}"
        if pixels.data == want and len(want) > 3:
            return "nothing changed"
        if self.others:
            return None
        rest = [data for data in _samples(before) if data != pixels.data]
        return None if rest == [data for data in _samples(after) if data != now.data] else "something else changed, too"


def _samples(image):
    found = []
    for layer in image.layers:
        found += [layer.data] + ([layer.mask.data] if layer.mask else [])
    return found + [channel.data for channel in image.channels]


def _first(filters, name):
    return next(one for one in filters if one["name"] == name)


def cases_of(gimp, folder, filters):
    """The cases of both versions. Words of calls and of set-ups that differ lie in gimp.py."""
    def call(name, pictures=None, **values):
        params = _first(filters, name)["params"]
        given = {param["name"]: param.get("default") for param in params if param["type"] != "image"}
        given.update({key.replace("_", "-"): value for key, value in values.items()})
        return gimp.call(name, params, given, pictures)
    blur = call("gaussian")
    frame = ("file", f"{folder}/frame.tif")
    second = '(gimp-image-insert-layer image (value (gimp-layer-new-from-drawable (layer-of (open "%s/frame.xcf")) image)) 0 1)'
    found = [
        Case("out-of-range", call("gaussian", sigma=5000.0), say=r"5000.* out of range: 0(\.0*)? to 1000"),
        Case("below-the-range", call("median", radius=-1), say="-1.* out of range: 0 to 500"),
        Case("wrong-word", call("canny", channel="purple"), say="channel.*luma"),
        Case("wrong-matrix", call("convolve", kernel="1,2;3"), say="kernel"),
        Case("indexed", blur, '(gimp-image-convert-indexed image 0 0 16 0 0 "")', say="indexed|INDEXED"),
        Case("beside-the-selection", blur, "(gimp-layer-resize layer 10 10 0 0)(select-rectangle image 0 50 50 10 10)",
             say="does not touch this layer"),
        Case("empty-selection", blur, "(select-rectangle image 0 10 10 40 40)(gimp-selection-none image)", step="gaussian"),
        Case("group", blur, f"(define group {gimp.GROUP})(gimp-image-insert-layer image group 0 0)"
             "(gimp-image-reorder-item image layer group 0)", "group", say="group"),
        Case("locked", blur, "(gimp-item-set-lock-content layer 1)", say="lock"),
        Case("locked-around", blur, f"(define group {gimp.GROUP})(gimp-image-insert-layer image group 0 0)"
             "(gimp-image-reorder-item image layer group 0)(gimp-item-set-lock-content group 1)", say="lock"),
        Case("hidden", blur, "(gimp-item-set-visible layer 0)", step="gaussian"),
        Case("one-pixel", blur, source="one", step="gaussian"),
        Case("one-pixel-surveyed", call("equalize"), source="one", step="equalize"),
        Case("text", call("levels", gamma=1.5), f"(gimp-context-set-foreground '(200 100 50))(define text {gimp.TEXT})", "text",
             step="levels gamma=1.5"),
        Case("mask", blur, "(define mask (value (gimp-layer-create-mask layer 5)))(gimp-layer-add-mask layer mask)", "mask",
             step="gaussian", look=lambda image: image.layers[0].mask),
        Case("mask-selected", call("median"), "(define mask (value (gimp-layer-create-mask layer 5)))"
             "(gimp-layer-add-mask layer mask)(select-rectangle image 0 0 0 150 110)", "mask", step="median",
             look=lambda image: image.layers[0].mask),
        Case("channel", blur, '(define red (value (gimp-channel-new-from-component image 0 "red")))'
             "(gimp-image-insert-channel image red 0 0)", "red", step="gaussian", look=lambda image: image.channels[0]),
        Case("profile", call("unsharp"), source="adobe", step="unsharp", icc=tiff.profile(f"{folder}/adobe/one.tif")),
        Case("frame-file", call("flat-field", {"frame": frame}), step=f"flat-field frame={folder}/frame.tif"),
        Case("frame-layer", call("flat-field", {"frame": "(vector-ref (layers image) 1)"}), second % folder,
             step=f"flat-field frame={folder}/frame.tif"),
        Case("frame-size", call("flat-field", {"frame": ("file", f"{folder}/one.tif")}), say="1 x 1|size"),
        Case("frame-missing", call("flat-field", {"frame": ("file", f"{folder}/nowhere.tif")}), say="nowhere.tif"),
    ]
    return found


def several_of(gimp, filters):
    """In GIMP 3 several layers at once: all of them, or none."""
    params = _first(filters, "gaussian")["params"]
    blur = gimp.call("gaussian", params, {}, drawables="(layers image)")
    group = f"(define group {gimp.GROUP})(gimp-image-insert-layer image group 0 2)"
    lock = "(gimp-item-set-lock-content (vector-ref (layers image) 1) 1)"
    return [Case(f"several-{i}", blur, source="several", step="gaussian", look=lambda image, i=i: image.layers[i], others=True)
            for i in range(2)] + [
        Case("several-with-a-group", blur, group, source="several", say="group"),
        Case("several-with-a-locked-one", blur, lock, source="several", say="lock"),
        Case("none-at-all", gimp.call("gaussian", params, {}, drawables="(vector)"), say="no layer, mask or channel|drawable"),
    ]


def operations_of(gimp, folder, filters):
    """The same of operations that are merged."""
    def merge(name, **values):
        return gimp.merge(name, _first(filters, name)["params"], values)
    return [
        Case("operation-on-one-pixel", merge("gaussian", sigma=2.0), source="one", step="gaussian"),
        Case("operation-that-surveys-one-pixel", merge("equalize"), source="one", step="equalize"),
        Case("operation-with-a-profile", merge("unsharp"), source="adobe", step="unsharp", icc=tiff.profile(f"{folder}/adobe/one.tif")),
        Case("operation-on-text", merge("levels", gamma=1.5), f"(gimp-context-set-foreground '(200 100 50))(define text {gimp.TEXT})",
             "text", step="levels gamma=1.5"),
        Case("operation-on-a-mask", merge("median"), "(define mask (value (gimp-layer-create-mask layer 5)))"
             "(gimp-layer-add-mask layer mask)", "mask", step="median", look=lambda image: image.layers[0].mask),
    ]


def make_sources(gimp, folder):
    """The pictures that the cases open, beside those of the filters."""
    os.mkdir(f"{folder}/cases")
    KIND.write(folder, gimp)
    xcf.write(f"{folder}/several.xcf", "u8", xcf.RGB, [xcf.Pixels(str(seed), 100, 80, 3, pictures.scene("u8", 3, seed, 100, 80), offset=(seed, 0))
                                                       for seed in (3, 4)], 110, 80)
    xcf.write(f"{folder}/one.xcf", "u8", xcf.RGB, [xcf.Pixels("one", 1, 1, 3, bytes((200, 100, 50)))], 1, 1)
    pictures.write_tiff(f"{folder}/one.tif", gimp, "u8", 1, 1, 3, bytes((200, 100, 50)))
    light = pictures.pack("u8", [0.5 + 0.4 * x / pictures.WIDTH for _ in range(pictures.HEIGHT) for x in range(pictures.WIDTH)
                                 for _ in range(3)])
    xcf.write(f"{folder}/frame.xcf", "u8", xcf.RGB, [xcf.Pixels("frame", pictures.WIDTH, pictures.HEIGHT, 3, light)],
              pictures.WIDTH, pictures.HEIGHT)
    pictures.write_tiff(f"{folder}/frame.tif", gimp, "u8", pictures.WIDTH, pictures.HEIGHT, 3, light)
    pictures.apply(COMMAND, "profile to=adobe-rgb", f"{folder}/adobe", [f"{folder}/one.tif"])
    xcf.write(f"{folder}/adobe.xcf", "u8", xcf.RGB, [xcf.Pixels("adobe", pictures.WIDTH, pictures.HEIGHT, 3, pictures.scene_of(KIND))],
              pictures.WIDTH, pictures.HEIGHT, tiff.profile(f"{folder}/adobe/one.tif"))


# ---- a plug-in that ends too soon ----

LARGE = 1200  # pixels a side
SLOW = "nlmeans", {"strength": 1.0, "noise": 5.0, "patch-radius": 3, "search-radius": 50}  # some seconds of work


def plugin_processes(gimp, parent):
    """The plug-ins of ours that run a procedure below the process `parent`: (pid, seconds of the processor)."""
    children, found = {}, []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        children[int(pid)] = int(fields[1])
        if gimp.plugin.encode() in b" ".join(words[:2]) and b"-run" in words:
            found.append((int(pid), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")))

    def below(pid):
        while pid in children:
            pid = children[pid]
            if pid == parent:
                return True
        return False
    return [(pid, seconds) for pid, seconds in found if below(pid)]


def kill_at(gimp, process, seconds):
    """Kills our plug-in when it has worked so long; whether there was one."""
    until = time.monotonic() + face.SECONDS
    while time.monotonic() < until and process.poll() is None:
        for pid, worked in plugin_processes(gimp, process.pid):
            if worked >= seconds:
                os.kill(pid, signal.SIGKILL)
                # The next one is another's.
                while any(pid == other for other, _ in plugin_processes(gimp, process.pid)) and time.monotonic() < until:
                    time.sleep(0.01)
                return True
        time.sleep(0.01)
    return False


def check_killed(gimp, session, folder, filters):
    """Cancel in GIMP is just this: the plug-in is killed (gimp_plug_in_close() with SIGKILL), whatever it does."""
    data = pictures.scene("u8", 3, 2, LARGE, LARGE)
    xcf.write(f"{folder}/large.xcf", "u8", xcf.RGB, [xcf.Pixels("large", LARGE, LARGE, 3, data)], LARGE, LARGE)
    slow = gimp.call(SLOW[0], _first(filters, SLOW[0])["params"], SLOW[1])
    blur = gimp.call("gaussian", _first(filters, "gaussian")["params"], {"sigma": 2.0})
    moments = (0.1, 0.6, 1.2)
    lines = [f'(begin-case "kill")(let* ((image (open "{folder}/large.xcf")) (layer (layer-of image)))']
    for i, _ in enumerate(moments):
        if i == 1:
            lines.append("(select-ellipse image 8 100 100 900 900)")
        lines.append(f'(if (attempt (lambda () {slow})) (mark "{folder}/killed-{i}-did")) (save image "{folder}/killed-{i}.xcf")')
    lines.append(f'(gimp-selection-none image) (if (attempt (lambda () {blur})) (mark "{folder}/alive")) (save image "{folder}/alive.xcf"))')
    process = session.start("\n".join(lines))
    struck = [kill_at(gimp, process, moment) for moment in moments]
    ended, said = session.end(process)
    tap.check(ended and all(struck), "the plug-in is killed three times, and GIMP goes on", f"struck: {struck}\n{said[-3000:]}")
    for i, moment in enumerate(moments):
        path = f"{folder}/killed-{i}"
        same = os.path.exists(path + ".xcf") and xcf.read(path + ".xcf").layers[0].data == data
        tap.check(same and not os.path.exists(path + "-did"), f"killed after {moment} s of work: an error, and the layer as it was")
    pictures.write_tiff(f"{folder}/large.tif", gimp, "u8", LARGE, LARGE, 3, data)
    pictures.apply(COMMAND, "gaussian sigma=2", f"{folder}/own", [f"{folder}/large.tif"])
    want = pictures.expected(f"{folder}/own/large.tif", "u8", LARGE, LARGE, 3)
    tap.check(os.path.exists(f"{folder}/alive") and xcf.read(f"{folder}/alive.xcf").layers[0].data == want, "the next filter works")


def check_alone(session, folder, case):
    """An argument that GIMP 3 itself refuses, and says so only where nothing catches the error: the shell sees it, too."""
    process = session.start(f'(let* ((image (open "{folder}/{case.source}.xcf")) (layer (layer-of image))) {case.call})')
    ended, said = session.end(process)
    tap.check(not ended and process.returncode != 0 and re.search(case.say, said), f"{case.name}: refused in words",
              f"exit code {process.returncode}\n{said[-2000:]}")


def check_cases(gimp, session, folder, filters):
    make_sources(gimp, folder)
    found = cases_of(gimp, folder, filters)
    if gimp is face.Gimp3:
        found += several_of(gimp, filters) + operations_of(gimp, folder, filters)
    alone = [case for case in found if gimp.checks_ranges and case.name in ("out-of-range", "below-the-range")]
    found = [case for case in found if case not in alone]
    ended, said = session.run("\n".join(case.script(folder) for case in found), fonts=True)
    tap.check(ended, "GIMP comes to the end of the cases", said[-3000:])
    for case in found:
        words = face.said_of(said, case.name)
        wrong = case.wrong(gimp, folder, words)
        tap.check(not wrong, f"{case.name}: {'refused in words' if case.say else 'as the command does it'}", f"{wrong}\n{words}")
    for case in alone:
        check_alone(session, folder, case)
    check_killed(gimp, session, folder, filters)
