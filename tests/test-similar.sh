# SPDX-License-Identifier: GPL-3.0-or-later
# Find similar on the command line: the catalogue follows the folder, answers are right and say when there is none, nothing is
# lost by damage, crashes or several processes. On the project's own samples; flags are in oracle/flags.py, photographs in bench/similar.py.
# shellcheck shell=sh disable=SC2329,SC2317 # functions are called through check
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/cli.sh"

mkdir pictures pictures/deep
for sample in "$SOURCE"/data/samples/*.png "$SOURCE"/data/samples/*.jpg "$SOURCE"/data/samples/*.tif; do
  [ -f "$sample" ] && cp "$sample" pictures/
done
total=$(find pictures -type f | wc -l)
first=$(find pictures -type f -name '*.png' | sort | head -n 1)
second=$(find pictures -type f -name '*.png' | sort | sed -n 2p)
index () { "$imgenhance" index --catalogue c.db "$@"; }
similar () { "$imgenhance" similar --catalogue c.db "$@"; }

# counts KEY=N...: what index --json said last.
counts () {
  "$python" - "$@" <<'END'
import json, sys
said = json.load(open('stdout'))
wrong = [w for w in sys.argv[1:] if said[w.split('=')[0]] != int(w.split('=')[1])]
sys.exit(f'{wrong} in {said}' if wrong else 0)
END
}

# answer CODE: python code over `found`, the array of similar --json or duplicates --json.
answer () {
  "$python" -c "import json, os, sys
found = json.load(open('stdout'))
here = os.path.realpath('.') + '/'
sys.exit(0 if ($1) else str(found))"
}

fresh () { expect 0 '' index --json pictures && counts "new=$total" unchanged=0 failed=0; }
check 'index puts every picture into a new catalogue' fresh
again () { expect 0 '' index --json pictures && counts new=0 "unchanged=$total"; }
check 'run again, it finds all unchanged' again
no_decoding () {
  command -v strace >/dev/null || return 0
  strace -f -e trace=execve -o trace "$imgenhance" index --catalogue c.db pictures >/dev/null &&
    [ "$(grep -c execve trace)" = 1 ]
}
check 'what is unchanged is not decoded: no reader is started' no_decoding
moved () {
  mv "$first" pictures/deep/moved.png && cp "$second" pictures/copy.png &&
    expect 0 '' index --json pictures && counts new=0 known=2 forgotten=1 "unchanged=$((total - 1))" &&
    mv pictures/deep/moved.png "$first" && rm pictures/copy.png && expect 0 '' index --json pictures && counts known=1 forgotten=2
}
check 'moved and copied files are known by their content, vanished ones are forgotten' moved
without () { expect 0 '' index --json && counts "unchanged=$total"; }
check 'without a folder it brings those up to date that were named before' without
changed () {
  cp "$second" kept && cp "$first" "$second" && touch -d '2001-01-01' "$second" && expect 0 '' index --json pictures &&
    counts known=1 && cp kept "$second" && touch "$second" && expect 0 '' index pictures
}
check 'a changed file is read again' changed
bad () {
  printf 'no picture' >pictures/bad.png && : >pictures/empty.jpg &&
    { "$imgenhance" index --catalogue c.db --json pictures >stdout 2>stderr; [ $? = 1 ]; } &&
    counts failed=2 "unchanged=$total" && [ "$(grep -c '^imgenhance: .*/\(bad.png\|empty.jpg\): ' stderr)" = 2 ] &&
    expect 0 '' index --json pictures && counts failed=0 failed_before=2 &&
    { "$imgenhance" index --catalogue c.db --retry --json pictures >stdout 2>stderr; [ $? = 1 ]; } && counts failed=2 &&
    rm pictures/bad.png pictures/empty.jpg && expect 0 '' index --json pictures && counts forgotten=0
}
check 'a bad file costs a line, once; --retry tries it again' bad
gone () { expect 1 'nowhere: ' index nowhere && expect 0 '' index --json && counts "unchanged=$total" forgotten=0; }
check 'a folder that is not there is an error and forgets nothing' gone

