# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# explain: every way to break a lab is named, with its place and what mends it; and where nothing is broken, it agrees
# with ping.

need nft python3

cat >nsloom.yaml <<'EOF'
name: x
networks:
  lan: {subnet: [10.1.0.0/24, "fd00:1::/64"], nat: true}
  back: {subnet: 10.2.0.0/24}
  six: {subnet: "fd00:6::/64"}
nodes:
  ann: {networks: {lan: 10.1.0.11}}
  bob: {networks: {lan: 10.1.0.12}}
  r: {router: true, networks: {lan: 10.1.0.13, back: 10.2.0.13, six: }}
  far: {networks: {back: 10.2.0.14}}
  new: {networks: [six]}
EOF
make_outside
nsloom up --quiet || exit
settle
wait_for 30 nsloom ping ann far >/dev/null

# explains WHAT PLACE REASON FROM TO: it fails there, for this reason.
explains() {
	local what=$1 place=$2 reason=$3 status=0
	shift 3
	out=$(nsloom explain "$@" 2>&1) || status=$?
	is "$what: status" 1 $status
	like "$what: what, and where" "^fails: $place: .*$reason" "$out"
}
reaches() { # WHAT FROM TO
	check "$1" nsloom explain "$2" "$3"
}
# What it says mends it.
mended() { # WHAT FROM TO
	local mend
	mend=$(printf '%s\n' "$out" | sed -n 's/^mend: //p')
	check "$1: \"$mend\" mends it" sh -c "$mend"
	wait_for 30 nsloom explain "$2" "$3" >/dev/null
	reaches "$1: it reaches again" "$2" "$3"
}
restore() { # WHAT FROM TO
	nsloom up --quiet
	wait_for 30 nsloom explain "$2" "$3" >/dev/null
	reaches "$1: nsloom up mends it" "$2" "$3"
}

# ---- whole

out=$(nsloom explain ann far)
is "a node behind a router: status" 0 $?
like "the route, and why" 'x\.ann +route +to 10\.2\.0\.14 by eth0 via 10\.1\.0\.13 \(10\.2\.0\.0/24, by nsloom\)' "$out"
like "the bridge" 'bridge +passes the bridge lan' "$out"
like "the router" 'x\.r +in ' "$out"
like "forwards" 'forward +forwarded by x\.r' "$out"
like "the bridge of the fabric" 'x\.@fabric +bridge' "$out"
like "and back" '^The answer:' "$out"
like "the verdict" '^reaches: x\.ann reaches x\.far' "$out"
out=$(nsloom explain far 203.0.113.2)
like "nat" 'nat +masqueraded: its source 10\.2\.0\.14 becomes 203\.0\.113\.1' "$out"
like "and back again" 'nat +known: its destination 203\.0\.113\.1 becomes 10\.2\.0\.14 again' "$out"
reaches "the host" ann host
reaches "from the host" host far
reaches "a namespace that is no node" ann outside
reaches "itself" ann ann
reaches "IPv6 through nat" ann 2001:db8:ff::2
nsloom explain --json ann far >doc.json
check "--json has the documented shape" python3 - <<'EOF'
import json
d = json.load(open("doc.json"))
assert d["verdict"] == "reaches" and d["tried"] and d["answered"] and d["rtt_us"] > 0
assert d["from"] == "x.ann" and d["to"] == "x.far" and d["address"] == "10.2.0.14"
assert {"kind", "answer", "place", "text"} <= set(d["steps"][0]) and d["steps"][-1]["answer"]
EOF
check_fails "a name that is none" 1 nsloom explain ann zoe
check_fails "an address of many" 2 nsloom explain ann 224.0.0.1
check_fails "an address of one link" 2 nsloom explain ann fe80::1
like "a near name is suggested" 'did you mean "far"' "$(nsloom explain ann fra 2>&1)"
explains "a broadcast address" x.ann '10\.1\.0\.255 is a broadcast address' ann 10.1.0.255

# ---- links

