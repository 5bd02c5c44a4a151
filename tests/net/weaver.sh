# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# An ordinary user for a test, known to this machine of the test's only.
#
#   make_weaver FOLDER          there is the user weaver, who has subordinate ids and a runtime folder, and owns the folder, where
#                               the files are that say so
#   weaver COMMAND…             runs it as that user, without privileges
#   ready_weaver                skip_all where the system has not what it takes; makes the user, and $PWD/bin/nsloom that he may run
#   nsloom_of COMMAND…          weaver nsloom COMMAND…

weaver_id=64242

make_weaver() {
	local folder=$1 file
	mkdir -p "$folder/known"
	{ getent passwd | grep -v '^weaver:'; echo "weaver:x:$weaver_id:$weaver_id::$folder:/bin/bash"; } >"$folder/known/passwd"
	{ getent group | grep -v '^weaver:'; echo "weaver:x:$weaver_id:"; } >"$folder/known/group"
	echo "weaver:3000000000:65536" | tee "$folder/known/subuid" >"$folder/known/subgid"
	for file in passwd group subuid subgid; do
		[ -e /etc/$file ] || : >/etc/$file
		mount --bind "$folder/known/$file" /etc/$file
	done
	mkdir -p /run/user/$weaver_id
	chmod 700 /run/user/$weaver_id
	chown $weaver_id:$weaver_id /run/user/$weaver_id "$folder"
	rm -rf /run/mount # of mount's own
}

weaver() {
	setpriv --reuid=weaver --regid=weaver --init-groups --inh-caps=-all env HOME="$PWD" USER=weaver LOGNAME=weaver \
		XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR-/run/user/$weaver_id}" "$@"
}

ready_weaver() {
	local why
	of_the_machine "it looks at a user from outside"
	need setpriv getent newuidmap
	why=$(setpriv --reuid=64242 --regid=64242 --clear-groups --inh-caps=-all unshare --user --net --mount true 2>&1) ||
		skip_all "no user namespaces without root here: $why"
	make_weaver "$PWD"
	chmod 755 .
	mkdir bin
	cp "$NSLOOM" bin/nsloom
	PATH=$PWD/bin:$(tr : '\n' <<<"$PATH" | grep -v '^/root\b' | paste -sd :)
	export NSLOOM_WAY_OUT=none
}

nsloom_of() { weaver nsloom "$@"; }

# The machine's network: beyond up0 lies `outside`, which is its way out too; and it has a /dev/net/tun that users may open, and that
# is this test's alone.
ready_network() {
	need ip pasta python3 nft
	make_outside
	ip -6 addr add fe80::1/64 dev up0 nodad # as any device has
	ip route add default via 203.0.113.2
	ip -6 route add default via 2001:db8:ff::2
	echo "0 4294967294" >/proc/sys/net/ipv4/ping_group_range
	mkdir -p dev
	mount -t tmpfs -o mode=755 tmpfs dev
	mknod -m 666 dev/tun c 10 200
	[ -e /dev/net/tun ] || { mkdir -p /dev/net && : >/dev/net/tun; }
	mount --bind dev/tun /dev/net/tun
	weaver sh -c ': <>/dev/net/tun' 2>/dev/null || skip_all "no tun here"
	rm -rf /run/mount
	unset NSLOOM_WAY_OUT
}
