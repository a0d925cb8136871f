#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In GIMP 2.10, where it is here: recipes, batches and the scripts give what the command gives (tests/gimp/recipes.py).
set -u
python=/usr/bin/python3
[ -x "$python" ] || python=python3
exec "$python" "$SOURCE/tests/gimp/recipes.py" 2
