# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# map: the networks of Mininet, podman and Docker, beside a lab.

need ip python3
# shellcheck source=tests/net/engines-common.sh
. "$TESTS/engines-common.sh"
export LC_ALL=C.UTF-8

# The cables of a map, a line each, without the names of ports, which engines make up.
cables() {
	nsloom map --json | python3 -c '
import json, sys
def end(e):
    return e["switch"] if e["is"] == "switch" else e.get("namespace", e.get("name")) + "/" + e.get("device", "")
for l in json.load(sys.stdin)["links"]:
    if l["kind"] == "cable":
        print(*sorted(map(end, l["ends"])))'
}
checked=

cp "$TESTS/../../examples/tutorial.yaml" nsloom.yaml
nsloom up -q || note "the lab does not come up"
lab=$(nsloom map tutorial)

if mininet_is_here; then
	checked=1
	begin_mininet
	is "Mininet's hosts are on its switch" "h1/h1-eth0 s1 h2/h2-eth0 s1" "$(cables | grep s1 | sort | tr '\n' ' ' | sed 's/ $//')"
	like "and drawn as Mininet's" '┄ h1 ┄+ mininet ┄' "$(nsloom map)"
	end_mininet
	is "and gone with it" "" "$(cables | grep s1)"
else
	skip "Mininet" "it is not here"
fi

if ! podman_is_here; then
	skip "podman" "it is not here, or crun is not"
elif begin_podman >podman.out 2>&1; then
	checked=1
	like "podman's container is on its bridge" '^(cni-podman0 web/eth0|netns-[-0-9a-f]+/eth0 podman0|podman0 web/eth0)$' "$(cables)"
	like "and drawn as podman's" '┄ web ┄+ podman' "$(nsloom map)"
	like "the host translates for it" '─ host ─+ forwards, nat ─' "$(nsloom map)"
	end_podman
else
	skip "podman" "it does not run here: $(tail -1 podman.out)"
fi

if ! docker_is_here; then
	skip "Docker" "it is not here, or crun is not"
elif begin_docker >docker.out 2>&1; then
	checked=1
	is "Docker's containers are on their networks" "api/eth0 docker0
api/eth1 br-theirs
br-theirs db/eth0
docker0 shop/eth0" "$(cables | grep -E '(shop|db|api)/' | sed -E 's/br-[0-9a-f]{12}/br-theirs/' | sort)"
	like "and drawn as Docker's" '┄ shop ┄+ docker ┄' "$(nsloom map)"
	like "one leads nowhere" '^connected to nothing: cell$' "$(nsloom map)"
	is "the lab's own map is what it was" "$lab" "$(nsloom map tutorial)"
	end_docker
else
	skip "Docker" "it does not run here: $(tail -1 docker.out)"
fi
[ -n "$checked" ] || note "none of them runs here"
