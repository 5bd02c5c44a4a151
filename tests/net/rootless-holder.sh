# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The process that keeps an ordinary user's labs: what it is, how long it lives, and what is left when it is killed.

# shellcheck source=tests/net/weaver.sh
. "$TESTS/weaver.sh"
ready_weaver
need ip pgrep

lab() { # NAME
	cat <<-E
		name: $1
		networks: {lan: {subnet: [10.1.0.0/24, "fd00:1::/64"], gateway: true}}
		nodes: {one: {networks: [lan]}, two: {networks: [lan]}}
	E
}
lab a >a.yaml
lab b | sed 's/lan/lbn/; s/lan/lbn/g; s/10\.1/10.2/; s/fd00:1/fd00:2/' >b.yaml
runtime=/run/user/$weaver_id
holder() { pgrep -u weaver -x nsloom-holder; }
in_all() { # KEY: of its status
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$(holder)/status"
}
gone() { ! holder; }
before=$(snapshot)

# ---- what it is

check "up" nsloom_of up -q a.yaml
check "one process" test "$(holder | wc -l)" -eq 1
is "is all that runs of the user" "$(holder)" "$(pgrep -u weaver)"
is "ps tells what it is" "nsloom-holder @host" "$(ps -o args= -p "$(holder)")"
is "it has no capabilities" "0000000000000000 0000000000000000 0000000000000000 0000000000000000 0000000000000000" \
	"$(for set in CapInh CapPrm CapEff CapBnd CapAmb; do in_all $set; done | xargs)"
is "and gets none" 1 "$(in_all NoNewPrivs)"
is "system calls are filtered" 2 "$(in_all Seccomp)"
is "it has a session of its own" "$(holder)" "$(ps -o sid= -p "$(holder)" | tr -d ' ')"
is "and no terminal" "?" "$(ps -o tty= -p "$(holder)" | tr -d ' ')"
is "it is in no folder" / "$(readlink "/proc/$(holder)/cwd")"
is "its standard descriptors lead nowhere" "/dev/null" "$(readlink /proc/"$(holder)"/fd/{0,1,2} | sort -u)"
is "it has a socket and itself beside" "5" "$(find "/proc/$(holder)/fd" -type l | wc -l)"
is "nobody is its parent but the first process" 1 "$(ps -o ppid= -p "$(holder)" | tr -d ' ')"
check "no setuid bit" test -z "$(find bin/nsloom -perm /6000)"
unchanged_but() { # WHAT: the machine is as before, but for the user's folder
	settle
	same_text "$1" "$(grep -v "$runtime" <<<"$before")" "$(snapshot | grep -v "$runtime")"
}
unchanged_but "the machine has nothing of the lab"
is "its folder is the user's alone" "700 weaver 700 weaver" \
	"$(stat -c '%a %U' $runtime/nsloom "$runtime/nsloom/@host" | xargs)"

# ---- how long it lives

first=$(holder)
check "another lab" nsloom_of up -q b.yaml
is "is kept by the same" "$first" "$(holder)"
check "both work" nsloom_of ping -l b one two
check "the first goes" nsloom_of down -q a
is "the holder stays" "$first" "$(holder)"
check "the last goes" nsloom_of down -q b
check "and the holder with it" gone
unchanged "nothing is left" "$before"

check_fails "an up that fails" 1 weaver bash -c 'sed "s/lan]}}/lan], sysctl: {net.ipv4.no_such: 1}}}/" a.yaml | nsloom up -q -'
check "leaves no holder" gone
check_fails "nor does a bad file" 2 nsloom_of up -q /dev/null
check "none" gone
check_fails "nor a command that is not there" 127 nsloom_of exec host no-such-command
check "none either" gone
check "plan makes none" nsloom_of plan a.yaml
check "and leaves none" gone
check_fails "but says that there is something to do" 3 nsloom_of plan --exit-code a.yaml
unchanged "nothing is left of all that" "$before"

launch_of() { weaver "$@" & job=$!; }
launch_of nsloom exec host sleep 1000
there() { pgrep -u weaver -x sleep; }
wait_for 30 there >/dev/null
nsloom_of up -q a.yaml
first=$(holder)
check "a lab goes while somebody is on the stand-in host" nsloom_of down -q a
is "the host stays for him" "$first" "$(holder)"
check "he finds the next lab there" nsloom_of up -q a.yaml
is "it is the same host" "$(readlink "/proc/$(there)/ns/net")" "$(weaver nsloom exec host readlink /proc/self/ns/net)"
pkill -u weaver -x sleep
wait $job 2>/dev/null
check "when he has gone, the last down ends it" nsloom_of down -q a
check "it has ended" gone
check "a name is something to stay for" nsloom_of ns add mine
check "the holder is there" holder
check "the name goes" nsloom_of ns del mine
check "and the holder" gone
unchanged "nothing is left of that" "$before"

