# SPDX-License-Identifier: GPL-3.0-or-later
"""In GIMP 2.10 (argument 2) and GIMP 3 (argument 3): menus and texts of procedures follow the user's language, those of the scripts
and of GEGL's operations, too, also when it changes; and GIMP complains of nothing of ours."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)) + "/../oracle"]
import gimp as face
import tap

SOURCE, BUILD = os.environ["SOURCE"], os.environ["BUILD"]
SCRIPT = "Takes every picture of a folder through a recipe and writes the results into another folder"
MENU = "Apply Recipe..."
OPERATION = "imgenhance:gaussian", "Gaussian Blur"
# As GIMP does it: the locale first (the command gegl sets none), the licence, then GEGL.
ASK_GEGL = """import ctypes, locale, sys
locale.setlocale (locale.LC_ALL, "")
gegl, gobject = ctypes.CDLL ("libgegl-0.4.so.0"), ctypes.CDLL ("libgobject-2.0.so.0")
gegl.gegl_config.restype = ctypes.c_void_p
gobject.g_object_set (ctypes.c_void_p (gegl.gegl_config ()), b"application-license", b"GPL3", None)
gegl.gegl_init (None, None)
gegl.gegl_operation_get_key.restype = ctypes.c_char_p
sys.stdout.buffer.write (gegl.gegl_operation_get_key (sys.argv[1].encode (), b"title") or b"no such operation")"""


def translated(language, text):
    """As the catalogue of the build says."""
    if language == "en":
        return text
    import gettext
    with open(f"{BUILD}/po/{language}/LC_MESSAGES/imgenhance.mo", "rb") as file:
        return gettext.GNUTranslations(file).gettext(text)


def check_language(gimp, session, language):
    # GIMP 3 tells a script nothing of procedures.
    ask = '(car (gimp-procedural-db-proc-info "script-fu-imgenhance-enhance-folder"))' if gimp is face.Gimp2 else f'(imgenhance-say "{SCRIPT}")'
    session.environment.update(LANGUAGE=language, LC_ALL="C.UTF-8" if language == "en" else "de_DE.UTF-8")
    ended, said = session.run(f'(gimp-message (string-append "blurb: " {ask}))')
    want = translated(language, SCRIPT)
    tap.check(ended and f"blurb: {want}" in said, f"{language}: a script says what it does in this language", said[-1500:])
    ours = [line for line in said.splitlines() if re.search(r"imgenhance.*(ocali[sz]|set_i18n|catalog)", line)]
    tap.check(not ours, f"{language}: GIMP has nothing to say about our catalogues", "\n".join(ours))
    title = subprocess.run([sys.executable, "-c", ASK_GEGL, OPERATION[0]], check=False, capture_output=True,
                           env={**os.environ, **session.environment, "GEGL_PATH": BUILD + "/plugins"})
    want = translated(language, OPERATION[1])
    tap.check(title.stdout.decode() == want, f"{language}: an operation has its title in this language", (title.stdout, title.stderr))
    with open(session.home + "/gimp/pluginrc", encoding="utf-8", errors="replace") as file:
        known = file.read()
    if gimp is face.Gimp2:
        # It keeps the English texts and looks them up when it shows them.
        tap.check(re.search(rf'\((?:locale|domain)-def "imgenhance" "{re.escape(BUILD)}/po"\)', known) and f'"{MENU}"' in known,
                  f"{language}: GIMP knows where to look labels up", re.findall(r"\(locale-def[^)]*|\(domain-def[^)]*", known))
    else:
        tap.check(f'"{translated(language, MENU)}"' in known, f"{language}: labels of the menu are in this language")


def main():
    gimp, program = face.chosen(BUILD, "languages in GIMP")
    with tempfile.TemporaryDirectory() as folder:
        made = shutil.which("localedef") and subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", folder + "/de_DE.UTF-8"], check=False,
                                                            capture_output=True).returncode == 0
        if not made or not os.path.exists(BUILD + "/po/de/LC_MESSAGES/imgenhance.mo"):
            tap.skip("languages in GIMP " + gimp.version, "localedef makes no locale here (package locales), or there are no catalogues")
            tap.done()
        session = face.Session(gimp, program, BUILD, folder + "/home")
        session.take_scripts(SOURCE)
        session.environment.update(LOCPATH=folder, IMGENHANCE_LOCALE_DIR=BUILD + "/po")
        with open(SOURCE + "/po/LINGUAS", encoding="utf-8") as file:
            languages = [line.strip() for line in file if line.strip() and not line.startswith("#")]
        for language in languages + ["en"]:
            check_language(gimp, session, language)
    tap.done()


main()
