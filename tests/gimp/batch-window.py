# SPDX-License-Identifier: GPL-3.0-or-later
"""In GIMP 2.10 (argument 2) and GIMP 3 (argument 3): the window of a batch by the keyboard alone. All photographs of SHARED/photos and a
damaged file go through it: every result has the bytes of the command's, and the damaged one is listed with its reason. The window has a
folder and a file added, a recipe loaded and a step added to it, a folder for the results chosen; then it is started and closed."""
import filecmp
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)) + "/../oracle"]
import gimp as face
import keys
import tap

COMMAND, SOURCE, BUILD, SHARED = (os.environ[name] for name in ("IMGENHANCE", "SOURCE", "BUILD", "SHARED"))
STEPS = ["clahe clip-limit=3", "unsharp radius=1.5 amount=0.6"]
TITLE = "Batch Enhance"
DAMAGED = "damaged.png"
TABS = 20  # more than there are controls


def own_results(folder, recipe, inputs):
    """What the command makes of it: by name of the picture, (status, reason)."""
    said = subprocess.run([COMMAND, "apply", "--json", "--no-journal", "--recursive", "--recipe", recipe, "-o", folder + "/", *inputs],
                          capture_output=True, text=True, check=False).stdout
    ended = {}
    for line in said.splitlines():
        one = json.loads(line)
        if "status" in one and "input" in one:
            ended[os.path.basename(one["input"])] = one["status"], one.get("reason") or ""
    return ended


def add_step(screen):
    """In the window of the steps, the first filter of the menu; returns what all the rows say."""
    table = screen.table("recipe", fresh=False, good=lambda table: len(table.rows.get("Steps", [])) == len(STEPS))
    title = table.title
    screen.take_focus(title)
    screen.tab_to("Steps", "GtkTreeView", "recipe")
    screen.press("End")
    table = screen.add_step(table)
    screen.take_focus(title)
    screen.press(table.letter("OK"))
    return [row[0] for row in table.rows["Steps"]]


def choose_results(screen, table, folder):
    """The folder for the results: a list of places, whose last one opens the box for files."""
    screen.press(table.letter("Folder for the results"))
    screen.press("space")
    screen.press("End", "Return")
    screen.choose_file("Folder for the Results", folder + "/")


def drive(screen, folder, count):
    """Returns the rows of steps and those of results."""
    table = screen.table("batch", fresh=False)
    screen.take_focus(TITLE)
    screen.press(table.letter("Add Folder..."))
    screen.choose_file("Add a Folder", folder + "/pictures/")
    screen.take_focus(TITLE)
    screen.press(table.letter("Add Files..."))
    screen.choose_file("Add Pictures", folder + "/alone.png")
    screen.take_focus(TITLE)
    table = screen.table("batch")
    tap.check([row[0].rstrip("/") for row in table.rows.get("Pictures, and folders with all that is in them", [])] ==
              [folder + "/pictures", folder + "/alone.png"], "a folder and a file are added", table.rows)
    screen.press(table.letter("Load..."))
    screen.choose_file("Load Recipe", folder + "/look.recipe")
    screen.take_focus(TITLE)
    screen.press(table.letter("Edit..."))
    steps = add_step(screen)
    screen.take_focus(TITLE)
    choose_results(screen, table, folder + "/results")
    screen.take_focus(TITLE)
    table = screen.table("batch", good=lambda table: any(one.name == "Start" and one.state == "on" for one in table.controls))
    screen.press(*["Tab"] * TABS)
    seen = set(screen.focus_log("batch"))
    unreached = [one.name for one in table.controls if one.state == "on" and one.key() not in seen and not one.letter]
    tap.check(not unreached, "Tab or a letter comes to every control", ", ".join(unreached))
    screen.press(table.letter("Start"))
    table = screen.table("batch", good=lambda table: len(table.rows.get("Results", [])) >= count)
    screen.press(table.letter("Close"))
    return steps, table.rows["Results"]


def check_results(folder, names, steps, rows):
    added = next(one["name"] for one in keys.read_filters() if one["label"] == steps[-1])
    with open(folder + "/own.recipe", "w", encoding="utf-8") as file:
        file.write("\n".join([*STEPS, added]) + "\n")
    own = own_results(folder + "/own", folder + "/own.recipe", [folder + "/pictures", folder + "/alone.png"])
    wrong = [name for name in names if not os.path.exists(f"{folder}/results/{name}") or
             not filecmp.cmp(f"{folder}/results/{name}", f"{folder}/own/{name}", shallow=False)]
    tap.check(not wrong, f"{len(names)} results have the bytes of the command's, of {', '.join([*STEPS, added])}", ", ".join(wrong))
    tap.check(sorted(row[1] for row in rows if row[0] == "done") == names, f"{len(names)} results are listed", rows)
    failed = [row for row in rows if row[0] != "done"]
    status, reason = own[DAMAGED]
    tap.check(status == "failed" and len(reason) > 10 and failed == rows[:1] == [["failed", DAMAGED, reason]],
              f"the damaged picture is listed before all others, with the command's reason: {reason}", failed)
    there = sorted(name for name in os.listdir(folder + "/results") if not name.startswith(".imgenhance"))
    tap.check(there == names, "nothing else is in the folder for the results", there)


def prepare(folder, photos):
    """Puts the pictures into a folder, and one beside it; returns their names."""
    os.makedirs(folder + "/pictures")
    os.makedirs(folder + "/results")
    for photo in photos:
        shutil.copy(photo, folder + "/pictures")
    with open(photos[0], "rb") as file, open(f"{folder}/pictures/{DAMAGED}", "wb") as damaged:
        data = file.read()
        damaged.write(data[:len(data) // 2])
    shutil.copy(SOURCE + "/data/samples/noise.png", folder + "/alone.png")
    with open(folder + "/look.recipe", "w", encoding="utf-8") as file:
        file.write("\n".join(STEPS) + "\n")
    return sorted([os.path.basename(photo) for photo in photos] + ["alone.png"])


def main():
    what = "the window of a batch by the keyboard alone in GIMP"
    gimp, program = face.chosen(BUILD, what)
    keys.have_keys(what, gimp.version)
    photos = sorted(glob.glob(SHARED + "/photos/*.png")) if SHARED else []
    if not photos:
        tap.skip("photographs through the window of a batch", "there is no folder of photographs (SHARED/photos); samples stand in")
        photos = sorted(glob.glob(SOURCE + "/data/samples/[a-d]*.png"))
    with tempfile.TemporaryDirectory() as folder:
        names = prepare(folder, photos)
        screen = keys.Screen(face.Session(gimp, program, BUILD, folder + "/home"), folder + "/tables")
        try:
            screen.start(f"(attempt (lambda () {keys.batch_call(gimp)}))")
            steps, rows = drive(screen, folder, len(names) + 1)
            ended, said = screen.end()
            tap.check(ended, "the window closes", said[-1500:])
            check_results(folder, names, steps, rows)
        except keys.Lost as lost:
            tap.check(False, what, lost)
        finally:
            screen.close()
    tap.done()


main()
