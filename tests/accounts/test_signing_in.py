"""Passwords: right ones, wrong ones, too many of them, and what is told and noted."""

from time import process_time

import pytest
from argon2 import PasswordHasher

from accounts import myself, signing_in, team
from accounts import second as proving
from core.errors import Invalid, TooMany
from core.passwords import nobody, verify
from models import Role, StaffAccount, StaffAudit
from tests.accounts.conftest import PASSWORD, by


@pytest.fixture
def enter(database, settings, clock):
    def enter(email="admin@example.com", password=PASSWORD, address="203.0.113.7"):
        return signing_in.by_password(
            database, email, password, address=address, now=clock(), settings=settings
        )

    return enter


def test_the_right_password(enter, hire):
    admin = hire()
    assert enter(" Admin@EXAMPLE.com ").account_id == admin.id


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("admin@example.com", "wrong"),
        ("admin@example.com", ""),
        ("nobody@example.com", PASSWORD),
        ("", PASSWORD),
        ("gone@example.com", PASSWORD),
        ("invited@example.com", PASSWORD),
        ("invited@example.com", ""),
        ("admin@example.com\0", "wrong\0"),
        ("a" * 5000, PASSWORD),
        ("admin@example.com", "x" * 100_000),
    ],
)
def test_everything_else_is_one_answer(enter, hire, now, noted, email, password):
    hire()
    hire(email="gone@example.com", deactivated_at=now)
    hire(email="invited@example.com", password="")
    before = noted()
    with pytest.raises(Invalid, match="sign_in_wrong"):
        enter(email, password)
    assert noted() == [*before, "session.refused"]


def test_what_was_typed_for_a_name_is_kept_nowhere(enter, hire, database):
    hire()
    with pytest.raises(Invalid):
        enter("my secret password typed in the wrong field")
    with database.read() as db:
        line = db.query(StaffAudit).order_by(StaffAudit.number.desc()).first()
    assert "secret" not in str(vars(line))


def test_unknown_and_wrong_cost_the_same_work(enter, hire):
    """One slow hash each; the processor's time is coarsely the same."""
    hire()
    nobody()
    took = {"admin@example.com": 0.0, "nobody@example.com": 0.0}
    for n in range(4):
        for email in took:
            began = process_time()
            with pytest.raises(Invalid):
                enter(email, "wrong", address=f"203.0.113.{n}")
            took[email] += process_time() - began
    known, unknown = took.values()
    assert 0.5 < known / unknown < 2, took


def test_after_five_wrong_ones_even_the_right_one_has_to_wait(enter, hire, clock):
    hire()
    for _ in range(5):
        with pytest.raises(Invalid):
            enter(password="wrong")
    with pytest.raises(TooMany, match="wait_seconds") as told:
        enter()
    assert told.value.values["seconds"] == 60
    clock.advance(seconds=61)
    assert enter()
    for _ in range(4):  # what went before is forgotten
        with pytest.raises(Invalid):
            enter(password="wrong")
    assert enter()


def test_the_wait_doubles_up_to_an_hour(enter, hire, clock):
    hire()
    waits = []
    for n in range(14):
        with pytest.raises((Invalid, TooMany)) as told:
            enter(password="wrong", address=f"203.0.113.{n}")
        if isinstance(told.value, TooMany):
            waits.append(told.value.values["minutes"])
            clock.advance(minutes=waits[-1], seconds=1)
            with pytest.raises(Invalid):
                enter(password="wrong", address=f"203.0.113.{n}")
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60][: len(waits)]


def test_an_unknown_name_is_locked_out_all_the_same(enter):
    """Or the lock-out would tell who is known."""
    for _ in range(5):
        with pytest.raises(Invalid):
            enter("nobody@example.com", "wrong")
    with pytest.raises(TooMany):
        enter("nobody@example.com", "wrong")


def test_one_address_tries_many_names(enter, hire, clock):
    hire()
    for n in range(30):
        with pytest.raises(Invalid):
            enter(f"a{n}@example.com", "wrong")
        clock.advance(seconds=1)
    with pytest.raises(TooMany):
        enter()
    assert enter(address="198.51.100.1"), "from elsewhere"


def test_a_household_has_one_address_of_ipv6(enter, hire, clock):
    """And 2**64 to change through."""
    hire()
    for n in range(30):
        with pytest.raises(Invalid):
            enter(f"a{n}@example.com", "wrong", address=f"2001:db8:1:2::{n:x}")
        clock.advance(seconds=1)
    with pytest.raises(TooMany):
        enter(address="2001:db8:1:2:ffff::1")
    assert enter(address="2001:db8:1:3::1"), "the neighbours"