ip -n x.bob link set eth0 down
explains "the other's interface is down" x.bob 'eth0 is down' ann 10.1.0.12
mended "the other's interface" ann 10.1.0.12
nsloom up --quiet
ip -n x.ann link set eth0 down
explains "one's own interface is down" x.ann 'eth0 is down: there is no route to 10\.1\.0\.12' ann 10.1.0.12
mended "one's own interface" ann 10.1.0.12
nsloom up --quiet
ip link set x.bob.eth0 down
explains "a port is down" host 'x\.bob\.eth0, a port of lan, is down' ann bob
mended "a port" ann bob
nsloom ns exec x.@fabric -- ip link set far.eth0 down
explains "a port in the fabric is down" x.@fabric 'far\.eth0, a port of back, is down' r far
mended "a port in the fabric" r far
ip link set lan down
explains "a bridge is down" host 'lan is down' ann bob
ip link set lan up
restore "a bridge" ann bob
ip link set x.bob.eth0 nomaster
explains "a port is unplugged" host 'x\.bob\.eth0, the other end of x\.bob:eth0, is on no bridge' ann 10.1.0.12
restore "a port that is unplugged" ann bob
ip -n x.bob link del eth0
explains "an interface has gone" x.ann 'nobody has the address 10\.1\.0\.12' ann 10.1.0.12
explains "so the node has no address" x.bob 'x\.bob has no address' ann bob
restore "an interface that has gone" ann bob
ip -n x.bob link set eth0 mtu 1300
like "a smaller MTU is noted" 'x\.bob.* note +its MTU is 1300, that of x\.bob\.eth0 before it 1500' "$(nsloom explain ann bob | tr '\n' ' ')"
nsloom up --quiet

# ---- addresses, neighbours, routes

ip -n x.bob addr del 10.1.0.12/24 dev eth0
explains "an address is missing" x.ann 'nobody has the address 10\.1\.0\.12' ann 10.1.0.12
restore "an address" ann 10.1.0.12
explains "no address of the family" x.new 'x\.new has no IPv4 address' new 10.1.0.11
ip -n x.ann neigh replace 10.1.0.12 lladdr 02:00:00:00:00:99 dev eth0 nud permanent
explains "a wrong neighbour" x.ann 'neighbour table says for good that 10\.1\.0\.12 has 02:00:00:00:00:99' ann 10.1.0.12
mended "a wrong neighbour" ann 10.1.0.12
ip -n x.far route del default
explains "no route" x.far 'x\.far has no route to 203\.0\.113\.2' far 203.0.113.2
like "no route: what mends it" '^mend: nsloom up puts back what is missing; or: ip -n x\.far route add 203\.0\.113\.2 via ' "$out"
explains "no route where nsloom has no say" outside 'outside has no route to 10\.2\.0\.14' outside 10.2.0.14
like "no route where nsloom has no say: what mends it" '^mend: ip -n outside route add 10\.2\.0\.14 via ' "$out"
restore "a route" far 203.0.113.2
ip -n x.ann route replace blackhole 10.2.0.0/24
explains "a route that refuses" x.ann 'a route of type blackhole refuses 10\.2\.0\.14' ann far
ip -n x.ann route del blackhole 10.2.0.0/24
restore "a route that refuses" ann far
ip -n x.far route flush proto 110
explains "no way back" x.far 'x\.far has no route to 10\.1\.0\.11' ann far
like "is told of the answer" '^The answer:' "$out"
restore "a way back" ann far

# ---- forwarding

ip netns exec x.r sysctl -qw net.ipv4.ip_forward=0
explains "a router that does not forward" x.r 'x\.r does not forward IPv4' ann far
restore "a router that does not forward" ann far
sysctl -qw net.ipv4.ip_forward=0
explains "a host that does not forward" host 'host does not forward IPv4' ann 203.0.113.2
restore "a host that does not forward" ann 203.0.113.2
ip netns exec x.r sysctl -qw net.ipv4.conf.eth0.rp_filter=1
ip -n x.r route add 10.1.0.11/32 via 10.2.0.14
explains "rp_filter" x.r 'rp_filter 1 drops it: the way back to 10\.1\.0\.11 does not lead by eth0' ann far
ip -n x.r route del 10.1.0.11/32
reaches "rp_filter, with a way back that fits" ann far
ip netns exec x.r sysctl -qw net.ipv4.conf.eth0.rp_filter=0

# ---- firewalls

# A table of one base chain on an input or forward hook, with these rules. NAMESPACE FAMILY HOOK POLICY RULE…
rules() {
	local ns=$1 family=$2 hook=$3 policy=$4 rule
	shift 4
	ip netns exec "$ns" nft add table "$family" guard
	ip netns exec "$ns" nft add chain "$family" guard more
	ip netns exec "$ns" nft add chain "$family" guard in "{ type filter hook $hook priority 0; policy $policy; }"
	for rule; do
		ip netns exec "$ns" nft add "$rule"
	done
}
rules x.bob ip input accept 'rule ip guard in ip saddr 10.1.0.0/28 icmp type echo-request drop'
explains "a rule that drops" x.bob 'dropped by the rule "ip saddr 10\.1\.0\.0/28 icmp type 8 drop" of chain in, table ip guard' ann 10.1.0.12
ip netns exec x.bob nft delete table ip guard
reaches "without it" ann 10.1.0.12
rules x.bob inet input accept 'rule inet guard in jump more' 'rule inet guard more iifname "eth*" ct state new reject'
explains "a rule that rejects, in a chain that is jumped to" x.bob 'iifname "eth\*" ct state .*reject.* of chain more' ann 10.1.0.12
ip netns exec x.bob nft delete table inet guard
rules x.bob inet input accept 'set inet guard s { type ipv4_addr; }' 'element inet guard s { 10.1.0.11 }' \
	'rule inet guard in ip saddr @s drop'
