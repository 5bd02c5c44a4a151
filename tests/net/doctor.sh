# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# nsloom doctor: each finding is provoked where a box can provoke it; nothing is
# changed by looking; and what would fail midway, up and plan refuse beforehand.

need nft setpriv prlimit python3

lab() { # NAME NODES [KEYS OF THE NETWORK]
	echo "name: $1"
	echo "networks:"
	echo "  lan: {subnet: 10.7.0.0/20, ${3:-gateway: true, nat: true}}"
	echo "nodes:"
	for ((i = 1; i <= $2; i++)); do echo "  n$i: {networks: [lan]}"; done
}
lab small 2 >small.yaml
lab island 2 'mtu: 1400' >island.yaml

# What is said of a subject, in one line: "LEVEL TEXT" and its mend.
said() { # ID COMMAND…
	local id=$1
	shift
	"$@" --json | python3 -c '
import json, sys
for f in json.load(sys.stdin)["findings"]:
    if f["id"] == sys.argv[1]:
        print(f["level"], f["text"], "| mend:", f.get("mend", ""), "| line", f.get("line", 0))' "$id"
}
finds() { # WHAT ID PATTERN [COMMAND…]
	local what=$1 id=$2 pattern=$3
	shift 3
	[ $# -gt 0 ] || set -- nsloom doctor small.yaml
	like "$what" "$pattern" "$(said "$id" "$@")"
}
refused() { # WHAT PATTERN COMMAND…: status 1, an error that matches, an unchanged machine
	local what=$1 pattern=$2 before out status=0
	shift 2
	before=$(snapshot)
	out=$("$@" 2>&1) || status=$?
	is "$what: status 1" 1 $status
	like "$what: said" "$pattern" "$out"
	unchanged "$what: nothing changed" "$before"
}

# ---- a sound machine

before=$(snapshot)
check "a host alone" nsloom doctor
like "a host alone: summary" '^this host: 0 failures' "$(nsloom doctor)"
check "a lab" nsloom doctor small.yaml
like "a lab: summary" '^small: 0 failures' "$(nsloom doctor small.yaml)"
check_fails "a bad file is status 2" 2 sh -c 'echo "nodes: []" >bad.yaml; nsloom doctor bad.yaml'
check_fails "a missing one too" 2 nsloom doctor missing.yaml
unchanged "looking changes nothing" "$before"
finds "kernel: device kinds" devices '^ok veth, bridge'
finds "kernel: rules" nf_tables '^ok nf_tables, ct state, reject, .*masquerade'
finds "kernel: what else" kinds '^info also here: .*; not here: '
finds "kernel: IPv6" ipv6 '^ok'
finds "ports" ports '^ok .* 2 of at most 1023'
finds "memory" memory '^ok 2 namespaces'
is "no rules asked for, none tried" "" "$(said nf_tables nsloom doctor island.yaml)"

# ---- privileges

finds "root" privileges "^ok ${WEAVER:+an ordinary user, but }root"
finds "root without a capability" privileges '^failure root, but without CAP_NET_ADMIN ' \
	setpriv --bounding-set=-net_admin --inh-caps=-net_admin "$NSLOOM" doctor small.yaml

# ---- limits

lab large 20 >large.yaml
# Who may raise it (CAP_SYS_RESOURCE) has it raised.
few() {
	if [ -n "$WEAVER" ]; then
		user prlimit --nofile=40:40 "$@"
	else
		prlimit --nofile=40:40 setpriv --bounding-set=-sys_resource "$@"
	fi
}
finds "descriptors" descriptors '^failure 5[0-9] are needed, the limit is 40 .*mend: ulimit -n' few nsloom doctor large.yaml
finds "descriptors: enough for two" descriptors '^ok' few nsloom doctor small.yaml
refused "descriptors: up" 'large\.yaml:5:.*file descriptors: .*limit is 40' few nsloom up large.yaml
refused "descriptors: plan" 'file descriptors' few nsloom plan large.yaml

namespaced() { # LIMIT COMMAND…: in a user namespace that allows so many network namespaces
	# shellcheck disable=SC2016 # for the shell that is started
	user unshare --user --map-root-user --net --mount bash -c \
		'echo "$1" >/proc/sys/user/max_net_namespaces && mount -t tmpfs none /run && shift && "$@"' - "$@"
}
if namespaced 100 true 2>/dev/null; then
	finds "namespaces: too few" namespaces '^failure 20 more are needed.*allows 10 .*mend: sysctl -w user.max_net_namespaces=' \
		namespaced 10 nsloom doctor large.yaml
	finds "namespaces: enough" namespaces '^ok' namespaced 100 nsloom doctor large.yaml
	refused "namespaces: up" 'large\.yaml:5:.*20 more are needed' namespaced 10 nsloom up large.yaml
	finds "user namespaces forbidden" user_namespaces '^info forbidden.*user.max_user_namespaces = 0' \
		user unshare --user --map-root-user bash -c 'echo 0 >/proc/sys/user/max_user_namespaces; "$@"' - nsloom doctor
else
	skip "too few namespaces" "no user namespaces here"
fi

lab crowd 1025 >crowd.yaml
finds "ports: spread over bridges" ports '^ok the largest bridge has 515 of at most 1023' nsloom doctor crowd.yaml

sed 's/^MemAvailable:.*/MemAvailable:  1000 kB/' /proc/meminfo >meminfo
if mount --bind meminfo /proc/meminfo 2>/dev/null; then
	finds "memory: too little" memory '^failure 20 namespaces take about 6\.0 MB, 1 MB' nsloom doctor large.yaml
	finds "memory: scarce" memory '^warning 2 namespaces'
	refused "memory: up" 'large\.yaml:5:.*memory: 20 namespaces' nsloom up large.yaml
	umount /proc/meminfo
else
	skip "too little memory" "/proc/meminfo cannot be covered"
fi

if [ -e /proc/sys/net/ipv4/neigh/default/gc_thresh3 ]; then
	finds "neighbours" neighbours4 '^(ok|warning) room for'
else
	finds "neighbours: unseen" neighbours4 "^info .*machine's first namespace"
	finds "neighbours: how many" neighbours4 '^info up to 1[0-9]{6} entries' nsloom doctor crowd.yaml
fi

# ---- firewalls

finds "none drops" firewalls '^ok none'
nft add table ip filter
nft add chain ip filter FORWARD '{ type filter hook forward priority 0; policy drop; }'
mkdir bare
like "one drops: the host alone" 'ip filter FORWARD drops.*labs with a gateway' "$(cd bare && nsloom doctor)"
finds "one drops" firewalls '^ok ip filter FORWARD drops forwarded packets: up puts one accept rule at its head'
nft add table inet strict
nft add chain inet strict hurdle '{ type filter hook forward priority 10; policy drop; }'
is "two drop" 2 "$(said firewalls nsloom doctor small.yaml | grep -c 'up puts one accept rule')"
check "up" nsloom up --quiet small.yaml
is "and the rules stand" 2 "$(said firewalls nsloom doctor small.yaml | grep -c "accept rule stands at its head")"
finds "forwarding is lent" forwarding4 '^ok 1, lent to small: the last down puts it back to 0'
finds "IPv6 is not" forwarding6 '^ok off, and the lab does not need it'
finds "it needs no more namespaces" namespaces '^ok 0 more'
check "again" nsloom up --quiet small.yaml
nsloom down --quiet small
nft delete table ip filter
nft delete table inet strict
finds "forwarding: off" forwarding4 '^ok off: up turns it on'
nft add table inet nsloom
nft add chain inet nsloom was-0-net/ipv4/ip_forward
finds "forwarding: a note left behind" forwarding4 '^warning 0; .*was 0, and no lab needs it.*mend: nsloom down --all'
nft delete table inet nsloom

if command -v iptables-legacy >/dev/null && iptables-legacy -t filter -S >/dev/null 2>&1; then
	finds "legacy iptables" legacy "${WEAVER:+^info only the machine.s root|}^warning .*ip filter.*mend: iptables-legacy -S"
else
	skip "legacy iptables" "this machine has none"
fi

bridged=/proc/sys/net/bridge/bridge-nf-call-iptables
if [ -e $bridged ]; then
	echo 1 >$bridged
	finds "br_netfilter" bridged '^info pass'
	echo 0 | tee $bridged ${bridged%iptables}ip6tables >/dev/null
	finds "br_netfilter, turned off" bridged '^ok do not pass'
else
	skip "br_netfilter" "not loaded"
fi

# ---- settings and services

cat >behind.yaml <<'YAML'
name: behind
networks:
  out: {subnet: 10.8.0.0/24, gateway: true, nat: true}
  deep: {subnet: 10.9.0.0/24}
nodes:
  r: {router: true, networks: [out, deep]}
  n: {networks: [deep]}
YAML
echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
echo 0 >/proc/sys/net/ipv4/conf/default/rp_filter
finds "rp_filter off" rp_filter '^ok rp_filter is not strict' nsloom doctor behind.yaml
echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter
finds "rp_filter strict, one way only" rp_filter '^ok rp_filter is strict'
finds "rp_filter strict, routes by a node" rp_filter '^warning .*mend: sysctl -w net.ipv4.conf.all.rp_filter=2' \
	nsloom doctor behind.yaml

finds "no manager" managers '^ok neither'
cp "$(command -v sleep)" NetworkManager
./NetworkManager 60 &
manager=$!
named() { grep -q NetworkManager "/proc/$manager/comm"; }
wait_for 30 named
if [ -e /usr/lib/udev/rules.d/80-nsloom.rules ] || [ -e /etc/udev/rules.d/80-nsloom.rules ]; then
	skip "a manager without our rule" "the rule is installed"
else
	finds "a manager" managers '^warning NetworkManager may take over.*mend: install 80-nsloom.rules'
fi
mkdir -p /run/udev/rules.d
touch /run/udev/rules.d/80-nsloom.rules
finds "a manager that is told" managers '^ok NetworkManager run'
kill "$manager"
rm -r /run/udev

# ---- without root

mkdir -p /dev/net 2>/dev/null
if mount -t tmpfs none /dev/net 2>/dev/null; then
	finds "no tun" tun '^(info|warning) cannot be opened .*mend: sudo mkdir'
	umount /dev/net
else
	skip "no tun" "/dev/net cannot be covered"
fi
finds "no way out" way_out '^(info|warning) neither pasta nor slirp4netns.*mend: sudo apt install passt' \
	user env "PATH=$(dirname "$NSLOOM")" nsloom doctor small.yaml
