"""How a kind of condition is asked for in a form: its fields, and the way there and back.

Answers are texts by field name, as a form posts them. What cannot be read becomes a value that
`parse` refuses with its reason, so a form needs no checks of its own.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from texts import text

Answers = Mapping[str, str]


class Ask(StrEnum):
    """What a field is on a page."""

    CHOICE = "choice"
    LINES = "lines"
    """One text a line."""
    TICKS = "ticks"
    """Some of the choices; their values, one a line."""
    WORDS = "words"
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True)
class Choice:
    value: str
    key: str
    """Of the text that says it."""

    def said(self, language: str) -> str:
        return text(self.key, language)


@dataclass(frozen=True)
class Field:
    name: str
    ask: Ask
    label: str
    """Names a text."""
    choices: tuple[Choice, ...] = ()
    hint: str = ""
    """Names a text; empty: it explains itself."""
    suggests: str = ""
    """Whose known values are offered while typing (segments.suggesting)."""
    most: int = 0
    """The largest number, or how many characters; 0: as many as may be."""


@dataclass(frozen=True)
class Form:
    """`subjects`: what a page offers to ask about, as keys of the document; one that ends in a dot
    is completed by what is typed. `answers` is None for what no form can show."""

    subjects: tuple[str, ...]
    label: Callable[[str, str], str]
    """Of a subject, in a language."""
    fields: Callable[[str], Sequence[Field]]
    """Of a subject."""
    write: Callable[[str, Answers], Mapping[str, object]]
    """The subject and its answers, as a document has them."""
    answers: Callable[[str, object], Answers | None]
    """Of `key: value` as a document has them."""

    def subject(self, key: str) -> str | None:
        """Which of the subjects a key of a document is about."""
        if key in self.subjects:
            return key
        return next((s for s in self.subjects if s.endswith(".") and key.startswith(s)), None)


def lines(answer: str) -> list[str]:
    """What stands on the lines, without what is around it."""
    return [line.strip() for line in answer.splitlines() if line.strip()]


def whole(answer: str) -> int | str:
    """A number, also one in full-width digits; anything else as it was typed, to be refused."""
    plain = unicodedata.normalize("NFKC", answer).strip().replace(",", "")
    try:
        return int(plain)
    except ValueError:
        return answer.strip()
