# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# IPv6: usable at once, and deaf to router advertisements, in nodes and on the host.

need ping python3

cat >nsloom.yaml <<'EOF'
name: v6
networks:
  lan: {subnet: "fd00:a::/64", gateway: true, nat: true}
  in: {subnet: ["fd00:b::/64", 10.0.0.0/24]}
nodes:
  one: {networks: [lan, in]}
  two: {networks: [lan, in]}
  evil: {networks: [lan, in]}
  r: {router: true, networks: {in: "fd00:b::ff"}}
  ready: {networks: [lan], sysctl: {net.ipv6.conf.eth0.accept_ra: 2}}
links:
  - {endpoints: [one:c0, two:c0], subnet: fd00:c::/127}
  - {endpoints: [one:c4, two:c4], subnet: 10.4.0.0/24}
  - {endpoints: [one:ll0, two:ll0], ipv6: link-local}
EOF

make_outside
before=$(snapshot)

# The first packet, right after up: duplicate address detection would lose it for a second or two, each time. A busy machine
# may lose it once.
for try in 1 2 3; do
	nsloom up --quiet || exit
	two=$(nsloom exec two -- ip -6 -o addr show eth0 scope global | sed -E 's/.*inet6 ([^/]*).*/\1/')
	[ $try = 3 ] || nsloom ping -W 0.2 one "$two" >/dev/null && break
	nsloom down --quiet
done
check "the first ping" nsloom ping -W 0.2 one "$two"
check "over the cable" nsloom ping -W 0.7 one fd00:c::1
check "of the host" nsloom ping -W 0.7 two host
check "from the host, by ping" ping -c1 -W 0.7 "$two"
check "link-local" nsloom exec one -- ping -c1 -W 0.7 "fe80::$(
	nsloom exec two -- ip -6 -o addr show ll0 | sed -E 's/.*inet6 fe80::([^/]*).*/\1/')%ll0"
check "out" nsloom ping -W 0.7 one 2001:db8:ff::2
is "no address waits" "" "$(
	ip -6 addr show tentative
	for node in one two evil r ready; do ip -n v6.$node -6 addr show tentative; done
)"
is "nobody asks for what the file does not name: no other addresses" "" "$(
	for node in one two evil; do ip -n v6.$node -6 -o addr show scope global; done | grep -vE 'fd00:[abc]:'
)"
is "an interface that has no IPv6 has none at all" "" "$(ip -n v6.one -6 addr show dev c4)"

# ---- router advertisements

for node in one two evil r; do
	is "accept_ra of $node" 0 "$(nsloom exec $node -- sh -c 'cat /proc/sys/net/ipv6/conf/eth0/accept_ra')"
done
is "accept_ra of the host's bridge" 0 "$(cat /proc/sys/net/ipv6/conf/lan/accept_ra)"
is "a file may ask for it" 2 "$(nsloom exec ready -- cat /proc/sys/net/ipv6/conf/eth0/accept_ra)"

cat >advertise.py <<'EOF'
"""Says to all nodes: I am the router, and fd66::/64 is the prefix."""
import socket, struct, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
index = socket.if_nametoindex(sys.argv[1])
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
s.bind((sys.argv[2], 0, 0, index))
ra = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0x08, 1800, 0, 0)  # high preference
ra += struct.pack("!BBBBIII", 3, 4, 64, 0xc0, 3600, 3600, 0) + socket.inet_pton(socket.AF_INET6, "fd66::")
for _ in range(3):
    s.sendto(ra, ("ff02::1", 0, 0, index))
EOF
routes() {
	local node
	ip -6 route
	ip -6 addr show dev lan
	for node in one two r; do
		ip -n v6.$node -6 route
		ip -n v6.$node -6 addr
	done
}
before_ra=$(routes)
for dev in eth0 eth1; do
	nsloom exec evil -- ip link set $dev addrgenmode eui64 2>/dev/null
	nsloom exec evil -- ip -6 addr add fe80::bad/64 dev $dev nodad
	check "the forged advertisement is sent" nsloom exec evil -- python3 advertise.py $dev fe80::bad
done
ready_heard() { ip -n v6.ready -6 route show default | grep -q fe80::bad; }
check "who was made to listen has heard it" wait_for 30 ready_heard
is "nobody else's routes or addresses changed" "$before_ra" "$(routes)"

# ---- in the host's favour

is "the bridge itself does not ask for routers" 0 "$(cat /proc/sys/net/ipv6/conf/lan/accept_ra)"
is "the uplink goes on listening though the host forwards now" 2 "$(cat /proc/sys/net/ipv6/conf/up0/accept_ra)"
check "down" nsloom down --quiet
unchanged "and it is put back by down" "$before"
