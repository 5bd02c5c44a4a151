# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Ports of the machine that lead into an ordinary user's labs: from its loopback, its own addresses and the outside. Each server says
# by which port it was reached and whom it sees.

# shellcheck source=tests/net/weaver.sh
. "$TESTS/weaver.sh"
ready_weaver
ready_network
need pgrep

cp "$TESTS/talk.py" .
talk() { python3 talk.py "$@"; }
outside() { ip netns exec outside python3 talk.py "$@"; }
pasta() { pgrep -u weaver -x 'pas[st][at](\.avx2)?'; }
write() { # PUBLISHED-BY-WEB
	cat >p.yaml <<-E
		name: p
		networks:
		  lan: {subnet: [10.50.0.0/24, "fd00:50::/64"], gateway: true, nat: true}
		  near: {subnet: 10.51.0.0/24, gateway: true}
		nodes:
		  web: {networks: {lan: [10.50.0.2, "fd00:50::2"]}, publish: [$1]}
		  back: {networks: {near: 10.51.0.2}, publish: [0.0.0.0:8090:80], routing: none}
		  ann: {networks: [lan]}
	E
}
lab() { # PUBLISHED
	printf 'name: q\nnetworks: {net: {subnet: 10.60.0.0/24, gateway: true}}\nnodes: {n: {networks: [net], publish: [%s]}}\n' "$1" >q.yaml
}
before=$(snapshot)

write '8080:80, 8081:80, 5300:53/udp, 7000-7002:81-83, "[::1]:8086:80", 0.0.0.0:8088:80, "[::]:8088:80", "[::]:8089:80", 203.0.113.1:8087:80, 203.0.113.1:5301:53/udp'
like "the plan has them, and what leads them in" '[+] way out +pasta 13 ports led in +p.yaml:3' "$(nsloom_of plan p.yaml)"
like "as they are written" '[+] published port +203.0.113.1:8087/tcp to web, 10.50.0.2:80 +p.yaml:6' "$(nsloom_of plan p.yaml)"
is "up has nothing to warn of" "" "$(nsloom_of up -q p.yaml 2>&1)"
check "nothing is left to do" nsloom_of plan --exit-code p.yaml
weaver nsloom exec p.web python3 talk.py serve 53 80 81 82 83 8080 &
servers=$!
weaver nsloom exec p.back python3 talk.py serve 80 &
servers="$servers $!"
wait_for 30 weaver nsloom exec p.web python3 talk.py ask ::1 8080 >/dev/null
wait_for 30 weaver nsloom exec p.back python3 talk.py ask ::1 80 >/dev/null

# --- before anything else: from outside, to a node that has said nothing yet
is "wide, from outside: the node sees the caller" "80 203.0.113.2 100000" "$(outside ask 203.0.113.1 8088)"
is "over IPv6" "80 2001:db8:ff::2 100000" "$(outside ask 2001:db8:ff::1 8089)"
is "by the same port as IPv4" "80 2001:db8:ff::2 100000" "$(outside ask 2001:db8:ff::1 8088)"
is "one address of the machine's" "80 203.0.113.2 100000" "$(outside ask 203.0.113.1 8087)"
is "UDP" "53 203.0.113.2 1" "$(outside udp 203.0.113.1 5301 1)"
is "a node that cannot answer outside sees the gateway" "80 10.51.0.1 100000" "$(outside ask 203.0.113.1 8090)"
is "what is on loopback is not outside" refused "$(outside ask 203.0.113.1 8080)"

# --- the machine's loopback
is "127.0.0.1 leads to the node; the node sees the gateway" "80 10.50.0.1 100000" "$(talk ask 127.0.0.1 8080)"
is "another port leads to the same one" "80 10.50.0.1 100000" "$(talk ask 127.0.0.1 8081)"
is "the last of a range" "83 10.50.0.1 100000" "$(talk ask 127.0.0.1 7002)"
is "::1" "80 fd00:50::1 100000" "$(talk ask ::1 8086)"
is "UDP" "53 10.50.0.1 3" "$(talk udp 127.0.0.1 5300 3)"
is "what is wide is on loopback too" "80 10.50.0.1 100000" "$(talk ask 127.0.0.1 8088)"
is "and on the machine's own address" "80 203.0.113.1 100000" "$(talk ask 203.0.113.1 8088)"
is "what is on one address is not on loopback" refused "$(talk ask 127.0.0.1 8087)"
is "the rest of loopback is the machine's own" refused "$(talk ask 127.0.0.1 7003)"
is "from a node, by the machine's address" "80 203.0.113.1 100000" "$(weaver nsloom exec p.ann python3 talk.py ask 203.0.113.1 8088)"

