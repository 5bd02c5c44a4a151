# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Published ports, with real servers in nodes, and clients on the host's loopback, outside, in another lab and in the same one.
# Each server says by which port it was reached and whom it sees.

need nft python3

cp "$TESTS/talk.py" .
talk() { python3 talk.py "$@"; }
outside() { ip netns exec outside python3 talk.py "$@"; }
from() { nsloom exec "$1" python3 talk.py "${@:2}"; }

write() { # PUBLISHED-BY-WEB
	cat > p.yaml <<-EOF
		name: p
		networks:
		  lan: {subnet: [10.50.0.0/24, "fd00:50::/64"], gateway: true, nat: true}
		  near: {subnet: 10.51.0.0/24, gateway: true}
		nodes:
		  web: {networks: {lan: [10.50.0.2, "fd00:50::2"]}, publish: [$1]}
		  back: {networks: {near: 10.51.0.2}, publish: [0.0.0.0:8090:80], routing: none}
		  ann: {networks: [lan]}
	EOF
}
cat > q.yaml <<'EOF'
name: q
networks: {net: {subnet: 10.60.0.0/24, nat: true}}
nodes: {n: {networks: [net]}}
EOF
first='8080:80, 8081:80, 80:80, 5300:53/udp, 7000-7002:81-83, "[::1]:8080:80", 0.0.0.0:8088:80, "[::]:8089:80", 203.0.113.1:8087:80, 203.0.113.1:5301:53/udp'

make_outside
before=$(snapshot)
write "$first"
check "a lab with published ports comes up" nsloom up -q p.yaml
check "a second plan is empty" nsloom plan --exit-code p.yaml
check "another lab comes up" nsloom up -q q.yaml
like "show lists them" '^\[::1\]:8080/tcp +web +\[fd00:50::2\]:80 ' "$(nsloom show p)"
is "as JSON too" '203.0.113.1 5301 udp 53 10.50.0.2 True' "$(nsloom show --json p | python3 -c '
import json, sys
p = json.load(sys.stdin)["nodes"][0]["published"][-1]
print(p["host"], p["port"], p["protocol"], p["to"], p["address"], p["sees_client"])')"
nsloom exec p.web python3 "$PWD/talk.py" serve 53 80 81 82 83 8080 &
servers=$!
nsloom exec p.back python3 "$PWD/talk.py" serve 80 &
servers="$servers $!"
check "servers stand" wait_for 30 nsloom exec p.web python3 talk.py ask ::1 8080
wait_for 30 nsloom exec p.back python3 talk.py ask ::1 80 >/dev/null

# --- the host's loopback
is "127.0.0.1 leads to the node; the node sees the gateway" "80 10.50.0.1 100000" "$(talk ask 127.0.0.1 8080)"
is "another port leads to the same one" "80 10.50.0.1 100000" "$(talk ask 127.0.0.1 8081)"
is "the same port on both sides" "80 10.50.0.1 100000" "$(talk ask 127.0.0.1 80)"
is "the last of a range" "83 10.50.0.1 100000" "$(talk ask 127.0.0.1 7002)"
is "::1" "80 fd00:50::1 100000" "$(talk ask ::1 8080)"
is "UDP" "53 10.50.0.1 3" "$(talk udp 127.0.0.1 5300 3)"
is "UDP, in fragments" "53 10.50.0.1 9000" "$(talk udp 127.0.0.1 5300 9000)"
is "what is wide is on loopback too" "80 10.50.0.1 100000" "$(talk ask 127.0.0.1 8088)"
is "and on the host's other addresses" "80 203.0.113.1 100000" "$(talk ask 203.0.113.1 8088)"
is "the node's own port of that number is another one" "8080 10.50.0.1 100000" "$(talk ask 10.50.0.2 8080)"
is "the rest of loopback is the host's own" refused "$(talk ask 127.0.0.1 7003)"
is "nothing opened 127.0.0.0/8 to neighbours" "" "$(grep -ls 1 /proc/sys/net/ipv4/conf/*/route_localnet)"

# --- from outside
is "wide, from outside: the node sees the caller" "80 203.0.113.2 100000" "$(outside ask 203.0.113.1 8088)"
is "over IPv6" "80 2001:db8:ff::2 100000" "$(outside ask 2001:db8:ff::1 8089)"
is "one address of the host's" "80 203.0.113.2 100000" "$(outside ask 203.0.113.1 8087)"
is "UDP from outside" "53 203.0.113.2 1" "$(outside udp 203.0.113.1 5301 1)"
is "a node that cannot answer outside sees the gateway" "80 10.51.0.1 100000" "$(outside ask 203.0.113.1 8090)"
is "what is on loopback is not outside" refused "$(outside ask 203.0.113.1 8080)"
ip -n outside route add 10.50.0.0/24 via 203.0.113.1
is "the node itself is as shut as ever" nothing "$(outside knock 10.50.0.2 80)"
ip -n outside route del 10.50.0.0/24

