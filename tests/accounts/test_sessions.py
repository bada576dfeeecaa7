"""Sessions end: idle, old, signed out, deactivated."""

import pytest

from accounts import retention, sessions
from models import StaffSession


@pytest.fixture
def begin(database, hire, clock):
    admin = hire()

    def begin(account=admin):
        with database.begin() as db:
            return sessions.begin(db, account.id, clock(), address="203.0.113.7", agent="x" * 500)

    begin.admin = admin
    return begin


def test_the_token_is_kept_nowhere(begin, database):
    token = begin()
    with database.read() as db:
        row = db.query(StaffSession).one()
    assert token not in str(vars(row))
    assert len(row.agent) == 200


@pytest.mark.parametrize("token", ["", "x", "é", "0" * 64])
def test_another_token_is_nobody(begin, database, clock, token):
    begin()
    assert sessions.standing(database, token, clock()) is None


def test_the_digest_itself_is_no_token(begin, database, clock):
    begin()
    with database.read() as db:
        digest = db.query(StaffSession).one().digest
    assert sessions.standing(database, digest, clock()) is None


def test_idle_for_twelve_hours_it_is_over(begin, database, clock):
    token = begin()
    clock.advance(hours=11, minutes=59)
    assert sessions.standing(database, token, clock())
    clock.advance(hours=11, minutes=59)
    assert sessions.standing(database, token, clock()), "it was used"
    clock.advance(hours=12)
    assert sessions.standing(database, token, clock()) is None


def test_after_seven_days_it_is_over_however_much_it_is_used(begin, database, clock):
    token = begin()
    for _ in range(7 * 24 - 1):
        clock.advance(hours=1)
        assert sessions.standing(database, token, clock())
    clock.advance(hours=1)
    assert sessions.standing(database, token, clock()) is None


def test_looking_writes_once_a_minute_at_the_most(begin, database, clock):
    token = begin()
    clock.advance(seconds=59)
    sessions.standing(database, token, clock())
    with database.read() as db:
        assert db.query(StaffSession).one().seen_at < clock()
    clock.advance(seconds=1)
    sessions.standing(database, token, clock())
    with database.read() as db:
        assert db.query(StaffSession).one().seen_at == clock()


def test_one_ends_only_ones_own(begin, hire, database, clock):
    other = hire(email="other@example.com")
    begin()
    with database.begin() as db:
        mine = db.query(StaffSession).one().id
        assert not sessions.end(db, other.id, mine)
        assert sessions.end(db, begin.admin.id, mine)
        assert not sessions.end(db, begin.admin.id, mine)


def test_everywhere_but_here(begin, database, clock):
    tokens = [begin() for _ in range(3)]
    here = sessions.standing(database, tokens[0], clock()).session_id
    with database.begin() as db:
        assert sessions.end_all(db, begin.admin.id, but=here) == 2
    assert [bool(sessions.standing(database, each, clock())) for each in tokens] == [
        True,
        False,
        False,
    ]


def test_what_is_over_is_forgotten(begin, database, clock, settings):
    begin()
    clock.advance(hours=6)
    begin()
    assert retention.work(database, clock(), settings) == 0
    clock.advance(hours=6)
    assert retention.work(database, clock(), settings) == 1
    clock.advance(hours=6)
    assert retention.work(database, clock(), settings) == 1
