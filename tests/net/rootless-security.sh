# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016 # many a script is for a shell inside
#
# The lines of docs/security.md that a machine can be asked about; "[N]" is the number there.

# shellcheck source=tests/net/weaver.sh
. "$TESTS/weaver.sh"
ready_weaver
need pgrep python3

cat >lab.yaml <<'E'
name: lab
networks: {lan: {subnet: 10.1.0.0/24, gateway: true}}
nodes: {one: {networks: [lan]}, two: {networks: [lan]}}
E
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all env -u XDG_RUNTIME_DIR "$@"; }
runtime=/run/user/$weaver_id
holder() { pgrep -u weaver -x nsloom-holder; }
before=$(snapshot)

refused() { # WHAT PATTERN COMMAND…: status 1, an error that matches, and nothing changed
	local what=$1 pattern=$2 now out status=0
	shift 2
	now=$(snapshot)
	out=$("$@" 2>&1) || status=$?
	is "$what: refused" 1 $status
	like "$what: said" "$pattern" "$out"
	unchanged "$what: nothing changed" "$now"
}

# ---- [2] the user's folder

mkdir $runtime/nsloom
chown weaver $runtime/nsloom
chmod 755 $runtime/nsloom
refused "[2] a folder that others may enter" 'nsloom is open to others \(mode 755\)' nsloom_of up lab.yaml
chmod 700 $runtime/nsloom
chown nobody $runtime/nsloom
refused "[2] a folder of somebody else" 'nsloom belongs to somebody else' nsloom_of up lab.yaml
rmdir $runtime/nsloom
mkdir elsewhere
chown weaver elsewhere
chmod 700 elsewhere
ln -s "$PWD/elsewhere" $runtime/nsloom
refused "[2] a link in its place" 'nsloom is in the way: it is no folder' nsloom_of up lab.yaml
is "[2] nothing was made behind it" "" "$(ls -A elsewhere)"
rm $runtime/nsloom
: >$runtime/nsloom
refused "[2] a file in its place" 'nsloom is in the way: it is no folder' nsloom_of up lab.yaml
rm $runtime/nsloom
mkdir -m 700 $runtime/nsloom
chown weaver $runtime/nsloom
ln -s "$PWD/elsewhere" $runtime/nsloom/@host
refused "[2] a link below it" '@host is in the way' nsloom_of up lab.yaml
is "[2] nothing was made behind that" "" "$(ls -A elsewhere)"
rm -r $runtime/nsloom

mv $runtime $runtime.away
squat=/tmp/nsloom-$weaver_id
exec {tmp}</tmp # the machine's: one test at a time
flock "$tmp"
nobody mkdir -m 700 $squat
XDG_RUNTIME_DIR='' refused "[2] in /tmp, somebody came first" "$squat belongs to somebody else" nsloom_of up lab.yaml
rmdir $squat
nobody ln -s "$PWD/elsewhere" $squat
XDG_RUNTIME_DIR='' refused "[2] with a link" "$squat is in the way" nsloom_of up lab.yaml
rm $squat
weaver mkdir $squat
chmod 777 $squat
XDG_RUNTIME_DIR='' refused "[2] his own, but open" "$squat is open to others \(mode 777\)" nsloom_of up lab.yaml
rmdir $squat
mv $runtime.away $runtime
XDG_RUNTIME_DIR=$PWD/elsewhere refused "[2] a runtime folder of root's is not taken, but the one in /tmp" 'is open to others' \
	nobody env XDG_RUNTIME_DIR="$PWD/bin" sh -c 'mkdir -m 755 /tmp/nsloom-65534; nsloom up lab.yaml; s=$?; rmdir /tmp/nsloom-65534; exit $s'
flock -u "$tmp"
unchanged "nothing is left" "$before"

# ---- [3] the holder

