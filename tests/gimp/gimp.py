# SPDX-License-Identifier: GPL-3.0-or-later
"""GIMP 2.10 and 3 without a screen, with a home of their own: Script-Fu in, files out. What differs between the two lies here."""
import ctypes
import glob
import os
import re
import shutil
import subprocess
import sys

import tap

SECONDS = 1200  # for one run of GIMP

# What scripts share. (attempt THUNK): whether it ended without an error. The name of a case goes to where errors are said.
COMMON = """
(define (attempt thunk) (catch #f (thunk) #t))
(define (begin-case name) (gimp-message (string-append "case: " name)))
(define (mark path) (let ((port (open-output-file path))) (display "done" port) (close-output-port port)))
(define (select-ellipse image feather x y w h)
  (gimp-context-set-feather (if (> feather 0) 1 0)) (gimp-context-set-feather-radius feather feather)
  (gimp-image-select-ellipse image 2 x y w h))
(define (select-rectangle image feather x y w h)
  (gimp-context-set-feather (if (> feather 0) 1 0)) (gimp-context-set-feather-radius feather feather)
  (gimp-image-select-rectangle image 2 x y w h))
"""


class Gimp2:
    version, plugin, module = "2.10", "imgenhance-gimp2", None
    checks_ranges = False  # GIMP itself, before it calls a plug-in
    colour_library = "libgimpcolor-2.0.so.0"
    WINDOWED = "(single-window-mode no)\n"  # of gimprc
    GROUP = "(car (gimp-layer-group-new image))"
    TEXT = '(car (gimp-text-fontname image -1 10 20 "Ag" 0 1 60 0 "Sans"))'
    PRELUDE = COMMON + """
(gimp-message-set-handler 1)
(define (open path) (car (gimp-file-load 1 path path)))
(define (layers image) (cadr (gimp-image-get-layers image)))
(define (layer-of image) (vector-ref (layers image) 0))
(define (save image path) (gimp-file-save 1 image (vector-ref (layers image) 0) path path))
(define (value v) (car v))
"""

    @staticmethod
    def find():
        return shutil.which("gimp-console-2.10")

    @staticmethod
    def environment(home):
        for folder in ("brushes", "dynamics", "gradients", "palettes", "patterns", "tool-presets"):
            os.makedirs(f"{home}/gimp/{folder}", exist_ok=True)
        return {"GIMP2_DIRECTORY": home + "/gimp"}

    @staticmethod
    def command(program, script, fonts):
        return [program, "-i", "-d", *([] if fonts else ["-f"]), "-b", script, "-b", "(gimp-quit 1)"]

    @staticmethod
    def call(name, params, values, pictures=None):
        """The words of a call of a filter's procedure on `image` and `layer`. values: by parameter; pictures: Scheme by
        parameter, a drawable or ("file", path)."""
        words = []
        for param in params:
            value = values.get(param["name"])
            if param["type"] == "image":
                picture = (pictures or {}).get(param["name"], "-1")
                words += ["-1", f'"{picture[1]}"'] if isinstance(picture, tuple) else [picture, '""']
            elif param["type"] in ("float", "int"):
                words.append(repr(value))
            elif param["type"] == "bool":
                words.append("1" if value else "0")
            else:
                words.append(f'"{value or ""}"')
        return f"(plug-in-imgenhance-{name} 1 image layer {' '.join(words)})"


