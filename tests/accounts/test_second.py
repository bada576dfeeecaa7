"""The second step: digits that work once, recovery codes that work once, and tries that are counted."""

from datetime import timedelta

import pyotp
import pytest

from accounts import second
from core.errors import Conflict, Invalid, TooMany
from models import StaffAccount, StaffRecoveryCode
from tests.accounts.conftest import by


@pytest.fixture
def admin(hire):
    return hire()


@pytest.fixture
def turned_on(database, settings, admin, clock):
    """The secret and the recovery codes."""
    with database.begin() as db:
        secret = second.offer(db, admin.id, settings).secret
    with database.begin() as db:
        code = digits(secret, clock())
        codes = second.confirm(db, by(admin, clock()), admin.id, code, settings)
    clock.advance(minutes=2)
    return secret, codes


@pytest.fixture
def prove(database, settings, admin, clock):
    def prove(code):
        return second.prove(
            database, admin.id, code, address="203.0.113.7", now=clock(), settings=settings
        )

    return prove


def digits(secret, now):
    return pyotp.TOTP(secret).generate_otp(int(now.timestamp()) // 30)


def test_it_is_on_only_once_the_telephone_has_shown_that_it_knows(database, settings, admin, now):
    with database.begin() as db:
        secret = second.offer(db, admin.id, settings).secret
        assert second.offer(db, admin.id, settings).secret == secret, "a page loaded again"
    with database.begin() as db, pytest.raises(Invalid):
        second.confirm(db, by(admin, now), admin.id, "000000", settings)
    with database.read() as db:
        assert db.get_one(StaffAccount, admin.id).totp_secret is None


def test_digits_are_good_once(prove, turned_on, clock):
    code = digits(turned_on[0], clock())
    assert prove(code) == "totp"
    with pytest.raises(Invalid):
        prove(code)
    clock.advance(seconds=30)
    with pytest.raises(Invalid):
        prove(code)  # still within the drift
    assert prove(digits(turned_on[0], clock())) == "totp"


def test_digits_of_the_confirmation_are_used_up_too(database, settings, admin, prove, clock):
    with database.begin() as db:
        code = digits(second.offer(db, admin.id, settings).secret, clock())
        second.confirm(db, by(admin, clock()), admin.id, code, settings)
    with pytest.raises(Invalid):
        prove(code)


@pytest.mark.parametrize(("ahead", "good"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_a_telephones_clock_may_be_a_little_wrong(prove, turned_on, clock, ahead, good):
    code = digits(turned_on[0], clock() + timedelta(seconds=ahead))
    if good:
        assert prove(code) == "totp"
    else:
        with pytest.raises(Invalid):
            prove(code)


def test_older_digits_are_not_good_after_newer_ones(prove, turned_on, clock):
    older = digits(turned_on[0], clock() - timedelta(seconds=30))
    prove(digits(turned_on[0], clock()))
    with pytest.raises(Invalid):
        prove(older)


def test_a_recovery_code_is_good_once_however_it_is_typed(prove, turned_on, database, admin, noted):
    code = turned_on[1][3]
    assert prove(f"  {code.upper().replace('-', ' ')}") == "recovery"
    with pytest.raises(Invalid):
        prove(code)
    with database.read() as db:
        assert second.codes_left(db, admin.id) == 9
    assert noted()[-2:] == ["second.recovery", "second.refused"]


def test_recovery_codes_are_kept_as_digests(turned_on, database):
    with database.read() as db:
        kept = str([vars(each) for each in db.query(StaffRecoveryCode)])
    assert not any(code in kept or code.replace("-", "") in kept for code in turned_on[1])


def test_a_new_set_ends_the_old_one(prove, turned_on, database, settings, admin, now):
    with database.begin() as db:
        fresh = second.renew_codes(db, by(admin, now), admin.id, settings)
    with pytest.raises(Invalid):
        prove(turned_on[1][0])
    assert prove(fresh[0]) == "recovery"


def test_somebody_elses_codes_are_worth_nothing(turned_on, hire, database, settings, clock):
    other = hire(email="other@example.com")
    with database.begin() as db:
        secret = second.offer(db, other.id, settings).secret
        second.confirm(db, by(other, clock()), other.id, digits(secret, clock()), settings)
    for code in (turned_on[1][0], digits(turned_on[0], clock())):
        with pytest.raises(Invalid):
            second.prove(database, other.id, code, address="", now=clock(), settings=settings)


def test_guessing_is_stopped(prove, turned_on, clock):
    for _ in range(5):
        with pytest.raises(Invalid):
            prove("000000")
    with pytest.raises(TooMany):
        prove(digits(turned_on[0], clock()))


def test_the_secret_is_sealed(turned_on, database, admin):
    with database.read() as db:
        assert turned_on[0] not in db.get_one(StaffAccount, admin.id).totp_secret


def test_turned_off_nothing_is_left(prove, turned_on, database, settings, admin, now, clock):
    with database.begin() as db:
        second.turn_off(db, by(admin, now), admin.id)
    for code in (turned_on[1][0], digits(turned_on[0], clock()), ""):
        with pytest.raises(Invalid):
            prove(code)
    with database.begin() as db, pytest.raises(Conflict):
        second.renew_codes(db, by(admin, now), admin.id, settings)


def test_what_is_offered_once_it_is_on(turned_on, database, settings, admin):
    with database.begin() as db, pytest.raises(Conflict):
        second.offer(db, admin.id, settings)
