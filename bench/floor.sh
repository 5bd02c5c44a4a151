# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The yardstick does not lie: what it makes is what `nsloom up` makes, to the last attribute and ifindex; and what it takes
# down is gone. $FLOOR, $SHOW_STATE and $SMALL are the programs, $BENCH the folder of their sources.

need python3 ip

same_as_up() { # WHAT FILE UP…
	local what=$1 lab state list
	lab=$(sed -n 's/^name: *//p' "$2")
	"${@:3}" "$2" || return
	python3 "$BENCH/record.py" "$lab" >list || exit
	state=$("$SHOW_STATE") || exit
	list=$(<list)
	nsloom down --quiet "$lab" || return
	check "$what: the yardstick makes it" "$FLOOR" list up
	same_text "$what: all that stands is what nsloom made" "$state" "$("$SHOW_STATE")"
	same_text "$what: recorded again, it is the same list" "$list" "$(python3 "$BENCH/record.py" "$lab")"
	check "$what: the yardstick takes it down" "$FLOOR" list down
	check "$what: the kernel has freed it" "$FLOOR" settle
}

topology() { # NAME REST
	printf 'name: %s\n%s\n' "$1" "$2" >"$1.yaml"
}

star='nodes: {a: {networks: [net]}, b: {networks: [net]}, c: {networks: [net]}, d: {networks: [net]}, e: {networks: [net]}}'
topology fabric "networks: {net: {subnet: 10.0.0.0/16}}
$star"
topology nat "networks: {net: {subnet: [10.0.0.0/16, 'fd00::/64'], gateway: true, nat: true}}
$star"
topology routers 'nodes: {a: {router: true}, b: {router: true}, c: {router: true}, d: {router: true}, e: {}}
links:
  - {endpoints: [a, b], subnet: 10.1.0.0/30}
  - {endpoints: [b, c], subnet: 10.1.0.4/30}
  - {endpoints: [c, d], subnet: 10.1.0.8/30}
  - {endpoints: [d, a], subnet: 10.1.0.12/30}
  - {endpoints: [d, e], subnet: [10.1.0.16/30, "fd01::/64"]}
  - {endpoints: [d, e], mtu: 1400}'
topology mixed 'networks: {net: {subnet: 10.0.0.0/16, gateway: true, nat: true}, in: {subnet: 10.1.0.0/16}}
nodes:
  a: {networks: [net, in], router: true}
  b: {networks: [in]}
  c: {}
links: [{endpoints: [c, a], subnet: 10.2.0.0/30}]'

before=$(snapshot)
for lab in fabric nat routers mixed; do
	same_as_up "$lab" "$lab.yaml" nsloom up --quiet
done
# networks of several bridges
for lab in fabric nat mixed; do
	same_as_up "$lab, cascaded" "$lab.yaml" "$SMALL"
done
unchanged 'the machine is as before' "$before"

check 'in one thread it makes the same' "$FLOOR" list both one
