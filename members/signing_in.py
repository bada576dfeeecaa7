"""Learning who somebody is: only from an ID token that LINE signed, once for each page we served.

LINE's LIFF tokens carry no word of ours, so a token is replayable until it expires. That is why
each is spent against an intent that we issued, and belongs to the browser that first brought it.
"""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Invalid
from core.inserting import affected, insert_new
from line.gateway import Identity, Login
from members.friendship import friend_for
from members.rules import INTENT_LIFE
from models import Friend, Intent, UsedToken

TOKEN_LIFE = timedelta(hours=1)
"""Of an ID token by LINE's word, when it does not say itself."""
SKEW = timedelta(minutes=5)
"""More than clocks may differ by where tokens are verified."""


def open_intent(db: Session, now: datetime) -> Intent:
    """One opening of the page, good for one signing-in within 15 minutes."""
    intent = Intent(id=uuid4(), created_at=now)
    db.add(intent)
    db.flush()
    return intent


def sign_in(
    database: Database, login: Login, id_token: str,
    *, intent_id: UUID, device: str, now: datetime,
) -> Friend:  # fmt: skip
    """The friend whom this token proves. Raises BadToken when it proves nothing, Invalid when
    the intent is spent or another device has used the token; the intent is spent either way."""
    who = login.identify(id_token, now)
    with database.begin() as db:
        spent = _spend(db, intent_id, now)
        ours = spent and _bind(db, id_token, device, who, now)
        if ours:
            friend = friend_for(db, who.line_user_id, now, name=who.name)
            friend.signed_in_at = now
            return friend
    raise Invalid("members.token_used" if spent else "members.intent_spent")


def _spend(db: Session, intent_id: UUID, now: datetime) -> bool:
    result = db.execute(
        update(Intent)
        .where(
            Intent.id == intent_id,
            Intent.used_at.is_(None),
            Intent.created_at > now - INTENT_LIFE,
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return affected(result) == 1


def _bind(db: Session, id_token: str, device: str, who: Identity, now: datetime) -> bool:
    """Whether this device is the first or the same that brings the token."""
    # Without the signature: one and the same claim can be signed in more than one spelling.
    digest = hashlib.sha256(id_token.rpartition(".")[0].encode()).hexdigest()
    mark = hashlib.sha256(device.encode()).hexdigest()
    until = (who.expires_at or now + TOKEN_LIFE) + SKEW
    if insert_new(db, UsedToken, digest=digest, device=mark, expires_at=until):
        return True
    return db.scalar(select(UsedToken.device).where(UsedToken.digest == digest)) == mark
