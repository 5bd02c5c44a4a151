# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# ns ls: networks that others have made, by Mininet and by podman, are told by their makers' names.

need ip python3

# What `ns ls` says of a namespace: engine, container, the other end of its first cable, its addresses.
told() { # CONTAINER
	nsloom ns ls --json | python3 -c '
import json, sys
c = json.load(sys.stdin)
for n in c["namespaces"]:
    if n.get("container") == sys.argv[1]:
        cables = [d for d in n["devices"] if d.get("tie", {}).get("kind") == "peer"]
        print(n["engine"], *[d["tie"]["namespace"] + ":" + d["tie"]["device"] for d in cables],
              *[a for d in cables for a in d["addresses"] if not a.startswith("fe80")])' "$1"
}
checked=

# ---- Mininet

python=$(sed -n '1s/^#!//p' "$(command -v mn)" 2>/dev/null)
if [ -n "$python" ] && $python -c 'import mininet.nodelib' 2>/dev/null && command -v brctl >/dev/null; then
	checked=1
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
	wait_for 30 test -s mininet.out || note "$(cat mininet.err)"
	is "Mininet's first host" "mininet host:s1-eth1 10.0.0.1/8" "$(told h1)"
	is "Mininet's second host" "mininet host:s1-eth2 10.0.0.2/8" "$(told h2)"
	is "it is found by its name" "h1-eth0 lo" "$(nsloom ns exec h1 -- sh -c 'cd /sys/class/net && echo *')"
	exec 5>&-
	wait $mininet
	is "they go with Mininet" "" "$(told h1)"
else
	skip "Mininet" "it is not here"
fi

# ---- podman, without an image and without cgroups of its own

pod() {
	(
		# shellcheck disable=SC3045 # bash
		ulimit -n 1024
		podman --runtime crun --storage-driver vfs --root "$PWD/storage" --runroot "$PWD/runroot" --tmpdir "$PWD/tmp" \
			--cgroup-manager cgroupfs --events-backend file --log-level error "$@"
	)
}
root_folder() {
	local file
	mkdir -p root/bin root/proc root/sys root/dev root/etc root/tmp root/run
	cp "$(command -v sleep)" root/bin/
	for file in $(ldd root/bin/sleep | grep -o '/[^ ]*'); do
		mkdir -p "root/$(dirname "$file")" && cp -L "$file" "root/$file" || return
	done
}
run_pod() {
	mount -t tmpfs tmpfs /dev/shm # for podman's locks
	umount -R /sys/fs/cgroup 2>/dev/null
	mount -t cgroup2 none /sys/fs/cgroup && root_folder &&
		pod run -d --name web --cgroups disabled --security-opt seccomp=unconfined --ulimit nofile=1024:1024 \
			--ulimit nproc=1024:1024 --network podman --rootfs "$PWD/root" /bin/sleep 1000
}
if command -v podman >/dev/null && command -v crun >/dev/null; then
	if run_pod >podman.out 2>&1; then
		checked=1
		like "podman's container" '^podman host:veth[0-9a-f]+ 10\.88\.0\.[0-9]+/16$' "$(told web)"
		is "it is found by its name, and by the beginning of its id" "eth0 lo eth0 lo" \
			"$(for name in web "$(head -c 12 <(tail -1 podman.out))"; do nsloom ns exec "$name" -- sh -c 'cd /sys/class/net && echo *'; done | tr '\n' ' ' | sed 's/ $//')"
		like "and the forwarding of the host is seen" '"forwards_ipv4": true' "$(nsloom ns ls --json)"
		pod rm -f -t 0 web >/dev/null 2>&1
	else
		skip "podman" "it does not run here: $(tail -1 podman.out)"
	fi
else
	skip "podman" "it is not here, or crun is not"
fi
[ -n "$checked" ] || note "neither runs here"
