# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# ufw, enabled as it is installed.

# shellcheck source=tests/net/firewall-common.sh
. "$TESTS/firewall-common.sh"
of_the_machine "ufw guards the machine, and keeps its files for root"
need ufw
case $(iptables --version) in
*nf_tables*) ;;
*) skip_all "iptables is not iptables-nft here" ;;
esac

own_copy /etc/ufw
cp /etc/default/ufw own/default
mount --bind own/default /etc/default/ufw
outside_ready
check "ufw is enabled" ufw --force enable
like "and active" 'Status: active' "$(ufw status)"
through "ufw" 2 ufw reload
check "ufw is disabled" ufw disable
