# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Docker's daemon with a network of its own, which makes it drop what is forwarded. No image is needed.

# shellcheck source=tests/net/firewall-common.sh
. "$TESTS/firewall-common.sh"
of_the_machine "the daemon wants to be root on the machine"
need dockerd docker containerd sysctl
case $(iptables --version) in
*nf_tables*) ;;
*) skip_all "iptables is not iptables-nft here" ;;
esac

mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null || skip_all "no control groups here"
mkdir -p own
mount -t tmpfs tmpfs own
export DOCKER_HOST=unix://$PWD/own/socket
outside_ready

start() { # OPTION…
	dockerd --host "$DOCKER_HOST" --data-root "$PWD/own/data" --exec-root "$PWD/own/exec" --pidfile "$PWD/own/pid" \
		--storage-driver vfs "$@" >docker.log 2>&1 &
	wait_for 40 docker info >/dev/null || tail -n 30 docker.log | tr -d '\0'
	docker info >/dev/null
}

gone() { ! kill -0 "$1" 2>/dev/null; }
stop() {
	local daemon
	daemon=$(cat own/pid)
	kill "$daemon"
	wait_for 20 gone "$daemon"
}

# How many chains of Docker's drop what is forwarded: newer ones do so for IPv6 too.
dropping() { nft list ruleset 2>/dev/null | grep -c 'hook forward.*policy drop'; }

restart() {
	stop
	start "${options[@]}"
}

options=(--iptables=true)
check "dockerd runs" start "${options[@]}"
check "a network of Docker's" docker network create theirs
like "it drops what is forwarded" '^-P FORWARD DROP' "$(iptables -S FORWARD)"
through "docker" "$(dropping)" restart
check "Docker's rules are Docker's still" iptables -S DOCKER-USER
stop
nft flush ruleset

if dockerd --help | grep -q -- --firewall-backend; then
	# It does not turn forwarding on by itself in this mode, and refuses to make networks without.
	sysctl -q -w net.ipv4.ip_forward=1
	options=(--firewall-backend=nftables)
	check "dockerd runs with nf_tables" start "${options[@]}"
	check "a network of Docker's, by nf_tables" docker network create theirs2
	through "docker with nf_tables" "$(dropping)" restart
	stop
else
	skip "docker with nf_tables" "this dockerd has no such back end"
fi
