# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Who is known in the nodes of an ordinary user: root, and with subordinate ids others too, so that daemons can drop their privileges.

# shellcheck source=tests/net/weaver.sh
. "$TESTS/weaver.sh"
ready_weaver
need setpriv

cat >nsloom.yaml <<'E'
name: ids
networks: {lan: {subnet: 10.1.0.0/24}}
nodes: {one: {networks: [lan]}}
E
inside() { weaver nsloom exec one -- "$@"; }
drops() { inside setpriv --reuid=33 --regid=33 --clear-groups id -u; }
said() { weaver nsloom doctor --json | python3 -c '
import json, sys
for f in json.load(sys.stdin)["findings"]:
    if f["id"] == sys.argv[1]: print(f["level"], f["text"], "| mend:", f.get("mend", ""))' "$1"; }
alone() { # WHAT PATTERN-OF-THE-REASON MEND COMMAND…: how nsloom is called
	local what=$1 why=$2 mend=$3
	shift 3
	like "$what: up says so" "warning: only one user is known in nodes, root \(.*$why.*nsloom doctor" "$("$@" nsloom up -q 2>&1)"
	is "$what: once" "" "$("$@" nsloom up -q 2>&1)"
	is "$what: one is root" 0 "$(inside id -u)"
	is "$what: and nobody else" "0 $weaver_id 1" "$(inside cat /proc/self/uid_map | xargs)"
	like "$what: a daemon cannot become another one" "Invalid argument" "$(drops 2>&1)"
	check "$what: the lab works" weaver nsloom ping
	like "$what: doctor says what mends it" "^warning .*$why.*mend: $mend" "$("$@" env nsloom doctor --json | python3 -c '
import json, sys
for f in json.load(sys.stdin)["findings"]:
    if f["id"] == "ids": print(f["level"], f["text"], "| mend:", f.get("mend", ""))')"
	weaver nsloom down -q
}

# ---- with subordinate ids

is "up has nothing to say" "" "$(weaver nsloom up -q 2>&1)"
is "the user is root" 0 "$(inside id -u)"
is "the others follow" "0 $weaver_id 1 1 3000000000 65536" "$(inside cat /proc/self/uid_map | xargs)"
is "so do groups" "0 $weaver_id 1 1 3000000000 65536" "$(inside cat /proc/self/gid_map | xargs)"
is "a daemon becomes another user" 33 "$(drops)"
check "a file can be another's" inside sh -c 'mkdir of && chown 33:33 of && setpriv --reuid=33 --regid=33 --clear-groups touch of/33'
is "outside it is a subordinate user's" 3000000032 "$(stat -c %u of/33)"
is "what root makes there is the user's" weaver "$(inside touch mine && stat -c %U mine)"
inside rm -r of
like "doctor is content" '^ok there are some' "$(said ids)"
check "down" weaver nsloom down -q

printf 'other:1:5\nweaver:3000000000:100\n%s:3000100000:50\nweaver:x:5\nweaver:1:\n:::\nweaver:4294967295:9\n' $weaver_id >known/subuid
check "several ranges, and lines that make no sense" weaver nsloom up -q
is "each has its place" "0 $weaver_id 1 1 3000000000 100 101 3000100000 50" "$(inside cat /proc/self/uid_map | xargs)"
weaver nsloom down -q
echo weaver:3000000000:65536 >known/subuid

# ---- without

: >known/subuid
alone "no line in /etc/subuid" 'subuid gives you none' 'sudo usermod --add-subuids .* weaver' weaver
echo weaver:3000000000:65536 >known/subuid
: >known/subgid
like "none in /etc/subgid" 'subgid gives you none' "$(weaver nsloom up -q 2>&1)"
is "then there is one group" "0 $weaver_id 1" "$(inside cat /proc/self/gid_map | xargs)"
weaver nsloom down -q
echo weaver:3000000000:65536 >known/subgid

mkdir tools
for tool in nsloom env cat id setpriv; do ln -s "$(command -v $tool)" tools/; done
alone "no newuidmap" 'newuidmap is not installed' 'sudo apt install uidmap' weaver env PATH="$PWD/tools"
printf '#!/bin/sh\necho "newuidmap: not today" >&2\nexit 1\n' >tools/newuidmap
cp tools/newuidmap tools/newgidmap
chmod 755 tools/new*
like "its own words are passed on" 'newuidmap: not today' "$(weaver env PATH="$PWD/tools" nsloom up -q 2>&1)"
check "and the lab stands" weaver nsloom ping
weaver nsloom down -q
is "no holder is left" "" "$(pgrep -u weaver)"
