# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# --trace shows what is done, as commands, with its time and the kernel's answer; and changes nothing of what is done.

need nft python3

cat >lab.yaml <<'EOF'
name: lab
networks:
  lan: {subnet: 10.1.0.0/24, nat: true}
nodes:
  one: {networks: [lan]}
  two: {networks: [lan], sysctl: {net.ipv4.ip_default_ttl: 77}}
EOF

commands() { # of a document
	python3 -c 'import json, sys; print("".join(t["commands"] for t in json.load(sys.stdin)["trace"]))' | plain
}
untimed() {
	python3 -c 'import json, sys; print(sum("ns" not in t for t in json.load(sys.stdin)["trace"]))'
}
plain() { # without what the two forms write in their own ways
	# shellcheck disable=SC2016 # sed's own
	sed -E 's/ (proto 110|\$mark)$//; /^(#|$|set -e|mark=|case )/d' | one_by_one | sort
}
one_by_one() { # sysctls that stand in one command
	awk '/sysctl -q -w/ { c = $0; sub(/-w .*/, "-w", c); more = /\\$/; sub(/ \\$/, ""); print; next }
		more { more = /\\$/; sub(/^[ \t]+/, ""); sub(/ \\$/, ""); print c " " $0; next }
		{ print }'
}

before=$(snapshot)
nsloom plan --as sh lab.yaml >script
check "up --trace" nsloom up --json --trace lab.yaml
nsloom down lab.yaml >/dev/null
nsloom up --json --trace lab.yaml >up.json
same_text "up --trace shows the commands of the script" "$(plain <script)" "$(commands <up.json)"
check "nothing is left to do" nsloom plan --exit-code lab.yaml
is "each has its time" 0 "$(untimed <up.json)"

out=$(nsloom up --trace lab.yaml)
is "there is nothing to show when nothing is done" "lab is up to date" "$out"

sed -i 's/77/999/' lab.yaml
out=$(nsloom up --trace lab.yaml 2>&1)
like "a refusal is shown with the command" 'ms  ip netns exec lab.two sysctl .*=999' "$out"
like "in the kernel's words" '^ +refused: Invalid argument' "$out"
sed -i 's/999/77/' lab.yaml
check "and what was before stands" nsloom plan --exit-code lab.yaml

out=$(nsloom down --trace lab.yaml)
like "down shows its commands too" 'ms  ip link delete group ' "$out"
like "what went with another has no time" '^ {13}ip netns delete lab.two' "$out"
unchanged "nothing is left" "$before"
