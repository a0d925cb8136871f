#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In GIMP 3, where it is here: the window of a batch by the keyboard alone, on all photographs of ../shared (tests/gimp/batch-window.py).
set -u
python=/usr/bin/python3
[ -x "$python" ] || python=python3
exec "$python" "$SOURCE/tests/gimp/batch-window.py" 3
