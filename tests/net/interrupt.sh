# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Ctrl-C, TERM, and a terminal that closes, once and again and again, at any moment of an up, an update and a down: the lab is
# what it was before, or what was asked for, and nothing in between.

need python3

lab() { # NODES
	echo "name: i"
	echo "networks: {lan: {subnet: [10.94.0.0/16, 'fd00:94::/64'], gateway: true, nat: true}, in: {subnet: 10.95.0.0/16}}"
	echo "nodes:"
	for i in $(seq "$1"); do echo "  n$i: {networks: [lan, in]}"; done
}
lab 60 >nsloom.yaml
nothing=$(snapshot)

cat >on-terminal.py <<'EOF'
"""on-terminal.py SECONDS,… KEY COMMAND…: runs it on a terminal, presses the key at these moments ("close" closes the terminal
instead). Prints the status, and what it said."""
import os, pty, select, sys, time
moments, key, command = [float(m) for m in sys.argv[1].split(",")], sys.argv[2], sys.argv[3:]
pid, master = pty.fork()
if pid == 0:
    if key == "close":  # a SIGCONT comes with it, which a leak sanitizer that just stops its process waits through for ever
        os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    os.execvp(command[0], command)
began, said, closed = time.monotonic(), b"", False
while not closed:
    wait = max(0, moments[0] - (time.monotonic() - began)) if moments else 30
    if select.select([master], [], [], wait)[0]:
        try:
            said += os.read(master, 65536)
            continue
        except OSError:
            break
    if not moments:
        break
    moments.pop(0)
    if key == "close":
        os.close(master)
        closed = True
    else:
        os.write(master, b"\x03")
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode(errors="replace").replace("\r", ""))
EOF

ms() { # COMMAND…: how many milliseconds it takes
	local began=${EPOCHREALTIME/./}
	"$@" >/dev/null 2>&1
	echo $(((${EPOCHREALTIME/./} - began) / 1000))
}
up=$(ms nsloom up) down=$(ms nsloom down)
for round in 1 2; do # the machine may have been busy
	again=$(ms nsloom up)
	up=$((again < up ? again : up))
	again=$(ms nsloom down)
	down=$((again < down ? again : down))
done
note "up takes $up ms, down $down ms"
seconds() { printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); }

stopped=0
# disturb WHAT AFTER-ms TIMES KEY COMMAND…: -> $out
disturb() {
	local at=$1 times=$2 key=$3 moments='' i
	shift 3
	for ((i = 0; i < times; i++)); do moments+=,$(seconds $((at + i * 3))); done
	out=$(python3 on-terminal.py "${moments#,}" "$key" "$@")
	! grep -q '^1 ' <<<"$out" || stopped=$((stopped + 1))
}

# ---- a first up

for part in 1 3 5 7 9; do
	for key in ctrl-c close; do
		disturb $((up * part / 10)) 1 $key nsloom up
		if nsloom plan --exit-code >/dev/null 2>&1; then
			note "up was over already"
			nsloom down -q
		fi
		unchanged "$key at $part/10 of an up: nothing is left" "$nothing"
	done
	disturb $((up * part / 10)) 5 ctrl-c nsloom up
	! nsloom plan --exit-code >/dev/null 2>&1 || nsloom down -q
	unchanged "five times Ctrl-C: nothing is left" "$nothing"
done
# What else the machine does may have made it faster or slower since it was measured.
for ((round = 0; stopped < 5 && round < 40; round++)); do
	disturb $((up >> (round % 8))) 1 ctrl-c nsloom up
	nsloom down -q
done
result "$([ $stopped -ge 5 ] && echo 0 || echo 1)" "enough of them came in time ($stopped)"
disturb $((up / 2)) 1 ctrl-c nsloom up
if grep -q '^1 ' <<<"$out"; then
	like "it says that it stops" 'nsloom: stopping' "$out"
	like "that it was interrupted" 'error: interrupted' "$out"
	like "and what stands" 'nothing of lab "i" is left' "$out"
fi
nsloom down -q

# ---- an update

# But for what a port is born with while the host forwards.
picture() { snapshot | without_indexes | grep -vE '/i\.[^/]*/accept_ra:'; }
nsloom up -q
settle
before=$(picture)
cp nsloom.yaml whole.yaml
for part in 2 5 8; do
	sed 's/10\.95/10.96/; /  n1:/d' whole.yaml >nsloom.yaml
	disturb $((up * part / 10)) 2 ctrl-c nsloom up
	over=$(nsloom plan --exit-code >/dev/null 2>&1 && echo yes)
	cp whole.yaml nsloom.yaml
	if [ -n "$over" ]; then
		note "the update was over already"
		nsloom up -q
	fi
	check "Ctrl-C twice at $part/10 of an update: nothing is to be done for what stood before" nsloom plan --exit-code
	settle
	same_text "and it stands" "$before" "$(picture)"
done

# ---- a down

for part in 0 2 4 6 8; do
	for key in ctrl-c close; do
		check "up again" nsloom up -q
		disturb $((down * part / 10)) 2 $key nsloom down
		if nsloom plan --exit-code >/dev/null 2>&1; then
			note "$key came before it had begun"
			nsloom down -q
		fi
		unchanged "$key at $part/10 of a down: it has come to its end" "$nothing"
	done
done

# ---- TERM and HUP, from elsewhere

for signal in TERM HUP; do
	timeout -k 5 -s $signal "$(seconds $((up / 2)))" nsloom up >/dev/null 2>&1
	! nsloom plan --exit-code >/dev/null 2>&1 || nsloom down -q
	unchanged "SIG$signal in an up: nothing is left" "$nothing"
done

# ---- while it waits

# What a command that waits for ever says to a signal, into $said; its status into $status. Each moment is later than the one before,
# until it had come to wait: the machine may be busy.
stop() { # SIGNAL COMMAND…
	local signal=$1 moment
	shift
	for moment in 0.2 1 5 25; do
		said=$(timeout -k 5 -s "$signal" $moment "$@" 2>&1)
		status=$?
		[[ $said != *interrupted* ]] || return 0
	done
}

mkfifo pipe
exec {open}<>pipe # a writer that says nothing
for signal in INT TERM; do
	stop $signal nsloom up ./pipe
	is "SIG$signal while the file is read from a pipe" 124 "$status"
	stop $signal nsloom up - <pipe
	like "says so" 'interrupted while reading' "$said"
done
exec {open}<&-
unchanged "and nothing is left" "$nothing"

nsloom up -q
exec {lock}</run/nsloom/i/lock
flock $lock
stop INT nsloom up
is "SIGINT while it waits for another nsloom" 124 "$status"
stop INT nsloom down
like "says so" 'interrupted while waiting for lab "i"' "$said"
exec {lock}<&-
check "the lab is whole" nsloom plan --exit-code

lab 1 | sed 's/name: i/name: other/; s/lan:/lan2:/; s/94/97/g; s/\[lan,/[lan2,/' >other.yaml
nsloom up -q other.yaml
exec {lock}</run/nsloom/other/lock
flock $lock
stop INT nsloom down --all
like "Ctrl-C in down --all stops it" 'interrupted' "$said"
exec {lock}<&-
nsloom down -q --all
unchanged "all is as before" "$nothing"
