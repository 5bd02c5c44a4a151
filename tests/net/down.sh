# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # pid and job: of launch
#
# down: all of the lab and nothing else, by whatever name, with whatever is lost.

lab() { # NAME SUBNET-BYTE
	cat <<EOF
name: $1
networks:
  $1-net: {subnet: [10.$2.0.0/24, "fd00:$2::/64"], gateway: true, nat: true}
  $1-in: {subnet: 10.$2.1.0/24}
nodes:
  one: {networks: [$1-net, $1-in]}
  two: {networks: [$1-net]}
links: [[one, two]]
EOF
}
lab lab 1 >lab.yaml
lab neighbour 2 >neighbour.yaml

ip netns add hand-made
ip netns add lab.by-hand
ip link add lab-br type bridge
ip link set lab-br addrgenmode none
nothing=$(snapshot)

# ---- by every name

for how in lab.yaml lab "-f lab.yaml" "-l lab"; do
	nsloom up --quiet lab.yaml
	# shellcheck disable=SC2086 # words
	check "down $how" nsloom down $how
	unchanged "down $how: as before" "$nothing"
done
nsloom up --quiet lab.yaml
check "down, where it is the only one" nsloom down
unchanged "down alone: as before" "$nothing"
cp lab.yaml nsloom.yaml
nsloom up --quiet
check "down in the file's folder" nsloom down
unchanged "down here: as before" "$nothing"
rm nsloom.yaml

check "twice is a success" nsloom down lab
like "and says that there was nothing" 'not up' "$(nsloom down lab)"
unchanged "and does nothing" "$nothing"

nsloom up --quiet lab.yaml
rm lab.yaml
check "down when the file has gone" nsloom down lab
unchanged "without its file: as before" "$nothing"
lab lab 1 >lab.yaml
nsloom up --quiet lab.yaml
echo ': not a [lab' >lab.yaml
check "down when the file is broken" nsloom down lab.yaml
unchanged "with a broken file: as before" "$nothing"
lab lab 1 >lab.yaml
nsloom up --quiet lab.yaml
sed -i 's/name: lab/name: renamed/' lab.yaml
check "down when the lab was renamed in the file" nsloom down lab.yaml
unchanged "renamed: as before" "$nothing"
lab lab 1 >lab.yaml

# ---- when something is lost

lose() { # WHAT COMMAND…
	local what=$1
	shift
	nsloom up --quiet lab.yaml
	"$@"
	rm -rf /run/mount # of umount(8)
	check "down $what" nsloom down lab
	unchanged "$what: as before" "$nothing"
}
half() { head -c 100 /run/nsloom/lab/record >record && cp record /run/nsloom/lab/record; }
lose "without its record" rm /run/nsloom/lab/record
lose "with half a record" half
lose "with a record of zeros" truncate -s 4096 /run/nsloom/lab/record
lose "without anything but the namespaces" find /run/nsloom/lab -maxdepth 1 -type f -delete
lose "after a namespace was unmounted" umount /run/nsloom/lab/ns/one
lose "after all were unmounted" umount -l /run/nsloom/lab/ns
lose "after a name was removed" rm /run/netns/lab.one
lose "after \`ip netns del\`" ip netns del lab.one
lose "after its bridge was deleted" ip link del lab-net
lose "after a node was taken down by hand" ip -n lab.two link del eth0
lose "after its rules were deleted" nft delete table inet nsloom-lab
sysctl -q net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 net.ipv6.conf.{default,lab-br}.accept_ra=1
nft flush ruleset
lose "after all rules were flushed" nft flush ruleset
sysctl -q net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 net.ipv6.conf.{default,lab-br}.accept_ra=1
unchanged "after all that" "$nothing"

# ---- neighbours

nsloom up --quiet neighbour.yaml
settle
with=$(snapshot)
nsloom up --quiet lab.yaml
nsloom down --quiet lab
unchanged "a neighbour stays as it is" "$with"
check "and works" nsloom ping -W 5 -l neighbour one two
like "the switch that both need stays on" 1 "$(cat /proc/sys/net/ipv4/ip_forward)"
nsloom up --quiet lab.yaml
nsloom down --quiet neighbour
is "also when the first goes first" 1 "$(cat /proc/sys/net/ipv4/ip_forward)"
nsloom down --quiet lab
unchanged "after both: as before" "$nothing"

nsloom up --quiet lab.yaml
nsloom up --quiet neighbour.yaml
check_fails "without a name, two labs are not clear" 1 nsloom down
check "down --all" nsloom down --all
unchanged "--all leaves nothing, and what is by hand" "$nothing"
check "--all of nothing is a success" nsloom down --all
check_fails "--all and a name contradict" 2 nsloom down --all lab

# ---- processes that live on

nsloom up --quiet lab.yaml
launch nsloom exec -l lab one -- sleep 1000
wait_for 30 grep -q sleep "/proc/$pid/comm"
out=$(nsloom down lab)
is "down goes, though a process lives there" 0 $?
like "and names it" "^ *$pid +sleep +one" "$out"
check "it lives on" kill -0 "$pid"
unchanged "the lab is gone all the same" "$nothing"
kill "$pid"
wait "$job" 2>/dev/null

nsloom up --quiet lab.yaml
launch nsloom exec -l lab two -- bash -c 'trap "" TERM; echo ready >ready; while :; do sleep 0.1; done'
deaf=$pid deaf_job=$job
launch nsloom exec -l lab one -- sleep 1000
wait_for 30 test -e ready
wait_for 30 grep -q sleep "/proc/$pid/comm"
check "down --kill" nsloom down --kill lab
wait "$job" 2>/dev/null
check_fails "ends the process" 1 kill -0 "$pid"
wait "$deaf_job" 2>/dev/null
check_fails "and one that is deaf to SIGTERM" 1 kill -0 "$deaf"
unchanged "and leaves nothing" "$nothing"

nsloom up --quiet lab.yaml
launch nsloom exec -l lab one -- sleep 1000
wait_for 30 grep -q sleep "/proc/$pid/comm"
nsloom down --quiet lab >/dev/null
check "up again beside a namespace that lives on" nsloom up --quiet lab.yaml
check "works" nsloom ping -W 5 -l lab one two
kill "$pid"
nsloom down --quiet lab
unchanged "and goes" "$nothing"

# ---- copies of its mounts elsewhere, which would keep its namespaces alive

nsloom up --quiet lab.yaml
unshare --mount --propagation unchanged sleep 1000 &
copy=$!
nsloom exec -l lab one -- sleep 1000 &
inside=$!
wait_for 30 grep -q sleep /proc/$copy/comm
wait_for 30 grep -q sleep /proc/$inside/comm
check "another mount namespace has the lab's mounts too" grep -q /run/nsloom/lab/ns /proc/$copy/mountinfo
nsloom down --quiet lab >/dev/null
is "down takes them away there as well" "" "$(grep /run/nsloom/lab /proc/$copy/mountinfo)"
is "and where a program runs in a node" "" "$(grep /run/nsloom/lab/ns /proc/$inside/mountinfo)"
kill $copy $inside
wait $copy $inside 2>/dev/null
unchanged "as before" "$nothing"

# ---- --wait and --json

nsloom up --quiet lab.yaml
check "down --wait" timeout 200 nsloom down --wait lab
nsloom up --quiet lab.yaml
like "--json is one document" '^\{.*"labs"' "$(nsloom down --json lab | tr -d '\n')"
unchanged "and that is all" "$nothing"
