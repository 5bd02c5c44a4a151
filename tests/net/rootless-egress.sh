# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The way out of an ordinary user's labs, through pasta; and what is said where there is none.

# shellcheck source=tests/net/weaver.sh
. "$TESTS/weaver.sh"
ready_weaver
ready_network
need pgrep

cp "$TESTS/talk.py" .
cat >resolver.py <<'E'
import socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 53))
while True: # every name is 192.0.2.7
    data, peer = s.recvfrom(2000)
    kind = data[-4:-2]
    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\7" if kind == b"\0\1" else b""
    s.sendto(data[:2] + b"\x81\x80\0\1" + (b"\0\1" if answer else b"\0\0") + b"\0\0\0\0" + data[12:].split(b"\0\0\x29")[0] + answer, peer)
E
cat >lab.yaml <<'E'
name: lab
networks: {lan: {subnet: [10.1.0.0/24, "fd00:1::/64"], nat: true}}
nodes: {one: {networks: [lan]}, two: {networks: [lan]}}
E
sed 's/lab/quiet/; s/lan/lbn/g; s/10\.1/10.2/; s/fd00:1/fd00:2/; s/nat/gateway/' lab.yaml >quiet.yaml
sed 's/lab/other/; s/lan/lcn/g; s/10\.1/10.3/; s/fd00:1/fd00:3/' lab.yaml >other.yaml
in_node() { weaver nsloom exec -l lab one -- "$@"; }
pasta() { pgrep -u weaver -x 'pasta(\.avx2)?|passt(\.avx2)?'; }
holder() { pgrep -u weaver -x nsloom-holder; }
no_pasta() { ! pasta; }
ip netns exec outside python3 talk.py serve 7000 &
servers=$!
python3 talk.py serve 7001 &
servers="$servers $!"
python3 talk.py listen 127.0.0.1 7002 &
servers="$servers $!"
wait_for 30 python3 talk.py ask 203.0.113.2 7000 >/dev/null
echo 'nameserver 127.0.0.1
search example' >resolv
mount --bind resolv /etc/resolv.conf
python3 resolver.py 127.0.0.1 &
servers="$servers $!"
rm -rf /run/mount
before=$(snapshot)

# ---- out

like "the plan has it, with the line that asks for it" '[+] way out +pasta .*lab.yaml:2' "$(nsloom_of plan lab.yaml)"
check "none is there yet" no_pasta
is "up has nothing to warn of" "" "$(nsloom_of up -q lab.yaml 2>&1)"
check "nothing is left to do" nsloom_of plan --exit-code lab.yaml
is "pasta is below the holder" "$(holder)" "$(ps -o ppid= -p "$(pasta)" | tr -d ' ')"
steering=/proc/sys/net/core/rps_default_mask
if [ -e $steering ]; then
	like "a connection's packets are kept in order" '[1-9a-f]' "$(weaver nsloom exec host cat $steering)"
	is "not on the machine" 0 "$(tr -d ',\n' <$steering | tr -s 0)"
else
	skip "a connection's packets are kept in order" "this kernel has no net.core.rps_default_mask"
fi
like "many may wait for pasta" 'qlen 10000' "$(weaver nsloom exec host ip link show way.out)"
check "the first ping" in_node ping -n -c 1 -W 1 203.0.113.2
check "over IPv6" in_node ping -n -c 1 -W 1 2001:db8:ff::2
check "by nsloom" nsloom_of ping -W 1 two 2001:db8:ff::2
is "TCP: the outside sees the machine" "7000 203.0.113.1 100000" "$(in_node python3 talk.py ask 203.0.113.2 7000)"
is "over IPv6" "7000 2001:db8:ff::1 100000" "$(in_node python3 talk.py ask 2001:db8:ff::2 7000)"
is "UDP" "7000 203.0.113.1 3" "$(in_node python3 talk.py udp 203.0.113.2 7000 3)"
is "over IPv6" "7000 2001:db8:ff::1 3" "$(in_node python3 talk.py udp 2001:db8:ff::2 7000 3)"
is "from the stand-in host itself" "7000 203.0.113.1 100000" "$(weaver nsloom exec host python3 talk.py ask 203.0.113.2 7000)"
is "nothing came from a lab's own addresses" 0 "$(strangers)"
is "the machine itself is reached by its address" "7001 203.0.113.1 100000" "$(in_node python3 talk.py ask 203.0.113.1 7001)"
for address in 192.0.0.1 192.0.0.3 fe80::1; do
	like "its loopback is not, by $address" 'nothing|refused|Invalid|unreachable' "$(in_node python3 talk.py knock $address 7002)"
	like "nor from the stand-in host" 'nothing|refused|Invalid|unreachable' "$(weaver nsloom exec host python3 talk.py knock $address 7002)"
