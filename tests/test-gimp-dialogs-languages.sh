#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In the languages of po/LINGUAS (or of TEST_LANGUAGES), in GIMP 2.10 and in GIMP 3, whichever are here: no label of a filter's dialog is
# clipped, and every control has a name. TEST_KEEP is a folder for the pictures of the dialogs, to be looked at.
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/dialogs.sh"

languages=${TEST_LANGUAGES:-$(grep -v '^#' "$SOURCE/po/LINGUAS" | tr '\n' ' ')}
mkdir "$scratch/locale"
if ! localedef -i de_DE -f UTF-8 "$scratch/locale/de_DE.UTF-8" >/dev/null 2>&1; then
  skip "dialogs in other languages" "localedef makes no locale here (package locales)"
  finish
fi
for gimp in "2 2.10" "3 3"; do
  # shellcheck disable=SC2086 # two words
  begin_gimp $gimp || continue
  for language in $languages; do
    check_all "${gimp% *}" "$language"
  done
done
finish
