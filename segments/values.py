"""What may stand as a value in a condition, and how values are written in words."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import TypeGuard

from texts import text

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


def listed(values: Iterable[object], language: str) -> str:
    quoted = (text("segments.quote", language, value=value) for value in values)
    return text("segments.comma", language).join(quoted)
