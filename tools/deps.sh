#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs what building and testing nsloom needs and this machine lacks.
#
# usage: tools/deps.sh [GROUP…]      groups: build (default), test, demo, doc, ci, firewalls, engines, vm, bench, peers
#
# The group bench is for plots and throughput, peers for the tools that nsloom
# is compared with; Docker is in the group firewalls, for its package may start a
# daemon that changes those of the host.
#
# The group firewalls is for machines that serve testing only and run no
# systemd: with it, the packages would start their firewalls and daemons. The group engines
# has others that make networks of namespaces, for nsloom to find; vm what
# tests/vm/vmrun.sh starts another kernel with.
#
# What is there is left alone, whoever put it there: a thing is looked for by
# itself (a program, a pkg-config module, a header), never by its package. If
# nothing is missing, no package manager is started and no root is needed.
set -eu

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # where plain users do not look, but their tests do
export PATH

# Groups : what to look for : its package for apt : dnf : pacman : apk : zypper
# cmd=PROGRAM  pc=MODULE (pkg-config)  py=MODULE (Python)  file=PATH (or several); "-": comes with something else, or is not to be had.
table() {
	cat <<'END'
build:cmd=cc:gcc:gcc:gcc:gcc:gcc
build:file=/usr/include/stdio.h:libc6-dev:glibc-devel:glibc:musl-dev:glibc-devel
build:file=/usr/include/linux/netlink.h:linux-libc-dev:kernel-headers:linux-api-headers:linux-headers:linux-glibc-devel
build:cmd=make:make:make:make:make:make
build:cmd=meson:meson:meson:meson:meson:meson
build:cmd=ninja:ninja-build:ninja-build:ninja:samurai:ninja
build:cmd=pkg-config:pkg-config:pkgconf-pkg-config:pkgconf:pkgconf:pkg-config
build:pc=libfyaml:libfyaml-dev:libfyaml-devel:libfyaml:libfyaml-dev:libfyaml-devel
build:pc=libmnl:libmnl-dev:libmnl-devel:libmnl:libmnl-dev:libmnl-devel
build:pc=libnftnl:libnftnl-dev:libnftnl-devel:libnftnl:libnftnl-dev:libnftnl-devel
build:pc=jansson:libjansson-dev:jansson-devel:jansson:jansson-dev:libjansson-devel
test:pc=cmocka:libcmocka-dev:libcmocka-devel:cmocka:cmocka-dev:libcmocka-devel
test:cmd=python3:python3:python3:python:python3:python3
test:cmd=bash:bash:bash:bash:bash:bash
test:cmd=nm:binutils:binutils:binutils:binutils:binutils
test demo:cmd=ip:iproute2:iproute:iproute2:iproute2:iproute2
test demo:cmd=nft:nftables:nftables:nftables:nftables:nftables
test demo:cmd=ping:iputils-ping:iputils:iputils:iputils:iputils
test:cmd=iptables:iptables:iptables-nft:iptables:iptables:iptables
test:cmd=ps:procps:procps-ng:procps-ng:procps:procps
test demo:cmd=unshare:util-linux:util-linux:util-linux:util-linux:util-linux
test:cmd=dot:graphviz:graphviz:graphviz:graphviz:graphviz
test:cmd=setpriv:util-linux:util-linux:util-linux:setpriv:util-linux
test:cmd=newuidmap:uidmap:shadow-utils:shadow:shadow-subids:shadow
test:cmd=pasta:passt:passt:passt:passt:passt
test:cmd=slirp4netns:slirp4netns:slirp4netns:slirp4netns:slirp4netns:slirp4netns
test:cmd=getcap:libcap2-bin:libcap:libcap:libcap-utils:libcap-progs
doc:cmd=scdoc:scdoc:scdoc:scdoc:scdoc:scdoc
ci:cmd=groff:groff-base:groff-base:groff:groff:groff
ci:cmd=mandoc:mandoc:-:mandoc:mandoc:mandoc
ci:cmd=shellcheck:shellcheck:ShellCheck:shellcheck:shellcheck:ShellCheck
ci:cmd=zsh:zsh:zsh:zsh:zsh:zsh
ci:cmd=fish:fish:fish:fish:fish:fish
ci:file=/usr/share/bash-completion/bash_completion:bash-completion:bash-completion:bash-completion:bash-completion:bash-completion
ci:cmd=sudo:sudo:sudo:sudo:sudo:sudo
ci:cmd=jq:jq:jq:jq:jq:jq
ci:cmd=curl:curl:curl:curl:curl:curl
ci:py=jsonschema:python3-jsonschema:python3-jsonschema:python-jsonschema:py3-jsonschema:python3-jsonschema
ci:py=yaml:python3-yaml:python3-pyyaml:python-yaml:py3-yaml:python3-PyYAML
ci:cmd=clang:clang:clang:clang:clang:clang
ci:cmd=clang-tidy:clang-tidy:clang-tools-extra:clang:clang-extra-tools:clang-tools
ci:cmd=run-clang-tidy:clang-tidy:clang-tools-extra:clang:clang-extra-tools:clang-tools
ci:cmd=clang-format:clang-format:clang-tools-extra:clang:clang-extra-tools:clang-tools
ci:asan=clang:libclang-rt-dev:compiler-rt:compiler-rt:compiler-rt:clang
ci:asan=cc:-:libasan libubsan:-:-:-
firewalls:cmd=ufw:ufw:ufw:ufw:ufw:-
firewalls:cmd=firewalld:firewalld:firewalld:firewalld:firewalld:firewalld
firewalls:cmd=dockerd:docker.io:moby-engine:docker:docker:docker
firewalls:cmd=dbus-daemon:dbus:dbus-daemon:dbus:dbus:dbus-1
firewalls:cmd=udevadm:udev:systemd-udev:systemd:eudev:udev
firewalls:cmd=NetworkManager:network-manager:NetworkManager:networkmanager:networkmanager:NetworkManager
firewalls:file=/lib/systemd/systemd-networkd /usr/lib/systemd/systemd-networkd:systemd:systemd-networkd:systemd:-:systemd-networkd
engines peers:cmd=mn:mininet:-:-:-:-
engines peers:cmd=brctl:bridge-utils:bridge-utils:bridge-utils:bridge-utils:bridge-utils
engines:cmd=podman:podman:podman:podman:podman:podman
engines:cmd=crun:crun:crun:crun:crun:crun
engines peers:file=/usr/lib/podman/netavark /usr/libexec/podman/netavark:netavark:netavark:netavark:netavark:netavark
peers:file=/usr/lib/cni/bridge /opt/cni/bin/bridge /usr/libexec/cni/bridge:containernetworking-plugins:containernetworking-plugins:cni-plugins:cni-plugins:cni-plugins
vm:cmd=qemu-system-x86_64:qemu-system-x86:qemu-system-x86-core:qemu-system-x86:qemu-system-x86_64:qemu-x86
vm:cmd=busybox:busybox-static:busybox:busybox:busybox-static:busybox-static
vm:cmd=cpio:cpio:cpio:cpio:cpio:cpio
vm:cmd=modprobe:kmod:kmod:kmod:kmod:kmod
vm:file=/lib/systemd/systemd /usr/lib/systemd/systemd:systemd:systemd:systemd:-:systemd
bench:cmd=iperf3:iperf3:iperf3:iperf3:iperf3:iperf
bench:py=matplotlib:python3-matplotlib:python3-matplotlib:python-matplotlib:py3-matplotlib:python3-matplotlib
END
}

