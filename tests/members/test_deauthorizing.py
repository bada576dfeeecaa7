"""LINE is told that somebody withdrew, with their own token, which we then forget."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.owed import State
from line.gateway import LineRefused, LineUnavailable
from members import deauthorizing, linking
from models import Deauthorization, How
from tests.members.situations import a_friend, a_member

HOUR = timedelta(hours=1)


@pytest.fixture
def unlinked(database, settings, now):
    with database.begin() as db:
        friend, member = a_friend(db, now), a_member(db, now)
        linking.link(db, friend.id, member.id, How.PHONE, now, settings=settings)
        return linking.unlink(db, friend.id, now, settings=settings), friend.line_user_id


def owe(database, unlinked, token, now, settings):
    with database.begin() as db:
        deauthorizing.owe(db, unlinked[0].id, token, now, settings)


def row(database):
    with database.read() as db:
        return db.scalars(select(Deauthorization)).one()


def test_line_is_told_and_the_token_forgotten(database, settings, login, now, unlinked):
    token = login.access_token_for(unlinked[1])
    owe(database, unlinked, token, now, settings)
    assert token not in row(database).token, "encrypted while it waits"
    assert deauthorizing.work(database, login, now, settings) == 1
    assert login.deauthorized == [token]
    assert (row(database).state, row(database).token) == (State.DONE, "")
    assert deauthorizing.work(database, login, now, settings) == 0


def test_owed_twice_is_told_once(database, settings, login, now, unlinked):
    token = login.access_token_for(unlinked[1])
    for _ in range(2):
        owe(database, unlinked, token, now, settings)
    deauthorizing.work(database, login, now, settings)
    assert login.deauthorized == [token]


def test_line_being_away_is_tried_again_later(database, settings, login, now, unlinked):
    token = login.access_token_for(unlinked[1])
    owe(database, unlinked, token, now, settings)
    login.fail_with["deauthorize"] = LineUnavailable("503")
    assert deauthorizing.work(database, login, now, settings) == 1
    assert row(database).state is State.DUE
    assert row(database).token
    assert deauthorizing.work(database, login, now, settings) == 0, "not at once"
    login.fail_with.clear()
    assert deauthorizing.work(database, login, now + HOUR, settings) == 1
    assert row(database).state is State.DONE


@pytest.mark.parametrize("away", [True, False])
def test_after_twelve_hours_it_is_given_up(database, settings, login, now, unlinked, away):
    owe(database, unlinked, login.access_token_for(unlinked[1]), now, settings)
    if away:
        login.fail_with["*"] = LineUnavailable("503")
        deauthorizing.work(database, login, now + 11 * HOUR, settings)
        assert row(database).state is State.DUE
    deauthorizing.work(database, login, now + 12 * HOUR, settings)
    assert (row(database).state, row(database).token) == (State.FAILED, "")
    assert login.deauthorized == []


def test_what_line_refuses_is_not_asked_again(database, settings, login, now, unlinked):
    owe(database, unlinked, login.access_token_for(unlinked[1]), now, settings)
    login.fail_with["deauthorize"] = LineRefused("400 invalid token", 400)
    deauthorizing.work(database, login, now, settings)
    assert (row(database).state, row(database).token) == (State.FAILED, "")
    assert "400" in row(database).error


def test_a_dead_token_is_given_up(database, settings, login, now, unlinked):
    owe(database, unlinked, "no-such-token", now, settings)
    deauthorizing.work(database, login, now, settings)
    assert (row(database).state, row(database).token) == (State.FAILED, "")


def test_somebody_elses_token_signs_nobody_off(database, settings, login, now, unlinked):
    owe(database, unlinked, login.access_token_for("U" + "f" * 32), now, settings)
    deauthorizing.work(database, login, now, settings)
    assert login.deauthorized == []
    assert row(database).state is State.FAILED


def test_with_another_secret_key_the_token_is_lost_and_that_is_said(
    database, make_settings, login, now, unlinked
):
    owe(database, unlinked, login.access_token_for(unlinked[1]), now, make_settings())
    other = make_settings(secret_key="another key, as long as it must be")
    deauthorizing.work(database, login, now, other)
    assert row(database).state is State.FAILED
    assert "InvalidToken" in row(database).error
