# SPDX-License-Identifier: GPL-3.0-or-later
"""In GIMP 2.10 (argument 2) and GIMP 3 (argument 3): a recipe, a batch and the pipelines of plugins/scripts give what the command
gives; in GIMP 3 a layer's effects survive a file, become a recipe and come back. What is wrong is refused in words."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)) + "/../oracle"]
import gimp as face
import tap

COMMAND, SOURCE, BUILD = os.environ["IMGENHANCE"], os.environ["SOURCE"], os.environ["BUILD"]
STEPS = ["clahe clip-limit=3", "gaussian sigma=1.5", "unsharp amount=0.8"]
MISSING = "no such file"


def command(*arguments):
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False)


def apply(source, out, *arguments):
    done = command("apply", "--quiet", "--no-journal", "--existing", "replace", "-o", out, *arguments, source)
    return done.returncode == 0


def same(a, b):
    """None, or how far two pictures are apart."""
    if not (os.path.exists(a) and os.path.exists(b)):
        return f"{a if not os.path.exists(a) else b} is not there"
    said = command("compare", a, b).stdout
    return None if "identical           yes" in said else said


def check_same(a, b, name):
    wrong = same(a, b)
    tap.check(wrong is None, name, wrong)


# How each GIMP calls a procedure of ours that is no filter's.
def recipe_call(gimp, text, file):
    if gimp is face.Gimp2:
        return f'(plug-in-imgenhance-recipe 1 image layer "{text}" "{file}")'
    return f'(plug-in-imgenhance-recipe #:image image #:drawables (vector layer) #:recipe "{text}" #:file "{file}")'


def batch_call(gimp, pictures, file, output):
    if gimp is face.Gimp2:
        return f'(plug-in-imgenhance-batch 1 "{pictures}" "" "{file}" "{output}")'
    return f'(plug-in-imgenhance-batch #:pictures "{pictures}" #:file "{file}" #:output "{output}")'


def with_image(path, words):
    return f'(let* ((image (open "{path}")) (layer (layer-of image))) {words} (gimp-image-delete image))'


def check_recipes(gimp, session, folder):
    text = "\\n".join(STEPS)
    script = []
    for depth in ("8", "16"):
        source = f"{folder}/in{depth}.png"
        script.append(with_image(source, f'{recipe_call(gimp, text, "")} (save image "{folder}/text{depth}.png")'))
        script.append(with_image(source, f'{recipe_call(gimp, "", folder + "/look.recipe")} (save image "{folder}/file{depth}.png")'))
    refused = {"wrong-step": ("nothing=1", ""), "both": ("median", folder + "/look.recipe"), "neither": ("", ""),
               "no-file": ("", folder + "/none.recipe")}
    for name, (words, file) in refused.items():
        script.append(f'(begin-case "{name}")')
        script.append(with_image(f"{folder}/in8.png", f'(if (attempt (lambda () {recipe_call(gimp, words, file)})) (mark "{folder}/{name}.did"))'))
    ended, said = session.run("\n".join(script))
    tap.check(ended, "recipes: GIMP comes to the end", said[-2000:])
    for depth in ("8", "16"):
        apply(f"{folder}/in{depth}.png", f"{folder}/own{depth}.png", "--recipe", f"{folder}/look.recipe")
        check_same(f"{folder}/text{depth}.png", f"{folder}/own{depth}.png", f"recipe as text, {depth} bits: as the command")
        check_same(f"{folder}/file{depth}.png", f"{folder}/own{depth}.png", f"recipe in a file, {depth} bits: as the command")
    for name, words in (("wrong-step", "nothing"), ("both", "both a recipe and a file"), ("neither", "no recipe was given"),
                        ("no-file", MISSING)):
        tap.check(not os.path.exists(f"{folder}/{name}.did") and words in face.said_of(said, name),
                  f"recipe: {name} is refused in words", face.said_of(said, name))


def check_effects(session, folder):
    script = ["(define (copied image layer path) (plug-in-imgenhance-effects-to-recipe #:image image #:drawables (vector layer) #:file path))"]
    effects = {"clahe": ("clip-limit", 3.0), "gaussian": ("sigma", 1.5), "unsharp": ("amount", 0.8)}
    append = " ".join(f'(gimp-drawable-append-new-filter layer "imgenhance:{name}" "e" LAYER-MODE-REPLACE 1.0 "{key}" {value})'
                      for name, (key, value) in effects.items())
    for depth in ("8", "16"):
        base = f"{folder}/effects{depth}"
        script.append(with_image(f"{folder}/in{depth}.png", f'{append} (copied image layer "{base}.recipe") (save image "{base}.png")'
                                 f' (gimp-xcf-save 1 image "{base}.xcf")'))
        script.append(with_image(f"{base}.xcf", f'(save image "{base}-again.png") (copied image layer "{base}-again.recipe")'))
        script.append(with_image(f"{folder}/in{depth}.png", '(plug-in-imgenhance-recipe-to-effects #:image image #:drawables (vector layer)'
                                 f' #:file "{base}.recipe") (save image "{base}-back.png")'))
    script.append('(begin-case "foreign")')
    script.append(with_image(f"{folder}/in8.png", '(gimp-drawable-append-new-filter layer "gegl:invert-gamma" "f" LAYER-MODE-REPLACE 1.0)'
                             f' (if (attempt (lambda () (copied image layer "{folder}/foreign.recipe"))) (mark "{folder}/foreign.did"))'))
    ended, said = session.run("\n".join(script))
    tap.check(ended, "effects: GIMP comes to the end", said[-2000:])
    for depth in ("8", "16"):
        base = f"{folder}/effects{depth}"
        apply(f"{folder}/in{depth}.png", f"{base}-own.png", "--recipe", f"{base}.recipe")
        check_same(f"{base}.png", f"{base}-own.png", f"three effects, {depth} bits: copied as a recipe, the command gives the same")
        check_same(f"{base}.png", f"{base}-again.png", f"three effects, {depth} bits: the same when the XCF is opened again")
        check_same(f"{base}.png", f"{base}-back.png", f"three effects, {depth} bits: the same from the recipe")
        # XCF keeps numbers as single floats: 0.8 comes back as 0.800000011920929, and that is what the effect then does.
        apply(f"{folder}/in{depth}.png", f"{base}-again-own.png", "--recipe", f"{base}-again.recipe")
        check_same(f"{base}-again.png", f"{base}-again-own.png", f"three effects, {depth} bits: opened again, copied, the same")
    tap.check(not os.path.exists(folder + "/foreign.did") and "gegl:invert-gamma" in face.said_of(said, "foreign"),
              "a foreign effect is refused by name", face.said_of(said, "foreign"))


def check_batch(gimp, session, folder, samples):
    os.mkdir(folder + "/many")
    for sample in samples:
        shutil.copy(sample, folder + "/many")
    with open(folder + "/many/damaged.png", "wb") as file:
        file.write(open(samples[0], "rb").read()[:200])
    call = batch_call(gimp, folder + "/many", folder + "/look.recipe", folder + "/batch")
    ended, said = session.run(f'(begin-case "batch")(if (attempt (lambda () {call})) (mark "{folder}/batch.did"))')
    tap.check(ended and not os.path.exists(folder + "/batch.did") and "damaged.png" in said, "batch: the damaged picture is named", said[-800:])
    for sample in samples:
        name = os.path.basename(sample)
        apply(sample, f"{folder}/own-{name}", "--recipe", folder + "/look.recipe")
        check_same(f"{folder}/batch/{name}", f"{folder}/own-{name}", f"batch: {name} as the command")
    os.unlink(folder + "/many/damaged.png")
    ended, said = session.run(f'(if (attempt (lambda () {call})) (mark "{folder}/batch.did"))')
    tap.check(os.path.exists(folder + "/batch.did"), "batch: continued without the damaged picture", said[-800:])


def check_batch_dialog(gimp, session, folder, samples):
    """The window itself, which a variable of the environment fills in, starts and closes (plugins/dialog/batch-dialog.c)."""
    shown = face.screen()
    if not shown:
        tap.skip("batch: the window", "Xvfb is not here")
        return
    with open(folder + "/many/damaged.png", "wb") as file:
        file.write(open(samples[0], "rb").read()[:200])
    with open(folder + "/batch.txt", "w", encoding="utf-8") as file:
        file.write("\n".join([folder + "/windowed", folder + "/look.recipe", folder + "/many"]) + "\n")
    os.mkdir(folder + "/windowed")
    call = '(plug-in-imgenhance-batch 0 "" "" "" "")' if gimp is face.Gimp2 else "(plug-in-imgenhance-batch #:run-mode 0)"
    words = [word for word in gimp.command(session.program, call, False) if word != "-i"]
    environment = dict(session.environment, DISPLAY=shown[1], IMGENHANCE_DIALOG_TEST=folder)
    try:
        subprocess.run(words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
                       timeout=300)
    except subprocess.TimeoutExpired:
        pass
    finally:
        shown[0].kill()
    tap.check(os.path.exists(folder + "/batch.png"), "batch: the window opens, does its work and closes")
    for sample in samples:
        name = os.path.basename(sample)
        check_same(f"{folder}/windowed/{name}", f"{folder}/own-{name}", f"batch in the window: {name} as the command")
    journal = folder + "/windowed/.imgenhance-journal.jsonl"
    text = open(journal, encoding="utf-8").read() if os.path.exists(journal) else ""
    tap.check('"failed"' in text and "damaged.png" in text, "batch in the window: the damaged picture is listed", text[-500:])


def check_scripts(session, folder, samples):
    session.take_scripts(SOURCE)
    os.makedirs(folder + "/pictures")
    os.makedirs(folder + "/results")
    for sample in samples:
        shutil.copy(sample, folder + "/pictures")

    def pipeline(*arguments):
        return session.pipeline(SOURCE, *arguments)

    code, said = pipeline("enhance-folder", folder + "/pictures", folder + "/results", folder + "/look.recipe")
    tap.check(code == 0, "script enhance-folder ends with 0", said)
    for sample in samples:
        name = os.path.basename(sample)
        apply(sample, f"{folder}/script-{name}", "--recipe", folder + "/look.recipe")
        if name.endswith(".png"):
            check_same(f"{folder}/results/{name}", f"{folder}/script-{name}", f"script enhance-folder: {name} as the command")
        else:
            tap.check(os.path.exists(f"{folder}/results/{name}"), f"script enhance-folder: {name} is there")
    code, said = pipeline("contact-sheet", folder + "/pictures", folder + "/sheet.png", folder + "/look.recipe", "120")
    tap.check(code == 0 and os.path.exists(folder + "/sheet.png"), "script contact-sheet makes a sheet", said)
    code, said = pipeline("sharpen-copy", samples[0], folder + "/sharp.xcf", "1.5", "0.6")
    tap.check(code == 0 and os.path.exists(folder + "/sharp.xcf"), "script sharpen-copy writes layers", said)
    code, said = pipeline("sharpen-copy", folder + "/none.png", folder + "/none.xcf")
    tap.check(code == 1 and "none.png: no such file" in said, "a missing file is an exit code of 1 and a line", f"{code} {said}")
    code, said = pipeline("enhance-folder", folder + "/pictures", folder + "/results", folder + "/look.recipe")
    tap.check(code == 1 and "nothing is replaced" in said, "results that are there are not replaced", f"{code} {said}")


def main():
    gimp, program = face.chosen(BUILD, "recipes in GIMP")
    samples = sorted(glob.glob(SOURCE + "/data/samples/*.png") + glob.glob(SOURCE + "/data/samples/colour-cast.jpg"))
    with tempfile.TemporaryDirectory() as folder:
        with open(folder + "/look.recipe", "w", encoding="utf-8") as file:
            file.write("\n".join(STEPS) + "\n")
        shutil.copy(SOURCE + "/data/samples/low-contrast.png", folder + "/in8.png")
        apply(folder + "/in8.png", folder + "/in16.png", "--depth", "16", "--no-dither", "-f", "gaussian sigma=0.7")
        session = face.Session(gimp, program, BUILD, folder + "/home")
        check_recipes(gimp, session, folder)
        if gimp.module:
            check_effects(session, folder)
        check_batch(gimp, session, folder, samples)
        check_batch_dialog(gimp, session, folder, samples)
        check_scripts(session, folder, samples)
    tap.done()


main()
