# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills a batch again and again: tool-kill.py IMGENHANCE JOBS PICTURES KILLS, in an empty or scratch folder.

The same pictures are done once undisturbed, and once with SIGKILL at random moments, each time continued by the same
command. Outputs must be equal byte for byte, the journals must say the same, nothing may be done twice or left behind.
"""
import json
import os
import random
import signal
import subprocess
import sys
import time

imgenhance, jobs, count, kills = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
place = "kill-" + jobs
seed = int(os.environ.get("KILL_SEED", time.time_ns() % 1000000))
chance = random.Random(seed)
JOURNAL = ".imgenhance-journal.jsonl"


def make_pictures():
    os.makedirs(place + "/in")
    for i in range(count):
        width, height = chance.randint(40, 240), chance.randint(40, 240)
        with open("%s/in/%03d.ppm" % (place, i), "wb") as file:
            file.write(b"P6\n%d %d\n255\n" % (width, height) + chance.randbytes(width * height * 3))


def command(out):
    # Each number of jobs with another format: they write in different ways.
    return [imgenhance, "apply", "-f", "levels gamma=1.5", "-f", "median radius=" + {"1": "2", "2": "20", "4": "20"}[jobs], "--jobs", jobs, "--threads", "1", "-r",
            "--format", {"1": "png", "2": "tiff", "4": "jpeg"}[jobs], "--quiet", "-o", place + "/" + out, place + "/in"]


def run(out):
    result = subprocess.run(command(out), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode or result.stdout:
        sys.exit("exit code %d: %s" % (result.returncode, result.stdout.decode()))


def lines(out):
    with open("%s/%s/%s" % (place, out, JOURNAL), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def done(out):
    """What the journal says is done, by output, and how many lines said so."""
    found = [line for line in lines(out) if line["status"] == "done"]
    keys = ("input", "recipe", "options", "pictures", "input_hash", "output_hash", "output_size")
    return {os.path.basename(line["output"]): tuple(line[key] for key in keys) for line in found}, len(found)


def files(out):
    """Names and bytes; the journal is compared by itself."""
    folder = "%s/%s" % (place, out)
    return {name: open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder) if name != JOURNAL}


def journal_size():
    try:
        return os.stat("%s/killed/%s" % (place, JOURNAL)).st_size
    except FileNotFoundError:
        return 0


def kill_some(seconds, start):
    """Most runs get as far as the journal's next line, however slow the machine is at the moment, before chance begins."""
    killed = 0
    for number in range(kills):
        size = journal_size()
        process = subprocess.Popen(command("killed"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while number % 5 and process.poll() is None and journal_size() == size:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 2 * (seconds - start) / (kills + 2)))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    return killed


make_pictures()
begun = time.monotonic()
run("whole")
seconds = time.monotonic() - begun
begun = time.monotonic()
run("whole")  # nothing is left to do: what a start takes
killed = kill_some(seconds, time.monotonic() - begun)
parts = sum(name.endswith("imgenhance-part") for name in os.listdir(place + "/killed"))
before = done("killed")[1]
run("killed")
whole, whole_lines = done("whole")
again, again_lines = done("killed")
adopted = sum(line["reason"] == "finished by an earlier run" for line in lines("killed"))
print("seed %d: %d kills, %d of them at work (undisturbed %.1f s); %d done before the last run, %d left temporary files, "
      "%d were finished and not said" % (seed, kills, killed, seconds, before, parts, adopted))
print("%d outputs, %d lines done, undisturbed %d and %d" % (len(again), again_lines, len(whole), whole_lines))
if len(whole) != count or whole_lines != count or again_lines != count or again != whole:
    sys.exit("the journals differ")
if files("whole") != files("killed"):
    sys.exit("the outputs differ, or something is left: %s" % (set(files("whole")) ^ set(files("killed"))))
if killed < kills // 2 or before < kills // 2:
    sys.exit("%d kills came in time, and %d pictures were done between them: too few to say anything" % (killed, before))
stamps = {name: os.stat("%s/killed/%s" % (place, name)) for name in files("killed")}
run("killed")
if any(os.stat("%s/killed/%s" % (place, name)).st_ino != stamp.st_ino for name, stamp in stamps.items()):
    sys.exit("something was done twice")
