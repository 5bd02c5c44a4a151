# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/performance.md and its plots from what bench.py measured."""
import json
import os
import statistics
import subprocess
import sys

TOOLS = {
    'nsloom': 'nsloom', 'ip_batch': '`ip -batch`', 'ip_script': '`ip`, command by command',
    'ip_tutorial': '`ip`, made on the host and moved', 'mininet': 'Mininet, `--switch lxbr`',
    'cni': 'CNI: bridge, host-local, portmap', 'netavark': 'netavark', 'docker': 'Docker',
}
HERE = os.path.dirname(os.path.abspath(__file__))


# ---- numbers ---------------------------------------------------------------------------------------

def seconds(value):
    """As people say it: 12 µs, 3.4 ms, 1.25 s."""
    for unit, size in (('s', 1), ('ms', 1e-3), ('µs', 1e-6)):
        if value >= size or unit == 'µs':
            scaled = value / size
            return f'{scaled:.0f} {unit}' if scaled >= 100 else f'{scaled:.3g} {unit}'
    return ''


def middle(values, form):
    """The median of rates, and the least and the most: what else a machine does may add to them too."""
    return f'{statistics.median(values):{form}} ({min(values):{form}}, {max(values):{form}})'


def spread(values):
    """The least, and what lay above it."""
    if len(values) == 1:
        return seconds(values[0])
    return f'{seconds(min(values))} ({seconds(statistics.median(values))}, {seconds(max(values))})'


def walls(entry, kind, what):
    return [run[what]['wall'] for run in entry.get(kind, ()) if what in run]


def why_not(entry):
    return entry.get('not_here') or entry.get('error') or 'not measured'


def table(head, rows):
    if not rows:
        return ''
    lines = ['| ' + ' | '.join(head) + ' |', '|' + ' --- |' * len(head)]
    return '\n'.join(lines + ['| ' + ' | '.join(str(cell) for cell in row) + ' |' for row in rows]) + '\n'


# ---- the targets -----------------------------------------------------------------------------------

