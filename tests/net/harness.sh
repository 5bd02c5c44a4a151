#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs one net test on a machine of its own: fresh network, mount, PID, IPC and
# UTS namespaces, an empty /run (but for /run/lock), its own /proc and /sys. So tests run side by
# side, see no lab but their own, leave nothing behind, and their processes end
# with them. Needs root; without, the test says that it was skipped.
#
# usage: harness.sh [--user RELAY] TEST.sh NSLOOM
#
# With --user the machine has an ordinary user, weaver, who has subordinate ids
# and no privileges. The test sits on this user's stand-in host, so that what it looks at
# is there; each `nsloom` that it calls is started by the user outside (relay.c).
# Apart from that a test cannot know the difference.
#
# The test is bash with `set -u` and lib.sh already read, in a temporary folder
# of its own ($PWD). It gets:
#   $NSLOOM   the program. `nsloom`, by $PATH, is the same, or with --user what starts it outside
#   $TESTS    this folder
#   $WEAVER   where it is to be the user's: the user's name, else empty
set -u

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# The namespaces stand: set the machine up and become the test.
inside() {
	local test=$1 box=$3 relay=$4
	NSLOOM=$2
	TESTS=$(cd "$(dirname "$0")" && pwd)
	WEAVER=''
	mount -t tmpfs -o mode=755 tmpfs /run || exit 1
	mount -t tmpfs -o mode=755 tmpfs "$box" || exit 1
	mount -t sysfs sysfs /sys 2>/dev/null || : # not where the container forbids it
	rm -rf /run/mount # of mount's own
	mkdir -p "$box/bin" "$box/work" "$box/tree" /run/lock
	hostname testhost
	ip link set lo up
	unset XDG_RUNTIME_DIR SUDO_UID SUDO_GID SUDO_USER
	# What the distribution gives comes first: wrappers of a developer's own (pyenv's take a second) are none of the test.
	export NSLOOM TESTS WEAVER HOME=$box/work PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
	# shellcheck disable=SC2016 # for the shell that is started
	local run='cd "$HOME" && . "$TESTS/lib.sh"; . "$0"'
	if [ -z "$relay" ]; then
		ln -s "$NSLOOM" "$box/bin/nsloom"
		PATH=$box/bin:$PATH
		cd "$box/work" || exit 1
		exec bash -u -c "$run" "$test"
	fi
	# The user may not be allowed to the folder that all lies in.
	mount --bind "$TESTS/../.." "$box/tree" || exit 1
	mkdir -p "$box/real"
	cp "$NSLOOM" "$box/real/nsloom"
	cp "$relay" "$box/bin/relay"
	ln -s relay "$box/bin/nsloom"
	[ ! -c /dev/net/tun ] || { mknod -m 666 "$box/tun" c 10 200 && mount --bind "$box/tun" /dev/net/tun; } # the machine's may be root's
	test=$box/tree/${test#"$(realpath "$TESTS/../..")"/}
	NSLOOM=$box/real/nsloom TESTS=$box/tree/tests/net WEAVER=weaver
	# shellcheck source=tests/net/weaver.sh
	. "$TESTS/weaver.sh"
	chown 64242 "$box" # for the relay's socket
	make_weaver "$box/work"
	PATH=$(tr : '\n' <<<"$PATH" | grep -v '^/root\b' | paste -sd :) # of root's, who called
	export RELAY_PATH=$box/real XDG_RUNTIME_DIR=/run/user/64242 USER=weaver LOGNAME=weaver NSLOOM_WAY_OUT=none
	cd "$box/work" || exit 1
	exec setpriv --reuid=weaver --regid=weaver --init-groups --inh-caps=-all "$box/bin/relay" serve "$box/relay" -- \
		"$box/real/nsloom" exec host -- env PATH="$box/bin:$PATH" bash -u -c "$run" "$test"
}

if [ "${1:-}" = --inside ]; then
	shift
	inside "$@"
fi

relay=''
if [ "${1:-}" = --user ]; then
	relay=$(realpath "$2")
	shift 2
fi
[ "$(id -u)" -eq 0 ] || skip_all "needs root"
for tool in ip unshare mount ${relay:+setpriv newuidmap getent}; do
	command -v "$tool" >/dev/null || skip_all "needs $tool"
done
why=$(unshare --net --mount --pid --fork true 2>&1) || skip_all "no namespaces here: $why"
[ -z "$relay" ] || why=$(setpriv --reuid=64242 --regid=64242 --clear-groups --inh-caps=-all unshare --user --net --mount \
	true 2>&1) || skip_all "no user namespaces without root here: $why"

box=$(mktemp -d "${TMPDIR:-/tmp}/nsloom-test-XXXXXX") # where the test's own tmpfs goes: empty for everyone else
trap 'rmdir "$box"' EXIT
# A background job of a script ignores SIGINT, and bash cannot undo it: a test types Ctrl-C.
plain=(env --default-signal=INT --default-signal=QUIT)
"${plain[@]}" true 2>/dev/null || plain=()
"${plain[@]}" unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc --propagation private \
	"$0" --inside "$(realpath "$1")" "$(realpath "$2")" "$box" "$relay"
