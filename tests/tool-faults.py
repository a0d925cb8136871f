# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults at every call of a run: tool-faults.py IMGENHANCE FORMAT, in a scratch folder.

strace first shows every write, fsync, close and rename on the outputs, their temporary files, their folder and the
journal: the call sites. A site is a call, the file that it works on, and which of such calls in a run it is. Then the run
is repeated with a fault, for each site and each kind of fault, once into an empty folder and once over old outputs. After
each: every output is the old file or the new one, byte for byte; inputs are as before; nothing else is left (after SIGKILL
temporary files may be); exit code 0 only when all outputs are new. Then the same command without a fault completes
everything and sweeps what was left.

strace is told a number: the fault strikes that call of each thread. Threads race, so a run need not have the numbers of
the run before, and the fault may strike another site (the same must hold then). What it struck is read from the log of the
very run, and a site is done only when that log shows it struck: until then the run is repeated, with the number that the
site had last. A site that is never struck by one of the faults is a failure of the test, save one kind: before the last fsync
and some closes SIGKILL cannot be aimed, since another thread makes its call of that number first. Neither changes a byte
that a later run sees, so that such a kill leaves what the kill before the next write or rename, or none, leaves. They are
counted apart.

Where another thread, or the dynamic linker, which ends the program when it cannot close a library, has made a call of the
same number before, small pictures go before the one that is watched: as many as make the numbers differ.
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
WARM = range(0, 60, 6)  # small pictures before the one that is watched: as many as are needed
ATTEMPTS = 40  # runs for one site and one fault
AIMS = 4  # runs for a kill that changes nothing
LINE = re.compile(r"^(\d+) +(\w+)\((.*)")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)")
KILLED = re.compile(r"^(\d+) +\+\+\+ killed by SIGKILL")
PLACE = re.compile(r"<([^<>]*)>")
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


def strace(log, fault=None):
    inject = ["-e", "inject=%s:%s:when=%d" % fault] if fault else []
    # With its filter strace 6.1 injects errors, but no signals.
    filtered = [] if fault and "signal" in fault[1] else ["--seccomp-bpf"]
    return ["strace", "-f", *filtered, "-y", "-qq", "-o", log, "-e", "trace=" + ",".join(CALLS), *inject]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def outputs(out):
    return {name: read(output_path(out, name)) for name in INPUTS if os.path.exists(output_path(out, name))}


class Call:
    """A call in the log of a run: `number` counts the calls of this name in its thread, as strace does; `site` says which
    call on the output side it is, None elsewhere."""

    def __init__(self, thread, name, number, rest):
        self.thread, self.name, self.number, self.rest = thread, name, number, rest
        self.site, self.killed = None, False

    def struck_by(self, fault):
        if "SIGKILL" in fault:
            return self.killed and self.rest.endswith(("= ?", "<unfinished ...>"))
        return self.rest.endswith("(INJECTED)")


def calls_of(log, out):
    """The calls of a run in order."""
    counts, found, last = collections.Counter(), [], {}
    for line in read(log).decode(errors="replace").splitlines():
        begun, resumed, killed = LINE.match(line), RESUMED.match(line), KILLED.match(line)
        if begun:
            thread, name, rest = begun.groups()
            counts[thread, name] += 1
            last[thread] = Call(thread, name, counts[thread, name], rest)
            found.append(last[thread])
        elif resumed:
            last[resumed.group(1)].rest += resumed.group(3)
        elif killed and killed.group(1) in last:
            last[killed.group(1)].killed = True
    order, watched = collections.Counter(), False
    for call in found:
        if not watched and "/.z." in call.rest:  # from here on it does not matter what went before
            order, watched = collections.Counter(), True
        place = PLACE.search(call.rest)
        if not place or not re.search("/%s(/|$)" % out, place.group(1)):
            continue
        # The temporary file's name has letters by chance.
        place = re.sub(r"\.[^./]{6}" + re.escape(PART), PART, place.group(1).split("/" + out, 1)[1])
        order[call.name, place] += 1
        call.site = (call.name, place, order[call.name, place], "watched" if watched else "before")
    return found


def undisturbed(over, warm):
    """The calls of a run that nothing disturbs, with so many small pictures before the watched one."""
    shutil.rmtree("in", ignore_errors=True)
    shutil.rmtree("seen", ignore_errors=True)
    INPUTS.clear()
    make_inputs(warm)
    make_old("seen", over)
    subprocess.run(command("seen", over, strace("seen.log")), check=True)
    return calls_of("seen.log", "seen")


