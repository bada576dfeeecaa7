"""What is said in the chat, and what whoever says it knows."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.event import Event
from core.settings import Settings
from line.gateway import Profile
from line.messages import Message
from models import Friend, IfLate, Member
from texts import speak, text

LONGEST_NAME = 40


@dataclass(frozen=True)
class Reply:
    """One to five messages."""

    messages: tuple[Message, ...]
    if_late: IfLate = IfLate.DROP
    """Whether it is worth one of the month's messages, once the free reply token is dead."""


@dataclass(frozen=True)
class Silence:
    """Nothing is said; `why` is kept with the event."""

    why: str = ""


Answer = Reply | Silence


@dataclass(frozen=True)
class Person:
    """Who speaks: somebody unknown, a friend, or a friend who is a member."""

    friend: Friend | None = None
    member: Member | None = None
    """Only when linked."""

    @property
    def linked(self) -> bool:
        return self.member is not None

    @property
    def name(self) -> str:
        """What to call them; cut so that it fits a bubble."""
        full = (self.member.name or self.member.number) if self.member else ""
        full = full or (self.friend.display_name if self.friend else "")
        return full if len(full) <= LONGEST_NAME else f"{full[: LONGEST_NAME - 1]}…"

    def language(self, settings: Settings) -> str:
        """The friend's own; else the member's; else the brand's."""
        if self.friend and self.friend.language:
            return self.friend.language
        member_speaks = self.member.language if self.member else ""
        return speak(member_speaks, settings.default_language)


@dataclass(frozen=True)
class Asked:
    """One thing said or tapped, and everything an answer may depend on."""

    event: Event
    person: Person
    settings: Settings
    now: datetime
    profile: Profile | None = None
    """What LINE says of somebody new."""

    unsent: bool = False
    """The message was taken back before we came to it."""

    @property
    def language(self) -> str:
        return self.person.language(self.settings)

    def text(self, key: str, **values: object) -> str:
        """Our words for `bot.<key>`, in the language of whoever asked."""
        return text(f"bot.{key}", self.language, brand=self.settings.brand_name, **values)

    def by(self, friend: Friend) -> "Asked":
        """The same, asked by this friend."""
        return replace(self, person=replace(self.person, friend=friend))

    @property
    def link_url(self) -> str:
        return f"{self.settings.liff_url}/link"

    @property
    def me_url(self) -> str:
        return f"{self.settings.liff_url}/me"
