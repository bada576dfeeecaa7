"""What has served its purpose is forgotten, and nothing that has not."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select

from core.owed import State
from members import retention
from models import (
    Attempt,
    Deauthorization,
    How,
    Intent,
    Link,
    OneTimeCode,
    Sms,
    UsedToken,
)
from tests.members.situations import a_friend, a_member

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def count(db, table):
    return db.scalar(select(func.count()).select_from(table))


def a_bit_of_everything(db, at, settled=State.DONE):
    friend, member = a_friend(db, at), a_member(db, at)
    code = OneTimeCode(id=uuid4(), friend_id=friend.id, phone="+819012345678", sent_at=at,
                       expires_at=at)  # fmt: skip
    link = Link(id=uuid4(), friend_id=friend.id, member_id=member.id, how=How.PHONE, started_at=at)
    db.add_all([code, link])
    db.flush()
    db.add_all([
        Sms(code_id=code.id, language="ja", due_at=at, state=settled),
        Intent(id=uuid4(), created_at=at),
        UsedToken(digest=uuid4().hex, device="d", expires_at=at),
        Attempt(id=uuid4(), kind="login.name", subject="s", at=at),
        Deauthorization(link_id=link.id, token="", due_at=at, give_up_at=at, state=settled,
                        done_at=at if settled is not State.DUE else None),
    ])  # fmt: skip
    db.flush()


def test_the_old_goes_and_the_new_stays(database, settings, now):
    with database.begin() as db:
        a_bit_of_everything(db, now - 31 * DAY)
        a_bit_of_everything(db, now)
    assert retention.work(database, now, settings) == 5
    with database.read() as db:
        for table in (OneTimeCode, Sms, Intent, UsedToken, Attempt, Deauthorization):
            assert count(db, table) == 1, table
        assert count(db, Link) == 2, "history stays"
    assert retention.work(database, now, settings) == 0


def test_what_is_still_counted_or_owed_stays(database, settings, now):
    with database.begin() as db:
        a_bit_of_everything(db, now - DAY + MINUTE)
        a_bit_of_everything(db, now - 60 * DAY, settled=State.DUE)
    retention.work(database, now, settings)
    with database.read() as db:
        assert count(db, Attempt) == 1, "a day's window still counts it"
        assert count(db, Deauthorization) == 2, "one is owed, one is young"


def test_however_much_there_is_it_goes_in_small_transactions(database, settings, now):
    old = now - 3 * DAY
    with database.begin() as db:
        db.add_all(Intent(id=uuid4(), created_at=old) for _ in range(2 * retention.CHUNK + 5))
    assert retention.work(database, now, settings) == 2 * retention.CHUNK + 5
