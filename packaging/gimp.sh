# SPDX-License-Identifier: GPL-3.0-or-later
# Plug-ins and operations into the folders of this user's GIMP, and out again; sourced by ./dev. Which GIMPs there are and where
# they look, `imgenhance doctor` knows (cli/gimp.c); what belongs into GIMP, meson.build says by the tag gimp.
# shellcheck shell=sh

installed_list=${XDG_DATA_HOME:-${HOME:-}/.local/share}/imgenhance/installed-in-gimp

# The GIMPs found, a line each: version, kind, command, folder of plug-ins, folder of modules, with tabs between.
gimps () {
  PATH=$callers_path "$build/cli/imgenhance" doctor --folders
}

# put FILE PLACE: by a new name first, since a GIMP that runs may have the old file in its memory. Notes what was made.
put () {
  folder=$(dirname "$2")
  made=$folder
  while [ ! -d "$made" ]; do
    printf 'folder\t%s\n' "$made" >>"$installed_list"
    made=$(dirname "$made")
  done
  mkdir -p "$folder"
  cp "$1" "$2.new"
  mv -f "$2.new" "$2"
  printf 'file\t%s\n' "$2" >>"$installed_list"
}

# put_all MAJOR PLUG-INS MODULES: what was staged for that GIMP. PREFIX/gimp/2.0/WHAT goes into the user's folder as WHAT.
put_all () {
  (cd "$stage" && find . -type f) >"$stage.list"
  while IFS= read -r file; do
    case $file in
      */gimp/"$1".0/*) put "$stage/$file" "${2%/plug-ins}/${file##*/gimp/"$1".0/}" ;;
      */gimp-imgenhance/*)
        put "$stage/$file" "${XDG_DATA_HOME:-$HOME/.local/share}/gimp-imgenhance/${file##*/gimp-imgenhance/}"
        ;;
      */gegl-0.4/*) put "$stage/$file" "$3/${file##*/}" ;;
    esac
  done <"$stage.list"
}

# The SDK of each GIMP that this build has no plug-in for.
need_sdks () {
  sdks=
  for major in $(gimps | awk -F '\t' '$2 == "system" { print int ($1) }' | sort -u); do
    [ -x "$build/plugins/imgenhance-gimp$major" ] && [ -f "$build/plugins/imgenhance-gegl.so" ] || case $major in
      2) sdks="$sdks libgimp2.0-dev libgegl-dev" ;;
      *) sdks="$sdks libgimp-$major.0-dev libgegl-dev" ;;
    esac
  done
  [ -n "$sdks" ] || return 0
  # shellcheck disable=SC2086 # a list of names
  need $sdks
  meson setup --reconfigure "$build" "$source" >/dev/null
  make_it
}

# Says of a GIMP that loads nothing from here why, and what to do.
explain_sandboxed () {
  case $1 in
    flatpak) kind='a Flatpak' ;;
    *) kind='a Snap' ;;
  esac
  say "The GIMP that '$2' starts is $kind: it has libraries of its own and cannot load what is built here."
}

install_gimp () {
  # A build that the caller names is taken as it is.
  if [ -z "${IMGENHANCE_BUILD:-}" ]; then
    # shellcheck disable=SC2086
    need $packages_build
    # shellcheck disable=SC2086
    wish $packages_formats $packages_faces
    make_it
    need_sdks
  fi
  stage=$(mktemp -d)
  trap 'rm -rf "$stage" "$stage.list" "$stage.gimps"' EXIT
  meson install -C "$build" --no-rebuild --quiet --tags gimp --destdir "$stage" >/dev/null
  gimps >"$stage.gimps"
  if grep -q "$(printf '\tsystem\t')" "$stage.gimps"; then
    remove_installed
    mkdir -p "$(dirname "$installed_list")"
    : >"$installed_list"
  fi
  done_for='' sandboxed=''
  while IFS=$(printf '\t') read -r version kind command plug_ins modules; do
    if [ "$kind" != system ]; then
      sandboxed=yes
      explain_sandboxed "$kind" "$command"
    elif [ ! -x "$build/plugins/imgenhance-gimp${version%%.*}" ]; then
      say "GIMP $version ($command): there is no plug-in for it here, since its SDK was not found."
    else
      put_all "${version%%.*}" "$plug_ins" "$modules"
      done_for=yes
      say "GIMP $version ($command): plug-ins are in $plug_ins, operations in $modules."
    fi
  done <"$stage.gimps"
  if [ -n "$done_for" ]; then
    say "Start GIMP anew: the filters are in its menu Filters > imgenhance. ./dev uninstall gimp takes them away."
  elif [ -n "$sandboxed" ]; then
    fail "nothing was installed. Install Debian's GIMP (sudo apt install gimp) and run this again; the command works without GIMP"
  elif [ -s "$stage.gimps" ]; then
    fail "nothing was installed"
  else
    fail "there is no GIMP here: sudo apt install gimp"
  fi
}

# Takes away what the list names, and those folders that were made for it and are empty.
remove_installed () {
  [ -f "$installed_list" ] || return 0
  tab=$(printf '\t')
  sed -n "s/^file$tab//p" "$installed_list" | while IFS= read -r file; do
    rm -f "$file"
  done
  sed -n "s/^folder$tab//p" "$installed_list" | sort -r | while IFS= read -r folder; do
    rmdir "$folder" 2>/dev/null || true
  done
  rm -f "$installed_list"
  rmdir "$(dirname "$installed_list")" 2>/dev/null || true
}

uninstall_gimp () {
  if [ ! -f "$installed_list" ]; then
    say "Nothing is there that ./dev install gimp has put."
    return 0
  fi
  remove_installed
  say "The plug-ins and operations are gone; start GIMP anew."
}
