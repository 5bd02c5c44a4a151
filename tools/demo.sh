#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demo: two hosts, isolated; a cable; a switch with the host on it; a way out
# to one network; then to everywhere; and nothing left of it in the end. Each
# command is shown and then run, and each outcome is checked: status 1 where one
# is not as it should be.
#
# It runs in namespaces of its own, which play the host and the outside, so that
# the network of the machine is not touched and no internet is needed.
#
# usage: tools/demo.sh      as root, after `make`; $NSLOOM: another program than build/nsloom
set -u
cd "$(dirname "$0")/.." || exit 1

NSLOOM=$(realpath "${NSLOOM:-build/nsloom}")
[ -x "$NSLOOM" ] || { echo "There is no $NSLOOM yet: make" >&2; exit 1; }
export NSLOOM PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

if [ "${1:-}" != --inside ]; then
	[ "$(id -u)" -eq 0 ] || { echo "The demo makes network namespaces:  sudo make demo" >&2; exit 1; }
	why=$(unshare --net --mount --pid --fork true 2>&1) || {
		echo "The demo makes namespaces, which cannot be done here: $why" >&2
		case $why in *propagation*) echo "(In a plain chroot / is no mount point: mount --bind it onto itself first.)" >&2 ;; esac
		exit 1
	}
	box=$(mktemp -d "${TMPDIR:-/tmp}/nsloom-demo-XXXXXX")
	trap 'rmdir "$box"' EXIT
	unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc --propagation private "$0" --inside "$box"
	exit
fi

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m' color=always
else
	bold='' green='' red='' plain='' color=never
fi
wrong=0

title() {
	printf '\n%s== %s%s\n' "$bold" "$1" "$plain"
}

fault() {
	wrong=$((wrong + 1))
	printf '%sNot as it should be: %s%s\n' "$red" "$1" "$plain"
}

# Shows a command, runs it, shows what it says, and looks whether it ends as it should.
# shows STATUS PATTERN COMMAND    STATUS: ok or fails; PATTERN: an extended regular expression of the output
shows() {
	local want=$1 pattern=$2 status=0 out
	shift 2
	printf '\n%s$ %s%s\n' "$green" "$*" "$plain"
	out=$(eval "$*" 2>&1) || status=$?
	[ -z "$out" ] || printf '%s\n' "$out"
	case $want in
	ok) [ "$status" -eq 0 ] || fault "status $status" ;;
	fails) [ "$status" -ne 0 ] || fault "this should have failed" ;;
	esac
	# shellcheck disable=SC2001 # a pattern that ${//} does not know
	sed 's/\x1b\[[0-9;]*m//g' <<<"$out" | grep -Eq -- "$pattern" || fault "the output has no \"$pattern\""
}

# The same, and the output is nothing.
shows_nothing() {
	local out
	printf '\n%s$ %s%s\n' "$green" "$*" "$plain"
	out=$(eval "$*" 2>&1)
	[ -z "$out" ] || { printf '%s\n' "$out"; fault "this should be nothing"; }
}

nsloom() {
	"$NSLOOM" --color "$color" "$@"
}

# The host, to be compared. (An address is tentative until the kernel has seen that nobody else has it.)
host_now() {
	ip -o addr | sed 's/ tentative//'
	ip route
	cat /proc/sys/net/ipv4/ip_forward
}

step() { # FILE
	sed '/^#/d' "$steps/$1" >nsloom.yaml
	shows ok '^name: tutorial' cat nsloom.yaml
	shows ok 'is up' nsloom up
}

# The namespaces stand: a machine of its own, and an outside. $2 is an empty folder.
mount -n -t tmpfs -o mode=755 tmpfs /run || exit 1
steps=$PWD/examples/tutorial
mount -n -t tmpfs -o mode=755 tmpfs "$2" && cd "$2" || exit 1
unset XDG_RUNTIME_DIR SUDO_UID SUDO_GID SUDO_USER
hostname demo

echo "${bold}nsloom: a network of namespaces, woven from one file.$plain"
echo
echo "All of this happens in namespaces that the demo made for itself. They play the"
echo "host and the outside; the network of this machine is not touched."

