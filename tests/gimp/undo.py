# SPDX-License-Identifier: GPL-3.0-or-later
"""In GIMP 2.10 (argument 2) and GIMP 3 (argument 3), with its windows on a screen of its own: what one call did goes with one Ctrl+Z,
and comes back with one Ctrl+Y. In GIMP 3 two selected layers are one call; GIMP 2.10 hands one layer to a plug-in."""
import os
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)) + "/../oracle"]
import gimp as face
import pictures
import tap
import xcf

BUILD = os.environ["BUILD"]
SECONDS = 120  # for what should take one or two
QUIET = 4      # in which a key has long done its work
RECIPE = "gaussian sigma=2\\nunsharp\\nclahe"

# The state of the image, each time somebody asks for it by a file; until a file says that it is enough. A copy is saved: saving can
# be a step of undo itself (the metadata that it changes).
ASKED = """
(define (shown image) (gimp-display-new image) (gimp-displays-flush))
(define (save-copy image path) (let ((copy (value (gimp-image-duplicate image)))) (save copy path) (gimp-image-delete copy)))
(define (answer image base)
  (let loop ((n 0))
    (let ((path (string-append base (number->string n))))
      (cond ((file-exists? (string-append path ".ask"))
             (save-copy image (string-append path ".xcf")) (mark (string-append path ".told")) (loop (+ n 1)))
            ((not (file-exists? (string-append base "enough"))) (usleep 100000) (loop n))))))
"""


def calls_of(gimp):
    if gimp is face.Gimp2:
        return {"a filter": "(plug-in-imgenhance-gaussian 1 image layer 3.0)",
                "a recipe": f'(plug-in-imgenhance-recipe 1 image layer "{RECIPE}" "")'}
    return {"a filter on two layers": "(plug-in-imgenhance-gaussian #:image image #:drawables (layers image) #:sigma 3.0)",
            "a recipe on two layers": f'(plug-in-imgenhance-recipe #:image image #:drawables (layers image) #:recipe "{RECIPE}")'}


class Asker:
    def __init__(self, base, process, display):
        self.base, self.process, self.count = base, process, 0
        self.environment = dict(os.environ, DISPLAY=display)

    def state(self):
        """The samples of each layer now; None: GIMP does not answer."""
        path = f"{self.base}{self.count}"
        self.count += 1
        open(path + ".ask", "w", encoding="utf-8").close()
        until = time.monotonic() + SECONDS
        while not os.path.exists(path + ".told"):
            if time.monotonic() > until or self.process.poll() is not None:
                return None
            time.sleep(0.1)
        return [layer.data for layer in xcf.read(path + ".xcf").layers]

    def xdotool(self, *words):
        return subprocess.run(["xdotool", *words], env=self.environment, capture_output=True, text=True, check=False).stdout.split()

    def press(self, key, before):
        """The first state that is another than `before`; the key is pressed again only where it had no effect for long."""
        for _ in range(4):
            windows = [one for title in (r"\.xcf", "several", "GIMP|GNU Image") for one in self.xdotool("search", "--onlyvisible", "--name", title)]
            if windows:
                self.xdotool("windowfocus", "--sync", windows[0])
                self.xdotool("key", "--clearmodifiers", key)
            for _ in range(4):
                time.sleep(QUIET)
                now = self.state()
                if now is None or now != before:
                    return now
        return before


def check_call(session, folder, name, call, display):
    base = f"{folder}/{name.replace(' ', '-')}-"
    process = session.start_windowed(f'{ASKED}(let* ((image (open "{folder}/several.xcf")) (layer (layer-of image))) (shown image) {call} (gimp-displays-flush)'
                                     f' (answer image "{base}")) (gimp-quit 1)', display)
    asker = Asker(base, process, display)
    applied = asker.state()
    if applied is None:
        session.kill(process)
        tap.check(False, f"{name}: GIMP opens its windows and runs it", session.end(process)[1][-1500:])
        return
    original = [layer.data for layer in xcf.read(f"{folder}/several.xcf").layers]
    meant = len(original) if "two layers" in name else 1
    changed = [a != b for a, b in zip(applied, original)]
    tap.check(changed == [i < meant for i in range(len(original))], f"{name}: {meant} of {len(original)} layers are changed", changed)
    undone = asker.press("ctrl+z", applied)
    tap.check(undone == original, f"{name}: one Ctrl+Z brings all back", undone and [a == b for a, b in zip(undone, original)])
    again = asker.press("ctrl+y", undone)
    tap.check(again == applied, f"{name}: one Ctrl+Y does all again", again and [a == b for a, b in zip(again, applied)])
    open(base + "enough", "w", encoding="utf-8").close()
    session.kill(process)


def main():
    gimp, program = face.chosen(BUILD, "undo in GIMP")
    shown = face.screen()
    if not shown or not face.shutil.which("xdotool") or not os.access(program.replace("gimp-console", "gimp"), os.X_OK):
        tap.skip("undo in GIMP " + gimp.version, "Xvfb, xdotool, or a GIMP with windows is not here")
        tap.done()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        xcf.write(f"{folder}/several.xcf", "u8", xcf.RGB,
                  [xcf.Pixels(str(seed), 100, 80, 3, pictures.scene("u8", 3, seed, 100, 80), offset=(seed, 0)) for seed in (3, 4)], 110, 80)
        try:
            # A home for each: GIMP that was killed asks about it the next time.
            for i, (name, call) in enumerate(calls_of(gimp).items()):
                session = face.Session(gimp, program, BUILD, f"{folder}/home{i}")
                check_call(session, folder, name, call, shown[1])
        finally:
            shown[0].kill()
    tap.done()


main()
