# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# ns: every namespace is found, however it is kept, and what its devices are tied to; names that `ip netns` sees.

need ip python3 nsenter nft setpriv stdbuf

q() { # EXPRESSION: of the census `c`, whose namespaces are in `n` by name
	nsloom ns ls --json | python3 -c "
import json, sys
c = json.load(sys.stdin)
n = {x['name']: x for x in c['namespaces']}
def dev(ns, name): return next(d for d in n[ns]['devices'] if d['name'] == name)
def tie(ns, name):
    t = dev(ns, name).get('tie', {})
    return ':'.join(str(t.get(k, '?')) for k in ('kind', 'namespace', 'device'))
def by(ns): return [h['by'] for h in n[ns]['holds']]
print($1)"
}
has_name() { nsloom ns ls --json | grep -q "\"name\": \"$1\""; }
inode() { stat -L -c %i "$1"; }
in_own_net() { [ "$(inode "/proc/$1/ns/net")" != "$(inode /proc/self/ns/net)" ]; }

# ---- names: the same as those of ip-netns(8)

check "add makes a namespace" nsloom ns add red
ip netns add blue
like "ip netns sees it" '^red$' "$(ip netns list | cut -d ' ' -f 1)"
# Minor numbers, ids and names are each one's own.
mounts() { awk -v name="/$1" 'substr($5, length($5) - length(name) + 1) == name { $1 = $2 = $3 = $4 = ""; sub(name, "/NAME"); sub(/shared:[0-9]+/, "shared"); print }' /proc/self/mountinfo | sort; }
same_text "it is mounted as ip netns does" "$(mounts blue)" "$(mounts red)"
is "its file has the same mode" "$(stat -c '%a %u' /run/netns/blue)" "$(stat -c '%a %u' /run/netns/red)"
same_text "what is in it is the same" "$(ip -n blue -d -j link)" "$(ip -n red -d -j link)"
check_fails "a name is given once" 1 nsloom ns add blue
like "and says so" 'there is a namespace "blue" already' "$(nsloom ns add blue 2>&1)"
check_fails "a name that is none" 2 nsloom ns add a/b
check_fails "host is taken" 2 nsloom ns add host
is "the caller stays where it was" "lo" "$(nsloom ns add stay && cd /sys/class/net && echo *)"
check "ip netns deletes what nsloom made" ip netns del stay
check "nsloom deletes what ip netns made" nsloom ns del blue
is "nothing of it is left" "red" "$(cd /run/netns && echo *)"
check_fails "what is not there cannot be deleted" 1 nsloom ns del rad
like "the nearest name is told" 'did you mean "red"' "$(nsloom ns del rad 2>&1)"

ip netns exec red sleep 1000 &
inside=$!
wait_for 30 in_own_net $inside
is "pids" "$(ip netns pids red)" "$(nsloom ns pids red)"
is "identify" "$(ip netns identify $inside)" "$(nsloom ns identify $inside)"
is "identify of nsloom itself, there" red "$(ip netns exec red "$NSLOOM" ns identify)"
is "and here" host "$(nsloom ns identify)"
check_fails "identify of no process" 1 nsloom ns identify 99999999
check "a process's namespace gets a name" nsloom ns add second --pid $inside
is "it has both" "red second" "$(nsloom ns identify $inside | tr '\n' ' ' | sed 's/ $//')"
nsloom ns del second

