"""Whoever writes to one SQLite file takes turns: threads, and processes of one machine.

SQLite lets who finds it busy sleep and look again, each time longer, up to 0.1 s. Here they look
again soon. It is a courtesy between our own: SQLite's lock remains what keeps writers apart.
"""

import fcntl
import os
import threading
import time
from pathlib import Path

LOOK = 0.0002
"""Seconds until a process looks again whether it is its turn."""
PATIENCE = 5.0
"""Seconds after which it asks SQLite all the same: who has the turn may be frozen."""


class Turn:
    """`with turn:` around a transaction. A process that dies gives its turn back."""

    def __init__(self, path: Path | None, patience: float = PATIENCE) -> None:
        """`path`: a file of our own beside the database; none, if only this process has it."""
        self._path, self._patience = path, patience
        self._threads = threading.RLock()
        self._depth = 0
        self._file: int | None = None

    def __enter__(self) -> None:
        self._threads.acquire()
        self._depth += 1
        if self._depth == 1 and self._path is not None:
            self._wait(self._path)

    def __exit__(self, *_how: object) -> None:
        self._depth -= 1
        if self._depth == 0 and self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _wait(self, path: Path) -> None:
        if self._file is None:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
        until = time.monotonic() + self._patience
        while not _taken(self._file) and time.monotonic() < until:
            time.sleep(LOOK)


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
