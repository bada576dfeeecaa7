"""Failing on purpose at somebody's name keeps strangers out, and not them."""

import pytest
from pydantic import SecretStr

from accounts import known, myself, signing_in
from core.errors import Invalid, TooMany
from tests.accounts.conftest import PASSWORD, by

OTHER = "another horse battery"


@pytest.fixture
def admin(hire):
    return hire()


@pytest.fixture
def enter(database, settings, clock):
    def enter(password=PASSWORD, browser="", address="203.0.113.7", email="admin@example.com"):
        return signing_in.by_password(
            database, email, password, address=address, now=clock(), settings=settings,
            browser=browser,
        )  # fmt: skip

    return enter


@pytest.fixture
def locked_out(enter, admin):
    """By somebody who knows the name alone, from many places."""
    for n in range(20):
        with pytest.raises((Invalid, TooMany)):
            enter("wrong", address=f"198.51.{n}.1")


def test_from_a_browser_of_theirs_they_come_in(enter, admin, locked_out, settings):
    mark = known.mark(admin, settings)
    with pytest.raises(TooMany):
        enter()
    assert enter(browser=mark)
    with pytest.raises(TooMany):
        enter()  # that they came in opens nothing to strangers


def test_their_browser_has_five_tries_like_any(enter, admin, settings):
    mark = known.mark(admin, settings)
    for n in range(5):
        with pytest.raises(Invalid):
            enter("wrong", mark, address=f"198.51.{n}.1")
    with pytest.raises(TooMany):
        enter(browser=mark)
    assert enter(), "the others are counted for themselves"


def test_a_mark_that_is_none_is_a_strangers(enter, admin, locked_out, hire, settings, clock):
    mark = known.mark(admin, settings)
    word, _, signature = mark.partition(".")
    theirs = known.mark(hire(email="other@example.com"), settings)
    elsewhere = settings.model_copy(update={"secret_key": SecretStr("y" * 40)})
    for made_up in (
        "", ".", word, f"{word}.", f".{signature}", f"x{mark}", f"{mark}x", "é.é", theirs,
        f"{theirs.partition('.')[0]}.{signature}", known.mark(admin, elsewhere),
    ):  # fmt: skip
        with pytest.raises(TooMany):
            enter(browser=made_up)


def test_a_mark_is_worth_nothing_after_a_new_password(enter, admin, database, settings, clock):
    mark = known.mark(admin, settings)
    with database.begin() as db:
        myself.change_password(db, by(admin, clock()), admin.id, OTHER, keep=None)
    for n in range(20):
        with pytest.raises((Invalid, TooMany)):
            enter("wrong", address=f"198.51.{n}.1")
    with pytest.raises(TooMany):
        enter(OTHER, mark)


def test_each_mark_is_another(admin, settings):
    assert len({known.mark(admin, settings) for _ in range(20)}) == 20
