# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The examples of the manual, taken at their word: each block below EXAMPLES of each page is run as it stands, those of a page
# after each other on a machine of their own, in a folder where nsloom.yaml is examples/tutorial.yaml.
#
# Comments of scdoc before a block say what it is run with, and what is to come of it:
#
#   ; before: COMMANDS      what has happened before
#   ; status: N             the status of the block's last command, else 0; every other command has to succeed
#   ; says: PATTERN         the output has a line that matches; may stand several times
#   ; check: COMMANDS       succeed afterwards

need ip nft ping unshare

PATH=$(dirname "$NSLOOM"):$PATH # each page has a machine of its own, and is root there
pages=$TESTS/../../man
examples=$TESTS/../../examples

# PAGE -> blocks/N.sh, N.before, N.status, N.says
take_apart() {
	mkdir -p blocks
	awk '
		/^# / { wanted = ($0 == "# EXAMPLES"); next }
		!wanted { next }
		/^; / { kind = $2; sub(/:$/, "", kind); sub(/^; [a-z]+: /, ""); print > ("blocks/" (n + 1) "." kind); next }
		/^```/ { inside = !inside; if (inside) n++; next }
		inside { gsub(/\\\\/, "\\"); print > ("blocks/" n ".sh") }
	' "$1"
}

# A text of what is wrong with the N-th block, or nothing.
run_block() {
	local block=blocks/$1 status=0 want=0 pattern
	if [ -e "$block.before" ]; then
		eval "$(cat "$block.before")" >before.out 2>&1 || {
			echo "cannot prepare: $(cat "$block.before")"
			cat before.out
		}
	fi
	timeout 300 bash -eu -o pipefail "$block.sh" >"$block.out" 2>&1 || status=$?
	[ ! -e "$block.status" ] || want=$(cat "$block.status")
	[ "$status" -eq "$want" ] || echo "status $status, not $want"
	[ -e "$block.says" ] || [ -e "$block.check" ] || echo "nothing says what is to come of it"
	[ ! -e "$block.check" ] || eval "$(cat "$block.check")" || echo "it is not so: $(cat "$block.check")"
	[ -e "$block.says" ] || return 0
	while IFS= read -r pattern; do
		grep -Eq -- "$pattern" "$block.out" || echo "it does not say: $pattern"
	done <"$block.says"
}

unshared() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }

# A page on a machine of its own: writes what is wrong into PAGE.faults.
run_page() {
	local n said
	mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/lock
	ip link set lo up
	take_apart "$1"
	for ((n = 1; ; n++)); do
		[ -e "blocks/$n.sh" ] || break
		if ! tools_of "blocks/$n.sh"; then
			echo "$n" >>skipped
			continue
		fi
		said=$(run_block "$n")
		[ -z "$said" ] || printf '%s\n%s\n%s\n' "$(cat "blocks/$n.sh")" "$said" "$(cat "blocks/$n.out")"
	done >faults 2>&1
	[ "$n" -gt 1 ] || echo "the page has no examples" >>faults
}

# What the examples use and a machine may do without.
tools_of() {
	local tool
	for tool in jq curl python3; do
		! grep -qw "$tool" "$1" || command -v "$tool" >/dev/null || return 1
	done
}

export pages examples
export -f take_apart run_block run_page unshared tools_of wait_for
for page in "$pages"/*.scd; do
	grep -q '^# EXAMPLES' "$page" || continue
	name=$(basename "$page" .scd)
	mkdir -p "$name/work"
	cp -r "$examples" "$name/work/examples"
	cp "$examples/tutorial.yaml" "$name/work/nsloom.yaml"
	(
		cd "$name/work" || exit 1
		export HOME=$PWD
		unshare --net --mount --pid --fork --kill-child --mount-proc --propagation private \
			bash -u -c "run_page '$page'" >run.out 2>&1
	)
	is "$name: the examples do what they say" "" "$(cat "$name/work/faults" "$name/work/run.out")"
	[ ! -e "$name/work/skipped" ] || skip "$name: all examples were run" "no jq, curl or python3 here"
done

# The files that nsloom.yaml(5) shows are sound, the longer one can be woven as it stands.
mkdir shown
awk '/^```/ { inside = !inside; if (inside) n++; next } inside { print > ("shown/" n ".yaml") }' "$pages/nsloom.yaml.5.scd"
for file in shown/*.yaml; do
	grep -qE '^(name|networks):' "$file" || continue
	check "nsloom.yaml.5: ${file##*/} is sound" nsloom check "$file"
	check "nsloom.yaml.5: ${file##*/} goes up" nsloom up -q "$file"
	check "nsloom.yaml.5: ${file##*/} goes down" nsloom down -q "$file"
done
is "nsloom.yaml.5 shows two files" 2 "$(cat shown/*.yaml | grep -cE "^networks:")"