done
is "a name server on the machine's loopback is replaced" "search example nameserver 192.0.0.3" \
	"$(in_node cat /etc/resolv.conf | xargs)"
is "and answers" 192.0.2.7 "$(in_node getent ahostsv4 www.example | awk 'NR == 1 { print $1 }')"
is "on the stand-in host as well" 192.0.2.7 "$(weaver nsloom exec host getent ahostsv4 www.example | awk 'NR == 1 { print $1 }')"
is "the machine's file is what it was" "$(cat resolv)" "$(cat /etc/resolv.conf)"
is "the machine's network is what it was" "$(grep -v '^mount\|/run' <<<"$before")" "$(snapshot | grep -v '^mount\|/run')"

# ---- how long

first=$(pasta)
check "a lab that needs none" nsloom_of up -q quiet.yaml
is "starts none" "$first" "$(pasta)"
check_fails "and has none" 2 weaver nsloom exec quiet.one -- ping -n -c 1 -W 1 203.0.113.2
check "another one that does" nsloom_of up -q other.yaml
is "shares it" "$first" "$(pasta)"
check "the first goes" nsloom_of down -q lab
check "the other still has it" weaver nsloom exec other.one -- ping -n -c 1 -W 1 203.0.113.2
check "the last that needs it goes" nsloom_of down -q other
check "it has gone, though a lab is up" no_pasta
is "its device too" "lbn lo quiet.one.eth0 quiet.two.eth0" "$(weaver nsloom exec host ls /sys/class/net | sort | xargs)"
is "and the replaced file" "$(cat resolv)" "$(weaver nsloom exec host cat /etc/resolv.conf)"
nsloom_of down -q quiet
unchanged "nothing is left" "$before"

nsloom_of up -q lab.yaml
kill -9 "$(holder)"
check "it ends when the holder is killed" wait_for 30 no_pasta
nsloom_of up -q lab.yaml 2>/dev/null
kill -9 "$(pasta)"
wait_for 30 no_pasta
check_fails "when it is killed itself, plan says so" 3 nsloom_of plan --exit-code lab.yaml
like "in words" '[+] way out +pasta' "$(nsloom_of plan lab.yaml)"
check "up starts it anew" nsloom_of up -q lab.yaml
check "it works" in_node ping -n -c 1 -W 1 203.0.113.2
sed -i 's/nat: true/gateway: true/' lab.yaml
like "the file asks for none any more" '- way out +pasta' "$(nsloom_of up lab.yaml)"
check "it has gone" no_pasta
sed -i 's/gateway: true/nat: true/' lab.yaml
nsloom_of down -q lab
unchanged "nothing is left" "$before"

# ---- not everything is there

