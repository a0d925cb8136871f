#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# imgenhance doctor: each state that it can find, played: GIMPs by scripts in a PATH of their own, plug-ins by files that say a
# version. What it says, the exit code, JSON.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/gimps.sh"
python=/usr/bin/python3
[ -x "$python" ] || python=python3
version=$("$IMGENHANCE" --version | sed 's/.* //')

# doctor CODE PATTERN WORDS...: the exit code is CODE, and standard output has PATTERN.
doctor () {
  want=$1 pattern=$2
  shift 2
  code=0
  COLUMNS=120 PATH=$scratch/bin "$IMGENHANCE" doctor "$@" >"$scratch/said" 2>"$scratch/error" || code=$?
  cat "$scratch/said" "$scratch/error"
  [ "$code" = "$want" ] || { echo "exit code $code instead of $want"; return 1; }
  # Lines are wrapped at words.
  tr -s ' \n' '  ' <"$scratch/said" | grep -q -e "$pattern" || { echo "no '$pattern'"; return 1; }
}
# facts EXPRESSION WORDS...: the Python expression holds for `it`, what --json gives, and `by`, its checks by name.
facts () {
  expression=$1
  shift
  PATH=$scratch/bin "$IMGENHANCE" doctor --json "$@" >"$scratch/json"
  "$python" -c '
import json, sys
it = json.load(open(sys.argv[1], encoding="utf-8"))
by = {check["name"]: check for check in it["checks"]}
sys.exit(0 if eval(sys.argv[2]) else "not so: %s in %s" % (sys.argv[2], it))' "$scratch/json" "$expression"
}

# ---- this program and this computer ---------------------------------------------------------------------------------

one_page () {
  doctor 0 "imgenhance $version, [0-9]* filters" && [ "$(wc -l <"$scratch/said")" -le 40 ]
}
all_json () {
  facts 'it["ok"] and set(by) >= {"processor", "memory", "temporary", "sandbox", "language", "tiff", "heif", "xmp", "gimp"}
    and it["filters"] > 20 and all(set(check) == {"name", "state", "says", "advice", "facts"} for check in it["checks"])
    and by["memory"]["facts"]["limit"] > 0 and by["temporary"]["facts"]["folder"]' | tr -d '\n'
}
wrong_level () {
  IMGENHANCE_CPU=v9 doctor 1 'IMGENHANCE_CPU asks for v9 -> unset' processor
}
forced_level () {
  IMGENHANCE_CPU=x86-64 doctor 0 'level x86-64 (by IMGENHANCE_CPU)' processor
}
no_temporary () {
  TMPDIR=$scratch/absent doctor 1 "$scratch/absent.* -> set TMPDIR" &&
    TMPDIR=$scratch/absent doctor 1 '1 thing is broken' temporary
}
no_locale () {
  LC_ALL=xx_XX.UTF-8 doctor 0 'no locale xx_XX.UTF-8' && LC_ALL=xx_XX.UTF-8 doctor 1 'dpkg-reconfigure locales' language
}
formats_asked () {
  doctor 0 'formats TIFF, PNG, JPEG' tiff png jpeg && ! grep -q -e memory -e WebP "$scratch/said"
}
check "everything on one page" one_page
check "--json: every check with its facts" all_json
check "a level that is not there is broken" wrong_level
check "a forced level is said" forced_level
check "a TMPDIR that is not there is broken" no_temporary
check "a locale that is not there is missing, and broken when asked for" no_locale
check "formats by name" formats_asked
usage () {
  doctor 2 '' gimpp
  grep -q 'did you mean gimp?' "$scratch/error"
}
check "a name that is none" usage

# ---- GIMPs ----------------------------------------------------------------------------------------------------------

plug_ins=$XDG_CONFIG_HOME/GIMP/2.10/plug-ins
plug_in=$plug_ins/imgenhance-gimp2/imgenhance-gimp2
module=$XDG_DATA_HOME/gegl-0.4/plug-ins/imgenhance-gegl.so
# mark FILE VERSION: a plug-in as far as doctor looks at one, which holds doctor itself, too.
mark () {
  mkdir -p "$(dirname "$1")"
  printf 'noise\000@(#)imgenhance plug-in \000@(#)imgenhance plug-in %s\000noise' "$2" >"$1"
  chmod +x "$1"
}
# pluginrc LEAVE-OUT: GIMP's own list, with every filter but that one.
pluginrc () {
  {
    echo '(plug-in-def "${gimp_plug_in_dir}/plug-ins/other/other" 1)'
    printf '(plug-in-def "${gimp_dir}/plug-ins/imgenhance-gimp2/imgenhance-gimp2" %s\n' "$(stat -c %Y "$plug_in")"
    "$IMGENHANCE" filters --json | "$python" -c '
import json, sys
for one in json.load(sys.stdin):
    if one["name"] != sys.argv[1]:
        print("    (proc-def \"plug-in-imgenhance-%s\" 1" % one["name"])' "$1"
  } >"$XDG_CONFIG_HOME/GIMP/2.10/pluginrc"
}

