"""Households who go on with their lives: each is two people and one member they share.

A household does one thing after another, and looks afterwards at what became of it. So at any time
it knows which of the two is linked, and the database has to agree.
"""

import random
import threading
from collections import Counter
from dataclasses import dataclass, field

from bench.chaos_parts.browser import Browser, Unanswered
from bench.deployment import Deployment

PASSWORD = "correct horse"  # noqa: S105 - of people who do not exist
STEP = 10_007
"""Between phone numbers: those that differ in their end only are throttled together."""
SAID = ("ポイント", "こんにちは", "営業時間", "メニュー", "???", "連携", "クーポン", "ありがとう")
TAPPED = ("1:reply:shop", "1:reply:points", "1:reply:coupon", "1:tag:coffee", "9:from:afar")
RANKS = ("regular", "gold", "platinum", "silver")


@dataclass
class Person:
    user: str
    browser: Browser
    loyal: bool
    """Never blocks, so that everything said to them must arrive."""
    friend: bool = False


@dataclass
class Member:
    number: str
    phone: str
    rank: str = "regular"
    holder: Person | None = None
    """Who is linked, by what the pages said."""
    linked: list[str] = field(default_factory=list)
    """Users, in the order in which they were seen to be linked."""
    unsure: int = 0
    """Times that nobody could say what became of a step."""


class Household:
    def __init__(self, running: Deployment, number: int, seed: int, count: "Counter[str]") -> None:
        self.running, self.count = running, count
        self.member = Member(f"C{number:04}", f"+8190{10_000_001 + number * STEP}")
        self.lock = threading.Lock()
        """Held for one step, so that whoever looks sees whole steps."""
        self._random = random.Random(seed * 1_000 + number)
        self.people = [self._person(number, n) for n in range(2)]

    def _person(self, number: int, n: int) -> Person:
        line = self.running.line
        user = line.add_person(f"町田 {number}-{n}", phone=self.member.phone)
        address = f"10.{number // 250}.{number % 250}.{n + 1}"
        loyal = number % 2 == 0
        return Person(user, Browser(line, self.running.url, user, address), loyal)

    def live(self, stop: threading.Event) -> None:
        while not stop.is_set():
            with self.lock:
                self.step()
            stop.wait(self._random.uniform(0.05, 0.6))

    def step(self) -> None:
        person = self._random.choice(self.people)
        if not person.friend:
            return self._follow(person)
        does = [self._say, self._tap, self._say, self._tie, self._tie]
        if not person.loyal:
            does.append(self._block)
        return self._random.choice(does)(person)

    # In the chat

    def _follow(self, person: Person) -> None:
        self.running.line.follow(person.user)
        person.friend = True
        self.count["follow"] += 1

    def _block(self, person: Person) -> None:
        self.running.line.block(person.user)
        person.friend = False
        self.count["block"] += 1

    def _say(self, person: Person) -> None:
        self.running.line.say(person.user, self._random.choice(SAID))
        self.count["message"] += 1

    def _tap(self, person: Person) -> None:
        self.running.line.postback(person.user, self._random.choice(TAPPED))
        self.count["postback"] += 1

    # On the pages

    def _tie(self, person: Person) -> None:
        """Whoever is linked unlinks; whoever is not links, and may take the other's place."""
        was = self.member.holder
        try:
            if was is person:
                person.browser.unlink()
            elif was is None and not self.member.linked and self._random.random() < 0.7:
                person.browser.link_by_phone(self.member.phone)
            else:
                person.browser.link_by_log_in(self.member.number, PASSWORD)
        except Unanswered:
            self.count["unanswered"] += 1
        self._look(person, was)

    def _look(self, person: Person, was: Person | None) -> None:
        """What became of it; nobody else of the household has done anything meanwhile."""
        try:
            linked = person.browser.is_linked()
        except Unanswered:
            self.member.unsure += 1
            return
        if linked and was is not person:
            self.member.holder = person
            self.member.linked.append(person.user)
            self.count["link"] += 1
        elif not linked and was is person:
            self.member.holder = None
            self.count["unlink"] += 1


def csv(households: list[Household], password_hash: str) -> str:
    """The brand's file of these members."""
    lines = ["number,name,phone,rank,password_hash"]
    for each in households:
        member = each.member
        hashed = f'"{password_hash}"'
        lines.append(f"{member.number},町田 花子,{member.phone},{member.rank},{hashed}")
    return "\n".join(lines) + "\n"
