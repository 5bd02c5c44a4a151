# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Flowtables: an established connection by nat is handed from device to device, and nothing else changes by it.

need nft python3 ip

nft 'table inet try { flowtable f { hook ingress priority 0; devices = { lo }; }; }' 2>/dev/null || skip_all 'no flowtables here'
nft delete table inet try
[ -e /proc/net/nf_conntrack ] || skip_all 'the kernel does not list its connections'

make_outside
ip link add other0 type veth peer name other1
for end in other1 other0; do # no addresses of their own, which would be tentative for a while
	ip link set "$end" addrgenmode none
	ip link set "$end" up
done
ip route add default via 203.0.113.2
cat >lab.yaml <<'YAML'
name: flow
networks:
  lan: {subnet: 10.77.0.0/24, nat: true}
  in: {subnet: 10.78.0.0/24, gateway: true}
nodes:
  a: {networks: [lan], publish: ["203.0.113.1:8080:80"]}
  b: {networks: [in]}
YAML
devices() { nft list table inet nsloom-flow | sed -n 's/.*devices = { \(.*\) }.*/\1/p' | tr -d '"'; }

like 'the doctor has found them' 'flowtables +connections by nat skip' "$(nsloom doctor lab.yaml)"
before=$(snapshot)
check 'up' nsloom up --quiet lab.yaml
is 'what goes out by nat is between these' 'lan, up0' "$(devices)"
check 'nothing is left to do' nsloom plan --exit-code lab.yaml

# Sends, has it sent back, and stays; says the connection's two ports.
cat >talk.py <<'PY'
import socket, sys, time
if sys.argv[1] == "serve":
    s = socket.create_server(("", int(sys.argv[2])))
    while True:
        c, peer = s.accept()
        while data := c.recv(65536):
            c.sendall(data)
else:
    for _ in range(2000):
        try:
            c = socket.create_connection((sys.argv[2], int(sys.argv[3])), timeout=20)
            break
        except OSError:
            time.sleep(0.05)
    for i in range(50):
        c.sendall(b"x" * 1000)
        got = 0
        while got < 1000:
            got += len(c.recv(65536))
    print("all came back", flush=True)
    time.sleep(float(sys.argv[4]))
PY
ip netns exec outside python3 talk.py serve 9 &
nsloom exec flow.a -- python3 talk.py serve 80 &
nsloom exec flow.a -- python3 talk.py call 203.0.113.2 9 200 >out &
check 'a connection through the nat' wait_for 90 grep -q 'all came back' out
offloaded() { grep -q "$1.*OFFLOAD" /proc/net/nf_conntrack; }
check 'is handed from device to device' wait_for 30 offloaded 'dport=9 '
is 'behind the address of the host' 0 "$(strangers)"
ip netns exec outside python3 talk.py call 203.0.113.1 8080 200 >in &
check 'one to a published port' wait_for 90 grep -q 'all came back' in
check 'is too' wait_for 30 offloaded 'dport=8080 '
nsloom exec flow.a -- sh -c 'ip address add 198.51.100.9/32 dev lo; ping -q -c2 -i.2 -W1 -I 198.51.100.9 203.0.113.2' >/dev/null
is 'what is spoofed does not leave the host' 0 "$(strangers)"
check_fails 'no way from one network to the outside of another' 1 \
	nsloom exec flow.b -- python3 -c 'import socket; socket.create_connection(("203.0.113.2", 9), timeout=2)'

# ---- the way out changes

ip route replace default dev other0
like 'plan sees it' 'rules +nsloom-flow' "$(nsloom plan lab.yaml)"
check 'up' nsloom up --quiet lab.yaml
is 'between these now' 'lan, other0' "$(devices)"
check 'nothing is left to do' nsloom plan --exit-code lab.yaml
ip route delete default
check 'without a way out' nsloom up --quiet lab.yaml
is 'there is none' '' "$(devices)"
ip route add default via 203.0.113.2
check 'and with one again' nsloom up --quiet lab.yaml
is 'there is' 'lan, up0' "$(devices)"
check 'nothing is left to do' nsloom plan --exit-code lab.yaml
rules=$(nft list table inet nsloom-flow)

# ---- down, and by hand

# shellcheck disable=SC2046 # a number a word
kill $(jobs -p) 2>/dev/null
check 'down' nsloom down --quiet --kill flow
unchanged 'the machine is as before' "$before"
nsloom plan --as sh lab.yaml >up.sh
nsloom plan --as sh --down lab.yaml >down.sh
check 'the script' sh up.sh
same_text 'makes the same rules' "$rules" "$(nft list table inet nsloom-flow)"
check 'and its counterpart takes them away' sh down.sh
