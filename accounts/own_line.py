"""Whose LINE is whose: a word shown on the staff site, sent from the LINE that it is to tie.

Nobody can tie a LINE that they do not write from. A word is good once, for some minutes, and only
its digest is kept; guesses from one LINE are counted.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from accounts import audit, rules, throttle
from accounts.actors import Actor
from core.errors import TooMany
from core.keys import digest
from core.settings import Settings
from models import Friend, StaffAccount, StaffLine, StaffLineWord

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that looks like something else."""
GOOD_FOR = timedelta(minutes=10)
ASKED, GUESSED = "staff-line-word", "staff-line-guess"
FORM = re.compile(f"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}")
DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−ー"), "-")
"""What keyboards make of it."""


@dataclass(frozen=True)
class Word:
    """To be shown once."""

    word: str
    until: datetime


def offer(db: Session, account_id: UUID, now: datetime, settings: Settings) -> Word:
    """A new word; the one before is no good any more. Raises TooMany."""
    asker = throttle.subject(settings, ASKED, str(account_id))
    if _too_many(db, ASKED, asker, now):
        raise TooMany("staff_trial.too_many_words", seconds=int(rules.HOUR.total_seconds()))
    throttle.note(db, [(ASKED, asker)], now)
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    word, until = f"{letters[:4]}-{letters[4:]}", now + GOOD_FOR
    db.execute(delete(StaffLineWord).where(StaffLineWord.account_id == account_id))
    kept = {"account_id": account_id, "digest": _digest(settings, word), "expires_at": until}
    db.execute(insert(StaffLineWord).values(kept))
    return Word(word, until)


def tie(db: Session, friend_id: UUID, said: str, now: datetime, settings: Settings) -> bool:
    """Whether this was the word of somebody, whose LINE it is from now on."""
    word = read(said)
    if not word:
        return False
    guesser = throttle.subject(settings, GUESSED, str(friend_id))
    if _too_many(db, GUESSED, guesser, now):
        return False
    account = _spend(db, _digest(settings, word), now)
    if account is None:
        throttle.note(db, [(GUESSED, guesser)], now)
        return False
    who = Actor(account.id, account.name, "LINE", now)
    _free(db, who, friend_id, account.id)
    db.execute(insert(StaffLine).values(account_id=account.id, friend_id=friend_id, tied_at=now))
    audit.note(db, who, "account.line_tied", "account", account.id, account.name)
    return True


def untie(db: Session, who: Actor, account_id: UUID) -> bool:
    """False when there was nothing to undo."""
    mine = delete(StaffLine).where(StaffLine.account_id == account_id)
    if db.scalar(mine.returning(StaffLine.account_id)) is None:
        return False
    name = db.get_one(StaffAccount, account_id).name
    audit.note(db, who, "account.line_untied", "account", account_id, name)
    return True


def tied(db: Session, account_id: UUID) -> Friend | None:
    """Their own LINE."""
    mine = select(Friend).join(StaffLine, StaffLine.friend_id == Friend.id)
    return db.scalar(mine.where(StaffLine.account_id == account_id))


def read(said: str) -> str:
    """The word as we wrote it, however it was typed; empty when it is none."""
    typed = unicodedata.normalize("NFKC", said[:40]).translate(DASHES).strip().upper()
    return typed if FORM.fullmatch(typed) else ""


def _spend(db: Session, kept: str, now: datetime) -> StaffAccount | None:
    good = delete(StaffLineWord).where(StaffLineWord.digest == kept, StaffLineWord.expires_at > now)
    account_id = db.scalar(good.returning(StaffLineWord.account_id))
    account = db.get(StaffAccount, account_id) if account_id else None
    return account if account and account.deactivated_at is None else None


def _free(db: Session, who: Actor, friend_id: UUID, account_id: UUID) -> None:
    """What was tied before: another LINE of theirs, or this one to another account."""
    db.execute(delete(StaffLine).where(StaffLine.account_id == account_id))
    other = delete(StaffLine).where(StaffLine.friend_id == friend_id)
    if before := db.scalar(other.returning(StaffLine.account_id)):
        name = db.get_one(StaffAccount, before).name
        audit.note(db, who, "account.line_untied", "account", before, name)


def _digest(settings: Settings, word: str) -> str:
    return digest(settings, "staff line word", word)


def _too_many(db: Session, kind: str, subject: str, now: datetime) -> bool:
    throttle.hold(db, [subject])
    tried = throttle.times(db, kind, subject, now)
    return rules.wait_until_fewer(tried, now, rules.LINE_WORDS) > rules.NO_WAIT
