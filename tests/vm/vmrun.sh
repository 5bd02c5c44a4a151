#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs a command as root under a distribution's stock kernel, in QEMU, over this
# machine's own file system. What the command writes is gone with the guest: /
# is shared read-only, and a tmpfs lies above it.
#
# usage: vmrun.sh [-s CPUS] [-m MIB] [-t SECONDS] [-v] [--] COMMAND…
#        vmrun.sh --fetch      gets the kernel from Debian's archive, into the folder below
#
# The kernel is the newest that is in $NSLOOM_VM/kernel (default: the cache folder
# of the user, nsloom-vm), unpacked as its package has it (boot/, lib/modules/),
# or else the newest that is installed on this machine with its modules.
#
# Status: the command's own; 77 when QEMU, a kernel or another tool is not here,
# said in one line; 124 when the time was over; 125 when the guest did not get
# as far as the command.
set -eu
export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

home=${NSLOOM_VM:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/nsloom-vm}
cpus=2 mem=1024 limit=200 verbose=

lacks() {
	echo "needs $1"
	exit 77
}

fetch() {
	local package folder tool
	for tool in apt-cache apt-get dpkg-deb; do
		command -v $tool >/dev/null || lacks "$tool"
	done
	package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image-[0-9]/ { print $2; exit }')
	folder=$(mktemp -d)
	mkdir -p "$home"
	(cd "$folder" && apt-get download -q "$package" >/dev/null)
	rm -rf "$home/kernel"
	dpkg-deb -x "$folder"/*.deb "$home/kernel"
	rm -rf "$folder"
	echo "$package is in $home/kernel"
}

case ${1:-} in
--fetch)
	fetch
	exit
	;;
esac
while getopts s:m:t:v option; do
	case $option in
	s) cpus=$OPTARG ;;
	m) mem=$OPTARG ;;
	t) limit=$OPTARG ;;
	v) verbose=1 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || {
	sed -n 's/^# \{0,1\}//; 4,20p' "$0" >&2
	exit 2
}

# ---- what it takes

[ "$(uname -m)" = x86_64 ] || lacks "an x86-64 machine"
for tool in qemu-system-x86_64 cpio depmod modprobe; do
	command -v $tool >/dev/null || lacks $tool
done
busybox=$(command -v busybox) || lacks busybox
! ldd "$busybox" >/dev/null 2>&1 || lacks "a busybox that is linked statically"

# Sets root and release to the newest kernel that has its modules below $1.
root='' release=''
look_in() {
	local image
	for image in $(find "$1/boot" -maxdepth 1 -name 'vmlinuz-*' 2>/dev/null | sort -V); do
		[ -d "$1/lib/modules/${image##*/vmlinuz-}" ] || continue
		[ -r "$image" ] || continue
		root=$1 release=${image##*/vmlinuz-}
	done
	[ -n "$release" ]
}
look_in "$home/kernel" || look_in "" || lacks "a kernel with its modules (tests/vm/vmrun.sh --fetch gets one)"

job=$(mktemp -d)
vm='' # the process of the machine, while there is one
trap '[ -z "$vm" ] || kill "$vm" 2>/dev/null || :; rm -rf "$job"' EXIT

# ---- the initial file system: busybox, and the modules that it takes to mount the rest

modules=$root/lib/modules
if ! [ -f "$modules/$release/modules.dep.bin" ]; then
	depmod -b "$root/" "$release"
fi
init=$job/init
mkdir -p "$init"/{bin,modules,proc,dev,lower,upper,new} "$job/out"
cp "$busybox" "$init/bin/busybox"
for applet in sh mount insmod mkdir switch_root; do
	ln -s busybox "$init/bin/$applet"
done
n=100
for wanted in virtio_pci 9pnet_virtio 9p overlay; do
	modprobe -d "$root/" -S "$release" --show-depends "$wanted" 2>/dev/null || :
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r module; do
	cp "$module" "$init/modules/$n-${module##*/}"
	n=$((n + 1))
