# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# map: an ordinary user's labs, as he sees them and as root does.

# shellcheck source=tests/net/weaver.sh
. "$TESTS/weaver.sh"
ready_weaver
need python3
export LC_ALL=C.UTF-8

cat >a.yaml <<-E
	name: a
	networks: {lan: {subnet: 10.1.0.0/24, gateway: true}}
	nodes: {one: {networks: [lan]}, two: {networks: [lan]}}
E
cat >nsloom.yaml <<-E
	name: here
	nodes: {alone: }
E
drawing='a: 3 namespaces, 1 switch, 2 cables
┌─────────────────────────────────┐
│ host  lan   10.1.0.1/24  bridge ╞═╗
│ one   eth0  10.1.0.2/24         ├─╢ a.one.eth0
│ two   eth0  10.1.0.3/24         ├─╜ a.two.eth0
└─────────────────────────────────┘'
drawn() { "$@" 2>/dev/null; }

like "before it is up" '^a is not up' "$(drawn nsloom_of map a.yaml)"
check "up" nsloom_of up -q a.yaml
is "a lab" "$drawing" "$(drawn nsloom_of map a)"
is "by its file" "$drawing" "$(drawn nsloom_of map a.yaml)"
like "all that is the user's" '^│ a\.two +eth0 +10\.1\.0\.3/24 ' "$(drawn nsloom_of map)"
is "as other commands see it" "$(nsloom_of ns ls --json | grep -c '"inode"')" "$(nsloom_of map --json | grep -c '"inode"')"
is "the file that lies here is not meant by itself" "" "$(nsloom_of map 2>&1 | grep here)"
check "into a file" nsloom_of map -o map.dot
is "which is the user's" weaver "$(stat -c %U map.dot)"
like "root sees it beside the rest" '┄ pid:[0-9]+ ┄+ nsloom-holder' "$(drawn nsloom map)"
like "with its nodes" '^│ a\.one +eth0 +10\.1\.0\.2/24 ' "$(drawn nsloom map)"
nsloom_of map a --watch --json >lines 2>lines.err &
watch=$!
enough() { [ "$(wc -l <lines)" -ge "$1" ]; }
wait_for 30 enough 1
check "the MTU changes" nsloom_of exec -l a one -- ip link set eth0 mtu 1400
check "and it is seen" wait_for 30 enough 2
kill -TERM $watch
wait $watch
check "down" nsloom_of down -q a
