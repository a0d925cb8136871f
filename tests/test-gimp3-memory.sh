#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In GIMP 3, where it is here: what a plug-in's process takes for 24 megapixels (tests/gimp/memory.py).
set -u
python=/usr/bin/python3
[ -x "$python" ] || python=python3
exec "$python" "$SOURCE/tests/gimp/memory.py" 3
