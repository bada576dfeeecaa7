"""Links by which a password is chosen: once, in time, and nobody makes one up."""

import base64
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from accounts import invitations, myself, retention, sessions, signing_in, team
from core.errors import Conflict, Invalid
from models import Role, StaffInvitation
from tests.accounts.conftest import PASSWORD, by, hire_into

NEW = "another horse battery"


@pytest.fixture
def issue(database, settings, clock):
    def issue(account):
        with database.begin() as db:
            return invitations.issue(db, by(None, clock()), account.id, settings).token

    return issue


@pytest.fixture
def take(database, settings, clock):
    def take(token, password=NEW):
        return invitations.take(
            database, token, password, address="203.0.113.7", now=clock(), settings=settings
        )

    return take


def test_joining(issue, take, hire, database, settings, now, noted):
    invited = hire(Role.EDITOR, password="")
    opened = take(issue(invited))
    assert (opened.email, opened.joining) == (invited.email, True)
    proven = signing_in.by_password(
        database, invited.email, NEW, address="", now=now, settings=settings
    )
    assert proven.account_id == invited.id
    assert noted() == ["account.added", "account.invited", "account.joined"]


def test_once(issue, take, hire):
    token = issue(hire(password=""))
    take(token)
    with pytest.raises(Invalid, match="invitation_dead"):
        take(token)


def test_two_at_once_are_one(fresh_database, settings, now):
    invited = hire_into(fresh_database, now)(password="")
    with fresh_database.begin() as db:
        token = invitations.issue(db, by(None, now), invited.id, settings).token
    barrier = Barrier(4)

    def take(n):
        barrier.wait()
        try:
            invitations.take(
                fresh_database,
                token,
                f"password number {n}",
                address="",
                now=now,
                settings=settings,
            )
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, range(4))) == [False, False, False, True]


@pytest.mark.parametrize(("joined", "days"), [(False, 7), (True, 1)])
def test_in_time(issue, take, hire, clock, joined, days):
    token = issue(hire(password=PASSWORD if joined else ""))
    clock.advance(days=days, seconds=1)
    with pytest.raises(Invalid, match="invitation_dead"):
        take(token)


def test_a_weak_password_does_not_spend_it(issue, take, hire):
    token = issue(hire(password=""))
    with pytest.raises(Invalid, match="password_short"):
        take(token, "short")
    take(token)


def test_a_newer_link_ends_the_older(issue, take, hire):
    invited = hire(password="")
    older, newer = issue(invited), issue(invited)
    with pytest.raises(Invalid):
        take(older)
    take(newer)


def test_a_new_password_signs_everybody_out(issue, take, hire, database, now):
    admin = hire()
    with database.begin() as db:
        session = sessions.begin(db, admin.id, now, address="", agent="")
    take(issue(admin))
    assert sessions.standing(database, session, now) is None


def test_a_password_that_is_changed_ends_links_that_were_made_before(
    issue, take, hire, database, now
):
    """Whoever else has one could undo it."""
    admin = hire()
    token = issue(admin)
    with database.begin() as db:
        myself.change_password(db, by(admin, now), admin.id, NEW, keep=None)
    with pytest.raises(Invalid, match="invitation_dead"):
        take(token)


@pytest.mark.parametrize("end", ["deactivated", "demoted"])
def test_nobody_keeps_a_way_back_in(take, hire, database, settings, now, end):
    """A link for a colleague, made before one's own time as an administrator was over."""
    admin, leaving, colleague = hire(), hire(email="b@example.com"), hire(Role.EDITOR)
    with database.begin() as db:
        kept = invitations.issue(db, by(leaving, now), colleague.id, settings).token
        others = invitations.issue(db, by(admin, now), admin.id, settings).token
    with database.begin() as db:
        if end == "deactivated":
            team.deactivate(db, by(admin, now), leaving.id)
        else:
            team.change_role(db, by(admin, now), leaving.id, Role.PUBLISHER)
    with pytest.raises(Invalid, match="invitation_dead"):
        take(kept)
    take(others)


def test_nobody_makes_one_up(issue, take, hire, database, settings, now):
    token = issue(hire(password=""))
    with database.read() as db:
        row = db.query(StaffInvitation).one()
    theirs = Fernet(base64.urlsafe_b64encode(b"x" * 32)).encrypt(row.id.bytes).decode()
    for made_up in (
        "",
        "x",
        str(row.id),
        row.id.hex,
        theirs,
        token[:-2],
        token[::-1],
        "é",
        "=" * 9,
    ):
        with pytest.raises(Invalid, match="invitation_dead"):
            take(made_up)
    other = settings.model_copy(update={"secret_key": SecretStr("y" * 40)})
    with database.read() as db, pytest.raises(Invalid):
        invitations.opened(db, token, now, other)


def test_for_whoever_is_deactivated_there_is_none(issue, hire, now):
    with pytest.raises(Conflict, match="account_inactive"):
        issue(hire(deactivated_at=now))


def test_what_is_over_is_forgotten(issue, hire, database, clock, settings):
    issue(hire(password=""))
    clock.advance(days=7)
    assert retention.work(database, clock(), settings) == 1
