# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# br_netfilter, as Docker and Kubernetes load it: bridged packets pass the host's firewall, which drops what is forwarded. Nodes on
# a network of the host's reach each other and the outside nevertheless.

# shellcheck source=tests/net/firewall-common.sh
. "$TESTS/firewall-common.sh"
need modprobe sysctl

modprobe br_netfilter || skip_all "no br_netfilter here"
outside_ready
sysctl -q -w net.bridge.bridge-nf-call-iptables=1 net.bridge.bridge-nf-call-ip6tables=1
cat >two.yaml <<'YAML'
name: fw
networks:
  lan: {subnet: [10.77.0.0/24, "fd00:77::/64"], nat: true}
  in: {subnet: [10.76.0.0/24, "fd00:76::/64"], gateway: [10.76.0.1, "fd00:76::1"]}
nodes:
  a: {networks: [lan, in]}
  b: {networks: {lan: [10.77.0.3, "fd00:77::3"], in: [10.76.0.3, "fd00:76::3"]}}
YAML
iptables-nft -P FORWARD DROP
ip6tables-nft -P FORWARD DROP
before=$(host_rules)
check "up" nsloom up two.yaml
reaches_out "with br_netfilter"
for where in 10.77.0.3 fd00:77::3 10.76.0.3 fd00:76::3; do
	check "node reaches node at $where" wait_for 5 pings fw.a $where
done
link=$(ip -n fw.b -6 -o address show scope link dev eth0 | grep -o 'fe80:[0-9a-f:]*')
if [ -n "$link" ]; then
	check "and by its link-local address" wait_for 5 pings fw.a "$link%eth0"
fi
ip -n fw.a address add 192.0.2.1/24 dev eth0
ip -n fw.b address add 192.0.2.2/24 dev eth0
check "addresses of the nodes' own are their business" wait_for 5 pings fw.a 192.0.2.2
check "nothing left to do" nsloom plan --exit-code two.yaml
check "down" nsloom down fw
same_text "the host's rules are as before" "$before" "$(host_rules)"
