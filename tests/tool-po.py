# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogues of po/: what tests/test-po.sh asks about them, and what `./dev po` brings up to date.

tool-po.py COMMAND [ARGUMENTS], from the top of the tree; see COMMANDS at the end. A complaint is a line on standard output;
any complaint makes the exit code 1.
"""
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile

ROOMS = ["core", "colorspace", "filters", "enhance", "imageio", "cli", "plugins", "embed", "cluster"]
MARK = re.compile(r'(?<![\w"])(?:N_|_|ie_ngettext) \(\s*"|\(imgenhance-say\s+"')
# What meson's preset "glib" and po/meson.build give to xgettext, as far as it concerns us.
XGETTEXT = ["xgettext", "--from-code=UTF-8", "--add-comments", "--add-location=file", "--keyword=_", "--keyword=N_",
            "--keyword=ie_ngettext:1,2", "--keyword=imgenhance-say", "--flag=N_:1:pass-c-format", "--flag=_:1:pass-c-format",
            "--flag=g_set_error:4:c-format", "--flag=g_strdup_printf:1:c-format", "--flag=g_string_append_printf:2:c-format",
            "--package-name=imgenhance"]
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|^;[^\n]*", re.S | re.M)


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
                if name.endswith((".c", ".h", ".cc", ".scm")) and path != "core/i18n.h":
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


DIRECTIVE = re.compile(r"%(?:(\d+)\$)?([-+ 0#]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:<PRI\w+>|(?:hh|h|ll|l|z|j)?[a-zA-Z%]))")
# Words that stand for themselves in every language: options, fields, environment variables.
WORD = re.compile(r"(?<![\w-])--[a-z][a-z-]+|\{[a-z]+\}|\bIMGENHANCE_\w+|\bimgenhance\b")


def directives(text, kept):
    """The printf directives of a text, by the number of their argument."""
    found = {}
    if kept:
        for at, match in enumerate(one for one in DIRECTIVE.finditer(text) if one.group(2) != "%"):
            found[int(match.group(1) or at + 1)] = match.group(2)
    return found


def shape(text):
    return text.startswith("\n"), text.endswith("\n"), text.count("\n")


def faults(entry, wanted):
    """What is wrong with a translation as such."""
    kept = "c-format" in entry["flags"]
    forms = entry["msgstr"]
    originals = [entry["msgid"]] + ([entry["msgid_plural"]] if "msgid_plural" in entry else [])
    for form in forms:
        if directives(form, kept) not in [directives(text, kept) for text in originals]:
            yield "has other directives"
        if shape(form) != shape(entry["msgid"]):
            yield "has other ends of lines"
        if sorted(WORD.findall(form)) != sorted(WORD.findall(entry["msgid"])):
            yield "names other options or fields"
        if entry["msgid"].startswith("<Image>/") and (
                form.count("/") != entry["msgid"].count("/") or not form.startswith("<Image>/")):
            yield "is another path of menus"
    if "msgid_plural" in wanted and len(forms) != (1 if LANGUAGE == "zh_CN" else 2):
        yield "has not its forms of number"


LANGUAGE = ""


def catalogue(language):
    """The catalogue holds each text of the sources, translated, and no other."""
    global LANGUAGE
    LANGUAGE = language
    path = f"po/{language}.po"
    subprocess.run(["msgfmt", "--check", "--output-file=/dev/null", path], check=True)
    with tempfile.TemporaryDirectory() as folder:
        wanted = english(folder)
    there = {entry["msgid"]: entry for entry in read_po(path)}
    for text in wanted:
        if text not in there:
            print(f"{path} lacks {text!r}")
        elif "fuzzy" in there[text]["flags"] or not all(there[text]["msgstr"]):
            print(f"{path} has no translation of {text!r}")
        else:
            for fault in faults(dict(there[text], flags=wanted[text]["flags"]), wanted[text]):
                print(f"{path}: the translation of {text!r} {fault}")
    for text in there:
        if text not in wanted:
            print(f"{path} translates {text!r}, which is in no source")
    with open(path, encoding="utf-8") as file:
        if "\n#~ " in file.read():
            print(f"{path} keeps texts that are gone")


def glossary_terms(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                term, right, wrong = (line.rstrip("\n") + "\t").split("\t")[:3]
                yield term, right.split("|"), [one for one in wrong.split("|") if one]


def prose(text):
    """The text without what is typed: quoted words, KEY=VALUE, the name of a filter before a colon, ids with hyphens."""
    text = re.sub(r"'[^'\n]*'|[\w-]+=\S*|^[a-z-]+: |(?<![\w-])--?[a-z][\w-]*|\{[^}]*\}|%<PRI\w+>", " ", text)
    return re.sub(r"\b(?:sigma|display|adobe|plug-in)-\w+", " ", text)


def glossary(path="po/glossary-zh_CN.tsv", catalogue_path="po/zh_CN.po"):
    """Where a term of the glossary stands in the English text, its translation stands in the Chinese one."""
    entries = read_po(catalogue_path)
    for term, right, wrong in glossary_terms(path):
        pattern = re.compile(r"(?<![\w-])" + re.escape(term) + r"(?:s|es|ed|red|ing|d|r)?(?![\w-]|\.\w)",
                             0 if term != term.lower() else re.I)
        used = 0
        for entry in entries:
            said = " ".join(entry["msgstr"])
            if pattern.search(prose(entry["msgid"])):
                used += 1
                if not any(one.lower() in said.lower() for one in right):
                    print(f"{term!r} is {'|'.join(right)}, but not in {said!r}, for {entry['msgid']!r}")
            for one in wrong:
                if one in said:
                    print(f"{one!r} is not to be used for {term!r}: {said!r}")
        if not used:
            print(f"{term!r} stands in no text")


def registry(texts):
    """Every text of the registry can be translated; `texts` is what the program tool-texts printed."""
    symbols = {"px", "L*", "%", "dB", "4", "8"}
    with tempfile.TemporaryDirectory() as folder:
        known = english(folder)
    with open(texts, encoding="utf-8") as file:
        for text in sorted({line.rstrip("\n") for line in file} - symbols - set(known)):
            print(f"not marked for translation: {text!r}")


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


def derived(catalogue):
    """The translations of menu-texts.h, from those of the groups and labels."""
    texts = {entry["msgid"]: entry["msgstr"][0] for entry in read_po(catalogue)}
    found = {}
    with open(MENU_TEXTS, encoding="utf-8") as file:
        for text in re.findall(r'^N_ \("(.*)"\)$', file.read(), re.M):
            place, _, last = text.rpartition("/")
            plain = last.removesuffix("...")
            if texts.get(plain):
                found[text] = (place + "/" if place else "") + texts[plain] + ("..." if plain != last else "")
    return found


SCRIPT_TEXTS = "plugins/scripts/imgenhance-menu.scm"
SCRIPT_PART = re.compile(r"(; ---- texts: [^\n]*\n).*(; ---- end of texts ----\n)", re.S)


def script_texts():
    """The scripts' file with the translations of its texts: Script-Fu reads no catalogues."""
    tables = []
    for language in languages():
        pairs = [f"({json.dumps(entry['msgid'])} . {json.dumps(entry['msgstr'][0], ensure_ascii=False)})"
                 for entry in read_po(f"po/{language}.po") if any(file.endswith(".scm") for file in entry["files"]) and entry["msgstr"][0]]
        tables.append(f'("{language}"\n   ' + "\n   ".join(sorted(pairs)) + ")")
    with open(SCRIPT_TEXTS, encoding="utf-8") as file:
        return SCRIPT_PART.sub(lambda part: part.group(1) + "(define imgenhance-texts\n '(" + "\n  ".join(tables) + "))\n" + part.group(2),
                               file.read())


