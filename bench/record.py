#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes down what stands of a lab, as the flat list that `floor` makes anew (floor_list.h).

It looks at the kernel, not at the file: so whatever `nsloom up` makes, the
yardstick makes too. It shares no line with nsloom.

usage: record.py LAB > LIST     (as root; the lab is up)
"""
import ctypes
import os
import resource
import socket
import struct
import sys

CLONE_NEWNET = 0x40000000
RTM_GETLINK, RTM_GETADDR, RTM_GETROUTE, RTM_NEWNSID = 18, 22, 26, 88
NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP = 1, 4, 0x400, 0x300
SOL_NETLINK, NETLINK_GET_STRICT_CHK = 270, 12
OURS = 0x6E  # IFA_PROTO and the protocol of nsloom's routes
IFF_UP = 1

libc = ctypes.CDLL(None, use_errno=True)


def check(result, what):
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f'{what}: {os.strerror(code)}')


def enter(fd):
    check(libc.setns(fd, CLONE_NEWNET), 'setns')


# ---- netlink ---------------------------------------------------------------------------------------

def attr(kind, data):
    return struct.pack('HH', 4 + len(data), kind) + data + b'\0' * (-len(data) % 4)


def attrs(data):
    """The attributes in a stretch of bytes: a dict of kind → bytes."""
    out = {}
    while len(data) >= 4:
        size, kind = struct.unpack_from('HH', data)
        if size < 4:
            break
        out[kind & 0x3FFF] = data[4:size]
        data = data[(size + 3) & ~3:]
    return out


def u32(data):
    return struct.unpack('I', data)[0]


def text(data):
    return data.rstrip(b'\0').decode() if data else '-'


class Netlink:
    def __init__(self, protocol=0):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)

    def request(self, kind, payload, flags=NLM_F_DUMP):
        self.sock.send(struct.pack('IHHII', 16 + len(payload), kind, NLM_F_REQUEST | flags, 1, 0) + payload)
        replies = []
        while True:
            data = self.sock.recv(1 << 18)
            while len(data) >= 16:
                size, what = struct.unpack_from('IH', data)
                body, data = data[16:size], data[(size + 3) & ~3:]
                if what == 3:  # NLMSG_DONE
                    return replies
                if what == 2:  # NLMSG_ERROR
                    code = -struct.unpack_from('i', body)[0]
                    if code:
                        raise OSError(code, f'netlink request {kind}: {os.strerror(code)}')
                    return replies
                replies.append((what, body))

    def close(self):
        self.sock.close()


# ---- spaces ----------------------------------------------------------------------------------------

def spaces(lab):
    """Name and path of each namespace of the lab, in the order in which they were made."""
    folder = f'/run/nsloom/{lab}/ns/'
    with open('/proc/self/mountinfo') as f:
        points = [line.split()[4] for line in f]
    return [(p[len(folder):], p) for p in points if p.startswith(folder)]


def read_sysctls(folder):
    """Paths below /proc/sys and their values: of all and of default, and the switch."""
    out = {}
    for path in [f'{folder}/ipv4/ip_forward'] + [
            f'{folder}/{family}/conf/{which}/{name}' for family in ('ipv4', 'ipv6') for which in ('all', 'default')
            for name in os.listdir(f'{folder}/{family}/conf/{which}')]:
        try:
            with open(path) as f:
                out[path[len('/proc/sys/'):]] = f.read().strip()
        except OSError:
            pass
    return out


# What follows from another switch.
FOLLOWS = {
    'net/ipv4/conf/all/forwarding': 'net/ipv4/ip_forward',
    'net/ipv4/conf/all/accept_redirects': 'net/ipv4/ip_forward',
    'net/ipv4/conf/default/forwarding': 'net/ipv4/ip_forward',
    'net/ipv6/conf/default/forwarding': 'net/ipv6/conf/all/forwarding',
}


def changed_sysctls(now, born):
    differ = {path: value for path, value in now.items() if born.get(path) != value}
    return {path: value for path, value in differ.items() if FOLLOWS.get(path) not in differ}


class Recorder:
    def __init__(self, lab):
        self.lab = lab
        self.names = ['host']
        self.fds = [os.open('/proc/self/ns/net', os.O_RDONLY)]
        for name, path in spaces(lab):
            self.names.append(name)
            self.fds.append(os.open(path, os.O_RDONLY))
        # A namespace that nobody has touched: what the others are compared with, and the place to look at them
        # from. In it each space gets its number as nsid, so that every device's peer tells where it is.
        check(libc.unshare(CLONE_NEWNET), 'unshare')
        self.born = read_sysctls('/proc/sys/net')
        self.observer = Netlink()
        for i, fd in enumerate(self.fds):
            self.observer.request(RTM_NEWNSID, struct.pack('B3x', 0) + attr(1, struct.pack('i', i)) +
                                  attr(3, struct.pack('I', fd)), NLM_F_ACK | NLM_F_CREATE)
        self.links = [self.read_links(i) for i in range(len(self.fds))]

    def read_links(self, space):
        """Of a space: ifindex → device."""
        out = {}
        for _, body in self.observer.request(RTM_GETLINK, struct.pack('BxHiII', 0, 0, 0, 0, 0) +
                                             attr(46, struct.pack('i', space))):
            ifindex, flags = struct.unpack_from('iI', body, 4)
            a = attrs(body[16:])
            info = attrs(a.get(18, b''))
            inet6 = attrs(attrs(a.get(26, b'')).get(10, b''))
            out[ifindex] = {
                'space': space, 'ifindex': ifindex, 'name': text(a[3]), 'mac': a.get(1, b'').hex(), 'mtu': u32(a[4]),
                'group': u32(a[27]), 'up': flags & IFF_UP, 'none': int(inet6.get(8, b'\0')[0] == 1),
                'alias': text(a.get(20)), 'altname': text(attrs(a.get(52, b'')).get(53)), 'kind': text(info.get(1)),
                'master': u32(a[10]) if 10 in a else 0, 'peer': u32(a[5]) if 5 in a else 0,
                'peer_space': struct.unpack('i', a[37])[0] if 37 in a else space,
            }
        return out

    # ---- lines ----

    def say(self, *fields):
        print(*fields, sep='\t')

    def end(self, d):
        return [d[key] for key in ('space', 'ifindex', 'name', 'mac', 'mtu', 'group', 'up', 'none', 'alias', 'altname')]

    def lab_owns(self, device):
        return device['space'] != 0 or device['alias'].startswith(f'nsloom:{self.lab}/')

    def say_devices(self):
        for links in self.links:
            for d in links.values():
                if d['name'] == 'lo':
                    if d['space']:
                        self.say('lo', d['space'], d['up'], d['alias'])
                elif d['kind'] == 'bridge' and self.lab_owns(d):
                    self.say('bridge', *self.end(d))
                elif d['kind'] == 'veth':
                    self.say_veth(d)

    def say_veth(self, d):
        peer = self.links[d['peer_space']].get(d['peer'])
        if peer and (d['space'], d['ifindex']) < (peer['space'], peer['ifindex']):
            self.say('veth', *self.end(d), d['master'], *self.end(peer), peer['master'])

    def say_addresses(self, space, netlink):
        for _, body in netlink.request(RTM_GETADDR, struct.pack('BBBBI', 0, 0, 0, 0, 0)):
            family, length, _, _, ifindex = struct.unpack_from('BBBBI', body)
            a = attrs(body[8:])
            if a.get(11, b'\0')[0] == OURS:
                self.say('address', space, ifindex, family, a.get(2, a.get(1)).hex(), length)

    def say_routes(self, space, netlink):
        for _, body in netlink.request(RTM_GETROUTE, struct.pack('12B', *[0] * 12)):
            family, length, _, _, table, protocol = struct.unpack_from('6B', body)
            a = attrs(body[12:])
            if protocol != OURS:
                continue
            hops = [(a[5].hex(), u32(a[4]))] if 5 in a else []
            rest = a.get(9, b'')
            while len(rest) >= 8:
                size, _, _, ifindex = struct.unpack_from('HBBi', rest)
                hops.append((attrs(rest[8:size])[5].hex(), ifindex))
                rest = rest[(size + 3) & ~3:]
            width = 4 if family == socket.AF_INET else 16
            self.say('route', space, family, a.get(1, b'\0' * width).hex(), length, len(hops),
                     *[field for hop in hops for field in hop])

    def say_sysctls(self, space):
        for path, value in changed_sysctls(read_sysctls('/proc/sys/net'), self.born).items():
            self.say('sysctl', space, 0, path, value, self.born.get(path, '-'))
        for d in self.links[0].values() if space == 0 else ():
            if d['kind'] != 'bridge' or not self.lab_owns(d):
                continue
            with open(f'/proc/sys/net/ipv6/conf/{d["name"]}/accept_ra') as f:
                value, usual = f.read().strip(), self.born['net/ipv6/conf/default/accept_ra']
            if value != usual:
                self.say('sysctl', 0, d['ifindex'], f'net/ipv6/conf/{d["name"]}/accept_ra', value, usual)

    def say_nft(self):
        """The tables, chains, sets and rules of nsloom's, as the messages that make them: dumped ones without handles."""
        netlink = Netlink(socket.NETLINK_NETFILTER if hasattr(socket, 'NETLINK_NETFILTER') else 12)
        header = struct.pack('BBH', 0, 0, 0)
        # what to ask, what to make, flags, attributes that the kernel adds by itself
        kinds = ((1, 0, 0, (3, 4, 5)), (23, 22, 0, (4, 5, 6)), (4, 3, 0, (2, 6, 8, 11)), (10, 9, 0, (16,)), (7, 6, 0x800, (3, 6)))
        for ask, make, flags, leave_out in kinds:
            try:
                found = netlink.request((10 << 8) | ask, header)
            except OSError:
                return  # no nf_tables here
            for _, body in found:
                a = {kind: data for kind, data in raw_attrs(body[4:])}
                table = text(a[1])
                if table != 'nsloom' and not table.startswith('nsloom-'):
                    continue
                data = body[:2] + b'\0\0' + b''.join(raw for kind, raw in raw_attrs(body[4:], True) if kind not in leave_out)
                self.say('nft', (10 << 8) | make, NLM_F_CREATE | flags, data.hex())
                if make == 0:
                    self.say('unnft', (10 << 8) | 2, 0, (body[:2] + b'\0\0' + attr(1, a[1])).hex())

    def run(self):
        self.say('lab', self.lab)
        for name in self.names:
            self.say('space', name)
        self.say_devices()
        for i, fd in enumerate(self.fds):
            enter(fd)
            netlink = Netlink()
            self.say_addresses(i, netlink)
            self.say_routes(i, netlink)
            self.say_sysctls(i)
            if i == 0:
                self.say_nft()
            netlink.close()


def raw_attrs(data, whole=False):
    """The attributes in order: (kind, bytes), the bytes with their head if `whole`."""
    while len(data) >= 4:
        size, kind = struct.unpack_from('HH', data)
        if size < 4:
            return
        padded = (size + 3) & ~3
        yield kind & 0x3FFF, data[:size] + b'\0' * (padded - size) if whole else data[4:size]
        data = data[padded:]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    Recorder(sys.argv[1]).run()


if __name__ == '__main__':
    main()
