# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Rules of the legacy iptables, which nf_tables does not show: nsloom cannot put a rule among them, and says so.

need iptables-legacy nft

iptables-legacy -P FORWARD DROP || skip_all "no legacy iptables here"
before=$(iptables-legacy-save | sed '/^#/d; s/\[[0-9:]*\]//')
cat >lab.yaml <<'YAML'
name: legacy
networks:
  lan: {subnet: 10.77.0.0/24, nat: true}
nodes:
  a: {networks: [lan]}
YAML
like "doctor warns of them" 'legacy' "$(nsloom doctor lab.yaml 2>&1)"
check "up" nsloom up lab.yaml
check "down" nsloom down legacy
is "they are as before" "$before" "$(iptables-legacy-save | sed '/^#/d; s/\[[0-9:]*\]//')"
