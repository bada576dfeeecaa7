"""Rates that any number of processes keep together, waiting their turn.

Each rate is a token bucket, kept as one number in a SQLite file of the machine, or in Redis. When
that cannot be reached each process keeps the rate alone, and whoever is asked may say "too many".
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from pyrate_limiter import Decision, InMemoryStateStore, Rate, RedisStateStore, TokenBucket
from pyrate_limiter.abstracts.algorithm import State, StateAlgorithm
from pyrate_limiter.abstracts.store import StateStore
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from core.clock import Clock, now
from core.per_process import PerProcess
from core.settings import Settings

log = structlog.get_logger()

BUCKET = TokenBucket()
PATIENCE = 1.0
"""Seconds that the shared store may take before we go on alone."""
ALONE = timedelta(seconds=5)
"""How long we go on alone before trying the shared store again."""


@dataclass(frozen=True)
class Limit:
    """So many in so many seconds, over time; and `burst` of them at once after a rest."""

    requests: int
    seconds: float
    burst: int

    def rate(self) -> Rate:
        return Rate(self.requests, round(self.seconds * 1000), self.burst)


class TooLong(Exception):
    """One's turn would come only after `wait` seconds, which is longer than one would wait."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"the turn comes in {wait:.1f} s")
        self.wait = wait


class _Queue:
    """The threads of this process that want a turn of one rate. Whoever is first asks for all."""

    def __init__(self) -> None:
        self.first = threading.Lock()
        self.wanted = 0
        """Turns that threads of ours are waiting for, the first one's among them."""
        self.in_hand = 0
        """Turns that the first had for those behind, who are waiting for them."""
        self._count = threading.Lock()

    @contextmanager
    def one_more(self) -> Iterator[None]:
        with self._count:
            self.wanted += 1
        try:
            with self.first:
                yield
        finally:
            with self._count:
                self.wanted -= 1
                self.in_hand = min(self.in_hand, self.wanted)


class Limits:
    """`store` gives what keeps a rate by its name."""

    def __init__(
        self,
        store: Callable[[str], StateStore],
        *,
        clock: Clock = now,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._store, self._clock, self._sleep = store, clock, sleep
        self._shared: dict[str, StateStore] = {}
        self._own: dict[str, StateStore] = {}
        self._queues: dict[str, _Queue] = {}
        self._alone_until: datetime | None = None

    def wait(self, name: str, limit: Limit, *, longest: float) -> float:
        """Take one's turn; the seconds that it took. Raises TooLong at once, having taken none."""
        waited = 0.0
        while pause := self.ask(name, limit):
            if waited + pause > longest:
                raise TooLong(pause)
            self._sleep(pause)
            waited += pause
        return waited

    def ask(self, name: str, limit: Limit) -> float:
        """Take a turn if there is one, which is 0; or the seconds until there may be one."""
        queue = self._queues.get(name) or self._queues.setdefault(name, _Queue())
        with queue.one_more():
            if queue.in_hand:
                queue.in_hand -= 1
                return 0.0
            wanted = min(queue.wanted, limit.burst)
            if wanted > 1 and self._check(name, limit, wanted).allowed:
                queue.in_hand = wanted - 1
                return 0.0
            decision = self._check(name, limit, 1)
        return 0.0 if decision.allowed else max(decision.retry_after_ms or 0, 1) / 1000

    def wanted(self, name: str) -> int:
        """How many threads of ours want a turn just now."""
        queue = self._queues.get(name)
        return queue.wanted if queue else 0

    def _check(self, name: str, limit: Limit, turns: int) -> Decision:
        at, rates = self._clock(), [limit.rate()]
        if self._alone_until is None or at >= self._alone_until:
            try:
                return self._ask(self._shared, self._store, name, rates, at, turns)
            except (RedisError, sqlite3.Error, OSError) as e:
                self._alone_until = at + ALONE
                log.warning("limits_not_shared", error=type(e).__name__)
        return self._ask(self._own, lambda _: InMemoryStateStore(), name, rates, at, turns)

    def _ask(
        self,
        kept: dict[str, StateStore],
        make: Callable[[str], StateStore],
        name: str,
        rates: list[Rate],
        at: datetime,
        turns: int,
    ) -> Decision:
        store = kept.get(name) or kept.setdefault(name, make(name))
        decision = store.check(BUCKET, rates, int(at.timestamp() * 1000), turns)
        assert isinstance(decision, Decision)  # noqa: S101 - the asynchronous stores are not ours
        return decision


def shared_limits(settings: Settings) -> Limits:
    """Redis where there is one; otherwise a file that this machine's processes share."""
    if settings.redis_url:
        redis = Redis.from_url(
            settings.redis_url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 1),
        )
        return Limits(lambda name: RedisStateStore(redis, f"musubi:limit:{name}"))
    states = SqliteStates(settings.run_dir / "limits.db")
    return Limits(lambda name: SqliteStore(states, name))


class _Open:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.lock = threading.Lock()
        self.connection = sqlite3.connect(
            path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        # After a crash of the machine the worst is a bucket that is full again.
        for pragma in ("journal_mode=WAL", "synchronous=OFF"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS buckets (name TEXT PRIMARY KEY, full_at INTEGER NOT NULL)"
            " WITHOUT ROWID"
        )


class SqliteStates:
    """The file that holds every bucket. Opened by each process for itself."""

    def __init__(self, path: Path) -> None:
        self._open = PerProcess(lambda: _Open(path))

    @contextmanager
    def turn(self) -> Iterator[sqlite3.Connection]:
        """Alone with the file, among all threads and processes."""
        opened = self._open.get()
        with opened.lock:
            opened.connection.execute("BEGIN IMMEDIATE")
            try:
                yield opened.connection
            finally:
                opened.connection.execute("COMMIT")

    def close(self) -> None:
        if opened := self._open.take():
            opened.connection.close()


class SqliteStore(StateStore):
    """One bucket: the microsecond at which it will be full again."""

    def __init__(self, states: SqliteStates, name: str) -> None:
        self._states, self._name = states, name

    def check(
        self, algorithm: StateAlgorithm, rates: list[Rate], now: int, weight: int
    ) -> Decision:
        with self._states.turn() as connection:
            stored = self._look(connection) or algorithm.initial(rates)
            after, decision = algorithm.step(rates, _sane(stored, rates, now), now, weight)
            if after != stored:
                connection.execute(
                    "INSERT INTO buckets VALUES (?, ?)"
                    " ON CONFLICT (name) DO UPDATE SET full_at = excluded.full_at",
                    (self._name, *after),
                )
            return decision

    def read(self, algorithm: StateAlgorithm, rates: list[Rate]) -> State:
        with self._states.turn() as connection:
            return self._look(connection) or algorithm.initial(rates)

    def reset(self) -> None:
        with self._states.turn() as connection:
            connection.execute("DELETE FROM buckets WHERE name = ?", (self._name,))

    def close(self) -> None:
        self._states.close()

    def _look(self, connection: sqlite3.Connection) -> State | None:
        found: State | None = connection.execute(
            "SELECT full_at FROM buckets WHERE name = ?", (self._name,)
        ).fetchone()
        return found


def _sane(state: State, rates: list[Rate], now: int) -> State:
    """Nothing is full later than an empty bucket is: what says so is a clock that was set back."""
    latest = ((now + rate.burst * rate.interval / rate.limit + 1) * 1000 for rate in rates)
    return tuple(min(each, round(bound)) for each, bound in zip(state, latest, strict=True))
