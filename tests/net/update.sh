# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Edits of a file that is up: done in place, with the same result as a fresh lab of the new file; nothing else is touched,
# and a TCP stream between two nodes lives through all of it.

need python3 nsenter

cat >nsloom.yaml <<'EOF'
name: u
networks:
  lan: {subnet: [10.0.0.0/24, "fd00:a::/64"], gateway: true, nat: true}
  in: {subnet: 10.1.0.0/24}
nodes:
  still1: {networks: {lan: 10.0.0.11}}
  still2: {networks: {lan: 10.0.0.12}}
  one: {networks: {lan: 10.0.0.21, in: 10.1.0.1}}
  two: {networks: {lan: 10.0.0.22, in: 10.1.0.2}}
links:
  - {endpoints: [one:c0, two:c0], subnet: 10.2.0.0/24}
EOF
nsloom up --quiet || exit

# ---- what must not be disturbed

cat >stream.py <<'EOF'
"""Echoes, and counts what came back, every 10 ms: the last line tells of the last one."""
import socket, sys, time
if sys.argv[1] == "serve":
    s = socket.create_server(("10.0.0.12", 7), family=socket.AF_INET)
    c, _ = s.accept()
    while data := c.recv(4096):
        c.sendall(data)
else:
    for _ in range(200):
        try:
            c = socket.create_connection(("10.0.0.12", 7), timeout=5)
            break
        except ConnectionRefusedError:
            time.sleep(0.02)
    n = 0
    while True:
        c.sendall(b"x")
        if not c.recv(1):
            break
        n += 1
        open("count.new", "w").write(str(n))
        __import__("os").replace("count.new", "count")
        time.sleep(0.01)
EOF
nsloom exec u.still2 -- python3 stream.py serve &
server=$!
nsloom exec u.still1 -- python3 stream.py send &
sender=$!
wait_for 30 test -s count || exit
alive() { kill -0 $server && kill -0 $sender; }
goes_on() {
	local from
	from=$(cat count)
	# shellcheck disable=SC2016 # for the shell that is started
	alive && wait_for 30 sh -c '[ "$(cat count)" -gt '"$from"' ]'
}
interfaces() { # with their numbers
	ip -n u.still1 -o link | grep -oE '^[0-9]+: (lo|eth0)'
	ip -n u.still2 -o link | grep -oE '^[0-9]+: (lo|eth0)'
}
still=$(interfaces)

# ---- how an edit is judged

nodes() { ip netns list | sed -n 's/^\(u\.[a-z0-9]*\).*/\1/p' | sort; }
# But for what depends on whether the host forwarded already when a port was born, and for anycast addresses.
picture() {
	snapshot | without_indexes | grep -vE '"dst":"f[de][0-9a-f:]*::" |/u\.[^/]*/accept_ra:|^mount|^[fdl] '
	ip -n u.still1 route
	ip -n u.still2 -6 route
	# shellcheck disable=SC2046 # a word each
	node_state $(nodes | grep -v still)
}

edits=0
edit() { # WHAT SED-SCRIPT [PATTERN-OF-STEPS]: edits the file; the steps (all of them) have to match
	local what=$1 out strange
	sed -i -E "$2" nsloom.yaml
	edits=$((edits + 1))
	check "$what: something to do" check_fails_quietly 3 nsloom plan --exit-code
	out=$(nsloom plan --color=never | grep -E '^  [-+~]' | sed -E 's/ +/ /g')
	if [ -n "${3:-}" ]; then
		strange=$(grep -vE -e "$3" <<<"$out")
		same_text "$what: and only that" "" "$strange"
	fi
	check "$what: up" nsloom up --quiet
	check "$what: then nothing" nsloom plan --exit-code
	check "$what: the stream goes on" goes_on
	settle
	picture >"updated.$edits"
	cp nsloom.yaml "edit.$edits"
	names[edits]=$what
}
check_fails_quietly() {
	local want=$1
	shift
	"$@" >/dev/null 2>&1
	[ $? -eq "$want" ]
}
names=()

