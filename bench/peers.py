# SPDX-License-Identifier: GPL-2.0-or-later
"""A star of N hosts, with an address and a default route each, by what people use today. Each function makes one, takes it
down and returns the seconds of both; it raises NotHere where its tool is missing."""
import json
import os
import shutil
import subprocess
import tempfile
import textwrap
import time


class NotHere(Exception):
    pass


def need(*programs):
    for program in programs:
        if not shutil.which(program) and not os.path.exists(program):
            raise NotHere(f'no {os.path.basename(program)} here')


def address(i):
    return f'10.0.{(i + 1) >> 8}.{(i + 1) & 255}'


def sh(command, **more):
    done = subprocess.run(command, stdin=more.pop('stdin', subprocess.DEVNULL), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, **more)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or f'status {done.returncode}').splitlines()
        raise subprocess.SubprocessError(f'{os.path.basename(command[0])}: {said[-1][:200]}')
    return done.stdout


def timed(function):
    began = time.monotonic()
    function()
    return time.monotonic() - began


def reaches(nodes):
    """The first of them reaches the last: the tool did what it says."""
    if nodes > 1:
        sh(['ip', 'netns', 'exec', 'n0', 'ping', '-c', '1', '-W', '5', address(nodes)])


def by_script(up, down, nodes):
    """Two shell scripts, each run by one shell."""
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in (('up', up), ('down', down)):
            with open(f'{folder}/{name}', 'w') as f:
                f.write('set -e\n' + '\n'.join(lines) + '\n')
        result = {'up': timed(lambda: sh(['sh', f'{folder}/up']))}
        reaches(nodes)
        result['down'] = timed(lambda: sh(['sh', f'{folder}/down']))
    return result


# ---- iproute2 --------------------------------------------------------------------------------------

def ip_script(nodes):
    """ip, command by command, each cable made in place."""
    up = ['ip link add br0 type bridge', 'ip address add 10.0.0.1/16 dev br0', 'ip link set br0 up']
    for i in range(nodes):
        up += [f'ip netns add n{i}', f'ip link add v{i} type veth peer name eth0 netns n{i}',
               f'ip link set v{i} master br0 up', f'ip -n n{i} address add {address(i + 1)}/16 dev eth0',
               f'ip -n n{i} link set lo up', f'ip -n n{i} link set eth0 up', f'ip -n n{i} route add default via 10.0.0.1']
    return by_script(up, [f'ip netns del n{i}' for i in range(nodes)] + ['ip link del br0'], nodes)


def ip_tutorial(nodes):
    """The same as tutorials have it: both ends made on the host, one moved."""
    up = ['ip link add br0 type bridge', 'ip address add 10.0.0.1/16 dev br0', 'ip link set br0 up']
    for i in range(nodes):
        up += [f'ip netns add n{i}', f'ip link add e{i} type veth peer name v{i}', f'ip link set e{i} netns n{i}',
               f'ip link set v{i} master br0', f'ip link set v{i} up',
               f'ip netns exec n{i} ip link set e{i} name eth0',
               f'ip netns exec n{i} ip address add {address(i + 1)}/16 dev eth0',
               f'ip netns exec n{i} ip link set lo up', f'ip netns exec n{i} ip link set eth0 up',
               f'ip netns exec n{i} ip route add default via 10.0.0.1']
    return by_script(up, [f'ip netns del n{i}' for i in range(nodes)] + ['ip link del br0'], nodes)


def ip_batch(nodes):
    """ip -batch: one for the host, one for each namespace."""
    with tempfile.TemporaryDirectory() as folder:
        def write(name, lines):
            with open(f'{folder}/{name}', 'w') as f:
                f.write('\n'.join(lines) + '\n')

        host = ['link add br0 type bridge', 'address add 10.0.0.1/16 dev br0', 'link set br0 up']
        for i in range(nodes):
            host += [f'netns add n{i}', f'link add v{i} type veth peer name eth0 netns n{i}', f'link set v{i} master br0 up']
            write(f'n{i}', [f'address add {address(i + 1)}/16 dev eth0', 'link set lo up', 'link set eth0 up',
                            'route add default via 10.0.0.1'])
        write('host', host)
        write('down', [f'netns del n{i}' for i in range(nodes)] + ['link del br0'])
        write('up', ['set -e', f'ip -batch {folder}/host'] + [f'ip -n n{i} -batch {folder}/n{i}' for i in range(nodes)])
        result = {'up': timed(lambda: sh(['sh', f'{folder}/up']))}
        reaches(nodes)
        result['down'] = timed(lambda: sh(['ip', '-batch', f'{folder}/down']))
    return result


