#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# In a Debian that has no compiler, as root, with the packages in /debs: `./dev deb SUITE --check` runs it there.
# GIMP's package alone gives GIMP every filter; the command's package alone gives the command; what either computes is the same;
# and whatever is removed leaves nothing. Prints TAP.
# shellcheck disable=SC2329,SC2317 # functions are called through check
set -u
. /debs/tap.sh
scratch=/tmp/imgenhance-check
mkdir -p $scratch

quietly () {
  "$@" >$scratch/log 2>&1 || { tail -n 20 $scratch/log; return 1; }
}
get () {
  quietly apt-get -q -y install "$@"
}
# Every file of the system but the records of what was done, and caches that are made anew.
files () {
  find / -xdev \( -path /proc -o -path /tmp -o -path /debs -o -path /var/log -o -path /var/lib/dpkg -o -path /var/cache \
    -o -path /var/lib/apt -o -path /root \) -prune -o -print | sort
}
same_as_before () {
  files >$scratch/after
  diff $scratch/before $scratch/after && [ -z "$(dpkg -l | grep -e '^rc' -e imgenhance)" ]
}
# Also what came along with it and is only recommended by something else.
purge () {
  quietly apt-get -q -y -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false \
    purge --autoremove "$@"
}

# GIMP as a user starts it for the first time; as root, its own plug-ins in Python would leave their byte code in the system.
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
HOME=$scratch/home GIMP2_DIRECTORY=$scratch/gimp GIMP3_DIRECTORY=$scratch/gimp
XDG_CONFIG_HOME=$scratch/config XDG_CACHE_HOME=$scratch/cache XDG_DATA_HOME=$scratch/data
export HOME GIMP2_DIRECTORY GIMP3_DIRECTORY XDG_CONFIG_HOME XDG_CACHE_HOME XDG_DATA_HOME
fresh () {
  rm -rf "$HOME" $scratch/gimp "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_DATA_HOME" $scratch/procedures
  mkdir -p "$HOME"
}
gimp () {
  fresh
  if [ "$major" = 2 ]; then
    for folder in brushes dynamics gradients palettes patterns tool-presets; do
      mkdir -p "$scratch/gimp/$folder"
    done
    timeout 400 gimp-console-2.10 -i -d -f -b "$(cat /debs/gimp2.scm)" -b '(gimp-quit 1)' >$scratch/said 2>&1
  else
    sed "s/(NAMES)/($(tr '\n' ' ' <$scratch/wanted))/" /debs/gimp3.scm >$scratch/gimp3.scm
    timeout 400 gimp-console -i --quit -d -f --batch-interpreter=plug-in-script-fu-eval -b "$(cat $scratch/gimp3.scm)" \
      >$scratch/said 2>&1
  fi
  # GIMP 2.10 has one exit code; what was written tells.
  [ "$(tail -n 1 $scratch/procedures 2>/dev/null)" = done ] || { tail -n 20 $scratch/said; return 1; }
}
# What GIMP must know besides the filters: recipes and batches, the effects of layers in 3, and the pipelines in Script-Fu.
wanted () {
  {
    cat $scratch/filters
    printf '%s\n' batch recipe similar
    [ "$major" = 2 ] || printf '%s\n' effects-to-recipe recipe-to-effects
  } | sed 's/^/plug-in-imgenhance-/'
  for script in contact-sheet enhance-folder sharpen-copy; do
    echo "script-fu-imgenhance-$script"
  done
}
every_procedure () {
  sed '$d' $scratch/procedures | sort >$scratch/found
  diff $scratch/wanted $scratch/found
}
# In GIMP's own list, what the plug-in has put into the menu. In 3 the operations of the filters have menu places instead. (What
# Script-Fu registers is in no list.)
every_menu () {
  {
    awk '/\(proc-def "/ { name = /plug-in-imgenhance-/ ? $2 : "" }
      /\(menu-path "<Image>\/Filters\/imgenhance[\/"]/ { if (name) print name; name = "" }' $scratch/gimp/pluginrc | tr -d '"'
    [ "$major" = 2 ] || while IFS= read -r name; do
      ! gegl --info "imgenhance:$name" 2>/dev/null | grep -q '^gimp:menu-path *<Image>/Filters/imgenhance/' ||
        echo "plug-in-imgenhance-$name"
    done <$scratch/filters
  } | sort >$scratch/menus
  grep '^plug-in' $scratch/wanted | diff - $scratch/menus
}
# A page of help for each filter, and the pictures that it shows.
every_page () {
  while IFS= read -r name; do
    page=$share/filters/$name.html
    grep -q '</html>' "$page" || return 1
    sed -n 's/.*<img src="\([^"]*\)".*/\1/p' "$page" | while IFS= read -r picture; do
      [ -s "$share/filters/$picture" ] || { echo "$page: no $picture"; return 1; }
    done || return 1
  done <$scratch/filters
  [ -s $share/filters/index.html ]
}
# The plug-in is the command, too, when it is called by hand: it finds its catalogues. (The command gegl sets no locale, so that its
# operations speak English in it; in GIMP tests/test-gimp3-languages.sh asks them.)
every_language () {
  plug_in=$(dpkg -L gimp-imgenhance | grep "/imgenhance-gimp$major\$" | tail -n 1)
  for pair in de:Gauß fr:gaussien zh_CN:高斯; do
    LC_ALL=en_US.UTF-8 LANGUAGE=${pair%:*} "$plug_in" filters gaussian | grep "${pair#*:}" || { echo "$pair"; return 1; }
  done
}
# 2.10 looks labels up itself, in the folder that the plug-in has named: the one that stays when the command's package goes.
own_catalogues () {
  grep '(locale-def "imgenhance" ".*/share/gimp-imgenhance/locale")' $scratch/gimp/pluginrc
}
# What a software centre shows with GIMP.
metainfo () {
  extends=$(sed -n 's/.*<extends>\(.*\)<.*/\1/p' /usr/share/metainfo/org.gimp.GIMP.Plugin.imgenhance.metainfo.xml)
  grep "<id>$extends\(.desktop\)*</id>" /usr/share/metainfo/org.gimp.GIMP.appdata.xml
}
same_in_folder () {
  mkdir -p $scratch/pictures $scratch/results
  cp /debs/low-contrast.png $scratch/pictures/script.png
  echo 'gaussian sigma=2' >$scratch/look.recipe
  quietly imgenhance-gimp enhance-folder $scratch/pictures $scratch/results $scratch/look.recipe || return 1
  cp $scratch/results/script.png $scratch/script.png && same_result script &&
    ! imgenhance-gimp enhance-folder $scratch/nowhere $scratch/results $scratch/look.recipe
}
no_compiler () {
  ! command -v cc && ! command -v gcc && ! dpkg -l | grep '^ii *lib.*-dev'
}
alone () {
  get /debs/gimp-imgenhance_*.deb && [ "$(dpkg -l | grep -c '^ii.*imgenhance')" = 1 ]
}
same_result () {
  imgenhance apply -f 'gaussian sigma=2' -o $scratch/command.png --existing replace --quiet /debs/low-contrast.png &&
    imgenhance compare $scratch/command.png "$scratch/$1.png"
}
doctor_sees () {
  imgenhance doctor gimp && imgenhance doctor
}
manual () {
  zcat /usr/share/man/man1/imgenhance.1.gz | grep -q '^\.TH IMGENHANCE'
}
script_manual () {
  zcat /usr/share/man/man1/imgenhance-gimp.1.gz | grep -q '^\.TH IMGENHANCE.*GIMP'
}
program () {
  get gcc libc6-dev pkgconf &&
    printf '#include <imgenhance.h>\nint main (void) { int count; ie_filters (&count); return count < 1; }\n' \
      >$scratch/program.c &&
    cc -o $scratch/program $scratch/program.c $(pkg-config --cflags --libs libimgenhance) && $scratch/program
}

