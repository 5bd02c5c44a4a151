# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Networks too large for one bridge: a thousand nodes put two devices on the host; a network grows from 900 to 1,100 nodes and
# shrinks again, and nothing that stands is moved; broadcast reaches all; what the firewall guards, it guards.

need python3 nsenter ip nft

[ "$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)" -gt 900 ] || skip_all 'needs 900 MB of memory'

star() { # FIRST LAST NETWORK-KEYS…
	local i first=$1 last=$2
	shift 2
	echo 'name: big'
	echo "networks: {lan: {subnet: 10.0.0.0/20${*:+, $*}}}"
	echo 'nodes:'
	for ((i = first; i <= last; i++)); do
		echo "  n$i: {networks: {lan: 10.0.$((i / 256)).$((i % 256))}}"
	done
}
# In each namespace of the fabric.
fabric() {
	local part
	for part in /run/nsloom/big/ns/@fabric*; do
		nsenter --net="$part" "$@"
	done
}
# "lan 512, lan+1 388": the bridges of the fabric with their ports, trunks counted too
bridges() {
	fabric ip -j link show | python3 -c '
import collections, json, sys
count = collections.Counter(d["master"] for part in sys.stdin for d in json.loads(part) if "master" in d)
print(", ".join(f"{name} {count[name]}" for name in sorted(count)))'
}
port() { fabric ip -o link show | grep -F " $1@"; }
steps() { # ACTION: how many the plan has of it
	nsloom plan --json | python3 -c '
import json, sys
print(sum(s["action"] == sys.argv[1] for s in json.load(sys.stdin)["steps"]))' "$1"
}
reaches() { nsloom exec "big.$1" -- ping -q -c1 -W3 "$2"; }
before=$(snapshot)

# ---- in the fabric

star 10 909 >nsloom.yaml
check 'a network of 900 nodes comes up' nsloom up --quiet
is 'on two bridges' 'lan 513, lan+1 389' "$(bridges)"
check 'from one bridge to the other' reaches n10 10.0.3.141
is 'each in a namespace of its own' '@fabric @fabric+1' "$(cd /run/nsloom/big/ns && echo @*)"
kept=$(node_state big.n10 big.n909 && port n909.eth0)

star 1 1100 >nsloom.yaml
is 'that it grows to 1,100 changes nothing that stands' 0 "$(steps change)"
is 'nor takes anything away' 0 "$(steps remove)"
check 'it grows' nsloom up --quiet
is 'onto a third bridge' 'lan 514, lan+1 513, lan+2 77' "$(bridges)"
same_text 'nodes that were there have not noticed' "$kept" "$(node_state big.n10 big.n909 && port n909.eth0)"
check 'nothing is left to do' nsloom plan --exit-code
check 'from the first to the last' reaches n1 10.0.4.76
check 'from the last to the first' reaches n1100 10.0.0.1

# A broadcast comes to every port of every bridge: one that asks for an address that nobody has.
sent() {
	fabric ip -s -j link show | python3 -c '
import json, sys
for part in sys.stdin:
    for d in json.loads(part):
        if d["ifname"].endswith(".eth0"):
            print(d["ifname"], d["stats64"]["tx"]["packets"])' | sort
}
counted=$(sent)
nsloom exec big.n500 -- ping -q -c1 -W1 10.0.15.1 >/dev/null
everybody() { [ "$(join <(echo "$counted") <(sent) | awk '$3 > $2' | wc -l)" -ge 1099 ]; }
check 'a broadcast reaches everybody' wait_for 30 everybody

like 'show tells of all its bridges' 'lan\+1 +fabric\+1 +512' "$(nsloom show)"
is 'and says how many ports they have' '[["lan", "big.@fabric", 512], ["lan+1", "big.@fabric+1", 512], ["lan+2", "big.@fabric+2", 76]]' \
	"$(nsloom show --json | python3 -c '
import json, sys
print(json.dumps([[b["device"], b["netns"], b["ports"]] for b in json.load(sys.stdin)["networks"][0]["bridges"]]))')"

check 'each can be looked at where it stands' nsloom ns exec big.@fabric+2 -- ip link show lan+2

star 1 1100 'mtu: 1400' >nsloom.yaml
check 'a smaller MTU' nsloom up --quiet
is 'is that of bridges and of what lies between them too' 1400 \
	"$(fabric ip -j link show | python3 -c '
import json, sys
print(*{d["mtu"] for part in sys.stdin for d in json.loads(part) if "lan" in d["ifname"]})')"
check 'and passes' nsloom exec big.n1 -- ping -q -c1 -W3 -M "do" -s 1372 10.0.4.76
check 'nothing is left to do' nsloom plan --exit-code

star 600 700 'mtu: 1400' >nsloom.yaml
check 'it shrinks' nsloom up --quiet
is 'and loses the bridges without ports' 'lan 1, lan+1 102' "$(bridges)"
is 'with their namespaces' '@fabric @fabric+1' "$(cd /run/nsloom/big/ns && echo @*)"
check 'what is left goes on' reaches n600 10.0.2.188
check 'down' nsloom down --quiet
unchanged 'and the machine is as it was' "$before"

# ---- on the host

make_outside
before=$(snapshot)
star 1 200 'gateway: 10.0.15.254, nat: true' >nsloom.yaml
counts=$(nsloom plan --json | python3 -c '
import json, sys
steps = json.load(sys.stdin)["steps"]
for where, kind in (("host", "bridge"), ("fabric", "trunk"), ("nodes", "namespace"), ("nodes", "address")):
    print(where, kind, sum(s["kind"] == kind and (s["place"] == where or where == "nodes" and s["place"].startswith("n"))
                           for s in steps))')
check 'a network of 200 nodes on the host' eval 'nsloom up >sums'
like 'the summary counts its nodes' 'nodes +namespace +200' "$(cat sums)"
is 'and what else the plan has, each where it is' "$(sort <<<"$counts")" "$(awk '
	/^[a-z]/ { where = $1; kind = $2; n = $3 } /^ / { kind = $1; n = $2 } !NF { next }
	(where " " kind) ~ /^(host bridge|fabric trunk|nodes (namespace|address))$/ { print where, kind, n }' sums | sort)"
is 'puts two devices there' 2 "$(ip -o link show | grep -c nsloom:big)"
check 'nothing is left to do' nsloom plan --exit-code
check 'its nodes reach the gateway' reaches n200 10.0.15.254
check 'and the host them' ping -q -c1 -W3 10.0.0.200
check 'each other' reaches n1 10.0.0.200
check 'and what is outside' reaches n150 203.0.113.2
check 'explain follows' nsloom explain n150 203.0.113.2
like 'by way of the trunk' 'lan\+1\.up' "$(nsloom explain n150 203.0.113.2)"
nsloom exec big.n7 -- sh -c 'ip address add 198.51.100.9/32 dev lo; ping -q -c2 -i.2 -W1 -I 198.51.100.9 203.0.113.2' >/dev/null
is 'what is spoofed does not leave the host' 0 "$(strangers)"
like 'show tells of both' 'lan +host +0' "$(nsloom show)"

star 1 60 'gateway: 10.0.15.254, nat: true' >nsloom.yaml
check 'it shrinks to what the host could bear' nsloom up --quiet
is 'and is not moved there' 2 "$(ip -o link show | grep -c nsloom:big)"
check 'down' nsloom down --quiet
unchanged 'and the machine is as it was' "$before"
