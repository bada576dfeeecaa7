from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core import owed
from core.database import Database
from line import messages
from models import Friend, Outgoing
from tests.conftest import SettableClock

ALICE = "U" + "a" * 32


@pytest.fixture
def someone(database: Database, clock: SettableClock) -> Friend:
    made = Friend(line_user_id=ALICE, created_at=clock(), following=True, friendship_at=clock())
    with database.begin() as db:
        db.add(made)
    return made


@pytest.fixture
def owe(database: Database, someone: Friend, clock: SettableClock) -> Callable[..., str]:
    """Put a message down; its key. A push, unless a `token` is given."""

    def put(words: str, *, token: str | None = None, **more: Any) -> str:
        now = clock()
        plain: dict[str, Any] = {
            "key": f"test:{words}",
            "friend_id": someone.id,
            "messages": [messages.text(words)],
            "due_at": now,
            "created_at": now,
            "expires_at": now + timedelta(hours=3),
        }
        if token:
            plain |= {"reply_token": token, "reply_until": now + timedelta(seconds=50)}
        row = Outgoing(**(plain | more))
        with database.begin() as db:
            assert owed.put(db, row)
        return row.key

    return put


@pytest.fixture
def row(database: Database) -> Callable[[str], Outgoing]:
    def get(key: str) -> Outgoing:
        with database.read() as db:
            return db.scalars(select(Outgoing).where(Outgoing.key == key)).one()

    return get
