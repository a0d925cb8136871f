# SPDX-License-Identifier: GPL-3.0-or-later
"""In GIMP 2.10 (argument 2) and GIMP 3 (argument 3), by the keyboard alone: every filter's dialog, all of whose controls Tab or a letter
reaches, gives what the command gives with the values that were typed and chosen; so does the editor of recipes, where a file is loaded,
steps are changed, added, moved, taken out and switched off, and saved. TEST_FILTERS: names of filters to look at instead of all."""
import os
import subprocess
import sys
import tempfile
import zlib

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)) + "/../oracle"]
import gimp as face
import keys
import tap

COMMAND, SOURCE, BUILD = os.environ["IMGENHANCE"], os.environ["SOURCE"], os.environ["BUILD"]
TABS = 45  # more than there are controls in a window
MATRIX = "1,0,0;0,0.5,0;0,0,1"  # a kernel, or a mixture of channels


refused = []  # what the command said to steps that it did not take


def apply(picture, out, *arguments):
    done = subprocess.run([COMMAND, "apply", "--quiet", "--no-journal", "--existing", "replace", "-o", out, *arguments, picture],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        refused.append(" ".join(arguments) + ": " + done.stderr.strip())
    return done.returncode == 0


# ---- what is typed and chosen ----

def numbers(param):
    """Other values than the default, of two digits, within the range: near it, and far from it."""
    low, high, value = float(param["min"]), float(param["max"]), float(param["default"])
    texts = ["%d" % round(other) if param["type"] == "int" else "%.2g" % other
             for other in (value * 1.5, value + 1, value + (high - value) / 4, value - (value - low) / 4)]
    return [text for text in texts if "e" not in text and low <= float(text) <= high and float(text) != value]


def keys_of(control, param, profile):
    """What the control can be set to: [(value, keys)], where a key that begins with = is a text to type."""
    letter, kind = "alt+" + control.letter, param["type"]
    if kind in ("float", "int") and control.type == "GtkSpinButton":
        return [(text, [letter, "=" + text]) for text in numbers(param)]
    if kind == "enum" and control.type == "GtkComboBoxText":
        choices = [one["id"] if isinstance(one, dict) else one for one in param["choices"]]
        at = choices.index(param["default"])
        return [(choices[at + 1], [letter, "Down"])] if at + 1 < len(choices) else [(choices[at - 1], [letter, "Up"])]
    if kind == "bool" and control.type == "GtkCheckButton":
        return [("no" if param["default"] in (True, 1, "yes") else "yes", [letter])]
    if control.type == "GtkEntry" and kind in ("matrix", "file"):
        text = MATRIX if kind == "matrix" else profile
        return [(text, [letter, "=" + text])]
    return []


def param_of(one, control):
    """The parameter whose control it is: its description begins with what the parameter does."""
    for param in one["params"]:
        if control.letter and param["summary"] and control.description.startswith(param["summary"]):
            return param
    return None


def step_of(name, values):
    return name + "".join(f' {param}="{value}"' for param, value in values.items())


def write_profile(folder):
    """An ICC profile that is none of the built-in ones by name."""
    apply(folder + "/in.png", folder + "/adobe.png", "-f", "profile to=adobe-rgb")
    with open(folder + "/adobe.png", "rb") as file:
        data = file.read()
    at = data.index(b"iCCP")
    packed = data[at + 4:at + 4 + int.from_bytes(data[at - 4:at], "big")]
    with open(folder + "/other.icc", "wb") as file:
        file.write(zlib.decompress(packed[packed.index(b"\0") + 2:]))
    return folder + "/other.icc"


# ---- a filter's dialog ----

def reach_all(screen, table, name):
    """The controls that Tab does not come to."""
    screen.press(*["Tab"] * TABS)
    seen = set(screen.focus_log(name))
    return [control.name for control in table.controls if control.state == "on" and control.key() not in seen]


class Steps:
    """What the command makes of a step of a filter as its values grow."""

    def __init__(self, folder, name):
        self.folder, self.name, self.values = folder, name, {}
        self.default = self.before = self.result({})

    def result(self, values):
        """The picture, or None: the command takes no such step."""
        out = self.folder + "/try.ppm"
        if not apply(self.folder + "/in.png", out, "-f", step_of(self.name, values)):
            return None
        with open(out, "rb") as file:
            return file.read()

    def take(self, param, options):
        """Keeps the first value that makes a difference, else the first that undoes none; its keys, or nothing."""
        results = [(value, keys, self.result({**self.values, param["name"]: value})) for value, keys in options]
        good = [one for one in results if one[2] and one[2] != self.default]
        good = [one for one in good if one[2] != self.before] + good
        if not good:
            return []
        self.values[param["name"]], pressed, self.before = good[0]
        return pressed


def fill(screen, folder, one, table):
    """Sets each control that there are keys for; returns the step, and whether the last key was typed into an entry."""
    steps, done, in_entry = Steps(folder, one["name"]), set(), False
    while True:
        for control in table.controls:
            param = param_of(one, control)
            if not param or param["name"] in done:
                continue
            done.add(param["name"])
            pressed = steps.take(param, keys_of(control, param, folder + "/other.icc"))
            for key in pressed:
                if key.startswith("="):
                    screen.type(key[1:])
                else:
                    screen.press(key)
            if pressed:
                in_entry = pressed[-1].startswith("=")
            if pressed and not in_entry:
                # What a choice shows and hides.
                table = screen.table(one["name"])
                break
        else:
            return step_of(one["name"], steps.values), in_entry


def drive_filter(screen, folder, one, with_enter):
    """By keys; returns the step, the controls that were not reached. with_enter: where the last thing was typed, Enter is OK; else it is
    OK's letter."""
    name = one["name"]
    table = screen.table(name, fresh=False)
    window = screen.take_focus(table.title)
    unreached = reach_all(screen, table, name)
    step, in_entry = fill(screen, folder, one, table)
    screen.press("Return" if in_entry and with_enter else table.letter("OK"))
    try:
        screen.wait(lambda: window not in screen.tool("search", "--onlyvisible", "--name", table.title).split(), name + " closes")
    except keys.Lost:
        screen.press("Escape")
    return step, unreached


def check_filters(gimp, screen, folder, filters):
    screen.start("\n".join(keys.saved_call(gimp, folder + "/in.png", keys.filter_call(gimp, one["name"], one["params"]),
                                            f"{folder}/{one['name']}.ppm") for one in filters))
    driven = []
    try:
        for i, one in enumerate(filters):
            refused.clear()
            driven.append((one["name"], *drive_filter(screen, folder, one, i % 2 == 0), list(refused)))
    except keys.Lost as lost:
        tap.check(False, "every filter's dialog opens", lost)
    ended, said = screen.end()
    tap.check(ended and len(driven) == len(filters), f"{len(driven)} filters' dialogs by the keyboard alone", said[-1500:])
    for name, step, unreached, said in driven:
        tap.check(not unreached, f"{name}: Tab comes to every control", ", ".join(unreached))
        apply(folder + "/in.png", folder + "/own.ppm", "-f", step)
        wrong = keys.same(f"{folder}/{name}.ppm", folder + "/own.ppm")
        tap.check(not wrong, f"{step.replace(folder + '/', '')}: by the keyboard alone, as the command", wrong)
        apply(folder + "/in.png", folder + "/default.ppm", "-f", name)
        tap.check(keys.same(folder + "/default.ppm", folder + "/own.ppm"), f"{name}: what was set makes a difference",
                  "\n".join([step, *said]))


# ---- the editor of recipes ----

STEPS = ["clahe clip-limit=3.14159", "gaussian sigma=1.5", "unsharp radius=2.5 amount=0.8"]


def labels_of(rows):
    """What stands before the values in the rows of steps."""
    return [row[0].split("  ")[0] for row in rows]


def edit_recipe(screen, folder, names):
    """Returns the steps that are left. names: of filters, by their labels."""
    table = screen.table("recipe", fresh=False)
    title = table.title
    screen.take_focus(title)
    screen.press(table.letter("Load..."))
    screen.choose_file("Load Recipe", folder + "/look.recipe")
    screen.take_focus(title)
    table = screen.table("recipe", good=lambda table: len(table.rows.get("Steps", [])) == len(STEPS))
    unreached = reach_all(screen, table, "recipe")
    tap.check(not unreached, "editor of recipes: Tab comes to every control", ", ".join(unreached))
    # What every step has stands at the end of what can be scrolled.
    screen.press(table.letter("Stored at"))
    table = screen.table("recipe")
    tap.check(table.focus == ["GtkComboBoxText", "Stored at", "seen"], "editor of recipes: what gets the focus is scrolled into view",
              table.focus)
    tap.check(table.rows["Steps"][0][0].endswith("clip-limit=3.14159"), "editor of recipes: Tab takes no digits from a number", table.rows)
    # The second step has another value, and a step of another filter behind it, which then moves down.
    screen.tab_to("Steps", "GtkTreeView", "recipe")
    screen.press("Home", "Down")
    table = screen.table("recipe", good=lambda table: any(control.name == "Sigma" for control in table.controls))
    screen.press("alt+" + table.control("Sigma", "SpinButton").letter)
    screen.type("2.5")
    table = screen.add_step(table)
    labels = labels_of(table.rows["Steps"])
    added = names[labels[2]]
    screen.press(table.letter("Down"))
    # The first step is taken out, the second is switched off.
    screen.take_focus(title)
    screen.tab_to("Steps", "GtkTreeView", "recipe")
    screen.press("Home")
    screen.press(screen.table("recipe").letter("Remove"))
    table = screen.table("recipe", good=lambda table: len(table.rows["Steps"]) == len(STEPS))
    tap.check(labels_of(table.rows["Steps"]) == [labels[1], labels[3], labels[2]] and "sigma=2.5" in table.rows["Steps"][0][0],
              "editor of recipes: a value typed, a step added, moved, another taken out", table.rows["Steps"])
    screen.tab_to("Steps", "GtkTreeView", "recipe")
    screen.press("Home", "Down", "space")
    steps = ["gaussian sigma=2.5", added]
    screen.press(table.letter("Save..."))
    screen.choose_file("Save Recipe", folder + "/saved.recipe")
    screen.take_focus(title)
    screen.press(table.letter("OK"))
    return steps


def check_recipe(gimp, screen, folder, names):
    with open(folder + "/look.recipe", "w", encoding="utf-8") as file:
        file.write("\n".join(STEPS) + "\n")
    screen.start(keys.saved_call(gimp, folder + "/in.png", keys.recipe_call(gimp), folder + "/recipe.ppm"))
    steps = []
    try:
        steps = edit_recipe(screen, folder, names)
    except keys.Lost as lost:
        tap.check(False, "editor of recipes: by the keyboard alone", lost)
    ended, said = screen.end()
    tap.check(ended, "editor of recipes: opens and closes", said[-1500:])
    apply(folder + "/in.png", folder + "/own.ppm", *[word for step in steps for word in ("-f", step)])
    wrong = keys.same(folder + "/recipe.ppm", folder + "/own.ppm")
    tap.check(not wrong, f"editor of recipes: {', '.join(steps)}: by the keyboard alone, as the command", wrong)
    good = apply(folder + "/in.png", folder + "/saved.ppm", "--recipe", folder + "/saved.recipe")
    wrong = keys.same(folder + "/saved.ppm", folder + "/own.ppm") if good else "no recipe was saved"
    tap.check(not wrong, "editor of recipes: the file that was saved, as the command", wrong)


def main():
    gimp, program = face.chosen(BUILD, "windows by the keyboard alone in GIMP")
    keys.have_keys("windows by the keyboard alone in GIMP", gimp.version)
    filters, chosen = keys.read_filters(), os.environ.get("TEST_FILTERS", "").split()
    with tempfile.TemporaryDirectory() as folder:
        apply(SOURCE + "/data/samples/noise.png", folder + "/in.png", "--depth", "8", "-f", "levels")
        write_profile(folder)
        screen = keys.Screen(face.Session(gimp, program, BUILD, folder + "/home"), folder + "/tables")
        try:
            check_filters(gimp, screen, folder, [one for one in filters if not chosen or one["name"] in chosen])
            check_recipe(gimp, screen, folder, {one["label"]: one["name"] for one in filters})
        finally:
            screen.close()
    tap.done()


main()