check "no GIMP is no fault" doctor 0 'no GIMP is here -> sudo apt install gimp'
check "no GIMP, asked for, is one" doctor 1 'no GIMP is here' gimp
flatpak_gimp 3.0.4
check "a Flatpak is explained" doctor 0 'GIMP 3.0.4 as a Flatpak has libraries of its own .*-> sudo apt install gimp'
check "a Flatpak alone does not do" doctor 1 'as a Flatpak' gimp
gimp_program gimp-console-2.10 2.10.34
gimp_program gimp-2.10 2.10.34
check "a GIMP without our plug-in" doctor 0 'GIMP 2.10.34 has no filters of imgenhance -> .*gimp-imgenhance'
check "two programs of one GIMP are one" facts \
  '[check["facts"]["kind"] for check in it["checks"] if check["name"] == "gimp"] == ["system", "flatpak"]'
mark "$plug_in" "$version"
check "a plug-in that GIMP has not seen yet" doctor 0 'GIMP 2.10.34 takes the filters when it starts next' gimp
pluginrc ''
check "a plug-in that GIMP has taken" doctor 0 'has the filters as procedures (' gimp
mark "$module" "$version"
check "operations besides" doctor 0 'has the filters as procedures and operations (' gimp
check "versions and places are facts" facts \
  'by["gimp"] and it["checks"][-2]["facts"]["plug_in_version"] == it["version"] == it["checks"][-2]["facts"]["module_version"]'
pluginrc median
check "a filter that GIMP has not" doctor 1 "has not all filters: .* no procedure 'median'"
mark "$module" 9.9.9
check "operations of another version" doctor 1 "the module .* is of version 9.9.9, this command of $version"
mark "$module" "$version"
mark "$plug_in" 9.9.9
check "a plug-in of another version" doctor 1 "the plug-in .* is of version 9.9.9, this command of $version"
mark "$plug_in" "$version"
chmod -x "$plug_in"
check "a plug-in that may not be run" doctor 1 'may not be run'
echo 'something else' >"$plug_in"
chmod +x "$plug_in"
check "a plug-in that says no version" doctor 1 'says no version'
not_taken () {
  mark "$plug_in" "$version"
  echo '(plug-in-def "${gimp_plug_in_dir}/plug-ins/other/other" 1)' >"$XDG_CONFIG_HOME/GIMP/2.10/pluginrc"
  touch -d '1 minute' "$XDG_CONFIG_HOME/GIMP/2.10/pluginrc"
  doctor 1 'has started and not taken .*-> run .* in a terminal'
}
check "a plug-in that GIMP did not take" not_taken
gegl_path () {
  GEGL_PATH=$scratch/absent facts 'it["checks"][-2]["facts"]["module"] is None'
}
check "GEGL_PATH is looked into instead" gegl_path
own_directory () {
  GIMP2_DIRECTORY=$scratch/own doctor 0 'takes the filters\|has no plug-in\|has no filters' &&
    GIMP2_DIRECTORY=own facts 'it["checks"][-2]["facts"]["plug_in"] is None'
}
check "GIMP2_DIRECTORY is looked into instead" own_directory
rm "$scratch/bin/gimp-2.10" "$scratch/bin/gimp-console-2.10"
gimp_program gimp-console-3.2 3.2.6
check "GIMP 3 without its plug-in, but with operations" doctor 1 'GIMP 3.2.6 has no plug-in of imgenhance'
three () {
  mark "$XDG_CONFIG_HOME/GIMP/3.2/plug-ins/imgenhance-gimp3/imgenhance-gimp3" "$version"
  doctor 0 'GIMP 3.2.6 takes the filters' gimp && rm "$module" && doctor 1 'no operations of imgenhance, so that its menu lacks'
}
check "GIMP 3.2 looks into its own folder, and needs the operations for its menu" three
folders () {
  places="$XDG_CONFIG_HOME/GIMP/3.2/plug-ins.$XDG_DATA_HOME/gegl-0.4/plug-ins"
  doctor 0 '' --folders && grep -q "^3.2.6.system.$scratch/bin/gimp-console-3.2.$places$" "$scratch/said" &&
    grep -q '^3.0.4.flatpak.flatpak run org.gimp.GIMP.-.-$' "$scratch/said"
}
check "--folders for scripts" folders
hangs () {
  printf '#!/bin/sh\nexec /bin/sleep 1000\n' >"$scratch/bin/gimp"
  chmod +x "$scratch/bin/gimp"
  timeout 60 env PATH="$scratch/bin" "$IMGENHANCE" doctor gimp >"$scratch/said"
  rm "$scratch/bin/gimp"
  grep -q '3.2.6' "$scratch/said"
}
check "a GIMP that hangs is given up" hangs
snap () {
  mkdir -p "$scratch/snapd"
  printf '#!/bin/sh\n' >"$scratch/snapd/snap"
  chmod +x "$scratch/snapd/snap"
  ln -s "$scratch/snapd/snap" "$scratch/bin/gimp"
  doctor 1 'GIMP as a Snap has libraries of its own'
}
check "a Snap is explained" snap
finish
