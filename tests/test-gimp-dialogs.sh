#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The dialogs, in GIMP 2.10 and in GIMP 3, whichever are here, on a screen of their own: every filter's opens, its preview becomes exact,
# no label is clipped, every control has a name for a screen reader, and OK gives what the command gives. By the keyboard alone:
# tests/test-gimp?-keyboard.sh. TEST_KEEP is a folder for the pictures of the dialogs, to be looked at.
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/dialogs.sh"

for gimp in "2 2.10" "3 3"; do
  # shellcheck disable=SC2086 # two words
  begin_gimp $gimp || continue
  check_all "${gimp% *}" en
done
finish
