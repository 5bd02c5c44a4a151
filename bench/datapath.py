# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast packets go from one node to another, through a link, a network, or nat: as nsloom makes it, and as a careful hand would
make the same with ip and nft."""
import json
import os
import re
import subprocess
import tempfile

LABS = {
    'link': '''name: path
nodes: {a: {}, b: {}}
links: [{endpoints: ["a:eth0", "b:eth0"], addresses: [10.0.0.1/24, 10.0.0.2/24]}]
''',
    'network': '''name: path
networks: {net: {subnet: 10.0.0.0/24}}
nodes: {a: {networks: {net: 10.0.0.1}}, b: {networks: {net: 10.0.0.2}}}
''',
    'nat': '''name: path
networks: {net: {subnet: 10.0.0.0/24, gateway: 10.0.0.254, nat: true}}
nodes: {a: {networks: {net: 10.0.0.1}}}
''',
}

# What nsloom makes, by hand: the same devices, one queue each, no snooping.
VETH = 'numtxqueues 1 numrxqueues 1 type veth peer name'
BY_HAND = {
    'link': f'''
ip netns add path.a; ip netns add path.b
ip -n path.a link add eth0 {VETH} eth0 numtxqueues 1 numrxqueues 1 netns path.b
''',
    'network': f'''
ip netns add path.a; ip netns add path.b; ip netns add fabric
ip -n fabric link add net type bridge mcast_snooping 0
ip -n fabric link add porta {VETH} eth0 numtxqueues 1 numrxqueues 1 netns path.a
ip -n fabric link add portb {VETH} eth0 numtxqueues 1 numrxqueues 1 netns path.b
ip -n fabric link set porta master net up; ip -n fabric link set portb master net up; ip -n fabric link set net up
''',
    'nat': f'''
ip netns add path.a
ip link add net type bridge mcast_snooping 0
ip link add porta {VETH} eth0 numtxqueues 1 numrxqueues 1 netns path.a
ip link set porta master net up; ip link set net up; ip address add 10.0.0.254/24 dev net
sysctl -q -w net.ipv4.ip_forward=1
nft -f - <<'END'
table inet hand {{
	chain forward {{
		type filter hook forward priority filter; policy accept;
		ct state established,related accept
		iifname "net" ip saddr 10.0.0.0/24 accept
		iifname "net" drop
		oifname "net" drop
	}}
	chain postrouting {{
		type nat hook postrouting priority srcnat
		ip saddr 10.0.0.0/24 oifname != "net" masquerade
	}}
}}
END
''',
}
ADDRESSES = '''
ip -n path.a address add 10.0.0.1/24 dev eth0; ip -n path.a link set lo up; ip -n path.a link set eth0 up
'''
SECOND = '''
ip -n path.b address add 10.0.0.2/24 dev eth0; ip -n path.b link set lo up; ip -n path.b link set eth0 up
'''
DEFAULT = 'ip -n path.a route add default via 10.0.0.254\n'
# What stands for the internet, made by hand in both cases.
OUTSIDE = f'''
ip netns add outside
ip link add up0 {VETH} eth0 numtxqueues 1 numrxqueues 1 netns outside
ip address add 203.0.113.1/24 dev up0; ip link set up0 up; ip route add default via 203.0.113.2
ip -n outside address add 203.0.113.2/24 dev eth0; ip -n outside link set eth0 up; ip -n outside link set lo up
'''


def shell(script):
    subprocess.run(['sh', '-e', '-c', script], check=True, stdin=subprocess.DEVNULL)


def inside(node, *argv):
    return ['ip', 'netns', 'exec', node, *argv]


def build(run, program, by_hand, kind):
    if kind == 'nat':
        shell(OUTSIDE)
    if by_hand:
        shell(BY_HAND[kind] + ADDRESSES + (DEFAULT if kind == 'nat' else SECOND))
        return
    with tempfile.NamedTemporaryFile('w', suffix='.yaml', dir='/run') as f:
        f.write(LABS[kind])
        f.flush()
        run(program, 'up', '-q', f.name)


def throughput(server, address, seconds):
    daemon = subprocess.Popen(inside(server, 'iperf3', '-s', '-1', '--forceflush'), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    try:
        for line in daemon.stdout:
            if re.search('listening', line):
                break
        done = subprocess.run(inside('path.a', 'iperf3', '-c', address, '-t', str(seconds), '-J'), stdout=subprocess.PIPE,
                              check=True)
        return json.loads(done.stdout)['end']['sum_received']['bits_per_second'] / 1e9
    finally:
        daemon.kill()
        daemon.wait()


def round_trips(rr, server, address, seconds):
    with subprocess.Popen(inside(server, rr, 'serve', '7'), stdin=subprocess.DEVNULL) as daemon:
        try:
            done = subprocess.run(inside('path.a', rr, 'call', address, '7', str(seconds)), stdout=subprocess.PIPE, check=True)
            return float(done.stdout)
        finally:
            daemon.kill()


def measure(run, program, rr, by_hand, kind, seconds):
    build(run, program, by_hand, kind)
    server, address = ('outside', '203.0.113.2') if kind == 'nat' else ('path.b', '10.0.0.2')
    os.environ['LC_ALL'] = 'C'
    result = {'round_trips': round_trips(rr, server, address, seconds)}
    if not subprocess.run(['sh', '-c', 'command -v iperf3'], stdout=subprocess.DEVNULL, check=False).returncode:
        result['gbits'] = throughput(server, address, seconds)
    return result
