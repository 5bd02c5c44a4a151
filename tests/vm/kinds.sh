# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A kernel that lacks what a lab needs: up and plan say so beforehand, and nothing changes; doctor says it too.

need modprobe rmmod nft

nsloom doctor >/dev/null 2>&1 # which may load modules, with sysctls of their own
# The kernel finds no such module, whoever asks.
lacking() { # MODULE…
	local module
	for module; do
		echo "install $module /bin/false" >>/etc/modprobe.d/nsloom-test.conf
	done
	for module; do
		rmmod "$module" || return
	done
}
whole_again() {
	rm -f /etc/modprobe.d/nsloom-test.conf
	modprobe -a "$@"
}
mkdir -p /etc/modprobe.d

refused() { # WHAT PATTERN LINE
	local before out status=0
	before=$(snapshot)
	out=$(nsloom up 2>&1) || status=$?
	is "$1: status 1" 1 $status
	like "$1: up says what is missing" "$2" "$out"
	like "$1: and for which line" "^nsloom.yaml:$3:" "$out"
	like "$1: plan too" "$2" "$(nsloom plan 2>&1)"
	like "$1: doctor too" "^failure +.*($2)" "$(nsloom doctor 2>&1)"
	unchanged "$1: nothing has changed" "$before"
}

cat >nsloom.yaml <<'EOF'
name: k
nodes: {a: , b: }
links:
  - {endpoints: [a, b], subnet: 10.88.0.0/30}
EOF
if lacking veth; then
	refused "no cables" 'veth' 4
else
	skip "no cables" "veth cannot be unloaded here"
fi
whole_again veth
check "with them it goes up" nsloom up -q
nsloom down -q --wait

cat >nsloom.yaml <<'EOF'
name: k
networks:
  lan: {subnet: 10.88.0.0/24, nat: true}
nodes: {a: {networks: [lan]}}
EOF
if lacking bridge; then
	refused "no switches" 'bridge' 3
else
	skip "no switches" "bridge cannot be unloaded here"
fi
whole_again bridge
if lacking nft_masq; then
	refused "no masquerading" 'masquerade' 3
	sed -i 's/nat: true/gateway: true/' nsloom.yaml
	check "a network without nat needs none" nsloom up -q
	nsloom down -q --wait
	sed -i 's/gateway: true/nat: true/' nsloom.yaml
else
	skip "no masquerading" "nft_masq cannot be unloaded here"
fi
whole_again nft_masq
check "with all of it: up" nsloom up -q
check "nothing is left to do" nsloom plan --exit-code
nsloom down -q
