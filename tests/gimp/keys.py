# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows of the plug-ins driven by keys alone, on a screen of their own: GIMP 2.10 or 3 runs a script whose procedures open them; the
tables that they write (plugins/dialog/dialog-test.h) say what is in them."""
import json
import os
import re
import shutil
import subprocess
import time

import gimp as face
import tap

PATIENCE = 120  # seconds for a window to open or to come to rest
SETTLED = 0.2   # seconds between keys that open or close something


class Lost(Exception):
    """What was waited for did not come."""


class Control:
    def __init__(self, words):
        self.type, self.name, self.letter, self.description, self.state = words
        self.letter = self.letter.lower()

    def key(self):
        return self.type, self.name


class Table:
    def __init__(self, text):
        self.controls, self.rows, self.title, self.focus, self.exact = [], {}, "", None, False
        for line in text.splitlines():
            kind, *words = line.split("\t")
            if kind == "window":
                self.title = words[0]
            elif kind == "control":
                self.controls.append(Control(words))
            elif kind == "row":
                self.rows.setdefault(words[0], []).append(words[1:])
            elif kind == "focus":
                self.focus = words
            elif kind == "preview":
                self.exact = words[0] == "exact"

    def control(self, name, kind=""):
        """The one of that name that a letter leads to."""
        for control in self.controls:
            if control.name == name and control.letter and control.type.endswith(kind):
                return control
        raise Lost(f"no {kind} {name} with a letter in {self.title}")

    def letter(self, name):
        return "alt+" + self.control(name).letter


class Screen:
    """A screen, a GIMP on it, and keys. folder: where tables go."""

    def __init__(self, session, folder):
        self.session, self.folder = session, folder
        self.server, self.display = face.screen()
        os.makedirs(folder, exist_ok=True)
        with open(folder + "/keyboard", "w", encoding="utf-8"):
            pass
        self.process = None

    def start(self, script):
        """Begins a script whose procedures open windows."""
        environment = self.session.environment
        self.session.environment = dict(environment, DISPLAY=self.display, IMGENHANCE_DIALOG_TEST=self.folder)
        try:
            self.process = self.session.start(script)
        finally:
            self.session.environment = environment

    def end(self):
        """Whether the script came to its end, and what was said."""
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            face.Session.kill(self.process)
        return face.Session.end(self.process)

    def close(self):
        if self.process and self.process.poll() is None:
            face.Session.kill(self.process)
        self.server.kill()
        self.server.wait()

    # ---- what is seen ----

    def wait(self, done, what):
        """Until done() is true; its answer."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            answer = done()
            if answer:
                return answer
            if self.process.poll() is not None:
                raise Lost(f"{what}: GIMP has ended\n{self.end()[1][-1500:]}")
            time.sleep(0.05)
        raise Lost(what + ": not in time")

    def table(self, name, fresh=True, good=lambda table: True):
        """The table of the window as it is now, at rest; fresh=False: it may have been written before. good: until it says so."""
        path = f"{self.folder}/{name}.tsv"
        until = time.monotonic() + PATIENCE
        while True:
            if fresh and os.path.exists(path):
                os.unlink(path)
            self.wait(lambda: os.path.exists(path), f"the table of {name}")
            with open(path, encoding="utf-8") as file:
                table = Table(file.read())
            if good(table):
                return table
            if time.monotonic() > until:
                raise Lost(f"{name} does not come to what is expected: {table.rows}")
            fresh = True

    def take_focus(self, title):
        """Waits for the window of that title and gives it the keyboard, as a window manager would."""
        pattern = "^" + re.sub(r"([][().*+?^$|{}\\])", r"\\\1", title) + "$"

        def find():
            said = self.tool("search", "--onlyvisible", "--name", pattern)
            return said.split()[:1]
        window = self.wait(find, "the window " + title)[0]
        self.tool("windowfocus", "--sync", window)
        return window

    def is_open(self, title):
        return bool(self.tool("search", "--onlyvisible", "--name", "^" + title + "$").split())

    def focus_log(self, name):
        """(type, name) of what had the focus, one after the other."""
        path = f"{self.folder}/{name}.focus"
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return [tuple((line.rstrip("\n").split("\t") + [""])[:2]) for line in file]

    # ---- keys ----

    def tool(self, *words):
        done = subprocess.run(["xdotool", *words], capture_output=True, text=True, check=False, timeout=60,
                              env=dict(os.environ, DISPLAY=self.display))
        return done.stdout

    def press(self, *keys):
        self.tool("key", "--delay", "30", *keys)
        time.sleep(SETTLED)

    def type(self, text):
        """In place of what is there."""
        self.tool("key", "ctrl+a")
        self.tool("type", "--delay", "15", text)
        time.sleep(SETTLED)

    def add_step(self, table):
        """The first filter of the first folder of the menu, in the editor of recipes. GTK shows a button pressed for a quarter of a second
        before it does what it does."""
        count = len(table.rows.get("Steps", []))
        self.press(table.letter("Add Step"))
        time.sleep(0.7)
        self.press("Right", "Return")
        return self.table("recipe", good=lambda table: len(table.rows["Steps"]) == count + 1)

    def tab_to(self, name, kind, of):
        """Presses Tab until the control of that type and name has the focus. of: the window's name."""
        for _ in range(60):
            if self.focus_log(of)[-1:] == [(kind, name)]:
                return
            self.press("Tab")
        raise Lost(f"Tab does not lead to {kind} {name}")

    def choose_file(self, title, path):
        """In the toolkit's box for files. Where it shows recent files GTK 2 has no place for a path: Alt+Home goes to a folder, a slash
        brings the place. The first Enter may only end a completion."""
        self.take_focus(title)
        time.sleep(0.7)
        self.press("alt+Home")
        time.sleep(0.3)
        self.press("slash")
        time.sleep(0.5)
        self.type(path)
        time.sleep(0.5)
        for _ in range(4):
            self.press("Return")
            time.sleep(0.5)
            if not self.is_open(title):
                return
        raise Lost(f"{title} does not close after {path}")