check "up" nsloom_of up -q lab.yaml
is "[3] no number of a process is written down" "" "$(grep -rs "$(holder)" $runtime/nsloom)"
check_fails "[3] another user does not get at its namespaces" 1 nobody nsenter -U -n -t "$(holder)" true
check_fails "[3] nor at its root" 2 nobody ls "/proc/$(holder)/root"
is "[3] nor does he find it" "No lab is up." "$(nobody env XDG_RUNTIME_DIR=$runtime nsloom ls 2>&1 | head -1)"
chmod 711 $runtime $runtime/nsloom $runtime/nsloom/@host
chmod 666 $runtime/nsloom/@host/socket
like "[3] nor an answer, if the folder is opened" 'nothing' "$(nobody python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.settimeout(2)
s.connect(sys.argv[1])
print(s.recv(100) or "nothing")' "$runtime/nsloom/@host/socket" 2>&1)"
chmod 700 $runtime $runtime/nsloom $runtime/nsloom/@host
check "[3] it is still there" nsloom_of ping one two
is "[3] no bytes harm it" "alive" "$(weaver python3 -c '
import os, socket, sys
for junk in b"", b"x", b"w", b"e" * 5000, os.urandom(3000):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(sys.argv[1])
    s.recv(100)
    if junk != b"e" * 5000: # that asks it to end
        try: s.send(junk)
        except OSError: pass
many = []
for i in range(100): # more than it listens to at once
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(1)
    try: s.connect(sys.argv[1])
    except OSError: break
    many.append(s)
print("alive")' $runtime/nsloom/@host/socket)"
check "[3] nor does a crowd" nsloom_of ping one two
nsloom_of down -q lab

# ---- [4] root looks at users' labs

weaver mkdir -p hostile
nsloom_of up -q lab.yaml
evil=$'\e]0;owned\a\e[31m'
weaver nsloom exec host sh -c 'printf "# nsloom-record 1 nodes=7 networks=1 links=0 file=%s/x.yaml\n" "$1" >/run/nsloom/lab/record' sh "$evil"
is "[4] no control character of a user's reaches root's terminal" "" "$(nsloom ls 2>&1 | LC_ALL=C tr -d '\n\040-\176\200-\377')"
like "[4] the lab is listed" '^lab +up +7' "$(nsloom ls)"
weaver nsloom exec host sh -c 'mv /run/nsloom/lab/record /run/nsloom/lab/was; mkfifo /run/nsloom/lab/record'
like "[4] a pipe in the place of a record does not hold root up" 'partial' "$(timeout 10 nsloom ls)"
weaver nsloom exec host sh -c 'rm /run/nsloom/lab/record; ln -s /etc/shadow /run/nsloom/lab/record'
like "[4] nor is a link followed" '^lab +partial' "$(timeout 10 nsloom ls)"
weaver nsloom exec host sh -c 'rm /run/nsloom/lab/record; mv /run/nsloom/lab/was /run/nsloom/lab/record'
kill -STOP "$(holder)"
began=$SECONDS
nsloom ls >/dev/null
result "$([ $((SECONDS - began)) -le 4 ] && echo 0 || echo 1)" "[4] a holder that does not answer does not hold root up"
kill -CONT "$(holder)"
weaver nsloom exec host sh -c 'for i in $(seq 300); do mkdir /run/nsloom/x$i; done'
check "[4] many are listed" sh -c 'test "$(nsloom ls --json | grep -c weaver)" -ge 300'
weaver nsloom exec host sh -c 'rmdir /run/nsloom/x*'
nsloom_of down -q lab
rm -rf hostile
unchanged "nothing is left" "$before"

# ---- [5] root weaves a file of another user's

eve() { # LINE: a lab whose node has it
	printf 'name: eve\nnodes:\n  one: {%s}\n' "$1" >eve.yaml
}
for key in kernel.core_pattern net/../kernel/core_pattern net.ipv4.../.kernel.x net/ipv4/../../kernel/core_pattern /kernel/core_pattern; do
	eve "sysctl: {\"$key\": \"|/tmp/x\"}"
	check_fails "[5] sysctl $key" 2 nsloom up -q eve.yaml