for round in 1 2 3; do
	weaver nsloom up -q a.yaml &
	weaver nsloom up -q b.yaml &
	wait
	is "two begin at once, round $round: one holder" 1 "$(holder | wc -l)"
	is "both labs are up" "a b" "$(nsloom_of ls --json | sed -n 's/.*"lab": "\(.*\)",/\1/p' | xargs)"
	weaver nsloom down -q a &
	weaver nsloom down -q b &
	wait
	check "two end at once: none is left" gone
done
together() {
	local _
	for _ in 1 2 3 4 5 6; do
		weaver nsloom up -q "$1.yaml" && weaver nsloom ping -W 5 -l "$1" one two >/dev/null && weaver nsloom down -q "$1" || return
	done
}
together a &
a=$!
together b &
wait $a
status=$?
wait $!
is "labs come and go beside each other, and the host with them" "0 0" "$status $?"
check "in the end there is none" gone
unchanged "and nothing is left" "$before"

# ---- when it is killed

nsloom_of up -q a.yaml
ip link add canary type veth peer name tied netns "$(holder)"
kill -9 "$(holder)"
dead() { ! ip link show canary; }
check "killed, its namespaces are gone" wait_for 30 dead
nsloom_of ls >listed 2>&1
like "ls shows no lab" 'No lab is up' "$(cat listed)"
like "and says why" 'nsloom-holder.*was killed' "$(cat listed)"
is "once" "No lab is up." "$(nsloom_of ls 2>&1)"
unchanged "and nothing is left" "$before"
nsloom_of up -q a.yaml
kill -9 "$(holder)"
wait_for 30 gone
check "down is a success then" nsloom_of down a
unchanged "and leaves nothing" "$before"
nsloom_of up -q a.yaml
kill -9 "$(holder)"
wait_for 30 gone
out=$(nsloom_of up a.yaml 2>&1)
is "so is up" 0 $?
like "it makes all anew" 'a is up: [0-9]+ created' "$out"
like "and says what was lost" 'warning: .*was killed' "$out"
check "it works" nsloom_of ping one two
kill -TERM "$(holder)"
check "a signal ends it as well" wait_for 30 gone
check_fails "then no node can be entered" 125 nsloom_of exec a.one true
nsloom_of up -q a.yaml
kill -STOP "$(holder)"
like "one that is stopped is told of, in time" 'does not answer' "$(weaver timeout 20 nsloom ls 2>&1)"
kill -CONT "$(holder)"
check "and goes on" nsloom_of ping one two
nsloom_of down -q a

# A lab goes up and down while the holder is killed at any moment: nothing hangs, and nothing is left.
for round in 1 2 3 4 5 6; do
	weaver nsloom up -q a.yaml >/dev/null 2>&1 &
	job=$!
	sleep 0.0$((RANDOM % 10))
	pkill -9 -u weaver -x nsloom-holder
	wait $job
	check "killed midway, round $round: up" weaver timeout 20 nsloom up -q a.yaml
	check "it works" nsloom_of ping -W 5 one two
	check "down" nsloom_of down -q a
done
check "no holder is left" gone
unchanged "nor anything else" "$before"

# ---- where it is found

mkdir own
chown weaver own
XDG_RUNTIME_DIR=$PWD/own nsloom_of up -q a.yaml
check "\$XDG_RUNTIME_DIR says where" test -S own/nsloom/@host/socket
like "where it says otherwise there is another one" 'No lab' "$(nsloom_of ls)"
XDG_RUNTIME_DIR=$PWD/own nsloom_of down -q a
rmdir own
mv /run/user /run/users
exec {tmp}</tmp # the machine's: one test at a time
flock "$tmp"
XDG_RUNTIME_DIR='' nsloom_of up -q a.yaml
is "without a runtime folder it is in /tmp, the user's alone" "700 weaver" "$(stat -c '%a %U' /tmp/nsloom-$weaver_id)"
check "and is found there" weaver env -u XDG_RUNTIME_DIR nsloom ping one two
XDG_RUNTIME_DIR='' nsloom_of down -q a
check "it goes with the lab" test ! -e /tmp/nsloom-$weaver_id
flock -u "$tmp"
mv /run/users /run/user

# ---- from any folder

mkdir -p deep/er
chown -R weaver deep
cp a.yaml deep/nsloom.yaml
cd deep/er || exit
check "a file above" nsloom_of up -q
is "the folder stays" "$PWD" "$(nsloom_of exec one pwd)"
check "a relative file" weaver nsloom plan --exit-code ../nsloom.yaml
cd ../..
check "standard input" weaver sh -c 'nsloom plan --exit-code - <b.yaml; test $? = 3'
nsloom_of down -q --all
unchanged "nothing is left" "$before"