export_csv () {
  expect 0 '' index --export csv &&
    "$python" - "$total" <<'END'
import csv, sys
rows = list(csv.DictReader(open('stdout', newline='')))
assert len(rows) == int(sys.argv[1]), len(rows)
for row in rows:
    assert len(row['vector'].split()) == 256 and len(row['content']) == 32 and int(row['width']) > 0, row
END
}
check '--export csv has a line a file, with its vector' export_csv

itself () {
  expect 0 '' similar --threshold 0 --top 1000 --json "$first" &&
    answer "len(found) == $total - 1 and here + '$first' not in [f['path'] for f in found] and
            all(set(f) == {'path', 'score', 'kind'} and 0 <= f['score'] <= 1 for f in found) and
            [f['score'] for f in found] == sorted([f['score'] for f in found], reverse=True)"
}
check 'similar --json: path, score and kind, best first, without the picture itself' itself
copies () {
  cp "$first" pictures/deep/copy.png && "$imgenhance" apply -f 'levels gamma=1.1' -q -o pictures/deep/toned.jpg "$first" &&
    expect 0 '' index pictures && expect 0 '' similar --json "$first" &&
    answer "found[0] == {'path': here + 'pictures/deep/copy.png', 'score': 1, 'kind': 'exact'} and
            found[1]['path'] == here + 'pictures/deep/toned.jpg' and found[1]['kind'] == 'near'"
}
check 'a copy is exact, a toned JPEG of it is near' copies
elsewhere () {
  expect 0 '' similar --threshold 0 --top 1000 --elsewhere --json "$first" &&
    answer "found and all(os.path.dirname(f['path']) == here + 'pictures/deep' for f in found)"
}
check '--elsewhere leaves out the same folder' elsewhere
outside () {
  cp "$first" query.png && expect 0 '' similar --json query.png && answer "[f['kind'] for f in found[:2]] == ['exact', 'exact']" &&
    similar --json - <"$first" >stdout && answer "found[0]['kind'] == 'near' and found[0]['score'] > 0.99"
}
check 'the picture need not be in the catalogue; - is standard input' outside
mirrored () {
  "$python" -c "from PIL import Image, ImageOps; import sys
i = Image.open(sys.argv[1]).convert('RGB'); ImageOps.mirror(i).save('m.png'); i.transpose(Image.ROTATE_90).save('t.png')" "$first" &&
    for q in m.png t.png; do
      expect 0 '' similar --turned --json $q && answer "found[0]['kind'] == 'near' and found[0]['path'] in (here + '$first', here + 'pictures/deep/copy.png')" || return 1
    done
}
check '--turned finds mirrored and turned copies' mirrored
nothing () {
  picture strange.ppm 64 48 && expect 0 '' similar --threshold 0.99 strange.ppm && grep -q '^nothing similar' stdout &&
    expect 0 '' similar --threshold 0.99 --json strange.ppm && answer 'found == []'
}
check 'nothing similar is an answer' nothing
# White and black pages, and one with something on it.
blank () {
  "$python" - <<'END' || return 1
import os
from PIL import Image, ImageDraw
os.mkdir('blank')
Image.new('RGB', (400, 300), 'white').save('blank/white.png')
Image.new('RGB', (400, 300), 'white').save('blank/same.png')
Image.new('RGB', (300, 400), 'white').save('blank/other.png')
Image.new('L', (400, 300), 0).save('blank/black.jpg')
page = Image.new('RGB', (400, 300), 'white')
ImageDraw.Draw(page).rectangle((60, 50, 300, 90), fill='black')
page.save('blank/page.png')
page.save('blank/page.jpg', quality=60)
END
  "$imgenhance" index --quiet --catalogue blank.db blank || return 1
  "$imgenhance" similar --json --threshold 0 --catalogue blank.db blank/white.png >stdout 2>stderr &&
    grep -q '^imgenhance: blank/white.png: is all of one colour' stderr &&
    answer "[(f['kind'], f['score']) for f in found] == [('exact', 1)] + 4 * [('different', 0)] and
            found[0]['path'] == here + 'blank/same.png'" &&
    "$imgenhance" similar --catalogue blank.db blank/black.jpg >stdout 2>stderr && grep -qx 'nothing similar' stdout &&
    expect 0 '' "$imgenhance" similar --json --threshold 0 --catalogue blank.db blank/page.png &&
    answer "found[0]['path'] == here + 'blank/page.jpg' and found[0]['kind'] == 'near' and {f['score'] for f in found[1:]} == {0}" &&
    expect 0 '' "$imgenhance" duplicates --threshold 0.5 --json --catalogue blank.db &&
    answer "[(g['kind'], sorted(os.path.basename(f['path']) for f in g['files'])) for g in found] ==
            [('exact', ['same.png', 'white.png']), ('near', ['page.jpg', 'page.png'])]" &&
    ! "$imgenhance" compare --similar blank/white.png blank/other.png >stdout 2>/dev/null && grep -q '^0.00  different$' stdout &&
    expect 0 '' "$imgenhance" compare --similar blank/white.png blank/same.png && grep -q '^1.00  exact$' stdout &&
    expect 0 '' "$imgenhance" compare --similar --model look blank/white.png blank/other.png && grep -q '^\(0.99\|1.00\)  near$' stdout
}
check 'a picture of one colour is like nothing but equal files; its colour is what look compares' blank
page () {
  expect 0 '' similar --html page.html "$first" &&
    "$python" - <<'END'
import base64, io, re
from PIL import Image
page = open('page.html').read()
thumbs = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
assert len(thumbs) >= 3, len(thumbs)
for thumb in thumbs:
    assert max(Image.open(io.BytesIO(base64.b64decode(thumb))).size) == 240
END
}
check '--html has thumbnails of the picture and of what was found' page
crops () {
  "$python" -c "from PIL import Image; import sys
i = Image.open(sys.argv[1]).convert('RGB'); w, h = i.size; i.crop((0, 0, w // 2, h // 2)).save('crop.png')" "$first" &&
    expect 0 '' index --crops --json pictures && counts failed=0 &&
    expect 0 '' similar --threshold 0 --json crop.png && answer "found[0]['path'] in (here + '$first', here + 'pictures/deep/copy.png', here + 'pictures/deep/toned.jpg')"
}
check '--crops describes parts, too, and a quarter is found' crops

duplicates () {
  expect 0 '' "$imgenhance" duplicates --catalogue c.db --json &&
    answer "[sorted(os.path.basename(m['path']) for m in g['files']) for g in found if g['kind'] == 'exact'] ==
            [sorted([os.path.basename('$first'), 'copy.png'])] and
            any('toned.jpg' in [os.path.basename(m['path']) for m in g['files']] for g in found if g['kind'] == 'near') and
            all(m['width'] > 0 for g in found for m in g['files'])"
}
check 'duplicates: exact and near are tiers of their own' duplicates
apart () {
  expect 0 '' "$imgenhance" duplicates --catalogue c.db --apart "$first" pictures/deep/toned.jpg &&
    expect 0 '' "$imgenhance" duplicates --catalogue c.db --tier near --json &&
    answer "not any('toned.jpg' in m['path'] for g in found for m in g['files'])"
}
check '--apart is remembered' apart
burst () {
  mkdir burst && for n in 1 2 3; do
    "$imgenhance" apply -f "levels gamma=1.0$n" -q -o burst/$n.jpg "$first" &&
      exiftool -q -overwrite_original -DateTimeOriginal="2026:01:01 10:00:0$n" burst/$n.jpg || return 1
  done && expect 0 '' "$imgenhance" index --catalogue b.db burst &&
    expect 0 '' "$imgenhance" duplicates --catalogue b.db --json && answer "[g['kind'] for g in found] == ['burst'] and len(found[0]['files']) == 3"
}
if command -v exiftool >/dev/null; then
  check 'pictures taken one right after the other are a burst, no duplicates' burst
else
  skip 'pictures taken one right after the other are a burst, no duplicates' 'no exiftool'
fi
table () {
  expect 0 '' "$imgenhance" duplicates --catalogue c.db --export csv && head -n 1 stdout | grep -q '^group,kind,path,score,width,height,size'
}
check 'duplicates --export csv is a table' table

compare () {
  expect 0 '' "$imgenhance" compare --similar --json "$first" pictures/deep/toned.jpg && grep -q '"near"' stdout &&
    expect 0 '' "$imgenhance" compare --similar --json "$first" pictures/deep/copy.png && grep -q '"exact"' stdout &&
    expect 1 '' "$imgenhance" compare --similar --threshold 0.9 "$first" strange.ppm &&
    expect 0 '' "$imgenhance" compare --similar --turned --threshold 0.85 m.png "$first" &&
    expect 1 'bad.png: ' sh -c ': >bad.png; "$0" compare --similar "$1" bad.png' "$imgenhance" "$first" &&
    expect 2 'go with --similar' "$imgenhance" compare --turned "$first" "$second"
}
check 'compare --similar: the exit code says whether two files are alike' compare

# ---- damage ----
broken_cache () {
  for cache in c.db.*.vectors; do
    head -c 3000 "$cache" >cut && cp cut "$cache"
  done && expect 0 'has been made anew' similar --json "$first" && answer "found[0]['kind'] == 'exact'" &&
    expect 0 '' similar --json "$first" && for cache in c.db.*.vectors; do [ "$(wc -c <"$cache")" -gt 3000 ] || return 1; done
}
check "a damaged cache of vectors is said and made anew" broken_cache
no_cache () { rm -f c.db.*.vectors && expect 0 '' similar --json "$first" && answer "found[0]['kind'] == 'exact'"; }
check 'a missing one is made anew' no_cache
broken () {
  cp c.db d.db && "$python" -c "f = open('d.db', 'r+b'); f.seek(8192); f.write(b'\xa5' * 12288)" &&
    { "$imgenhance" index --catalogue d.db --json pictures >stdout 2>stderr; true; } && grep -q 'd.db: was damaged and has been made anew' stderr &&
    [ -f d.db.damaged-1 ] && expect 0 '' "$imgenhance" index --catalogue d.db --json pictures && counts "unchanged=$((total + 2))" new=0
}
check 'a damaged catalogue is said, kept aside, made anew and complete after index' broken
foreign () {
  echo 'my notes' >notes.txt && expect 3 'notes.txt: is not a catalogue' "$imgenhance" index --catalogue notes.txt pictures &&
    [ "$(cat notes.txt)" = 'my notes' ]
}
check 'another file under the name of --catalogue is left alone' foreign
none () { expect 1 'no catalogue yet' "$imgenhance" similar --catalogue none.db "$first" && [ ! -e none.db ]; }
check 'similar without a catalogue says how to make one, and makes none' none

eight () {
  mkdir many && "$python" - <<'END' || return 1
from PIL import Image
import random
random.seed(1)
for i in range(120):
    image = Image.new('RGB', (64, 48), tuple(random.randrange(256) for _ in range(3)))
    image.putpixel((i % 64, i // 64), (1, 2, 3))
    image.save(f'many/{i}.png')
END
  pids=
  for i in 1 2 3 4 5 6 7 8; do
    "$imgenhance" index --catalogue e.db --jobs 1 many >/dev/null 2>>errors &
    pids="$pids $!"
  done
  sleep 0.5
  # shellcheck disable=SC2086 # a list
  set -- $pids
  kill -9 "$1" "$2"
  for pid in "$@"; do wait "$pid" || true; done
  expect 0 '' "$imgenhance" index --catalogue e.db --json many && counts new=0 known=0 unchanged=120 &&
    expect 0 '' "$imgenhance" index --catalogue e.db --export csv &&
    [ "$(tail -n +2 stdout | cut -d, -f1 | sort | uniq -d | wc -l)" = 0 ] && [ "$(wc -l <stdout)" = 121 ]
}
check 'eight processes on one folder, two of them killed: no row lost or doubled' eight

usage () {
  expect 2 'needs one PICTURE' similar && expect 2 'tower for texts' similar --text 'a boat' &&
    expect 2 'a higher --threshold\|--apart needs' "$imgenhance" duplicates --catalogue c.db --apart "$first" &&
    expect 2 'nothing is indexed by look' similar --model look "$first" &&
    expect 0 '' index --model look pictures && expect 0 '' similar --model look --json "$first" && answer "found[0]['kind'] == 'exact'"
}
check 'wrong use is said in one line; --model look is another catalogue of vectors' usage
forget () {
  expect 0 '' index --forget pictures/deep && expect 0 '' similar --threshold 0 --json "$first" &&
    answer "not any('/deep/' in f['path'] for f in found)"
}
check '--forget takes files out' forget
finish
