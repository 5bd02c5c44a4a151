# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Networks that others make, for tests that look at them: Mininet's, podman's, Docker's. Each can be had (…_is_here), begun and
# ended. None needs an image, or control groups of its own. Sourced by ns-engines.sh and map-engines.sh.

# ---- Mininet: two hosts h1 (10.0.0.1) and h2 (10.0.0.2) on a Linux bridge s1

python=$(sed -n '1s/^#!//p' "$(command -v mn)" 2>/dev/null)
mininet_is_here() {
	[ -n "$python" ] && $python -c 'import mininet.nodelib' 2>/dev/null && command -v brctl >/dev/null
}
begin_mininet() {
	cat >net.py <<-'P'
		import sys
		from mininet.net import Mininet
		from mininet.nodelib import LinuxBridge
		from mininet.topo import SingleSwitchTopo
		net = Mininet(topo=SingleSwitchTopo(2), switch=LinuxBridge, controller=None)
		net.start()
		print("ready", flush=True)
		sys.stdin.read()
		net.stop()
	P
	mkfifo hold
	$python net.py <hold >mininet.out 2>mininet.err &
	mininet=$!
	exec 5>hold
	wait_for 30 mininet_is_up || note "$(cat mininet.err)"
}
# Mininet does not wait for its switches.
mininet_is_up() { [ -s mininet.out ] && [ "$(ip link show master s1 | grep -c UP)" -eq 2 ]; }
end_mininet() {
	exec 5>&-
	wait "$mininet"
}

# ---- what containers run: a folder with sleep(1) and its libraries

root_folder() {
	local file
	mkdir -p root/bin root/proc root/sys root/dev root/etc root/tmp root/run
	cp "$(command -v sleep)" root/bin/
	for file in $(ldd root/bin/sleep | grep -o '/[^ ]*'); do
		mkdir -p "root/$(dirname "$file")" && cp -L "$file" "root/$file" || return
	done
}
# crun wants the second version there, though nothing is put into it.
unified_groups() {
	umount -R /sys/fs/cgroup 2>/dev/null
	mount -t cgroup2 none /sys/fs/cgroup
}

# ---- podman: a container "web" on its default network 10.88.0.0/16

podman_is_here() { command -v podman >/dev/null && command -v crun >/dev/null; }
pod() {
	(
		# shellcheck disable=SC3045 # bash
		ulimit -n 1024
		podman --runtime crun --storage-driver vfs --root "$PWD/storage" --runroot "$PWD/runroot" --tmpdir "$PWD/tmp" \
			--cgroup-manager cgroupfs --events-backend file --log-level error "$@"
	)
}
begin_podman() {
	mount -t tmpfs tmpfs /dev/shm # for podman's locks
	unified_groups && root_folder &&
		pod run -d --name web --cgroups disabled --security-opt seccomp=unconfined --ulimit nofile=1024:1024 \
			--ulimit nproc=1024:1024 --network podman --rootfs "$PWD/root" /bin/sleep 1000
}
end_podman() { pod rm -f -t 0 web >/dev/null 2>&1; }

# ---- Docker: containers "shop" on docker0, "db" on a network of its own, "api" on both, "cell" on none

docker_is_here() {
	command -v dockerd >/dev/null && command -v docker >/dev/null && command -v containerd >/dev/null && command -v crun >/dev/null
}
container() { # NAME NETWORK
	docker run -d --name "$1" --network "$2" --security-opt seccomp=unconfined --ulimit nofile=1024:1024 tiny /bin/sleep 1000
}
begin_docker() {
	mkdir -p own && mount -t tmpfs tmpfs own || return
	printf '#!/bin/sh\nexec crun --cgroup-manager=disabled "$@"\n' >own/crun
	chmod +x own/crun
	export DOCKER_HOST=unix://$PWD/own/socket
	unified_groups && root_folder || return
	dockerd --host "$DOCKER_HOST" --data-root "$PWD/own/data" --exec-root "$PWD/own/exec" --pidfile "$PWD/own/pid" \
		--storage-driver vfs --add-runtime "plain=$PWD/own/crun" --default-runtime plain >docker.log 2>&1 &
	wait_for 40 docker info >/dev/null && tar -C root -c . | docker import - tiny && docker network create theirs &&
		container shop bridge && container db theirs && container api bridge && docker network connect theirs api &&
		container cell none
}
docker_gone() { ! kill -0 "$1" 2>/dev/null; }
end_docker() {
	local daemon
	docker rm -f shop db api cell >/dev/null 2>&1
	daemon=$(cat own/pid)
	kill "$daemon" && wait_for 20 docker_gone "$daemon"
}