# ---- Mininet ---------------------------------------------------------------------------------------

MININET = '''
import sys, time
from mininet.net import Mininet
from mininet.nodelib import LinuxBridge
from mininet.topo import SingleSwitchTopo
began = time.monotonic()
net = Mininet(topo=SingleSwitchTopo({nodes}), switch=LinuxBridge, controller=None, ipBase="10.0.0.0/16", waitConnected=False)
net.start()
up = time.monotonic()
lost = net.ping([net.hosts[0], net.hosts[-1]], timeout="5") if {nodes} > 1 else 0
back = time.monotonic()
net.stop()
print()
print(up - began, time.monotonic() - back, lost)
'''


def mininet(nodes):
    """Mininet with Linux bridges, as `mn --switch lxbr` does it."""
    need('mnexec', 'brctl')
    python = '/usr/bin/python3'
    if subprocess.run([python, '-c', 'import mininet.net'], stderr=subprocess.DEVNULL, check=False).returncode:
        raise NotHere('no Mininet here')
    up, down, lost = sh([python, '-c', MININET.format(nodes=nodes)]).splitlines()[-1].split()
    if float(lost):
        raise subprocess.SubprocessError('Mininet: the first host does not reach the last')
    return {'up': float(up), 'down': float(down)}


# ---- containers' networks --------------------------------------------------------------------------

