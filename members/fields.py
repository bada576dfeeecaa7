"""What each field of a member may hold, and how it is read from what people write.

One function per field, used by the registration form, `members set` and the import alike. Each
raises Invalid with a text that says what was expected.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

from core.errors import Invalid
from members import phone as phones
from texts import speak

OLDEST = 120
"""Years that a birthday may be back."""


def plain(typed: str) -> str:
    """Without the differences that people do not see: full-width letters, spaces at the ends."""
    return (typed if typed.isascii() else unicodedata.normalize("NFKC", typed)).strip()


def number(typed: str) -> str:
    found = plain(typed)
    if not found:
        raise Invalid("members.number_missing")
    if len(found) > 64 or not found.isprintable() or " " in found:
        raise Invalid("members.number_invalid")
    return found


_EMAIL = re.compile(r"[^@\s,;<>\"()]+@[^@\s.,;<>\"()]+(\.[^@\s.,;<>\"()]+)+")


def email(typed: str) -> str | None:
    found = plain(typed).lower()
    if not found:
        return None
    if len(found) > 254 or not _EMAIL.fullmatch(found) or not found.isprintable():
        raise Invalid("members.email_invalid")
    return found


def phone(typed: str, region: str) -> str | None:
    return phones.normalise(typed, region) if typed.strip() else None


def name(typed: str) -> str:
    return _words(typed.strip(), 100)


def kana(typed: str) -> str:
    """Half-width katakana becomes full-width."""
    return _words(plain(typed), 100)


def _words(found: str, longest: int) -> str:
    if len(found) > longest:
        raise Invalid("members.too_long", most=longest)
    if not found.isprintable():
        raise Invalid("members.not_printable")
    return found


_DATE = re.compile(
    r"(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))"
)
_ERA = re.compile(
    r"(明治|大正|昭和|平成|令和|[MTSHR])(\d{1,2}|元)[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
)
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018,
         "M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}  # fmt: skip


@lru_cache(maxsize=65_536)
def day(typed: str) -> date | None:
    """2026-04-01, 2026/4/1, 20260401, 2026年4月1日, 令和8年4月1日, R8.4.1; a time after it is
    let go."""
    found = plain(typed).partition(" ")[0].partition("T")[0] or plain(typed)
    if not found:
        return None
    try:
        if western := _DATE.fullmatch(found):
            year, month, dom = (int(each) for each in western.groups() if each is not None)
            return date(year, month, dom)
        if era := _ERA.fullmatch(found.upper()):
            of_era = 1 if era[2] == "元" else int(era[2])
            return date(_ERAS[era[1]] + of_era, int(era[3]), int(era[4]))
    except ValueError:
        pass
    raise Invalid("members.date_invalid")


def birthday(typed: str, today: date) -> date | None:
    return sane_birthday(day(typed), today)


def sane_birthday(born: date | None, today: date) -> date | None:
    if born is not None and not (today.year - OLDEST <= born.year and born <= today):
        raise Invalid("members.birthday_invalid")
    return born


def points(typed: str) -> int:
    if typed.isascii() and typed.isdecimal() and len(typed) < 10:
        return int(typed)
    found = plain(typed).replace(",", "").removesuffix("pt").removesuffix("ポイント").strip()
    if not found:
        return 0
    if not re.fullmatch(r"[+-]?\d{1,10}", found) or abs(int(found)) >= 2**31:
        raise Invalid("members.points_invalid")
    return int(found)


_GENDERS = {
    "female": ("f", "female", "woman", "女", "女性", "女子"),
    "male": ("m", "male", "man", "男", "男性", "男子"),
    "other": ("x", "other", "その他"),
    "": ("", "-", "不明", "未回答", "回答しない", "unknown"),
}
_GENDER_OF = {word: gender for gender, words in _GENDERS.items() for word in words}
_STATUS_OF = {
    "": "active", "active": "active", "有効": "active", "会員": "active", "利用中": "active",
    "withdrawn": "withdrawn", "退会": "withdrawn", "退会済": "withdrawn", "退会済み": "withdrawn",
}  # fmt: skip


def gender(typed: str) -> str:
    found = plain(typed)
    return _GENDER_OF.get(found.lower()) or _words("" if found.lower() in _GENDER_OF else found, 16)


def status(typed: str) -> str:
    found = plain(typed)
    return _STATUS_OF.get(found.lower()) or _words(found, 16)


def rank(typed: str) -> str:
    return _words(plain(typed), 32) or "regular"


def store(typed: str) -> str:
    return _words(typed.strip(), 64)


def language(typed: str) -> str:
    found = plain(typed)
    spoken = speak(found, "") if found else ""
    if found and not spoken:
        raise Invalid("members.language_invalid")
    return spoken


def password_hash(typed: str) -> str | None:
    """Only a hash that is one already: passwords in clear are nothing that we would take."""
    found = typed.strip()
    if found and not _is_argon2id(found):
        raise Invalid("members.hash_invalid")
    return found or None


def _is_argon2id(found: str) -> bool:
    try:
        extract_parameters(found)
    except InvalidHashError:
        return False
    return found.startswith("$argon2id$") and len(found) <= 255 and found.isprintable()


def tags(typed: str) -> tuple[str, ...]:
    """Tags with commas, semicolons or 、 between them."""
    words = (_words(plain(each), 64) for each in re.split(r"[,;、；，\n]", typed))
    return tuple(dict.fromkeys(word for word in words if word))


def readers(region: str, today: date) -> dict[str, Callable[[str], Any]]:
    """Each column of a member that may be set from outside, with what reads it."""
    return {
        "number": number,
        "phone": lambda typed: phone(typed, region),
        "email": email,
        "name": name,
        "kana": kana,
        "birthday": lambda typed: birthday(typed, today),
        "gender": gender,
        "rank": rank,
        "points": points,
        "store": store,
        "status": status,
        "joined_on": day,
        "language": language,
        "password_hash": password_hash,
    }
