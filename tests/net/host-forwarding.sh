# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The forwarding switches: lent while any lab needs them, then as they were, with all that hangs on them.

# shellcheck source=tests/net/firewall-common.sh
. "$TESTS/firewall-common.sh"
need sysctl python3

outside_ready
ip link add up1 type veth peer name far1
ip link set up1 up
ip link set far1 up

switches() { sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding | xargs; }
listens() { cat /proc/sys/net/ipv6/conf/"$1"/accept_ra; }
# What the kernel changes along with a switch, of the host's and its lasting devices.
followers() { grep -s '' /proc/sys/net/ipv{4,6}/conf/{all,default,lo,up0,up1,far1}/{forwarding,accept_ra,accept_redirects,send_redirects}; }

# ---- counted

before=$(followers)
is "off before" "0 0" "$(switches)"
is "the uplink takes router advertisements" 1 "$(listens up0)"
nsloom up -q lab.yaml
is "on with the first lab" "1 1" "$(switches)"
is "the uplink still takes them" 2 "$(listens up0)"
nsloom up -q other.yaml
nsloom down -q fw
is "on with the second, the first being down" "1 1" "$(switches)"
is "the uplink too" 2 "$(listens up0)"
nsloom down -q fw2
is "off after the last" "0 0" "$(switches)"
same_text "everything is as before" "$before" "$(followers)"

# ---- what was on stays on

sysctl -q -w net.ipv4.ip_forward=1
before=$(followers)
nsloom up -q lab.yaml
nsloom down -q fw
is "IPv4 was on before, and still is" "1 0" "$(switches)"
same_text "on before: everything is as before" "$before" "$(followers)"
sysctl -q -w net.ipv6.conf.all.forwarding=1
nsloom up -q lab.yaml
is "both on: the uplink is left alone" 1 "$(listens up0)"
nsloom down -q fw
is "both still on" "1 1" "$(switches)"
sysctl -q -w net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0

# ---- what the kernel changes along with a switch

sysctl -q -w net.ipv4.conf.all.accept_redirects=0 net.ipv4.conf.up1.forwarding=1 net.ipv6.conf.up1.forwarding=1 \
	net.ipv6.conf.far1.accept_ra=0 net.ipv6.conf.default.accept_ra=0
before=$(followers)
nsloom up -q lab.yaml
is "a device that forwards by itself takes no advertisements, as before" 1 "$(listens up1)"
is "nor does one that shall not" 0 "$(listens far1)"
nsloom down -q fw
same_text "devices that forwarded by themselves still do; redirects stay off" "$before" "$(followers)"
sysctl -q -w net.ipv4.conf.all.accept_redirects=1 net.ipv4.conf.up1.forwarding=0 net.ipv6.conf.up1.forwarding=0 \
	net.ipv6.conf.far1.accept_ra=1 net.ipv6.conf.default.accept_ra=1

# ---- an advertisement, in fact

cat >advertise.py <<'E'
import socket, struct, sys
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
prefix = struct.pack("!BBBBIII16s", 3, 4, 64, 0x40, 3600, 3600, 0, socket.inet_pton(socket.AF_INET6, sys.argv[1]))
s.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + prefix, ("ff02::1", 0, 0, socket.if_nametoindex("eth0")))
E
ip -n outside address add fe80::2/64 dev eth0 nodad
ip address add fe80::1/64 dev up0 nodad
advertised() { # the outside says that it is a router, and the host believes it
	ip netns exec outside python3 advertise.py 2001:db8:aa::
	ip -6 route show proto ra | grep .
}
nsloom up -q lab.yaml
check "a router advertisement counts while the lab is up" wait_for 30 advertised
nsloom down -q fw
check "and its route stays when the lab goes" test -n "$(ip -6 route show proto ra)"
ip -6 route flush proto ra

# ---- after a crash

before=$(followers)
for i in {10..40..3}; do
	(timeout -s KILL 0.0"$i" nsloom up -q lab.yaml; :) >/dev/null 2>&1
	nsloom down -q fw
	[ "$before" = "$(followers)" ] || break
done
same_text "up was killed: down gives back" "$before" "$(followers)"
nsloom up -q lab.yaml
nsloom up -q other.yaml
rm -f /run/nsloom/*/record
nsloom down -q fw
is "without records: the other lab keeps the switch" "1 1" "$(switches)"
nsloom down -q fw2
same_text "without records: everything is as before" "$before" "$(followers)"
nsloom up -q lab.yaml
sysctl -q -w net.ipv4.ip_forward=0
check_fails "somebody turned it off: plan sees it" 3 nsloom plan --exit-code lab.yaml
check "up turns it on" nsloom up lab.yaml
is "it is on" "1 1" "$(switches)"
nsloom down -q fw
same_text "and down gives it back" "$before" "$(followers)"
nsloom up -q lab.yaml
ip link del up1
check "a device has gone meanwhile: down" nsloom down fw
is "and is not missed" "0 0 1" "$(switches) $(listens up0)"
nsloom up -q lab.yaml
nft flush ruleset
check "somebody flushed every rule: down does not mind" nsloom down fw
is "and gives the switches back from its other note of them" "0 0" "$(switches)"