warned() { # WHAT PATTERN COMMAND…: how nsloom is called. up succeeds, with this warning; the lab works
	local what=$1 pattern=$2 out status=0
	shift 2
	out=$("$@" nsloom up -q lab.yaml 2>&1) || status=$?
	is "$what: up succeeds" 0 $status
	like "$what: and says" "warning: line 2: there is no way out of the stand-in host.*$pattern" "$out"
	check "$what: the lab works" nsloom_of ping one two
	check "$what: there is nothing to do" "$@" nsloom plan --exit-code lab.yaml
	like "$what: no route leads out" 'Net Unreachable' "$(in_node ping -n -c 1 -W 1 203.0.113.2 2>&1)"
	nsloom_of down -q lab
}
mkdir tools
for tool in nsloom newuidmap newgidmap env; do ln -s "$(command -v $tool)" tools/; done
warned "no program" 'neither pasta nor slirp4netns is installed: sudo apt install passt' weaver env PATH="$PWD/tools"
chmod 600 dev/tun
warned "tun is root's" '/dev/net/tun cannot be opened \(Permission denied\): sudo chmod 666 /dev/net/tun' weaver
chmod 666 dev/tun
ip route del default
ip -6 route del default
warned "the machine has no way out itself" 'the machine itself has no default route' weaver
printf '#!/bin/sh\necho "not in the mood" >&2\nexit 1\n' >tools/pasta
chmod 755 tools/pasta
ip route add default via 203.0.113.2
out=$(weaver env PATH="$PWD/tools:/bin:/usr/bin" nsloom up -q lab.yaml 2>&1)
is "a program that fails is no failure of the lab" 0 $?
like "its own words are passed on" 'warning: there is no way out.*: pasta did not become the way out: not in the mood' "$out"
nsloom_of down -q lab
rm tools/pasta
is "by choice: nothing is said" "" "$(weaver env NSLOOM_WAY_OUT=none nsloom up -q lab.yaml 2>&1)"
check "and nothing started" no_pasta
nsloom_of down -q lab

nsloom_of up -q lab.yaml
check "only IPv4 leads out: that works" in_node ping -n -c 1 -W 1 203.0.113.2
like "and IPv6 fails at once" '[Uu]nreachable' "$(in_node ping -n -c 1 -W 1 2001:db8:ff::2 2>&1)"
nsloom_of down -q lab
ip -6 route add default via 2001:db8:ff::2

# Newer ones have to be told that what comes by the machine's loopback arrives by this one.
cat >tools/pasta <<E
#!/bin/sh
echo "\$*" >>"$PWD/told"
for word; do [ "\$word" = --host-lo-to-ns-lo ] || set -- "\$@" "\$word"; shift; done
exec "$(type -P pasta)" "\$@"
E
: >told
chmod 755 tools/pasta
chmod 666 told
weaver env PATH="$PWD/tools:/bin:/usr/bin" nsloom up -q lab.yaml
check "a newer one works" in_node ping -n -c 1 -W 1 203.0.113.2
like "and was told, at the first try" '^1 .*--host-lo-to-ns-lo' "$(grep -c . told) $(cat told)"
nsloom_of down -q lab

if command -v slirp4netns >/dev/null; then
	rm tools/pasta
	ln -s "$(command -v slirp4netns)" tools/
	is "where there is slirp4netns only" "" "$(weaver env PATH="$PWD/tools" nsloom up -q lab.yaml 2>&1)"
	like "it is taken" '^slirp4netns ' "$(ps -o args= -C slirp4netns)"
	check "out" in_node ping -n -c 1 -W 2 203.0.113.2
	is "TCP" "7000 203.0.113.1 100000" "$(in_node python3 talk.py ask 203.0.113.2 7000)"
	is "names" 192.0.2.7 "$(in_node getent ahostsv4 www.example | awk 'NR == 1 { print $1 }')"
	like "the machine's loopback is not reached" 'nothing|refused|unreachable' "$(in_node python3 talk.py knock 192.0.0.2 7002)"
	check "nothing is left to do" weaver env PATH="$PWD/tools" nsloom plan --exit-code lab.yaml
	nsloom_of down -q lab
	gone() { ! pgrep -x slirp4netns; }
	check "it goes with the lab" wait_for 30 gone
else
	skip "slirp4netns" "it is not installed"
fi
unchanged "nothing is left" "$before"

# shellcheck disable=SC2086 # words
kill $servers
wait
