"""Two of anything of the staff's at the same instant."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pyotp
import pytest

from accounts import myself, second, sessions, signing_in, team
from core.errors import Invalid, MusubiError, TooMany
from models import StaffSession
from tests.accounts.conftest import PASSWORD, by, hire_into


def at_once(*acts: Callable[[], object]) -> list[object]:
    """All of them at the same instant; what each gave, or the kind of what it raised."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return act()
        except MusubiError as e:
            return type(e)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def admin(fresh_database, now):
    return hire_into(fresh_database, now)()


@pytest.fixture
def turned_on(fresh_database, settings, admin, clock):
    with fresh_database.begin() as db:
        secret = second.offer(db, admin.id, settings).secret
    with fresh_database.begin() as db:
        codes = second.confirm(db, by(admin, clock()), admin.id, digits(secret, clock()), settings)
    clock.advance(minutes=2)
    return secret, codes


def digits(secret, now):
    return pyotp.TOTP(secret).generate_otp(int(now.timestamp()) // 30)


@pytest.mark.parametrize("which", ["digits", "recovery"])
def test_one_code_is_good_for_one(fresh_database, settings, admin, turned_on, clock, which):
    code = digits(turned_on[0], clock()) if which == "digits" else turned_on[1][0]
    prove = partial(
        second.prove, fresh_database, admin.id, code,
        address="203.0.113.7", now=clock(), settings=settings,
    )  # fmt: skip
    said = at_once(*[prove] * 4)
    assert sorted(map(str, said)) == sorted([str(Invalid)] * 3 + [good(which)])


def good(which):
    return "totp" if which == "digits" else "recovery"


def test_guesses_at_once_are_counted_each(fresh_database, settings, admin, turned_on, clock):
    prove = partial(
        second.prove, fresh_database, admin.id, "000000",
        address="203.0.113.7", now=clock(), settings=settings,
    )  # fmt: skip
    assert sorted(map(str, at_once(*[prove] * 9))) == sorted(
        [str(Invalid)] * 5 + [str(TooMany)] * 4
    )


@pytest.mark.parametrize("end", ["password", "deactivated"])
def test_nobody_comes_in_by_what_ends_at_the_same_instant(fresh_database, settings, now, end):
    """Several rounds: who is first is chance."""
    hire = hire_into(fresh_database, now)
    hire()
    for n in range(8):
        account = hire(email=f"a{n}@example.com")
        proven = signing_in.by_password(
            fresh_database, account.email, PASSWORD, address="", now=now, settings=settings
        )

        def come_in(account=account, proven=proven):
            with fresh_database.begin() as db:
                return signing_in.welcome(
                    db, account.id, now, address="", agent="", how="password", by=proven.by
                )

        def end_it(account=account):
            with fresh_database.begin() as db:
                if end == "password":
                    return myself.change_password(
                        db, by(account, now), account.id, "another horse battery", keep=None
                    )
                return team.deactivate(db, by(None, now), account.id)

        token = at_once(come_in, end_it)[0]
        if isinstance(token, str):
            assert sessions.standing(fresh_database, token, now) is None
        with fresh_database.read() as db:
            assert not db.query(StaffSession).filter_by(account_id=account.id).all()