title "The host, and an outside that is cabled to it"
for command in \
	'ip link set lo up' \
	'ip netns add outside' \
	'ip link add lan0 type veth peer name lan0 netns outside' \
	'ip addr add 192.168.0.2/24 dev lan0' \
	'ip link set lan0 up' \
	'ip -n outside addr add 192.168.0.10/24 dev lan0' \
	'ip -n outside addr add 203.0.113.1/32 dev lo    # stands for the internet' \
	'ip -n outside link set lo up' \
	'ip -n outside link set lan0 up' \
	'ip route add default via 192.168.0.10' \
	'ip netns exec outside nft add table ip seen' \
	'ip netns exec outside nft add chain ip seen from "{ type filter hook input priority 0; }"' \
	'ip netns exec outside nft add rule ip seen from ip saddr 192.168.0.2 counter' \
	'ip netns exec outside nft add rule ip seen from ip saddr 192.168.15.0/24 counter'; do
	printf '%s$ %s%s\n' "$green" "$command" "$plain"
	eval "$command" || fault "status $?"
done
before=$(host_now)

title "1. Two hosts, and nothing between them"
step 1-isolated.yaml
shows ok 'lo:' nsloom exec one -- ip link
shows fails 'no address' nsloom ping one two
shows fails 'Network is unreachable' nsloom exec one -- ping -c 1 192.168.1.2

title "2. A cable"
step 2-cable.yaml
shows ok '2 of 2 answered' nsloom ping
shows ok ' 0% packet loss' nsloom exec one -- ping -n -c 1 192.168.1.2

title "3. A switch, and the host on it"
step 3-switch.yaml
shows ok '4 of 4 answered' nsloom ping
shows ok 'one → host.* ms' nsloom ping one host
shows ok 'host → 192.168.15.1|host → one.* ms' nsloom ping host 192.168.15.1
echo
echo "There is no way out yet:"
shows fails 'no route' nsloom ping one 192.168.0.10
shows fails 'Network is unreachable' nsloom exec one -- ping -c 1 192.168.0.10

title "4. A way out, to one network only"
step 4-one-route.yaml
shows ok 'one → 192.168.0.10: .* ms' nsloom ping one 192.168.0.10
shows fails 'no route' nsloom ping one 203.0.113.1
shows fails 'no route' nsloom ping two 192.168.0.10
shows ok '192.168.0.0/24 via 192.168.15.5' nsloom exec one -- ip route

title "5. A way out, to everywhere: examples/tutorial.yaml"
step ../tutorial.yaml
shows ok 'v-net-0 +192.168.15.0/24 +192.168.15.5 +yes' nsloom show
shows ok '4 of 4 answered' nsloom ping
shows ok 'one → host.* ms' nsloom ping one host
shows ok 'one → 192.168.0.10: .* ms' nsloom ping one 192.168.0.10
shows ok 'two → 203.0.113.1: .* ms' nsloom ping two 203.0.113.1
shows ok 'default via 192.168.15.5' nsloom exec two -- ip route
echo
echo "The outside sees the host, never the node:"
shows ok '192.168.0.2 counter packets [1-9]' "ip netns exec outside nft list chain ip seen from | grep 192.168.0.2"
shows ok '192.168.15.0/24 counter packets 0 ' "ip netns exec outside nft list chain ip seen from | grep 192.168.15"
shows ok 'tutorial.one' ip netns list
shows ok 'up to date' nsloom up

title "6. Down, and nothing is left"
shows ok 'is down' nsloom down
shows ok '^outside' ip netns list
shows ok 'lan0' ip -br link
shows_nothing nft list ruleset
shows ok '^0$' cat /proc/sys/net/ipv4/ip_forward
shows_nothing "find /run -path '*nsloom*'"
[ "$before" = "$(host_now)" ] || fault "the host is not as before"

echo
if [ "$wrong" -gt 0 ]; then
	printf '%s%d things were not as they should be.%s\n' "$red" "$wrong" "$plain"
	exit 1
fi
printf '%sAll went as it should.%s Now look at examples/ and docs/by-hand.md.\n' "$bold" "$plain"
