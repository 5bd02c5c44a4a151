# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# kill -9 at random moments of an up, and of a down, of a large lab: the next up completes it, down removes it wholly.
# ROUNDS (4) and SEED may be set; the seed is printed.

: "${ROUNDS:=4}" "${SEED:=$RANDOM}"
RANDOM=$SEED
note "SEED=$SEED ROUNDS=$ROUNDS"

{
	cat <<'EOF'
name: big
networks:
  lan: {subnet: [10.0.0.0/16, "fd00::/64"], gateway: true, nat: true}
  in: {subnet: 10.1.0.0/16}
nodes:
EOF
	for i in $(seq 200); do
		if [ $((i % 3)) = 0 ]; then echo "  n$i: {networks: [in]}"; else echo "  n$i: {networks: [lan]}"; fi
	done
	echo "  r: {router: true, networks: [lan, in]}"
	echo "links:"
	for i in $(seq 20); do echo "  - [n$i, n$((i + 100))]"; done
} >big.yaml

nothing=$(snapshot)
began=$(date +%s%N)
check "the lab is sound" nsloom up --quiet big.yaml
took=$((($(date +%s%N) - began) / 1000))
began=$(date +%s%N)
nsloom down --quiet big
down=$((($(date +%s%N) - began) / 1000))
unchanged "it goes without a trace" "$nothing"
note "up takes $((took / 1000)) ms, down $((down / 1000)) ms"

killed=0
shoot() { # MICROSECONDS COMMAND…: kills it then; counts, if it had not ended by itself
	local pid job us=$1 status=0
	shift
	launch "$@" >/dev/null 2>&1
	sleep "$((us / 1000000)).$(printf %06d $((us % 1000000)))"
	kill -9 "$pid" 2>/dev/null
	wait "$job" 2>/dev/null || status=$?
	[ $status != 137 ] || killed=$((killed + 1))
}
moment() { echo $(((RANDOM * 32768 + RANDOM) % ($1 * 11 / 10))); }

for round in $(seq "$ROUNDS"); do
	at=$(moment $took)
	shoot "$at" nsloom up big.yaml
	check "round $round, killed at $((at / 1000)) ms: up completes it" nsloom up --quiet big.yaml
	check "and nothing is left to do" nsloom plan --exit-code big.yaml
	check "it works: n1 and the host" nsloom ping -W 5 -l big n1 host
	check "it works: across the router" nsloom ping -W 5 -l big n3 10.0.0.2
	at=$(moment "$down")
	shoot "$at" nsloom down big
	check "a down killed at $((at / 1000)) ms: another one completes it" nsloom down --quiet big
	unchanged "and the machine is as before" "$nothing"
done
for round in $(seq "$ROUNDS"); do
	at=$(moment $took)
	shoot "$at" nsloom up big.yaml
	check "round $round, killed at $((at / 1000)) ms: down removes it" nsloom down --quiet big
	unchanged "and the machine is as before" "$nothing"
done

# An update that is killed, and the file put back.
sed 's/10\.0\.0\.0/10.7.0.0/; /^  n[0-9]*7:/d; s/\[n7,/[n8,/; s/, n107\]/, n108]/; s/\[n17,/[n8,/; s/, n117\]/, n118]/' big.yaml >other.yaml
check "the other file is sound" nsloom check other.yaml
cp big.yaml nsloom.yaml
nsloom up --quiet || exit
for round in 1 2 3; do
	cp other.yaml nsloom.yaml
	shoot "$(moment $took)" nsloom up
	cp big.yaml nsloom.yaml
	check "update $round killed: the earlier file is restored" nsloom up --quiet
	check "and nothing is left to do" nsloom plan --exit-code
	check "it works" nsloom ping -W 5 -l big n1 host
done
nsloom down --quiet
unchanged "and the machine is as before" "$nothing"
result "$([ $killed -ge $((ROUNDS / 2)) ] && echo 0 || echo 1)" "enough of the kills hit ($killed)"
