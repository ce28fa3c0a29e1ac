#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""talk.py PROGRAM...: has the same conversations with each program `shout` of
examples/migrate, and compares what each of them does with what it should do.

Nothing here depends on how fast the machine is: a wait ends with what was
waited for, or after a minute, as a failure.  The clients that talk have an hour
to do it, and the one that is silent is alone with a server that gives it a
second.
"""

import contextlib
import signal
import socket
import struct
import subprocess
import sys

LIMIT = 60
# More than the sockets on the way hold.
BULK = 16 << 20
RESET = struct.pack("ii", 1, 0)


class Shout:
    """A server that runs."""

    def __init__(self, program, seconds):
        self.process = subprocess.Popen([program, str(seconds)],
                                        stdout=subprocess.PIPE, text=True)
        word, port = self.process.stdout.readline().split()
        assert word == "port"
        self.address = ("127.0.0.1", int(port))

    def client(self, room=None):
        """A connection; room is that of its input, in bytes."""
        client = socket.socket()
        client.settimeout(LIMIT)
        if room:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        try:
            client.connect(self.address)
        except OSError:
            client.close()
            raise
        return client

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def last_words(self):
        """What it prints in the end, and its status."""
        printed, _ = self.process.communicate(timeout=LIMIT)
        return printed.strip().partition(" "), self.process.returncode

    def close(self):
        self.process.kill()
        self.process.communicate()


def receive(client, size=None):
    """That many bytes, or all there are until the connection ends."""
    got = bytearray()
    while size is None or len(got) < size:
        piece = client.recv(65536)
        if not piece:
            break
        got += piece
    return bytes(got)


def says(client, text):
    client.sendall(text)
    return receive(client, len(text))


def connects_after_term(server):
    """How many do until one is refused: TERM is handled some time later."""
    for count in range(LIMIT * 10):
        try:
            server.client().close()
        except ConnectionRefusedError:
            return count
        except ConnectionResetError:  # it was closed with this one waiting
            continue
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.process.wait(0.1)
    raise TimeoutError


def talk(program):
    """Conversations with clients that have time."""
    server = Shout(program, 3600)
    with contextlib.closing(server), contextlib.ExitStack() as stack:
        first = stack.enter_context(server.client())
        yield "a line", says(first, b"hello, world\n"), b"HELLO, WORLD\n"
        yield "the next", says(first, b"Again!\n"), b"AGAIN!\n"

        crowd = [stack.enter_context(server.client()) for _ in range(20)]
        for number, client in enumerate(crowd):
            client.sendall(b"client %02d" % number)
        yield ("20 at once", [receive(client, 9) for client in crowd],
               [b"CLIENT %02d" % number for number in range(20)])

        # It sends its end first, and then reads what is owed to it.
        ends = stack.enter_context(server.client(4096))
        ends.sendall(b"x" * BULK)
        ends.shutdown(socket.SHUT_WR)
        yield "another meanwhile", says(first, b"free?"), b"FREE?"
        got = receive(ends)
        yield "all before the end", (len(got), got.strip(b"X")), (BULK, b"")

        resets = server.client()
        resets.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        resets.close()
        yield "after a reset", says(first, b"still there"), b"STILL THERE"

        server.terminate()
        late = connects_after_term(server)
        yield "TERM ends no client", says(first, b"and here"), b"AND HERE"
        for client in crowd + [first]:
            client.shutdown(socket.SHUT_WR)
            yield "whose end is seen", receive(client), b""
        (clients, _, rest), status = server.last_words()
        yield "all are counted", 23 <= int(clients) <= 23 + late, True
        sent = 13 + 7 + 20 * 9 + BULK + 5 + 11 + 8
        yield ("last words", (rest, status),
               (f"clients, 0 of them silent, {sent} bytes", 0))


def keep_silent(program):
    server = Shout(program, 1)
    with contextlib.closing(server), server.client() as client:
        yield "a silent client is disconnected", receive(client), b""
        server.terminate()
        (_, _, rest), status = server.last_words()
        yield ("last words", (rest, status),
               ("clients, 1 of them silent, 0 bytes", 0))


def main():
    failed = 0
    for program in sys.argv[1:]:
        count = 0
        for conversation in (talk, keep_silent):
            for what, got, wanted in conversation(program):
                count += 1
                if got != wanted:
                    failed += 1
                    print(f"{program}: {what}: {got!r:.99}, not "
                          f"{wanted!r:.99}")
        print(f"migrating: {program.rpartition('/')[2]}: {count} answers")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
