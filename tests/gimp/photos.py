# SPDX-License-Identifier: GPL-3.0-or-later
"""In GIMP 2.10 (argument 2) and GIMP 3 (argument 3): each pipeline of plugins/scripts on photographs of SHARED/photos, from a shell;
on every fourth of them, on all with TEST_PHOTOS=all in the environment. What filters make of a picture is what the command makes of it; what GIMP makes (reduced pictures of a sheet, layers) is
what GIMP makes of the command's results."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)) + "/../oracle"]
import gimp as face
import tap
import xcf

COMMAND, SOURCE, BUILD, SHARED = (os.environ[name] for name in ("IMGENHANCE", "SOURCE", "BUILD", "SHARED"))
STEPS = ["clahe clip-limit=3", "unsharp radius=1.5 amount=0.6"]
RADIUS, AMOUNT = "1.5", "0.6"
SIDE, GAP, TEXT = 120, 8, 16  # of a sheet: imgenhance-contact-sheet.scm


def apply(out, name, photos, *arguments):
    subprocess.run([COMMAND, "apply", "--quiet", "--no-journal", "-o", out + "/", "--name", name, *arguments, *photos], check=True,
                   stdout=subprocess.DEVNULL)


def ppm(path):
    """(width, height, samples) of three channels of 8 bits."""
    with open(path, "rb") as file:
        data = file.read()
    # GIMP 2.10 writes numbers as text when nobody says how.
    head = re.match(rb"P([36])\s(?:#.*\n)*(\d+)\s+(\d+)\s+255\s", data)
    samples = data[head.end():]
    return int(head.group(2)), int(head.group(3)), samples if head.group(1) == b"6" else bytes(map(int, samples.split()))


def part(picture, x, y, width, height):
    across, _, samples = picture
    return b"".join(samples[3 * (across * row + x):3 * (across * row + x + width)] for row in range(y, y + height))


def check_all(wrong, name):
    tap.check(not wrong, name, "\n".join(wrong[:8]))


def check_folder(session, folder, photos):
    os.mkdir(folder + "/results")
    code, said = session.pipeline(SOURCE, "enhance-folder", folder + "/photos", folder + "/results", folder + "/look.recipe")
    tap.check(code == 0, "enhance-folder ends with 0", said)
    wrong = []
    for photo in photos:
        name = os.path.basename(photo)
        said = subprocess.run([COMMAND, "compare", f"{folder}/results/{name}", f"{folder}/own/{name}"], capture_output=True, text=True,
                              check=False)
        if "identical           yes" not in said.stdout:
            wrong.append(name + said.stdout + said.stderr)
    check_all(wrong, f"enhance-folder: {len(photos)} photographs as the command")


def check_sheet(session, folder, photos):
    """Each cell of the sheet is the photograph, and the command's result, as this GIMP reduces them, within a code."""
    code, said = session.pipeline(SOURCE, "contact-sheet", folder + "/photos", folder + "/sheet.ppm", folder + "/look.recipe", str(SIDE))
    tap.check(code == 0, "contact-sheet ends with 0", said)
    small = []
    for photo in photos:
        for kind, path in (("before", photo), ("after", f"{folder}/own/{os.path.basename(photo)}")):
            small.append(f'(let ((image (imgenhance-load "{path}"))) (imgenhance-fit image {SIDE})'
                         f' (imgenhance-save image "{folder}/{kind}-{os.path.basename(photo)}.ppm") (gimp-image-delete image))')
    # What the pipelines share speaks the older dialect.
    script = session.home + "/small.scm"
    with open(script, "w", encoding="utf-8") as file:
        file.write("\n".join(small) + f'\n(imgenhance-batch "{script}.mark" (lambda () #t))\n')
    session.plain(f'(load "{script}")')
    if code != 0 or not os.path.exists(script + ".mark"):
        tap.check(False, "contact-sheet: GIMP reduces the command's results")
        return
    sheet, wrong = ppm(folder + "/sheet.ppm"), []
    for i, photo in enumerate(photos):
        x, y = i % 3 * (2 * SIDE + 3 * GAP) + GAP, i // 3 * (SIDE + TEXT + 2 * GAP) + GAP
        for kind, at in (("before", x), ("after", x + SIDE + GAP)):
            width, height, samples = ppm(f"{folder}/{kind}-{os.path.basename(photo)}.ppm")
            # GIMP 3.0 itself does not reduce a picture to the same last bit each time.
            apart = max(abs(a - b) for a, b in zip(part(sheet, at, y, width, height), samples))
            if max(width, height) != SIDE or apart > 1:
                wrong.append(f"{photo} {kind}: {apart} codes")
    check_all(wrong, f"contact-sheet: {len(photos)} photographs before and after, as the command")


def check_copies(session, folder, photos):
    apply(folder + "/sharp", "{stem}.ppm", photos, "-f", f"unsharp radius={RADIUS} amount={AMOUNT}")
    apply(folder + "/plain", "{stem}.ppm", photos, "-f", "levels")
    wrong = []
    for photo in photos:
        stem = os.path.splitext(os.path.basename(photo))[0]
        code, said = session.pipeline(SOURCE, "sharpen-copy", photo, f"{folder}/{stem}.xcf", RADIUS, AMOUNT)
        if code != 0:
            wrong.append(f"{stem}: {code} {said}")
            continue
        layers = xcf.read(f"{folder}/{stem}.xcf").layers
        if len(layers) != 2 or layers[0].name != "Sharpened lightness" or layers[0].data != ppm(f"{folder}/sharp/{stem}.ppm")[2] or \
                layers[1].data != ppm(f"{folder}/plain/{stem}.ppm")[2]:
            wrong.append(f"{stem}: other layers")
    check_all(wrong, f"sharpen-copy: {len(photos)} photographs, the copy as the command, the layer under it as it was")


def main():
    gimp, program = face.chosen(BUILD, "scripts on photographs in GIMP")
    photos = sorted(glob.glob(SHARED + "/photos/*.png")) if SHARED else []
    if not photos:
        tap.skip("scripts on photographs in GIMP " + gimp.version, "there is no folder of photographs (SHARED/photos)")
        tap.done()
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(folder + "/photos")
        photos = [shutil.copy(photo, folder + "/photos") for photo in photos[::1 if os.environ.get("TEST_PHOTOS") == "all" else 4]]
        with open(folder + "/look.recipe", "w", encoding="utf-8") as file:
            file.write("\n".join(STEPS) + "\n")
        apply(folder + "/own", "{stem}.{ext}", photos, "--recipe", folder + "/look.recipe")
        session = face.Session(gimp, program, BUILD, folder + "/home")
        session.take_scripts(SOURCE)
        check_folder(session, folder, photos)
        check_sheet(session, folder, photos)
        check_copies(session, folder, photos)
        code, said = session.pipeline(SOURCE, "contact-sheet", folder + "/photos", folder + "/none.ppm", folder + "/none.recipe")
        tap.check(code == 1 and "none.recipe: no such file" in said, "a recipe that is missing: exit code 1, and a line", f"{code} {said}")
        code, said = session.pipeline(SOURCE, "enhance-folder", folder + "/nowhere", folder + "/results", folder + "/look.recipe")
        tap.check(code == 1 and "nowhere: no such folder" in said, "a folder that is missing: exit code 1, and a line", f"{code} {said}")
    tap.done()


main()
