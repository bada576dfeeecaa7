"""Proving a phone number by a code sent to it.

Five tries, ten minutes, one use, for one friend and one number; the newest code is the only
one that counts. Whether any member has the number is never looked at here, so known and
unknown numbers cannot be told apart.
"""

import hmac
import unicodedata
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import owed
from core.database import Database
from core.errors import Invalid, NotAllowed, TooMany
from core.settings import Settings
from members import funnel, rules, sms, throttle
from members.digits import digits as digits_of
from members.phone import gets_codes
from members.throttle import Subject
from models import Entry, Friend, OneTimeCode, Sms, Step


def send(
    db: Session, friend_id: UUID, phone: str,
    *, address: str, language: str, now: datetime, settings: Settings,
) -> OneTimeCode:  # fmt: skip
    """Owe this number a code, to be typed in by this friend. Raises TooMany, and Invalid when
    the number can get no codes. `phone` is E.164 (members.phone.normalise)."""
    if not sms.available(settings):
        raise NotAllowed("members.codes_unavailable")
    if not gets_codes(phone, settings.phone_region):
        raise Invalid("members.phone_not_mobile")
    _throttle(db, friend_id, phone, address, now, settings)
    db.execute(select(Friend.id).where(Friend.id == friend_id).with_for_update())
    _kill_older(db, friend_id, now)
    code = OneTimeCode(
        id=uuid4(), friend_id=friend_id, phone=phone, sent_at=now,
        expires_at=now + rules.CODE_LIFE, tries=0,
    )  # fmt: skip
    db.add(code)
    db.flush()
    owed.put(db, Sms(code_id=code.id, language=language, due_at=now))
    return code


def _throttle(
    db: Session, friend_id: UUID, phone: str, address: str, now: datetime, settings: Settings
) -> None:
    number, person = _subjects(friend_id, phone, settings)
    block = throttle.subject(settings, "code.block", phone[:-4])
    limits = {
        number: rules.CODES_PER_NUMBER,
        person: rules.CODES_PER_FRIEND,
        block: rules.CODES_PER_BLOCK,
    }
    if address:
        limits[throttle.address(settings, "code.address", address)] = rules.CODES_PER_ADDRESS
    throttle.hold(db, limits)
    happened = {each: throttle.times(db, each, now) for each in limits}
    waits = [rules.wait_for_windows(happened[each], limits[each], now) for each in limits]
    waits += [rules.wait_for_resend(happened[each], now) for each in (number, person)]
    if max(waits) > rules.NO_WAIT:
        raise throttle.refuse(
            max(waits), "members.codes_wait_seconds", "members.codes_wait_minutes"
        )
    throttle.note(db, limits, now)


def _subjects(friend_id: UUID, phone: str, settings: Settings) -> tuple[Subject, Subject]:
    return (
        throttle.subject(settings, "code.phone", phone),
        throttle.subject(settings, "code.friend", str(friend_id)),
    )


def resend_wait(
    db: Session, friend_id: UUID, phone: str, now: datetime, settings: Settings
) -> timedelta:
    """How long this person waits until they may ask for another code to this number."""
    waits = [rules.NO_WAIT]
    for each, windows in zip(
        _subjects(friend_id, phone, settings),
        (rules.CODES_PER_NUMBER, rules.CODES_PER_FRIEND),
        strict=True,
    ):
        happened = throttle.times(db, each, now)
        waits.append(rules.wait_for_resend(happened, now))
        waits.append(rules.wait_for_windows(happened, windows, now))
    return max(waits)


def _kill_older(db: Session, friend_id: UUID, now: datetime) -> None:
    db.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.friend_id == friend_id,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
        )
        .values(expires_at=now)
        .execution_options(synchronize_session="fetch")
    )


def prove(
    database: Database, friend_id: UUID, code_id: UUID, digits: str,
    now: datetime, settings: Settings, *, entry: Entry = Entry.OTHER,
) -> str:  # fmt: skip
    """The phone number that is now proven. Every look at the digits costs a try, which is
    committed before the answer is known; raises Invalid, and TooMany after the last try.
    `entry`: where they set out to link, which is counted."""
    with database.begin() as db:
        code = _spend_a_try(db, friend_id, code_id, now)
        right = code is not None and hmac.compare_digest(
            digits_of(code.id, settings).encode(), _plain(digits).encode()
        )
        if code is not None and right:
            code.used_at = now
            funnel.note(db, friend_id, Step.PROVEN, entry, now, settings)
            return code.phone
        why = _why_not(db, code, friend_id, code_id, now, settings)
    raise why


def _plain(typed: str) -> str:
    return "".join(unicodedata.normalize("NFKC", typed).split())


def _spend_a_try(db: Session, friend_id: UUID, code_id: UUID, now: datetime) -> OneTimeCode | None:
    """In one statement, so that no number of guesses at once is more than five."""
    alive = (
        OneTimeCode.id == code_id,
        OneTimeCode.friend_id == friend_id,
        OneTimeCode.used_at.is_(None),
        OneTimeCode.expires_at > now,
        OneTimeCode.tries < rules.CODE_TRIES,
    )
    return db.scalar(
        update(OneTimeCode)
        .where(*alive)
        .values(tries=OneTimeCode.tries + 1)
        .returning(OneTimeCode)
        .execution_options(populate_existing=True, synchronize_session=False)
    )


def _why_not(
    db: Session, code: OneTimeCode | None, friend_id: UUID, code_id: UUID,
    now: datetime, settings: Settings,
) -> Invalid | TooMany:  # fmt: skip
    if code is not None and code.tries < rules.CODE_TRIES:
        return Invalid("members.code_wrong", left=rules.CODE_TRIES - code.tries)
    spent = code or db.get(OneTimeCode, code_id)
    if spent is None or spent.friend_id != friend_id or spent.tries < rules.CODE_TRIES:
        return Invalid("members.code_dead")
    wait = resend_wait(db, friend_id, spent.phone, now, settings)
    return throttle.refuse(wait, "members.code_tries_seconds", "members.code_tries_minutes")