mkdir etc && cp -a /etc/hosts /etc/passwd /etc/ld.so.cache etc && mkdir -p etc/netns/red && echo "10.1.1.1 there" >etc/netns/red/hosts
mount --bind etc /etc
# shellcheck disable=SC2016 # for the shell inside
probe='ls /sys/class/net; cat /etc/hosts; stat -L -c %i /proc/self/ns/net; echo $0 $1'
same_text "exec is as ip netns exec" "$(ip netns exec red sh -c "$probe" x -- y)" "$(nsloom ns exec red sh -c "$probe" x -- y)"
umount /etc
is "exec by a process" "$(inode /run/netns/red)" "$(nsloom ns exec pid:$inside stat -L -c %i /proc/self/ns/net)"
is "exec by a path" "$(inode /run/netns/red)" "$(nsloom ns exec /run/netns/red -- stat -L -c %i /proc/self/ns/net)"
is "exec by an inode" "$(inode /run/netns/red)" "$(nsloom ns exec "inode:$(inode /run/netns/red)" stat -L -c %i /proc/self/ns/net)"
is "exec on the host" "$(inode /proc/self/ns/net)" "$(nsloom ns exec host stat -L -c %i /proc/self/ns/net)"
check_fails "its status comes through" 7 nsloom ns exec red sh -c 'exit 7'
check_fails "127: no such command" 127 nsloom ns exec red no-such-command
check_fails "125: no such namespace" 125 nsloom ns exec rad true

stdbuf -oL ip netns monitor >theirs &
theirs=$!
nsloom ns monitor >ours &
ours=$!
watched() { ip netns add probe 2>/dev/null; ip netns del probe; grep -q probe theirs && grep -q probe ours; }
check "monitor begins" wait_for 30 watched
ip netns add one
nsloom ns add two
ip netns del two
nsloom ns del one
ended() { grep -q 'delete one' theirs && grep -q 'delete one' ours; }
check "monitor tells" wait_for 30 ended
same_text "the same as ip netns monitor" "$(grep -v probe theirs)" "$(grep -v probe ours)"
kill $theirs
kill $ours
wait $ours
is "monitor ends by a signal" 143 $?

# ---- however it is kept

is "by a name" "['name', 'process'] sleep" "$(q "[h for h in by('red')][:2], n['red']['holds'][1]['command']" | tr -d '(),' | sed "s/'name' 'process'/'name', 'process'/; s/'sleep'/sleep/")"
unshare -n sleep 1000 &
bare=$!
wait_for 30 in_own_net $bare
is "by a process" "['process'] $(inode /proc/$bare/ns/net)" "$(q "by('pid:$bare'), n['pid:$bare']['inode']" | tr -d '(),' )"
touch mounted
mount --bind /proc/$bare/ns/net mounted
kill $bare
wait $bare 2>/dev/null
is "by a mount elsewhere" "['mount']" "$(q "by('$PWD/mounted')")"

cat >thread.py <<'P'
import ctypes, threading, time
libc = ctypes.CDLL(None, use_errno=True)
def go():
    assert libc.unshare(0x40000000) == 0
    print(threading.get_native_id(), flush=True)
    time.sleep(1000)
threading.Thread(target=go, daemon=True).start()
time.sleep(1000)
P
python3 thread.py >tid &
wait_for 30 test -s tid
tid=$(cat tid)
is "by a thread" "['process'] python3" "$(q "by('pid:$tid'), n['pid:$tid']['holds'][0]['command']" | tr -d "()," | sed "s/'python3'/python3/")"

ip netns add gone
sleep 1000 9</run/netns/gone &
holder=$!
wait_for 30 test -e /proc/$holder/fd/9
ip netns del gone
is "by a descriptor" "['descriptor']" "$(q "by('fd:$holder/9')")"

cat >private.sh <<'P'
mount -t tmpfs private "$1" && touch "$1/ns" && unshare --net="$1/ns" true && echo ready && exec sleep 1000
P
mkdir private
unshare -m --propagation private sh private.sh "$PWD/private" >private.out &
wait_for 30 test -s private.out
is "by a mount that only another mount namespace has" 1 "$(q "sum(name.endswith('root$PWD/private/ns') and x['devices'][0]['name'] == 'lo' for name, x in n.items())")"