done
find "$init/modules" -name '*.[xgz]*[zt]' -exec sh -c '
	for module; do
		case $module in
		*.xz) xz -d "$module" ;;
		*.gz) gzip -d "$module" ;;
		*.zst) zstd -q -d --rm "$module" ;;
		esac
	done' sh {} +
cat >"$init/init" <<'END'
#!/bin/sh
mount -t proc proc /proc
mount -t devtmpfs devtmpfs /dev
for module in /modules/*; do insmod $module 2>/dev/null; done
nine=trans=virtio,version=9p2000.L,msize=262144
mount -t 9p -o ro,$nine,cache=loose root /lower || echo "vmrun: no root"
mount -t tmpfs tmpfs /upper
mkdir /upper/files /upper/work
mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay /new || echo "vmrun: no overlay"
mkdir -p /new/lib/modules /new/job /new/proc /new/sys /new/dev
mount -t 9p -o ro,$nine,cache=loose modules /new/lib/modules
mount -t 9p -o rw,$nine job /new/job
mount --move /dev /new/dev
exec switch_root /new /bin/sh /job/guest
END
chmod +x "$init/init"
(cd "$init" && find . | cpio -o -H newc --quiet) >"$job/initrd"

# ---- the guest's part: what a machine has when it has booted, then the command

cat >"$job/out/guest" <<'END'
: >/job/started
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /run
mkdir -p /run/lock /dev/shm /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t devpts -o ptmxmode=666 devpts /dev/pts
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -sf /proc/self/fd /dev/fd
ip link set lo up
sh /job/command >/job/stdout 2>/job/stderr </dev/null
echo $? >/job/status
echo o >/proc/sysrq-trigger
sleep 60
END
{
	printf 'cd %q\n' "$PWD"
	printf '%q ' "$@"
} >"$job/out/command"
sed -i "1s/^/#!\/bin\/bash\n/; s/^cd .*/& || exit/" "$job/out/command"
sed -i 's|^sh /job/command|bash /job/command|' "$job/out/guest"

quiet='quiet loglevel=1'
[ -z "$verbose" ] || quiet=''
boot() { # QEMU's choice of a processor; takes the place of the shell
	exec nice timeout -k 5 "$limit" qemu-system-x86_64 -M q35 "$@" -smp "$cpus" -m "$mem" \
		-nodefaults -no-user-config -display none -no-reboot -serial stdio \
		-kernel "$root/boot/vmlinuz-$release" -initrd "$job/initrd" \
		-append "console=ttyS0 $quiet panic=-1 mitigations=off tsc=reliable random.trust_cpu=1" \
		-virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap \
		-virtfs "local,path=$modules,mount_tag=modules,security_model=none,readonly=on" \
		-virtfs "local,path=$job/out,mount_tag=job,security_model=none" \
		</dev/null >"$job/console" 2>&1
}
has_started() { # PROCESS: within some seconds
	for ((i = 0; i < 200; i++)); do
		[ ! -e "$job/out/started" ] || return 0
		kill -0 "$1" 2>/dev/null || return 1
		sleep .1
	done
	return 1
}

# KVM where it works; on some machines it is there and does not, or runs for ever without coming to anything.
status=0
if [ -w /dev/kvm ]; then
	boot -accel kvm -cpu host 2>/dev/null &
	vm=$!
	has_started "$vm" || kill "$vm" 2>/dev/null || :
	wait "$vm" || status=$?
fi
if ! [ -e "$job/out/started" ]; then
	status=0
	boot -accel tcg -cpu max &
	vm=$!
	wait "$vm" || status=$?
fi
vm=''
[ -z "$verbose" ] || cat "$job/console" >&2
[ ! -f "$job/out/stdout" ] || cat "$job/out/stdout"
[ ! -f "$job/out/stderr" ] || cat "$job/out/stderr" >&2
[ "$status" -ne 124 ] || exit 124
if [ ! -f "$job/out/status" ]; then
	tail -n 5 "$job/console" >&2
	exit 125
fi
exit "$(cat "$job/out/status")"
