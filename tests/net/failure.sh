# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# An up that the kernel refuses midway takes back all it did: a first one to nothing, a later one to what stood before.

need nsenter

fails() { # WHAT PATTERN FILE LINE
	local what=$1 before out status=0
	before=$(snapshot)
	out=$(nsloom up "$3" 2>&1) || status=$?
	is "$what: status 1" 1 $status
	like "$what: the object and the kernel's words" "$2" "$out"
	like "$what: the line of the file" "$3:$4" "$out"
	unchanged "$what: nothing is left" "$before"
}

# ---- a first up

top() {
	cat <<'EOF'
name: f
networks:
  lan: {subnet: 10.0.0.0/24, gateway: true, nat: true}
  in: {subnet: 10.1.0.0/24}
EOF
}
{ top; cat; } >key.yaml <<'EOF'
nodes:
  one: {networks: [lan, in]}
  two:
    networks: [lan, in]
    sysctl:
      net.ipv4.no_such_key: 1
EOF
fails "a sysctl that does not exist" 'net\.ipv4\.no_such_key.*two.*No such file' key.yaml 10

{ top; cat; } >value.yaml <<'EOF'
nodes:
  one: {networks: [lan, in]}
  two: {networks: [lan, in], sysctl: {net.ipv4.ip_forward: many}}
EOF
fails "a value that the kernel refuses" 'net\.ipv4\.ip_forward.*two.*Invalid argument' value.yaml 7

{ top; cat; } >mtu.yaml <<'EOF'
nodes:
  one: {networks: [lan, in], sysctl: {net.ipv6.conf.eth1.mtu: 9}}
EOF
fails "a refused sysctl of one device" 'net\.ipv6\.conf\.eth1\.mtu.*one.*Invalid' mtu.yaml 6

{ top; cat; } >last.yaml <<'EOF'
nodes:
  one: {networks: [lan, in]}
  two: {networks: [lan, in]}
links:
  - endpoints: [one:x0, two:x0]
    addresses: [10.2.0.1/24, 10.2.0.2/24]
  - endpoints: [one, two:tunl0]
EOF
if nsloom check last.yaml >/dev/null 2>&1 && ip netns add probe && ip -n probe link show tunl0 >/dev/null 2>&1; then
	ip netns del probe
	fails "a device name that is taken inside" 'tunl0' last.yaml 11
else
	ip netns del probe 2>/dev/null
	skip "a device name that is taken inside" "new namespaces have no tunl0 here"
fi

# A route that the kernel cannot take: its gateway is an address of the node itself.
{ top; cat; } >route.yaml <<'EOF'
nodes:
  one: {networks: {in: 10.1.0.1}, routes: [{to: 10.9.0.0/16, via: 10.1.0.1}]}
  two: {networks: [lan]}
EOF
if nsloom check route.yaml >/dev/null 2>&1; then
	fails "a route that the kernel refuses" '10\.9\.0\.0/16.*one' route.yaml 6
else
	skip "a route that the kernel refuses" "the file is refused already"
fi

# ---- a second up

{ top; cat; } >lab.yaml <<'EOF'
nodes:
  one: {networks: [lan, in]}
  two: {networks: [lan, in], router: true, sysctl: {net.ipv4.conf.all.log_martians: 1}}
  old: {networks: [lan]}
links:
  - {endpoints: [one:c0, old:c0], subnet: 10.3.0.0/24}
EOF
nsloom up --quiet lab.yaml
settle
host=$(snapshot)
inside=$(node_state f.one f.two f.old)
sed -i 's/10\.0\.0\.0/10.7.0.0/; s/10\.3\.0\.0/10.4.0.0/; /  old:/d; s/one:c0, old:c0/one:c0, new:c0/; s/nat: true/mtu: 1400/
	s/router: true, //; s/net.ipv4.conf.all.log_martians: 1/net.ipv4.ip_default_ttl: 9, net.ipv4.no_such: 1/
	s/^links:/  new: {networks: [in]}\n&/' lab.yaml
check "the edit itself is sound" nsloom check lab.yaml
out=$(nsloom up lab.yaml 2>&1)
is "an update fails: status 1" 1 $?
like "and says on what" 'net\.ipv4\.no_such.*two' "$out"
is "the names are the earlier ones" "f.old f.one f.two" "$(ip netns list | sed 's/ .*//' | sort | xargs)"
after=$(node_state f.one f.two f.old)
same_text "inside the nodes it is as before" "$inside" "$after"
settle
same_text "and on the host" "$(without_indexes <<<"$host")" "$(snapshot | without_indexes)"
check "the earlier lab works" nsloom ping -W 5 -l f one
nsloom down --quiet f
