# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# map --watch: each change is seen, those of the kernel at once; it ends cleanly; on a terminal it draws in place.

need ip nft python3
export LC_ALL=C.UTF-8
cp "$TESTS/../../examples/cable.yaml" .

enough() { [ "$(wc -l <lines)" -ge "$1" ]; }
# The n-th document: numbers of namespaces and links, and what else is asked for.
document() { # N EXPRESSION
	sed -n "$1p" lines | python3 -c 'import json, sys; d = json.load(sys.stdin); print('"$2"')'
}
seen=1
# One more document comes of a command.
change() { # WHAT EXPRESSION WANTED COMMAND…
	local what=$1 expression=$2 want=$3
	shift 3
	"$@"
	seen=$((seen + 1))
	wait_for 30 enough $seen || note "$(cat lines.err)"
	is "$what" "$want" "$(document $seen "$expression")"
}

# ---- what the kernel tells of: looking again by the clock would come too late

nsloom map --watch --every 3600 --json >lines 2>lines.err &
watch=$!
wait_for 30 enough 1
is "what there is comes first" "1 0" "$(document 1 'len(d["namespaces"]), len(d["links"])')"
change "a namespace, which inotify tells of" 'len(d["namespaces"])' 2 ip netns add red
late() { # as ip does where the machine is slow: the name comes first, what it stands for much later, and is only mounted
	touch /run/netns/late
	sleep 0.5
	unshare --net=/run/netns/late true
}
change "a name that stands for nothing yet, and the mount, which the kernel tells of" 'len(d["namespaces"])' 3 late
umount /run/netns/late
seen=$((seen + 1))
wait_for 30 enough $seen
rm /run/netns/late
change "a cable, which netlink tells of" 'd["links"][0]["state"]' down ip link add v0 type veth peer name v1 netns red
change "an address in the other namespace" 'd["namespaces"][1]["devices"][1]["addresses"]' "['10.0.0.1/24']" \
	ip -n red addr add 10.0.0.1/24 dev v1
change "and gone again" 'd["namespaces"][1]["devices"][1]["addresses"]' "[]" ip -n red addr del 10.0.0.1/24 dev v1
kill -TERM $watch
wait $watch
is "a signal ends it, and that is no failure" "0 " "$? $(cat lines.err)"

# ---- what nothing tells of

: >lines
nsloom map --watch --json >lines 2>lines.err &
watch=$!
wait_for 30 enough 1
seen=1
change "forwarding" 'd["namespaces"][1]["forwards_ipv4"]' True ip netns exec red sysctl -qw net.ipv4.ip_forward=1
nat() {
	nft -f - <<-'N'
		table ip n {
			chain c {
				type nat hook postrouting priority 100
				masquerade
			}
		}
	N
}
change "nat" 'd["namespaces"][0]["nat"]' True nat
blind() { # a namespace without a name that nothing leads to
	unshare --net sleep 1000 &
	nameless=$!
}
change "a process in a namespace of its own" 'len(d["namespaces"])' 3 blind
change "a namespace that goes" 'len(d["namespaces"])' 2 kill "$nameless"
wait "$nameless" 2>/dev/null
check_fails "while nothing changes, nothing is said" 1 wait_for 2 enough $((seen + 1))
kill -TERM $watch
wait $watch

# ---- a lab that comes and goes

nsloom map --watch cable.yaml >text 2>&1 &
watch=$!
wait_for 30 grep -q 'not up' text
nsloom up cable.yaml -q
wait_for 30 grep -q '^cable: ' text
nsloom down cable -q
gone_again() { [ "$(grep -c 'not up' text)" -ge 2 ]; }
wait_for 30 gone_again
is "a lab of a file: not up, up, not up" "not-up up not-up" \
	"$(sed -n 's/^cable is not up.*/not-up/p; s/^cable: .*/up/p' text | uniq | tr '\n' ' ' | sed 's/ $//')"
kill -TERM $watch
wait $watch

# ---- into a file, and into a pipe whose reader has enough

nsloom map --watch -o map.dot &
watch=$!
wait_for 30 test -s map.dot
ip netns add blue
wait_for 30 grep -q blue map.dot
check "a file is written anew" grep -q blue map.dot
kill -TERM $watch
wait $watch
ended() { ! kill -0 "$1" 2>/dev/null; }
nsloom map --watch --json > >(head -n 1 >/dev/null) 2>pipe.err &
watch=$!
sleep_and_change() { ip link set v0 mtu $((1000 + RANDOM % 400)) && ended $watch; }
wait_for 30 sleep_and_change
wait $watch
is "a reader who has enough ends it" "0 " "$? $(cat pipe.err)"

# ---- on a terminal

cat >terminal.py <<'P'
import fcntl, os, pty, re, select, signal, struct, subprocess, sys, termios, time
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execvp("nsloom", ["nsloom", "map", "--watch"])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
text = ""
def until(pattern, seconds=30):
    global text
    end = time.time() + seconds
    while time.time() < end:
        if select.select([fd], [], [], 0.2)[0]:
            try:
                text += os.read(fd, 65536).decode(errors="replace")
            except OSError:
                return bool(re.search(pattern, text, re.S))
        if re.search(pattern, text, re.S):
            return True
    return False
def say(what, good):
    print(("ok " if good else "not ok ") + what)
say("second page, no cursor", until(r"\x1b\[\?1049h\x1b\[\?25l"))
say("the drawing", until("red"))
text = ""
subprocess.run(["ip", "netns", "add", "green"], check=True)
say("in the place of the one before", until(r"\x1b\[H.*green"))
text = ""
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 4, 60, 0, 0))
say("a smaller window: what does not fit is counted", until(r"\x1b\[H[^\x1b]*.*more lines: the terminal is too low"))
text = ""
os.write(fd, b"\x03")
say("Ctrl-C: everything back", until(r"\x1b\[\?25h\x1b\[\?1049l"))
say("no failure", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0)
say("no word about it", "stopping" not in text)
P
python3 terminal.py >terminal.out 2>&1
while read -r line; do
	case $line in
	"ok "*) result 0 "terminal: ${line#ok }" ;;
	*) result 1 "terminal: ${line#not ok }" ;;
	esac
done <terminal.out
