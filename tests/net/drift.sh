# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a hand changed behind nsloom's back: plan shows exactly that, up mends exactly that; what a hand added stays.

need nft nsenter

cat >nsloom.yaml <<'EOF'
name: d
networks:
  lan: {subnet: [10.0.0.0/24, "fd00:d::/64"], gateway: true, nat: true}
  in: {subnet: 10.1.0.0/24}
nodes:
  one:
    networks: [lan, in]
    routes: [{to: 10.9.0.0/16, via: 10.1.0.2}]
    sysctl: {net.ipv4.ip_default_ttl: 33}
  two: {networks: [{lan: {port: two-br}}, in], router: true}
  six: {networks: [lan]}
links:
  - {endpoints: [one:c0, two:c0], subnet: 10.2.0.0/24}
EOF
sed -i 's/\[{lan: {port: two-br}}, in\]/{lan: {port: two-br}, in: }/' nsloom.yaml
ip link add theirs type veth peer name theirs2
ip link set theirs addrgenmode none
nsloom up --quiet || exit
settle

steps() { # what plan would do, with where, in the words that a person reads
	nsloom plan --color=never "$@" 2>&1 | awk '
		/^[^ ]/ { place = $1 }
		/^  [-+~] / { sub(/ *nsloom\.yaml:[0-9]+$/, ""); gsub(/ +/, " "); print place $0 }' | sort
}
# But for a router's anycast addresses, which the kernel forgets with a bridge's carrier, and for what ports are born with while
# the host forwards.
everything() {
	snapshot | without_indexes | grep -vE '"dst":"f[de][0-9d:]*::" |/(d\.|two-br)[^/]*/accept_ra:'
	node_state d.one d.two d.six d.@fabric
}

# The fabric has no name of its own for ip(8): one for this test.
mkdir -p /run/netns
ln -s /run/nsloom/d/ns/@fabric /run/netns/d.@fabric
is "nothing to do at first" "" "$(steps)"
check_fails "and plan --exit-code says so" 0 nsloom plan --exit-code
whole=$(everything)

drifts() { # WHAT "STEPS" COMMAND…: after it plan wants these steps; up does them and all is as before
	local what=$1 want=$2
	shift 2
	if ! "$@" >out 2>&1; then
		result 1 "$what: done"
		note "$(cat out)"
		return
	fi
	rm -rf /run/mount # of umount(8)
	check_fails "$what: plan has something to do" 3 nsloom plan --exit-code
	same_text "$what: exactly that" "$want" "$(steps)"
	check "$what: up" nsloom up --quiet
	check "$what: nothing is left to do" nsloom plan --exit-code
	settle
	now=$(everything)
	same_text "$what: mended" "$whole" "$now"
	whole=$now # one failure is said once
}

drifts "an address deleted" "one + address 10.2.0.1/24 dev c0" ip -n d.one addr del 10.2.0.1/24 dev c0
drifts "an IPv6 address deleted" "host + address fd00:d::1/64 dev lan" ip -6 addr del fd00:d::1/64 dev lan
drifts "an interface down" "one ~ interface c0 down → up" ip -n d.one link set c0 down
drifts "with a route over it" "one + route 10.9.0.0/16 via 10.1.0.2 dev eth1
one ~ interface eth1 down → up" ip -n d.one link set eth1 down
drifts "lo down" "one ~ interface lo down → up" ip -n d.one link set lo down
# The kernel takes what hung on it away.
drifts "a bridge down" "host + address fd00:d::1/64 dev lan
host + route 10.1.0.0/24 via 10.0.0.3 dev lan
host + route 10.2.0.0/24 via 10.0.0.3 dev lan
host ~ bridge lan down → up" ip link set lan down
drifts "a port down" "host ~ port two-br down → up" ip link set two-br down
drifts "an MTU" "one ~ interface c0 mtu 1300 → mtu 1500" ip -n d.one link set c0 mtu 1300
drifts "a MAC" "two ~ interface eth0 mac 02:00:00:00:00:99 → mac $(ip netns exec d.two cat /sys/class/net/eth0/address)" ip -n d.two link set eth0 address 02:00:00:00:00:99
drifts "a route deleted" "one + route 10.9.0.0/16 via 10.1.0.2 dev eth1" ip -n d.one route del 10.9.0.0/16
drifts "the default route led elsewhere" "six ~ route default via 10.0.0.2 dev eth0 → via 10.0.0.1 dev eth0" \
	ip -n d.six route replace default via 10.0.0.2 proto 110
drifts "a port off its bridge" "host ~ port two-br on no bridge → on lan" ip link set two-br nomaster
drifts "one in the fabric" "fabric ~ port one.eth1 on no bridge → on in" ip -n d.@fabric link set one.eth1 nomaster
drifts "the rules flushed" "host ~ rules nsloom-d isolation and nat" nft flush table inet nsloom-d
drifts "a rule added" "host ~ rules nsloom-d isolation and nat" nft insert rule inet nsloom-d forward accept
drifts "forwarding off" "host ~ forwarding net.ipv4.ip_forward 0 → 1" sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'
drifts "forwarding of a router off" "two ~ sysctl net.ipv4.ip_forward 0 → 1" ip netns exec d.two sh -c 'echo 0 >/proc/sys/net/ipv4/ip_forward'
drifts "a sysctl of the file" "one ~ sysctl net.ipv4.ip_default_ttl 7 → 33" ip netns exec d.one sh -c 'echo 7 >/proc/sys/net/ipv4/ip_default_ttl'
drifts "accept_ra of the bridge" "host ~ sysctl net.ipv6.conf.lan.accept_ra 1 → 0" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/lan/accept_ra'
drifts "a name removed" "one + name d.one" rm /run/netns/d.one
drifts "a cable deleted" "one + address 10.2.0.1/24 dev c0
one + interface c0 to two:c0
two + address 10.2.0.2/24 dev c0
two + interface c0 to one:c0" \
	ip -n d.one link del c0

