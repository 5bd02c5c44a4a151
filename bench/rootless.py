# SPDX-License-Identifier: GPL-2.0-or-later
"""What labs cost without root: the same file, by root and by an ordinary user in turn, and the way out beside pasta by hand."""
import json
import os
import shutil
import subprocess

from datapath import OUTSIDE, shell

HERE = os.path.dirname(os.path.abspath(__file__))
WEAVER_SH = os.path.join(HERE, '..', 'tests', 'net', 'weaver.sh')
FOLDER, RUNTIME = '/run/weaver', '/run/user/64242'
# As one would: nothing of the machine's beside the way out, as nsloom has it.
PASTA = ('pasta', '--config-net', '--quiet', '--no-map-gw', '-t', 'none', '-u', 'none', '-T', 'none', '-U', 'none', '--')
NAT = '''name: out
networks: {net: {subnet: 10.0.0.0/24, nat: true}}
nodes: {a: {networks: [net]}}
'''


def lacks():
    """What keeps it from being measured here, or ''."""
    for tool in ('setpriv', 'getent', 'newuidmap', 'pasta', 'iperf3'):
        if not shutil.which(tool):
            return f'no {tool} here'
    done = subprocess.run(['setpriv', '--reuid=64242', '--regid=64242', '--clear-groups', '--inh-caps=-all', 'unshare', '--user',
                           '--net', 'true'], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return 'no user namespaces without root here' if done.returncode else ''


def prepare(programs):
    """An ordinary user, known to this box alone, who may run the programs and open a /dev/net/tun."""
    shell(f'mkdir -p {FOLDER}/bin {FOLDER}/dev /dev/net')
    for program in programs:
        shutil.copy(program, f'{FOLDER}/bin/')
    subprocess.run(['bash', '-e', '-c', '. "$1"; make_weaver "$2"', 'bash', WEAVER_SH, FOLDER], check=True, stdin=subprocess.DEVNULL)
    shell(f'''mount -t tmpfs -o mode=755 tmpfs {FOLDER}/dev; mknod -m 666 {FOLDER}/dev/tun c 10 200
              [ -e /dev/net/tun ] || : >/dev/net/tun
              mount --bind {FOLDER}/dev/tun /dev/net/tun''')


def user(*argv, way_out='none'):
    return ['setpriv', '--reuid=weaver', '--regid=weaver', '--init-groups', '--inh-caps=-all', 'env', '-C', FOLDER,
            f'HOME={FOLDER}', 'USER=weaver', f'XDG_RUNTIME_DIR={RUNTIME}', f'NSLOOM_WAY_OUT={way_out}', *argv]


def timed(argv, as_user):
    """Seconds of wall time: of the command itself, not of becoming the user."""
    report = f'{FOLDER}/report'
    with open(report, 'w', encoding='ascii') as f:
        os.fchmod(f.fileno(), 0o666)
    command = [f'{FOLDER}/bin/timed', report, *argv]
    subprocess.run(user(*command) if as_user else command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with open(report, encoding='ascii') as f:
        return json.load(f)['wall']


def lives(nsloom, settle, file, rounds):
    """Up of the same file, in turn."""
    lab = f'{FOLDER}/lab.yaml'
    shutil.copy(file, lab)
    times = {'root': [], 'user': []}
    for _ in range(rounds):
        for who in times:
            settle()
            times[who].append(timed([nsloom, 'up', '-q', lab], who == 'user'))
            timed([nsloom, 'down', '-q', lab], who == 'user')
    settle()
    return times


def commands(nsloom, file, runs):
    """A command in a node of each one's lab, in turn."""
    lab = f'{FOLDER}/lab.yaml'
    shutil.copy(file, lab)
    times = {'root': [], 'user': []}
    for who in times:
        timed([nsloom, 'up', '-q', lab], who == 'user')
    for i in range(runs + 5):
        for who, took in times.items():
            wall = timed([nsloom, '-f', lab, 'exec', 'n1', '--', 'true'], who == 'user')
            if i >= 5:  # the first ones read the programs from disk
                took.append(wall)
    for who in times:
        timed([nsloom, 'down', '-q', lab], who == 'user')
    return times


def throughput(command, seconds):
    """Gbit/s to the outside, of a client that is started by this command."""
    with subprocess.Popen(['ip', 'netns', 'exec', 'outside', 'iperf3', '-s', '-1', '--forceflush'], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as server:
        try:
            for line in server.stdout:
                if 'listening' in line:
                    break
            done = subprocess.run([*command, 'iperf3', '-c', '203.0.113.2', '-t', str(seconds), '-J'], stdout=subprocess.PIPE,
                                  stdin=subprocess.DEVNULL, check=True)
            return json.loads(done.stdout)['end']['sum_received']['bits_per_second'] / 1e9
        finally:
            server.kill()


def ways_out(nsloom, rounds, seconds):
    """By pasta as one starts it by hand, and from a node of a network with nat, in turn."""
    shell(OUTSIDE)
    lab = f'{FOLDER}/out.yaml'
    with open(lab, 'w', encoding='ascii') as f:
        f.write(NAT)
    result = {'hand': [], 'nsloom': []}
    for _ in range(rounds):
        result['hand'].append(throughput(user(*PASTA), seconds))
        subprocess.run(user(nsloom, 'up', '-q', lab, way_out='pasta'), check=True, stdin=subprocess.DEVNULL)
        result['nsloom'].append(throughput(user(nsloom, '-f', lab, 'exec', 'a', '--'), seconds))
        subprocess.run(user(nsloom, 'down', '-q', lab), check=True, stdin=subprocess.DEVNULL)
    return result


def measure(program, timed_program, settle, file, few, rounds, runs, path_rounds, seconds):
    """All three, or why not."""
    why = lacks()
    if why:
        return {'not_here': why}
    prepare([program, timed_program])
    nsloom = f'{FOLDER}/bin/nsloom'
    return {'up': lives(nsloom, settle, file, rounds), 'exec': commands(nsloom, few, runs),
            'way_out': ways_out(nsloom, path_rounds, seconds)}
