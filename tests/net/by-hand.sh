# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# docs/by-hand.md, taken at its word: the commands of both sides are run, each side on a machine of its own, and after each
# step the same must stand and the same must be reached.
#
# Blocks of the page: ```sh setup, ```sh hand, ```sh nsloom, and ```yaml FILE, which is nsloom.yaml from then on and must be
# what examples/tutorial/FILE has. A command a line; what ends in "# fails…" has to.

need ip ping iptables sysctl

page=$TESTS/../../docs/by-hand.md
examples=$TESTS/../../examples/tutorial
mkdir steps

awk '
	/^## [0-9]+\./ { step = $2 + 0 }
	/^```/ && !inside { inside = 1; file = "/dev/null"
		if ($2 != "") file = "steps/" step "." ($1 == "```yaml" ? "yaml" : $2)
		if ($1 == "```yaml") print $2 > ("steps/" step ".name")
		next }
	/^```/ { inside = 0; close(file); next }
	inside { print > file }
' "$page"
last=$(find steps -name '*.hand' | sed 's/.*\/\([0-9]*\)\..*/\1/' | sort -n | tail -n 1)
check "the page has steps" [ "${last:-0}" -ge 6 ]

# What stands and who reaches whom: in words that say the same of both sides.
# outcome PREFIX         PREFIX: what stands before the name of a node
outcome() {
	local node ns address
	echo "namespaces: $(ip netns list | cut -d ' ' -f 1 | sed "s/^$1//" | sort | xargs)"
	echo "forwarding: $(cat /proc/sys/net/ipv4/ip_forward)"
	echo "host: $(ip -o link | awk '{ print $2 }' | sed 's/[@:].*//' | sort | xargs)"
	ip -o -4 addr | awk '{ print "host:", $2, $4 }'
	ip -4 route | sed 's/ proto [a-z0-9]*//; s/^/host: /'
	for node in one two; do
		ns=$1$node
		ip netns list | grep -q "^$ns\b" || continue
		ip -n "$ns" -o link | awk '{ print $2, ($3 ~ /LOWER_UP/ ? "up" : "down") }' | sed "s/@[^ ]*//; s/^/$node: /" | sort
		ip -n "$ns" -o -4 addr | awk -v n="$node" '{ print n ":", $2, $4 }' | sort
		ip -n "$ns" -4 route | sed "s/ proto [a-z0-9]*//; s/ *$//; s/^/$node: /" | sort
		for address in 192.168.1.1 192.168.1.2 192.168.15.1 192.168.15.2 192.168.15.5 192.168.0.2 192.168.0.10 203.0.113.1; do
			(ip netns exec "$ns" ping -n -c 1 -W 1 $address >/dev/null 2>&1; echo "$node -> $address: $?") &
		done | sed 's/: [12]$/: no/; s/: 0$/: yes/' | sort
	done
	for address in 192.168.15.1 192.168.15.2; do
		(ping -n -c 1 -W 1 $address >/dev/null 2>&1 && echo "host -> $address") &
	done | sort
}

# One command of the page. A text of what is wrong with it, or nothing.
run_line() {
	local out status=0
	out=$(eval "$1" 2>&1) || status=$?
	case $1 in
	*"# fails"*) [ $status -ne 0 ] || printf 'does not fail: %s\n' "$1" ;;
	*) [ $status -eq 0 ] || printf 'status %s: %s\n%s\n' $status "$1" "$out" ;;
	esac
	# What the page says of the failure, up to a colon or the end, is in what the command says.
	case $1 in
	*"# fails: Network is unreachable"*) [[ $out == *"Network is unreachable"* ]] || printf 'says otherwise: %s\n%s\n' "$1" "$out" ;;
	*"# fails: no "*) [[ $out == *"${1##*# fails: }"* ]] || printf 'says otherwise: %s\n%s\n' "$1" "$out" ;;
	esac
}

# side SIDE PREFIX       in namespaces of its own
side() {
	local step line kind
	mkdir "$1"
	cd "$1" || return 1
	PATH=$(dirname "$NSLOOM"):$PATH # here it is root's, whose else it may be
	for ((step = 0; step <= last; step++)); do
		: >"$step.faults"
		[ "$1" = nsloom ] && [ -e "../steps/$step.yaml" ] && cp "../steps/$step.yaml" nsloom.yaml
		for kind in setup "$1"; do
			[ -e "../steps/$step.$kind" ] || continue
			while IFS= read -r line <&3; do
				[ -z "$line" ] || run_line "$line" >>"$step.faults" 2>&1
			done 3<"../steps/$step.$kind"
		done
		outcome "$2" >"$step.outcome"
	done
}

export last
export -f outcome run_line side
unshare --net --mount --propagation private bash -c 'side hand ""' &
unshare --net --mount --propagation private bash -c 'side nsloom tutorial.'
wait

for ((step = 0; step <= last; step++)); do
	title=$(sed -n "s/^## $step\. //p" "$page")
	is "$step. $title: the commands by hand do what the page says" "" "$(cat "hand/$step.faults")"
	[ "$step" -eq 0 ] || is "$step. $title: nsloom's do" "" "$(cat "nsloom/$step.faults")"
	is "$step. $title: the same stands, and the same is reached" "" "$(diff "hand/$step.outcome" "nsloom/$step.outcome")"
done

# Two sides that do nothing are alike too.
like "the cable carried" '^one -> 192.168.1.2: yes' "$(cat nsloom/2.outcome)"
like "the way out was one route" '^one -> 203.0.113.1: no' "$(cat nsloom/4.outcome)"
like "then it was open" '^two -> 203.0.113.1: yes' "$(cat nsloom/5.outcome)"
is "in the end all is as in the beginning" "$(cat nsloom/0.outcome)" "$(cat "nsloom/$last.outcome")"

# Without the comment that heads the files.
for name in steps/*.name; do
	file=$(cat "$name")
	is "the page shows examples/tutorial/$file" "$(sed '/^name:/,$!d' "$examples/$file")" "$(cat "${name%.name}.yaml")"
done
