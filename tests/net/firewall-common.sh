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
	check "the host reaches the outside itself" wait_for 30 ping -n -c 1 -W 1 2001:db8:ff::2
}

reaches_out() {
	check "$1: the node reaches out" wait_for 30 pings fw.a 203.0.113.2
	check "$1: by IPv6 too" wait_for 30 pings fw.a 2001:db8:ff::2
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

# own_copy DIR: what is written below it stays in this test.
own_copy() {
	mkdir -p own
	cp -a "$1" own/ && mount --bind "own/${1##*/}" "$1"
}

# Whatever the firewall is: nodes reach out, it is our rule that lets them, `up` mends its loss, nothing is left behind.
# through WHAT WANTED RELOAD…: WANTED rules of ours stand in its chains; RELOAD makes it write its rules anew.
through() {
	local what=$1 wanted=$2 before
	shift 2
	check "$what: reloaded, before all" "$@" # the first time may leave others than the start did
	before=$(host_rules)
	check "$what: up" nsloom up lab.yaml
	is "$what: rules of ours in it" "$wanted" "$(ours fw | wc -l)"
	reaches_out "$what"
	check "$what: nothing left to do" nsloom plan --exit-code lab.yaml
	check "$what: a second lab" nsloom up other.yaml
	check "$what: its node reaches out" wait_for 30 pings fw2.b 203.0.113.2
	check "$what: labs stay apart" apart
	check "$what: down of the second" nsloom down fw2
	reaches_out "$what, with one lab"
	check "$what: down" nsloom down fw
	same_text "$what: the host's rules are as before" "$before" "$(host_rules)"

	nsloom up -q lab.yaml
	check "$what: reloaded" "$@"
	if [ "$(ours fw | wc -l)" -lt "$wanted" ]; then
		check_fails "$what: after that plan has something to do" 3 nsloom plan --exit-code lab.yaml
		like "$what: and says what" 'accept rule' "$(nsloom plan lab.yaml)"
		check_fails "$what: the node is cut off" 1 pings fw.a 203.0.113.2
	else
		check "$what: our rule has outlived it" nsloom plan --exit-code lab.yaml
	fi
	check "$what: up mends what is missing" nsloom up lab.yaml
	reaches_out "$what, mended"
	check "$what: nothing is left to do again" nsloom plan --exit-code lab.yaml
	check "$what: down after a reload" nsloom down fw
	same_text "$what: the host's rules are as before again" "$before" "$(host_rules)"
}

apart() { ! pings fw.a 10.78.0.2 && ! pings fw.a fd00:78::2; }