drifts "a stranger's device on the lab's bridge" "host ~ port theirs on lan → on no bridge" ip link set theirs master lan

# What is made anew gets new ifindexes; the rest of the picture is the same.
umount /run/nsloom/d/ns/six
rm -rf /run/mount
found=$(steps)
like "a namespace unmounted: it is made anew" '^six \+ namespace d\.six' "$found"
like "and nothing but that node, and the port that died or dies with it" '^(host )?six$' \
	"$(cut -d ' ' -f 1 <<<"$found" | sort -u | xargs)"
check "up" nsloom up --quiet
is "nothing is left to do" "" "$(steps)"
settle
same_text "mended" "$whole" "$(everything)"

umount -l /run/nsloom/d/ns
rm -rf /run/mount
check "all namespaces unmounted: up" nsloom up --quiet
is "nothing is left to do" "" "$(steps)"
check "it works" nsloom ping -W 5 -l d one two
settle
same_text "mended" "$whole" "$(everything)"

ip link del lan
check "the host's bridge deleted: up" nsloom up --quiet
is "nothing is left to do" "" "$(steps)"
settle
same_text "mended" "$whole" "$(everything)"

nft delete table inet nsloom-d
check "the rules deleted: up" nsloom up --quiet
is "nothing is left to do" "" "$(steps)"
same_text "mended" "$whole" "$(everything)"


# ---- what a hand adds stays

ip -n d.one addr add 10.77.0.1/24 dev c0
ip -n d.one addr add fd77::1/64 dev eth0 nodad
ip -n d.one route add 10.78.0.0/16 via 10.2.0.2 proto static
ip -n d.one route add 10.79.0.0/16 via 10.2.0.2 proto bird
ip -n d.two link add tap0 type veth peer name tap1
ip -n d.two link set tap0 up
ip -n d.two addr add 10.80.0.1/24 dev tap0
ip -n d.two link add br0 type bridge
ip route add 10.81.0.0/16 via 10.0.0.2
nsloom exec two -- nft add table inet mine
more=$(everything)
is "additions: plan has nothing to do" "" "$(steps)"
told=$(nsloom plan 2>&1)
like "but tells of an address" "warning: one: .*address fd77::1/64 dev eth0.*: not the lab's, left alone" "$told"
like "of routes" "warning: one: .*route 10\.79\.0\.0/16.*: not the lab's, left alone" "$told"
like "and of devices" "warning: two: .*tap0.*: not the lab's, left alone" "$told"
check "up" nsloom up --quiet
same_text "they are left alone" "$more" "$(everything)"
ip -n d.one addr del 10.2.0.1/24 dev c0
check "and an up that mends something beside them" nsloom up --quiet
is "nothing is left to do" "" "$(steps)"
like "leaves a route of theirs over another interface" '10\.81\.0\.0/16' "$(ip route)"
like "and their interfaces" 'tap0' "$(ip -n d.two -br link)"
like "and their addresses" '10\.77\.0\.1' "$(ip -n d.one -br addr)"
like "--prune names what it would remove" '^two - (interface tap|bridge br0)' "$(steps --prune 2>&1)"
check "up --prune" nsloom up --quiet --prune
is "then only the lab's own interfaces are there" "c0 eth0 eth1 lo" "$(nsloom exec two -- ls /sys/class/net | xargs)"
is "and only its addresses" "" "$(ip -n d.one -br addr | grep -E '10\.77|fd77')"

whole=$(everything)
drifts "a bridge's MAC" "host ~ bridge lan mac 02:00:00:00:00:98 → mac $(cat /sys/class/net/lan/address)" ip link set lan address 02:00:00:00:00:98

rm /run/netns/d.@fabric

# ---- without a record, the kernel's marks alone tell what is the lab's

ip -n d.one addr add 10.77.0.1/24 dev c0
ip -n d.one route add 10.78.0.0/16 via 10.2.0.2 proto static
rm /run/nsloom/d/record
if nsloom doctor | grep -q '^ok.*keeps who made an address'; then
	is "the record is lost: nothing is to be done" "" "$(steps)"
	sed -i 's/subnet: 10.2.0.0/subnet: 10.22.0.0/' nsloom.yaml
	is "and a changed file takes away what was the lab's, not what was added" "one + address 10.22.0.1/24 dev c0
one - address 10.2.0.1/24 dev c0
two + address 10.22.0.2/24 dev c0
two - address 10.2.0.2/24 dev c0" "$(steps | grep address)"
	check "up" nsloom up --quiet
	like "what was added is there" '10\.77\.0\.1/24' "$(ip -n d.one -br addr show dev c0)"
	is "what was the lab's is not" "" "$(ip -n d.one -br addr show dev c0 | grep '10\.2\.0')"
else
	skip "the record is lost" "this kernel does not keep who made an address"
fi
nsloom down --quiet