cat >keep.py <<'P'
import ctypes, os, socket, subprocess, time
libc = ctypes.CDLL(None)
home = os.open("/proc/self/ns/net", os.O_RDONLY)
assert libc.unshare(0x40000000) == 0
held = socket.socket()
subprocess.run("ip link set lo up; ip link add h1 type veth peer name h0 netns %d; ip addr add 10.77.0.2/24 dev h1" % os.getppid(), shell=True, check=True)
assert libc.setns(home, 0) == 0
os.close(home)
print("ready", flush=True)
time.sleep(1000)
P
python3 keep.py >keep.out &
wait_for 30 test -s keep.out
is "by a socket alone: known by the other end of its cable" "peer ['device'] ['10.77.0.2/24']" \
	"$(q "dev('host', 'h0')['tie']['kind'], by(dev('host', 'h0')['tie']['namespace']), dev(dev('host', 'h0')['tie']['namespace'], 'h1')['addresses']" | tr -d '()' | sed "s/'peer'/peer/; s/],/]/; s/peer,/peer/")"

# ---- ties

nsloom ns add a
nsloom ns add b
ip link add v1 type veth peer name v2 netns a
ip -n a link add c0 type veth peer name c1 netns b
ip link add br1 type bridge
ip link add br2 type bridge
ip link add p1 master br1 type veth peer name p2
ip link add q1 master br1 type veth peer name q2
ip link set p2 master br2
ip link set q2 master br2
is "a cable to the host" "peer:a:v2 peer:host:v1" "$(q "tie('host', 'v1'), tie('a', 'v2')" | tr -d "(),'")"
is "a cable between two" "peer:b:c1 peer:a:c0" "$(q "tie('a', 'c0'), tie('b', 'c1')" | tr -d "(),'")"
is "a loop of bridges" "peer:host:p2 br2 peer:host:q1 br2" \
	"$(q "tie('host', 'p1'), dev('host', 'p2')['master'], tie('host', 'q2'), dev('host', 'q2')['master']" | tr -d "(),'")"
tied() { # KIND WHAT TIE COMMAND…
	if "${@:4}" 2>/dev/null; then
		is "$2" "$3" "$(q "tie('b', 't0')")"
		ip -n b link del t0
	else
		skip "$2" "the kernel has no $1"
	fi
}
tied macvlan "a macvlan's parent" parent:host:v1 ip link add t0 link v1 netns b type macvlan
tied ipvlan "an ipvlan's parent" parent:host:v1 ip link add t0 link v1 netns b type ipvlan
tied vlan "a vlan's parent" parent:host:v1 ip link add t0 link v1 netns b type vlan id 7
tied vxlan "a vxlan's device" parent:b:c1 ip -n b link add t0 type vxlan id 5 dev c1 remote 10.0.0.1 dstport 4789
if [ -c /dev/net/tun ] && ip tuntap add probe0 mode tun; then
	ip tuntap del probe0 mode tun
	python3 -c '
import fcntl, struct, time
f = open("/dev/net/tun", "r+b", buffering=0)
fcntl.ioctl(f, 0x400454ca, struct.pack("16sH22x", b"tap9", 0x1002))
print("ready", flush=True)
time.sleep(1000)' >tap.out &
	tap=$!
	wait_for 30 test -s tap.out
	is "who has a tap open" "tap $tap python3" "$(q "dev('host', 'tap9')['kind'], dev('host', 'tap9')['holder'], dev('host', 'tap9')['holder_command']" | tr -d "(),'")"
else
	skip "who has a tap open" "no tun here"
fi
chain() {
	local i
	for i in $(seq 30); do echo "netns add k$i"; done | ip -batch -
	for i in $(seq 29); do ip -n "k$i" link add right type veth peer name left netns "k$((i + 1))" || return; done
}
check "a chain" chain
is "its hosts have all the same ifindexes, and are told apart" "[]" \
	"$(q "[i for i in range(1, 30) if tie(f'k{i}', 'right') != f'peer:k{i + 1}:left' or tie(f'k{i + 1}', 'left') != f'peer:k{i}:right']")"

