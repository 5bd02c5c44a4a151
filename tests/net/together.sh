# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Many at once: two ups of one lab, and sixteen labs that come and go beside each other.
# shellcheck disable=SC2086 # numbers, a word each

need shuf

ip link add up0 type bridge
ip link set up0 addrgenmode none
ip link set up0 up
before=$(snapshot)

lab() { # NUMBER
	cat <<EOF
name: lab$1
networks:
  net$1: {subnet: [10.$1.0.0/24, "fd00:$1::/64"], gateway: true, nat: true}
  in: {subnet: 172.16.$1.0/24}
nodes:
  r: {router: true, networks: [net$1, in]}
EOF
	for i in a b c d e f; do echo "  $i: {networks: [net$1]}"; done
	echo "  g: {networks: [in]}"
}
others=$(seq 2 16) # beside the first
for i in 1 $others; do lab "$i" >"lab$i.yaml"; done

# ---- one lab, twice at once

for round in 1 2 3; do
	nsloom up lab1.yaml >first 2>&1 &
	a=$!
	nsloom up lab1.yaml >second 2>&1 &
	b=$!
	wait $a
	first=$?
	wait $b
	is "two ups at once, round $round: both succeed" "0 0" "$first $?"
	is "and one of them found nothing to do" 1 "$(cat first second | grep -c 'up to date')"
	check "nothing is left to do" nsloom plan --exit-code lab1.yaml
	nsloom down --quiet lab1
done
for round in 1 2 3; do
	nsloom up --quiet lab1.yaml &
	a=$!
	nsloom down --quiet lab1 &
	b=$!
	wait $a
	first=$?
	wait $b
	is "up and down at once, round $round: both succeed" "0 0" "$first $?"
	nsloom down --quiet lab1
done
unchanged "after these, as before" "$before"

# ---- --no-wait

nsloom up --quiet lab1.yaml
exec {lock}</run/nsloom/lab1/lock
flock $lock
check_fails "--no-wait does not wait" 1 timeout 5 nsloom up --no-wait lab1.yaml
like "and says for whom" 'another nsloom is at work on lab "lab1"' "$(nsloom up --no-wait lab1.yaml 2>&1)"
check_fails "down --no-wait too" 1 timeout 5 nsloom down --no-wait lab1
nsloom up lab1.yaml >waited 2>&1 {lock}<&- & # which must not hold it itself
waiter=$!
check_fails "without it, up waits" 124 timeout 0.3 tail --pid=$waiter -f /dev/null
exec {lock}<&-
wait $waiter
is "and goes on when the lock is free" 0 $?
is "with nothing left to do" "lab1 is up to date" "$(cat waited)"

# ---- a neighbour that stands, and others that come and go

settle
with=$(snapshot)
work() { # NUMBER: up and down several times; an error is said once
	local i
	for i in 1 2 3; do
		sleep "0.0$((RANDOM % 10))"
		nsloom up --quiet "lab$1.yaml" || return
		nsloom plan --exit-code "lab$1.yaml" >/dev/null || return
		nsloom ping -W 5 -l "lab$1" r >/dev/null || return
		[ $((RANDOM % 2)) = 0 ] || nsloom up --quiet "lab$1.yaml" || return
		nsloom down --quiet "lab$1" || return
	done
}
pids=()
for i in $(shuf -e $others); do
	(work "$i" >"log$i" 2>&1 || { echo "status $?" >>"log$i"; exit 1; }) &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid"
	is "a lab came and went" 0 $?
done
for i in $others; do [ ! -s "log$i" ] || note "lab$i: $(cat "log$i")"; done
unchanged "the neighbour is as it was" "$with"
check "and works" nsloom ping -W 5 -l lab1 r

# ---- all up at once, all down at once

for i in $(shuf -e $others); do nsloom up --quiet "lab$i.yaml" & done
wait
is "all are up" 16 "$(nsloom ls --json | grep -c '"file"')"
for i in 1 $others; do
	check "lab$i is whole" nsloom plan --exit-code "lab$i.yaml"
done
like "no lab reaches another" 'no route|no answer|unreachable|refused' "$(nsloom ping -W 0.3 lab1.a 10.2.0.2 2>&1)"
for i in $(shuf -e 1 $others); do nsloom down --quiet "lab$i" & done
wait
unchanged "and when all have gone, the machine is as before" "$before"
