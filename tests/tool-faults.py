# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults at every call of a run: tool-faults.py IMGENHANCE FORMAT, in a scratch folder.

strace first shows every write, fsync, close and rename on the outputs, their temporary files, their folder and the
journal. Then the run is repeated with a fault at each of them, for each kind of fault, once into an empty folder and once
over old outputs. After each: every output is the old file or the new one, byte for byte; inputs are as before; nothing
else is left (after SIGKILL temporary files may be); exit code 0 only when all outputs are new. Then the same command
without a fault completes everything and sweeps what was left.

strace counts calls for each thread by itself, so a fault may strike another thread too: that is one more fault, and the
same must hold. Small pictures go before the one that is watched, so that the dynamic linker, which ends the program when
it cannot close a library, is over before.
"""
import collections
import concurrent.futures
import json
import os
import random
import re
import shutil
import subprocess
import sys

imgenhance, form = sys.argv[1], sys.argv[2]
EXTENSION = {"tiff": "tif", "png": "png", "jpeg": "jpg"}[form]
JOURNAL = ".imgenhance-journal.jsonl"
PART = ".imgenhance-part"
GROUPS = {
    "write": ("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "copy_file_range"),
    "fsync": ("fsync", "fdatasync", "sync_file_range", "msync"),
    "close": ("close",),
    "rename": ("rename", "renameat", "renameat2", "link", "linkat"),
}
CALLS = [call for group in GROUPS.values() for call in group]
FAULTS = ["error=ENOSPC", "error=EIO", "error=EDQUOT", "error=EROFS", "error=EINTR", "signal=SIGKILL"]
WARM = range(6, 60, 6)  # small pictures before the one that is watched, for close: as many as are needed
LINE = re.compile(r"^(\d+) +(\w+)\((.*)")
INPUTS = {}


def make_inputs(warm):
    chance = random.Random(1)
    for i in range(warm):
        INPUTS["w%02d" % i] = b"P6\n8 8\n255\n" + chance.randbytes(8 * 8 * 3)
    INPUTS["z"] = b"P6\n300 160\n255\n" + chance.randbytes(300 * 160 * 3)
    for name, data in INPUTS.items():
        os.makedirs("in/" + name, exist_ok=True)  # folders for the main thread to close
        with open(input_path(name), "wb") as file:
            file.write(data)


def input_path(name):
    return "in/%s/%s.ppm" % (name, name)


def output_path(out, name):
    return "%s/%s/%s.%s" % (out, name, name, EXTENSION)


def command(out, replace, program=()):
    return [*program, imgenhance, "apply", "-f", "levels gamma=1.5", "--jobs", "1", "--threads", "1", "--quiet",
            *(["--existing", "replace"] if replace else []), "--format", form, "-o", out + "/", "--recursive", "in"]


def strace(log, *more):
    return ["strace", "-f", "--seccomp-bpf", "-y", "-qq", "-o", log, "-e", "trace=" + ",".join(CALLS), *more]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def outputs(out):
    return {name: read(output_path(out, name)) for name in INPUTS if os.path.exists(output_path(out, name))}


def calls_of(log, out):
    """(thread, call, its number in the thread, what it works on, whether it is on the output side) in order."""
    counts, found = collections.Counter(), []
    for line in open(log, encoding="utf-8", errors="replace"):
        match = LINE.match(line)
        if not match:  # the second half of a call that was interrupted, or a signal
            continue
        thread, call, rest = match.groups()
        counts[thread, call] += 1
        found.append((thread, call, counts[thread, call], rest, "/%s>" % out in rest or "/%s/" % out in rest))
    return found


def sites(over, closes):
    """What strace sees of the watched picture and of the end of a run that nothing disturbs; None: it meets the linker."""
    shutil.rmtree("seen", ignore_errors=True)
    make_old("seen", over)
    subprocess.run(command("seen", over, strace("seen.log")), check=True)
    found = calls_of("seen.log", "seen")
    # From the first call on the watched picture's temporary file on, with the closing of the journal.
    first = next(i for i, call in enumerate(found) if "/.z." in call[3])
    chosen = [call for call in found[first:] if call[4]]
    # What the dynamic linker closes.
    linker = collections.Counter()
    for thread, call, number, rest, _ in found:
        if call == "close" and re.search(r"<(/usr)?/lib|<(/usr)?/etc/ld", rest):
            linker[call] = max(linker[call], number)
    meets = any(call == "close" and number <= linker[call] for _, call, number, _, _ in chosen)
    return chosen if not meets or not closes else None


def make_old(out, over):
    """The folder of the outputs, with old ones or empty; what is in it."""
    os.mkdir(out)
    old = {name: b"an old file, " + name.encode() * 50 for name in INPUTS} if over else {}
    for name, data in old.items():
        os.mkdir("%s/%s" % (out, name))
        with open(output_path(out, name), "wb") as file:
            file.write(data)
    return old


def check(out, old, new, code, killed):
    for name, data in INPUTS.items():
        if read(input_path(name)) != data:
            return "input %s changed" % name
    have = outputs(out)
    for name in INPUTS:
        if have.get(name) not in (old.get(name), new[name]):
            return "output %s is neither old nor new: %d bytes" % (name, len(have.get(name, b"")))
    left = {os.path.join(folder, name) for folder, _, names in os.walk(out) for name in names}
    left -= {output_path(out, name) for name in INPUTS} | {"%s/%s" % (out, JOURNAL)}
    if left and not (killed and all(name.endswith(PART) for name in left)):
        return "left: %s" % left
    if code == 0 and have != new:
        return "exit code 0, and not all outputs are new"
    return None


def check_journal(out, new):
    done = set()
    for line in read("%s/%s" % (out, JOURNAL)).decode().splitlines(True):
        entry = json.loads(line)
        if not line.endswith("\n"):
            return "the journal ends within a line"
        if entry["status"] == "done":
            done.add(os.path.basename(entry["output"]).split(".")[0])
    return None if done == set(new) else "the journal knows %s" % sorted(done)


def trial(number, call, at, fault, over, new):
    """One run with one fault; what was violated, or None, and whether the fault struck the output side."""
    out, log = "out-%d" % number, "log-%d" % number
    old = make_old(out, over)
    inject = "inject=%s:%s:when=%d" % (call, fault, at)
    result = subprocess.run(command(out, over, strace(log, "-e", inject)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    killed = "SIGKILL" in fault
    struck = killed or any(line.endswith("(INJECTED)") and "/" + out in line
                           for line in read(log).decode(errors="replace").splitlines())
    wrong = check(out, old, new, result.returncode, killed)
    if not wrong:
        after = subprocess.run(command(out, over), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        wrong = check(out, new, new, after.returncode, False) or check_journal(out, new)
        if after.returncode or after.stdout:
            wrong = "continuing gave exit code %d: %s" % (after.returncode, after.stdout.decode())
    if wrong:
        wrong = "%s, %s outputs: %s\n# said: %s" % (inject, "over old" if over else "new", wrong, result.stdout.decode())
    else:
        shutil.rmtree(out)
        os.remove(log)
    return wrong, struck


def watch(groups, over, warm):
    """The calls of these groups, and the trials that they ask for; None when they meet the linker."""
    shutil.rmtree("in", ignore_errors=True)
    INPUTS.clear()
    make_inputs(warm)
    found = sites(over, "close" in groups)
    if found is None:
        return None
    wanted = [call for group in groups for call in GROUPS[group]]
    found = [call for call in found if call[1] in wanted]
    points = sorted({(call, number) for _, call, number, _, _ in found})
    return found, [(call, at, fault, over, outputs("seen")) for call, at in points for fault in FAULTS]


def main():
    counts, seen, struck, violations = collections.Counter(), 0, 0, []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for groups, pictures in ((("write", "fsync", "rename"), [0]), (("close",), WARM)):
            for over in (False, True):
                watched = next(filter(None, (watch(groups, over, warm) for warm in pictures)), None)
                if not watched:
                    sys.exit("every run meets the dynamic linker")
                found, plan = watched
                for group in groups:
                    counts[group] += sum(call in GROUPS[group] for _, call, _, _, _ in found)
                results = list(pool.map(lambda item: trial(seen + item[0], *item[1]), enumerate(plan)))
                seen += len(plan)
                struck += sum(hit for _, hit in results)
                violations += [text for text, _ in results if text]
    print("%s: %d call sites into an empty folder and over old files (%s), %d faults, %d seen to strike, %d violations" % (
        form, sum(counts.values()), ", ".join("%d %s" % (counts[group], group) for group in GROUPS), seen, struck,
        len(violations)))
    if min(counts[group] for group in GROUPS) == 0:
        sys.exit("a kind of call was not seen at all")
    if struck < seen * 0.98:
        sys.exit("too few faults struck: the numbers of calls are not those of the run before")
    if violations:
        sys.exit("\n".join(violations[:10]))


main()
