"""Telling LINE that somebody withdrew: a duty when they unlink; only their own token can do it."""

import base64
from datetime import datetime
from uuid import UUID

import structlog
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import update
from sqlalchemy.orm import Session

from core import owed
from core.database import Database
from core.keys import derive
from core.settings import Settings
from line.gateway import BadToken, LineError, LineOutOfQuota, LineUnavailable, Login
from members.rules import DEAUTHORIZE_WITHIN, next_try
from models import Deauthorization, Friend, Link

_HANDFUL = 10

log = structlog.get_logger()


def _box(settings: Settings) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive(settings, "deauthorize")))


def owe(db: Session, link_id: UUID, access_token: str, now: datetime, settings: Settings) -> None:
    """Remember to tell LINE; the friend's access token is kept encrypted until that is done."""
    row = Deauthorization(
        link_id=link_id,
        token=_box(settings).encrypt(access_token.encode()).decode(),
        due_at=now,
        give_up_at=now + DEAUTHORIZE_WITHIN,
    )
    owed.put(db, row)


def work(database: Database, login: Login, now: datetime, settings: Settings) -> int:
    """Tell LINE of everybody who is due. How many rows were dealt with."""
    dealt = 0
    while rows := _take(database, now):
        for row in rows:
            _settle(database, row, _tell(database, login, row, now, settings), now)
        dealt += len(rows)
    return dealt


def _take(database: Database, now: datetime) -> list[Deauthorization]:
    with database.begin() as db:
        return owed.take(db, Deauthorization, now, limit=_HANDFUL)


def _tell(
    database: Database, login: Login, row: Deauthorization, now: datetime, settings: Settings
) -> Exception | None:
    """What went wrong, if something did."""
    if now >= row.give_up_at:
        return BadToken("expired")
    with database.read() as db:
        link = db.get_one(Link, row.link_id)
        line_user_id = db.get_one(Friend, link.friend_id).line_user_id
    try:
        token = _box(settings).decrypt(row.token.encode()).decode()
        if login.owner(token) != line_user_id:
            return BadToken("subject")  # never let one person sign another one off
        login.deauthorize(token)
    except (LineError, BadToken, InvalidToken) as e:
        return e
    return None


def _settle(
    database: Database, row: Deauthorization, went_wrong: Exception | None, now: datetime
) -> None:
    with database.begin() as db:
        if isinstance(went_wrong, LineUnavailable | LineOutOfQuota):
            owed.again(db, row, next_try(row.attempts, now), str(went_wrong))
            return
        if went_wrong is None:
            settled = owed.done(db, row, now)
        else:
            why = f"{type(went_wrong).__name__}: {went_wrong}"
            settled = owed.failed(db, row, now, why)
            log.warning("deauthorization_failed", link=str(row.link_id), why=why)
        if settled:
            db.execute(update(Deauthorization).where(Deauthorization.id == row.id).values(token=""))