def test_whoever_is_right_uses_up_nothing(enter, hire):
    hire()
    for _ in range(40):
        enter()


def test_being_locked_out_fills_no_log(enter, hire, noted):
    hire()
    for _ in range(30):
        with pytest.raises((Invalid, TooMany)):
            enter(password="wrong")
    assert noted().count("session.refused") == 5


def test_unlocking_forgets_every_kind_of_try_and_is_noted(
    enter, hire, database, settings, clock, noted
):
    admin = hire(totp_secret="sealed")

    def second(address):
        return proving.prove(
            database, admin.id, "000000", address=address, now=clock(), settings=settings
        )

    def sure(address):
        return signing_in.by_password(
            database, admin.email, "wrong", address=address, now=clock(), settings=settings,
            kind=signing_in.SURE,
        )  # fmt: skip

    tries = [lambda address: enter(password="wrong", address=address), sure, second]
    for n, fail in enumerate(tries):
        for _ in range(5):
            with pytest.raises(Invalid):
                fail(f"198.51.100.{n}")
        with pytest.raises(TooMany):
            fail(f"198.51.100.{n}")
    with database.begin() as db:
        assert signing_in.unlock(db, by(None, clock()), " Admin@example.com", settings) == "admin"
    assert noted()[-1] == "account.unlocked"
    for n, fail in enumerate(tries):
        with pytest.raises(Invalid):
            fail(f"203.0.113.{n}")


def test_a_hash_of_weaker_times_is_made_anew(enter, hire, database):
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    admin = hire(password_hash=weak)
    enter()
    with database.read() as db:
        assert "m=19456,t=2,p=1" in db.get_one(StaffAccount, admin.id).password_hash
    assert enter()


def test_with_another_password_in_between_nobody_comes_in(enter, hire, database, clock):
    """Who proved the old one is asked for the new one."""
    admin = hire()
    proven = enter()
    with database.begin() as db:
        myself.change_password(db, by(admin, clock()), admin.id, "another horse battery", keep=None)
    with database.begin() as db, pytest.raises(Invalid, match="sign_in_wrong"):
        signing_in.welcome(
            db, admin.id, clock(), address="", agent="", how="password", by=proven.by
        )


def test_a_hash_made_anew_in_between_is_still_the_password(enter, hire, database, clock):
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    admin = hire(password_hash=weak)
    proven = enter()
    with database.begin() as db:
        assert signing_in.welcome(
            db, admin.id, clock(), address="", agent="", how="password", by=proven.by
        )


def test_a_hash_made_anew_does_not_bring_back_the_old_password(
    hire, database, settings, clock, monkeypatch
):
    """The password is changed while the hash of the old one is computed."""
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    admin = hire(password_hash=weak)
    new = "another horse battery"

    class Slow(PasswordHasher):
        def check_needs_rehash(self, known):
            if known == weak:
                with database.begin() as db:
                    myself.change_password(db, by(admin, clock()), admin.id, new, keep=None)
            return super().check_needs_rehash(known)

    monkeypatch.setattr(signing_in, "HASHER", Slow(time_cost=2, memory_cost=19_456, parallelism=1))
    signing_in.by_password(
        database, admin.email, PASSWORD, address="", now=clock(), settings=settings
    )
    with database.read() as db:
        assert verify(db.get_one(StaffAccount, admin.id).password_hash, new)


def test_deactivated_in_between_nobody_comes_in(hire, database, clock, settings):
    """Between the password and the code of the telephone."""
    hire(email="other@example.com")
    admin = hire()
    with database.begin() as db:
        team.deactivate(db, by(None, clock()), admin.id)
    with database.begin() as db, pytest.raises(Invalid):
        signing_in.welcome(db, admin.id, clock(), address="", agent="", how="totp")


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short", "password_short"),
        ("elevenchars", "password_short"),
        ("x" * 257, "password_long"),
        ("aaaaaaaaaaaaaa", "password_plain"),
        ("long.name@example.com", "password_plain"),
        ("LONG.NAME@example.com", "password_plain"),
        ("twelve chars", ""),
        ("パスワードは十二文字です", ""),
    ],
)
def test_what_a_password_must_be(hire, password, problem):
    if problem:
        with pytest.raises(Invalid, match=problem):
            hire(Role.VIEWER, email="long.name@example.com", password=password)
    else:
        hire(Role.VIEWER, email="long.name@example.com", password=password)
