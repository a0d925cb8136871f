# SPDX-License-Identifier: GPL-3.0-or-later
# Debian packages, here or in a clean Debian; sourced by ./dev.
# shellcheck shell=sh

packages_deb='dpkg-dev debhelper build-essential git'
packages_suite='debootstrap git'

# deb [SUITE [DIR]] [--check]
deb () {
  suite='' place='' check='' keep=''
  for word in "$@"; do
    case $word in
      --check) check=yes ;;
      -*) fail "deb: no such option: $word" ;;
      *)
        if [ -z "$suite" ]; then
          suite=$word
        else
          place=$word keep=yes
        fi
        ;;
    esac
  done
  [ -z "$check" ] || [ -n "$suite" ] || fail "deb: --check needs a SUITE (bookworm, trixie): it is done in a Debian of its own"
  results=$source/out/packages/${suite:-here}
  rm -rf "$results"
  mkdir -p "$results"
  if [ -z "$suite" ]; then
    deb_here
  else
    deb_suite
  fi
  say "The packages are in ${results#"$source"/}:"
  (cd "$results" && ls -sh1 ./*.deb)
}

# The committed tree in DIR/imgenhance; a version that tells which Debian it is for, and is older than the next one's.
deb_source () {
  mkdir -p "$1/imgenhance"
  git archive HEAD | tar -x -C "$1/imgenhance"
  sed -i "1s/(\(.*\))/(\1$2)/" "$1/imgenhance/debian/changelog"
}

deb_here () {
  # shellcheck disable=SC2086
  need $packages_deb $packages_build $packages_formats $packages_faces
  # shellcheck disable=SC2086
  wish $packages_gimp_sdk
  place=$(mktemp -d)
  trap 'rm -rf "$place"' EXIT
  deb_source "$place" ''
  (cd "$place/imgenhance" && dpkg-buildpackage -b -us -uc) >"$place/log" 2>&1 || {
    tail -n 40 "$place/log" >&2
    fail "the packages could not be built"
  }
  cp "$place"/*.deb "$results"
}

# ---- In a Debian of its own -----------------------------------------------------------------------------------------

# inside FOLDER COMMAND...: in the Debian of $place/FOLDER.
inside () {
  folder=$1
  shift
  chroot "$place/$folder" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive "$@"
}

# step WHAT FOLDER COMMAND...: the same, into a log that is shown when it fails.
step () {
  what=$1
  shift
  say "$suite: $what"
  inside "$@" >"$place/log" 2>&1 || {
    tail -n 60 "$place/log" >&2
    fail "$suite: failed: $what"
  }
}

# A Debian with nothing in it, and copies of it: one to build in, one in which there is no compiler to install in.
deb_base () {
  [ ! -f "$place/base/ready" ] || return 0
  say "$suite: debootstrap"
  rm -rf "$place/base"
  debootstrap --variant=minbase "$suite" "$place/base" >"$place/log" 2>&1 || {
    tail -n 5 "$place/log" >&2
    fail "debootstrap failed"
  }
  printf '#!/bin/sh\nexit 101\n' >"$place/base/usr/sbin/policy-rc.d"
  chmod +x "$place/base/usr/sbin/policy-rc.d"
  printf 'APT::Install-Recommends "false";\nAcquire::Languages "none";\n' >"$place/base/etc/apt/apt.conf.d/90imgenhance"
  # Nobody needs these Debians after the power has failed.
  echo force-unsafe-io >"$place/base/etc/dpkg/dpkg.cfg.d/90imgenhance"
  step "lists of packages" base apt-get -q update
  : >"$place/base/ready"
}

# deb_copy FROM TO
deb_copy () {
  leave_one "$2"
  rm -rf --one-file-system "${place:?}/$2"
  cp -a "$place/$1" "$place/$2"
  mount -t proc proc "$place/$2/proc" 2>/dev/null || say "(no /proc inside: mount is not allowed here)"
}

# With compiler, lintian and what the build needs; kept with DIR as long as debian/control is the same.
deb_prepared () {
  wanted=$(git show HEAD:debian/control | sha256sum)
  [ "$(cat "$place/prepared.for" 2>/dev/null)" != "$wanted" ] || return 0
  deb_copy base prepared
  step "compiler and lintian" prepared apt-get -q -y install build-essential lintian ccache
  deb_source "$place/prepared/build" ''
  step "what the build needs" prepared apt-get -q -y build-dep /build/imgenhance
  rm -rf "$place/prepared/build/imgenhance"
  leave_one prepared
  printf '%s\n' "$wanted" >"$place/prepared.for"
}

# With CCACHE_DIR set, what the compiler made stays there for the next time.
deb_cache () {
  [ -n "${CCACHE_DIR:-}" ] || return 0
  mkdir -p "$CCACHE_DIR" "$place/build/ccache"
  mount --bind "$CCACHE_DIR" "$place/build/ccache"
}

deb_suite () {
  [ "$(id -u)" = 0 ] || fail "./dev deb $suite needs root, for chroot"
  # shellcheck disable=SC2086
  need $packages_suite
  [ -n "$place" ] || place=$(mktemp -d "${TMPDIR:-/var/tmp}/imgenhance-$suite.XXXXXX")
  mkdir -p "$place"
  place=$(cd "$place" && pwd)
  trap 'leave_suite' EXIT
  trap 'exit 130' INT TERM
  deb_base
  deb_prepared
  deb_copy prepared build
  debian=$(sed 's/\..*//; s/^[^0-9].*//' "$place/build/etc/debian_version")
  deb_source "$place/build/build" "~${debian:+deb}${debian:-$suite}"
  deb_cache
  step "build" build sh -c 'cd /build/imgenhance && PATH=$2$PATH CCACHE_DIR=/ccache \
    DEB_BUILD_OPTIONS="noautodbgsym parallel=$1" dpkg-buildpackage -b -us -uc' sh "${DEB_JOBS:-$(nproc)}" \
    "${CCACHE_DIR:+/usr/lib/ccache:}"
  say "$suite: lintian"
  inside build sh -c 'lintian --fail-on error --allow-root --display-info --pedantic /build/*.changes' 2>&1 |
    sed '/^N:/d; s/^/  /' >"$place/lintian"
  cat "$place/lintian"
  ! grep -q '^  E:' "$place/lintian" || fail "$suite: lintian has errors"
  cp "$place"/build/build/*.deb "$results"
  [ -z "$check" ] || deb_check
}

# Into a copy without compiler: installed, seen by GIMP, removed without a trace.
deb_check () {
  leave_one build
  deb_copy base check
  mkdir -p "$place/check/debs"
  cp "$results"/*.deb tests/tap.sh tests/packages/check.sh tests/packages/gimp2.scm tests/packages/gimp3.scm \
    data/samples/low-contrast.png "$place/check/debs"
  say "$suite: what is installed"
  inside check sh /debs/check.sh || fail "$suite: the packages do not do what they should"
}

leave_one () {
  for mounted in "$place/$1/ccache" "$place/$1/proc"; do
    # Lazily, where a program that was interrupted still has it open.
    ! grep -q " $mounted " /proc/mounts || umount "$mounted" 2>/dev/null || umount -l "$mounted"
  done
}

leave_suite () {
  for folder in base prepared build check; do
    leave_one "$folder"
  done
  [ -n "$keep" ] || rm -rf --one-file-system "$place"
}
