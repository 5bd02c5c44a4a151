# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The demo comes to a good end, leaves the machine as it was, and notices when something is not as it should be.

need ip nft ping unshare

demo=$TESTS/../../tools/demo.sh
before=$(snapshot)
out=$(NSLOOM=$NSLOOM "$demo" 2>&1)
is "the demo succeeds" 0 $?
like "it says so" 'All went as it should' "$out"
is "without a terminal it has no colours" "" "$(printf '%s' "$out" | tr -dc '\033')"
unchanged "the machine is as before" "$before"

# A program that does nothing.
mkdir false
ln -s "$(command -v true)" false/nsloom
check_fails "with a program that does nothing it fails" 1 env NSLOOM="$PWD/false/nsloom" "$demo"