def have_keys(what, version):
    """Ends the test, skipped by the name of `what`, where the tools are not here."""
    missing = [name for name in ("Xvfb", "xdotool") if not shutil.which(name)]
    if missing:
        tap.skip(f"{what} {version}", " and ".join(missing) + " is not here")
        tap.done()


def read_filters():
    """The newest version of each filter, as the command tells them."""
    said = subprocess.run([os.environ["IMGENHANCE"], "filters", "--json"], capture_output=True, text=True, check=True).stdout
    newest = {one["name"]: one for one in sorted(json.loads(said), key=lambda one: one["version"])}
    return [one for _, one in sorted(newest.items())]


# ---- what each GIMP calls a procedure with its window ----

def filter_call(gimp, name, params):
    if gimp is face.Gimp2:
        values = {"float": "1", "int": "1", "bool": "0", "image": '-1 ""'}
        return f"(plug-in-imgenhance-{name} 0 image layer {' '.join(values.get(param['type'], chr(34) * 2) for param in params)})"
    return f"(plug-in-imgenhance-{name} #:run-mode RUN-INTERACTIVE #:image image #:drawables (vector layer))"


def recipe_call(gimp):
    if gimp is face.Gimp2:
        return '(plug-in-imgenhance-recipe 0 image layer "" "")'
    return "(plug-in-imgenhance-recipe #:run-mode RUN-INTERACTIVE #:image image #:drawables (vector layer))"


def batch_call(gimp):
    return '(plug-in-imgenhance-batch 0 "" "" "" "")' if gimp is face.Gimp2 else "(plug-in-imgenhance-batch #:run-mode RUN-INTERACTIVE)"


def saved_call(gimp, path, call, out):
    """The call on a picture, and its result as PPM; an error or Cancel writes nothing."""
    save = f'(file-ppm-save 1 image layer "{out}" "out" 1)' if gimp is face.Gimp2 else f'(gimp-file-save 1 image "{out}")'
    return f'(attempt (lambda () (let* ((image (open "{path}")) (layer (layer-of image))) {call} {save} (gimp-image-delete image))))'


def same(a, b):
    """None, or how two PNM files differ, where a gray picture may stand in three equal colours."""
    pictures = []
    for name in (a, b):
        if not os.path.exists(name):
            return name + " is not there"
        with open(name, "rb") as file:
            data = file.read()
        head = re.match(rb"P([56])\s+(?:#.*\n)*(\d+)\s+(\d+)\s+(\d+)\s", data)
        body = data[head.end():]
        pictures.append((head.groups()[1:], body if head.group(1) == b"6" else bytes(v for v in body for _ in range(3))))
    one, other = pictures
    if one == other:
        return None
    return f"{one[0]} {other[0]}: {sum(x != y for x, y in zip(one[1], other[1]))} samples differ"
