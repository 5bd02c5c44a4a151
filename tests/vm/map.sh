# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# map: kinds of devices that need modules. The rest is in tests/net/map.sh.

need ip python3 modprobe
export LC_ALL=C.UTF-8
for module in 8021q dummy bonding vrf ipvlan macvlan ip_gre ipip sit geneve wireguard; do
	modprobe $module 2>/dev/null || note "no $module"
done

# As in tests/net/map.sh.
links() {
	nsloom map --json | python3 -c '
import json, sys
def end(e):
    device = "/" + e["device"] if "device" in e else ""
    if e["is"] == "namespace":
        return e["namespace"] + device
    return e["switch"] + "@" + e["namespace"] + device if e["is"] == "switch" else e["is"] + ":" + e["name"]
for l in json.load(sys.stdin)["links"]:
    print(l["kind"], l["state"].replace(" ", "-"), l.get("label", "-") + ":", " — ".join(sorted(map(end, l["ends"]))))'
}
# can WHAT LINK COMMAND…: where the kernel takes the command, there is this link afterwards.
can() {
	local what=$1 want=$2
	shift 2
	if ! "$@" 2>/dev/null; then
		skip "$what" "this kernel has none"
		return
	fi
	printf '%s\n' "$(links)" | grep -qxF -- "$want"
	result $? "$what" || note "wanted: $want" "found:" "$(links)"
}

ip netns add a
ip netns add b
ip link add p0 type veth peer name p1
ip link set p0 up
ip link set p1 up
ip link add ab netns a type veth peer name ba netns b
ip -n a link set ab up
ip -n b link set ba up
ip -n a addr add 10.0.0.1/24 dev ab
ip -n b addr add 10.0.0.2/24 dev ba

can "vlan" "parent down vlan 10: host/p0 — host/p0.10" ip link add p0.10 link p0 type vlan id 10
can "vlan that has moved away" "parent down vlan 11: a/v11 — host/p0" \
	sh -c 'ip link add v11 link p0 type vlan id 11 && ip link set v11 netns a'
can "ipvlan" "parent down ipvlan l2: a/iv — host/p1" ip link add iv link p1 netns a type ipvlan mode l2
can "gre between two namespaces" "tunnel down gre: a/g — b/g" \
	sh -c 'ip -n a link add g type gre local 10.0.0.1 remote 10.0.0.2 && ip -n b link add g type gre local 10.0.0.2 remote 10.0.0.1'
can "gre to who knows where" "tunnel down gre 7: host/gw — remote:192.0.2.9" ip link add gw type gre remote 192.0.2.9 key 7
can "ipip" "tunnel down ipip: a/ii — remote:192.0.2.8" ip -n a link add ii type ipip remote 192.0.2.8
can "geneve" "tunnel down geneve 5: host/gn — remote:192.0.2.7" ip link add gn type geneve id 5 remote 192.0.2.7
can "a bond is a switch" "port down -: bond0@host/d0 — host/d0" \
	sh -c 'ip link add bond0 type bond && ip link add d0 type dummy && ip link set d0 master bond0 && ip link set d0 down'
can "a bond that is a port of a bridge" "port up -: bond0@host/bond0 — br0@host/bond0" \
	sh -c 'ip link add br0 type bridge && ip link set bond0 master br0 && ip link set bond0 up && ip link set br0 up'
can "wireguard" "tunnel up wireguard: host/wg0 — remote:far ends of wg0" \
	sh -c 'ip link add wg0 type wireguard && ip link set wg0 up'

if ip link add blue type vrf table 10 2>/dev/null && ip link add d1 type dummy 2>/dev/null; then
	ip link set d1 master blue
	is "a VRF is no switch" "" "$(links | grep blue)"
	like "who is in it says so" '│ d1 .* in blue' "$(nsloom map)"
else
	skip "VRF" "this kernel has none"
fi
is "tunnels that the kernel makes by itself are not shown" "" "$(nsloom map | grep -E ' (gre0|tunl0|sit0|gretap0|erspan0) ')"
like "the drawing has an end" '^└─+┘$' "$(nsloom map)"
