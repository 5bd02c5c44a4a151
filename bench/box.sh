#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs a command on a machine of its own: fresh network, mount, PID, IPC and UTS namespaces, an empty /run, its own /proc
# and /sys. What it makes is gone when it ends, and its processes too. Needs root.
#
# usage: box.sh COMMAND [ARGUMENT]…
set -eu

if [ "${1:-}" = --inside ]; then
	shift
	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir /run/lock
	mount -t sysfs sysfs /sys 2>/dev/null || : # not where a container forbids it
	hostname bench
	ip link set lo up
	exec "$@"
fi
exec unshare --net --mount --uts --ipc --pid --fork --kill-child --mount-proc --propagation private "$0" --inside "$@"
