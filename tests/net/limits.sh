# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Limits of the whole machine: what a lab needs is computed, told or raised, and put back by the last lab that needs it, also
# after a crash or a flush. The machine's own are not touched: files stand for them here. What the real ones do is tried in tests/vm.

need ip nft

# The limits of a machine's first namespace, as files.
fake() { # FOLDER NAME VALUE [NAME VALUE]…
	local folder=$1
	shift
	while [ $# -gt 0 ]; do
		mkdir -p "$(dirname "fake/$folder/$1")"
		echo "$2" >"fake/$folder/$1"
		shift 2
	done
	mount --bind "fake/$folder" "/proc/sys/$folder" 2>/dev/null || skip_all "/proc/sys/$folder cannot be covered"
}
fake net/core netdev_max_backlog 1000
fake net/netfilter nf_conntrack_max 262144
fake fs/inotify max_user_instances 128 max_user_watches 65536
for family in ipv4 ipv6; do
	fake "net/$family/neigh" default/gc_thresh1 128 default/gc_thresh2 512 default/gc_thresh3 1024
done
limit() { cat "/proc/sys/$1"; }
all() { (cd fake && grep -r . | grep -v ^total | sort); }

star() { # NAME NODES KEYS…
	local name=$1 nodes=$2
	shift 2
	printf 'name: %s\n%s\nnetworks: {lan: {subnet: 10.0.0.0/20}}\nnodes:\n' "$name" "$*"
	seq -f '  n%g: {networks: [lan]}' "$nodes"
}
steps() { nsloom plan "$@" | grep '~ limit' | tr -s ' ' | sed 's/^ //; s/ [^ ]*$//'; }
ip netns add first && ip netns delete first # what ip(8) leaves for good is there from the beginning
before=$(snapshot)
untouched=$(all)

# ---- told

star few 10 >few.yaml
same_text 'of a small lab nothing is told' '' "$(nsloom plan few.yaml 2>&1 | grep -i sysctl)"
star told 40 >told.yaml
like 'what is too low is told, with the command' \
	'1560 IPv4 neighbours where all nodes talk to all, and net.ipv4.neigh.default.gc_thresh3 allows 1024: sysctl -w .*gc_thresh1=1688 .*gc_thresh2=2072 .*gc_thresh3=2584, or .limits: raise.' \
	"$(nsloom plan told.yaml 2>&1)"
check 'up' nsloom up --quiet told.yaml
same_text 'changes nothing' "$untouched" "$(all)"
check 'down' nsloom down --quiet told

# ---- raised, and put back

star a 200 'limits: raise' >a.yaml
same_text 'plan shows what is raised' '~ limit net.ipv4.neigh.default.gc_thresh1 128 → 39928
~ limit net.ipv4.neigh.default.gc_thresh2 512 → 40312
~ limit net.ipv4.neigh.default.gc_thresh3 1024 → 40824
~ limit fs.inotify.max_user_instances 128 → 328
~ limit net.core.netdev_max_backlog 1000 → 1600' "$(steps a.yaml)"
like 'and which line asks for it' 'netdev_max_backlog 1000 → 1600 +a.yaml:2' "$(nsloom plan a.yaml)"
same_text 'plan has changed nothing' "$untouched" "$(all)"
check 'up raises them' nsloom up --quiet a.yaml
is 'the backlog' 1600 "$(limit net/core/netdev_max_backlog)"
is 'the neighbours' 40824 "$(limit net/ipv4/neigh/default/gc_thresh3)"
check 'nothing is left to do' nsloom plan --exit-code a.yaml
like 'the old value is noted in nf_tables' 'chain was-1000-net/core/netdev_max_backlog' "$(nft list table inet nsloom)"
star b 300 'limits: raise' >b.yaml
check 'a second lab' nsloom up --quiet b.yaml
is 'adds what it needs to what all need' $((1024 + 200 * 199 + 300 * 299)) "$(limit net/ipv4/neigh/default/gc_thresh3)"
is 'and of others the most counts' 2400 "$(limit net/core/netdev_max_backlog)"
check 'the first one goes' nsloom down --quiet a
is 'and leaves what the other needs' 2400 "$(limit net/core/netdev_max_backlog)"
check 'nothing is left to do for it' nsloom plan --exit-code b.yaml
echo 1500 >/proc/sys/net/core/netdev_max_backlog
same_text 'what somebody lowers is raised again' '~ limit net.core.netdev_max_backlog 1500 → 2400' "$(steps b.yaml)"
check 'by up' nsloom up --quiet b.yaml
star b 300 'limits: warn' >b.yaml
check 'the file no longer asks' nsloom up --quiet b.yaml
same_text 'all is as it was' "$untouched" "$(all)"
check 'down' nsloom down --quiet b

# ---- accidents

star a 200 'limits: raise' >a.yaml
check 'up again' nsloom up --quiet a.yaml
nft flush ruleset
check 'the rules are flushed; down' nsloom down --quiet a
same_text 'all is as it was' "$untouched" "$(all)"
check 'up again' nsloom up --quiet a.yaml
rm /run/nsloom/.lentlimits
check 'the file with the notes is lost; down' nsloom down --quiet a
same_text 'all is as it was' "$untouched" "$(all)"
star b 300 'limits: raise' >b.yaml
check 'two labs' nsloom up --quiet a.yaml
check 'at once' nsloom up --quiet b.yaml
nft flush ruleset
check 'the rules are flushed; one goes' nsloom down --quiet b
is 'the other has what it needs' 1 "$(($(limit net/core/netdev_max_backlog) >= 1600))"
check 'the other goes' nsloom down --quiet a
same_text 'all is as it was' "$untouched" "$(all)"

star b 250 'limits: raise' >b.yaml
check 'one lab' nsloom up --quiet b.yaml
for note in 'for-99-fs/inotify/max_user_instances-b' 'for-7-net/core/netdev_max_backlog-b'; do
	sed -i "1i $note" /run/nsloom/.lentlimits
	nft add chain inet nsloom "$note"
done
check 'a crash left what it noted before; up' nsloom up --quiet b.yaml
same_text 'takes it away' '' "$(nft list table inet nsloom | grep -E 'for-(99|7)-'; grep -E '^for-(99|7)-' /run/nsloom/.lentlimits)"
check 'nothing is left to do' nsloom plan --exit-code b.yaml
sed -i '1i for-7-net/core/netdev_max_backlog-b' /run/nsloom/.lentlimits
check 'down' nsloom down --quiet b
same_text 'takes all away' "$untouched" "$(all; ls -A /run/nsloom 2>/dev/null; nft list tables)"

# ---- by hand

nsloom plan --as sh a.yaml >up.sh
nsloom plan --as sh --down a.yaml >down.sh
check 'the script' sh up.sh
is 'raises the same' 1600 "$(limit net/core/netdev_max_backlog)"
check 'its counterpart' sh down.sh
same_text 'puts back the same' "$untouched" "$(all)"
for lost in 'true' 'nft flush ruleset' 'rm /run/nsloom/.lentlimits'; do
	star a 200 'limits: raise' >a.yaml
	check 'up' nsloom up --quiet a.yaml
	$lost
	star a 300 'limits: raise' >a.yaml
	nsloom plan --as sh a.yaml >up.sh
	check "the script of a change ($lost)" sh up.sh
	is 'raises' 2400 "$(limit net/core/netdev_max_backlog)"
	check 'nothing is left to do' nsloom plan --exit-code a.yaml
	nsloom plan --as sh --down a.yaml >down.sh
	check 'the script of the removal' sh down.sh
	same_text 'puts back the same' "$untouched" "$(all)"
	check 'down' nsloom down --quiet a
done
star a 200 'limits: raise' >a.yaml

# ---- not from here

umount /proc/sys/net/core
mount -o remount,bind,ro /proc/sys/fs/inotify
said=$(nsloom plan a.yaml 2>&1)
like 'what is not here is said' 'net.core.netdev_max_backlog can be raised only by root in the machine.s first namespace: sysctl -w net.core.netdev_max_backlog=1600' "$said"
like 'and what cannot be written' 'fs.inotify.max_user_instances can be raised only by root' "$said"
check 'the lab comes up all the same' nsloom up --quiet a.yaml
check 'and nothing is left to do' nsloom plan --exit-code a.yaml
check 'down' nsloom down --quiet a
same_text 'all is as it was' "$untouched" "$(all)"
mount --bind fake/net/core /proc/sys/net/core
unchanged 'and so is the machine' "$before"
