"""Dates as people write and read them: in the order, the words and the era of their language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import Field

from texts import text
from web.forms import tidy
from web.language import t

BUDDHIST = 543
"""Thai years are this many ahead."""
BUDDHIST_FROM = 2400
"""No birthday of a living person is in such a year but in the Buddhist era."""

PARTS = {"y": "year", "m": "month", "d": "day"}


def shown(day: date, language: str) -> str:
    """`2026年4月1日`, `1 April 2026`, `1 เมษายน 2569`."""
    year = day.year + (BUDDHIST if language == "th" else 0)
    month = text(f"web.date.month_{day.month}", language)
    return text("web.date.shown", language, year=year, month=month, day=day.day)


def shown_at(when: datetime, zone: ZoneInfo, language: str) -> str:
    """The day it was, in the brand's time zone."""
    return shown(when.astimezone(zone).date(), language)


def read(year: str, month: str, day: str) -> date | None:
    """None when there is no such day."""
    try:
        number = int(year)
        return date(number - BUDDHIST if number >= BUDDHIST_FROM else number, int(month), int(day))
    except (ValueError, OverflowError):
        return None


@dataclass(frozen=True)
class Part:
    name: str
    typed: str


class DayField(Field):
    """A day typed as three numbers. `data` is None when nothing, or no day, was typed."""

    data: date | None

    def __init__(self, *given: Any, **named: Any) -> None:
        self.typed = {"year": "", "month": "", "day": ""}
        super().__init__(*given, **named)

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[str] = []
        if formdata:
            self.typed = {name: tidy(formdata.get(f"{self.name}-{name}")) for name in self.typed}
        self.raw_data = [value for value in self.typed.values() if value]
        self.data = read(**self.typed)

    def parts(self) -> Iterable[Part]:
        """The three inputs, in the order of the reader's language."""
        return [Part(PARTS[sign], self.typed[PARTS[sign]]) for sign in t("web.date.order")]
