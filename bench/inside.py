#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The measurements: each is one function, run by bench.py in a box of its own (box.sh), which prints one JSON document.

usage: inside.py TASK JSON-ARGUMENTS      ($BUILD: the build folder)
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import peers

BUILD = os.environ['BUILD']
NSLOOM, FLOOR, RR, COST, TIMED = (os.path.join(BUILD, name) for name in
                                  ('nsloom', 'bench/floor', 'bench/rr', 'bench/cost', 'bench/timed'))
HERE = os.path.dirname(os.path.abspath(__file__))


class Failed(Exception):
    pass


def run(*argv):
    """Runs a program to its end: seconds of wall, user and system time, KB of memory, and what it wrote."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.NamedTemporaryFile() as report:
        status = subprocess.run([TIMED, report.name, *argv], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                check=False).returncode
        out.seek(0)
        err.seek(0)
        text, complaint = out.read().decode(errors='replace'), err.read().decode(errors='replace').strip()
        times = json.load(report)
    if status:
        raise Failed(f'{os.path.basename(argv[0])} {" ".join(argv[1:3])}: '
                     f'{complaint.splitlines()[0] if complaint else f"status {status}"}')
    return dict(times, out=text)


def brief(result):
    return {key: result[key] for key in ('wall', 'user', 'sys', 'rss')}


def settle():
    """Until the kernel has freed what was dropped: seconds."""
    return run(FLOOR, 'settle')['wall']


def left_running():
    """Processes of nsloom's that are there though no command runs."""
    found = []
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            with open(f'/proc/{pid}/comm') as f:
                found.append(f.read().strip())
        except OSError:
            pass
    return sum(name == 'nsloom' for name in found)


def lab_of(file):
    with open(file) as f:
        return re.search(r'^name: *(\S+)', f.read(), re.M).group(1)


# ---- tasks -----------------------------------------------------------------------------------------

def record(file, list_file):
    """What `up` makes of a file, as the list for the yardstick."""
    run(NSLOOM, 'up', '-q', file)
    listing = run(sys.executable, os.path.join(HERE, 'record.py'), lab_of(file))['out']
    with open(list_file, 'w') as f:
        f.write(listing)
    run(NSLOOM, 'down', '-q', lab_of(file))
    settle()
    return {'spaces': listing.count('\nspace\t') - 1, 'routes': listing.count('\nroute\t'), 'veths': listing.count('\nveth\t')}


def floor(list_file):
    result = json.loads(run(FLOOR, list_file, 'both')['out'])
    result['settle'] = settle()
    return result


def nsloom(file, changed=None, wait=False):
    """A lab's life: up, up again, one node changed, down."""
    mine = '/run/lab.yaml'  # a lab belongs to one file
    shutil.copy(file, mine)
    file = mine
    result = {'idle': settle(), 'up': brief(run(NSLOOM, 'up', '-q', file))}
    result['left_running'] = left_running()
    result['again'] = brief(run(NSLOOM, 'up', '-q', file))
    if changed:
        shutil.copy(changed, mine)
        result['change'] = brief(run(NSLOOM, 'up', '-q', mine))
    result['wait' if wait else 'down'] = brief(run(NSLOOM, 'down', '-q', *(['--wait'] if wait else []), lab_of(file)))
    result['settle'] = settle()
    return result


def execute(file, runs):
    """A command in a node, by nsloom and by ip, in turn."""
    run(NSLOOM, 'up', '-q', file)
    times = {'nsloom': [], 'ip': []}
    name = f'{lab_of(file)}.n1'
    for i in range(runs + 5):
        took = (run(NSLOOM, 'exec', 'n1', 'true')['wall'], run('ip', 'netns', 'exec', name, 'true')['wall'])
        if i >= 5:  # the first ones read the programs from disk
            times['nsloom'].append(took[0])
            times['ip'].append(took[1])
    run(NSLOOM, 'down', '-q', lab_of(file))
    return times


def ping(file, runs):
    """Every node pings every node."""
    run(NSLOOM, 'up', '-q', file)
    result = {'wall': [], 'lost': [], 'pairs': 0}
    for i in range(runs + 1):
        try:
            took = run(NSLOOM, 'ping', '--json')
        except Failed:
            if i == 0:
                continue
            raise
        pairs = json.loads(took['out'])['pairs']
        if i:  # the first one finds the programs on disk, and bridges that do not know their ports yet
            result['wall'].append(took['wall'])
            result['lost'].append(sum(pair['result'] != 'reply' for pair in pairs))
            result['pairs'] = len(pairs)
    run(NSLOOM, 'down', '-q', lab_of(file))
    settle()
    return result


def check(file, runs):
    return {'wall': [run(NSLOOM, 'check', file)['wall'] for _ in range(runs)]}


def cost(file):
    """What the kernel is asked for, in calls and messages."""
    result = {'up': json.loads(run(COST, NSLOOM, 'up', '-q', file)['out']),
              'again': json.loads(run(COST, NSLOOM, 'up', '-q', file)['out'])}
    result['down'] = json.loads(run(COST, NSLOOM, 'down', '-q', lab_of(file))['out'])
    settle()
    return result


def peer(name, nodes):
    """A star of so many nodes by another tool: seconds up, seconds down."""
    result = peers.PEERS[name](nodes)
    settle()
    return result


def path(by_hand, kind, seconds):
    """Gbit/s and round trips a second between two nodes, made by hand or by nsloom."""
    from datapath import measure
    return measure(run, NSLOOM, RR, by_hand, kind, seconds)


def rootless(**arguments):
    """What it costs without root."""
    from rootless import measure
    return measure(NSLOOM, TIMED, settle, **arguments)


TASKS = {f.__name__: f for f in (record, floor, nsloom, execute, ping, check, cost, peer, path, rootless)}


def main():
    try:
        result = TASKS[sys.argv[1]](**json.loads(sys.argv[2]))
    except (Failed, peers.NotHere, OSError, subprocess.SubprocessError) as e:
        result = {'not_here' if isinstance(e, peers.NotHere) else 'error': str(e)}
    json.dump(result, sys.stdout)


if __name__ == '__main__':
    main()
