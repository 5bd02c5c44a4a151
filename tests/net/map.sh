# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# map: every way in which devices are tied, found from the kernel, whoever made them; what cannot be looked into; names that
# mean harm. Networks of engines are in map-engines.sh, what follows changes in map-watch.sh.

need ip python3 nft
export LC_ALL=C.UTF-8

# The links of a map, a line each: "KIND STATE LABEL: END — END", the ends in order. An end is NAMESPACE/DEVICE,
# SWITCH@NAMESPACE/PORT, or what is beyond.
links() { # ARGUMENT…
	nsloom map "$@" --json | python3 -c '
import json, sys
def end(e):
    device = "/" + e["device"] if "device" in e else ""
    if e["is"] == "namespace":
        return e["namespace"] + device
    return e["switch"] + "@" + e["namespace"] + device if e["is"] == "switch" else e["is"] + ":" + e["name"]
for l in json.load(sys.stdin)["links"]:
    print(l["kind"], l["state"].replace(" ", "-"), l.get("label", "-") + ":", " — ".join(sorted(map(end, l["ends"]))))'
}
has() { # WHAT LINK
	printf '%s\n' "$all" | grep -qxF -- "$2"
	result $? "$1" || note "wanted: $2" "found:" "$all"
}
space() { # NAME KEY
	nsloom map --json | python3 -c '
import json, sys
print(*[json.dumps(n.get(sys.argv[2])) for n in json.load(sys.stdin)["namespaces"] if n["name"] == sys.argv[1]])' "$1" "$2"
}
# A drawing is well-formed, and as wide as it says.
well_formed() { python3 -c 'import sys, xml.etree.ElementTree as ET; ET.parse(sys.argv[1])' "$1"; }
graphviz() { ldconfig -p | grep -q 'libgvc\.so'; }

# ---- cables, and their state

ip netns add a
ip netns add b
ip link add ab netns a type veth peer name ba netns b
ip -n a link set ab up
ip -n b link set ba up
ip -n a addr add 10.0.0.1/24 dev ab
ip -n b addr add 10.0.0.2/24 dev ba
ip link add down0 netns a type veth peer name down1 netns b
ip -n a link set down0 up
ip link add s0 type veth peer name s1
ip link set s0 up
ip link set s1 up
wait_for 30 eval 'links | grep -q "^cable up -: a/ab — b/ba$"'
all=$(links)
has "a cable between two namespaces" "cable up -: a/ab — b/ba"
has "one of which an end is down" "cable down -: a/down0 — b/down1"
has "one with both ends in one namespace" "cable up -: host/s0 — host/s1"

# ---- switches

ip link add br0 type bridge
ip addr add 10.1.0.254/24 dev br0
ip link set br0 up
for n in a b; do
	ip link add "p-$n" type veth peer name br-eth netns $n
	ip link set "p-$n" master br0 up
	ip -n $n link set br-eth up
done
for n in 1 2; do
	ip link add "loop$n" type bridge # down: else the first frame would go round for ever, at the cost of the whole machine
done
for n in 1 2; do
	ip link add "l$n" type veth peer name "m$n"
	ip link set "l$n" master loop1 up
	ip link set "m$n" master loop2 up
done
all=$(links)
has "what is plugged into a bridge" "cable up -: a/br-eth — br0@host/p-a"
has "its namespace takes part" "own up -: br0@host/br0 — host/br0"
has "a loop of bridges: one cable" "cable up -: loop1@host/l1 — loop2@host/m1"
has "and the other" "cable up -: loop1@host/l2 — loop2@host/m2"

# ---- what stands on something else

ip link add mv0 link s0 netns a type macvlan mode bridge
ip link add mv0 link s0 netns b type macvlan mode private
all=$(links)
has "a macvlan on a parent elsewhere" "parent down macvlan bridge: a/mv0 — host/s0"
has "another one on the same" "parent down macvlan private: b/mv0 — host/s0"
if ip link add s0.10 link s0 type vlan id 10 2>/dev/null; then
	ip link set s0.10 netns a
	all=$(links)
	has "a vlan" "parent down vlan 10: a/s0.10 — host/s0"
else
	skip "a vlan" "this kernel has none"
fi

# ---- tunnels

