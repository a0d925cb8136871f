# SPDX-License-Identifier: GPL-3.0-or-later
"""gimp-speed.py BUILD 2|3 [MEGAPIXELS [ROUNDS]]: two filters as procedures beside GIMP's own, through the same route, in one run.

In each round each filter of ours and GIMP's own with the same values work on the same layer, one after the other, without undo: a
table of medians in seconds, and their ratio. Another run looks at the plug-in's memory (VmHWM) meanwhile. GIMP 2.10 has procedures
(plug-in-gauss, whose radius is the standard deviation / 0.32); in GIMP 3 its own is what gimp-drawable-merge-new-filter does."""
import os
import statistics
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here + "/../tests/gimp", here + "/../tests/oracle"]
BUILD, WHICH = os.path.abspath(sys.argv[1]), sys.argv[2]
MEGAPIXELS, ROUNDS = float((sys.argv[3:4] or [24])[0]), int((sys.argv[4:5] or [5])[0])
sys.argv[1:] = [WHICH]
os.environ.setdefault("IMGENHANCE", BUILD + "/cli/imgenhance")
import gimp as face
from cases import plugin_processes

TIMES = """
(define (now) (let ((t (gettimeofday))) (+ (car t) (/ (cadr t) 1000000.0))))
(define port (open-output-file "{0}"))
(define (timed name thunk)
  (let ((begin (now))) (thunk) (display name port) (display " " port) (display (- (now) begin) port) (newline port)))
"""
# name: (ours, GIMP's own) by version.
CALLS = {
    "gaussian sigma=2": {
        "2": ("(plug-in-imgenhance-gaussian 1 image layer 2.0)", "(plug-in-gauss 1 image layer 6.25 6.25 0)"),
        "3": ("(plug-in-imgenhance-gaussian #:image image #:drawables (vector layer) #:sigma 2.0)",
              '(gimp-drawable-merge-new-filter layer "gegl:gaussian-blur" 0 LAYER-MODE-REPLACE 1.0 "std-dev-x" 2.0 "std-dev-y" 2.0)')},
    "unsharp radius=2 amount=0.6": {
        "2": ("(plug-in-imgenhance-unsharp 1 image layer {unsharp})", "(plug-in-unsharp-mask 1 image layer 2.0 0.6 0)"),
        "3": ("(plug-in-imgenhance-unsharp #:image image #:drawables (vector layer) #:radius 2.0 #:amount 0.6)",
              '(gimp-drawable-merge-new-filter layer "gegl:unsharp-mask" 0 LAYER-MODE-REPLACE 1.0 "std-dev" 2.0 "scale" 0.6)')},
}


def write_picture(path):
    """Structure and noise of every size: a picture that no cache or constant helps with."""
    width = round((MEGAPIXELS * 1.5e6) ** 0.5)
    height = round(MEGAPIXELS * 1e6 / width)
    noise = os.urandom(3 * width + 4096)
    with open(path, "wb") as file:
        file.write(b"P6\n%d %d\n255\n" % (width, height))
        for y in range(height):
            file.write(noise[y * 7 % 4096:][:3 * width])
    return width, height


def unsharp_of_2():
    """GIMP 2.10 takes all arguments, in order."""
    import json
    import subprocess
    filters = json.loads(subprocess.run([BUILD + "/cli/imgenhance", "filters", "--json"], capture_output=True, check=True).stdout)
    params = max((one for one in filters if one["name"] == "unsharp"), key=lambda one: one["version"])["params"]
    values = {param["name"]: param.get("default") for param in params}
    values.update({"radius": 2.0, "amount": 0.6})
    call = face.Gimp2.call("unsharp", params, values)
    return call.split(" image layer ", 1)[1][:-1]


def script(folder, rounds, which):
    words = [TIMES.replace("{0}", f"{folder}/times"), f'(let* ((image (open "{folder}/in.ppm")) (layer (layer-of image))) (gimp-image-undo-disable image)']
    for _ in range(rounds):
        for name, calls in CALLS.items():
            for i, call in enumerate(calls[WHICH][:which]):
                call = call.replace("{unsharp}", unsharp_of_2()) if "{unsharp}" in call else call
                words.append(f'(timed "{i} {name}" (lambda () {call}))')
    return "\n".join(words) + ") (close-output-port port)"


def peak_of(gimp, session, folder):
    """The most memory that a plug-in of ours had while it ran, in MiB, by the name of its filter."""
    process = session.start(script(folder, 1, 1))
    peaks = []
    seen = None
    while process.poll() is None:
        for pid, _ in plugin_processes(gimp, process.pid):
            try:
                with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                    size = next((int(line.split()[1]) for line in file if line.startswith("VmHWM")), 0) / 1024
            except OSError:
                continue
            if pid != seen:
                peaks.append(0)
                seen = pid
            peaks[-1] = max(peaks[-1], size)
        time.sleep(0.01)
    session.end(process)
    return dict(zip(CALLS, peaks))


def main():
    gimp, program = face.chosen(BUILD, "speed in GIMP")
    with tempfile.TemporaryDirectory() as folder:
        width, height = write_picture(folder + "/in.ppm")
        session = face.Session(gimp, program, BUILD, folder + "/home")
        session.run("")  # GIMP asks the plug-ins what they are, once
        peaks = peak_of(gimp, session, folder)
        ended, said = session.run(script(folder, ROUNDS, 2))
        if not ended:
            sys.exit("GIMP did not come to the end: " + said[-1500:])
        times = {}
        with open(folder + "/times", encoding="utf-8") as file:
            for line in file:
                who, rest = line.split(" ", 1)
                name, seconds = rest.rsplit(" ", 1)
                times.setdefault((name, who), []).append(float(seconds))
        print(f"GIMP {gimp.version}, {width} x {height}, RGB, 8 bits, {ROUNDS} rounds, {os.cpu_count()} processors")
        print(f"{'':28} {'ours s':>8} {'GIMP s':>8} {'ratio':>6} {'plug-in MiB':>12}")
        for name in CALLS:
            ours, own = (statistics.median(times[name, who]) for who in "01")
            print(f"{name:28} {ours:8.2f} {own:8.2f} {own / ours:6.2f} {peaks.get(name, 0):12.0f}")


main()