manager() {
	for m in apt-get dnf pacman apk zypper; do
		if command -v "$m" >/dev/null 2>&1; then
			echo "$m"
			return
		fi
	done
}

# Whether a compiler can link a program with the address sanitizer. A compiler that is not there comes first.
asan_works() {
	command -v "$1" >/dev/null 2>&1 &&
		echo 'int main(void) { return 0; }' | "$1" -fsanitize=address,undefined -x c -o /dev/null - 2>/dev/null
}

any_file() {
	for f; do
		[ ! -e "$f" ] || return 0
	done
	return 1
}

# A Python module: for the system's own Python, or the one that is found first.
has_module() {
	for python in /usr/bin/python3 python3; do
		"$python" -c "import $1" 2>/dev/null && return
	done
	return 1
}

is_there() {
	case $1 in
	cmd=*) command -v "${1#cmd=}" >/dev/null 2>&1 ;;
	pc=*) pkg-config --exists "${1#pc=}" 2>/dev/null ;;
	file=*)
		# shellcheck disable=SC2086 # it may lie in several places
		any_file ${1#file=}
		;;
	py=*) has_module "${1#py=}" ;;
	asan=*) asan_works "${1#asan=}" ;;
	esac
}

# What of these groups is missing, one package (or, without a package manager that we know, the thing itself) a line.
missing() {
	table | while IFS=: read -r groups what apt dnf pacman apk zypper; do
		for g in $groups; do
			case " $WANTED " in
			*" $g "*) ;;
			*) continue ;;
			esac
			is_there "$what" && break
			case $MANAGER in
			apt-get) p=$apt ;;
			dnf) p=$dnf ;;
			pacman) p=$pacman ;;
			apk) p=$apk ;;
			zypper) p=$zypper ;;
			*) p=${what#*=} ;;
			esac
			# shellcheck disable=SC2086 # there may be several
			[ "$p" = - ] || printf '%s\n' $p
			break
		done
	done | sort -u
}

# Debian's packages start what they install; where no init system runs they would do it by hand.
keep_daemons_down() {
	if [ -d /run/systemd/system ] || [ -e /usr/sbin/policy-rc.d ]; then
		return
	fi
	trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
}

install_packages() {
	case $MANAGER in
	apt-get)
		export DEBIAN_FRONTEND=noninteractive
		keep_daemons_down
		apt-get -o DPkg::Lock::Timeout=300 update
		apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
		;;
	dnf) dnf install -y "$@" ;;
	pacman) pacman -Sy --needed --noconfirm "$@" ;;
	apk) apk add "$@" ;;
	zypper) zypper --non-interactive install "$@" ;;
	esac </dev/null
}

WANTED=${*:-build}
MANAGER=$(manager)
packages=$(missing | tr '\n' ' ')
packages=${packages% }
[ -n "$packages" ] || exit 0

if [ -z "$MANAGER" ]; then
	echo "nsloom needs these, and I know no package manager here: $packages" >&2
	exit 1
fi
if [ "$(id -u)" -ne 0 ]; then
	echo "nsloom needs these packages: $packages" >&2
	echo "Install them, or let me do it:  sudo make deps" >&2
	exit 1
fi
echo "Installing: $packages"
# shellcheck disable=SC2086 # a list
install_packages $packages
left=$(missing | tr '\n' ' ')
if [ -n "$left" ]; then
	echo "still missing after the installation: $left" >&2
	exit 1
fi
