"""The members of the journeys' brand, brought in one file; each journey takes people of its own."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from core.passwords import hash_password
from tests.journeys.running import Running

PASSWORD = "correct horse"
MOST = 30
"""Members of a rank, for all journeys together."""
TOKYO = ZoneInfo("Asia/Tokyo")
"""Where the brand is: its months begin there."""
KANJI = "一二三四五六七八九十百千万東西南北春夏秋冬山川海空花鳥風月星"
STEP = 10_007
"""Between phone numbers: those that differ in their end only are throttled together."""

_numbers = itertools.count(10_000_001, STEP)


def new_number() -> str:
    """A Japanese mobile number that nobody else has."""
    return f"+8190{next(_numbers)}"


@dataclass(frozen=True)
class Member:
    number: str
    name: str
    phone: str
    birthday: date
    rank: str
    points: int
    language: str = "ja"

    @property
    def typed_phone(self) -> str:
        """As people in Japan write it."""
        rest = self.phone.removeprefix("+81")
        return f"0{rest[:2]}-{rest[2:6]}-{rest[6:]}"


class Town:
    def __init__(self, musubi: Running) -> None:
        self._others = date(1990, (datetime.now(TOKYO).month + 5) % 12 + 1, 15)
        """Nobody's birthday is this month, but of those who are asked for as such."""
        self._made = itertools.count(1)
        people: dict[str, list[Member]] = {
            "gold": [self._one("gold") for _ in range(MOST)],
            "regular": [self._one("regular") for _ in range(MOST)],
            "birthday": [
                self._one("regular", datetime.now(TOKYO).date().replace(year=1988, day=9))
            ],
            "family": self._family(),
        }
        secret = hash_password(PASSWORD)
        everybody = itertools.chain.from_iterable(people.values())
        musubi.members(_row(member, secret) for member in everybody)
        self._left: dict[str, Iterator[Member]] = {kind: iter(of) for kind, of in people.items()}

    def _one(self, rank: str, birthday: date | None = None, phone: str = "") -> Member:
        n = next(self._made)
        return Member(
            number=f"T{n:04}", name=f"町田 {KANJI[n % len(KANJI)]}子", phone=phone or new_number(),
            birthday=birthday or self._others, rank=rank, points=n * 1_111,
        )  # fmt: skip

    def _family(self) -> list[Member]:
        phone = new_number()
        births = self._others, self._others.replace(year=1985)
        return [self._one("gold", birthday, phone) for birthday in births]

    def take(self, kind: str) -> Member:
        """`gold`, `regular`, `birthday` (this month); two of a `family` share their number."""
        return next(self._left[kind])


def _row(member: Member, secret: str) -> dict[str, str]:
    return {
        "number": member.number, "name": member.name, "phone": member.phone,
        "birthday": member.birthday.isoformat(), "rank": member.rank,
        "points": str(member.points), "password_hash": secret,
    }  # fmt: skip
