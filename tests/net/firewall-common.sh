# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the tests with firewalls share; each reads it first.
#
#   lab.yaml, other.yaml   labs `fw` (node a, 10.77.0.0/24) and `fw2` (node b, 10.78.0.0/24), both with nat, IPv4 and IPv6
#   reaches_out WHAT       the node of `fw` gets answers from outside, in both families
#   reaches_nothing WHAT   it gets none, in both
#   host_rules             prints every rule of the host, counters apart
#   ours LAB               prints the rules of LAB in chains of others

need nft iptables-nft ip6tables-nft iptables-nft-save ping

cat >lab.yaml <<'YAML'
name: fw
networks:
  lan: {subnet: [10.77.0.0/24, "fd00:77::/64"], nat: true}
nodes:
  a: {networks: {lan: [10.77.0.2, "fd00:77::2"]}}
YAML
sed 's/name: fw/name: fw2/; s/lan/lan2/; s/77/78/g; s/ a:/ b:/' lab.yaml >other.yaml

pings() { # LAB.NODE WHERE
	nsloom -l "${1%.*}" exec "${1#*.}" -- ping -n -c 1 -W 1 "$2"
}

# The outside learns late that it is to answer for its IPv6 address: the kernel tells a device's multicast groups after its carrier.
outside_ready() {
	make_outside
	check "the host reaches the outside itself" wait_for 5 ping -n -c 1 -W 1 2001:db8:ff::2
}

reaches_out() {
	check "$1: the node reaches out" wait_for 3 pings fw.a 203.0.113.2
	check "$1: by IPv6 too" wait_for 3 pings fw.a 2001:db8:ff::2
}

reaches_nothing() {
	check_fails "$1: the node does not reach out" 1 pings fw.a 203.0.113.2
	check_fails "$1: nor by IPv6" 1 pings fw.a 2001:db8:ff::2
}

host_rules() {
	nft -s list ruleset 2>/dev/null | sed -E 's/counter packets [0-9]+ bytes [0-9]+/counter/g'
	iptables-nft-save | sed -E '/^#/d; s/\[[0-9]+:[0-9]+\]//'
	ip6tables-nft-save | sed -E '/^#/d; s/\[[0-9]+:[0-9]+\]//'
}

ours() {
	nft -a list ruleset 2>/dev/null | grep "comment \"nsloom:$1\""
}
