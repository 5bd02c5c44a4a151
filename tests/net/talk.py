# SPDX-License-Identifier: GPL-2.0-or-later
"""Servers that say by which port they were reached and whom they see; and who asks them."""
import socket, sys, threading

def bound(family, kind, port):
    s = socket.socket(family, kind)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.bind(("", port))
    return s

def serve(family, port):
    s = bound(family, socket.SOCK_STREAM, port)
    s.listen(64)
    while True:
        threading.Thread(target=answer, args=(*s.accept(), port), daemon=True).start()

def answer(c, peer, port): # who calls speaks first: some pastas end a connection in which it is the other way round
    c.recv(1)
    c.sendall(b"%d %s\n" % (port, peer[0].encode()))
    while data := c.recv(65536):
        c.sendall(data)
    c.close()

def serve_udp(family, port):
    s = bound(family, socket.SOCK_DGRAM, port)
    while True:
        data, peer = s.recvfrom(65536)
        s.sendto(b"%d %s %d\n" % (port, peer[0].encode(), len(data)), peer)

def ask(host, port):
    with socket.create_connection((host, port), 3) as s:
        f = s.makefile("rwb")
        f.write(b"\n")
        f.flush()
        first = f.readline().decode().strip()
        f.write(b"x" * 100000)
        f.flush()
        print(first, len(f.read(100000))) # and not to the end: some pastas lose what comes to who has ended his side

def ask_udp(host, port, size):
    s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(3)
    s.connect((host, port))
    s.send(b"x" * size)
    print(s.recv(99).decode().strip())

def knock(host, port): # who will not be let in need not wait long for it
    socket.create_connection((host, port), 1)

def hold(host, port): # a line in, the same line out, until the end
    with socket.create_connection((host, port), 3) as s:
        f = s.makefile("rwb", 0)
        f.write(b"\n")
        f.readline()
        for line in sys.stdin:
            f.write(line.encode())
            print(f.readline().decode().strip(), flush=True)

what, args = sys.argv[1], sys.argv[2:]
try:
    if what == "serve":
        for port in args:
            for family in socket.AF_INET, socket.AF_INET6:
                for f in serve, serve_udp:
                    threading.Thread(target=f, args=(family, int(port))).start()
    elif what == "listen": # and nothing else
        s = socket.create_server((args[0], int(args[1])))
        threading.Event().wait()
    else:
        {"ask": ask, "knock": knock, "udp": ask_udp, "hold": hold}[what](args[0], *map(int, args[1:]))
except OSError as e:
    print("refused" if isinstance(e, ConnectionRefusedError) else "nothing" if isinstance(e, TimeoutError) else e)
