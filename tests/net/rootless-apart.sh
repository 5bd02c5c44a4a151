# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Labs of root, of a user, of another user, and those that have a stand-in host of their own: each is seen where it may be seen, and
# none is taken for another.

# shellcheck source=tests/net/weaver.sh
. "$TESTS/weaver.sh"
ready_weaver
need python3 pgrep

lab() { # NAME [BYTE]
	printf 'name: %s\nnetworks: {lan: {subnet: 10.%s.0.0/24, gateway: true}}\nnodes: {one: {networks: [lan]}, two: {networks: [lan]}}\n' \
		"$1" "${2:-1}"
}
mkdir roots users others
lab same >roots/nsloom.yaml
lab same 2 >users/nsloom.yaml
lab shy 3 >others/nsloom.yaml
chown weaver users
chmod 755 roots users others
listed() { # of JSON: LAB FILE'S-FOLDER USER ISOLATED, a line each
	python3 -c '
import json, os, sys
for l in json.load(sys.stdin)["labs"]:
    print(l["lab"], os.path.basename(os.path.dirname(l.get("file", "/?/"))), l.get("user", "-"), l["isolated"])'
}
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all env -u XDG_RUNTIME_DIR "$@"; }
before=$(snapshot)

# ---- one name, two labs

(cd roots && nsloom up -q)
with_root=$(settle; snapshot)
(cd users && nsloom_of up -q)
is "root's ls" "same roots - False
same users weaver False" "$(nsloom ls --json | listed)"
is "the user's ls" "same users - False
same roots root False" "$(nsloom_of ls --json | listed)"
like "marked for people too" '^same .* weaver +.*users' "$(nsloom ls)"
like "and for the user" '^same .* root +.*roots' "$(nsloom_of ls)"
is "each shows his own" "10.1.0.1/24 10.2.0.1/24" "$(
	{ nsloom show same --json; nsloom_of show same --json; } | sed -n 's/.*"gateway": "\(.*\)",/\1/p' | sed 's,$,/24,' | xargs)"
is "each enters his own" "10.1.0.2 10.2.0.2" "$(
	for who in "" weaver; do $who nsloom exec same.one ip -4 -o addr show eth0 | grep -o '10\.[0-9.]*' | head -1; done | xargs)"
is "each pings his own" "10.1.0.3 10.2.0.3" "$(for who in "" weaver; do $who nsloom ping same.one two | grep -o '10\.[.0-9]*'; done | xargs)"
check "the user's goes" nsloom_of down -q same
same_text "root's is as it was" "$with_root" "$(settle; snapshot)"
check "taking down what is not his does nothing" nsloom_of down same
like "and says so" 'not up' "$(nsloom_of down same)"
nsloom_of down -q --all
check_fails "nor can the user enter it" 125 nsloom_of exec same.one true
check_fails "or ping from it" 1 nsloom_of ping -l same one two
like "show has the file only" 'is not up' "$(cd roots && nsloom_of show)"
same_text "root's is as it was" "$with_root" "$(settle; snapshot)"
(cd users && nsloom_of up -q)
check "root's goes" nsloom down -q same
check "the user's stays" nsloom_of ping -l same one two
is "root's ls" "same users weaver False" "$(nsloom ls --json | listed)"
check "root cannot take it down by accident" nsloom down -q --all
check "it works still" nsloom_of ping -l same one two
check_fails "root does not enter it by its name" 125 nsloom exec same.one true
is "nor complete it" "" "$(nsloom __complete -- down '' | grep same)"

# ---- another user

check "another user has his own" nobody nsloom up -q others/nsloom.yaml
is "root sees all, whose they are" "same users weaver False
shy others nobody False" "$(nsloom ls --json | listed | sort)"
is "a user sees nobody else's" "shy others - False" "$(nobody nsloom ls --json | listed)"
check_fails "nor enters it" 125 nobody nsloom exec same.one true
check_fails "not even by the holder's folder" 1 nobody env XDG_RUNTIME_DIR=/run/user/$weaver_id nsloom ping -l same one two
check "and it works" nobody nsloom ping one two
nobody nsloom down -q shy
nsloom_of down -q same
unchanged "nothing is left of all this" "$before"

# ---- with a stand-in host of one's own

for name in a b c; do lab $name >$name.yaml; done
holders() { pgrep -u weaver -a nsloom-holder | cut -d ' ' -f 3 | sort | xargs; }
check "isolated" nsloom_of up -q --isolated a.yaml
check "on the shared one" nsloom_of up -q b.yaml
check "isolated as well, with the same network" nsloom_of up -q --isolated c.yaml
is "each has its holder" "@host a c" "$(holders)"
is "ls marks them" "a True
b False
c True" "$(nsloom_of ls --json | listed | cut -d ' ' -f 1,4)"
for name in a b c; do
	check "$name: by its file" nsloom_of ping -f $name.yaml one two
	check "$name: by its name" nsloom_of ping -l $name one two
	is "$name: LAB.NODE" $name "$(nsloom_of exec $name.one printenv NSLOOM_LAB)"
	check "$name: nothing is left to do" nsloom_of plan --exit-code $name.yaml
	check "$name: up again" nsloom_of up -q $name.yaml
done
is "none has moved" "@host a c" "$(holders)"
like "without a name it is not clear which is meant" '3 labs are up' "$(nsloom_of exec one true 2>&1)"
check_fails "a lab does not move to a host of its own" 1 nsloom_of up --isolated b.yaml
is "hosts are different" 3 "$(for name in a b c; do nsloom_of -l $name exec $name.one readlink /proc/self/ns/user; done | sort -u | wc -l)"
is "ns ls is about one" 1 "$(nsloom_of -l a ns ls --json | grep -c '"node": "one"')"
check "down" nsloom_of down -q a.yaml
is "ends that one" "@host c" "$(holders)"
is "root sees them" "b weaver False
c weaver True" "$(nsloom ls --json | listed | cut -d ' ' -f 1,3,4)"
kill -9 "$(pgrep -u weaver -f 'nsloom-holder c')"
like "one that is killed is told of" 'was killed' "$(nsloom_of ls 2>&1)"
check "the other works" nsloom_of ping -l b one two
nsloom_of up -q --isolated a.yaml
sed -i 's/^name: a/name: renamed/' a.yaml
check "renamed, it stays where it is" nsloom_of up -q a.yaml
is "under its old host" "@host a" "$(holders)"
check "found by its new name" nsloom_of exec renamed.one true
like "down --all is one document" '^\{"labs":\[\{"lab":"renamed",.*\{"lab":"b",[^[]*\[\]\}\]\}$' "$(nsloom_of down --all --json | tr -d ' \n')"
is "all have gone" "" "$(holders)"
unchanged "nothing is left" "$before"