def aimable(calls):
    """The numbers of the sites whose number no other thread had before."""
    linker = max((call.number for call in calls if call.name == "close" and
                  re.search(r"<(/usr)?/lib|<(/usr)?/etc/ld", call.rest)), default=0)
    found, before = {}, set()
    for call in calls:
        if call.site and (call.name, call.number) not in before and (call.name != "close" or call.number > linker):
            found[call.site] = call.number
        before.add((call.name, call.number))
    return found


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
    """One run with one fault: what was violated, or None; the sites that were struck; the number of each site."""
    out, log = "out-%d" % number, "log-%d" % number
    old = make_old(out, over)
    result = subprocess.run(command(out, over, strace(log, (call, fault, at))), stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    calls = calls_of(log, out)
    struck = {made.site for made in calls if made.site and made.name == call and made.number == at
              and made.struck_by(fault)}
    wrong = check(out, old, new, result.returncode, "SIGKILL" in fault)
    if not wrong:
        after = subprocess.run(command(out, over), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        wrong = check(out, new, new, after.returncode, False) or check_journal(out, new)
        if after.returncode or after.stdout:
            wrong = "continuing gave exit code %d: %s" % (after.returncode, after.stdout.decode())
    if wrong:
        wrong = "%s of %s %d, %s outputs: %s\n# said: %s" % (fault, call, at, "over old" if over else "new", wrong,
                                                            result.stdout.decode())
    else:
        shutil.rmtree(out)
        os.remove(log)
    return wrong, struck, {made.site: made.number for made in calls if made.site}


class Hunt:
    """Strikes each site with each fault."""

    def __init__(self, pool):
        self.pool, self.runs, self.aimless, self.violations, self.missed = pool, 0, 0, [], []
        self.sites, self.struck = collections.Counter(), collections.Counter()

    def strike(self, where, over):
        """Strikes the sites, whose numbers are given, with the inputs that are there."""
        new = outputs("seen")
        missing = {(site, fault) for site in where for fault in FAULTS}
        for attempt in range(ATTEMPTS):
            if attempt == AIMS:
                aimless = {(site, fault) for site, fault in missing
                           if "SIGKILL" in fault and site[0] in GROUPS["fsync"] + GROUPS["close"]}
                self.aimless += len(aimless)
                missing -= aimless
            # A run strikes all that has its number.
            todo = sorted({(site[0], where[site], fault) for site, fault in missing})
            if not todo:
                break
            results = list(self.pool.map(lambda item: trial(self.runs + item[0], *item[1], over, new), enumerate(todo)))
            self.runs += len(todo)
            for (_, _, fault), (wrong, struck, numbers) in zip(todo, results):
                self.violations += [wrong] if wrong else []
                for site in struck:
                    self.struck[fault] += (site, fault) in missing
                    missing.discard((site, fault))
                if attempt > 0:
                    where.update({site: number for site, number in numbers.items() if site in where})
        self.missed += ["%s: %s" % pair for pair in sorted(missing, key=str)]

    def strike_all(self, over):
        # What the main thread closes before the first picture comes too soon after the linker.
        numbers = {call.site: call.number for call in undisturbed(over, 0)
                   if call.site and (call.name != "close" or call.site[3] == "watched")}
        for group in GROUPS:
            self.sites[group] += sum(site[0] in GROUPS[group] for site in numbers)
        left = set(numbers)
        for warm in WARM:
            found = aimable(undisturbed(over, warm)) if left else {}
            if left & set(found):
                self.strike({site: found[site] for site in left & set(found)}, over)
            left -= set(found)
        undisturbed(over, 0)
        self.strike({site: numbers[site] for site in left}, over)


def main():
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        hunt = Hunt(pool)
        for over in (False, True):
            hunt.strike_all(over)
    total = sum(hunt.sites.values())
    print("%s: %d call sites into an empty folder and over old files (%s), %d of %d faults struck (%s), %d kills that "
          "change nothing not aimed, %d runs, %d violations" % (
              form, total, ", ".join("%d %s" % (hunt.sites[group], group) for group in GROUPS),
              sum(hunt.struck.values()), total * len(FAULTS),
              ", ".join("%d %s" % (hunt.struck[fault], fault.split("=")[1]) for fault in FAULTS), hunt.aimless,
              hunt.runs, len(hunt.violations)))
    if min(hunt.sites[group] for group in GROUPS) == 0:
        sys.exit("a kind of call was not seen at all")
    if hunt.violations or hunt.missed:
        sys.exit("\n".join(hunt.violations[:10] + ["never struck: " + pair for pair in hunt.missed[:10]]))


main()