class Targets:
    """Rows of what is promised, what was measured, and whether that is within."""

    def __init__(self, data):
        self.data, self.rows = data, []

    def row(self, what, target, value, ok):
        self.rows.append((what, target, value, {True: 'yes', False: '**no**', None: '-'}[ok]))

    def missing(self, what, target, entry):
        self.row(what, target, f'not measured: {why_not(entry)}', None)

    def up(self):
        for e in self.data['up']:
            limit = 1.15 if e['shape'] == 'star' else 1.2
            what, target = f'`up`, {e["name"]}', f'≤ {limit} × yardstick'
            ours, floor = walls(e, 'nsloom', 'up'), walls(e, 'floor', 'up')
            if not ours or not floor:
                self.missing(what, target, e)
                continue
            ratio = min(ours) / min(floor)
            self.row(what, target, f'{ratio:.2f} × ({seconds(min(ours))} to {seconds(min(floor))})', ratio <= limit)

    def per_star(self):
        for e in self.data['up']:
            if e['shape'] != 'star' or not e['nsloom']:
                continue
            self.user(e)
            self.down(e)
            self.again(e)
            self.memory(e)

    def user(self, e):
        limit = 0.1 if e['nodes'] <= 1000 else 0.5
        value = min(run['up']['user'] for run in e['nsloom'])
        self.row(f'user time of `up`, {e["name"]}', f'≤ {limit} s', f'{value:.3f} s', value <= limit)

    def down(self, e):
        times = walls(e, 'nsloom', 'down')
        limit = (0.06 if e['nat'] else 0.03) if e['nodes'] <= 1000 else None
        self.row(f'`down`, prompt back, {e["name"]}', f'≤ {seconds(limit)}' if limit else 'none', spread(times),
                 min(times) <= limit if limit else None)
        for run in sorted(e['waited'], key=lambda run: run['wait']['wall'])[:1]:
            still = run['settle'] - run['idle']
            self.row(f'`down --wait`, {e["name"]}', 'the kernel has finished',
                     f'{seconds(run["wait"]["wall"])}; the kernel freed for {seconds(max(still, 0))} more', still < 0.1)

    def again(self, e):
        first, second = min(walls(e, 'nsloom', 'up')), min(walls(e, 'nsloom', 'again'))
        self.row(f'second `up`, {e["name"]}', '≤ 0.25 × the first', f'{second / first:.2f} × ({seconds(second)})',
                 second <= 0.25 * first)
        changes = walls(e, 'nsloom', 'change')
        if changes:
            more = min(changes) - second
            self.row(f'change of one node, {e["name"]}', '≤ second `up` + 20 ms', f'{seconds(min(changes))}', more <= 0.02)

    def memory(self, e):
        kb = max(run['up']['rss'] for run in e['nsloom']) / e['nodes']
        left = max(run['left_running'] for run in e['nsloom'])
        small = e['nodes'] < 1000  # there the program itself weighs more than the nodes
        self.row(f'memory of the process, {e["name"]}', '≤ 16 KB a node' if not small else 'none', f'{kb:.1f} KB a node',
                 kb <= 16 if not small else None)
        self.row(f'processes left running, {e["name"]}', 'none', left or 'none', left == 0)

    def execute(self):
        times = self.data.get('exec', {})
        target = '≤ `ip netns exec`'
        if 'nsloom' not in times:
            self.missing('`exec NODE true`', target, times)
            return
        ours, ip = (statistics.median(times[who]) for who in ('nsloom', 'ip'))
        self.row('`exec NODE true`, median', target, f'{seconds(ours)} to {seconds(ip)}', ours <= ip)

    def ping(self):
        for nodes, e in self.data.get('ping', {}).items():
            limit = 0.3 if int(nodes) <= 100 else 3
            what, target = f'`ping`, all pairs of {nodes} nodes', f'≤ {limit} s, none lost'
            if not e.get('wall'):
                self.missing(what, target, e)
                continue
            lost = max(e['lost'])
            self.row(what, target, f'{spread(e["wall"])}, {e["pairs"]} pairs, {lost or "none"} lost',
                     min(e['wall']) <= limit and not lost)

    def check(self):
        sizes = {int(n): min(e['wall']) for n, e in self.data.get('check', {}).items() if 'wall' in e}
        if not sizes:
            self.missing('reading and checking', '≤ 150 ms', {})
            return
        least, most = min(sizes), max(sizes)
        self.row(f'reading and checking a file of {most} nodes', '≤ 150 ms', seconds(sizes[most]), sizes[most] <= 0.15)
        growth = sizes[most] / sizes[least] / (most / least)
        self.row(f'time a node, {most} nodes to {least}', '≤ 1.25 × (linear)', f'{growth:.2f} ×', growth <= 1.25)

    def path(self):
        for kind, e in self.data.get('path', {}).items():
            for key, what in (('gbits', 'throughput'), ('round_trips', 'round trips a second')):
                ours, hand = ([run[key] for run in e[who] if key in run] for who in ('nsloom', 'hand'))
                if not ours or not hand:
                    bad = next((run for who in ('nsloom', 'hand') for run in e[who] if 'error' in run), {'not_here': 'no iperf3 here'})
                    self.missing(f'{what}, {kind}', '≥ 0.98 × by hand', bad)
                    continue
                ratio = statistics.median(ours) / statistics.median(hand)
                form, unit = ('.1f', ' Gbit/s') if key == 'gbits' else ('.0f', '')
                self.row(f'{what}, {kind}', '≥ 0.98 × by hand',
                         f'{ratio:.3f} × ({middle(ours, form)} to {middle(hand, form)}{unit})', ratio >= 0.98)

    def rootless(self):
        e = self.data.get('rootless', {})
        rows = (('up', f'`up` without root, {e.get("nodes")} nodes', '≤ 1.1 × with root'),
                ('exec', '`exec NODE true` without root, median', '≤ 1.5 × with root'),
                ('way_out', 'throughput of the way out without root', '≥ 0.95 × pasta by hand'))
        for key, what, target in rows:
            if key not in e:
                self.missing(what, target, e)
                continue
            if key == 'way_out':
                ours, hand = e[key]['nsloom'], e[key]['hand']
                ratio = statistics.median(ours) / statistics.median(hand)
                self.row(what, target, f'{ratio:.3f} × ({middle(ours, ".1f")} to {middle(hand, ".1f")} Gbit/s)', ratio >= 0.95)
                continue
            of, limit = (min, 1.1) if key == 'up' else (statistics.median, 1.5)
            user, root = of(e[key]['user']), of(e[key]['root'])
            self.row(what, target, f'{user / root:.2f} × ({seconds(user)} to {seconds(root)})', user <= limit * root)

    def text(self):
        for part in (self.up, self.per_star, self.execute, self.ping, self.check, self.path, self.rootless):
            part()
        return table(('what', 'target', 'measured', 'within'), self.rows)