# --- conflicts, told beforehand, with the line
listens() { grep -q ":$1 " /proc/net/tcp; }
python3 talk.py listen 127.0.0.1 4000 &
listener=$!
wait_for 30 listens 0FA0
refused() { # WHAT PATTERN
	like "$1" "$2" "$(nsloom_of plan q.yaml 2>&1)"
	check_fails "$1: before anything changes" 1 nsloom_of up -q q.yaml
}
lab 4000:80
refused "a program of the machine has the port" 'q.yaml:3:.*a program of the machine listens on port 4000/tcp \(127.0.0.1\): without root'
lab 80:80
refused "a port that is root's" 'q.yaml:3:.*port 80 of the machine is for root: others may have those from 1024 on'
like "the hint mends it" 'ip_unprivileged_port_start=80' "$(nsloom_of plan q.yaml 2>&1)"
lab 203.0.113.1:9000:80,203.0.113.7:9000:81
refused "one port on two addresses" 'q.yaml:3:.*line 3 publishes port 9000 too, on 203.0.113.1: without root'
lab 203.0.113.1:8080:80
refused "another lab has it on another address" 'q.yaml:3:.*another lab publishes port 8080 too, on 127.0.0.1: without root'
lab 0.0.0.0:8088:80
refused "a port of another lab" 'q.yaml:3:.*port 8088/tcp of the host is published by lab "p", on all addresses'
kill "$listener"
wait "$listener" 2>/dev/null
first=$(pasta)
is "none of these touched what there is" "80 203.0.113.2 100000" "$(outside ask 203.0.113.1 8088)"

# --- changes
coproc held { python3 talk.py hold 127.0.0.1 8080; }
# shellcheck disable=SC2154 # coproc sets it
coproc_pid=$held_PID
echo one >&"${held[1]}"
read -r -t 5 line <&"${held[0]}"
is "a connection" one "$line"
sed -i 's/8081:80/8081:82/' p.yaml
check "a port leads elsewhere" nsloom_of up -q p.yaml
is "there" "82 10.50.0.1 100000" "$(talk ask 127.0.0.1 8081)"
is "by the same pasta: the machine's ports are the same" "$first" "$(pasta)"
echo two >&"${held[1]}"
read -r -t 5 line <&"${held[0]}" || line=none
is "the connection lives on" two "$line"
kill "$coproc_pid"
lab 9001:80/udp
like "another lab's ports: the plan says that it starts anew" '~ way out +pasta 13 ports led in → 14 ports led in' "$(nsloom_of plan q.yaml)"
check "it comes up" nsloom_of up -q q.yaml
check "another pasta" test "$first" != "$(pasta)"
is "the first lab's are led in still" "80 10.50.0.1 100000" "$(talk ask 127.0.0.1 8080)"
check "nothing is left to do for it" nsloom_of plan --exit-code p.yaml
check "nor for the other" nsloom_of plan --exit-code q.yaml
weaver nsloom exec q.n python3 talk.py serve 80 &
servers="$servers $!"
wait_for 30 weaver nsloom exec q.n python3 talk.py ask ::1 80 >/dev/null
is "the second's too" "80 10.60.0.1 2" "$(talk udp 127.0.0.1 9001 2)"
check "the second goes" nsloom_of down -q q
is "with its port" refused "$(talk udp 127.0.0.1 9001 2)"
is "and no other" "80 10.50.0.1 100000" "$(talk ask 127.0.0.1 8080)"
write '0.0.0.0:8082:82, 4000-4001:82-83'
check "ports change" nsloom_of up -q p.yaml
is "what came" "82 10.50.0.1 100000" "$(talk ask 127.0.0.1 4000)"
is "from outside" "82 203.0.113.2 100000" "$(outside ask 203.0.113.1 8082)"
is "what went" refused "$(talk ask 127.0.0.1 8080)"
weaver nsloom exec host nft flush ruleset
check_fails "drift is seen" 3 nsloom_of plan --exit-code p.yaml
check "and mended" nsloom_of up -q p.yaml
is "it works again" "82 203.0.113.2 100000" "$(outside ask 203.0.113.1 8082)"
write ''
sed -i 's/, publish: \[\]//; s/, publish: \[0.0.0.0:8090:80\]//' p.yaml
like "no port any more" '~ way out +pasta 4 ports led in → no ports led in' "$(nsloom_of up p.yaml)"
is "is led in" refused "$(talk ask 127.0.0.1 4000)"

# --- without pasta
mkdir tools
for tool in nsloom newuidmap newgidmap env; do ln -s "$(command -v $tool)" tools/; done
nsloom_of down -q p >/dev/null
lab 9001:80
like "no program: a warning" 'warning: line 3: there is no way into the stand-in host for published ports: neither pasta' \
	"$(weaver env PATH="$PWD/tools" nsloom up -q q.yaml 2>&1)"
check "the lab is up" nsloom_of ping -l q n host
nsloom_of down -q q
if command -v slirp4netns >/dev/null; then
	ln -s "$(command -v slirp4netns)" tools/
	like "slirp4netns leads none in" 'warning: line 3: .*for published ports: it takes pasta' \
		"$(weaver env PATH="$PWD/tools" nsloom up -q q.yaml 2>&1)"
	nsloom_of down -q q
fi

# shellcheck disable=SC2086 # words
kill $servers
wait
unchanged "nothing is left" "$before"
