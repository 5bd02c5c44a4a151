# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The classical exercise, step by step: two isolated hosts, a cable, a switch that the host stands on, routes, the way out.
# Each step is an edit of one file, so each but the first is a change in place.

need ping nft python3

lab() { # writes the file from standard input, and makes it stand
	{ echo "name: tutorial"; cat; } >lab.yaml
	nsloom up lab.yaml
}
in_node() {
	local node=$1
	shift
	nsloom exec -l tutorial "$node" -- "$@"
}
reaches() { in_node "$1" ping -c1 -W5 -n "$2"; }

make_outside
before=$(snapshot)

# ---- isolated

lab >/dev/null <<'EOF'
nodes: {one: , two: }
EOF
like "ip netns lists a node" '^tutorial\.one' "$(ip netns list)"
is "an isolated node has lo, and that alone" "lo" "$(in_node one ls /sys/class/net)"
like "its lo is up" 'LOOPBACK,UP' "$(ip -n tutorial.one link show lo)"
check "it reaches itself" reaches one 127.0.0.1
like "its kernel knows of no network" 'Network is unreachable' "$(in_node one ping -c1 -W1 192.168.1.2 2>&1)"
check_fails "ping says that it fails" 1 nsloom ping -l tutorial one two
like "and why" 'no address' "$(nsloom ping -l tutorial one two 2>&1)"

# ---- a cable

lab >/dev/null <<'EOF'
nodes: {one: , two: }
links:
  - endpoints: [one:veth-one, two:veth-two]
    subnet: 192.168.1.0/24
EOF
like "the first end has .1" '192\.168\.1\.1/24' "$(ip -n tutorial.one -o addr show veth-one)"
like "the second end has .2" '192\.168\.1\.2/24' "$(ip -n tutorial.two -o addr show veth-two)"
check "the cable carries" reaches one 192.168.1.2
check "both ways" reaches two 192.168.1.1
check "nsloom pings by name" nsloom ping -W 5 -l tutorial one two
is "the host has nothing of a cable" "lo up0" "$(cd /sys/class/net && echo *)"

# ---- a switch, and the host on it

lab >/dev/null <<'EOF'
networks:
  v-net-0: {subnet: 192.168.15.0/24, gateway: 192.168.15.5}
nodes:
  one: {networks: {v-net-0: {address: 192.168.15.1, port: veth-one-br}}}
  two: {networks: [v-net-0]}
links:
  - endpoints: [one:veth-one, two:veth-two]
    subnet: 192.168.1.0/24
EOF
like "the bridge stands on the host under its own name" 'bridge' "$(ip -d link show v-net-0)"
like "a port has the name that it was given" 'master v-net-0' "$(ip link show veth-one-br)"
check "one reaches two over the switch" reaches one 192.168.15.2
check "the host reaches one" ping -c1 -W2 192.168.15.1
check "one reaches the host" reaches one 192.168.15.5
check "every node answers every other, and the host" nsloom ping -W 5 -l tutorial
check "ping knows the host by that word" nsloom ping -W 5 -l tutorial one host

# ---- no way out without nat

check_fails "without nat the outside is not reached" 2 reaches one 203.0.113.2
out=$(nsloom ping -l tutorial one 203.0.113.2 2>&1)
is "nsloom ping says so by its status" 1 $?
like "and says why" 'no route|unreachable' "$out"
is "the host does not forward" 0 "$(cat /proc/sys/net/ipv4/ip_forward)"
is "nothing came through" 0 "$(strangers)"

# ---- a specific route only

lab >/dev/null <<'EOF'
routing: none
networks:
  v-net-0: {subnet: 192.168.15.0/24, gateway: 192.168.15.5, nat: true}
nodes:
  one: {networks: {v-net-0: 192.168.15.1}, routes: [{to: 203.0.113.0/24, via: 192.168.15.5}]}
  two: {networks: {v-net-0: 192.168.15.2}}
EOF
check "the specific route leads out" reaches one 203.0.113.2
like "and nothing but that" 'Network is unreachable' "$(in_node one ping -c1 -W1 198.51.100.1 2>&1)"
like "the other node has no route" 'Network is unreachable' "$(in_node two ping -c1 -W1 203.0.113.2 2>&1)"
is "no default route was added" "" "$(ip -n tutorial.one route show default)"

# ---- nat, for both families

lab >/dev/null <<'EOF'
networks:
  v-net-0:
    subnet: [192.168.15.0/24, "fd00:15::/64"]
    gateway: [192.168.15.5, "fd00:15::5"]
    nat: true
nodes:
  one: {networks: {v-net-0: [192.168.15.1, "fd00:15::1"]}}
  two: {networks: {v-net-0: [192.168.15.2, "fd00:15::2"]}}
EOF
like "the default route leads to the gateway" 'via 192\.168\.15\.5' "$(ip -n tutorial.one route show default)"
check "one reaches the outside" reaches one 203.0.113.2
check "and by nsloom's ping" nsloom ping -W 5 -l tutorial two 203.0.113.2
check "over IPv6 too" reaches one 2001:db8:ff::2
check "and by nsloom's ping" nsloom ping -W 5 -l tutorial two 2001:db8:ff::2
is "the outside saw the host's addresses only" 0 "$(strangers)"
check "node to node is not masked: all still answer" nsloom ping -W 5 -l tutorial
like "two sees one's own address" 'from 192.168.15.1' \
	"$(in_node two timeout 5 python3 -c '
import socket, subprocess
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
s.settimeout(4)
p = subprocess.Popen(["nsloom", "ping", "-l", "tutorial", "one", "192.168.15.2"], stdout=subprocess.DEVNULL)
print("from", s.recvfrom(2000)[1][0])
p.wait()')"

# ---- from outside in

ip -n outside route add 192.168.15.0/24 via 203.0.113.1
ip -n outside -6 route add fd00:15::/64 via 2001:db8:ff::1
check_fails "a node is not reached from outside" 1 ip netns exec outside ping -c1 -W1 192.168.15.1
check_fails "nor over IPv6" 1 ip netns exec outside ping -c1 -W1 fd00:15::1
check "with these routes the answers to a node still come" reaches one 203.0.113.2
ip -n outside route del 192.168.15.0/24
ip -n outside -6 route del fd00:15::/64

# ---- a forged source

in_node one ip addr add 10.66.0.1/32 dev lo
in_node one ip -6 addr add fd66::1/128 dev lo nodad
check_fails "a forged source gets no answer" 1 in_node one ping -c2 -i 0.2 -W1 -I 10.66.0.1 203.0.113.2
check_fails "nor over IPv6" 1 in_node one ping -c2 -i 0.2 -W1 -I fd66::1 2001:db8:ff::2
is "and does not leave, not even masked" 0 "$(strangers)"
ip netns exec outside nft add chain inet watch pings '{ type filter hook input priority 0; }'
ip netns exec outside nft add counter inet watch pings
ip netns exec outside nft add rule inet watch pings icmp type echo-request counter name pings
in_node one ping -c1 -W1 -I 10.66.0.1 203.0.113.2 >/dev/null
like "not as the host's own either" 'packets 0 ' "$(ip netns exec outside nft list counter inet watch pings | tr '\n' ' ')"

# ---- and back

check "down" nsloom down lab.yaml
unchanged "the machine is as before" "$before"
