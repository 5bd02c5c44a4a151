# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Labs without root under a distribution's kernel: its own switches that forbid them, Landlock around the holder, and a user's
# systemd, whose unit the holder is.

# shellcheck source=tests/net/weaver.sh
. "$TESTS/weaver.sh"
[ ! -e /proc/sys/kernel/unprivileged_userns_clone ] || sysctl -qw kernel.unprivileged_userns_clone=1
ready_weaver
need pgrep

cat >lab.yaml <<'E'
name: lab
networks: {lan: {subnet: 10.1.0.0/24, gateway: true}}
nodes: {one: {networks: [lan]}, two: {networks: [lan]}}
E
holder() { pgrep -u weaver -x nsloom-holder; }
gone() { ! holder; }

check "up" nsloom_of up -q lab.yaml
check "it works" nsloom_of ping one two
check "a second plan is empty" nsloom_of plan --exit-code lab.yaml
check "down" nsloom_of down -q lab
check "the holder has gone" wait_for 10 gone

# ---- switches

forbidden() { # KEY WHAT: it is 0
	local was out status=0
	was=$(sysctl -n "$1" 2>/dev/null) || {
		skip "$1" "this kernel has none"
		return
	}
	sysctl -qw "$1=0"
	out=$(nsloom_of up -q lab.yaml 2>&1) || status=$?
	is "$1: up fails" 1 $status
	like "$1: and says so" "error: .*$2 \($1 = 0\)" "$out"
	like "$1: and what mends it" "hint: sudo sysctl -w $1=" "$out"
	like "$1: doctor too" "$2 \($1 = 0\)" "$(nsloom_of doctor 2>&1)"
	sysctl -qw "$1=$was"
	check "$1: without it: up" nsloom_of up -q lab.yaml
	nsloom_of down -q lab
}
forbidden kernel.unprivileged_userns_clone 'the kernel keeps ordinary users from making user namespaces'
forbidden user.max_user_namespaces 'this system allows no user namespaces'
if [ -e /proc/sys/kernel/apparmor_restrict_unprivileged_userns ]; then
	sysctl -qw kernel.apparmor_restrict_unprivileged_userns=1
	like "AppArmor's ban" 'AppArmor keeps programs' "$(nsloom_of up -q lab.yaml 2>&1)"
	sysctl -qw kernel.apparmor_restrict_unprivileged_userns=0
else
	skip "AppArmor's ban" "this kernel's AppArmor cannot forbid user namespaces"
fi

# ---- Landlock

confine=$(dirname "$(readlink -f "$NSLOOM")")/tests/unit/test_standin_confine
mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
if [ ! -x "$confine" ]; then
	skip "Landlock" "the unit tests are not built"
elif ! grep -q landlock /sys/kernel/security/lsm; then
	skip "Landlock" "this kernel has none"
else
	like "Landlock: no file is within reach of a confined process" '^ok [0-9]+ - files_are_out_of_reach$' \
		"$(CMOCKA_MESSAGE_OUTPUT=TAP "$confine" 2>&1)"
fi

# ---- a session that ends, and a user's systemd that stays

systemd=$(find /lib/systemd/systemd /usr/lib/systemd/systemd 2>/dev/null | head -1)
group=/sys/fs/cgroup/weaver
mount -t cgroup2 cgroup2 /sys/fs/cgroup # above what the harness has covered
if [ -z "$systemd" ] || ! mkdir -p $group/session $group/manager || [ ! -e $group/cgroup.kill ]; then
	skip "a user's systemd" "there is none here"
	exit
fi
mkdir -p /run/systemd/system # as where systemd is the first process
chown -R weaver $group
runtime=/run/user/$weaver_id
in_group() { # NAME COMMAND…
	local name=$1
	shift
	# shellcheck disable=SC2016 # for the shell that is started
	bash -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$group/$name" "$@"
}
in_group manager setpriv --reuid=weaver --regid=weaver --init-groups --inh-caps=-all env HOME="$PWD" \
	XDG_RUNTIME_DIR=$runtime "$systemd" --user >manager.log 2>&1 &
wait_for 60 test -S $runtime/systemd/private || note "$(tail -5 manager.log)"
session() {
	in_group session setpriv --reuid=weaver --regid=weaver --init-groups --inh-caps=-all env HOME="$PWD" USER=weaver \
		LOGNAME=weaver XDG_RUNTIME_DIR=$runtime NSLOOM_WAY_OUT=none "$@"
}
{ session sleep 1000 & } 2>/dev/null
check "up in a session" session nsloom up -q lab.yaml
in_unit() { grep -q "/manager/.*nsloom-host-$(holder).scope" "/proc/$(holder)/cgroup"; }
check "the holder is a unit of its own" wait_for 20 in_unit || note "$(cat "/proc/$(holder)/cgroup" && tail -5 manager.log)"
echo 1 >$group/session/cgroup.kill
empty() { [ -z "$(cat $group/session/cgroup.procs)" ]; }
check "the session ends, with all that is in it" wait_for 10 empty
check "the lab is there" session nsloom ping one two
check "nothing is left to do" session nsloom plan --exit-code lab.yaml
check "down" session nsloom down -q lab
no_unit() { [ -z "$(find $group -name 'nsloom-*')" ]; }
check "its unit has gone" wait_for 20 no_unit

check "up again" session nsloom up -q lab.yaml
check "a unit again" wait_for 20 in_unit
pkill -u weaver -x systemd
check "the manager ends, as after the last logout without lingering: so does the holder" wait_for 20 gone
like "which is told" 'nsloom-holder.*was killed' "$(session nsloom ls 2>&1)"
