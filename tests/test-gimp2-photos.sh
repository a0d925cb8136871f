#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In GIMP 2.10, where it is here: the pipelines of plugins/scripts on the photographs of ../shared (tests/gimp/photos.py).
set -u
python=/usr/bin/python3
[ -x "$python" ] || python=python3
exec "$python" "$SOURCE/tests/gimp/photos.py" 2
