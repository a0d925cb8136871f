# SPDX-License-Identifier: GPL-3.0-or-later
# The whole of ../shared/corpus, valid, weird and hostile, is indexed without a stop: each file is described or costs one line, and
# nothing is tried twice.
# shellcheck shell=sh disable=SC2329,SC2317 # functions are called through check
. "$SOURCE/tests/tap.sh"
. "$SOURCE/tests/cli.sh"

if [ ! -d "${SHARED:-}/corpus" ]; then
  skip 'the corpus is indexed without a stop' 'no ../shared/corpus'
  finish
fi

first () {
  code=0
  "$imgenhance" index --catalogue c.db --json "$SHARED/corpus" >stdout 2>stderr || code=$?
  [ "$code" = 1 ] || { echo "exit code $code"; tail -n 5 stderr; return 1; }
  "$python" - <<'END'
import json
said = json.load(open('stdout'))
lines = [line for line in open('stderr', 'rb').read().decode('utf-8', 'surrogateescape').splitlines()]
assert said['new'] + said['known'] > 1000 and said['failed'] == len(said['failures']) > 50, said
assert len(lines) == said['failed'] and all(line.startswith('imgenhance: ') for line in lines), lines[:5]
died = [f for f in said['failures'] if 'crashed' in f['reason'] or 'signal' in f['reason']]
assert not died, died
END
}
check 'the corpus is indexed without a stop: a line for each file that cannot be read, and no reader dies' first
again () {
  expect 0 '' "$imgenhance" index --catalogue c.db --json "$SHARED/corpus" &&
    "$python" -c "import json; said = json.load(open('stdout')); assert said['new'] == said['failed'] == 0 < said['failed_before'], said"
}
check 'the second time nothing is read' again
duplicates () { expect 0 '' "$imgenhance" duplicates --catalogue c.db --json && [ -s stdout ]; }
check 'its duplicates can be listed' duplicates
finish