def check_script_texts():
    with open(SCRIPT_TEXTS, encoding="utf-8") as file:
        if file.read() != script_texts():
            print(SCRIPT_TEXTS + " is not what the catalogues say: ./dev po")


def write_script_texts():
    text = script_texts()
    with open(SCRIPT_TEXTS, "w", encoding="utf-8") as file:
        file.write(text)


def strip_dates(catalogue):
    """Takes out what would differ at every run."""
    with open(catalogue, encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith(('"POT-Creation-Date:', '"Report-Msgid-Bugs-To:'))]
    with open(catalogue, "w", encoding="utf-8") as file:
        file.writelines(lines)


def update(command, further=None):
    """Brings everything in po/ that is made from the sources up to date; what is new stays untranslated, unless a catalogue
    in the folder `further` has it."""
    write_menu_texts(command)
    write_potfiles()
    with tempfile.TemporaryDirectory() as folder:
        pot = make_pot(folder)
        for language in languages():
            catalogue, extra = f"po/{language}.po", os.path.join(folder, "extra.po")
            merge = ["msgmerge", "--quiet", "--no-fuzzy-matching", "--add-location=file"]
            more = os.path.join(further or folder, f"{language}.po")
            if os.path.exists(more):
                merge.append("--compendium=" + more)
            # What stands in the catalogue already goes before; twice, since labels may be new, too.
            for _ in range(2):
                with open(extra, "w", encoding="utf-8") as file:
                    file.write('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n')
                    for text, shown in derived(catalogue).items():
                        file.write(f"\nmsgid {json.dumps(text)}\nmsgstr {json.dumps(shown, ensure_ascii=False)}\n")
                subprocess.run(merge + ["--compendium=" + extra, "--output-file=" + catalogue, catalogue, pot], check=True)
            subprocess.run(["msgattrib", "--no-obsolete", "--add-location=file", "--output-file=" + catalogue, catalogue],
                           check=True)
            strip_dates(catalogue)
            left = sum(not all(entry["msgstr"]) for entry in read_po(catalogue))
            print(f"{catalogue}: {left} texts to translate")
    write_script_texts()


COMMANDS = {"potfiles": potfiles, "write-potfiles": write_potfiles, "menu-texts": check_menu_texts,
            "write-menu-texts": write_menu_texts, "script-texts": check_script_texts, "update": update, "catalogue": catalogue,
            "glossary": glossary, "registry": registry}

if __name__ == "__main__":
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        COMMANDS[sys.argv[1]](*sys.argv[2:])
    sys.stdout.write(said.getvalue())
    sys.exit(1 if said.getvalue() and sys.argv[1] != "update" else 0)
