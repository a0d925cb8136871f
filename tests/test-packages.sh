#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A library that the build takes is named in two places for Debian: in ./dev, and in debian/control. They say the same. What the
# packages hold and do is looked at where they are built and installed: ./dev deb SUITE --check.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The libraries of the lists of ./dev, in the file $1; the first of "a|b".
of_dev () {
  awk "/^packages_(build|formats|faces)=/ { on = 1 } on { print } /'\$/ { on = 0 }" "$1" | sed 's/^[a-z_]*=//' | tr -d "'" |
    tr -s ' ' '\n' | sed 's/|.*//' | grep -e '-dev$' | grep -v -e '^libc6-dev$' | sort
}
# Those that debian/control, in the file $1, builds with; GIMP's own SDKs are ./dev's packages_gimp_sdk.
of_control () {
  sed -n '/^Build-Depends:/,/^[^ ]*:/p' "$1" | sed -n 's/^ \([^ ,]*\).*/\1/p' | grep -e '-dev$' | grep -v -e '^libgimp' | sort
}
same () {
  of_dev "$1" >"$scratch/dev"
  of_control "$SOURCE/debian/control" >"$scratch/control"
  [ "$(wc -l <"$scratch/dev")" -gt 10 ] && diff "$scratch/dev" "$scratch/control"
}
# What stands in libimgenhance.pc must be there with the headers, or pkg-config finds nothing: in a package that
# libimgenhance-dev depends on, or that such a package brings, as libglib2.0-dev of Debian 13 does with glib-2.0.pc.
of_library () {
  sed -n '/^Package: libimgenhance-dev/,/^Description:/p' "$SOURCE/debian/control" |
    sed -n 's/^ \([a-z0-9.+-]*\)\( (.*)\)*,$/\1/p' >"$scratch/named"
  xargs dpkg-query -W -f='${Depends}\n' <"$scratch/named" 2>/dev/null | tr ',|' '\n\n' | sed 's/^ *//; s/[ :(].*//' |
    sort -u - "$scratch/named" >"$scratch/brought"
  for name in $(sed -n 's/^Requires[a-z.]*: *//p' "$(find "$BUILD" -name libimgenhance.pc | head -n 1)" | tr ',' '\n' | sed 's/^ *//; s/ .*//'); do
    file=$(find /usr/lib /usr/share -name "$name.pc" 2>/dev/null | head -n 1)
    package=$(dpkg-query -S "${file:-/nowhere}" 2>/dev/null | sed 's/:.*//')
    { [ -n "$package" ] && grep -qxF -e "$package" "$scratch/brought"; } || { echo "$name: $package"; missing=yes; }
  done
  [ -z "${missing:-}" ]
}
fails () {
  sed 's/ libxxhash-dev / /' "$SOURCE/dev" >"$scratch/changed"
  ! same "$scratch/changed"
}

check "./dev and debian/control name the same libraries" same "$SOURCE/dev"
check "one that is in one of them is found" fails
if command -v dpkg-query >/dev/null 2>&1; then
  check "libimgenhance-dev brings what libimgenhance.pc names" of_library
else
  skip "libimgenhance-dev brings what libimgenhance.pc names" "this is not Debian"
fi
finish
