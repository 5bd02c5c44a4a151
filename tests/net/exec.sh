# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154 # pid and job: of launch
#
# exec: the network of a node, and nothing between the caller and the command.

need ping python3 nsenter

cat >nsloom.yaml <<'EOF'
name: ex
networks:
  lan: {subnet: [10.0.0.0/24, "fd00:e::/64"]}
nodes:
  one: {networks: [lan]}
  two: {networks: {lan: {interface: uplink}}}
EOF
nsloom up --quiet || exit
before=$(snapshot)

# ---- what the command finds

is "/sys shows the node's devices" "lo uplink" "$(nsloom exec two -- sh -c 'cd /sys/class/net && echo *')"
check "and the cgroups that were there" nsloom exec one -- test -e /sys/fs/cgroup
is "the host's /sys is the host's" "lo" "$(cd /sys/class/net && echo *)"
is "the host name is the node's" two "$(nsloom exec two -- hostname)"
is "the host keeps its own" testhost "$(hostname)"
check "a node is known by its name" nsloom exec one -- ping -c1 -W2 two
check "by its full name" nsloom exec one -- ping -c1 -W2 ex.two
check "over IPv6 too" nsloom exec one -- ping -6 -c1 -W2 two
check "localhost is known" nsloom exec one -- ping -c1 -W2 localhost
check_fails "the host's /etc/hosts is its own" 1 grep -q ex.two /etc/hosts
# shellcheck disable=SC2016 # for the shell inside
is "the environment says where it is" "ex one" "$(nsloom exec one -- sh -c 'echo $NSLOOM_LAB $NSLOOM_NODE')"
is "the environment is passed on" "7" "$(SEVEN=7 nsloom exec one -- printenv SEVEN)"
# shellcheck disable=SC2016 # for the shell there
is "on the host it is a command like any other" "testhost host" "$(nsloom exec host -- sh -c 'echo $(hostname) $NSLOOM_NODE')"
is "and sees its devices" "$(cd /sys/class/net && echo *)" "$(nsloom exec host -- sh -c 'cd /sys/class/net && echo *')"
is "the folder is the caller's" "$PWD" "$(nsloom exec one -- pwd)"
nsloom exec one -- mount -t tmpfs t "$HOME"
check "mounts made inside do not come out" test -e "$HOME/nsloom.yaml"
is "it is root still" 0 "$(nsloom exec one -- id -u)"

# ---- name servers

mount -t tmpfs tmpfs /run/lock
cp /etc/resolv.conf /run/lock/old 2>/dev/null || :
resolv() { # text that the host's /etc/resolv.conf then has
	printf '%s\n' "$1" >/run/lock/resolv.conf
	mount --bind /run/lock/resolv.conf /etc/resolv.conf
}
if [ -e /etc/resolv.conf ]; then
	resolv "nameserver 192.0.2.53"
	is "a name server is passed on" "nameserver 192.0.2.53" "$(nsloom exec one -- cat /etc/resolv.conf)"
	mkdir -p /run/systemd/resolve
	echo "nameserver 192.0.2.99" >/run/systemd/resolve/resolv.conf
	is "the file of systemd-resolved is not taken without need" "nameserver 192.0.2.53" \
		"$(nsloom exec one -- cat /etc/resolv.conf)"
	umount /etc/resolv.conf
	resolv "nameserver 127.0.0.53"
	is "the stub of systemd-resolved is replaced by what is behind it" "nameserver 192.0.2.99" \
		"$(nsloom exec one -- cat /etc/resolv.conf)"
	is "for the node only" "nameserver 127.0.0.53" "$(cat /etc/resolv.conf)"
	umount /etc/resolv.conf
	rm -r /run/systemd
else
	skip "name servers" "no /etc/resolv.conf here"
fi
umount /run/lock
rm -rf /run/mount # of umount(8)

# ---- status and signals

for status in 0 7 125 255; do
	check_fails "status $status comes through" $status nsloom exec one -- sh -c "exit $status"
done
check_fails "127: there is no such command" 127 nsloom exec one -- no-such-command
like "and says which" 'no-such-command' "$(nsloom exec one -- no-such-command 2>&1)"
check_fails "127: nor such a path" 127 nsloom exec one -- /no/such/command
touch plain
check_fails "126: it cannot be run" 126 nsloom exec one -- ./plain
check_fails "126: a folder cannot be run" 126 nsloom exec one -- /etc
check_fails "125: there is no such node" 125 nsloom exec three -- true
like "and says so, with the nearest" 'did you mean "two"' "$(nsloom exec twoo -- true 2>&1)"
check_fails "125: there is no such lab" 125 nsloom exec no.one -- true
check_fails "125: no command was given" 125 nsloom exec one

