#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Measures nsloom beside the yardstick and beside other tools, and writes docs/performance.md and its plots.

Every measurement runs in a box (box.sh), a machine of its own. What is compared is measured in turn, in one run: yardstick,
nsloom, yardstick, nsloom; of several runs the shortest counts, for a busy machine only ever adds. A tool that is missing, or
a measurement that fails, is a line that says so.

usage: bench.py BUILD DOCS [quick|full|check]     (as root)

quick takes less than five minutes; full takes all sizes. check tries each measurement once in the smallest size and fails if one
does; its numbers mean nothing.
"""
import datetime
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

import mesh
import report

HERE = os.path.dirname(os.path.abspath(__file__))

FORMS = {
    'check': {
        'rounds': 1, 'mesh': (12, 18), 'peers': [3], 'peer_rounds': 1, 'peer_seconds': 60, 'exec': 2, 'ping': [4],
        'check': [40, 80], 'path': ('link', 'network', 'nat'), 'path_rounds': 1, 'path_seconds': 1, 'scale': [4, 8], 'cost': (2, 4),
        'up': [('star', 6), ('star', 6, '--nat'), ('chain', 4), ('grid', 3, 3), ('fat-tree', 2), ('mesh',)],
        'wait': 1, 'rootless': 6, 'tools': ('nsloom', 'ip_batch', 'mininet', 'cni', 'netavark'),
    },
    'quick': {
        'rounds': 7, 'mesh': (200, 300), 'peers': [10, 30], 'peer_rounds': 3, 'peer_seconds': 20, 'exec': 100, 'ping': [100],
        'check': [2500, 5000, 10000], 'path': ('link', 'network', 'nat'), 'path_rounds': 3, 'path_seconds': 1,
        'scale': [100, 300, 1000], 'cost': (10, 110),
        'up': [('star', 100), ('star', 100, '--nat'), ('star', 1000), ('chain', 1000), ('grid', 10, 10), ('fat-tree', 8), ('mesh',)],
        'wait': 1, 'rootless': 1000,
    },
    'full': {
        'rounds': 7, 'mesh': (760, 1120), 'peers': [10, 30, 100, 300, 1000], 'peer_rounds': 3, 'peer_seconds': 60, 'exec': 300,
        'ping': [100, 300], 'check': [1250, 2500, 5000, 10000], 'path': ('link', 'network', 'nat'), 'path_rounds': 15,
        'path_seconds': 2, 'scale': [100, 200, 500, 1000, 2000, 5000, 10000], 'cost': (10, 110),
        'up': [('star', n, *nat) for nat in ((), ('--nat',)) for n in (100, 1000, 4000)] +
              [('chain', 1000), ('grid', 32, 32), ('fat-tree', 8), ('mesh',)],
        'wait': 3, 'rootless': 1000,
    },
}
TOOLS = ('nsloom', 'ip_batch', 'ip_script', 'ip_tutorial', 'mininet', 'cni', 'netavark', 'docker')
KB_OF_A_NODE = 400  # of kernel memory, with some to spare


class Bench:
    def __init__(self, build, form, work):
        self.build, self.form, self.work = os.path.abspath(build), FORMS[form], work
        self.data = {'form': form, 'peer_seconds': FORMS[form]['peer_seconds'], 'machine': machine(), 'up': []}
        self.env = dict(os.environ, BUILD=self.build, LC_ALL='C.UTF-8')
        self.env.pop('XDG_RUNTIME_DIR', None)
        self.began = time.monotonic()

    def say(self, text):
        print(f'[{time.monotonic() - self.began:5.0f} s] {text}', file=sys.stderr, flush=True)

    def task(self, task, limit=900, **arguments):
        """One measurement in a box of its own; {'error': …} or {'not_here': …} where there is none."""
        command = [os.path.join(HERE, 'box.sh'), sys.executable, os.path.join(HERE, 'inside.py'), task, json.dumps(arguments)]
        try:
            done = subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, timeout=limit, check=False)
            result = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            result = {'error': f'took more than {limit} s'}
        except ValueError:
            result = {'error': (done.stderr.strip().splitlines() or [f'status {done.returncode}'])[-1]}
        if 'error' in result:
            result['error'] = result['error'].replace(self.work + '/', '')
            self.say(f'{task} {arguments}: {result["error"]}'.replace(self.work + '/', ''))
            self.settle()
        return result

    def settle(self):
        """What a box left when it ended early, the kernel frees first."""
        subprocess.run([os.path.join(HERE, 'box.sh'), os.path.join(self.build, 'bench/floor'), 'settle'],
                       stdin=subprocess.DEVNULL, check=False)

    def file(self, shape, *arguments):
        """A topology file: its path."""
        path = os.path.join(self.work, '-'.join([shape, *(str(a).lstrip('-') for a in arguments)]) + '.yaml')
        with open(path, 'w') as f:
            if shape == 'mesh':
                f.write(mesh.topology(mesh.edges(*arguments)))
            else:
                subprocess.run([os.path.join(self.build, 'nsloom'), 'gen', shape, *map(str, arguments)], stdout=f, check=True)
        return path

    def fits(self, nodes):
        """None, or why so many nodes do not fit."""
        with open('/proc/meminfo') as f:
            free = int(re.search(r'MemAvailable: *(\d+)', f.read()).group(1))
        if nodes * KB_OF_A_NODE > free:
            return f'{nodes} nodes need about {nodes * KB_OF_A_NODE / 1e6:.1f} GB of memory'
        return None

    # ---- sections ----

    def compare(self, name, file, nodes, rounds, changed=None, wait=0):
        """The yardstick and nsloom in turn, on one file."""
        entry = {'name': name, 'nodes': nodes, 'floor': [], 'nsloom': [], 'waited': []}
        why = self.fits(nodes)
        listing = os.path.join(self.work, 'list')
        if not why:
            made = self.task('record', file=file, list_file=listing)
            entry['made'] = made
            why = made.get('error')
        for turn in range(rounds) if not why else ():
            self.say(f'{name}: {turn + 1} of {rounds}')
            for kind, result in (('floor', self.task('floor', list_file=listing)),
                                 ('nsloom', self.task('nsloom', file=file, changed=changed))):
                if 'error' in result:
                    why = result['error']
                else:
                    entry[kind].append(result)
            if why:
                break
        for _ in range(wait) if not why else ():
            result = self.task('nsloom', file=file, wait=True)
            if 'error' not in result:
                entry['waited'].append(result)
        if why:
            entry['error'] = why
        return entry

    def change_one(self, file, nodes):
        """The same file, but for one node in the middle."""
        with open(file) as f:
            text = f.read()
        node = f'  n{nodes // 2}: '
        changed = text.replace(node + '{networks: [lan]}', node + '{networks: {lan: {mtu: 1400}}}')
        if changed == text:
            return None
        with open(file + '.changed.yaml', 'w') as f:
            f.write(changed)
        return f.name

    def up(self):
        for shape, *arguments in self.form['up']:
            arguments = list(self.form['mesh']) if shape == 'mesh' else arguments
            file = self.file(shape, *arguments)
            with open(file) as f:
                nodes = len(re.findall(r'^  \S+: \{(?:router|networks|\})', f.read(), re.M))
            changed = self.change_one(file, nodes) if shape == 'star' else None
            name = ' '.join([shape, *map(str, arguments)])
            entry = self.compare(name, file, nodes, self.form['rounds'], changed, self.form['wait'] if shape == 'star' else 0)
            entry['shape'], entry['nat'] = shape, '--nat' in arguments
            self.data['up'].append(entry)

    def scale(self):
        self.data['scale'] = [self.compare(f'star {n}', self.file('star', n), n, min(self.form['rounds'], 3 if n <= 2000 else 1))
                              for n in self.form['scale']]

    def execute(self):
        self.data['exec'] = self.task('execute', file=self.file('star', 100 if self.form['exec'] > 10 else 3), runs=self.form['exec'])

    def ping(self):
        self.data['ping'] = {n: self.task('ping', file=self.file('star', n), runs=self.form['rounds']) for n in self.form['ping']}

    def check(self):
        self.data['check'] = {n: self.task('check', file=self.file('star', n), runs=self.form['rounds']) for n in self.form['check']}

    def cost(self):
        sizes = self.form['cost']
        few, many = (self.task('cost', file=self.file('star', n)) for n in sizes)
        self.data['cost'] = {'few': few, 'many': many, 'nodes': sizes[1] - sizes[0]}

    def peers(self):
        """Each tool at each size, until it would take too long; nsloom beside it."""
        tools = {name: {} for name in self.form.get('tools', TOOLS)}
        self.data['peers'] = tools
        for nodes in self.form['peers']:
            file = self.file('star', nodes, '--nat')
            for tool, results in tools.items():
                last = next((results[n] for n in reversed(results)), None)
                if last is not None and not last.get('runs'):
                    results[nodes] = {key: last[key] for key in ('not_here', 'error', 'too_long') if key in last}
                    continue
                results[nodes] = self.peer(tool, nodes, file, list(results.items())[-1] if results else None)

    def peer(self, tool, nodes, file, before):
        limit = self.form['peer_seconds']
        if before:
            smaller, earlier = before[0], min(earlier['up'] + earlier['down'] for earlier in before[1]['runs'])
            if earlier * nodes / smaller > limit:
                return {'too_long': True}
        runs = []
        for turn in range(self.form['peer_rounds']):
            self.say(f'{tool}, {nodes} nodes: {turn + 1}')
            if tool == 'nsloom':
                result = self.task('nsloom', file=file)
                if 'error' not in result:
                    result = {'up': result['up']['wall'], 'down': result['down']['wall']}
            else:
                result = self.task('peer', limit=4 * limit + 60, name=tool, nodes=nodes)
            if 'up' not in result:
                return result
            runs.append(result)
            if result['up'] + result['down'] > limit / 10:
                break  # long enough to be told from noise
        return {'runs': runs}

    def path(self):
        self.data['path'] = {}
        for kind in self.form['path']:
            entry = {'hand': [], 'nsloom': []}
            for turn in range(self.form['path_rounds']):
                self.say(f'data path, {kind}: {turn + 1}')
                for who in ('hand', 'nsloom'):
                    entry[who].append(self.task('path', by_hand=who == 'hand', kind=kind, seconds=self.form['path_seconds']))
            self.data['path'][kind] = entry

    def rootless(self):
        nodes, form = self.form['rootless'], self.form
        self.say(f'without root, {nodes} nodes')
        entry = self.task('rootless', file=self.file('star', nodes), few=self.file('star', min(nodes, 100)), rounds=form['rounds'],
                          runs=form['exec'], path_rounds=form['path_rounds'], seconds=form['path_seconds'])
        self.data['rootless'] = dict(entry, nodes=nodes)

    def run(self):
        for section in (self.up, self.scale, self.execute, self.ping, self.check, self.cost, self.peers, self.path, self.rootless):
            try:
                section()
            except (OSError, subprocess.SubprocessError, ValueError, KeyError) as e:
                self.say(f'{section.__name__}: {e!r}')
                self.data.setdefault('failed', []).append(f'{section.__name__}: {e!r}')
        self.data['seconds'] = time.monotonic() - self.began
        return self.data


def machine():
    """The machine, without its name."""
    with open('/proc/cpuinfo') as f:
        models = re.findall(r'^model name\s*: (.*)', f.read(), re.M)
    with open('/proc/meminfo') as f:
        memory = int(re.search(r'MemTotal: *(\d+)', f.read()).group(1))
    system = ''
    if os.path.exists('/etc/os-release'):
        with open('/etc/os-release') as f:
            system = re.search(r'^PRETTY_NAME="?([^"\n]*)', f.read(), re.M).group(1)
    return {'cpu': models[0] if models else platform.machine(), 'cpus': os.cpu_count(), 'memory_gb': round(memory / 1e6),
            'kernel': platform.release(), 'system': system, 'load': os.getloadavg()[0],
            'date': datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%d')}


def errors(data, place=''):
    """All that went wrong, with where."""
    if isinstance(data, dict):
        if 'error' in data:
            yield f'{place}: {data["error"]}'
        for key, value in data.items():
            yield from errors(value, f'{place} {key}')
    elif isinstance(data, list):
        for value in data:
            yield from errors(value, place) if place != ' failed' else (value,)


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[3:] and sys.argv[3] not in FORMS:
        sys.exit(__doc__)
    if os.geteuid():
        print('skipped: network namespaces need root', file=sys.stderr)
        return 77
    build, docs, form = sys.argv[1], sys.argv[2], (sys.argv[3:] or ['quick'])[0]
    work = tempfile.mkdtemp(prefix='nsloom-bench-', dir=os.environ.get('TMPDIR', '/var/tmp'))
    try:
        data = Bench(build, form, work).run()
    finally:
        shutil.rmtree(work)
    wrong = list(errors(data))
    report.write(data, docs)
    for line in wrong:
        print(f'failed: {line}', file=sys.stderr)
    return 1 if form == 'check' and wrong else 0


if __name__ == '__main__':
    sys.exit(main())
