"""The one world of a running simulator: its state, its lock, and what watches and drives it."""

import threading
from dataclasses import dataclass

from simulator import ids
from simulator.clock import Clock
from simulator.faults import Faults
from simulator.later import Later
from simulator.ledger import Ledger
from simulator.limits import Limits
from simulator.login import keys
from simulator.settings import Settings
from simulator.state import ChannelToken, Entry, From, Json, Person, Quota, State, Via, Webhook
from simulator.webhooks.outbox import Outbox


@dataclass(frozen=True)
class _Cast:
    name: str
    language: str
    phone: str


CAST = (
    _Cast("佐藤 花子", "ja", "+819012345678"),
    _Cast("鈴木 一郎", "ja", "+818098765432"),
    _Cast("Emma Brown", "en", "+818011112222"),
    _Cast("陳 美玲", "zh-Hant", "+819033334444"),
    _Cast("สมชาย ใจดี", "th", "+817055556666"),
)


class World:
    """Read or change `state` only while holding `lock`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.ledger = Ledger()
        self.faults = Faults()
        self.limits = Limits()
        self.later = Later()
        self.closing = False
        self.state = self.first_state()
        self.outbox = Outbox(settings, self.clock, self.later, self.lock, lambda: self.state)

    def first_state(self) -> State:
        settings = self.settings
        state = State(
            webhook=Webhook(url=settings.webhook_url, active=bool(settings.webhook_url)),
            quota=Quota(limit=settings.quota),
            keys=[keys.fresh()],
        )
        state.channel_tokens[settings.access_token] = ChannelToken(
            settings.channel_id, None, "long-lived"
        )
        state.liff_apps[settings.liff_id] = {
            "view": {"type": "full", "url": settings.liff_endpoint, "moduleMode": False},
            "description": settings.account_name,
            "features": {"ble": False, "qrCode": False},
            "permanentLinkPattern": "concat",
            "scope": ["openid", "profile", "chat_message.write"],
            "botPrompt": "aggressive",
        }
        for n, each in enumerate(CAST, start=1):
            person = Person(f"U{n:032x}", each.name, each.language, each.phone)
            state.people[person.user_id] = person
        return state

    def reset(self) -> None:
        """Back to how it started; the clock too."""
        with self.lock:
            self.later.forget()
            self.outbox.forget()
            self.ledger.clear()
            self.faults.clear()
            self.limits.clear()
            self.clock.ahead = 0.0
            self.put(self.first_state())

    def put(self, state: State) -> None:
        """Go on from this state."""
        with self.lock:
            for person in state.people.values():
                before = self.state.people.get(person.user_id)
                person.version = max(person.version, before.version if before else 0) + 1
            self.state = state
            self.changed.notify_all()

    def touch(self, person: Person) -> None:
        """Tell whoever watches this person's phone that something is new on it."""
        with self.lock:
            person.version += 1
            self.changed.notify_all()

    def touch_all(self) -> None:
        for person in self.state.people.values():
            person.version += 1
        self.changed.notify_all()

    def write_chat(
        self, person: Person, sender: From, message: Json, via: Via | None = None
    ) -> Entry:
        entry = Entry(ids.message_id(), self.clock.now_ms(), sender, message, via)
        person.chat.append(entry)
        if sender == "account":
            person.unread += 1
            person.loading_until = 0
        self.touch(person)
        return entry

    def close(self) -> None:
        """Let everybody who watches go."""
        with self.lock:
            self.closing = True
            self.changed.notify_all()