done
for name in ../eve a/b .. 'a b' $'a\nb'; do
	printf '{"name": "%s", "nodes": {"a": null}}' "${name//$'\n'/\\n}" >eve.json
	check_fails "[5] a lab named ${name@Q}" 2 nsloom up -q eve.json
	printf '{"name": "eve", "nodes": {"%s": null}}' "${name//$'\n'/\\n}" >eve.json
	check_fails "[5] a node named ${name@Q}" 2 nsloom up -q eve.json
done
printf 'name: eve\nnetworks: {"n": {subnet: 10.9.0.0/24, gateway: true, device: "../x"}}\nnodes: {a: {networks: [n]}}\n' >eve.yaml
check_fails "[5] a device that is a path" 2 nsloom up -q eve.yaml
unchanged "[5] nothing changed" "$before"

mkdir -m 777 shared
(umask 022 && cp lab.yaml shared/nsloom.yaml)
chown nobody shared/nsloom.yaml
mkdir shared/below
for folder in shared shared/below; do
	cd $folder || exit
	refused "[5] a file that nobody named, of another user, from $folder" \
		'nsloom.yaml belongs to another user \(65534\), and you did not name it' nsloom up
	cd "$HOME" || exit
done
check "[5] by its name it is taken" nsloom up -q -f shared/nsloom.yaml
nsloom down -q lab
chown 1234 shared/nsloom.yaml
check "[5] that of who called sudo is taken" env SUDO_UID=1234 sh -c 'cd shared && nsloom up -q && nsloom down -q'
unchanged "[5] nothing is left" "$before"

# ---- [6] /run/nsloom

mkdir -m 777 /run/nsloom
refused "[6] a folder that others may change" '/run/nsloom is not what nsloom makes' nsloom up lab.yaml
chmod 755 /run/nsloom
chown nobody /run/nsloom
refused "[6] a folder of somebody else" '/run/nsloom is not what nsloom makes' nsloom up lab.yaml
rmdir /run/nsloom
mkdir victim
ln -s "$PWD/victim" /run/nsloom
refused "[6] a link" '/run/nsloom is not what nsloom makes' nsloom up lab.yaml
refused "[6] down goes by the same rule" '/run/nsloom is not what nsloom makes' nsloom down lab
is "[6] nothing was made behind it" "" "$(ls -A victim)"
rm /run/nsloom
mkdir -p /run/nsloom/lab
printf 'secret\n' >victim/file
ln -s "$PWD/victim/file" /run/nsloom/lab/lock
check_fails "[6] a link in the place of a lock is not followed" 1 nsloom up -q lab.yaml
is "[6] what it leads to is as it was" secret "$(cat victim/file)"
rm /run/nsloom/lab/lock
ln -s "$PWD/victim" /run/nsloom/lab/ns
check_fails "[6] nor in the place of its namespaces" 1 nsloom up -q lab.yaml
is "[6] nothing was made there" file "$(ls victim)"
rm -r /run/nsloom
unchanged "[6] nothing is left" "$before"

# ---- [7] programs, [8] setuid

mkdir traps
for tool in pasta slirp4netns newuidmap newgidmap ip nft sysctl modprobe systemctl; do
	printf '#!/bin/sh\necho "$0" >>"%s/trapped"\nexit 1\n' "$PWD" >traps/$tool
done
chmod 755 traps/*
sed 's/gateway/nat/' lab.yaml >nat.yaml
check "[7] root weaves a lab with a way out" env PATH="$PWD/traps:$PATH" nsloom up -q nat.yaml
check "[7] and takes it down" env PATH="$PWD/traps:$PATH" nsloom down -q lab
check "[7] and has started no program" test ! -e trapped
weaver env PATH="$PWD/traps:$PATH" NSLOOM_WAY_OUT=none nsloom up -q lab.yaml >/dev/null 2>&1
is "[7] a user starts the two that map ids, and no other" "" "$(grep -v 'new[ug]idmap$' trapped 2>/dev/null)"
nsloom_of down -q lab
rm -f trapped
is "[8] the program has no setuid bit and no capabilities" "" "$(find "$NSLOOM" -perm /7000; getcap "$NSLOOM" 2>/dev/null)"
