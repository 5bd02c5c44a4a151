# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the host's rules keep shut: nothing comes from outside into a node, nothing goes from one lab to another, nothing
# leaves with a source that is not the lab's.

# shellcheck source=tests/net/firewall-common.sh
. "$TESTS/firewall-common.sh"
need python3 sysctl

outside_ready
cat >quiet.yaml <<'YAML'
name: quiet
networks:
  still: {subnet: [10.79.0.0/24, "fd00:79::/64"], gateway: [10.79.0.1, "fd00:79::1"]}
nodes:
  c: {networks: {still: [10.79.0.2, "fd00:79::2"]}}
YAML
sysctl -q -w net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.default.rp_filter=1 net.ipv4.conf.up0.rp_filter=1
before=$(snapshot)
for file in lab other quiet; do
	check "$file.yaml is up" nsloom up -q $file.yaml
done

reaches_out "rp_filter is strict"
check "the second lab reaches out" wait_for 30 pings fw2.b 203.0.113.2
check "a network without nat has its gateway" pings quiet.c 10.79.0.1

# ---- labs are apart

ip netns exec fw2.b python3 -c 'import socket, time; s = socket.create_server(("", 8080)); time.sleep(300)' &
web=$!
listens() { ip netns exec fw2.b bash -c '</dev/tcp/127.0.0.1/8080'; }
check "a server stands in the second lab" wait_for 30 listens
by_route() { # LAB.NODE WHERE GATEWAY: a ping by a route of the node's own
	local status
	ip -n "$1" route replace "$2" via "$3"
	pings "$1" "$2"
	status=$?
	ip -n "$1" route del "$2"
	return $status
}
for where in 10.78.0.2 fd00:78::2 10.79.0.2 fd00:79::2; do
	check_fails "no path from the first lab to $where" 1 pings fw.a $where
done
for where in 10.77.0.2 203.0.113.2; do
	check_fails "no path from the network without nat to $where" 1 by_route quiet.c $where 10.79.0.1
done
for where in fd00:77::2 2001:db8:ff::2; do
	check_fails "no path from the network without nat to $where" 1 by_route quiet.c $where fd00:79::1
done
connects() { timeout 1 ip netns exec "$1" bash -c "</dev/tcp/$2/8080" 2>/dev/null; }
refused() { ! connects "$@"; }
check "the host reaches the server" timeout 2 bash -c '</dev/tcp/10.78.0.2/8080'
check "the other lab's node does not" refused fw.a 10.78.0.2

# ---- from outside

ip -n outside route add 10.76.0.0/14 via 203.0.113.1
ip -n outside route add fd00::/16 via 2001:db8:ff::1
for where in 10.77.0.2 fd00:77::2 10.78.0.2 fd00:78::2 10.79.0.2 fd00:79::2; do
	check_fails "no path from outside to $where" 1 ip netns exec outside ping -n -c 1 -W 1 $where
done
check "nor for TCP" refused outside 10.78.0.2
kill $web
wait $web 2>/dev/null

# Counted in the node itself: what arrives but is not answered looks the same from outside as what does not arrive.
ip netns exec fw.a nft -f - <<'E'
table inet watch {
	chain arriving { type filter hook prerouting priority -300; ip saddr 203.0.113.2 counter; ip6 saddr 2001:db8:ff::2 counter; }
}
E
ip netns exec outside ping -n -c 1 -W 1 10.77.0.2 >/dev/null
ip netns exec outside ping -n -c 1 -W 1 fd00:77::2 >/dev/null
is "not one packet arrived" "packets 0" "$(ip netns exec fw.a nft list table inet watch | grep -o 'packets [0-9]*' | sort -u)"

# ---- spoofed sources

is "nothing left the host but as the host" 0 "$(strangers)"
ip -n fw.a address add 10.99.9.9/32 dev eth0
ip -n fw.a address add 10.78.0.2/32 dev eth0
ip -n fw.a address add fd00:99::9/128 dev eth0 nodad
for source in 10.99.9.9 10.78.0.2; do
	check_fails "a packet from $source is not answered" 1 nsloom -l fw exec a -- ping -n -c 1 -W 1 -I $source 203.0.113.2
done
check_fails "nor one from fd00:99::9" 1 nsloom -l fw exec a -- ping -n -c 1 -W 1 -I fd00:99::9 2001:db8:ff::2
is "none of them left the host" 0 "$(strangers)"
check "packets of its own still do" pings fw.a 203.0.113.2

# ---- what nsloom does not set

is "route_localnet is 0 everywhere" "0" "$(cat /proc/sys/net/ipv4/conf/*/route_localnet | sort -u)"
is "rp_filter is as it was" "1" "$(cat /proc/sys/net/ipv4/conf/{all,default,up0}/rp_filter | sort -u)"

for lab in fw fw2 quiet; do nsloom down -q $lab; done
unchanged "the machine is as before" "$before"
