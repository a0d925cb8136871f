#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Includes between rooms point one way, and every source file names its licence:
#   plugins -> cli: a plug-in carries the command, for batches
#   cli, plugins, cluster -> embed -> enhance -> filters -> colorspace -> core
#   cli, embed -> imageio -> colorspace -> core
set -u
: "${SOURCE:=$(cd "$(dirname "$0")/.." && pwd)}"
. "$SOURCE/tests/tap.sh"

# The rooms whose headers a room may include, itself aside.
allowed () {
  case $1 in
    core) echo "" ;;
    colorspace | imageio) echo "core $([ "$1" = imageio ] && echo colorspace)" ;;
    filters) echo "colorspace core" ;;
    enhance) echo "filters colorspace core" ;;
    embed) echo "enhance filters imageio colorspace core" ;;
    cli) echo "embed enhance filters imageio colorspace core" ;;
    plugins) echo "cli embed enhance filters colorspace core" ;;
    cluster) echo "embed enhance filters colorspace core" ;;
    *) return 1 ;;
  esac
}

# Prints "FILE:LINE: header" for every include of a room's files in FOLDER that points where it may not. A quoted
# include names its room ("core/image.h"), so that nothing reaches another room by "../"; made headers have no folder.
wrong_includes () {
  folder=$1
  room=$2
  find "$folder/$room" -name '*.[ch]' -o -name '*.cc' -o -name '*.h.in' | sort | while IFS= read -r file; do
    awk -v room="$room" -v rooms=" $room $(allowed "$room") " -v file="${file#"$folder"/}" '
      match($0, /^[ \t]*#[ \t]*include[ \t]*["<][^">]*[">]/) {
        header = $0
        sub(/^[^"<]*["<]/, "", header)
        quoted = $0 ~ /include[ \t]*"/
        sub(/[">].*/, "", header)
        if (file == "core/imgenhance.h" && header == "imageio/imageio.h")
          next # the umbrella for users of the library
        if (index(header, "/") == 0) {
          if (quoted && header != "filter-list.h")
            print file ":" NR ": " header " does not name its room"
          next
        }
        first = header
        sub(/\/.*/, "", first)
        ours = first ~ /^(core|colorspace|imageio|filters|enhance|embed|cli|plugins|cluster|tests|bench|data|\.|\.\.)$/
        if ((quoted || ours) && index(rooms, " " first " ") == 0)
          print file ":" NR ": " header
      }' "$file"
  done
}

right_way () {
  wrong=$(wrong_includes "$1" "$2")
  [ -z "$wrong" ] || {
    printf '%s\n' "$wrong"
    return 1
  }
}

for room in core colorspace imageio filters enhance embed cli plugins cluster; do
  if [ -d "$SOURCE/$room" ]; then
    check "includes of $room/ point towards core" right_way "$SOURCE" "$room"
  fi
done

# The test can fail: rooms with wrong includes are found out.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/core" "$scratch/filters/kernel"
echo '#include "filters/kernel/gaussian.h"' >"$scratch/core/a.c"
echo '  #  include <imageio/imageio.h> // in disguise' >"$scratch/filters/kernel/b.h"
echo '#include "../../enhance/tone.h"' >"$scratch/filters/c.c"
echo '#include "b.h"' >"$scratch/filters/kernel/d.c"
for file in core/a.c filters/kernel/b.h filters/c.c filters/kernel/d.c; do
  check "a wrong include in $file would be found" \
    sh -c 'case $1 in *"$2"*) ;; *) exit 1 ;; esac' - "$(wrong_includes "$scratch" "${file%%/*}")" "$file:1:"
done

# Every file that we write by hand says its licence in its first line (in the second below an interpreter's line).
no_licence () {
  (
    cd "$SOURCE" || exit 1
    {
      find dev .ci/run tests/run meson.build meson_options.txt bench/run 2>/dev/null
      for room in core colorspace imageio filters enhance embed cli plugins cluster tests bench data docs po; do
        [ -d "$room" ] || continue
        find "$room" -name '*.c' -o -name '*.h' -o -name '*.h.in' -o -name '*.cc' -o -name '*.hh' -o -name '*.cpp' \
          -o -name '*.py' -o -name '*.sh' -o -name '*.scm' -o -name meson.build
      done
    } | sort -u | while IFS= read -r file; do
      head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || echo "$file: no SPDX line"
    done
  )
}

licensed () {
  lacking=$(no_licence)
  [ -z "$lacking" ] || {
    printf '%s\n' "$lacking"
    return 1
  }
}
check "every source file has its SPDX line" licensed
check "the text of the licence is there" grep -q "GNU GENERAL PUBLIC LICENSE" "$SOURCE/LICENSE"
finish