# ---- the command alone ----------------------------------------------------------------------------------------------
files >$scratch/before
command_alone () {
  get /debs/imgenhance_*.deb && [ "$(dpkg -l | grep -c '^ii.*imgenhance')" = 1 ]
}
check "imgenhance alone installs" command_alone
check "the command says it is well" imgenhance doctor
check "the manual page is there" manual
imgenhance filters --json | grep -o '"name": "[^"]*", "version"' | sed 's/"name": "//; s/".*//' | sort >$scratch/filters
check "it has filters" test "$(wc -l <$scratch/filters)" -gt 20
check "imgenhance is removed" purge imgenhance
check "without a trace" same_as_before

# ---- GIMP's package alone -------------------------------------------------------------------------------------------
gimp_there () {
  get gimp && if command -v gimp-console-2.10; then :; else get gegl; fi
}
check "GIMP is there" gimp_there
major=2
[ -x /usr/bin/gimp-console-2.10 ] || major=3
share=/usr/share/gimp-imgenhance
wanted | sort >$scratch/wanted
check "the system has no compiler" no_compiler
# Of C.UTF-8 the C library of Debian 13 translates nothing, whatever LANGUAGE says.
a_locale () {
  get locales && localedef -i en_US -f UTF-8 en_US.UTF-8
}
check "there is a locale in which messages are translated" a_locale
files >$scratch/before
check "gimp-imgenhance alone installs" alone
check "GIMP $(gimp-console --version 2>/dev/null | sed 's/.* //') starts and computes" gimp
check "every filter, recipes, batches and scripts are in its procedure database" every_procedure
check "every filter, recipes and batches are in its menu" every_menu
check "every filter has a page of help" every_page
check "it speaks its languages" every_language
check "a software centre finds it with GIMP" metainfo
check "scripts have a manual page" script_manual
check "no compiler has come along" no_compiler
check "gimp-imgenhance is removed" purge gimp-imgenhance
check "without a trace" same_as_before

# ---- all together ---------------------------------------------------------------------------------------------------
check "all packages install together" get /debs/*imgenhance*.deb
check "GIMP starts again" gimp
[ "$major" != 2 ] || check "it looks for its languages where they stay" own_catalogues
check "its procedure gives what the command gives" same_result procedure
[ "$major" = 2 ] || check "its operation gives what the command gives" same_result operation
check "a script gives what the command gives, and its exit code tells" same_in_folder
check "doctor sees GIMP with all filters" doctor_sees
check "all are removed" purge imgenhance libimgenhance0 libimgenhance-dev gimp-imgenhance
check "without a trace" same_as_before
check "libimgenhance-dev alone installs" get /debs/libimgenhance0_*.deb /debs/libimgenhance-dev_*.deb
check "a program is built with it" program
finish