ip netns exec a sysctl -q net.ipv4.ip_forward=1
ip netns exec a nft 'add table ip x; add chain ip x y { type nat hook postrouting priority 100; }; add rule ip x y oif lo masquerade'
is "forwarding and nat" "True False True False" "$(q "n['a']['forwards_ipv4'], n['a']['forwards_ipv6'], n['a']['nat'], n['b']['nat']" | tr -d '(),')"
is "whose a lab's are" "tied one lab2 name" "$(
	printf 'name: tied\nnodes: {one: {networks: [lan]}}\nnetworks: {lan: {subnet: 10.9.9.0/24}}\n' >lab2.yaml
	nsloom up -q lab2.yaml && q "n['tied.one']['lab'], n['tied.one']['node'], 'lab2' if 'tied.@fabric' in n else 0, by('tied.one')[0]" | tr -d "(),'"
)"
is "a lab alone" "host tied.@fabric tied.one" "$(nsloom -l tied ns ls --json | python3 -c 'import json, sys; print(*[x["name"] for x in json.load(sys.stdin)["namespaces"]])')"
check_fails "a lab's node is not deleted" 1 nsloom ns del tied.one
like "but says how" 'nsloom down tied' "$(nsloom ns del tied.one 2>&1)"
nsloom down -q tied

# ---- names and texts of others

bad=$'bad\e[31m\n \\x'
ip netns add "$bad"
ip link set v1 alias $'\e]0;x\a'
is "no control character reaches the terminal" "" "$(nsloom ns ls -dkp 2>&1 | tr -d '\n' | LC_ALL=C tr -cd '\000-\037\177')"
is "programs get the name as it is" True "$(q "$(python3 -c 'import sys; print(repr(sys.argv[1]))' "$bad") in n")"
check "it can be deleted" nsloom ns del "$bad"

# ---- without privileges

cp "$NSLOOM" nsloom-copy
chmod 755 . nsloom-copy
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"; }
if as_nobody unshare -Urn true 2>/dev/null; then
	as_nobody unshare -Urn sh -c 'ip link add mine type dummy 2>/dev/null || ip link add mine type veth; echo ready; exec sleep 1000' >userns.out &
	wait_for 30 test -s userns.out
	nobody=$(pgrep -u 65534 -x sleep)
	is "a user namespace's, by root" "65534 $(inode "/proc/$nobody/ns/user")" "$(q "n['pid:$nobody']['owner'], n['pid:$nobody']['userns']" | tr -d '(),')"
	as_nobody ./nsloom-copy ns ls --json >unprivileged.json
	is "a user sees into his own, and what he may not see is told" "True Operation not permitted True" "$(python3 -c '
import json, sys
c = json.load(open("unprivileged.json"))
n = {x["name"]: x for x in c["namespaces"]}
print("mine" in [d["name"] for d in n["pid:" + sys.argv[1]]["devices"]], n["red"]["error"], c["hidden"] > 0)' "$nobody")"
	ip link add out0 type veth peer name in0 netns "$nobody"
	like "a peer where nsloom may not look" 'in0 veth tied to device [0-9]+ where nsloom cannot look' \
		"$(nsenter --preserve-credentials -U -n -t "$nobody" setpriv --inh-caps=-all ./nsloom-copy ns ls -d)"
	kill "$nobody"
else
	skip "a peer where nsloom may not look" "no user namespaces without root here"
	skip "a user's own namespaces" "no user namespaces without root here"
fi

# ---- while they come and go

( while :; do ip netns add flap; ip netns exec flap true; ip netns del flap; done ) 2>/dev/null &
flapping=$!
steady() {
	local i
	for i in $(seq 10); do nsloom ns ls -d >/dev/null && nsloom ns ls --json | python3 -c 'import json, sys; json.load(sys.stdin)' || return; done
}
check "namespaces that vanish meanwhile do no harm" steady
kill $flapping
wait $flapping 2>/dev/null

# ---- many

for i in $(seq 1000); do echo "netns add m$i"; done | ip -batch -
for i in $(seq 1000); do echo "link add m$i type veth peer name eth0 netns m$i"; done | ip -batch -
begin=$(date +%s%N)
nsloom ns ls --json >many.json
took=$((($(date +%s%N) - begin) / 1000000))
note "1,000 namespaces with a cable each: $took ms"
check "a thousand are listed soon" test $took -lt 3000
is "and all are tied" 1000 "$(python3 -c '
import json
c = json.load(open("many.json"))
print(sum(d.get("tie", {}).get("namespace") == d["name"] for d in c["namespaces"][0]["devices"]))')"