# ---- other tables ----------------------------------------------------------------------------------

def yardstick_table(data):
    rows = []
    for e in data['up']:
        if not e['floor'] or not e['nsloom']:
            continue
        made = e.get('made', {})
        rows.append((e['name'], e['nodes'], made.get('veths', ''), made.get('routes', ''), spread(walls(e, 'floor', 'up')),
                     spread(walls(e, 'nsloom', 'up')), spread(walls(e, 'nsloom', 'again')), spread(walls(e, 'nsloom', 'down'))))
    return table(('topology', 'nodes', 'cables', 'routes', 'yardstick, `up`', 'nsloom, `up`', 'second `up`', '`down`'), rows)


def peers_table(data, what):
    sizes = sorted({int(n) for results in data.get('peers', {}).values() for n in results})
    best = {tool: {int(n): min(run[what] for run in e['runs']) for n, e in results.items() if e.get('runs')}
            for tool, results in data.get('peers', {}).items()}
    rows = []
    for tool, results in data.get('peers', {}).items():
        cells = [TOOLS[tool]]
        for n in sizes:
            e = results.get(n) or results.get(str(n)) or {}
            if n not in best[tool]:
                cells.append('too long' if e.get('too_long') else e.get('not_here') or ('failed' if e.get('error') else '-'))
            elif tool == 'nsloom' or n not in best['nsloom']:
                cells.append(seconds(best[tool][n]))
            else:
                cells.append(f'{seconds(best[tool][n])} ({best[tool][n] / best["nsloom"][n]:.0f} ×)')
        rows.append(cells)
    return table(['', *(f'{n} nodes' for n in sizes)], rows)


def scale_table(data):
    rows = []
    for e in data.get('scale', ()):
        ours, floor = walls(e, 'nsloom', 'up'), walls(e, 'floor', 'up')
        if not ours or not floor:
            rows.append((e['nodes'], f'not measured: {why_not(e)}', '', '', ''))
            continue
        n = e['nodes']
        rows.append((n, seconds(min(ours) / n), seconds(min(floor) / n), seconds(min(walls(e, 'nsloom', 'again')) / n),
                     f'{min(run["up"]["user"] for run in e["nsloom"]) / n * 1e6:.0f} µs'))
    return table(('nodes', '`up`, a node', 'yardstick, a node', 'second `up`, a node', 'user time of `up`, a node'), rows)


def asked(counts, key):
    """Without the calls that only wait for the other thread."""
    return counts[key] - (counts['by_name'].get('futex', 0) if key == 'calls' else 0)


def cost_table(data):
    few, many, rows = data.get('cost', {}).get('few', {}), data.get('cost', {}).get('many', {}), []
    for what in ('up', 'again', 'down'):
        if what in few and what in many:
            rows.append((f'{"second `up`" if what == "again" else f"`{what}`"}',
                         *(f'{(asked(many[what], key) - asked(few[what], key)) / data["cost"]["nodes"]:.1f}'
                           for key in ('calls', 'sends', 'messages', 'bytes'))))
    return table(('a node more', 'system calls', 'sends', 'messages', 'bytes'), rows)


# ---- the page --------------------------------------------------------------------------------------

