"""The second step of signing in: six digits from a telephone, or a recovery code when it is lost.

The telephone's secret is kept sealed under the secret key. No six digits are good twice, and no
recovery code is; tries are counted as those at a password are.
"""

import base64
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from accounts import audit, known, throttle
from accounts.actors import Actor, stranger
from accounts.team import one
from core.database import Database
from core.errors import Conflict, Invalid
from core.keys import derive, digest
from core.settings import Settings
from models import StaffAccount, StaffRecoveryCode

CODES = 10
STEP = 30
"""Seconds for which the digits stand."""
DRIFT = 1
"""Steps by which a telephone's clock may be wrong."""


@dataclass(frozen=True)
class Offer:
    """What a telephone is shown to learn the secret."""

    secret: str
    uri: str


def offer(db: Session, account_id: UUID, settings: Settings) -> Offer:
    """The same until it is confirmed, so that a page may be loaded again."""
    account = one(db, account_id)
    if account.totp_secret:
        raise Conflict("staff.second_on_already")
    secret = _opened(account.totp_pending, settings)
    if secret is None:
        secret = pyotp.random_base32()
        account.totp_pending = _box(settings).encrypt(secret.encode()).decode()
    uri = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=settings.brand_name)
    return Offer(secret, uri)


def confirm(db: Session, who: Actor, account_id: UUID, typed: str, settings: Settings) -> list[str]:
    """Turn it on, once the telephone has shown that it knows the secret: the recovery codes, to be
    shown now and never again."""
    account = one(db, account_id)
    secret = _opened(account.totp_pending, settings)
    step = _step(secret, _plain(typed), who.at) if secret and not account.totp_secret else None
    if step is None:
        raise Invalid("staff.code_wrong")
    account.totp_secret, account.totp_pending, account.totp_step = account.totp_pending, None, step
    audit.note(db, who, "second.on", "account", account.id, account.name)
    return _fresh_codes(db, account_id, settings)


def renew_codes(db: Session, who: Actor, account_id: UUID, settings: Settings) -> list[str]:
    """The old ones are worth nothing any more."""
    account = one(db, account_id)
    if account.totp_secret is None:
        raise Conflict("staff.second_off_already")
    audit.note(db, who, "second.codes", "account", account.id, account.name)
    return _fresh_codes(db, account_id, settings)


def turn_off(db: Session, who: Actor, account_id: UUID) -> None:
    account = one(db, account_id)
    if account.totp_secret is None:
        return
    account.totp_secret = account.totp_pending = None
    db.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.account_id == account_id))
    audit.note(db, who, "second.off", "account", account.id, account.name)


def codes_left(db: Session, account_id: UUID) -> int:
    mine = select(func.count()).select_from(StaffRecoveryCode)
    unused = (StaffRecoveryCode.account_id == account_id) & StaffRecoveryCode.used_at.is_(None)
    return db.scalar(mine.where(unused)) or 0


def prove(
    database: Database, account_id: UUID, typed: str,
    *, address: str, now: datetime, settings: Settings, browser: str = "",
) -> str:  # fmt: skip
    """`totp` or `recovery`. Raises Invalid, or TooMany; a wrong try counts though it raises."""
    with database.begin() as db:
        told = known.told_by(browser, one(db, account_id), settings)
        tried = throttle.tries(settings, "second", f"{account_id} {told}".strip(), address)
        noted = throttle.count(db, tried, now)
    with database.begin() as db:
        account = one(db, account_id)
        how = _used(db, account, _plain(typed), now, settings)
        if how:
            throttle.take_back(db, tried, noted)
            if how == "recovery":
                who = Actor(account.id, account.name, address, now)
                audit.note(db, who, "second.recovery", "account", account.id, account.name)
        else:
            who = stranger(address, now)
            audit.note(db, who, "second.refused", "account", account.id, account.name)
    if not how:
        raise Invalid("staff.code_wrong")
    return how


def _used(db: Session, account: StaffAccount, code: str, now: datetime, settings: Settings) -> str:
    secret = _opened(account.totp_secret, settings)
    step = _step(secret, code, now) if secret else None
    if step is not None:
        newer = update(StaffAccount).where(
            StaffAccount.id == account.id, StaffAccount.totp_step < step
        )
        spent = db.execute(newer.values(totp_step=step).returning(StaffAccount.id)).all()
        return "totp" if spent else ""
    mine = (
        update(StaffRecoveryCode)
        .where(StaffRecoveryCode.account_id == account.id, StaffRecoveryCode.used_at.is_(None))
        .where(StaffRecoveryCode.digest == _digest(account.id, code, settings))
    )
    spent = db.execute(mine.values(used_at=now).returning(StaffRecoveryCode.id)).all()
    return "recovery" if spent else ""


def _step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose digits these are."""
    totp, this = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    near = range(this - DRIFT, this + DRIFT + 1)
    fits = [step for step in near if hmac.compare_digest(totp.generate_otp(step), code)]
    return fits[-1] if fits else None


def _fresh_codes(db: Session, account_id: UUID, settings: Settings) -> list[str]:
    db.execute(delete(StaffRecoveryCode).where(StaffRecoveryCode.account_id == account_id))
    made = [_code() for _ in range(CODES)]
    db.add_all(
        StaffRecoveryCode(
            id=uuid4(), account_id=account_id, digest=_digest(account_id, _plain(code), settings)
        )
        for code in made
    )
    return made


def _code() -> str:
    """50 random bits, in letters and digits that are not mistaken for each other."""
    letters = base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10]
    return f"{letters[:5]}-{letters[5:]}"


def _digest(account_id: UUID, code: str, settings: Settings) -> str:
    return digest(settings, "staff recovery", f"{account_id} {code}")


def _plain(typed: str) -> str:
    """As people type it: with blanks, a hyphen, full width."""
    said = unicodedata.normalize("NFKC", typed).casefold()
    kept: Sequence[str] = [sign for sign in said if sign.isascii() and sign.isalnum()]
    return "".join(kept)


def _box(settings: Settings) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive(settings, "staff totp")))


def _opened(sealed: str | None, settings: Settings) -> str | None:
    """None when there is none, or the secret key is another now."""
    if sealed is None:
        return None
    try:
        return _box(settings).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None
