"""Whatever can be taken away is: by kill -9, by a connection cut after the call, by a restart."""

import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from bench.chaos_parts import time_passing
from bench.deployment import Deployment
from bench.processes import Process
from bench.stores import Postgres, Redis
from core.database import Database

CUT = (
    "POST /v2/bot/message/reply",
    "POST /v2/bot/message/push",
    "POST /v2/bot/richmenu/bulk/link",
    "POST /v2/bot/richmenu/bulk/unlink",
    "POST /v2/bot/user/",
    "GET /v2/bot/profile/",
    "POST /v2/bot/richmenu",
    "POST /v2/bot/richmenu/batch",
)
"""Calls whose answer is lost on the way, after LINE did what was asked."""
TRIES = 40
"""Of a command whose terminal may die, or whose database may be away."""


class Killer:
    def __init__(
        self, running: Deployment, database: Database, rng: random.Random,
        *, postgres: Postgres | None, redis: Redis | None,
    ) -> None:  # fmt: skip
        self._running, self._database, self._random = running, database, rng
        self._postgres, self._redis = postgres, redis
        self.killed: Counter[str] = Counter()
        self.terminal: Process | None = None
        """A command that somebody is just running."""
        self._lock = threading.Lock()

    def kill(self) -> str:
        """Take something away, and see to it that it is there again. What it was."""
        ways: list[tuple[int, str, Callable[[], bool]]] = [
            (34, "web process", self._web_process),
            (3, "gunicorn and all its processes", self._web),
            (34, "worker", self._worker),
            (17, "connection after LINE's deed", self._connection),
            (4, "command at a terminal", self._command),
        ]
        if self._postgres is not None:
            ways.append((4, "PostgreSQL crashed and restarted", self._crash_postgres))
        if self._redis is not None:
            ways.append((4, "Redis killed and restarted", self._restart_redis))
        _, what, do = self._random.choices(ways, [weight for weight, _, _ in ways])[0]
        if not do():  # there is none just now
            what, do = "worker", self._worker
            do()
        self.killed[what] += 1
        return what

    def _web_process(self) -> bool:
        assert self._running.web is not None
        children = self._running.web.children()
        if children:
            _kill(self._random.choice(children))
        return bool(children)

    def _web(self) -> bool:
        web = self._running.web
        assert web is not None
        for pid in (web.pid, *web.children()):
            _kill(pid)
        web.wait(10)
        self._running.start_web()
        return True

    def _worker(self) -> bool:
        worker = self._random.choice(self._running.workers)
        worker.signal(signal.SIGKILL)
        self._running.workers.remove(worker)
        self._running.start_worker()
        return True

    def _connection(self) -> bool:
        match = self._random.choice(CUT)
        self._running.line.fail(match, "drop_after", count=self._random.randint(1, 2))
        return True

    def _command(self) -> bool:
        with self._lock:
            command = self.terminal
        if command is None or command.ended.is_set():
            return False
        command.signal(signal.SIGKILL)
        return True

    def _crash_postgres(self) -> bool:
        assert self._postgres is not None
        self._postgres.restart(crash=True)
        return True

    def _restart_redis(self) -> bool:
        assert self._redis is not None
        self._redis.restart()
        return True

    def run_command(self, *words: str) -> None:
        """As staff do: when the terminal dies under it, run it again until it ends well."""
        for _ in range(TRIES):
            with self._lock:
                self.terminal = self._running.start(*words)
            if self.terminal.wait(60) == 0:
                return
            if self.terminal.status is None:
                self.terminal.signal(signal.SIGKILL)
            if words[0] == "menus":
                self._free_the_menus()
            time.sleep(0.3)
        raise RuntimeError(f"musubi {' '.join(words)} never ended well: see its log")

    def _free_the_menus(self) -> None:
        with contextlib.suppress(SQLAlchemyError):  # it is being restarted
            time_passing.free_the_menus(self._database)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
