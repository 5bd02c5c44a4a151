# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a node more costs in calls, sends, messages and bytes: a slip in batching fails here, whatever the machine's speed. Each
# number is the difference between a lab of 10 and one of 110, for one node, so what a lab costs as a whole is no part of it.
# $COST is the program that counts.

need python3

"$COST" true >/dev/null 2>&1 || skip_all 'cannot trace a program here'

# From two counts, what a node costs: "calls sends messages bytes"; calls without those that wait for another thread.
per_node() {
	python3 -c '
import json, sys
few, many = (json.load(open(f)) for f in sys.argv[1:])
for c in few, many:
    c["calls"] -= c["by_name"].get("futex", 0)
print(*(f"{(many[key] - few[key]) / 100:.2f}" for key in ("calls", "sends", "messages", "bytes")))' "$1" "$2"
}

# What a node may cost.
limit() { # WHAT MOST_CALLS MOST_SENDS MOST_MESSAGES MOST_BYTES FILE_OF_10 FILE_OF_110
	local found word i=0
	local most=("$2" "$3" "$4" "$5") of=(calls sends messages bytes)
	found=$(per_node "$6" "$7") || exit
	note "$1, a node: $found"
	for word in $found; do
		check "$1: a node takes at most ${most[i]} ${of[i]}" awk -v a="$word" -v b="${most[i]}" 'BEGIN { exit a > b }'
		i=$((i + 1))
	done
}

count() { # TOPOLOGY-NAME GEN-ARGUMENT…
	local name=$1 n
	shift
	for n in 10 110; do
		nsloom gen "${@//N/$n}" --name "$name" >"$n.yaml" || exit
		for what in up again; do
			"$COST" "$NSLOOM" up --quiet "$n.yaml" >"$name-$what-$n" || exit
		done
		"$COST" "$NSLOOM" down --quiet "$name" >"$name-down-$n" || exit
	done
}

count fabric star N
count nat star N --nat
count chain chain N

#                                       calls sends messages bytes
limit 'star: up'                           20   1.1      5.1   410 fabric-up-10 fabric-up-110
limit 'star: second up'                    34   6.1      8.1   245 fabric-again-10 fabric-again-110
limit 'star: down'                          4     0        0     0 fabric-down-10 fabric-down-110
limit 'star on the host: up'               25   3.1      9.2   620 nat-up-10 nat-up-110
limit 'star on the host: second up'        34   6.1      8.1   245 nat-again-10 nat-again-110
limit 'star on the host: down'              4     0        0     0 nat-down-10 nat-down-110
limit 'chain: up'                          32   2.1       17   970 chain-up-10 chain-up-110
limit 'chain: second up'                   38   6.1      8.1   245 chain-again-10 chain-again-110
limit 'chain: down'                         4     0        0     0 chain-down-10 chain-down-110
