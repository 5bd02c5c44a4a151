# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# ns diff: what keeps two namespaces apart and what joins them; each aspect, changed on one side.

need ip nft python3 setpriv

row() { # A B ASPECT WHAT: "first | second"
	nsloom ns diff "$1" "$2" --json | python3 -c '
import json, sys
for r in json.load(sys.stdin)["rows"]:
    if r["aspect"] == sys.argv[1] and r["what"] == sys.argv[2]:
        print(r.get("first", "-"), "|", r.get("second", "-"))' "$3" "$4"
}
differences() { nsloom ns diff a b --json | python3 -c 'import json, sys; print(*[r["aspect"] + " " + r["what"] for r in json.load(sys.stdin)["rows"] if r["differs"]], sep="\n")'; }
changed() { # WHAT ASPECT KEY ROW COMMAND…: makes the change in a
	check "$1" ip netns exec a "${@:5}"
	is "$1: shown" "$4" "$(row a b "$2" "$3")"
	check_fails "$1: status 1" 1 nsloom ns diff a b
	ip netns exec b "${@:5}"
	is "$1: no difference any more" "" "$(differences)"
}

for ns in a b; do
	nsloom ns add $ns
	ip -n $ns link set lo addrgenmode none up
	ip -n $ns link add br0 address 0e:00:00:00:00:0a type bridge
	ip -n $ns link set br0 addrgenmode none up
done
check "two that are alike: status 0" nsloom ns diff a b
is "nothing differs" "" "$(differences)"
check "a namespace and itself: status 0" nsloom ns diff a a
like "and says so" 'one and the same' "$(nsloom ns diff a a)"
check_fails "no such namespace: status 2, as with diff" 2 nsloom ns diff a nobody
check_fails "no namespace at all: status 2" 2 nsloom ns diff a

changed devices devices br0 "bridge 0e:00:00:00:00:0a up mtu 1400 no-carrier | bridge 0e:00:00:00:00:0a up mtu 1500 no-carrier" ip link set br0 mtu 1400
changed addresses addresses 10.1.0.1/24 "dev br0 | -" ip addr add 10.1.0.1/24 dev br0
changed routes routes 10.2.0.0/16 "via 10.1.0.9 dev br0 metric 7 | -" ip route add 10.2.0.0/16 via 10.1.0.9 metric 7 onlink dev br0
changed "routes of a table" routes "default (IPv6) table 99" "dev br0 metric 1024 | -" ip -6 route add default dev br0 table 99
changed rules rules "IPv4 100" "from 10.1.0.0/24 fwmark 0x1/0xffffffff lookup 99 | -" ip rule add pref 100 from 10.1.0.0/24 fwmark 1 table 99
changed neighbours neighbours "10.1.0.9 dev br0" "0e:00:00:00:00:09 permanent | -" ip neigh add 10.1.0.9 lladdr 0e:00:00:00:00:09 dev br0
changed chains nftables "inet t c" "type filter hook input priority 5; policy drop | -" nft 'add table inet t; add chain inet t c { type filter hook input priority 5; policy drop; }'
changed "rules of a chain" nftables "inet t c rule 1" 'meta mark 0x00000007 counter accept comment "it" | -' \
	nft 'add rule inet t c meta mark 7 counter accept comment "it"'
ip netns exec b nft 'add table ip n; add chain ip n p { type nat hook postrouting priority 100; }; add rule ip n p masquerade'
ip netns exec a nft 'add table ip n; add chain ip n p { type nat hook postrouting priority 100; }; add rule ip n p masquerade random'
like "rules for which the words are the same are shown exactly" '^\[ masq flags 0x4 \] \| \[ masq \]$' "$(row a b nftables 'ip n p rule 1')"
ip netns exec a nft delete table ip n
ip netns exec b nft delete table ip n
changed sysctls sysctls net/ipv4/ip_forward "1 | 0" sysctl -qw net.ipv4.ip_forward=1

cat >listen.py <<'P'
import socket, time
kept = []
for family, kind, where in ((socket.AF_INET, socket.SOCK_STREAM, ("10.1.0.1", 80)), (socket.AF_INET6, socket.SOCK_DGRAM, ("::1", 53)),
                            (socket.AF_UNIX, socket.SOCK_STREAM, b"\0odd\x1bname")):
    s = socket.socket(family, kind)
    s.bind(where)
    if kind == socket.SOCK_STREAM:
        s.listen()
    kept.append(s)
print("ready", flush=True)
time.sleep(1000)
P
ip netns exec a python3 listen.py >ready &
pid=$!
wait_for 30 test -s ready
if [ -n "$(row a b sockets '(cannot be read)')" ]; then
	skip "sockets" "the kernel has no sock_diag"
else
	is "TCP that listens" "uid 0 | -" "$(row a b sockets 'tcp 10.1.0.1:80')"
	is "UDP that is bound" "uid 0 | -" "$(row a b sockets 'udp [::1]:53')"
	is "abstract unix sockets" "stream, listens | -" "$(row a b unix '@odd\x1bname')"
fi
is "processes, which are no difference" "python3 | -" "$(row a b processes "$pid")"

ip link add h1 type veth peer name a1 netns a
ip link add h2 type veth peer name b1 netns b
ip link add shared type bridge
ip link set h1 master shared
ip link set h2 master shared
ip -n a link add c1 type veth peer name c2 netns b
is "a cable from one to the other" "c1 | c2" "$(row a b isolation cable)"
is "a bridge that both are on" "a1 | b1" "$(row a b isolation 'both on bridge host:shared')"
is "the host is a name like any other" "h1 | a1" "$(row host a isolation cable)"
is "its bridge" "shared | a1" "$(row host a isolation bridge)"
like "what their processes share is named" 'pid namespace +([0-9]+) +\1 +shared' "$(nsloom ns diff host a)"
like "with --all what is the same" 'net/core/somaxconn +([0-9]+) +\1' "$(nsloom ns diff a b --all)"
cp "$NSLOOM" nsloom-copy
chmod 755 . nsloom-copy
check_fails "without privileges: status 2" 2 setpriv --reuid=65534 --regid=65534 --clear-groups ./nsloom-copy ns diff a b
like "and says why" 'cannot look into namespace "a".*|this needs root' "$(setpriv --reuid=65534 --regid=65534 --clear-groups ./nsloom-copy ns diff a b 2>&1)"
