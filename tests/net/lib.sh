# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a net test says. Each check is one line of TAP; the plan comes last, and
# a test that stops before its end has failed, whatever it said until then.
#
#   check WHAT COMMAND…         the command succeeds
#   check_fails WHAT STATUS COMMAND…   it ends with that status
#   is WHAT WANTED FOUND        two strings are the same
#   like WHAT PATTERN FOUND     an extended regular expression matches
#   wait_for SECONDS COMMAND…   runs it until it succeeds; fails when the time is over. Never sleep otherwise.
#   skip WHAT REASON            one check cannot be made here
#   skip_all REASON             none can; before the first check
#   note TEXT                   for who reads the log
#   need COMMAND…               skip_all unless these programs are here
#   user COMMAND…               runs it as the user of nsloom, where he sits: with a test that is a user's (harness.sh --user)
#                               that is outside of his stand-in host
#   launch COMMAND…             the same in the background; $pid is its process, $job what to `wait` for
#   of_the_machine REASON       skip_all where the test is a user's: it is about what only the machine's own root has
#   snapshot                    prints all of the machine that a lab might touch: two of them are compared
#   unchanged WHAT BEFORE       the machine is as in that snapshot
#   settle                      waits until carriers are known: before a snapshot of a lab that has just come up
#   same_text WHAT BEFORE NOW   the same lines; else shows which differ
#   make_outside                what stands for the internet: namespace `outside` (203.0.113.2, 2001:db8:ff::2), beyond
#                               the host's device up0 (.1, ::1); it knows no way back to any lab
#   strangers                   how many packets reached it that did not come from the host's own addresses
#   node_state LAB.NODE…        prints what stands in these namespaces, whatever its ifindexes
#   without_indexes             a filter of snapshots: without the numbers that a device made anew gets
#
# What a failing command printed is shown, and what a succeeding one printed is not.

checks=0
failures=0
finished=

note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

result() { # 0|1 WHAT
	checks=$((checks + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $checks - $2"
	else
		failures=$((failures + 1))
		echo "not ok $checks - $2"
	fi
	return "$1"
}

check() {
	local what=$1 out status=0
	shift
	out=$("$@" 2>&1) || status=$?
	if ! result $((status != 0)) "$what"; then
		note "status $status of: $*"
		note "$out"
		return 1
	fi
}

check_fails() {
	local what=$1 want=$2 out status=0
	shift 2
	out=$("$@" 2>&1) || status=$?
	if ! result $((status != want)) "$what"; then
		note "status $status, not $want, of: $*"
		note "$out"
		return 1
	fi
}

is() {
	local same=0
	[ "$2" = "$3" ] || same=1
	if ! result $same "$1"; then
		note "wanted: $2"
		note "found:  $3"
		return 1
	fi
}

like() {
	local same=0
	printf '%s\n' "$3" | grep -Eq -- "$2" || same=1
	if ! result $same "$1"; then
		note "wanted: /$2/"
		note "found:  $3"
		return 1
	fi
}

wait_for() {
	local end=$((SECONDS + $1)) out
	shift
	until out=$("$@" 2>&1); do
		if [ "$SECONDS" -gt "$end" ]; then
			printf '%s\n' "$out"
			return 1
		fi
		sleep 0.02
	done
}

skip() {
	checks=$((checks + 1))
	echo "ok $checks - $1 # SKIP $2"
}

skip_all() {
	finished=1
	echo "1..0 # SKIP $1"
	exit 0
}

need() {
	local tool
	for tool in "$@"; do
		command -v "$tool" >/dev/null || skip_all "needs $tool"
	done
}

of_the_machine() {
	[ -z "$WEAVER" ] || skip_all "$1"
}

user() {
	if [ -n "$WEAVER" ]; then relay "$@"; else "$@"; fi
}

# shellcheck disable=SC2034 # the test reads them
launch() {
	if [ -z "$WEAVER" ]; then
		"$@" &
		pid=$! job=$!
		return
	fi
	rm -f "$HOME/.pid"
	RELAY_PID=$HOME/.pid relay "$@" &
	job=$!
	wait_for 30 test -s "$HOME/.pid" || :
	pid=$(cat "$HOME/.pid")
}

# JSON of ip(8), an attribute a line after its object's name: so a difference is short.
flatten() { # WHAT
	sed -E 's/\},\{/\n/g; s/"[a-z_]+_timer": *[0-9.]+,?//g; s/"operstate":"[A-Z]*",//g; s/"(NO-CARRIER|LOWER_UP)",?//g' |
		awk -v what="$1" '{
			name = match($0, /"(ifname|dst|priority)":[^,}]*/) ? substr($0, RSTART, RLENGTH) : ""
			gsub(/[][{}]/, "")
			gsub(/,"/, "\n" what " " name " \"")
			print what, name, $0
		}'
}

