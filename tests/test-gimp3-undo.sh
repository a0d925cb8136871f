#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In GIMP 3, where it is here: one call of ours is one step of undo (tests/gimp/undo.py).
set -u
python=/usr/bin/python3
[ -x "$python" ] || python=python3
exec "$python" "$SOURCE/tests/gimp/undo.py" 3
