#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Formats that can be streamed are: a tiled BigTIFF of a gigapixel and a PNG of 500 megapixels, copied and filtered below
# 300 MiB a process.
set -u
. "$SOURCE/tests/tap.sh"
limit_mib=300
side=32768       # of the TIFF: 2^30 pixels
tile=256
png_width=25000
png_height=20000
# The picture and one result at a time, gray at 8 bits, with some room.
tiff_kb=2300000
png_kb=1100000
seconds=300

python=/usr/bin/python3
[ -x "$python" ] || python=python3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
printf '# imgenhance recipe 1\n' >"$scratch/empty.recipe"

# A gray PNG, row after row, slopes and some noise, so that it is packed to a part and not to nothing.
make_png () {
  "$python" - "$1" "$png_width" "$png_height" <<'END'
import struct, sys, zlib
path, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
state, noise = 20265, bytearray()
for _ in range(8192):
    state = state * 1103515245 + 12345 & 0x7fffffff
    noise.append(state >> 16 & 7)
period = 64
rows = b"".join(b"\0" + bytes((x * (1 + y % 3) // 40 + y + (noise[x * 31 + y * 97 & 8191] if x % 16 == 0 else 0)) & 255 for x in range(width))
                for y in range(period))
row_bytes = width + 1

def chunk(name, data):
    file.write(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)))

with open(path, "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n")
    chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    packer = zlib.compressobj(1)
    for y in range(0, height, period):
        data = packer.compress(rows[:min(period, height - y) * row_bytes])
        if data:
            chunk(b"IDAT", data)
    chunk(b"IDAT", packer.flush())
    chunk(b"IEND", b"")
END
}

# measured INPUT OUTPUT WORDS...: applies, and holds the largest of the processes against the limit. The command is started by
# a process that is small itself, for a process's peak counts from its parent's.
measured () {
  input=$1 output=$2
  shift 2
  PYTHONPATH=$SOURCE/tests/corpus "$python" - "$scratch" "$seconds" "$IMGENHANCE" apply --quiet --existing replace "$@" \
    -o "$output" "$input" <<'END' || return 1
import sys
import launcher
ran = launcher.launcher().run(sys.argv[3:], float(sys.argv[2]), environment={"TMPDIR": sys.argv[1]})
print(ran.text, end="")
print(f"exit {ran.code}, peak {ran.peak >> 20} MiB, {ran.seconds:.0f} s")
with open(sys.argv[1] + "/figures", "w", encoding="ascii") as file:
    print(ran.code, ran.peak >> 20, f"{ran.seconds:.0f}", file=file)
END
  read -r code peak took <"$scratch/figures"
  echo "# ${input##*/}, $*: peak $peak MiB, $took s" >&3
  [ "$code" = 0 ] && [ "$peak" -lt "$limit_mib" ]
}

# The samples of a picture, as a checksum of its PGM.
samples () {
  "$IMGENHANCE" apply --quiet --recipe "$scratch/empty.recipe" --format pnm -o - "$1" | cksum
}

same () {
  one=$(samples "$1") other=$(samples "$2")
  echo "$one, then $other"
  [ "$one" = "$other" ] && [ "${one#* }" -gt $((png_width * png_height)) ]
}

room () {
  free=$(df -Pk "$scratch" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$1" ]
}

# try NAME PICTURE COPY RESULT: a copy, equal to the picture, and a filter.
try () {
  check "$1: copied below $limit_mib MiB" measured "$2" "$3" --recipe "$scratch/empty.recipe"
  check "$1: the copy is the picture" same "$2" "$3"
  rm -f "$3"
  check "$1: gaussian sigma=2 below $limit_mib MiB" measured "$2" "$4" -f 'gaussian sigma=2'
  rm -f "$2" "$4"
}

exec 3>&1
name="BigTIFF of $side x $side in tiles"
if room $tiff_kb; then
  check "$name is made" "$BUILD/tests/tool-make-tiff" $side $side 1 8 "$scratch/tiles.tif" $tile
  try "$name" "$scratch/tiles.tif" "$scratch/copy.tif" "$scratch/result.tif"
else
  skip "$name" "$((tiff_kb / 1000)) MB free needed in ${TMPDIR:-/tmp}, there are $((free / 1000))"
fi
name="PNG of $png_width x $png_height"
if room $png_kb; then
  check "$name is made" make_png "$scratch/large.png"
  # The copy is not packed, which takes four times the time of all else; the result is.
  try "$name" "$scratch/large.png" "$scratch/copy.tif" "$scratch/result.png"
else
  skip "$name" "$((png_kb / 1000)) MB free needed in ${TMPDIR:-/tmp}, there are $((free / 1000))"
fi
finish
