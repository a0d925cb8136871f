#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In GIMP 3, where it is here: as test-gimp2.sh, and the operations of the GEGL module merged at full opacity beside the
# procedures. Where it is not, ./dev gimp SUITE makes a Debian that has it, and runs this there.
set -u
python=/usr/bin/python3
[ -x "$python" ] || python=python3
exec "$python" "$SOURCE/tests/gimp/procedures.py" 3