def cni(nodes):
    """The bridge plugin of CNI with masquerading and its address keeper, then portmap; a process each, as a container engine does it."""
    folder = next((f for f in ('/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni') if os.path.exists(f'{f}/bridge')), None)
    if not folder:
        raise NotHere('no CNI plugins here')
    need('iptables')
    conf = {'cniVersion': '0.4.0', 'name': 'bench', 'type': 'bridge', 'bridge': 'br0', 'isGateway': True, 'ipMasq': True,
            'ipam': {'type': 'host-local', 'ranges': [[{'subnet': '10.0.0.0/16', 'gateway': '10.0.0.1'}]],
                     'routes': [{'dst': '0.0.0.0/0'}], 'dataDir': '/run/cni'}}

    def call(command, i, plugin, **more):
        env = dict(os.environ, CNI_COMMAND=command, CNI_CONTAINERID=f'c{i}', CNI_NETNS=f'/run/netns/n{i}', CNI_IFNAME='eth0',
                   CNI_PATH=folder)
        done = subprocess.run([f'{folder}/{plugin}'], input=json.dumps(dict(conf, type=plugin, **more)), env=env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise subprocess.SubprocessError(f'CNI {plugin}: {(done.stdout or done.stderr).strip()[:200]}')
        return json.loads(done.stdout) if done.stdout.strip() else None

    def up():
        for i in range(nodes):
            sh(['ip', 'netns', 'add', f'n{i}'])
            result = call('ADD', i, 'bridge')
            call('ADD', i, 'portmap', capabilities={'portMappings': True}, prevResult=result)

    def down():
        for i in range(nodes):
            call('DEL', i, 'portmap', capabilities={'portMappings': True})
            call('DEL', i, 'bridge')
            sh(['ip', 'netns', 'del', f'n{i}'])
        sh(['ip', 'link', 'del', 'br0'])

    result = {'up': timed(up)}
    reaches(nodes)
    return dict(result, down=timed(down))


def netavark(nodes):
    """netavark, Podman's, a process for each container."""
    program = next((p for p in ('/usr/lib/podman/netavark', '/usr/libexec/podman/netavark') if os.path.exists(p)),
                   shutil.which('netavark'))
    if not program:
        raise NotHere('no netavark here')

    def request(i):
        return json.dumps({
            'container_id': f'{i:064x}', 'container_name': f'c{i}',
            'networks': {'bench': {'interface_name': 'eth0', 'static_ips': [address(i + 1)]}},
            'network_info': {'bench': {
                'name': 'bench', 'id': 'b' * 64, 'driver': 'bridge', 'network_interface': 'br0', 'internal': False,
                'subnets': [{'subnet': '10.0.0.0/16', 'gateway': '10.0.0.1'}], 'ipv6_enabled': False, 'dns_enabled': False,
                'ipam_options': {'driver': 'host-local'}}}})

    def call(command, i):
        done = subprocess.run([program, '--config', '/run/netavark', command, f'/run/netns/n{i}'], input=request(i), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise subprocess.SubprocessError(f'netavark: {(done.stdout or done.stderr).strip()[:200]}')

    def up():
        for i in range(nodes):
            sh(['ip', 'netns', 'add', f'n{i}'])
            call('setup', i)

    def down():
        for i in range(nodes):
            call('teardown', i)
            sh(['ip', 'netns', 'del', f'n{i}'])

    os.makedirs('/run/netavark', exist_ok=True)
    result = {'up': timed(up)}
    reaches(nodes)
    return dict(result, down=timed(down))


def docker(nodes):
    """Docker: a daemon of its own, one network, an empty container for each host; the daemon's start is not counted."""
    need('docker', 'dockerd', 'containerd')
    busybox = shutil.which('busybox')
    if not busybox or subprocess.run(['ldd', busybox], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                     check=False).returncode == 0:
        raise NotHere('no static busybox here, of which an image is made')
    parent = f'nsloom-bench-{os.getpid()}-{time.time_ns()}'
    os.makedirs('/run/d')
    os.makedirs('/sys/fs/cgroup', exist_ok=True)
    if subprocess.run(['mount', '-t', 'cgroup2', 'none', '/sys/fs/cgroup'], stderr=subprocess.DEVNULL, check=False).returncode:
        raise NotHere('no cgroup2 here, which Docker needs')
    with open('/run/d/log', 'w') as log:
        daemon = subprocess.Popen(['dockerd', '--data-root', '/run/d/root', '--exec-root', '/run/d/exec', '-p', '/run/d/pid', '-H',
                                   'unix:///run/d/sock', '--storage-driver', 'vfs', '--cgroup-parent', f'/{parent}'],
                                  stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    env = dict(os.environ, DOCKER_HOST='unix:///run/d/sock')

    def call(*argv, **more):
        return sh(['docker', *argv], env=env, **more)

    def up():
        call('network', 'create', '--subnet', '10.0.0.0/16', '--gateway', '10.0.0.1', 'bench')
        for i in range(nodes):
            call('run', '-d', '--name', f'c{i}', '--network', 'bench', '--ip', address(i + 1), 'bench', '/busybox', 'sleep', '9999')

    def down():
        call('rm', '-f', *[f'c{i}' for i in range(nodes)])
        call('network', 'rm', 'bench')

    try:
        until = time.monotonic() + 30
        while subprocess.run(['docker', 'info'], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             check=False).returncode:
            if daemon.poll() is not None or time.monotonic() > until:
                raise NotHere('its daemon does not start here')
            time.sleep(0.1)
        with subprocess.Popen(['tar', '-C', os.path.dirname(busybox), '-c', 'busybox'], stdout=subprocess.PIPE) as tar:
            call('import', '-', 'bench', stdin=tar.stdout)
        result = {'up': timed(up)}
        if nodes > 1:
            call('exec', 'c0', '/busybox', 'ping', '-c', '1', '-W', '5', address(nodes))
        return dict(result, down=timed(down))
    finally:
        daemon.terminate()
        daemon.wait()
        subprocess.run(['find', f'/sys/fs/cgroup/{parent}', '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'],
                       stderr=subprocess.DEVNULL, check=False)


PEERS = {f.__name__: f for f in (ip_batch, ip_script, ip_tutorial, mininet, cni, netavark, docker)}
