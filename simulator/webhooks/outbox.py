"""The outbox sends what happened: in order per person, and again when LINE would."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from simulator.clock import Clock
from simulator.later import Later
from simulator.settings import Settings
from simulator.state import Json, State
from simulator.webhooks.post import TIMEOUT, Answer, Post

REDELIVERIES = 5
HOLD = 0.4
"""Seconds an event waits for a successor to change places with, when told to reorder."""
MOST = 20_000


@dataclass
class Delivery:
    """How the sending is done at present."""

    duplicate: bool = False
    reorder: bool = False
    redelivery: bool = False
    paused: bool = False


@dataclass
class Sent:
    """One attempt to deliver."""

    at: int
    event_ids: list[str]
    types: list[str]
    status: int | None
    reason: str
    redelivery: bool


class Outbox:
    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        later: Later,
        lock: "threading.RLock",
        state: Callable[[], State],
    ) -> None:
        self._settings, self._clock, self._later = settings, clock, later
        self._lock, self._state = lock, state
        self.delivery = Delivery()
        self.events: dict[str, Json] = {}
        self.log: deque[Sent] = deque(maxlen=MOST)
        self._queues: dict[str, deque[Json]] = {}
        self._draining: set[str] = set()
        self._at_work = 0
        self._rested = threading.Condition(lock)
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="webhooks")
        self._post = Post(settings)

    def put(self, event: Json) -> None:
        """Send an event after everything else of the same person."""
        whose = _whose(event)
        with self._lock:
            self._remember(event)
            if not (self._state().webhook.active and self._state().webhook.url):
                return
            queue = self._queues.setdefault(whose, deque())
            queue.extend([event, event] if self.delivery.duplicate else [event])
        if self.delivery.reorder:
            self._later.after(HOLD, partial(self._wake, whose))
        else:
            self._wake(whose)

    def redeliver(self, event_id: str) -> bool:
        """Send an event again, as LINE does when it got no 2xx."""
        with self._lock:
            event = self.events.get(event_id)
        if event is not None:
            self._work(partial(self._deliver, _again(event), 0))
        return event is not None

    def send_now(self, events: list[Json], url: str = "") -> Answer:
        """Send one webhook with these events, as they are, and wait for the answer."""
        with self._lock:
            url = url or self._state().webhook.url
            now = self._clock.now_ms()
            for event in events:
                self._remember(event)
                token = self._state().reply_tokens.get(event.get("replyToken", ""))
                if token:
                    token.delivered_at = now
        answer = self._post.send(url, events)
        with self._lock:
            self.log.append(_sent(now, events, answer))
        return answer

    def change(self, asked: Json) -> Delivery:
        with self._lock:
            for name, value in asked.items():
                if name not in asdict(self.delivery):
                    raise ValueError(f"unknown: {name}")
                setattr(self.delivery, name, bool(value))
            waiting = list(self._queues)
        for whose in waiting:
            self._wake(whose)
        return self.delivery

    def forget(self) -> None:
        """Drop what waits; what is under way arrives first, so that nothing arrives later."""
        with self._lock:
            self.delivery = Delivery()
            self._queues.clear()
            self._rested.wait_for(lambda: not self._at_work, TIMEOUT + 1)
            self.events.clear()
            self.log.clear()

    @property
    def waiting(self) -> int:
        """Events that have not been answered yet; redeliveries to come are not among them."""
        with self._lock:
            return sum(map(len, self._queues.values())) + self._at_work

    def _remember(self, event: Json) -> None:
        if "webhookEventId" in event:
            self.events.setdefault(event["webhookEventId"], event)
        while len(self.events) > MOST:
            del self.events[next(iter(self.events))]

    def _wake(self, whose: str) -> None:
        with self._lock:
            if whose in self._draining or not self._queues.get(whose) or self.delivery.paused:
                return
            self._draining.add(whose)
        self._work(partial(self._drain, whose))

    def _work(self, do: Callable[[], None]) -> None:
        """Do it in another thread."""

        def done() -> None:
            try:
                do()
            finally:
                with self._lock:
                    self._at_work -= 1
                    self._rested.notify_all()

        with self._lock:
            self._at_work += 1
        self._pool.submit(done)

    def _drain(self, whose: str) -> None:
        while (event := self._next(whose)) is not None:
            self._deliver(event, 0)

    def _next(self, whose: str) -> Json | None:
        with self._lock:
            queue = self._queues.get(whose)
            if not queue or self.delivery.paused:
                self._draining.discard(whose)
                return None
            event = queue.pop() if self.delivery.reorder else queue.popleft()
            if not queue:
                del self._queues[whose]
            return event

    def _deliver(self, event: Json, tried: int) -> None:
        """Send, and see to it that it is sent again when it was not taken."""
        taken = self.send_now([event]).ok
        if not taken and self.delivery.redelivery and tried < REDELIVERIES:
            again = partial(self._deliver, _again(event), tried + 1)
            wait = self._settings.redelivery_delay * 2**tried
            self._later.after(wait, partial(self._work, again))


def _whose(event: Json) -> str:
    source: dict[str, Any] = event.get("source", {})
    return str(source.get("userId", ""))


def _again(event: Json) -> Json:
    return event | {"deliveryContext": {"isRedelivery": True}}


def _sent(at: int, events: list[Json], answer: Answer) -> Sent:
    return Sent(
        at=at,
        event_ids=[str(event.get("webhookEventId", "")) for event in events],
        types=[str(event.get("type", "")) for event in events],
        status=answer.status,
        reason=answer.reason,
        redelivery=any(e.get("deliveryContext", {}).get("isRedelivery") for e in events),
    )
