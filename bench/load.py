"""Webhooks as fast as a server takes them, or at a steady pace, over connections kept open.

One thread and plain sockets: it sends some 15,000 a second on one core, so it is the server that
is measured. Latency is counted from when a request was due, not from when it could leave.
"""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

ANSWER = b"HTTP/1.1 200"
END = b"\r\n\r\n"
PATIENCE = 10.0


@dataclass
class Shots:
    """What came of it."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


class _Line:
    """One connection, and since when it waits for an answer."""

    def __init__(self, port: int) -> None:
        self.port, self.since, self.got = port, 0.0, b""
        self.open()

    def open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes, since: float) -> None:
        self.since, self.got = since, b""
        self.socket.sendall(request)


class Load:
    """So many connections to one port of this machine."""

    def __init__(self, port: int, connections: int = 32) -> None:
        self._selector = selectors.DefaultSelector()
        self._lines = [_Line(port) for _ in range(connections)]

    def __enter__(self) -> Self:
        for line in self._lines:
            self._selector.register(line.socket, selectors.EVENT_READ, line)
        return self

    def __exit__(self, *_how: object) -> None:
        self._selector.close()
        for line in self._lines:
            line.socket.close()

    def flat_out(self, requests: Iterator[bytes], seconds: float) -> Shots:
        """Each connection sends the next as soon as it has its answer."""
        shots = Shots()
        began = time.perf_counter()
        for line in self._lines:
            line.send(next(requests), time.perf_counter())
        waiting = len(self._lines)
        while waiting:
            for line in self._answered(shots):
                now = time.perf_counter()
                if now - began < seconds:
                    line.send(next(requests), now)
                else:
                    waiting -= 1
        shots.seconds = time.perf_counter() - began
        return shots

    def paced(self, requests: Iterator[bytes], rate: float, seconds: float) -> Shots:
        """So many a second, whatever the answers do."""
        shots, free, sent = Shots(), list(self._lines), 0
        began = time.perf_counter()
        total = int(rate * seconds)
        while sent < total or len(free) < len(self._lines):
            now = time.perf_counter()
            while free and sent < total and began + sent / rate <= now:
                free.pop().send(next(requests), began + sent / rate)
                sent += 1
            due = began + sent / rate - now if free and sent < total else PATIENCE
            free += self._answered(shots, max(due, 0.0))
        shots.seconds = time.perf_counter() - began
        return shots

    def _answered(self, shots: Shots, patience: float = PATIENCE) -> list[_Line]:
        """The connections that have their answer now."""
        done = []
        for key, _ in self._selector.select(patience):
            line: _Line = key.data
            given = line.socket.recv(65536)
            line.got += given
            if given and END not in line.got:
                continue
            shots.latencies.append(time.perf_counter() - line.since)
            shots.refused += not line.got.startswith(ANSWER)
            if not given or b"onnection: close" in line.got:
                self._again(line)
            done.append(line)
        return done

    def _again(self, line: _Line) -> None:
        self._selector.unregister(line.socket)
        line.socket.close()
        line.open()
        self._selector.register(line.socket, selectors.EVENT_READ, line)
