#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In GIMP 2.10, where it is here: every filter of the registry as a procedure gives what the command gives, in every precision,
# gray and RGB, with alpha and through a selection; what is no plain layer, what is wrong, and a plug-in that is killed: the
# right result or a clear message (tests/gimp/).
set -u
python=/usr/bin/python3
[ -x "$python" ] || python=python3
exec "$python" "$SOURCE/tests/gimp/procedures.py" 2
