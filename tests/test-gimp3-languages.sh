#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In GIMP 3, where it is here: menus and scripts in the user's language (tests/gimp/languages.py).
set -u
python=/usr/bin/python3
[ -x "$python" ] || python=python3
exec "$python" "$SOURCE/tests/gimp/languages.py" 3