# --- from labs
is "another lab reaches what is wide" "80 10.50.0.1 100000" "$(from q.n ask 203.0.113.1 8088)"
is "and not what is on loopback" refused "$(from q.n ask 203.0.113.1 8080)"
is "nor the node" nothing "$(from q.n knock 10.50.0.2 80)"
is "the same network, by the host's address" "80 10.50.0.1 100000" "$(from p.ann ask 10.50.0.1 8088)"

# --- conflicts
cp q.yaml q.old
sed -i 's/^nodes: .*/nodes: {n: {networks: [net], publish: ["81:81", "203.0.113.1:8088:80"]}}/' q.yaml
like "a port of another lab is an error, with its line" \
	'q.yaml:3:.*port 8088/tcp of the host is published by lab "p", on all addresses' "$(nsloom plan q.yaml 2>&1)"
check_fails "before anything changes" 1 nsloom up q.yaml
mv q.old q.yaml
talk listen 127.0.0.1 4000 &
listener=$!
wait_for 30 grep -q ':0FA0 ' /proc/net/tcp

# --- changes in place
coproc held { python3 talk.py hold 127.0.0.1 8080; }
# shellcheck disable=SC2154 # coproc sets it
coproc_pid=$held_PID
echo one >&"${held[1]}"
read -r -t 5 line <&"${held[0]}"
write "8080:80, 8088:81, 0.0.0.0:8082:82, 4000-4001:82-83"
plan=$(nsloom plan p.yaml 2>&1)
like "the plan: what goes" '- published port +203.0.113.1:8087/tcp' "$plan"
like "what comes, with its line" '[+] published port +0.0.0.0:8082/tcp to web, 10.50.0.2:82 +p.yaml:6' "$plan"
like "a program that will not be heard" 'line 6: a program of the host listens on port 4000/tcp \(127.0.0.1\)' "$plan"
check "ports change" nsloom up -q p.yaml
kill "$listener"
check "a second plan is empty then" nsloom plan --exit-code p.yaml
is "what came" "82 10.50.0.1 100000" "$(talk ask 127.0.0.1 4000)"
is "what changed" "81 10.50.0.1 100000" "$(talk ask 127.0.0.1 8088)"
is "and is no longer wide" refused "$(outside ask 203.0.113.1 8088)"
is "what went" refused "$(talk ask 127.0.0.1 8081)"
echo two >&"${held[1]}"
read -r -t 5 line <&"${held[0]}" || line=none
is "a connection lives on" two "$line"
kill "$coproc_pid"

# --- drift
nft delete element inet nsloom-p loopback-node-4 '{ tcp . 8080 }'
check_fails "an entry that is gone is noticed" 3 nsloom plan --exit-code p.yaml
nsloom up -q p.yaml
is "and put back" "80 10.50.0.1 100000" "$(talk ask 127.0.0.1 8080)"
nft add element inet nsloom-p anywhere-4 '{ tcp . 2222 : 10.50.0.2 . 22 }'
like "one that nobody asked for too" '- published port +0.0.0.0:2222/tcp' "$(nsloom plan p.yaml)"
nft list ruleset > saved
nft flush ruleset
nft -f saved
nft delete element inet nsloom-p anywhere-4 '{ tcp . 2222 }'
check "a ruleset that was saved and restored is the same" nsloom plan --exit-code p.yaml
nft flush ruleset
nsloom up -q q.yaml
nsloom up -q p.yaml 2>/dev/null
is "after a flush of all rules" "82 203.0.113.2 100000" "$(outside ask 203.0.113.1 8082)"

# --- other firewalls
nft -f - <<'EOF'
table inet strict {
	chain input { type filter hook input priority 0; policy drop; ct state established,related accept; iif lo accept; }
	chain forward { type filter hook forward priority 0; policy drop; }
}
EOF
check "a firewall that drops is dealt with" nsloom up -q p.yaml
is "loopback behind it" "80 10.50.0.1 100000" "$(talk ask 127.0.0.1 8080)"
is "outside behind it" "82 203.0.113.2 100000" "$(outside ask 203.0.113.1 8082)"
nft delete table inet strict

# shellcheck disable=SC2086 # two words
kill $servers
wait
check "it goes down" nsloom down -q p
check "the other one too" nsloom down -q q
unchanged "nothing is left behind" "$before"
