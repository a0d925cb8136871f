#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What software centres are told: valid, of this version, and true of what is installed.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
version=$("$IMGENHANCE" --version | sed 's/.* //')

# The project has no home page yet; older versions of appstreamcli do not know that complaint.
valid () {
  appstreamcli validate --no-net "$1" || appstreamcli validate --no-net --override=url-homepage-missing=info "$1"
}

for file in "$SOURCE"/data/*.metainfo.xml; do
  name=$(basename "$file" .metainfo.xml)
  of_this_version () {
    grep -q "<release version=\"$version\"" "$file"
  }
  named_by_id () {
    grep -q "<id>$name</id>" "$file"
  }
  check "$name: its newest release is $version" of_this_version
  check "$name: the file has the name of its id" named_by_id
  if command -v appstreamcli >/dev/null 2>&1; then
    check "$name: appstreamcli finds it valid" valid "$file"
  else
    skip "$name: appstreamcli finds it valid" "there is no appstreamcli (package appstream)"
  fi
done
debian () {
  sed -n '1s/.*(\(.*\)).*/\1/p' "$SOURCE/debian/changelog" | grep -Fx "$version"
}
check "the newest entry of debian/changelog is $version" debian
formats_named () {
  for label in $("$IMGENHANCE" doctor formats --json | tr '}' '\n' | sed -n 's/.*"label": "\([A-Z]*\)".*/\1/p'); do
    grep -q -w "$label" "$SOURCE/data/org.imgenhance.imgenhance.metainfo.xml" || { [ "$label" = PAM ] || { echo "$label"; return 1; }; }
  done
}
check "the formats it names are those that there are" formats_named
finish
