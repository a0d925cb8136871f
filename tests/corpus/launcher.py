# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs commands under limits and measures them.

The peak of a process is at least that of the process it was started from (Linux counts what exec leaves behind), so commands
are started by a process of their own that loads nothing: this file is the module that a test imports, and that process too.
"""
import json
import os
import select
import subprocess
import sys
import threading
import time

# Core files off, processor time, address space (0: no limit, as sanitizers need terabytes), size of a file.
LIMITS = 'ulimit -c 0; ulimit -t "$1"; [ "$2" = 0 ] || ulimit -v "$2"; ulimit -f "$3"; shift 3; exec "$@"'
BLOCK = 512
KIB = 1024
LARGEST_FILE = 64 << 30


class Ran:
    """What a command did: code (negative: the signal that ended it), text (its standard error), seconds, peak (bytes, of the
    largest of its processes), late (it was ended by us)."""

    def __init__(self, answer):
        self.code, self.text, self.out = answer["code"], answer["text"], answer["out"]
        self.seconds, self.peak, self.late = answer["seconds"], answer["peak"], answer["late"]


class Launcher:
    """One small process that runs one command at a time. Not to be shared between threads."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-S", "-E", os.path.abspath(__file__)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def run(self, words, seconds, space=0, environment=None):
        """Runs the command; ended after so many seconds of the clock. space: bytes of address space, 0 for no limit."""
        order = {"words": words, "seconds": seconds, "space": space, "environment": environment or {}}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the launcher ended")
        return Ran(json.loads(answer))

    def close(self):
        self.process.stdin.close()
        self.process.wait()


_own = threading.local()


def launcher():
    """The launcher of this thread."""
    if not hasattr(_own, "launcher"):
        _own.launcher = Launcher()
    return _own.launcher


def _read(fd, most=1 << 20):
    os.lseek(fd, 0, os.SEEK_SET)
    return os.read(fd, most).decode("utf-8", "replace")


def _run(order):
    said = os.memfd_create("stderr")
    printed = os.memfd_create("stdout")
    words = ["/bin/sh", "-c", LIMITS, "sh", str(int(order["seconds"]) * 4 + 5), str(order["space"] // KIB),
             str(LARGEST_FILE // BLOCK)] + order["words"]
    environment = dict(os.environ, **order["environment"])
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            null = os.open(os.devnull, os.O_RDONLY)
            for fd, source in ((0, null), (1, printed), (2, said)):
                os.dup2(source, fd)
            os.execve("/bin/sh", words, environment)
        finally:
            os._exit(126)
    late = False
    ended = os.pidfd_open(pid)
    if not select.select([ended], [], [], order["seconds"])[0]:
        late = True
        os.killpg(pid, 9)
    status, usage = os.wait4(pid, 0)[1:]
    seconds = time.monotonic() - began
    answer = {"code": os.waitstatus_to_exitcode(status), "text": _read(said), "out": _read(printed), "seconds": seconds,
              "peak": usage.ru_maxrss * KIB, "late": late}
    for fd in (said, printed, ended):
        os.close(fd)
    return answer


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)
