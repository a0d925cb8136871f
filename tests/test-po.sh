#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The catalogues of po/: whole, well-formed, true to the glossary; and the command in those languages.
set -u
: "${SOURCE:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${BUILD:=$SOURCE/build}"
: "${IMGENHANCE:=$BUILD/cli/imgenhance}"
. "$SOURCE/tests/tap.sh"

if ! command -v xgettext >/dev/null 2>&1 || ! command -v msgfmt >/dev/null 2>&1; then
  skip "the catalogues" "there is no gettext"
  finish
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset LANGUAGE

tool () {
  (cd "$SOURCE" && /usr/bin/python3 tests/tool-po.py "$@")
}

check "POTFILES names the files with texts, and no other" tool potfiles
check "the texts that GIMP 2.10 looks up whole are those of the registry" tool menu-texts "$IMGENHANCE"
check "the texts that scripts have with them are those of the catalogues" tool script-texts
"$BUILD/tests/tool-texts" >"$scratch/texts"
check "every text of the registry is marked" tool registry "$scratch/texts"
languages=$(grep -v '^#' "$SOURCE/po/LINGUAS")
for language in $languages; do
  check "$language.po is whole, and nothing in it differs in form" tool catalogue "$language"
done
check "zh_CN.po keeps to the glossary" tool glossary

# ---- these tests can fail ----

# broken FILE SED-PROGRAM COMMAND...: succeeds when a copy of the tree in which FILE is so changed is complained about.
broken () {
  file=$1 program=$2
  shift 2
  rm -rf "$scratch/tree"
  mkdir -p "$scratch/tree/tests"
  for room in core colorspace filters enhance imageio cli plugins embed cluster po; do
    [ ! -d "$SOURCE/$room" ] || cp -R "$SOURCE/$room" "$scratch/tree/$room"
  done
  cp "$SOURCE/tests/tool-po.py" "$scratch/tree/tests/"
  sed -i "$program" "$scratch/tree/$file"
  ! cmp -s "$SOURCE/$file" "$scratch/tree/$file" || return 1
  ! (cd "$scratch/tree" && /usr/bin/python3 tests/tool-po.py "$@") >/dev/null 2>&1
}

check "a file that POTFILES lacks is found" broken po/POTFILES '/param.c/d' potfiles
check "a text without a translation is found" broken core/param.c 's/three numbers/thrice a number/' catalogue de
check "a wrong directive is found" broken po/de.po 's/„%s“ ist keines von %s"/„%s“ ist keines von %d"/' catalogue de
check "a menu that loses its place is found" broken po/fr.po 's|^msgstr "<Image>/Filters/imgenhance/Bruit|msgstr "Bruit|' catalogue fr
check "a term that is translated otherwise is found" broken po/zh_CN.po 's/高斯模糊/高斯虚化/' glossary

# ---- README.zh_CN.md ----

# commands FILE: the commands of its tour, comments off.
commands () {
  sed -n '/^## A tour/,/^## The tree/p; /^## 十行导览/,/^## 源码树/p' "$1" | sed -n 's/^    \$ //p' | sed 's/  *#.*//'
}
commands "$SOURCE/README.md" >"$scratch/commands"
commands "$SOURCE/README.zh_CN.md" >"$scratch/commands.zh"
check "both READMEs make the same tour" cmp "$scratch/commands" "$scratch/commands.zh"
check "both READMEs have as many headings" [ "$(grep -c '^## ' "$SOURCE/README.md")" = "$(grep -c '^## ' "$SOURCE/README.zh_CN.md")" ]

# ---- the command ----

# A language needs some locale that is not C; which one does not matter.
locale=
if command -v localedef >/dev/null 2>&1 && mkdir "$scratch/locale" &&
  localedef -i de_DE -f UTF-8 "$scratch/locale/de_DE.UTF-8" >/dev/null 2>&1; then
  locale=de_DE.UTF-8
fi

