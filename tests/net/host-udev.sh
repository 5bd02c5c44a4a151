# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# share/70-nsloom.rules: NetworkManager and systemd-networkd leave the devices alone that nsloom makes on the host, and no others.

rules=$TESTS/../../share/70-nsloom.rules

# ---- the patterns, by computation

patterns=$(sed -n 's/.*ATTR{netdev_group}=="\([^"]*\)".*/\1/p' "$rules")
check "the rule asks for a group" test -n "$patterns"
count() { # FIRST LAST: how many numbers of these the patterns match
	seq "$1" "$2" | grep -cxE "${patterns//\?/[0-9]}"
}
first=$((0x6e730001)) last=$((0x6e73ffff))
is "every group of a lab is matched" $((last - first + 1)) "$(count $first $last)"
is "none below is" 0 "$(count $((first - 100000)) $((first - 1)))"
is "none above is" 0 "$(count $((last + 1)) $((last + 100000)))"
is "nor those that people use" 0 "$(count 0 100000)"

# ---- what udev makes of it

if ! command -v udevadm >/dev/null; then
	skip "udev reads the rule" "needs udevadm"
else
	mkdir -p /run/udev/rules.d /run/systemd/network
	cp "$rules" /run/udev/rules.d/
	cp "$TESTS"/../../share/00-nsloom.{link,network} /run/systemd/network/
	if udevadm verify --help >/dev/null 2>&1; then
		check "udev has no complaint" udevadm verify "$rules"
	fi
	cat >lab.yaml <<-'E'
		name: ud
		networks:
		  lan: {subnet: 10.77.0.0/24, nat: true}
		nodes:
		  a: {networks: {lan: {port: port-a}}}
	E
	ip link add theirs type dummy 2>/dev/null || ip link add theirs type veth peer name theirs2
	nsloom up -q lab.yaml
	for device in lan port-a; do
		mac=$(cat /sys/class/net/$device/address)
		said=$(udevadm test --action=add /sys/class/net/$device 2>&1)
		like "$device: NetworkManager shall leave it alone" '^NM_UNMANAGED=1' "$said"
		like "$device: others too" '^ID_NET_MANAGED_BY=nsloom' "$said"
		like "$device: udev takes our .link file" '^ID_NET_LINK_FILE=.*/00-nsloom.link' "$said"
		is "$device: its MAC is the one it was made with" "$mac 3" \
			"$(cat /sys/class/net/$device/address /sys/class/net/$device/addr_assign_type | xargs)"
	done
	is "devices of others are not touched by it" "" \
		"$(udevadm test --action=add /sys/class/net/theirs 2>&1 | grep -E '^(NM_UNMANAGED|ID_NET_MANAGED_BY)')"
	check "nothing for up to mend" nsloom plan --exit-code lab.yaml
	nsloom down -q ud
fi
