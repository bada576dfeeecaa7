"""What may stand as a value in a condition, and how values are written in words."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeGuard

from texts import text

NAMED = {
    "gender": ("female", "male", "other"),
    "status": ("active", "withdrawn"),
    "language": ("ja", "en", "zh-Hant", "th"),
}
"""Values of our own, by the field: people read a word for each."""
MOST_VALUES = 500
"""In one list."""
BIGGEST = 2**31 - 1
"""What both databases hold in an integer column."""


def is_text(value: object) -> TypeGuard[str]:
    """PostgreSQL stores no NUL character and no lone surrogate."""
    if not isinstance(value, str) or "\0" in value:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)


def is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= BIGGEST


def day(value: object) -> date | None:
    """A date of YAML, or one written as 2026-04-01."""
    if isinstance(value, datetime):
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def named(field: str, value: object, language: str) -> object:
    """A value as people read it; a brand's own as it is."""
    known = value in NAMED.get(field, ())
    return text(f"segments.value.{field}.{value}", language) if known else value


def listed(values: Iterable[object], language: str) -> str:
    return text("segments.comma", language).join(quoted(value, language) for value in values)


def quoted(value: object, language: str) -> str:
    """Words between quotes; numbers and days need none."""
    return text("segments.quote", language, value=value) if isinstance(value, str) else str(value)
