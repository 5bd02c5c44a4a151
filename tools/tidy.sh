#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# clang-tidy over src/, with what .clang-tidy asks for. Status 77: not here.
#
# usage: tools/tidy.sh BUILD         BUILD: a folder that Meson set up with clang
set -eu
cd "$(dirname "$0")/.."

for tool in run-clang-tidy run-clang-tidy-14; do
	if command -v "$tool" >/dev/null 2>&1; then
		# The counts of warnings that it suppressed in system headers are no news.
		status=0
		"$tool" -quiet -p "$1" "$PWD/src/.*\.c$" >"$1/tidy.log" 2>&1 || status=$?
		sed 's/\x1b\[[0-9;]*m//g' "$1/tidy.log" | grep -v -E '^clang-tidy|^[0-9]+ warnings? (treated|generated)|^$' || :
		exit "$status"
	fi
done
echo "skipped: no run-clang-tidy here"
exit 77
