# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of each file of the corpus: the command survives it within time and memory, and does with it what
corpus.tsv expects; what it decodes has the samples that other readers give."""
import csv
import json
import os
import re
import shutil
import tempfile

import launcher
import readers

SECONDS, BYTES = 10, 1 << 30  # with sanitizers, too
SPACE = 16 << 30  # of addresses, so that no mistake takes the machine with it
TOLERANCE = 1 + 1e-6  # codes
NEVER = ("crash", "sanitizer", "slow", "memory", "lines", "leftover")  # no file may do this; an exception cannot cover it
DOCUMENTED = ("TIFF", "PNG", "JPEG", "WebP")
SANITIZER = re.compile(r"(ERROR: \w+Sanitizer.*|runtime error: .*|SUMMARY: \w+Sanitizer.*)")


def rows(corpus):
    with open(os.path.join(corpus, "corpus.tsv"), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def exceptions():
    """Path -> (kind, reason), of the files that are allowed one kind of fault."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "exceptions.tsv"), encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]
    for path, kind, _ in lines:
        if kind in NEVER:
            raise ValueError(f"exceptions.tsv: {path}: nothing excuses '{kind}'")
    return {path: (kind, reason) for path, kind, reason in lines}


def expectation(row):
    """decode, refuse, either or profile."""
    text = row["expected"]
    if row["format"] == "ICC":
        return "profile"
    if " or " in text:
        return "either"
    if text.startswith("decodes"):
        return "decode"
    if text.startswith(("clean error", "limit error")):
        return "refuse"
    raise ValueError(f"corpus.tsv: what is '{text}'?")


class Result:
    """row; faults: (kind, words) with kind crash, sanitizer, slow, memory, lines, leftover, header, refused, accepted, samples,
    writing, profile; decoded: apply ended with 0; informed: info did what it must; compared: some reader reads it; reader: who
    agreed on the samples, or None; detail: how far they are off; reason: what apply said; reports: of sanitizers."""

    def __init__(self, row):
        self.row, self.faults, self.decoded, self.informed = row, [], False, False
        self.reader, self.compared, self.detail = None, False, ""
        self.reason, self.reports = "", []
        self.seconds = self.peak = 0

    def fault(self, kind, words):
        if (kind, words) not in self.faults:
            self.faults.append((kind, words))


