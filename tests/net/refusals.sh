# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What up refuses: it says why, ends with status 1, and has changed nothing.

cat >lab.yaml <<'EOF'
name: tutorial
networks:
  v-net-0: {subnet: 192.168.15.0/24, gateway: 192.168.15.5, nat: true}
nodes:
  one: {networks: [v-net-0]}
  two: {networks: {v-net-0: {port: two-br}}}
links:
  - [one, two]
EOF

refused() { # WHAT PATTERN COMMAND…: status 1, an error that matches, an unchanged machine
	local what=$1 pattern=$2 before out status=0
	shift 2
	settle
	before=$(snapshot)
	out=$("$@" 2>&1) || status=$?
	is "$what: status 1" 1 $status
	like "$what: said" "$pattern" "$out"
	unchanged "$what: nothing changed" "$before"
}

# ---- names that are taken on the host

ip link add v-net-0 type bridge
ip link set v-net-0 addrgenmode none
refused "a device has the network's name" 'host already has a device "v-net-0"' nsloom up lab.yaml
like "with the line of the file" 'lab\.yaml:3' "$(nsloom up lab.yaml 2>&1)"
like "and the caret" '\^' "$(nsloom up lab.yaml 2>&1)"
like "and what to do" 'device:' "$(nsloom up lab.yaml 2>&1)"
refused "plan says it as well" 'host already has a device "v-net-0"' nsloom plan lab.yaml
ip link del v-net-0

ip link add two-br type veth peer name other-br
ip link set two-br addrgenmode none
refused "a device has a port's name" 'two-br' nsloom up lab.yaml
ip link del two-br

ip link add br9 type bridge
ip link set br9 addrgenmode none
ip link property add dev br9 altname v-net-0
refused "a device has it as its alternative name" 'v-net-0' nsloom up lab.yaml
ip link del br9

ip netns add tutorial.one
refused "a namespace has a node's name" 'tutorial\.one' nsloom up lab.yaml
ip netns add tutorial.two
like "every obstacle is named at once" 'tutorial\.two' "$(nsloom up lab.yaml 2>&1)"
like "and the first too" 'tutorial\.one' "$(nsloom up lab.yaml 2>&1)"
ip netns del tutorial.one
ip netns del tutorial.two

# ---- other labs

sed 's/name: tutorial/name: neighbour/' lab.yaml >neighbour.yaml
nsloom up --quiet neighbour.yaml
refused "another lab has the device" 'belongs to another lab' nsloom up lab.yaml
nsloom down --quiet neighbour

mkdir elsewhere
sed 's/two:/three:/; s/, two/, three/' lab.yaml >elsewhere/lab.yaml
nsloom up --quiet lab.yaml
refused "a lab of that name, of another file" 'from another file is up.*lab\.yaml' nsloom up elsewhere/lab.yaml
refused "its plan too" 'from another file' nsloom plan elsewhere/lab.yaml
like "the hint names both ways out" 'nsloom down tutorial.*name:' "$(nsloom up elsewhere/lab.yaml 2>&1)"
check "its own file is let in" nsloom up --quiet lab.yaml
mv lab.yaml moved.yaml
check "and the same under a new name, when the old is gone" nsloom up --quiet moved.yaml
mv moved.yaml lab.yaml
nsloom down --quiet tutorial

# ---- bad files

before=$(snapshot)
echo 'nodes: {one: {netwroks: []}}' >bad.yaml
check_fails "a bad file is status 2" 2 nsloom up bad.yaml
check_fails "and for plan" 2 nsloom plan bad.yaml
check_fails "and for check" 2 nsloom check bad.yaml
check_fails "nor is there such a file" 2 nsloom up no-such.yaml
check_fails "too many words are bad usage" 2 nsloom up lab.yaml lab.yaml
check_fails "an unknown option is bad usage" 2 nsloom up --no-such
check_fails "nobody is up: down of a node's file is no error" 0 nsloom down lab.yaml
unchanged "none of these changed anything" "$before"