class Gimp3:
    version, plugin, module = "3", "imgenhance-gimp3", "imgenhance-gegl.so"
    checks_ranges = True
    colour_library = "libgimpcolor-3.0.so.0"
    WINDOWED = "(show-welcome-dialog no)\n(check-updates no)\n"
    GROUP = '(gimp-group-layer-new image "group")'
    TEXT = '(gimp-text-font image -1 10 20 "Ag" 0 1 60 (gimp-context-get-font))'
    # GIMP 3.2 says nothing of an error that is caught.
    PRELUDE = "(script-fu-use-v3)" + COMMON + """
(define (attempt thunk)
  (let ((hook *error-hook*))
    (call/cc (lambda (leave)
      (set! *error-hook* (lambda (error . rest)
        (set! *error-hook* hook)
        (if (string? error) (gimp-message (string-append "Error: " error)))
        (leave #f)))
      (thunk)
      (set! *error-hook* hook)
      #t))))
(gimp-message-set-handler 1)
(define (open path) (gimp-file-load 1 path))
(define (layers image) (gimp-image-get-layers image))
(define (layer-of image) (vector-ref (layers image) 0))
(define (save image path) (gimp-file-save 1 image path))
(define (value v) v)
"""

    @staticmethod
    def find():
        folders = os.environ.get("PATH", "").split(":")
        names = sorted(name for folder in folders if os.path.isdir(folder) for name in os.listdir(folder)
                       if re.fullmatch(r"gimp-console-3(\.\d+)?", name))
        return shutil.which(names[-1]) if names else None

    @staticmethod
    def environment(home):
        return {"GIMP3_DIRECTORY": home + "/gimp"}

    @staticmethod
    def command(program, script, fonts):
        return [program, "-i", "--quit", "-d", *([] if fonts else ["-f"]), "--batch-interpreter=plug-in-script-fu-eval", "-b", script]

    @staticmethod
    def given(param, value, pictures):
        if param["type"] == "image":
            picture = (pictures or {}).get(param["name"])
            if isinstance(picture, tuple):
                return [(param["name"] + "-file", f'"{picture[1]}"')]
            return [(param["name"], picture)] if picture else []
        if param["type"] == "bool":
            return [(param["name"], "#t" if value else "#f")]
        if param["type"] in ("float", "int"):
            return [(param["name"], repr(value))]
        return [(param["name"], f'"{value}"')] if value else []

    @classmethod
    def call(cls, name, params, values, pictures=None, drawables="(vector layer)"):
        words = [f"#:{key} {word}" for param in params if param["name"] in values or param["type"] == "image"
                 for key, word in cls.given(param, values.get(param["name"]), pictures)]
        return f"(plug-in-imgenhance-{name} #:image image #:drawables {drawables} {' '.join(words)})"

    @classmethod
    def merge(cls, name, params, values):
        """The words that merge the filter's operation into `layer`."""
        words = []
        for param in params:
            value = values.get(param["name"])
            if value is None:
                continue
            if param["type"] in ("float", "int"):
                words.append(f'"{param["name"]}" {value!r}')
            elif param["type"] == "bool":
                words.append(f'"{param["name"]}" {"#t" if value else "#f"}')
        return f'(gimp-drawable-merge-new-filter layer "imgenhance:{name}" 0 LAYER-MODE-REPLACE 1.0 {" ".join(words)})'


