# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2016 # many a script is for a shell inside
#
# What keeps an ordinary user from having labs: each is recognised, named, with what mends it; by up, and by doctor.

# shellcheck source=tests/net/weaver.sh
. "$TESTS/weaver.sh"
ready_weaver
need python3 unshare

cat >lab.yaml <<'E'
name: lab
networks: {lan: {subnet: 10.1.0.0/24, gateway: true}}
nodes: {one: {networks: [lan]}, two: {networks: [lan]}}
E
found() { # ID, of a document
	python3 -c '
import json, sys
for f in json.load(sys.stdin)["findings"]:
    if f["id"] == sys.argv[1]: print(f["level"], f["text"], "| mend:", f.get("mend", ""))' "$1"
}
# A machine that allows no user namespaces within; and that has these switches below /proc/sys/kernel.
forbidden() { # SWITCHES COMMAND…: a list of NAME=VALUE
	unshare --user --map-users=0,0,100000 --map-groups=0,0,100000 --mount bash -c '
		echo 0 >/proc/sys/user/max_user_namespaces || exit 99
		if [ -n "$1" ]; then
			mkdir -p "$HOME/kernel" && mount -t tmpfs tmpfs "$HOME/kernel"
			cp /proc/sys/kernel/{overflowuid,overflowgid} "$HOME/kernel"
			for switch in $1; do echo "${switch#*=}" >"$HOME/kernel/${switch%=*}"; done
			mount --bind "$HOME/kernel" /proc/sys/kernel
		fi
		shift
		exec setpriv --reuid=64242 --regid=64242 --clear-groups --inh-caps=-all env XDG_RUNTIME_DIR= "$@"' - "$@"
}
mkdir -p kernel
for file in known/subuid known/subgid; do echo root:0:100000 >>$file; done
[ "$(forbidden '' sh -c 'echo here')" = here ] || skip_all "no user namespaces with many users here"
before=$(snapshot)

banned() { # SWITCHES WHAT-IS-SAID MEND
	local out status=0
	out=$(forbidden "$1" nsloom up lab.yaml 2>&1) || status=$?
	is "$2: up fails" 1 $status
	like "$2: and says so" "error: .*$2" "$out"
	like "$2: and what mends it" "hint: .*$3" "$out"
	like "$2: plan too" "$2" "$(forbidden "$1" nsloom plan lab.yaml 2>&1)"
	forbidden "$1" nsloom doctor --json lab.yaml >doctor.json 2>&1
	is "$2: doctor fails" 1 $?
	like "$2: it is a finding" "^failure .*$2.*mend: .*$3" "$(found user_namespaces <doctor.json)"
	like "$2: labs are out" '^failure an ordinary user, who has no stand-in host' "$(found privileges <doctor.json)"
	check "$2: the file can be checked" forbidden "$1" nsloom check lab.yaml
	is "$2: nothing is up" "No lab is up." "$(forbidden "$1" nsloom ls)"
	check "$2: down has nothing to do" forbidden "$1" nsloom down lab
}
banned '' 'allows no user namespaces \(user.max_user_namespaces = 0\)' 'sudo sysctl -w user.max_user_namespaces='
banned 'unprivileged_userns_clone=0' 'keeps ordinary users from making user namespaces \(kernel.unprivileged_userns_clone = 0\)' \
	'sudo sysctl -w kernel.unprivileged_userns_clone=1'
banned 'apparmor_restrict_unprivileged_userns=1' \
	'AppArmor .*\(kernel.apparmor_restrict_unprivileged_userns = 1\)' 'sudo install .*/apparmor-nsloom /etc/apparmor.d/nsloom'
check_fails "a switch that does not forbid is not blamed" 1 sh -c 'grep -q AppArmor "$1"' - <(
	forbidden 'apparmor_restrict_unprivileged_userns=0' nsloom up lab.yaml 2>&1)
check "the profile that the hint names is there" test -r "$TESTS/../../share/apparmor-nsloom"
for where in "" weaver; do
	like "root, and who is not banned, has no complaint" '^(ok|info) ' "$($where nsloom doctor --json | found user_namespaces)"
done

# ---- /sys that cannot be mounted, as in some containers: nodes do without

masked() { unshare --mount sh -c 'mount -t tmpfs tmpfs /sys/firmware && exec "$@"' - "$@"; }
if [ -d /sys/firmware ] && masked true 2>/dev/null; then
	out=$(masked setpriv --reuid=weaver --regid=weaver --init-groups --inh-caps=-all env XDG_RUNTIME_DIR=/run/user/$weaver_id sh -c '
		nsloom up -q lab.yaml && nsloom exec one ip -o link show eth0 && nsloom exec one hostname && nsloom ping one two &&
		nsloom doctor --json >sys.json; nsloom down -q lab' 2>&1)
	like "a /sys that cannot be mounted: up says so" "warning: /sys in nodes shows the machine's devices, not theirs: .*not permitted" "$out"
	like "exec does without" '^one$' "$out"
	like "all else works" 'eth0.*|two \(10' "$out"
	like "doctor says so" "^warning shows the machine's devices in nodes" "$(found sys <sys.json)"
else
	skip "a /sys that cannot be mounted" "none can be made here"
fi

rm -rf kernel
rm -rf /run/mount
unchanged "nothing is left" "$before"
