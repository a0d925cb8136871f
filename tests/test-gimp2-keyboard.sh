#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In GIMP 2.10, where it is here: every filter's dialog and the editor of recipes by the keyboard alone (tests/gimp/keyboard.py).
set -u
python=/usr/bin/python3
[ -x "$python" ] || python=python3
exec "$python" "$SOURCE/tests/gimp/keyboard.py" 2