# Of the namespace that the shell is in. Not in it: counters, timers, carriers, which vary by themselves, and what nobody may
# read.
network() {
	local object
	for object in link address "-4 rule" "-6 rule"; do
		# shellcheck disable=SC2086 # two words
		ip -d -j $object show | flatten "$object"
	done
	for object in -4 -6; do
		ip -d -j $object route show table all | flatten "$object route"
	done
	grep -rs '' /proc/sys/net | grep -v '/nf_conntrack_count:' | sort
}

snapshot() {
	network
	ip netns list | sed 's/ (id: [0-9]*)$//; s/^/netns /' | sort
	nft -s list ruleset | sed 's/^/nft /'
	find /run -printf '%y %m %p %l\n' | sort
	cut -d ' ' -f 5 /proc/self/mountinfo | sort | sed 's/^/mount /'
}

without_indexes() { grep -vE '"(ifindex|link_index|link_netnsid)"' | sort; }

# The kernel tells a bridge of its ports' carrier a little later.
settled() { ! ip link show up | grep -E 'NO-CARRIER|state DOWN'; }
settle() { wait_for 3 settled >/dev/null || :; }

same_text() { # WHAT BEFORE NOW
	if ! result "$([ "$2" = "$3" ] && echo 0 || echo 1)" "$1"; then
		note "$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") | grep '^[<>]' | cut -c 1-200 | head -20)"
		return 1
	fi
}

unchanged() {
	settle
	same_text "$1" "$2" "$(snapshot)"
}

export -f network flatten
node_state() {
	local name
	for name; do
		nsenter --net="/run/netns/$name" bash -c network | without_indexes | sed "s/^/$name /"
	done
}

make_outside() {
	ip netns add outside
	ip link add up0 type veth peer name eth0 netns outside
	ip link set up0 addrgenmode none # no address that settles while the test looks
	ip addr add 203.0.113.1/24 dev up0
	ip -6 addr add 2001:db8:ff::1/64 dev up0 nodad
	ip link set up0 up
	ip -n outside link set eth0 addrgenmode none
	ip -n outside link set lo up
	ip -n outside addr add 203.0.113.2/24 dev eth0
	ip -n outside addr add 2001:db8:ff::2/64 dev eth0 nodad
	ip -n outside link set eth0 up
	ip netns exec outside nft -f - <<-'EOF'
		table inet watch {
			counter strangers { }
			chain arriving {
				type filter hook prerouting priority -300
				iif lo accept
				ip saddr 203.0.113.1 accept
				ip6 saddr { 2001:db8:ff::1, fe80::/10, :: } accept
				counter name strangers
			}
		}
	EOF
	wait_for 30 ping -c1 -W1 203.0.113.2 >/dev/null
	wait_for 30 ping -c1 -W1 2001:db8:ff::2 >/dev/null
}

strangers() {
	ip netns exec outside nft list counter inet watch strangers | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

# The test's last line has run, or it stopped early: the shell tells by the status it exits with.
finish() {
	local status=$?
	[ -z "$finished" ] || exit "$status"
	if [ "$status" -ne 0 ] && [ "$failures" -eq 0 ]; then
		result 1 "the test came to its end (status $status)"
	elif [ "$checks" -eq 0 ]; then
		result 1 "the test checks something"
	fi
	echo "1..$checks"
	exit $((failures > 0))
}
trap finish EXIT
