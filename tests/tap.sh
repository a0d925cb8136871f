# SPDX-License-Identifier: GPL-3.0-or-later
# The little that a shell test needs to speak TAP; sourced by tests/test-*.sh.
# check NAME COMMAND...: passes when the command succeeds; what it printed is shown when it does not. End with: finish

tap_count=0
tap_failed=0

check () {
  tap_name=$1
  shift
  tap_count=$((tap_count + 1))
  if tap_said=$("$@" 2>&1); then
    echo "ok $tap_count - $tap_name"
  else
    tap_failed=$((tap_failed + 1))
    echo "not ok $tap_count - $tap_name"
    printf '%s\n' "$tap_said" | tail -n 20 | sed 's/^/# /'
  fi
}

skip () {
  tap_count=$((tap_count + 1))
  echo "ok $tap_count - $1 # SKIP $2"
}

finish () {
  echo "1..$tap_count"
  [ "$tap_failed" = 0 ] || exit 1
  exit 0
}