out=$(nsloom explain ann 10.1.0.12)
like "a rule that cannot be told" '^uncertain: .*may have been dropped: in x\.bob the rule "ip saddr @s drop" of chain in' "$out"
ip netns exec x.bob nft delete table inet guard
rules x.bob inet input drop 'set inet guard s { type ipv4_addr; }' 'element inet guard s { 10.1.0.11 }' \
	'rule inet guard in ip saddr @s accept'
out=$(nsloom explain ann 10.1.0.12)
like "a rule that may let it pass: the probe tells" '^reaches: ' "$out"
is "and nothing else is said" "" "$(printf '%s\n' "$out" | grep -E 'lost|note')"
ip netns exec x.bob nft delete element inet guard s '{ 10.1.0.11 }'
like "and that it does not" '^uncertain: .*in x\.bob what comes before the end of chain in of table inet guard' \
	"$(nsloom explain ann 10.1.0.12)"
ip netns exec x.bob nft delete table inet guard
touch /run/netns/here && mount --bind /proc/self/ns/net /run/netns/here
rules here inet forward drop
umount /run/netns/here && rm /run/netns/here
explains "another's firewall that drops" host 'dropped by chain in of table inet guard' ann 203.0.113.2
restore "another's firewall" ann 203.0.113.2
nft delete table inet guard
ip -n outside route add 10.1.0.0/24 via 203.0.113.1
explains "from outside" host 'dropped by the rule "drop" of chain answers, table inet nsloom-x' outside 10.1.0.11
like "which is meant" 'mend: that is how the file wants it' "$out"
ip netns exec x.bob sysctl -qw net.ipv4.icmp_echo_ignore_all=1
explains "a node that does not answer pings" x.bob 'icmp_echo_ignore_all is on' ann 10.1.0.12
mended "a node that does not answer pings" ann 10.1.0.12
nsloom down --quiet
like "a lab that is not up" 'lab "x" is not up' "$(nsloom explain ann bob 2>&1)"

# ---- an interface, of a node and of a stranger's namespace

cat >two.yaml <<'EOF'
name: two
nodes: {a: , b: }
links:
  - {endpoints: [a:x0, b:x0], subnet: 10.71.0.0/30}
  - {endpoints: [a:x1, b:x1], subnet: 10.72.0.0/30}
EOF
nsloom up --quiet two.yaml
settle
like "a certain interface is the aim" 'leaves by x1' "$(nsloom explain -l two a b:x1)"
like "LAB.NODE:INTERFACE" 'leaves by x0' "$(nsloom explain two.a two.b:x0)"
is "one that is none" "error: two.b has no interface \"x9\"" "$(nsloom explain -l two a b:x9 2>&1 | head -n 1)"
ip netns add alien
ip -n alien addr add 10.71.0.9/24 dev lo
like "of a namespace that others made" 'alien' "$(nsloom explain two.a alien:lo)"
is "a namespace that is none" "error: there is no namespace \"nowhere:x0\"" "$(nsloom explain two.a nowhere:x0 2>&1 | head -n 1)"
ip netns del alien
nsloom down --quiet two

# ---- agreement with ping, on every pair of every example

cat >agree.py <<'EOF'
import json, subprocess, sys
pairs = json.load(sys.stdin)["pairs"]
wrong = []
for p in pairs:
    if "address" not in p:
        continue
    done = subprocess.run(["nsloom", "explain", "--json", "-f", sys.argv[1], p["from"], p["address"]],
                          capture_output=True, text=True)
    d = json.loads(done.stdout)
    fault = any(s["kind"] in ("lost", "note") and "MTU" not in s["text"] for s in d["steps"])
    if (p["result"] == "reply") != (d.get("verdict") == "reaches") or (p["result"] == "reply") == fault:
        wrong.append((p, d))
for w in wrong[:3]:
    print(w)
print(len(pairs), "pairs")
sys.exit(bool(wrong))
EOF
for file in "$TESTS"/../../examples/*.yaml; do
	name=$(basename "$file" .yaml)
	nsloom up --quiet "$file" || continue
	settle
	wait_for 30 nsloom ping -f "$file" >/dev/null
	nsloom ping --json -f "$file" >pairs.json
	check "$name: explain agrees with ping" python3 agree.py "$file" <pairs.json
	nsloom down --quiet "$file"
done
