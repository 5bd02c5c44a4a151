# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The limits of a machine's first namespace, really raised: and a lab that needs them gets by.

need ip nft

[ -e "${FIRST_NETNS:-}" ] || skip_all 'this is not the first namespace'
first() { nsenter --net="$FIRST_NETNS" "$@"; }
first test -e /proc/sys/net/ipv4/neigh/default/gc_thresh3 || skip_all 'the limits are not here'
limits() {
	first sh -c 'cd /proc/sys && grep . net/ipv4/neigh/default/gc_thresh* net/core/netdev_max_backlog fs/inotify/max_user_instances'
}
before=$(limits)
{
	printf 'name: wide\nlimits: raise\nnetworks: {lan: {subnet: 10.0.0.0/20}}\nnodes:\n'
	seq -f '  n%g: {networks: [lan]}' 40
} >lab.yaml
like 'plan shows what is raised' 'limit +net.ipv4.neigh.default.gc_thresh3 1024 → 2584' "$(first nsloom plan lab.yaml)"
check 'up' first nsloom up --quiet lab.yaml
is 'the table of neighbours' 2584 "$(first cat /proc/sys/net/ipv4/neigh/default/gc_thresh3)"
check 'nothing is left to do' first nsloom plan --exit-code lab.yaml
check 'all reach all' first nsloom ping -l wide
check 'down' first nsloom down --quiet wide
same_text 'all is as it was' "$before" "$(limits)"
