# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Subnets that the host has already: what would cut its way out or the connection that nsloom is used by, or what another
# lab has, is refused beforehand; anything else is told, with the route.

make_outside
ip route add default via 203.0.113.2
ip -6 route add default via 2001:db8:ff::2
ip route add 198.51.100.0/24 via 203.0.113.2
ip route add 192.0.2.0/24 dev lo
settle
unset SSH_CONNECTION SSH_CLIENT

lab() { # NAME SUBNET…
	local name=$1
	shift
	printf 'name: %s\nnetworks:\n  n%s: {subnet: [%s], gateway: true}\nnodes:\n  a: {networks: [n%s]}\n' \
		"$name" "$name" "$(printf '"%s",' "$@")" "$name"
}

refused() { # WHAT PATTERN FILE
	local before out status=0
	before=$(snapshot)
	out=$(nsloom up "$3" 2>&1) || status=$?
	is "$1: status 1" 1 $status
	like "$1: said" "$2" "$out"
	like "$1: with the line of the file" "^$3:3:" "$out"
	out=$(nsloom plan "$3" 2>&1)
	like "$1: plan says it as well" "$2" "$out"
	unchanged "$1: nothing changed" "$before"
}

warned() { # WHAT PATTERN FILE
	local out
	like "$1: plan warns" "warning: .*$2" "$(nsloom plan "$3" 2>&1)"
	out=$(nsloom up "$3" 2>&1)
	is "$1: it goes up" 0 $?
	like "$1: with a warning" "warning: .*$2" "$out"
	check "$1: down" nsloom down "$3"
}

# ---- the way out

for subnet in 203.0.113.0/24 203.0.0.0/16 203.0.113.0/25 203.0.113.2/31; do
	lab w "$subnet" >w.yaml
	refused "$subnet covers the gateway" "cut off the host's way out \(default via 203.0.113.2" w.yaml
done
lab w 2001:db8:ff::/64 >w.yaml
refused "IPv6 too" "cut off the host's way out \(default via 2001:db8:ff::2" w.yaml
lab w 203.0.113.128/25 >w.yaml
warned "a part of the uplink's subnet without the gateway" 'overlaps a route of the host: 203.0.113.0/24 dev up0' w.yaml

# ---- the connection

# A lab on a stand-in host cannot cut what comes to the machine.
cuts_off() { # WHAT PATTERN FILE
	if [ -z "$WEAVER" ]; then
		refused "$@"
	else
		is "$1: no matter" "" "$(nsloom up -q "$3" 2>&1 | grep SSH)"
		check "$1: down" nsloom down -q "$3"
	fi
}
lab s 198.51.100.0/25 >s.yaml
for client in 198.51.100.9 ::ffff:198.51.100.9; do
	SSH_CONNECTION="$client 50000 203.0.113.1 22"
	export SSH_CONNECTION
	cuts_off "the SSH client at $client" 'cut off your SSH connection \(from 198.51.100.9\)' s.yaml
done
lab s 2001:db8:aa::/64 >s6.yaml
SSH_CONNECTION='2001:db8:aa::9 50000 2001:db8:ff::1 22'
cuts_off "an IPv6 client" 'cut off your SSH connection \(from 2001:db8:aa::9\)' s6.yaml
SSH_CONNECTION='198.51.100.209 50000 203.0.113.1 22'
warned "a client elsewhere" 'overlaps a route of the host: 198.51.100.0/24 via 203.0.113.2 dev up0' s.yaml
SSH_CONNECTION='nonsense'
warned "a variable that makes no sense" '198.51.100.0/24' s.yaml

# sudo takes the variable away: the program that started it, and the one before, still have it.
unset SSH_CONNECTION
# shellcheck disable=SC2016 # for the shell that is started
out=$(SSH_CONNECTION='198.51.100.9 50000 203.0.113.1 22' bash -c 'env -u SSH_CONNECTION bash -c "nsloom plan s.yaml; :"; :' 2>&1)
if [ -z "$WEAVER" ]; then
	like "sudo took the variable away" 'cut off your SSH connection' "$out"
else
	skip "sudo took the variable away" "the connection is the machine's"
fi

# ---- the host's own routes, and nobody's

lab r 192.0.2.0/25 >r.yaml
warned "another route of the host" 'line 3: subnet 192.0.2.0/25 overlaps a route of the host: 192.0.2.0/24 dev lo' r.yaml
lab q 10.20.0.0/24 >q.yaml
out=$(nsloom up q.yaml 2>&1)
is "a free subnet: no warning" "" "$(grep warning <<<"$out")"
printf 'name: f\nnetworks: {in: {subnet: 203.0.113.0/24}}\nnodes: {a: {networks: [in]}}\n' >f.yaml
check "a network that the host has no part in may have any" nsloom up -q f.yaml
check "and the host has its way out" ping -n -c 1 -W 1 203.0.113.2
nsloom down -q f

# ---- another lab's

for subnet in 10.20.0.0/24 10.20.0.0/25 10.0.0.0/8; do
	lab other "$subnet" >other.yaml
	refused "$subnet is another lab's" 'is taken on the host by lab "q" \(10.20.0.0/24 dev nq\)' other.yaml
done
nsloom down -q q
check "not when that has gone" nsloom up -q other.yaml
nsloom down -q other

# ---- a lab of another name

lab old 10.21.0.0/24 >renamed.yaml
sed -i 's/a: {networks/a: {publish: [18080:80], networks/' renamed.yaml
nsloom up -q renamed.yaml
sed -i 's/^name: old/name: new/' renamed.yaml
like "renaming a lab: plan says what it means" 'lab "old" was woven from this file: renaming removes all of it and creates "new"' \
	"$(nsloom plan renamed.yaml 2>&1)"
check "its device, subnet and ports are not in its own way" nsloom plan renamed.yaml
check "up" nsloom up -q renamed.yaml
is "the old one has gone" "new.a" "$(ip netns list | sed 's/ .*//' | grep -v outside)"
nsloom exec -l new a -- sleep 1000 &
pid=$!
wait_for 30 grep -q sleep /proc/$pid/comm
sed -i 's/  a:/  b:/' renamed.yaml
plan=$(nsloom plan renamed.yaml)
like "renaming a node: it goes" '- namespace +new\.a' "$plan"
like "and comes" '\+ namespace +new\.b' "$plan"
kill $pid
nsloom down -q new
