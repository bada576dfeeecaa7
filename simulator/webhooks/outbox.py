"""The outbox sends webhooks: in order per person, signed, two seconds each, again when asked to."""

import base64
import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

import urllib3

from simulator.clock import Clock
from simulator.later import Later
from simulator.settings import Settings
from simulator.state import Json, State

TIMEOUT = 2.0
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


def signature(secret: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


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
        self._busy: set[str] = set()
        self._in_flight = 0
        self._landed = threading.Condition(lock)
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="webhooks")
        self._http = urllib3.PoolManager(maxsize=16, retries=False)

    def put(self, event: Json) -> None:
        """Send an event after everything else of the same person."""
        with self._lock:
            self._remember(event)
            if not (self._state().webhook.active and self._state().webhook.url):
                return
            queue = self._queues.setdefault(_whose(event), deque())
            queue.extend([event, event] if self.delivery.duplicate else [event])
        if self.delivery.reorder:
            self._later.after(HOLD, lambda: self._wake(_whose(event)))
        else:
            self._wake(_whose(event))

    def redeliver(self, event_id: str) -> bool:
        """Send an event again, as LINE does when it got no 2xx."""
        with self._lock:
            event = self.events.get(event_id)
        if event is None:
            return False
        self._pool.submit(self._deliver, [_again(event)], 0)
        return True

    def deliver_raw(self, events: list[Json]) -> tuple[int | None, str]:
        """Send a webhook with these events, as they are, and say how it was answered."""
        with self._lock:
            for event in events:
                if event.get("webhookEventId"):
                    self._remember(event)
        return self._post(events)

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
            self._landed.wait_for(lambda: not self._in_flight, TIMEOUT + 1)
            self.events.clear()
            self.log.clear()

    @property
    def waiting(self) -> int:
        with self._lock:
            return sum(map(len, self._queues.values())) + len(self._busy)

    def test(self, url: str) -> tuple[int | None, str]:
        return self._post([], url)

    def _remember(self, event: Json) -> None:
        self.events[event["webhookEventId"]] = event
        while len(self.events) > MOST:
            del self.events[next(iter(self.events))]

    def _wake(self, whose: str) -> None:
        with self._lock:
            if whose in self._busy or not self._queues.get(whose) or self.delivery.paused:
                return
            self._busy.add(whose)
        self._pool.submit(self._drain, whose)

    def _drain(self, whose: str) -> None:
        while (event := self._next(whose)) is not None:
            self._deliver([event], 0)

    def _next(self, whose: str) -> Json | None:
        with self._lock:
            queue = self._queues.get(whose)
            if not queue or self.delivery.paused:
                self._busy.discard(whose)
                return None
            event = queue.pop() if self.delivery.reorder else queue.popleft()
            if not queue:
                del self._queues[whose]
            return event

    def _deliver(self, events: list[Json], tried: int) -> None:
        status, _ = self._post(events)
        wanted = self.delivery.redelivery and tried < REDELIVERIES
        if wanted and (status is None or not 200 <= status < 300):
            again = [_again(event) for event in events]
            self._later.after(
                self._settings.redelivery_delay * 2**tried,
                lambda: self._submit(again, tried + 1),
            )

    def _submit(self, events: list[Json], tried: int) -> None:
        self._pool.submit(self._deliver, events, tried)

    def _post(self, events: list[Json], url: str = "") -> tuple[int | None, str]:
        """The status the server answered, or none and why."""
        with self._lock:
            self._in_flight += 1
            url = url or self._state().webhook.url
            now = self._clock.now_ms()
            for event in events:
                token = self._state().reply_tokens.get(event.get("replyToken", ""))
                if token:
                    token.delivered_at = now
        status, reason = self._ask(url, events)
        types, event_ids = (
            [str(event.get(name, "")) for event in events] for name in ("type", "webhookEventId")
        )
        redelivery = any(e.get("deliveryContext", {}).get("isRedelivery") for e in events)
        with self._lock:
            self.log.append(Sent(now, event_ids, types, status, reason, redelivery))
            self._in_flight -= 1
            self._landed.notify_all()
        return status, reason

    def _ask(self, url: str, events: list[Json]) -> tuple[int | None, str]:
        whole = {"destination": self._settings.bot_user_id, "events": events}
        body = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "LineBotWebhook/2.0",
            "x-line-signature": signature(self._settings.channel_secret, body),
        }
        try:
            answer = self._http.request(
                "POST", url, body=body, headers=headers, timeout=TIMEOUT, redirect=False
            )
        except urllib3.exceptions.NewConnectionError:
            return None, "COULD_NOT_CONNECT"
        except urllib3.exceptions.TimeoutError:
            return None, "REQUEST_TIMEOUT"
        except urllib3.exceptions.HTTPError:
            return None, "COULD_NOT_CONNECT"
        return answer.status, "OK" if 200 <= answer.status < 300 else "ERROR_STATUS_CODE"


def _whose(event: Json) -> str:
    source: dict[str, Any] = event.get("source", {})
    return str(source.get("userId", ""))


def _again(event: Json) -> Json:
    return event | {"deliveryContext": {"isRedelivery": True}}
