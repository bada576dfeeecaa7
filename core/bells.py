"""Carries bells between the processes of one machine: whoever listens hears them within a moment.

Each process that listens has a named pipe of its own in a folder. What is rung is written to every
pipe, and is gone when nobody listens. A pipe that somebody left behind is found by the next who
rings, and taken away.
"""

import errno
import os
import select
import threading
from base64 import b64decode, b64encode
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from huey.storage import RedisStorage, SqliteStorage

PATIENCE = 0.5
"""Seconds that whoever listens waits for a bell, before looking whether it is to stop."""
EAR = ".ear"


class NobodyHears(OSError):
    """Nobody listened, or everybody has more bells waiting than fit."""


class LocalBells(SqliteStorage):  # type: ignore[misc]  # Huey has no types
    """Huey's file for what is kept, and pipes for what is rung."""

    blocking = True

    def __init__(self, name: str, folder: Path, **more: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(name, filename=str(folder / "bells.db"), fsync=False, **more)
        self._folder = folder / "bells"
        self._ear: _Ear | None = None
        self._turn = threading.Lock()
        self._heard: deque[bytes] = deque()

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        line = b64encode(data) + b"\n"
        # To all of them: it harms nobody to look once more, and one of them may be frozen.
        heard = sum(_ring(ear, line) for ear in self._folder.glob(f"*{EAR}"))
        if not heard:
            raise NobodyHears

    def dequeue(self) -> bytes | None:
        # One listens: a bell wakes one thread, not all.
        if not self._turn.acquire(timeout=PATIENCE):
            return None
        try:
            if not self._heard:
                self._ear = self._ear or _Ear(self._folder)
                self._heard += self._ear.listen()
            return self._heard.popleft() if self._heard else None
        finally:
            self._turn.release()

    def close(self) -> bool:
        with self._turn:
            if self._ear:
                self._ear.close()
            self._ear = None
        return bool(super().close())


class RedisBells(RedisStorage):  # type: ignore[misc]
    """A list in Redis, in which each bell stands once, however often it was rung."""

    def enqueue(self, data: bytes, priority: float | None = None) -> None:
        with self.conn.pipeline() as together:
            together.lrem(self.queue_key, 0, data).lpush(self.queue_key, data).execute()


class _Ear:
    """A pipe of our own. It is open for writing as well, or it would end with who rang last."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        unheard = folder / f"{uuid4().hex}.new"
        os.mkfifo(unheard, 0o600)
        self._pipe = os.open(unheard, os.O_RDWR | os.O_NONBLOCK)
        # Only now, or somebody would find that nobody listens and take it away.
        self._path = unheard.rename(unheard.with_suffix(EAR))
        self._poll = select.poll()
        self._poll.register(self._pipe, select.POLLIN)
        self._rest = b""

    def listen(self) -> list[bytes]:
        """What was rung, each bell once however often it rang; nothing after a while."""
        if not self._poll.poll(PATIENCE * 1000):
            return []
        *lines, self._rest = (self._rest + os.read(self._pipe, 1 << 16)).split(b"\n")
        return [b64decode(line) for line in dict.fromkeys(lines)]

    def close(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._pipe)


def _ring(ear: Path, line: bytes) -> bool:
    """Whether somebody will hear it. A line is short enough to be written whole, or not at all."""
    try:
        pipe = os.open(ear, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as e:
        if e.errno == errno.ENXIO:  # whoever listened has died
            ear.unlink(missing_ok=True)
        return False
    with suppress(BlockingIOError, BrokenPipeError):  # full of bells; or closed just now
        os.write(pipe, line)
    os.close(pipe)
    return True