ip link add vx42 type vxlan id 42 remote 192.0.2.7 dstport 4789
ip link set vx42 master br0 up
ip -n a link add vx7 type vxlan id 7 local 10.0.0.1 remote 10.0.0.2 dstport 4790
ip -n b link add vx7 type vxlan id 7 local 10.0.0.2 remote 10.0.0.1 dstport 4790
ip -n a link set vx7 up
ip -n b link set vx7 up
ip link add vx9 type vxlan id 9 group 239.1.1.1 dev s1 dstport 4791
all=$(links)
has "a vxlan whose far end nobody has" "tunnel up vxlan 42: br0@host/vx42 — remote:192.0.2.7"
has "one between two namespaces" "tunnel up vxlan 7: a/vx7 — b/vx7"
has "one to a group" "tunnel down vxlan 9: host/vx9 — remote:239.1.1.1"

# ---- tun and tap

if [ -c /dev/net/tun ]; then
	ip tuntap add tun9 mode tun
	ip tuntap add tap9 mode tap
	ip link set tap9 master br0 up
	python3 -c '
import fcntl, os, struct, sys
fd = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(fd, 0x400454ca, struct.pack("16sH", b"tap9", 0x1002))
print("ready", flush=True)
sys.stdin.read()' < <(exec sleep 1000) >tap.out &
	holder=$!
	wait_for 30 test -s tap.out
	all=$(links)
	has "who holds a tap" "held up -: br0@host/tap9 — process:python3"
	like "a tun that nobody holds" 'tun9 +.*held by nobody' "$(nsloom map)"
	kill $holder
	wait $holder 2>/dev/null
else
	skip "tun and tap" "there is no /dev/net/tun"
fi

# ---- the way out, forwarding, nat

ip netns add r
ip link add r0 type veth peer name r1 netns r
ip addr add 10.9.0.1/30 dev r0
ip link set r0 up
ip -n r addr add 10.9.0.2/30 dev r1
ip -n r link set r1 up
ip -n r route add default via 10.9.0.1
ip netns exec r sysctl -qw net.ipv4.ip_forward=1
ip netns exec r nft -f - <<-'N'
	table ip n {
		chain c {
			type nat hook postrouting priority 100
			oifname r1 masquerade
		}
	}
N
is "the way out" '[{"family": 4, "device": "r1", "via": "10.9.0.1"}]' "$(space r ways_out)"
is "forwarding and nat" "true true" "$(space r forwards_ipv4) $(space r nat)"
like "are in the drawing" '┄ r ┄.* forwards, nat ┄' "$(nsloom map)"

# ---- what lies out of sight: a namespace that only a device tells of, and one beyond that

unshare --net sh -c '
	ip link add far0 type veth peer name near0 netns '"$$"'
	ip link set far0 up
	exec sleep 1000' &
far=$!
wait_for 30 ip link show near0 >/dev/null
ip link set near0 up
like "a namespace without a name" "^cable up -: host/near0 — pid:$far/far0$" "$(links)"
kill $far
wait $far 2>/dev/null
wait_for 30 eval '! ip link show near0'

# ---- namespaces that come and go while they are read

churn() {
	while :; do
		ip netns add "c$1" && ip link add "c$1" type veth peer name c netns "c$1" && ip netns del "c$1"
		sleep 0.1 # the kernel takes namespaces away later, and one after the other: it has to keep up
	done
}
for n in 1 2; do churn $n >/dev/null 2>&1 & done
SECONDS=0
whole=0 tried=0
until [ $tried -ge 3 ] && [ $SECONDS -ge 4 ]; do
	nsloom map 2>/dev/null | tail -n 2 | grep -q '^└─*┘$' && nsloom map --json 2>/dev/null | python3 -c 'import json, sys; json.load(sys.stdin)' &&
		whole=$((whole + 1))
	tried=$((tried + 1))
done
# shellcheck disable=SC2046 # two numbers
kill $(jobs -p) 2>/dev/null
wait 2>/dev/null
is "each map is whole, whatever vanishes meanwhile" $tried $whole
ip -all netns del 2>/dev/null
for n in a b r; do
	ip netns add $n
done

# ---- names that mean harm

evil=$'x\033[31m<b><script>y"]]>&'
ip netns add "$evil"
ip link add 'e"<b>&' type bridge 2>/dev/null || ip link add 'e<b>' type bridge
is "no control character reaches the terminal" "" "$(nsloom map | tr -d '\n' | LC_ALL=C grep -aP '[\x00-\x1f\x7f]')"
like "the name is shown" 'x\\x1b\[31m<b><script>y"\]\]>&' "$(nsloom map)"
for format in dot mermaid; do
	is "nor raw into $format" "" "$(nsloom map --format $format | LC_ALL=C grep -aP '[\x00-\x09\x0b-\x1f\x7f]|<script>')"
done
if command -v dot >/dev/null; then
	check "Graphviz's own program reads the dot" bash -o pipefail -c 'nsloom map --format dot | dot -Tplain'
