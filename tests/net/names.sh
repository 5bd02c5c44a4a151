# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Names: as long and as odd as they may be, and where a file is found.

need ping

before=$(snapshot)
long=n23456789-123456789-123456789-123456789-123456789-123456789-123 # 63
lab=l23456789_123456789_123456789_123456789_123456789_123456789_123

cat >lab.yaml <<EOF
name: $lab
networks:
  a-network-with-a-long-name: {subnet: 10.1.0.0/24, gateway: 10.1.0.254}
  another-network-with-a-long-name: {subnet: 10.2.0.0/24, gateway: 10.2.0.254, device: short0}
  $long: {subnet: 10.3.0.0/24}
  all: {subnet: 10.4.0.0/24}
nodes:
  $long: {networks: [a-network-with-a-long-name, another-network-with-a-long-name, $long, all]}
  all: {networks: [a-network-with-a-long-name, another-network-with-a-long-name, $long, all]}
  lo: {networks: {a-network-with-a-long-name: {interface: exactly15bytes_}}}
  default: {networks: [a-network-with-a-long-name]}
  "007": {networks: [a-network-with-a-long-name]}
  "1e3": {networks: [a-network-with-a-long-name]}
links:
  - ["007", "1e3"]
  - [lo:all0, default:default0]
EOF
check "long and odd names" nsloom up --quiet lab.yaml
is "a second up finds nothing to do" "$lab is up to date" "$(nsloom up lab.yaml)"
check "they answer" nsloom ping -W 5 -l $lab lo 007
like "ip netns has the whole name" "^$lab\.$long" "$(ip netns list)"
check "a bridge is found by its long name" ip link show $lab.a-network-with-a-long-name
like "its own fits" '^[0-9]+: [^:]{1,15}: ' "$(ip -o link show $lab.a-network-with-a-long-name)"
like "device: names it" '^[0-9]+: short0: ' "$(ip -o link show short0)"
like "and the ports are known by node and interface" 'altname .*007' "$(ip link | grep altname)"
check "exec in the longest" nsloom exec $lab.$long -- true
is "its host name is whole" $long "$(nsloom exec $lab.$long -- hostname)"
is "a node may be called by a number" 007 "$(nsloom exec $lab.007 -- hostname)"
check "ping by name" nsloom exec $lab.all -- ping -c1 -W2 $long
check "down" nsloom down $lab
unchanged "as before" "$before"

check_fails "an interface of 16 bytes is refused" 2 nsloom check - <<<'nodes: {a: {networks: {n: {interface: sixteen-bytes-xx}}}}
networks: {n: {subnet: 10.0.0.0/24}}
name: x'
check_fails "a name of 64 bytes too" 2 nsloom check - <<<"name: x${long}"
for name in a.b ../x 'a b' host .a -a ''; do
	check_fails "a node named \"$name\" too" 2 nsloom check - <<<"{name: x, nodes: {'$name': }}"
done

# ---- the name of a lab is its folder's, unless the file says another

body='nodes: {a: , b: }
links: [{endpoints: [a, b], subnet: 10.0.0.0/24}]'
mkdir -p "Täst – Lab.v2/below/that" plain
echo "$body" >"Täst – Lab.v2/nsloom.yaml"
echo "$body" >plain/nsloom.yaml
(
	cd "Täst – Lab.v2/below/that" || exit
	nsloom up --quiet
) || result 1 "up in a folder below the file's"
name=$(basename "$(find /run/nsloom -mindepth 1 -maxdepth 1 -type d)")
like "a folder's name is made to fit" '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$' "$name"
like "and known again" 'T.*st.*Lab.*v2' "$name"
check "it works" nsloom ping -W 5 -l "$name"
(cd "Täst – Lab.v2" && nsloom down --quiet)
unchanged "and goes" "$before"
(cd plain && nsloom up --quiet)
like "a plain one is taken as it is" '^plain\.a' "$(ip netns list)"
nsloom down --quiet plain

# ---- where the file comes from

check "from standard input" nsloom up --quiet - <<<"name: piped
$body"
check "it works" nsloom ping -W 5 -l piped
like "ls shows it" piped "$(nsloom ls)"
is "up from standard input again finds nothing to do" "piped is up to date" "$(nsloom up - <<<"name: piped
$body")"
check "down by name" nsloom down piped
check "from a pipe" bash -c "echo '{\"name\": \"piped\", \"nodes\": {\"a\": null}}' | nsloom up --quiet -"
check "down from standard input" nsloom down - <<<'name: piped'
unchanged "as before" "$before"

cat >lab.json <<'EOF'
{
	"name": "json",
	"networks": {"lan": {"subnet": ["10.0.0.0/24", "fd00::/64"]}},
	"nodes": {"a": {"networks": ["lan"]}, "b": {"networks": {"lan": "10.0.0.7"}}},
	"links": [["a", "b"]]
}
EOF
check "JSON is a topology file too" nsloom up --quiet lab.json
check "it works" nsloom ping -W 5 -l json
check "down" nsloom down lab.json

mkdir json
cp lab.json json/nsloom.json
(cd json && nsloom up --quiet) || result 1 "nsloom.json is found"
check "nsloom.json is found" ip netns exec json.a true
(cd json && nsloom down --quiet)

ln -s "$PWD/plain/nsloom.yaml" link.yaml
mkfifo pipe.yaml
printf 'name: fifo\nnodes: {a: }\n' >pipe.yaml &
check "from a named pipe" timeout 5 nsloom up --quiet ./pipe.yaml
nsloom down --quiet fifo
check "through a symbolic link" nsloom up --quiet link.yaml
nsloom down --quiet --all
unchanged "as before" "$before"
