# SPDX-License-Identifier: GPL-3.0-or-later
"""The little that an oracle test needs to speak TAP: check() and skip() as tests go, done() at the end."""
import sys

_count = 0
_failed = 0


def check(condition, name, detail=""):
    """One test. detail (failing parameters, figures) is printed when it fails."""
    global _count, _failed
    _count += 1
    if condition:
        print(f"ok {_count} - {name}", flush=True)
    else:
        _failed += 1
        print(f"not ok {_count} - {name}", flush=True)
        if detail:
            print("# " + str(detail).replace("\n", "\n# "), flush=True)
    return bool(condition)


def skip(name, reason):
    """One test that cannot run here, and why."""
    global _count
    _count += 1
    print(f"ok {_count} - {name} # SKIP {reason}", flush=True)


def require(*modules):
    """Imports the modules, or ends the file with one skipped test that names what is absent."""
    import importlib
    found = []
    for module in modules:
        try:
            found.append(importlib.import_module(module))
        except ImportError:
            skip(sys.argv[0].rsplit("/", 1)[-1], f"Python module {module} is absent")
            done()
    return found


def done():
    print(f"1..{_count}", flush=True)
    sys.exit(1 if _failed else 0)
