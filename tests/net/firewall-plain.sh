# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Firewalls without a program behind them: whatever way they drop, a node with nat reaches out while the lab is up, and the
# host's rules are what they were when it is down.

# shellcheck source=tests/net/firewall-common.sh
. "$TESTS/firewall-common.sh"

outside_ready

# ---- one firewall after the other

# firewall WHAT WANTED [COMMAND…]: COMMAND (or else nft) sets it up from standard input; WANTED rules of ours stand in it then.
firewall() {
	local what=$1 wanted=$2 before now
	shift 2
	[ $# -gt 0 ] || set -- nft -f -
	check "$what: set up" "$@"
	before=$(host_rules)
	check "$what: up" nsloom up lab.yaml
	is "$what: rules of ours in it" "$wanted" "$(ours fw | wc -l)"
	reaches_out "$what"
	check "$what: nothing left to do" nsloom plan --exit-code lab.yaml
	now=$(iptables-nft -S 2>&1; ip6tables-nft -S 2>&1)
	like "$what: iptables -S can be read" '^-P FORWARD' "${now:-"-P FORWARD"}"
	is "$what: and does not complain" "" "$(grep -Ei 'incompatible|error' <<<"$now")"
	check "$what: down" nsloom down fw
	same_text "$what: the host's rules are as before" "$before" "$(host_rules)"
	nft flush ruleset
}

firewall "nothing drops" 0 <<<"table inet f { chain forward { type filter hook forward priority 0; policy accept; }; }"

for family in ip ip6 inet; do
	firewall "policy drop in $family" 1 <<-E
		table $family f {
			chain forward {
				type filter hook forward priority 0; policy drop
				counter
			}
		}
	E
done

firewall "policy drop in all three, and the host's own rules" 3 <<'E'
table ip f { chain forward { type filter hook forward priority 0; policy drop; }; }
table ip6 f { chain forward { type filter hook forward priority 10; policy drop; ip6 daddr fe80::/10 accept; }; }
table inet f {
	set trusted { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }
	chain input { type filter hook input priority 0; policy accept; ct state invalid drop; }
	chain forward { type filter hook forward priority 0; policy drop
		ct state vmap { established : accept, invalid : drop }
		ip saddr @trusted counter accept comment "theirs"
	}
}
E

firewall "a reject at the end" 1 <<'E'
table inet f { chain forward { type filter hook forward priority 0; policy accept
	ct state established,related accept
	counter log prefix "refused: " reject with icmpx admin-prohibited
}; }
E

firewall "a jump to a chain that drops" 1 <<'E'
table inet f {
	chain last { ip daddr 192.0.2.1 accept; drop; }
	chain middle { goto last; }
	chain forward { type filter hook forward priority 0; policy accept; counter jump middle; }
}
E

firewall "iptables -P FORWARD DROP" 2 bash -e <<'E'
iptables-nft -P FORWARD DROP
ip6tables-nft -P FORWARD DROP
iptables-nft -A FORWARD -s 192.0.2.0/24 -m comment --comment "theirs" -j ACCEPT
E

firewall "iptables -j REJECT at the end" 2 bash -e <<'E'
iptables-nft -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
iptables-nft -A FORWARD -m comment --comment "the rest" -j REJECT --reject-with icmp-host-prohibited
ip6tables-nft -A FORWARD -j REJECT
E

firewall "iptables: a chain of theirs drops" 2 bash -e <<'E'
iptables-nft -N theirs
iptables-nft -A theirs -j DROP
iptables-nft -A FORWARD -j theirs
ip6tables-nft -P FORWARD DROP
E

firewall "a mangle table that takes marks away" 2 bash -e <<'E'
iptables-nft -t mangle -A FORWARD -j CONNMARK --restore-mark
ip6tables-nft -t mangle -A FORWARD -j MARK --set-mark 7
iptables-nft -P FORWARD DROP
ip6tables-nft -P FORWARD DROP
E

# As Docker's nf_tables back end writes its rules: maps from devices to chains, each of which drops at its end what was not let
# in. Newer daemons leave the policy alone.
for policy in accept drop; do
	firewall "verdict maps by device, policy $policy" "$([ "$policy" = drop ] && echo 2 || echo 0)" <<-E
		$(for family in ip ip6; do cat <<-T
			table $family bridges {
				map in-jumps { type ifname : verdict; elements = { "up9" : jump in-up9, "up8" : jump in-up8 }; }
				map out-jumps { type ifname : verdict; elements = { "up9" : jump out-up9 }; }
				chain in-up9 { ct state established,related counter accept; iifname "up9" counter accept; counter drop comment "theirs"; }
				chain in-up8 { counter drop; }
				chain out-up9 { counter accept; }
				chain FORWARD { type filter hook forward priority filter; policy $policy
					oifname vmap @in-jumps
					iifname vmap @out-jumps
				}
				chain PREROUTING { type filter hook prerouting priority raw; policy accept; }
			}
		T
		done)
	E
done

# ---- what drops under conditions is meant so

firewall "conditional drops get no rule of ours" 0 <<'E'
table inet f {
	chain guarded { drop; }
	chain forward { type filter hook forward priority 0; policy accept
		iifname "up9" drop
		ip daddr 198.51.100.0/24 reject
		ct state invalid drop
		oifname "up9" jump guarded
		limit rate over 100000/second drop
	}
}
E
nft -f - <<'E'
table inet f { chain forward { type filter hook forward priority 0; policy accept; ip daddr 203.0.113.0/24 drop; }; }
E
nsloom up -q lab.yaml
check_fails "and what they forbid stays forbidden" 1 pings fw.a 203.0.113.2
nsloom down -q fw
nft flush ruleset

# ---- two labs

nft -f - <<'E'
table inet f {
	chain forward { type filter hook forward priority 0; policy drop; counter; }
	chain input { type filter hook input priority 0; policy accept; }
}
E
before=$(host_rules)
machine=$(snapshot)
nsloom up -q lab.yaml
one=$(nft -s list table inet f)
nsloom up -q other.yaml
is "two labs: each has its rule" "1 1" "$(ours fw | wc -l) $(ours fw2 | wc -l)"
check "two labs: both reach out" wait_for 30 pings fw2.b 203.0.113.2
check "two labs: the first still does" pings fw.a 203.0.113.2
nsloom down -q fw2
same_text "two labs: down of one leaves the other's rule" "$one" "$(nft -s list table inet f)"
reaches_out "two labs, one down"

# ---- the firewall is written anew while the lab is up

nft flush chain inet f forward
reaches_nothing "flushed"
check_fails "flushed: plan has something to do" 3 nsloom plan --exit-code lab.yaml
like "flushed: it says what" 'accept rule +inet f forward' "$(nsloom plan lab.yaml)"
is "flushed: and nothing else" 1 "$(nsloom plan lab.yaml | grep -cE '^ +[-+~] ')"
check "flushed: up mends it" nsloom up lab.yaml
reaches_out "flushed and mended"
nft delete table inet f
check "the firewall has gone: nothing to do" nsloom plan --exit-code lab.yaml
nft -f - <<'E'
table inet f {
	chain forward { type filter hook forward priority 0; policy drop; counter; }
	chain input { type filter hook input priority 0; policy accept; }
}
E
check "and comes anew: up adds the rule" nsloom up lab.yaml
reaches_out "come anew"
nft chain inet f forward '{ policy accept; }'
check "it drops no more: up takes the rule away" nsloom up lab.yaml
is "none is left" 0 "$(ours fw | wc -l)"
nft chain inet f forward '{ policy drop; }'
nsloom up -q lab.yaml
nft insert rule inet f forward ip saddr 192.0.2.9 accept # before ours
nft add rule inet f forward ip saddr 192.0.2.10 accept
nsloom down -q fw
is "rules that came beside ours stay, in their order" "192.0.2.9 192.0.2.10" \
	"$(nft list chain inet f forward | sed -n 's/.*saddr \([0-9.]*\) .*/\1/p' | xargs)"
nft flush chain inet f forward
nft add rule inet f forward counter
same_text "at last the host's rules are as before" "$before" "$(host_rules)"
unchanged "and the machine" "$machine"

# ---- killed at some moment

# Milliseconds that a command takes.
takes() {
	local began=${EPOCHREALTIME/./}
	"$@"
	echo $(((${EPOCHREALTIME/./} - began) / 1000))
}

# killed_at N COMMAND…: ends it by SIGKILL after N milliseconds.
killed_at() {
	local after=$1
	shift
	(timeout -s KILL "$(printf '%d.%03d' $((after / 1000)) $((after % 1000)))" "$@"; :) >/dev/null 2>&1
}

up=$(takes nsloom up -q lab.yaml)
down=$(takes nsloom down -q fw)
for i in {1..12}; do
	killed_at $((up * i / 12 + 1)) nsloom up -q lab.yaml
	nsloom down -q fw
	[ "$before" = "$(host_rules)" ] || break
done
same_text "up was killed: down gives the rules back" "$before" "$(host_rules)"
for i in {1..8}; do
	nsloom up -q lab.yaml
	killed_at $((down * i / 8 + 1)) nsloom down -q fw
	nsloom down -q fw
	[ "$before" = "$(host_rules)" ] || break
done
same_text "down was killed: down gives the rules back" "$before" "$(host_rules)"
nsloom up -q lab.yaml
rm -rf /run/nsloom/fw/record
check "without a record: down" nsloom down fw
same_text "without a record: the rules are as before" "$before" "$(host_rules)"
unchanged "the machine is as before" "$machine"
