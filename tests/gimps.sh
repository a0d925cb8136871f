# SPDX-License-Identifier: GPL-3.0-or-later
# GIMPs that are none: scripts that say a version, in a PATH of their own; sourced after tests/tap.sh. Leaves a scratch folder and
# a HOME in it.
# shellcheck shell=sh disable=SC2329,SC2317 # functions are called through check
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/bin" "$scratch/home"
HOME=$scratch/home XDG_CONFIG_HOME=$scratch/config XDG_DATA_HOME=$scratch/data XDG_CACHE_HOME=$scratch/cache
export HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
unset GIMP2_DIRECTORY GIMP3_DIRECTORY GEGL_PATH

script () {
  cat >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}

# gimp_program NAME VERSION
gimp_program () {
  script "$1" <<END
#!/bin/sh
[ "\$1" = --version ] && echo "GNU Image Manipulation Program version $2"
END
}

# flatpak_gimp VERSION: a flatpak that has GIMP.
flatpak_gimp () {
  script flatpak <<END
#!/bin/sh
[ "\$1 \$2" = "info org.gimp.GIMP" ] || exit 1
echo
echo "GNU Image Manipulation Program - Create images and edit photographs"
echo
echo "          ID: org.gimp.GIMP"
echo "     Version: $1"
END
}
