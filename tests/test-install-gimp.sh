#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# ./dev install gimp: what belongs into GIMP goes where the GIMPs found look, and comes out again; a Flatpak is explained. GIMPs
# are played by scripts that say a version; where the real 2.10 is, it shows that it has taken the filters.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/gimps.sh"

major=
for one in 2 3; do
  [ ! -x "$BUILD/plugins/imgenhance-gimp$one" ] || major=$one
done
if [ -z "$major" ]; then
  skip "./dev install gimp" "no plug-in was built (libgimp2.0-dev, libgimp-3.0-dev)"
  finish
fi
case $major in
  2) version=2.10.34 series=2.10 ;;
  *) version=3.0.4 series=3.0 ;;
esac

# dev WORDS...: as a user in whose PATH are the scripts alone.
dev () {
  PATH=$scratch/bin IMGENHANCE_BUILD=$BUILD /bin/sh "$SOURCE/dev" "$@" >"$scratch/said" 2>&1
  status=$?
  cat "$scratch/said"
  return $status
}

plug_in=$XDG_CONFIG_HOME/GIMP/$series/plug-ins/imgenhance-gimp$major/imgenhance-gimp$major
module=$XDG_DATA_HOME/gegl-0.4/plug-ins/imgenhance-gegl.so

no_gimp () {
  ! dev install gimp && grep -q 'there is no GIMP here' "$scratch/said" && nothing_there
}
nothing_there () {
  left=$(find "$HOME" -type f; find "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" -mindepth 1 2>/dev/null)
  [ -z "$left" ] || { echo "left: $left"; return 1; }
}
flatpak_alone () {
  flatpak_gimp 3.0.4
  ! dev install gimp && [ "$(grep -c 'is a Flatpak' "$scratch/said")" = 1 ] &&
    grep -q 'apt install gimp' "$scratch/said" && nothing_there
}
installs () {
  dev install gimp && [ -x "$plug_in" ] && cmp "$plug_in" "$BUILD/plugins/imgenhance-gimp$major" &&
    cmp "$module" "$BUILD/plugins/imgenhance-gegl.so"
}
with_flatpak () {
  flatpak_gimp 3.0.4
  installs && grep -q 'is a Flatpak' "$scratch/said" && rm "$scratch/bin/flatpak"
}
own_folder () {
  eval "GIMP${major}_DIRECTORY=$scratch/own; export GIMP${major}_DIRECTORY"
  dev install gimp && [ -x "$scratch/own/plug-ins/imgenhance-gimp$major/imgenhance-gimp$major" ] && [ ! -e "$plug_in" ] &&
    dev uninstall gimp && [ ! -e "$scratch/own" ]
  status=$?
  unset "GIMP${major}_DIRECTORY"
  return $status
}
keeps_others () {
  mkdir -p "$XDG_CONFIG_HOME/GIMP/$series/plug-ins/other"
  echo other >"$XDG_CONFIG_HOME/GIMP/$series/plug-ins/other/other"
  installs && dev uninstall gimp && [ ! -e "$plug_in" ] && [ ! -e "$module" ] &&
    [ "$(find "$HOME" "$XDG_CONFIG_HOME" "$XDG_DATA_HOME" -type f)" = "$XDG_CONFIG_HOME/GIMP/$series/plug-ins/other/other" ] &&
    rm -r "${XDG_CONFIG_HOME:?}/GIMP"
}
leaves_nothing () {
  dev uninstall gimp && nothing_there
}

check "no GIMP: an error that says so" no_gimp
check "a Flatpak alone is explained, and nothing is put anywhere" flatpak_alone
rm "$scratch/bin/flatpak"
gimp_program gimp "$version"
check "plug-in and module are where GIMP $series looks" installs
check "again: the same" installs
check "beside a Flatpak: the same, and one line about it" with_flatpak
check "uninstall leaves nothing, not even an empty folder" leaves_nothing
check "uninstall of nothing is no error" dev uninstall gimp
check "a folder that GIMP${major}_DIRECTORY names" own_folder
check "other plug-ins stay" keeps_others

if [ "$major" != 2 ] || [ ! -x /usr/bin/gimp-console-2.10 ]; then
  skip "the real GIMP 2.10" "it is not here"
  finish
fi
real () {
  rm "$scratch/bin/gimp"
  ln -s /usr/bin/gimp-console-2.10 "$scratch/bin/gimp-console-2.10"
  dev install gimp || return 1
  # A folder of GIMP's that others made lacks what GIMP itself would put there.
  for folder in brushes dynamics gradients palettes patterns tool-presets; do
    mkdir -p "$XDG_CONFIG_HOME/GIMP/2.10/$folder"
  done
  timeout 200 gimp-console-2.10 -i -d -f -b '(gimp-quit 1)' >"$scratch/gimp" 2>&1
  PATH=$scratch/bin "$IMGENHANCE" doctor gimp >"$scratch/said" && grep -q 'has the filters as procedures and' "$scratch/said"
}
check "the real GIMP 2.10 takes all filters from there, and doctor sees it" real
check "uninstall takes them away" dev uninstall gimp
finish
