# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogues of po/: what tests/test-po.sh asks about them, and what `./dev po` brings up to date.

tool-po.py COMMAND [ARGUMENTS], from the top of the tree; see COMMANDS at the end. A complaint is a line on standard output;
any complaint makes the exit code 1.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

ROOMS = ["core", "colorspace", "filters", "enhance", "imageio", "cli", "plugins", "embed", "cluster"]
MARK = re.compile(r'(?<![\w"])(?:N_|_|ie_ngettext) \(\s*"')
# What meson's preset "glib" and po/meson.build give to xgettext, as far as it concerns us.
XGETTEXT = ["xgettext", "--from-code=UTF-8", "--add-comments", "--add-location=file", "--keyword=_", "--keyword=N_",
            "--keyword=ie_ngettext:1,2", "--flag=N_:1:pass-c-format", "--flag=_:1:pass-c-format",
            "--flag=g_set_error:4:c-format", "--flag=g_strdup_printf:1:c-format", "--flag=g_string_append_printf:2:c-format",
            "--package-name=imgenhance"]
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def languages():
    with open("po/LINGUAS", encoding="utf-8") as file:
        return [word for line in file if not line.startswith("#") for word in line.split()]


def listed():
    with open("po/POTFILES", encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip() and not line.startswith("#")]


def marked():
    """The source files that hold a text to be translated."""
    found = []
    for room in ROOMS:
        for folder, _, names in os.walk(room):
            for name in names:
                path = os.path.join(folder, name)
                if name.endswith((".c", ".h", ".cc")) and path != "core/i18n.h":
                    with open(path, encoding="utf-8") as file:
                        text = COMMENT.sub("", file.read())
                    if MARK.search(text):
                        found.append(path)
    return sorted(found)


# ---- catalogues ----

def unquote(text):
    return json.loads('"' + text.replace("\\'", "'").replace("\\a", "\\u0007") + '"')


def read_po(path):
    """The entries of a .po or .pot file: dictionaries of msgid, msgid_plural, msgstr (a list), flags, files."""
    entries = []
    entry = {"flags": set(), "files": []}
    key = None
    with open(path, encoding="utf-8") as file:
        for line in list(file) + ["\n"]:
            line = line.rstrip("\n")
            if not line:
                if "msgid" in entry:
                    entries.append(entry)
                entry = {"flags": set(), "files": []}
                key = None
            elif line.startswith("#~"):
                continue
            elif line.startswith("#,"):
                entry["flags"] |= {flag.strip() for flag in line[2:].split(",")}
            elif line.startswith("#:"):
                entry["files"] += line[2:].split()
            elif line.startswith("#"):
                continue
            else:
                match = re.match(r'(?:(msgctxt|msgid_plural|msgid|msgstr(?:\[\d+\])?) )?"(.*)"$', line)
                if match.group(1):
                    key = match.group(1)
                    entry[key] = ""
                entry[key] += unquote(match.group(2))
    for entry in entries:
        entry["msgstr"] = [entry[key] for key in sorted(entry) if key.startswith("msgstr")]
    return [entry for entry in entries if entry["msgid"]]


def make_pot(folder):
    path = os.path.join(folder, "imgenhance.pot")
    subprocess.run(XGETTEXT + ["--files-from=po/POTFILES", "--output=" + path], check=True, env=dict(os.environ, LC_ALL="C.UTF-8"))
    return path


def english(folder):
    return {entry["msgid"]: entry for entry in read_po(make_pot(folder))}


# ---- commands ----

def potfiles():
    """POTFILES names each file with a text, and no other."""
    there, wanted = listed(), marked()
    for path in sorted(set(wanted) - set(there)):
        print(f"po/POTFILES lacks {path}")
    for path in sorted(set(there) - set(wanted)):
        print(f"po/POTFILES names {path}, which holds no text")


def write_potfiles():
    with open("po/POTFILES", "w", encoding="utf-8") as file:
        file.write("# Made by ./dev po\n" + "".join(path + "\n" for path in marked()))


def filters(command):
    """What the registry holds, as the command prints it."""
    return json.loads(subprocess.run([command, "filters", "--json"], check=True, capture_output=True).stdout)


MENU_TEXTS = "plugins/gimp2/menu-texts.h"


def menu_texts(command):
    """The file of those texts that GIMP 2.10 looks up whole: it gets labels with dots and menus as paths."""
    every = filters(command)
    paths = sorted({"<Image>/Filters/imgenhance/" + one["group"] for one in every})
    labels = sorted({one["label"] + "..." for one in every})
    return ("// SPDX-License-Identifier: GPL-3.0-or-later\n"
            "/* Made by ./dev po, for the catalogues alone: what GIMP 2.10 looks up in them whole, paths of menus (of which\n"
            " * \"<Image>\" must stay, and so must each '/') and labels with their dots. Nobody includes this. */\n"
            + "".join(f'N_ ("{text}")\n' for text in paths + labels))


def check_menu_texts(command):
    with open(MENU_TEXTS, encoding="utf-8") as file:
        if file.read() != menu_texts(command):
            print(MENU_TEXTS + " is not what the registry says: ./dev po")


def write_menu_texts(command):
    with open(MENU_TEXTS, "w", encoding="utf-8") as file:
        file.write(menu_texts(command))


COMMANDS = {"potfiles": potfiles, "write-potfiles": write_potfiles, "menu-texts": check_menu_texts,
            "write-menu-texts": write_menu_texts}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