# said LANGUAGE TEXT ARGUMENTS...: whether the command says TEXT, on either stream.
said () {
  language=$1 text=$2
  shift 2
  LOCPATH=$scratch/locale LC_ALL=$locale LANGUAGE=$language IMGENHANCE_LOCALE_DIR=$BUILD/po "$IMGENHANCE" "$@" >"$scratch/out" 2>&1
  grep -qF -- "$text" "$scratch/out" || {
    cat "$scratch/out"
    return 1
  }
}

# What the tour of README.zh_CN.md shows, times aside.
tour () {
  mkdir -p "$scratch/tour/bin"
  cp "$SOURCE"/data/samples/* "$scratch/tour/"
  ln -sf "$IMGENHANCE" "$scratch/tour/bin/imgenhance"
  (
    cd "$scratch/tour" || exit 1
    while IFS= read -r line; do
      PATH=$scratch/tour/bin:$PATH LOCPATH=$scratch/locale LC_ALL=$locale LANGUAGE=zh_CN IMGENHANCE_LOCALE_DIR=$BUILD/po \
        sh -c "$line" 2>&1 </dev/null
    done <"$scratch/commands.zh" | sed 's/用时 [0-9.]* 秒/用时/' >"$scratch/printed"
  )
  sed -n '/^## 十行导览/,/^## 源码树/s/^    //p' "$SOURCE/README.zh_CN.md" | grep -v '^\$ ' | sed 's/用时 [0-9.]* 秒/用时/' \
    >"$scratch/expected"
  [ "$(grep -c . "$scratch/expected")" = 7 ] || return 1
  while IFS= read -r line; do
    grep -qxF -e "$line" "$scratch/printed" || {
      echo "not printed: $line"
      return 1
    }
  done <"$scratch/expected"
}

if [ -z "$locale" ]; then
  skip "the command in other languages" "localedef makes no locale here (package locales)"
elif [ ! -f "$BUILD/po/de/LC_MESSAGES/imgenhance.mo" ]; then
  skip "the command in other languages" "the build has no catalogues (package gettext)"
else
  check "Chinese: a filter is explained" said zh_CN 反锐化掩模 filters unsharp
  check "Chinese: help" said zh_CN 用法 apply --help
  check "Chinese: an error of the library" said zh_CN 是否指 apply -f 'levels blak=3' x.png
  check "Chinese: what README.zh_CN.md shows is printed" tour
  check "German: a filter is explained" said de 'Unscharf maskieren' filters unsharp
  check "German: help" said de Aufruf apply --help
  check "German: an error of the library" said de gemeint apply -f 'levels blak=3' x.png
  check "German: an error in the process that reads" said de 'kein Bild in bekanntem Format' info "$SOURCE/README.md"
  check "French: a filter is explained" said fr 'Masque flou' filters unsharp
  check "French: help" said fr Usage apply --help
  check "French: an error of the library" said fr 'vouliez-vous dire' apply -f 'levels blak=3' x.png
  check "a decimal point in every language" said de 0.5 filters unsharp
  # What machines read.
  LC_ALL=C "$IMGENHANCE" filters --json >"$scratch/english"
  said zh_CN imgenhance filters --json >/dev/null
  check "JSON is English in every language" cmp "$scratch/english" "$scratch/out"
  check "the reason of a failure too, in JSON" said zh_CN 'not a picture in a known format' \
    apply --json -f median -o "$scratch/x.png" "$SOURCE/README.md"
  LC_ALL=C "$IMGENHANCE" manual >"$scratch/english"
  said zh_CN imgenhance manual >/dev/null
  check "the manual page is English" cmp "$scratch/english" "$scratch/out"
  # No line of help is wider than the terminal, though Chinese characters take two columns.
  COLUMNS=60 said zh_CN 用法 apply --help
  check "Chinese help keeps to the width" /usr/bin/python3 -c '
import sys, unicodedata
wide = [line for line in open(sys.argv[1], encoding="utf-8").read().split("\n\n示例")[0].splitlines()
        if sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line) > 60 + 2]
print("\n".join(wide))
sys.exit(bool(wide))' "$scratch/out"
fi
finish