fi
if graphviz; then
	check "SVG" nsloom map -o all.svg
	check "is well-formed" well_formed all.svg
	is "without a script of others'" "" "$(grep -F '<script>y' all.svg)"
	check "HTML" nsloom map -o all.html
	is "without one as well" "" "$(grep -F '<script>y' all.html)"
	cp all.svg before.svg
	check_fails "a drawing that cannot be written is an error" 1 nsloom map -o no/such/folder.svg
	is "a file is replaced whole" "" "$(cmp all.svg before.svg)"
else
	skip "SVG and HTML" "Graphviz's library is not here"
fi
ip netns del "$evil"

# ---- where Graphviz is missing

mkdir -p empty
no_graphviz() { # COMMAND…: with a folder of libraries in which there is no libgvc
	(
		mount -t tmpfs tmpfs "$PWD/empty"
		for folder in /usr/lib/*-linux-*/ /usr/lib/ /usr/lib64/; do
			for lib in "$folder"libgvc.so*; do
				[ ! -e "$lib" ] || mount --bind /dev/null "$lib"
			done
		done
		"$@"
	)
}
export -f no_graphviz
without() { unshare --mount bash -c 'no_graphviz "$@"' - "$@"; }
check_fails "without Graphviz there is no SVG" 1 without "$NSLOOM" map --format svg
like "the error names the package" 'install it \(Debian, Ubuntu: .*libgvc6' "$(without "$NSLOOM" map --format svg 2>&1)"
check "but dot" without "$NSLOOM" map --format dot
check "and the terminal" without "$NSLOOM" map

# ---- a lab, before it is up and then

cp "$TESTS/../../examples/tutorial.yaml" nsloom.yaml
all=$(links nsloom.yaml)
has "before it is up, from its file" "cable up -: tutorial.one/eth0 — v-net-0@host/veth-one-br"
has "with the way out that its nat asks for" "uplink up nat: host — outside:outside"
like "it is said that it is not up" 'tutorial is not up' "$(nsloom map nsloom.yaml)"
like "also in JSON" '"planned": true' "$(nsloom map nsloom.yaml --json)"
check_fails "a lab that is not up has no map" 1 nsloom map tutorial
planned=$(links nsloom.yaml | grep -v uplink)
check "up" nsloom up -q
is "up, the kernel has what was drawn" "$planned" "$(links tutorial | grep -v uplink)"
like "it is drawn from the kernel" '"planned": false' "$(nsloom map nsloom.yaml --json)"
is "a lab alone has nothing of others'" "" "$(links tutorial | grep -E '(^| )(a|b|r)/|br0@')"
ip -n tutorial.two link set veth-two down
like "what is down is seen" '^cable down -: tutorial.one/veth-one — tutorial.two/veth-two' "$(links tutorial)"
like "and drawn" '│ veth-two .* down +├╌' "$(nsloom map tutorial)"
ip link add plug type veth peer name hers netns a
ip link set plug addrgenmode none
ip link set plug master v-net-0 up
ip -n a link set hers up
like "who is plugged in without being of the lab is there" '^cable up -: a/hers — v-net-0@host/plug$' "$(links tutorial)"
# shellcheck disable=SC2016 # for eval
wait_for 30 eval '[ -z "$(ip -6 address show tentative)" ]'
before=$(snapshot)
nsloom map >map.txt
nsloom map --json >map.json
unchanged "a map changes nothing" "$before"

# ---- widths

for width in 120 80 50 30; do
	is "no line is wider than $width" "" "$(COLUMNS=$width nsloom map tutorial 2>/dev/null |
		python3 -c 'import sys; [print(l) for l in sys.stdin.read().splitlines() if len(l) > '$width' and not l.startswith("tutorial:")]')"
done
check "ASCII on request" bash -c '! nsloom map --ascii | LC_ALL=C grep -aP "[^\x00-\x7f]"'
check "and where the locale has nothing else" bash -c '! LC_ALL=C nsloom map | LC_ALL=C grep -aP "[^\x00-\x7f]"'
check "down" nsloom down -q

# ---- without root: what may be seen, and what not is said

if command -v setpriv >/dev/null; then
	cp "$NSLOOM" ./plain && chmod 755 plain && chmod 711 .
	as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
	out=$(as_user ./plain map 2>&1)
	like "without root the host is drawn" '─ host ─' "$out"
	like "what may not be entered is named" '(a|inode:[0-9]+|/run/netns/a) ┄' "$out"
	like "and why" 'cannot be read' "$out"
else
	skip "without root" "there is no setpriv"
fi
