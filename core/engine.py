"""Runs what is owed: bells say "there is work of this kind", and a sweep hears what no bell rang.

Huey carries the bells (`core.bells`: through pipes of this machine, or through Redis). A bell holds
no information, so losing every one of them costs no more than the time until the next sweep.
"""

import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import structlog
from huey import Huey
from huey.consumer import Consumer
from huey.serializer import SignedSerializer
from redis.exceptions import RedisError

from core import metrics, session
from core.bells import LocalBells, NobodyHears, RedisBells
from core.settings import Settings

log = structlog.get_logger()

UNREACHABLE = (RedisError, OSError, sqlite3.Error)
"""What says that the carrier of the bells cannot be reached just now."""
SWEEP = 2.0
"""Seconds between looks at what is due."""
STORM = 0.005
"""Seconds in which any number of bells of one kind are one bell."""
BEAT = 5.0
"""Seconds between signs of life."""


@dataclass(frozen=True)
class Work:
    """A kind of work. `run` does everything that is due and returns how much that was."""

    kind: str
    run: Callable[[], int]
    every: float = SWEEP


class _Huey(Huey):  # type: ignore[misc]  # it has no types
    def is_revoked(self, *_task: object, **_how: object) -> bool:
        """Nobody takes a bell back; Huey would ask its store about each."""
        return False


def _huey(settings: Settings) -> Huey:
    # Huey pickles its messages: signed, so that whoever can write to Redis cannot make us run code.
    signed = SignedSerializer(secret=settings.secret_key.get_secret_value(), salt="bells")
    carried = {"folder": settings.run_dir} if not settings.redis_url else {
        "url": settings.redis_url, "read_timeout": 1,
    }  # fmt: skip
    carrier = RedisBells if settings.redis_url else LocalBells
    return _Huey("musubi", storage_class=carrier, results=False, serializer=signed, **carried)


class Engine:
    """One a process. The web process only rings; the worker adds its kinds of work and runs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._huey = _huey(settings)
        self._bell = self._huey.task(name="bell")(self._answer)
        self._works: dict[str, Work] = {}
        self._running: Counter[str] = Counter()
        self._rung: set[str] = set()
        self._wake = threading.Condition()
        self._ringer: threading.Thread | None = None
        self._stop = threading.Event()
        self._consumer: Consumer | None = None

    # Ringing

    def ring(self, *kinds: str) -> None:
        """Say that there is work. Costs the caller nothing: a thread of its own carries it."""
        with self._wake:
            self._rung.update(kinds)
            if self._ringer is None or not self._ringer.is_alive():
                self._ringer = threading.Thread(target=self._carry, name="ringer", daemon=True)
                self._ringer.start()
            self._wake.notify()

    def _carry(self) -> None:
        while not self._stop.is_set():
            with self._wake:
                self._wake.wait_for(lambda: self._rung, timeout=30)
                kinds, self._rung = sorted(self._rung), set()
            for kind in kinds:
                self._enqueue(kind)
            time.sleep(STORM)

    def _enqueue(self, kind: str) -> bool:
        """Whether somebody will hear it."""
        try:
            # Named after its kind, so that two of a kind are the same bell.
            self._huey.enqueue(self._bell.task_class((kind,), id=kind))
        except NobodyHears:
            return False
        except UNREACHABLE as e:
            log.warning("bell_not_rung", kind=kind, error=type(e).__name__)  # the sweep will see
            return False
        return True

    # Working

    def add(self, works: Iterable[Work]) -> None:
        self._works.update({work.kind: work for work in works})

    def _answer(self, kind: str) -> None:
        if work := self._works.get(kind):
            self.run_once(work)

    def run_once(self, work: Work) -> int:
        """Do what is due of one kind. Here, and only here, anything is caught."""
        self._running[work.kind] += 1
        try:
            count = work.run()
        except session.DOWN as e:
            log.warning("work_put_off", kind=work.kind, error=type(e).__name__)  # the sweep tries
            metrics.broken.labels(work.kind).inc()
            return 0
        except Exception:
            log.exception("work_broke", kind=work.kind)
            metrics.broken.labels(work.kind).inc()
            return 0
        finally:
            self._running[work.kind] -= 1
        if count:
            metrics.worked.labels(work.kind).inc(count)
        return count

    def run(self) -> None:
        """Work until told to stop (SIGTERM or SIGINT finish what is in hand)."""
        self._consumer = self._huey.create_consumer(
            workers=self._settings.worker_threads,
            periodic=False,
            shutdown_timeout=20,
            graceful_signal="TERM",
        )
        for loop in (self._sweep, self._beat):
            threading.Thread(target=loop, name=loop.__name__, daemon=True).start()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        log.info("worker_started", kinds=sorted(self._works), threads=self._settings.worker_threads)
        self._consumer.run()
        self._consumer.stop(graceful=True)  # however it ended, nothing is left half done
        self._stop.set()
        self._huey.storage.close()
        log.info("worker_stopped")

    def stop(self) -> None:
        """Let `run` finish what is in hand and return."""
        self._stop.set()
        if self._consumer is not None:
            self._consumer.stop_flag.set()

    def _sweep(self) -> None:
        next_look = dict.fromkeys(self._works, 0.0)
        while not self._stop.wait(0.2):
            now = time.monotonic()
            for kind, work in self._works.items():
                if now < next_look[kind] or self._running[kind]:
                    continue
                next_look[kind] = now + work.every
                if not self._enqueue(kind):
                    self.run_once(work)

    # Signs of life

    def _beat(self) -> None:
        while True:
            try:
                self._huey.storage.put_data("beat", str(time.time()).encode())
            except UNREACHABLE as e:
                log.warning("beat_missed", error=type(e).__name__)
            if self._stop.wait(BEAT):
                return

    def last_beat(self) -> float | None:
        """Seconds since a worker last showed life; None when none ever did."""
        said = self._huey.storage.peek_data("beat")
        return time.time() - float(bytes(said)) if isinstance(said, bytes | memoryview) else None
