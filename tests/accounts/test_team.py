"""Roles, and the administrator who is always left."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest

from accounts import invitations, sessions, team
from core.errors import Conflict, Invalid, MusubiError, NotAllowed, NotFound
from models import Role, StaffAccount
from tests.accounts.conftest import by, hire_into


def test_each_role_may_what_those_before_it_may():
    assert [role.value for role in Role] == ["viewer", "editor", "publisher", "admin"]
    for one in Role:
        for other in Role:
            assert one.covers(other) == (list(Role).index(one) >= list(Role).index(other))


@pytest.mark.parametrize(
    "email",
    [
        "",
        "x",
        "@example.com",
        "a@b",
        "a b@example.com",
        "a@" + "b" * 260 + ".c",
        "a\u202e@example.com",
        "a\x07@example.com",
    ],
)
def test_an_address_that_is_none(hire, email):
    with pytest.raises(Invalid, match="email_invalid"):
        hire(email=email or " ")


def test_an_address_has_one_account(hire):
    hire()
    with pytest.raises(Conflict, match="email_taken"):
        hire(Role.VIEWER, email="ADMIN@example.com")


def test_changing_a_role_is_noted_with_both(hire, database, now):
    admin, editor = hire(), hire(Role.EDITOR)
    with database.begin() as db:
        assert team.change_role(db, by(admin, now), editor.id, Role.PUBLISHER) is Role.EDITOR
        assert team.change_role(db, by(admin, now), editor.id, Role.PUBLISHER) is Role.PUBLISHER
    with database.read() as db:
        assert db.get_one(StaffAccount, editor.id).role is Role.PUBLISHER


@pytest.mark.parametrize(
    "end",
    [team.deactivate, lambda db, who, id_: team.change_role(db, who, id_, Role.PUBLISHER)],
    ids=["deactivated", "demoted"],
)
def test_the_last_administrator_stays(hire, database, now, end):
    admin = hire()
    hire(Role.PUBLISHER)
    hire(email="invited@example.com", password="")  # has not come yet: nobody can sign in with it
    hire(email="gone@example.com", deactivated_at=now)
    with pytest.raises(Conflict, match="last_admin"), database.begin() as db:
        end(db, by(admin, now), admin.id)
    with database.read() as db:
        kept = db.get_one(StaffAccount, admin.id)
        assert (kept.role, kept.deactivated_at) == (Role.ADMIN, None)


def test_whoever_was_put_away_meanwhile_puts_away_nobody(hire, database, now):
    admin, other = hire(), hire(email="other@example.com")
    with database.begin() as db:
        team.deactivate(db, by(admin, now), other.id)
    with pytest.raises(NotAllowed), database.begin() as db:
        team.deactivate(db, by(other, now), admin.id)


def test_deactivated_they_are_signed_out_and_links_are_dead(hire, database, settings, now):
    admin, other = hire(), hire(email="other@example.com")
    with database.begin() as db:
        token = sessions.begin(db, other.id, now, address="", agent="")
        link = invitations.issue(db, by(admin, now), other.id, settings)
    with database.begin() as db:
        team.deactivate(db, by(admin, now), other.id)
    assert sessions.standing(database, token, now) is None
    with database.begin() as db:
        team.reactivate(db, by(admin, now), other.id)
    assert sessions.standing(database, token, now) is None
    with database.read() as db, pytest.raises(Invalid):
        invitations.opened(db, link.token, now, settings)


def test_nobody_of_that_id(hire, database, now):
    admin = hire()
    with pytest.raises(NotFound), database.begin() as db:
        team.deactivate(db, by(admin, now), UUID(int=1))


def at_once(*acts: Callable[[], object]) -> list[object]:
    """All of them at the same instant; what each gave or raised."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return act()
        except MusubiError as e:
            return type(e)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("how", ["deactivate", "demote"])
def test_two_administrators_put_away_each_other_at_the_same_instant(fresh_database, now, how):
    """Several rounds: who is first is chance."""
    hire = hire_into(fresh_database, now)

    def put_away(who, whom):
        with fresh_database.begin() as db:
            if how == "deactivate":
                team.deactivate(db, by(who, now), whom.id)
            else:
                team.change_role(db, by(who, now), whom.id, Role.VIEWER)
        return "done"

    left = hire(email="first@example.com")
    for n in range(8):
        other = hire(email=f"other{n}@example.com")
        said = at_once(partial(put_away, left, other), partial(put_away, other, left))
        assert sorted(map(str, said)) == sorted(["done", str(NotAllowed)])
        (left,) = _admins(fresh_database)


def test_both_give_up_the_role_at_the_same_instant(fresh_database, now):
    hire = hire_into(fresh_database, now)
    one, other = hire(email="a@example.com"), hire(email="b@example.com")

    def leave(who):
        with fresh_database.begin() as db:
            team.change_role(db, by(who, now), who.id, Role.VIEWER)
        return "done"

    said = at_once(lambda: leave(one), lambda: leave(other))
    assert sorted(map(str, said)) == sorted(["done", str(Conflict)])
    assert len(_admins(fresh_database)) == 1


def _admins(database):
    with database.read() as db:
        rows = team.everybody(db)
    return [each for each in rows if each.role is Role.ADMIN and each.deactivated_at is None]