launch sleep 60
any=$pid
wait_for 30 grep -q sleep "/proc/$any/comm"
launch nsloom exec one -- sleep 60
wait_for 30 grep -q sleep "/proc/$pid/comm"
is "no process stays in between" sleep "$(cat "/proc/$pid/comm")"
is "it has no descriptors but those that any command would have" "$(cd "/proc/$any/fd" && echo *)" "$(cd "/proc/$pid/fd" && echo *)"
kill "$any"
kill -TERM "$pid"
wait "$job"
is "a signal reaches the command, and ends it" 143 $?
is "SIGPIPE is as it was found" "$(grep SigIgn /proc/self/status | tr -d '\t' | cut -d : -f 2)" \
	"$(nsloom exec one -- grep SigIgn /proc/self/status | tr -d '\t' | cut -d : -f 2)"

# ---- standard input and output, terminals

is "standard input is passed" "hello" "$(echo hello | nsloom exec one -- cat)"
is "standard output and error stay apart" "out" "$(nsloom exec one -- sh -c 'echo out; echo err >&2' 2>/dev/null)"
is "a reader that leaves does not matter" "y" "$(nsloom exec one -- yes 2>&1 | head -1)"
like "a terminal is the command's own" 'same-tty same-pgrp 24 77' "$(
	user python3 - <<'EOF'
import os, pty, struct, fcntl, termios, sys
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 77, 0, 0))
    probe = ("import os,sys;"
             "print('same-tty' if os.ttyname(0)==%r else 'other', 'same-pgrp' if os.tcgetpgrp(0)==%d else 'other', "
             "os.get_terminal_size(0).lines, os.get_terminal_size(0).columns)" % (os.ttyname(0), os.getpid()))
    os.execvp("nsloom", ["nsloom", "exec", "one", "--", sys.executable, "-c", probe])
out = b""
while True:
    try:
        piece = os.read(fd, 4096)
    except OSError:
        break
    if not piece:
        break
    out += piece
print(out.decode())
EOF
)"
is "Ctrl-C on the terminal ends the command, by SIGINT" 2 "$(
	user python3 - <<'EOF'
import os, pty
pid, fd = pty.fork()
if pid == 0:
    os.execvp("nsloom", ["nsloom", "exec", "one", "--", "sh", "-c", "echo ready; exec sleep 60"])
while b"ready" not in os.read(fd, 4096):
    pass
os.write(fd, b"\x03")
print(os.WTERMSIG(os.waitpid(pid, 0)[1]))
EOF
)"

# ---- the shell

# shellcheck disable=SC2016
is "shell is \$SHELL" "ex-one" \
	"$(echo 'echo $NSLOOM_LAB-$NSLOOM_NODE' | SHELL=/bin/sh nsloom shell one)"
is "without \$SHELL it is /bin/sh" "one" "$(echo hostname | env -u SHELL nsloom shell one)"
echo 'exit 9' >script
check_fails "its status comes through" 9 sh -c 'SHELL=/bin/sh nsloom shell one <script'

# ---- whose options are whose

is "what follows NODE is the command's own" "-n -l x --json" "$(nsloom exec one printf '%s %s %s %s' -n -l x --json)"
is "a -- is taken once" "a -- b" "$(nsloom exec one -- printf '%s %s %s' a -- b)"
check_fails "a command may be called like an option" 127 nsloom exec one -- --help

# ---- from elsewhere

mkdir -p elsewhere below/this
file=$PWD/nsloom.yaml
is "from a folder below the file's" two "$(cd below/this && nsloom exec two -- hostname)"
cd /
is "the only lab needs no name" two "$(nsloom exec two -- hostname)"
is "LAB.NODE goes everywhere" one "$(nsloom exec ex.one -- hostname)"
is "-l LAB" one "$(nsloom -l ex exec one -- hostname)"
is "-f FILE" one "$(nsloom exec -f "$file" one -- hostname)"
cd "$HOME/elsewhere" || exit
sed 's/name: ex/name: other/' "$file" >other.yaml
nsloom up --quiet other.yaml
check_fails "NODE alone is not clear beside another lab" 125 sh -c 'cd / && nsloom exec one -- true'
like "and the labs are named" 'ex, other|other, ex' "$(cd / && nsloom exec one -- true 2>&1)"
is "in a file's folder it is that file's" ex "$(nsloom exec one -- printenv NSLOOM_LAB)"
is "LAB.NODE says which" other "$(nsloom exec other.one -- printenv NSLOOM_LAB)"
nsloom down --quiet other
unchanged "nothing of all that stayed" "$before"

rm "$file"
is "exec needs no file" one "$(nsloom exec ex.one -- hostname)"
nsloom down --quiet ex