class Session:
    """A GIMP with our plug-in (and module) in a home below `folder`."""

    def __init__(self, gimp, program, build, folder):
        self.gimp, self.program, self.home, self.count = gimp, program, folder, 0
        places = [(gimp.plugin, f"{folder}/gimp/plug-ins/{gimp.plugin}")]
        if gimp.module:
            places.append((gimp.module, folder + "/data/gegl-0.4/plug-ins"))
        for name, place in places:
            os.makedirs(place)
            shutil.copy2(f"{build}/plugins/{name}", place)
        self.environment = dict(os.environ, HOME=folder, XDG_CONFIG_HOME=folder + "/config", XDG_CACHE_HOME=folder + "/cache",
                                XDG_DATA_HOME=folder + "/data", **gimp.environment(folder))
        self.environment.pop("DISPLAY", None)

    def start(self, script, fonts=False, windowed=False):
        """Begins to run the Scheme, which ends with a mark; returns the process. fonts: read them, which takes its time."""
        self.count += 1
        base = f"{self.home}/run-{self.count}"
        with open(base + ".scm", "w", encoding="utf-8") as file:
            file.write(f'{self.gimp.PRELUDE}\n{script}\n(mark "{base}.mark")\n')
        # GIMP's plug-ins outlive it for a moment, and would keep a pipe open.
        with open(base + ".said", "w", encoding="utf-8") as said:
            words = self.gimp.command(self.program, f'(load "{base}.scm")', fonts)
            words = [word if word != "-i" else "-s" for word in words] if windowed else words
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, env=self.environment,
                                       start_new_session=True)
        process.base = base
        return process

    def start_windowed(self, script, display):
        """The same in GIMP with its windows, on a screen."""
        program = self.program.replace("gimp-console", "gimp")
        console, self.program = self.program, program
        self.environment["DISPLAY"] = display
        os.makedirs(self.home + "/gimp", exist_ok=True)
        with open(self.home + "/gimp/gimprc", "w", encoding="utf-8") as file:
            file.write(self.gimp.WINDOWED)
        try:
            return self.start(script, windowed=True)
        finally:
            self.program = console
            del self.environment["DISPLAY"]

    @staticmethod
    def kill(process):
        """Ends what was begun, and what it began: GIMP with windows asks before it leaves."""
        try:
            os.killpg(process.pid, 9)
        except ProcessLookupError:
            pass
        process.wait()

    @staticmethod
    def end(process):
        """Waits; returns (whether the script came to its end, what was said)."""
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            Session.kill(process)
        with open(process.base + ".said", encoding="utf-8", errors="replace") as file:
            said = file.read()
        return os.path.exists(process.base + ".mark"), said

    def run(self, script, fonts=False):
        return self.end(self.start(script, fonts))

    def plain(self, script):
        """Runs Scheme as it is, for what was loaded at the start and speaks the dialect of both."""
        subprocess.run(self.gimp.command(self.program, script, True), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, env=self.environment, check=False, timeout=SECONDS)

    def take_scripts(self, source):
        """Puts the pipelines of plugins/scripts where this GIMP looks."""
        os.makedirs(self.home + "/gimp/scripts", exist_ok=True)
        for one in glob.glob(source + "/plugins/scripts/*.scm"):
            shutil.copy(one, self.home + "/gimp/scripts")

    def pipeline(self, source, *arguments):
        """A pipeline as a shell runs it: (exit code, what was said)."""
        environment = dict(self.environment, IMGENHANCE_GIMP=self.program)
        done = subprocess.run(["sh", source + "/plugins/scripts/imgenhance-gimp", *arguments], capture_output=True, text=True,
                              env=environment, check=False, timeout=SECONDS)
        return done.returncode, done.stderr


def screen():
    """A screen that nobody sees: (process, its name), or None where there is no Xvfb."""
    if not shutil.which("Xvfb"):
        return None
    read, write = os.pipe()
    process = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24"], pass_fds=[write],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as file:
        return process, ":" + file.readline().strip()


def said_of(said, case):
    """What was said from the beginning of the case to that of the next."""
    parts = re.split(r"case: (\S+)", said)
    return "".join(text for name, text in zip(parts[1::2], parts[2::2]) if name == case)


def profile(gimp, gray, linear):
    """The ICC profile that GIMP has for images without one."""
    library = ctypes.CDLL(gimp.colour_library)
    name = {(False, False): "rgb_srgb", (False, True): "rgb_srgb_linear", (True, False): "d65_gray_srgb_trc",
            (True, True): "d65_gray_linear"}[gray, linear]
    new = getattr(library, "gimp_color_profile_new_" + name)
    new.restype = ctypes.c_void_p
    get = library.gimp_color_profile_get_icc_profile
    get.restype, get.argtypes = ctypes.c_void_p, [ctypes.c_void_p, ctypes.POINTER(ctypes.c_size_t)]
    length = ctypes.c_size_t()
    return ctypes.string_at(get(new(), ctypes.byref(length)), length.value)


def chosen(build, what):
    """The GIMP that the test's first argument means, and its program; ends the test, skipped by the name of `what`, where it is
    not here or its plug-in was not built."""
    gimp = {"2": Gimp2, "3": Gimp3}[sys.argv[1]]
    program = gimp.find()
    built = [name for name in (gimp.plugin, gimp.module) if name and not os.path.exists(f"{build}/plugins/{name}")]
    if not program or built:
        tap.skip(f"{what} {gimp.version}", f"{' and '.join(built)} was not built" if program else "it is not here")
        tap.done()
    return gimp, program