PAGE = '''# How fast nsloom is

Written by `make bench{suffix}` on {date}, on {machine}. {form}
{load}
## The yardstick

`bench/floor.c` is a bare C program that reads no topology, decides nothing and checks nothing: it makes the kernel state of a lab with as
little as the kernel allows, two threads in a pipeline, one message for a whole cable, and takes it down. What it is to make is recorded from
a lab that `nsloom up` made, to the last attribute, and is in memory before its clock starts; a test compares what both have made. nsloom's time is
that of the whole process, from its start to its end, with reading, checking, routing and planning. Yardstick and nsloom run in turn, each run
on a machine of its own (fresh namespaces), after the kernel has freed all of the one before. The shortest of the runs counts: what else a machine
does only ever adds. In brackets: median and longest.

{yardstick}
## The targets

Of times the shortest counts, of rates the median; in brackets of a rate the least and the most of its runs.

{targets}
## Against what people use

A star of hosts with an address and a default route each, on a bridge of the host; in brackets how many times nsloom is faster, which masquerades too.
Making it:

{peers_up}
Taking it down, until the prompt is back:

{peers_down}
{plot_tools}Of each tool the way its own users would call quick: `ip` makes cables in place (and once as tutorials do, moved), `ip -batch` runs once for the host and
once in each namespace, Mininet by its Python interface, CNI and netavark a process for each call as container engines start them. Docker has a daemon and an
empty image of its own, and its times hold the starting of containers, which the others do not do. "Too long": the next size would have taken more than
{limit} s.

## No operation grows faster than the lab

{scale}
{plot_nodes}
A network of this size is several bridges, in several namespaces: with all its ports in one namespace each of 10,000 nodes would take
nearly twice as long as each of 1,000 ([why](../ARCHITECTURE.md#a-network-that-grows-moves-nothing)).

## What a node costs the kernel

{cost}
A test (`requests`) holds each of these below a limit. Calls that wait for the other thread are not counted.

## The mesh

{mesh}

## Again

`make bench` takes less than five minutes, `make bench-full` all sizes; both as root, and both write this page. `tools/deps.sh bench peers` installs what they
compare with but Docker; what is missing is told in its line. `bench/README.md` says what each file there does.
'''

MESH = '''A synthetic one: nobody's network, but made like those that communities build on their roofs (`bench/mesh.py`): a few hubs, many ends, several ways round.
The full form has 760 nodes and 1,120 links; its topology is made from an edge list, as any other's can be: `bench/mesh.py topology EDGES`.'''


def describe(machine):
    return f'{machine["cpus"]} processors ({machine["cpu"]}), {machine["memory_gb"]} GB, {machine["system"]}, Linux {machine["kernel"]}'


def plots(data, docs):
    """Draws them by the first Python that has matplotlib; says which there are."""
    for python in dict.fromkeys((sys.executable, '/usr/bin/python3')):
        if not os.path.exists(python):
            continue
        done = subprocess.run([python, os.path.join(HERE, 'plot.py'), docs], input=json.dumps(data), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode == 0:
            return done.stdout.split()
        if 'No module named' not in done.stderr:
            print(done.stderr, file=sys.stderr)
    print('no plots: no matplotlib here', file=sys.stderr)
    return []


def image(name, drawn, text):
    return f'![{text}]({name})\n\n' if name in drawn else ''


def write(data, docs):
    os.makedirs(docs, exist_ok=True)
    data = json.loads(json.dumps(data))
    drawn = plots(data, docs)
    form = {'full': 'All sizes.', 'quick': 'The quick form: `make bench-full` has all sizes.',
            'check': 'A trial of the harness: these numbers mean nothing.'}[data['form']]
    load = data['machine']['load']
    busy = f'\nOther work ran on the machine when it began (load {load:.1f}): the times are longer than they would be.\n'
    page = PAGE.format(
        suffix='-full' if data['form'] == 'full' else '', date=data['machine']['date'], machine=describe(data['machine']), form=form,
        load=busy if load > 0.7 else '', yardstick=yardstick_table(data), targets=Targets(data).text(),
        peers_up=peers_table(data, 'up'), peers_down=peers_table(data, 'down'),
        plot_tools=image('performance-tools.svg', drawn, 'time to make a star, against its nodes, for each tool'),
        limit=data['peer_seconds'], scale=scale_table(data),
        plot_nodes=image('performance-nodes.svg', drawn, 'time a node, against the nodes of the lab'), cost=cost_table(data), mesh=MESH)
    with open(os.path.join(docs, 'performance.md'), 'w') as f:
        f.write(page)
