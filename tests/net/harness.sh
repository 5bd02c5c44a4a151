#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs one net test on a machine of its own: fresh network, mount, PID, IPC and
# UTS namespaces, an empty /run (but for /run/lock), its own /proc and /sys. So tests run side by
# side, see no lab but their own, leave nothing behind, and their processes end
# with them. Needs root; without, the test says that it was skipped.
#
# usage: harness.sh TEST.sh NSLOOM
#
# The test is bash with `set -u` and lib.sh already read, in a temporary folder
# of its own ($PWD). It gets:
#   $NSLOOM   the program; also first in $PATH as `nsloom`
#   $TESTS    this folder
set -u

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# The namespaces stand: set the machine up and become the test.
inside() {
	local test=$1 box=$3
	NSLOOM=$2
	TESTS=$(cd "$(dirname "$0")" && pwd)
	mount -t tmpfs -o mode=755 tmpfs /run || exit 1
	mount -t tmpfs -o mode=755 tmpfs "$box" || exit 1
	mount -t sysfs sysfs /sys 2>/dev/null || : # not where the container forbids it
	rm -rf /run/mount # of mount's own
	mkdir -p "$box/bin" "$box/work" /run/lock
	ln -s "$NSLOOM" "$box/bin/nsloom"
	hostname testhost
	ip link set lo up
	cd "$box/work" || exit 1
	export NSLOOM TESTS PATH=$box/bin:$PATH:/usr/local/sbin:/usr/sbin:/sbin HOME=$box/work
	unset XDG_RUNTIME_DIR SUDO_UID SUDO_GID SUDO_USER
	# shellcheck disable=SC2016 # for the shell that is started
	exec bash -u -c '. "$TESTS/lib.sh"; . "$1"' "$(basename "$test")" "$test"
}

if [ "${1:-}" = --inside ]; then
	shift
	inside "$@"
fi

[ "$(id -u)" -eq 0 ] || skip_all "needs root"
for tool in ip unshare mount; do
	command -v "$tool" >/dev/null || skip_all "needs $tool"
done
why=$(unshare --net --mount --pid --fork true 2>&1) || skip_all "no namespaces here: $why"

box=$(mktemp -d "${TMPDIR:-/tmp}/nsloom-test-XXXXXX") # where the test's own tmpfs goes: empty for everyone else
trap 'rmdir "$box"' EXIT
unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc --propagation private \
	"$0" --inside "$(realpath "$1")" "$(realpath "$2")" "$box"
