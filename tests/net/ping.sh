# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# nsloom's own ping: who reaches whom, and why not.

need nft python3

cat >nsloom.yaml <<'EOF'
name: p
networks:
  left: {subnet: 10.1.0.0/24}
  right: {subnet: [10.2.0.0/24, "fd00:2::/64"]}
  out: {subnet: 10.3.0.0/24, gateway: 10.3.0.254}
  out2: {subnet: 10.4.0.0/24, gateway: 10.4.0.254}
nodes:
  ann: {networks: {left: 10.1.0.1}}
  r1: {router: true, networks: {left: 10.1.0.254, right: 10.2.0.254}}
  bob: {networks: {right: [10.2.0.1, "fd00:2::1"]}}
  eve: {networks: {out: 10.3.0.1}}
  joe: {networks: {out: 10.3.0.2, out2: 10.4.0.2}}
  hermit:
EOF
nsloom up --quiet || exit

says() { # WHAT STATUS PATTERN ARGUMENTS…
	local what=$1 want=$2 pattern=$3 out status=0
	shift 3
	out=$(nsloom ping "$@" 2>&1) || status=$?
	is "$what: status" "$want" $status
	like "$what: said" "$pattern" "$out"
}

# ---- pairs

says "through a router" 0 'ann → .*10\.2\.0\.1.*: [0-9.]+ ms' ann 10.2.0.1
says "all addresses of a node" 1 'fd00:2::1\).*no route' ann bob
says "back" 0 'bob → ann' bob ann
says "an address that nobody has" 1 'unreachable|no answer' ann 10.1.0.77
says "an address beyond every route" 1 'no route' ann 192.0.2.1
says "a node without addresses" 1 'no address' ann hermit
says "from one" 1 'no route' hermit ann
says "the host, from a network with a gateway" 0 'eve → host \(10\.3\.0\.254\): [0-9.]+ ms' eve host
says "the host, from one without" 1 'no route|no answer' ann host
says "from the host" 0 'host → eve \(10\.3\.0\.1\)' host eve
says "from the host to a node it has no part in" 1 'no route|cannot reach' host ann
says "itself" 0 'ann → ann' ann ann
says "a name that is none" 1 'zoe' ann zoe
says "a near name is suggested" 1 'did you mean "bob"' bobb ann
says "an interface of a node" 0 '^ann → r1 \(10\.1\.0\.254\): [0-9.]+ ms$' ann r1:eth0
says "only that one, of each family" 0 '^r1 → bob \(10\.2\.0\.1\)' -c 1 r1 bob:eth0
says "an interface that is none" 1 'node "r1" has no interface "eth7"' ann r1:eth7
says "a near one is suggested" 1 'did you mean "r1:eth0"' ann r1:etho0
says "an interface of nobody" 1 'has no node "zoe"' ann zoe:eth0
says "an interface of the host" 2 'none of the lab' ann host:lo
says "LAB.NODE" 0 'bob → r1' p.bob p.r1
says "more than one" 0 '3 of 3 answered.*min/avg/max' -c 3 eve host
says "a bad number" 2 'count' -c 0 ann bob
says "multi-homed: the answer comes another way than the question" 0 'ms' eve 10.4.0.2

# ---- the matrix

out=$(nsloom ping 2>&1)
is "the matrix fails where one does" 1 $?
like "it has a row for each node" '^hermit' "$out"
like "and sums up" '[0-9]+ of [0-9]+ answered' "$out"

# ---- reasons

nsloom exec bob -- nft add table inet silence
nsloom exec bob -- nft add chain inet silence in '{ type filter hook input priority 0; policy drop; }'
began=$(date +%s%N)
says "a silent node" 1 'no answer within 0\.3 s' -W 0.3 ann 10.2.0.1
[ $((($(date +%s%N) - began) / 1000000)) -lt 1000 ]
result $? "and the time is what was asked for"
nsloom exec bob -- nft delete table inet silence

nsloom exec r1 -- nft add table inet no
nsloom exec r1 -- nft add chain inet no through '{ type filter hook forward priority 0; }'
nsloom exec r1 -- nft add rule inet no through reject with icmpx admin-prohibited
says "a router that refuses" 1 '(prohibited|filtered).*says r1|10\.1\.0\.254' ann 10.2.0.1
nsloom exec r1 -- nft delete table inet no
says "and no more" 0 'ms' ann 10.2.0.1
nsloom exec r1 -- ip route add unreachable 10.9.0.0/24
nsloom exec ann -- ip route add 10.9.0.0/24 via 10.1.0.254
says "a router that knows no way" 1 'unreachable, says (r1|10\.1\.0\.254)' ann 10.9.0.1
nsloom exec ann -- ip route add prohibit 10.8.0.0/24
says "what the node itself refuses" 1 'ann' ann 10.8.0.1

# ---- JSON

nsloom ping --json >all.json
is "its status is that of the words" 1 $?
check "--json has the documented shape" python3 - <<'EOF'
import json
d = json.load(open("all.json"))
assert d["lab"] == "p", d
assert d["nodes"] == ["ann", "r1", "bob", "eve", "joe", "hermit"] or set(d["nodes"]) >= {"ann", "hermit"}, d["nodes"]
assert d["answered"] == sum(p["result"] == "reply" for p in d["pairs"])
results = {"reply", "no-answer", "no-route", "unreachable", "send-failed"}
for p in d["pairs"]:
    assert set(p) >= {"from", "to", "result", "sent", "received"}, p
    assert "address" in p or p["sent"] == 0, p
    assert p["result"] in results, p
    assert ("rtt_avg_us" in p) == (p["received"] > 0), p
    if p["received"]:
        assert 0 < p["rtt_min_us"] <= p["rtt_avg_us"] <= p["rtt_max_us"], p
by = {(p["from"], p.get("address")): p["result"] for p in d["pairs"]}
assert by["ann", "10.2.0.1"] == "reply"
assert by["bob", "10.1.0.1"] == "reply"
assert by["ann", "fd00:2::1"] == "no-route"
assert ("ann", "10.1.0.1") not in by, "nobody pings himself"
EOF
check "one pair too" sh -c 'nsloom ping --json eve host | python3 -c "
import json, sys
d = json.load(sys.stdin)
p, = d[\"pairs\"]
assert d[\"answered\"] == 1 and p[\"to\"] == \"host\" and p[\"address\"] == \"10.3.0.254\" and p[\"source\"] == \"10.3.0.1\", p"'
check "an error is a document too" sh -c 'nsloom ping --json ann zoe | python3 -c "
import json, sys
assert json.load(sys.stdin)[\"errors\"]"'

# ---- a lab that is not up

nsloom down --quiet
says "down" 1 'not up|no lab is up' ann bob
