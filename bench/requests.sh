# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a node more costs in calls, sends, messages and bytes: a slip in batching fails here, whatever the machine's speed. Each
# number is the difference between two labs of different size, for one node, so what a lab costs as a whole is no part of it.
# $COST is the program that counts.

need python3

"$COST" true >/dev/null 2>&1 || skip_all 'cannot trace a program here'

# From two counts, what a node costs: "calls sends messages bytes"; calls without those that wait for another thread.
per_node() { # NODES FEW MANY
	python3 -c '
import json, sys
few, many = (json.load(open(f)) for f in sys.argv[2:])
for c in few, many:
    c["calls"] -= c["by_name"].get("futex", 0)
print(*(f"{(many[key] - few[key]) / int(sys.argv[1]):.2f}" for key in ("calls", "sends", "messages", "bytes")))' "$@"
}

# What a node may cost.
limit() { # WHAT MOST_CALLS MOST_SENDS MOST_MESSAGES MOST_BYTES NAME
	local found word i=0
	local most=("$2" "$3" "$4" "$5") of=(calls sends messages bytes)
	found=$(per_node "$(($(<"$6-many") - $(<"$6-few")))" "$6-$7-few" "$6-$7-many") || exit
	note "$1, a node: $found"
	for word in $found; do
		check "$1: a node takes at most ${most[i]} ${of[i]}" awk -v a="$word" -v b="${most[i]}" 'BEGIN { exit a > b }'
		i=$((i + 1))
	done
}

count() { # NAME FEW MANY GEN-ARGUMENT…
	local name=$1 size what
	local -A sizes=([few]=$2 [many]=$3)
	shift 3
	for size in few many; do
		echo "${sizes[$size]}" >"$name-$size"
		nsloom gen "${@//N/${sizes[$size]}}" --name "$name" >"$name.yaml" || exit
		for what in up again; do
			"$COST" "$NSLOOM" up --quiet "$name.yaml" >"$name-$what-$size" || exit
		done
		"$COST" "$NSLOOM" down --quiet "$name" >"$name-down-$size" || exit
	done
}

count fabric 10 110 star N
count nat 10 60 star N --nat
count large 70 170 star N --nat # from 65 nodes on in the fabric
count chain 10 110 chain N

#                                        calls sends messages bytes
limit 'star: up'                            20   1.1      5.1   410 fabric up
limit 'star: second up'                     34   6.1      8.1   245 fabric again
limit 'star: down'                           4     0        0     0 fabric down
limit 'star on the host: up'                25   3.1      9.2   620 nat up
limit 'star on the host: second up'         34   6.1      8.1   245 nat again
limit 'star on the host: down'               4     0        0     0 nat down
limit 'large star on the host: up'          20   1.1      6.1   450 large up
limit 'large star on the host: second up'   34   6.1      8.1   245 large again
limit 'large star on the host: down'         4     0        0     0 large down
limit 'chain: up'                           32   2.1       17   970 chain up
limit 'chain: second up'                    38   6.1      8.1   245 chain again
limit 'chain: down'                          4     0        0     0 chain down
