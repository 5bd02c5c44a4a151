#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Net tests under a distribution's stock kernel: one boot, one test after the other, one stream of TAP. What needs modules
# that the machine's own kernel may lack stands here; the rest shows that nsloom works on that kernel too.
#
# usage: run.sh NSLOOM [TEST.sh…]
set -u
here=$(cd "$(dirname "$0")" && pwd)
net=$here/../net
nsloom=$(realpath "$1")
shift
[ $# -gt 0 ] || set -- "$here/bridged.sh" "$here/flows.sh" "$here/kinds.sh" "$here/large.sh" "$here/legacy.sh" \
	"$here/limits.sh" "$here/map.sh"

[ "$(id -u)" -eq 0 ] || {
	echo "1..0 # SKIP needs root"
	exit 0
}

# shellcheck disable=SC2016 # for the guest's shell
out=$("$here/vmrun.sh" -t "${NSLOOM_VM_SECONDS:-840}" -- bash -c '
	harness=$1 nsloom=$2
	shift 2
	touch /dev/shm/first && mount --bind /proc/self/ns/net /dev/shm/first && export FIRST_NETNS=/dev/shm/first
	for module in nf_tables nft_masq nft_ct nft_reject_inet bridge veth; do modprobe $module; done
	for test; do
		echo "# under $(uname -r): ${test##*/}"
		"$harness" "$test" "$nsloom" | sed -u "s/^\(not \)\{0,1\}ok [0-9]* -/& ${test##*/}:/; s/^1\.\.[0-9]*$/# end/"
	done' run "$net/harness.sh" "$nsloom" "$@" 2>&1)
status=$?
if [ $status -eq 77 ]; then
	echo "1..0 # SKIP $out"
	exit 0
fi

# A test that is skipped as a whole counts as one; one that came to no end has failed.
printf '%s\n' "$out" | awk -v wanted=$# -v status=$status '
	/^(not )?ok [0-9]+ -/ {
		n++
		bad += /^not/
		sub(/ok [0-9]+/, "ok " n)
	}
	/^# end$/ { ended++; next }
	/^1\.\.0 # SKIP/ {
		ended++
		sub(/^1\.\.0 /, "")
		$0 = "ok " ++n " - " title " " $0
	}
	/^# under/ { title = $NF }
	!/^((not )?ok [0-9]|#)/ { $0 = "# " $0 }
	{ print }
	END {
		if (status || ended != wanted) {
			print "not ok " ++n " - the guest ran every test to its end (status " status ")"
			bad++
		}
		print "1.." n
		exit bad > 0
	}'