edit "a node more" 's/^links:/  three: {networks: [lan]}\n&/' '\+ (namespace u\.three|interface eth0|address|route|port)'
edit "a node less" '/^  three:/d' ' - (namespace u\.three|port|interface)'
# shellcheck disable=SC2016 # sed's $
edit "a link more" '$a\  - {endpoints: [one:c1, two:c1], subnet: 10.3.0.0/24}' '\+ (interface c1|address 10\.3\.0)|10\.3\.0'
edit "a link less" '/c1/d' ' - (interface c1|address 10\.3\.0|route)'
edit "a network more" 's/^nodes:/  more: {subnet: 10.4.0.0\/24, gateway: true}\n&/; s/in: 10.1.0.1\}/in: 10.1.0.1, more: }/'
edit "a network less" '/^  more:/d; s/, more: //'
edit "mtu" 's/endpoints: \[one:c0, two:c0\]/&, mtu: 1400/' '~ interface c0 mtu 1500 → mtu 1400'
edit "mtu of a network" 's/subnet: 10.1.0.0\/24/&, mtu: 1300/' '~ (interface eth1|port|bridge in) .*mtu'
edit "mtu as before" 's/, mtu: 1400//; s/, mtu: 1300//' '~ .*mtu (1400|1300) → mtu 1500'
edit "mac" 's/in: 10.1.0.1/in: {address: 10.1.0.1, mac: "02:00:00:00:00:77"}/' '~ interface eth1 mac .* → mac 02:00:00:00:00:77'
edit "address" 's/in: \{address: 10.1.0.1/in: {address: 10.1.0.9/' '[-+] (address 10\.1\.0\.[19]/24|route)|route'
edit "address and mac as before" 's/in: \{address: 10.1.0.9, mac: "02:00:00:00:00:77"\}/in: 10.1.0.1/'
edit "subnet of a link" 's/10.2.0.0\/24/10.22.0.0\/24/'
edit "nat off" 's/, nat: true//'
edit "gateway elsewhere" 's/gateway: true/gateway: [10.0.0.254, "fd00:a::fe"]/'
is "the interfaces of those that nobody touched are the same" "$still" "$(interfaces)"
# The switch moves from the host to the fabric: its cables are made anew.
edit "gateway off" 's/, gateway: \[.*"\]//'
edit "gateway and nat on" 's/"fd00:a::\/64"\]/&, gateway: true, nat: true/'
still=$(interfaces)
edit "router" 's/one: \{/one: {router: true, /'
edit "routes" 's/two: \{/two: {routes: [{to: 10.99.0.0\/16, via: 10.1.0.1}], /' '\+ route 10\.99\.0\.0/16'
edit "a route elsewhere" 's/via: 10.1.0.1\}/via: 10.22.0.1}/' '~ route 10\.99\.0\.0/16 .*via 10\.1\.0\.1 .*→ .*via 10\.22\.0\.1'
edit "no route" 's/routes: \[[^]]*\], //' ' - route 10\.99\.0\.0/16'
edit "no router" 's/router: true, //'
edit "sysctl" 's/two: \{/two: {sysctl: {net.ipv4.ip_default_ttl: 9, net.ipv4.conf.all.log_martians: 1}, /' '[+~] sysctl net\.ipv4\.'
edit "another value" 's/ttl: 9/ttl: 10/' '~ sysctl net\.ipv4\.ip_default_ttl 9 → 10'
edit "no sysctl: back to the born value" 's/sysctl: \{[^}]*\}, //' '~ sysctl net\.ipv4\.(ip_default_ttl 10 → 64|conf\.all\.log_martians 1 → 0)'
edit "a cable led elsewhere" 's/\[one:c0, two:c0\]/[one:c0, still2:c0]/'
edit "an interface renamed" 's/still2:c0/still2:d0/'
edit "routing off" 's/^name: u/&\nrouting: none/'
edit "routing on" '/^routing/d'
edit "a node renamed" 's/^  two:/  zwei:/' 'u\.two|u\.zwei|port|interface|address|route'

is "and so they are after all that followed" "$still" "$(interfaces)"
kill $sender $server
nsloom down --quiet u

# ---- a fresh lab of each file

for i in $(seq 1 $edits); do
	cp "edit.$i" nsloom.yaml
	if ! nsloom up --quiet; then
		result 1 "${names[i]}: fresh"
		continue
	fi
	settle
	same_text "${names[i]}: a fresh lab of that file is the same" "$(picture)" "$(cat "updated.$i")"
	nsloom down --quiet u
done
