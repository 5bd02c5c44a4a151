# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# ns ls: networks that others have made, by Mininet, podman and Docker, are told by their makers' names.

need ip python3
# shellcheck source=tests/net/engines-common.sh
. "$TESTS/engines-common.sh"

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
devices_of() { nsloom ns exec "$1" -- sh -c 'cd /sys/class/net && echo *'; }
checked=

if mininet_is_here; then
	checked=1
	begin_mininet
	is "Mininet's first host" "mininet host:s1-eth1 10.0.0.1/8" "$(told h1)"
	is "Mininet's second host" "mininet host:s1-eth2 10.0.0.2/8" "$(told h2)"
	is "it is found by its name" "h1-eth0 lo" "$(devices_of h1)"
	end_mininet
	is "they go with Mininet" "" "$(told h1)"
else
	skip "Mininet" "it is not here"
fi

if ! podman_is_here; then
	skip "podman" "it is not here, or crun is not"
elif begin_podman >podman.out 2>&1; then
	checked=1
	like "podman's container" '^podman host:veth[0-9a-f]+ 10\.88\.0\.[0-9]+/16$' "$(told web)"
	is "it is found by its name, and by the beginning of its id" "eth0 lo eth0 lo" \
		"$(for name in web "$(head -c 12 <(tail -1 podman.out))"; do devices_of "$name"; done | tr '\n' ' ' | sed 's/ $//')"
	like "and the forwarding of the host is seen" '"forwards_ipv4": true' "$(nsloom ns ls --json)"
	end_podman
else
	skip "podman" "it does not run here: $(tail -1 podman.out)"
fi

if ! docker_is_here; then
	skip "Docker" "it is not here, or crun is not"
elif begin_docker >docker.out 2>&1; then
	checked=1
	like "Docker's container, though its files are not where they usually are" \
		'^docker host:veth[0-9a-f]+ 172\.[0-9]+\.0\.[0-9]+/16$' "$(told shop)"
	like "one on two networks" '^docker host:veth[0-9a-f]+ host:veth[0-9a-f]+ 172\.[0-9.]+/16 172\.[0-9.]+/16$' "$(told api)"
	is "one on none" "docker" "$(told cell)"
	is "it is found by its name" "eth0 lo" "$(devices_of db)"
	end_docker
else
	skip "Docker" "it does not run here: $(tail -1 docker.out)"
fi
[ -n "$checked" ] || note "none of them runs here"
