# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# firewalld with each of its back ends. Its reload writes everything anew: then a lab's rule is missing until the next `up`.

# shellcheck source=tests/net/firewall-common.sh
. "$TESTS/firewall-common.sh"
of_the_machine "firewalld guards the machine, and keeps its files for root"
need firewalld firewall-cmd dbus-daemon

own_copy /etc/firewalld
mount -t tmpfs tmpfs /var/log
outside_ready
mkdir -p /run/dbus /run/firewalld
check "a message bus" dbus-daemon --system --fork --nopidfile

for backend in nftables iptables; do
	[ $backend = nftables ] && chains=1 || chains=2 # one for both families, or one for each
	sed -i "s/^FirewallBackend=.*/FirewallBackend=$backend/" /etc/firewalld/firewalld.conf
	firewalld --nofork --nopid >firewalld.log 2>&1 &
	daemon=$!
	if ! check "firewalld runs, with $backend" wait_for 30 firewall-cmd --state; then
		note "$(tail -n 20 firewalld.log)"
		exit 1
	fi
	check "$backend: the uplink is in a zone of its own" firewall-cmd --permanent --zone=work --change-interface=up0
	through "firewalld with $backend" "$chains" firewall-cmd --reload
	kill $daemon
	wait $daemon
	nft flush ruleset
done
