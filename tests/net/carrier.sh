# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A lab can be used when `up` returns, however busy the machine: no cable is still without carrier. Programs of a higher
# priority than the kernel's own workers keep every CPU busy for a fifth of a second, and nsloom has a higher one still.

need python3 chrt

cat >nsloom.yaml <<'EOF'
name: c
networks:
  out: {subnet: 10.91.0.0/24, nat: true}
  lan: {subnet: 10.92.0.0/24}
nodes:
  one: {networks: [out, lan]}
  two: {networks: [out, lan]}
links:
  - {endpoints: [one, two], subnet: 10.93.0.0/30}
EOF

cat >hog.py <<'EOF'
import os, sys, time
os.sched_setaffinity(0, {int(sys.argv[1])})
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
open(sys.argv[2], "w").close()
end = time.monotonic() + 0.2
while time.monotonic() < end:
    pass
EOF
cpus=$(python3 -c 'import os; print(*os.sched_getaffinity(0))')
why=$(chrt -f 2 true 2>&1) || skip_all "no real-time scheduling here: $why"

first() { chrt -f 2 "$@"; }
all_hog() {
	local cpu
	for cpu in $cpus; do
		[ -e "hog.$cpu" ] || return 1
	done
}

without=''
for round in 1 2 3 4 5 6; do
	for cpu in $cpus; do
		rm -f "hog.$cpu"
		python3 hog.py "$cpu" "hog.$cpu" &
	done
	wait_for 30 first true && wait_for 30 all_hog
	first nsloom up -q || exit
	for place in '' '-n c.one' '-n c.two'; do
		# shellcheck disable=SC2086 # two words
		without+=$(first ip $place link | sed -n "s/^[0-9]*: \([^:]*\): .*NO-CARRIER.*/$round ${place#-n }:\1 /p")
	done
	wait
	nsloom down -q || exit
done
is "no cable is without carrier when up returns" "" "$without"
