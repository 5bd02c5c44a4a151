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
	ip link add theirs type bridge # of veth NetworkManager keeps its hands off by itself
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

# ---- what the programs make of it

first_of() { # PROGRAM…: the first that is there
	local path
	for path; do
		[ ! -x "$path" ] || { echo "$path"; return; }
	done
}
udevd=$(first_of /lib/systemd/systemd-udevd /usr/lib/systemd/systemd-udevd)
networkd=$(first_of /lib/systemd/systemd-networkd /usr/lib/systemd/systemd-networkd)
ours="lan port-a port-b"
cat >lab.yaml <<'YAML'
name: live
networks:
  lan: {subnet: [10.77.0.0/24, "fd00:77::/64"], nat: true}
nodes:
  a: {networks: {lan: {port: port-a}}}
  b: {networks: {lan: {port: port-b}}}
YAML

# udev sets owners and modes below /dev by its rules: it gets one that is not the machine's.
own_dev() {
	mkdir dev
	mount -t tmpfs -o mode=755 tmpfs dev
	cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty dev
	mount --move dev /dev
}
begin() { # udev and a message bus
	[ -n "$WEAVER" ] || own_dev # without root it cannot
	mkdir -p /run/dbus /run/udev/rules.d /run/systemd/network
	cp "$rules" /run/udev/rules.d/
	cp "$TESTS"/../../share/00-nsloom.{link,network} /run/systemd/network/
	check "a message bus" dbus-daemon --system --fork --nopidfile
	"$udevd" >udev.log 2>&1 &
	check "udev runs" wait_for 30 test -S /run/udev/control
	ip link add theirbr type bridge
	ip addr add 10.9.9.9/24 dev theirbr
	ip link set theirbr up
}

state() { nmcli -t -f DEVICE,STATE device | sed -n "s/^$1://p"; }
has() { [[ $(state "$1") == "$2"* ]]; }
network_manager() {
	local manager device
	mkdir -p /etc/NetworkManager /var/lib/NetworkManager
	mount -t tmpfs tmpfs /etc/NetworkManager
	mount -t tmpfs tmpfs /var/lib/NetworkManager
	printf '[main]\nplugins=keyfile\n' >/etc/NetworkManager/NetworkManager.conf
	nsloom up -q lab.yaml
	NetworkManager --no-daemon >nm.log 2>&1 &
	manager=$!
	check "NetworkManager looks after a bridge of somebody else's" wait_for 20 has theirbr connected
	for device in $ours; do
		check "it leaves $device alone" wait_for 30 has "$device" unmanaged
	done
	nsloom down -q live
	nsloom up -q lab.yaml
	for device in $ours; do
		check "$device too, made while it runs" wait_for 30 has "$device" unmanaged
	done
	check "nothing has changed" nsloom plan --exit-code lab.yaml
	check "the nodes reach each other" nsloom ping -l live a b
	kill $manager
	wait $manager 2>/dev/null
	# When it ends it turns automatic IPv6 on for devices that it never looked after.
	is "when it ends, at most that is to be put back" "" \
		"$(nsloom plan lab.yaml | grep -E '^  [-+~]' | grep -v 'automatic IPv6 → no automatic IPv6')"
	check "and up does so" nsloom up -q lab.yaml
	check "then nothing is left to do" nsloom plan --exit-code lab.yaml
	nsloom down -q live
}

given() { ip -brief address show dev "$1" | grep -q 10.123.0.1; }
systemd_networkd() {
	local device
	printf '[Match]\nName=*\n[Network]\nAddress=10.123.0.1/24\nIPv6AcceptRA=no\nConfigureWithoutCarrier=yes\n' >/run/systemd/network/50-all.network
	mkdir -p /run/systemd/netif/{links,leases,lldp}
	! id systemd-network >/dev/null 2>&1 || chown -R systemd-network /run/systemd/netif
	nsloom up -q lab.yaml
	"$networkd" >networkd.log 2>&1 &
	check "systemd-networkd, told to give every device an address, does so" wait_for 20 given theirbr
	nsloom down -q live
	nsloom up -q lab.yaml
	ip link add second type bridge
	ip link set second up
	check "a device that is made while it runs gets one as well" wait_for 20 given second
	is "nsloom's get none" "" "$(for device in $ours; do ! given "$device" || echo "$device"; done)"
	check "and nothing of them has changed" nsloom plan --exit-code lab.yaml
	nsloom down -q live
}

if [ -z "$udevd" ] || ! command -v dbus-daemon >/dev/null; then
	skip "what NetworkManager and systemd-networkd do" "no udev or no D-Bus here"
else
	begin
	if command -v NetworkManager >/dev/null && command -v nmcli >/dev/null; then
		network_manager
	else
		skip "what NetworkManager does" "it is not here"
	fi
	if [ -n "$networkd" ]; then
		systemd_networkd
	else
		skip "what systemd-networkd does" "it is not here"
	fi
fi