class Checker:
    """Holds what all files share: the command, the corpus, whether the build has sanitizers, where pictures are read (process or
    none, as --isolate says), further words for apply."""

    def __init__(self, command, corpus, sanitized=False, isolate="process", words=()):
        self.command, self.corpus, self.sanitized = command, corpus, sanitized
        self.isolate, self.words = ["--isolate", isolate], list(words)
        self.environment = {
            "ASAN_OPTIONS": "detect_leaks=1:allocator_may_return_null=1:exitcode=86",
            "UBSAN_OPTIONS": "print_stacktrace=1",
        } if sanitized else {}

    # ---- one run of the command ----

    def run(self, result, words, path):
        """Runs the command and holds against it what no file may make it do. path: to be named in its line."""
        ran = launcher.launcher().run([self.command] + words, SECONDS * 2, 0 if self.sanitized else SPACE, self.environment)
        name = words[0]
        result.seconds, result.peak = max(result.seconds, ran.seconds), max(result.peak, ran.peak)
        if ran.late or ran.seconds > SECONDS:
            result.fault("slow", f"{name} took {'more than ' if ran.late else ''}{ran.seconds:.1f} s")
        if ran.peak > BYTES:
            result.fault("memory", f"{name} took {ran.peak / (1 << 20):.0f} MiB")
        report = SANITIZER.search(ran.text)
        if report:
            result.fault("sanitizer", f"{name}: {report.group(1)[:160]}")
            result.reports.append(ran.text)
        elif not ran.late and ran.code not in (0, 1):
            result.fault("crash", f"{name} ended with {ran.code}: {ran.text.strip()[:160]}")
        elif not ran.late:
            lines = ran.text.split("\n")[:-1]
            strange = [line for line in lines if not line.startswith(f"imgenhance: {path}: ")]
            if strange or (ran.code == 1 and len(lines) != 1) or not ran.text.endswith("\n" if lines else ""):
                result.fault("lines", f"{name} said {len(lines)} lines: {(strange or [ran.text.strip()])[0][:160]!r}")
        return ran

    def apply(self, result, path, output, *more):
        """Copies the picture through an empty recipe."""
        recipe = os.path.join(os.path.dirname(os.path.abspath(__file__)), "empty.recipe")
        return self.run(result, ["apply", *self.isolate, "--recipe", recipe, "--json", *self.words, *more, "-o", output, path],
                        path)

    def info(self, result, path, *more):
        said = self.run(result, ["info", *self.isolate, *more, path], path)
        result.informed = not result.faults
        return said

    # ---- one file ----

    def check(self, row, compare=True, info=True):
        result = Result(row)
        wanted = expectation(row)
        path = os.path.join(self.corpus, row["path"])
        with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
            said = None
            if info or compare:
                if self.sanitized:
                    self.info(result, path)
                said = self.info(result, path, "--json")
                if wanted == "decode":
                    self.hold_header(result, said)
            made = os.path.join(folder, "made")
            os.mkdir(made)
            ran = self.apply(result, path, made + os.sep)
            self.hold_files(result, made, ran)
            result.decoded = ran.code == 0
            result.reason = ran.text.strip().replace(path, "").replace("imgenhance: : ", "")
            if wanted == "profile":
                self.hold_refusal(result, ran)
                self.check_profile(result, path, folder)
            elif wanted == "refuse":
                self.hold_refusal(result, ran)
            elif wanted == "decode" and not result.decoded and not result.faults:
                result.fault("refused", result.reason[:200])
            if wanted in ("decode", "refuse") and result.decoded and compare:
                self.check_samples(result, path, said, folder)
                self.check_written(result, path, made)
        return result

    def survive(self, row):
        """What may be read of a damaged picture is, and goes through filters into another format: only what no file may do is
        held against it."""
        result = Result(row)
        path = os.path.join(self.corpus, row["path"])
        with tempfile.TemporaryDirectory(prefix="corpus-") as made:
            ran = self.run(result, ["apply", *self.isolate, "--salvage", "-f", "equalize", "-f", "unsharp", "--format", "png",
                                    "--json", *self.words, "-o", made + os.sep, path], path)
            self.hold_files(result, made, ran)
            result.decoded, result.reason = ran.code == 0, ran.text.strip().replace(path, "").replace("imgenhance: : ", "")
        return result

    def hold_header(self, result, said):
        """The size that corpus.tsv gives, where it gives one."""
        try:
            info = json.loads(said.out)[0]
            sizes = tuple((name, info[name]) for name in ("width", "height"))
        except (ValueError, IndexError, KeyError):
            if said.code == 0:
                result.fault("header", f"info said {said.out[:160]!r}")
                result.informed = False
            return
        for name, size in sizes:
            if result.row[name] not in ("-", str(size)):
                result.fault("header", f"info says {name} {size}, corpus.tsv {result.row[name]}")
                result.informed = False

    def hold_files(self, result, made, ran):
        """One output when the command says that there is, none otherwise, and nothing beside it."""
        files = [os.path.join(at, name) for at, _, names in os.walk(made) for name in names]
        outputs = [name for name in files if "imgenhance-part" not in name and not name.endswith(".jsonl")]
        parts = [name for name in files if "imgenhance-part" in name]
        if ran.late:
            return
        if parts:
            result.fault("leftover", f"left {os.path.basename(parts[0])}")
        if len(outputs) != (1 if ran.code == 0 else 0):
            result.fault("leftover", f"exit {ran.code} and {len(outputs)} outputs")

    def hold_refusal(self, result, ran):
        if ran.code == 0:
            result.fault("accepted", "decoded, where an error was expected")

    # ---- samples ----

    def raw_output(self, said, folder):
        """A name whose format holds the picture unchanged and that readers.ours() reads."""
        try:
            info = json.loads(said.out)[0]
        except (ValueError, IndexError):
            return os.path.join(folder, "raw.tif")
        plain = info.get("model") in ("gray", "rgb")
        if info.get("depth") == "float" or not plain or info.get("channels", 0) - bool(info.get("alpha")) not in (1, 3):
            return os.path.join(folder, "raw.pfm" if plain and not info.get("alpha") and info.get("channels") in (1, 3)
                                else "raw.tif")
        return os.path.join(folder, "raw.pam")

    def check_samples(self, result, path, said, folder):
        output = self.raw_output(said, folder)
        # What unpacks the result need not know all that libtiff packs.
        ran = self.apply(result, path, output, *(["--compression", "none"] if output.endswith(".tif") else []))
        if ran.code != 0:
            if not result.faults:
                result.fault("writing", f"{os.path.basename(output)}: {ran.text.strip()[-160:]}")
            return
        try:
            mine = readers.ours(output)
        except readers.Unread as problem:
            result.detail = f"our output: {problem}"
            result.fault("samples", result.detail)
            return
        details, colours = [], readers.tiff_facts(path)[1] if result.row["format"] == "TIFF" else None
        for reader in readers.readers_of(result.row["format"]):
            try:
                reference = readers.only_colours(reader(path, folder), colours)
                largest, words = readers.deviation(mine, reference, result.row["format"] == "TIFF")
            except readers.Unread as problem:
                details.append(str(problem).split("\n")[0][:80])
                continue
            result.compared = True
            details.append(words)
            if largest is not None and largest <= TOLERANCE:
                result.reader, result.detail = reference.reader, words
                return
        result.detail = "; ".join(details)
        if result.compared:
            result.fault("samples", result.detail)

    def check_written(self, result, path, made):
        """What was written in the picture's own format reads as the picture: by our own `compare`, where no sample may change."""
        files = [os.path.join(at, name) for at, _, names in os.walk(made) for name in names if not name.endswith(".jsonl")]
        with open(files[0], "rb") as file:
            start = file.read(4)
        if start[:3] == b"\xff\xd8\xff" or start == b"RIFF" or result.row["format"] not in ("TIFF", "PNG"):
            return
        same = self.run(result, ["compare", path, files[0]], path)
        if same.code != 0 and not re.search(r"identical +yes", same.out):
            words = re.findall(r"largest[^\n]*", same.out)
            result.fault("writing", f"own format: {(words or [same.text.strip() or same.out])[0][:160]}")

    # ---- profiles ----

    def check_profile(self, result, path, folder):
        """A picture that carries the profile is done, whatever the profile is."""
        import numpy as np
        from PIL import Image
        with open(path, "rb") as file:
            profile = file.read()
        space = profile[16:20]
        mode = {b"GRAY": "L", b"CMYK": "CMYK"}.get(space, "RGB")
        shape = (16, 16) if mode == "L" else (16, 16, len(mode))
        picture = os.path.join(folder, "tagged.tif" if mode == "CMYK" else "tagged.png")
        Image.fromarray((np.arange(np.prod(shape)) % 251).astype("u1").reshape(shape), mode).save(picture, icc_profile=profile)
        tagged = os.path.join(folder, "tagged")
        for words in (["--recipe", os.path.join(os.path.dirname(os.path.abspath(__file__)), "empty.recipe")],
                      ["-f", "unsharp"]):
            ran = self.run(result, ["apply", *words, *self.words, "--existing", "replace", "-o", tagged + os.sep, picture],
                           picture)
            if ran.code != 0:
                result.fault("profile", f"a picture with it was refused: {ran.text.strip()[-160:]}")
        shutil.rmtree(tagged, ignore_errors=True)
