"""Promise 1: who somebody is, we learn from a verified ID token only, once for each page."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.errors import Invalid
from line.gateway import BadToken, LineUnavailable
from members.signing_in import open_intent, sign_in
from models import Friend, Intent, UsedToken
from tests.members.situations import line_user

MINUTE = timedelta(minutes=1)


def intent(database, now):
    with database.begin() as db:
        return open_intent(db, now).id


@pytest.fixture
def enter(database, login, now):
    def enter(token, *, at=now, device="phone", intent_id=None):
        intent_id = intent_id or intent(database, at)
        return sign_in(database, login, token, intent_id=intent_id, device=device, now=at)

    return enter


def friends(database):
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(Friend))


def test_a_good_token_says_who(database, enter, login):
    friend = enter(login.token_for(line_user(1), name="さくら"))
    assert (friend.line_user_id, friend.display_name, friend.following) == (
        line_user(1), "さくら", False,
    )  # fmt: skip
    assert enter(login.token_for(line_user(1))).id == friend.id
    assert friends(database) == 1


@pytest.mark.parametrize(
    "why", ["malformed", "signature", "issuer", "audience", "expired", "future"]
)
def test_a_bad_token_makes_nobody(database, enter, login, why):
    with pytest.raises(BadToken, match=why):
        enter(login.bad_token(why))
    assert friends(database) == 0


def test_line_being_away_spends_nothing(database, enter, login, now):
    mine, token = intent(database, now), login.token_for(line_user(1))
    login.fail_with["identify"] = LineUnavailable("503")
    with pytest.raises(LineUnavailable):
        enter(token, intent_id=mine)
    login.fail_with.clear()
    assert enter(token, intent_id=mine).line_user_id == line_user(1)


def test_an_intent_is_good_once(database, enter, login, now):
    mine = intent(database, now)
    enter(login.token_for(line_user(1)), intent_id=mine)
    with pytest.raises(Invalid, match="intent_spent"):
        enter(login.token_for(line_user(2)), intent_id=mine)
    assert friends(database) == 1


def test_an_intent_that_we_did_not_issue(enter, login):
    with pytest.raises(Invalid, match="intent_spent"):
        enter(login.token_for(line_user(1)), intent_id=uuid4())


@pytest.mark.parametrize(("age", "good"), [(14, True), (15, False)])
def test_an_intent_lives_a_quarter_of_an_hour(database, enter, login, now, age, good):
    mine, token = intent(database, now), login.token_for(line_user(1))
    if good:
        enter(token, intent_id=mine, at=now + age * MINUTE)
    else:
        with pytest.raises(Invalid, match="intent_spent"):
            enter(token, intent_id=mine, at=now + age * MINUTE)


def test_a_replayed_token_of_another_device_is_refused_and_its_intent_spent(
    database, enter, login, now
):
    token, stolen_for = login.token_for(line_user(1)), intent(database, now)
    enter(token, device="phone")
    for _ in range(2):
        with pytest.raises(Invalid) as told:
            enter(token, device="thief", intent_id=stolen_for)
    assert told.value.key == "members.intent_spent", "the first refusal spent it"
    with database.read() as db:
        assert db.get(Intent, stolen_for).used_at == now


def test_the_same_device_may_bring_its_token_again(enter, login):
    """LINE gives the page the same token for an hour, however often it is opened."""
    token = login.token_for(line_user(1))
    assert enter(token).id == enter(token).id


def test_neither_token_nor_device_is_kept(database, enter, login):
    token = login.token_for(line_user(1))
    enter(token, device="phone-mark")
    with database.read() as db:
        kept = db.scalars(select(UsedToken)).one()
    assert token not in (kept.digest, kept.device)
    assert kept.device != "phone-mark"


def test_a_used_token_is_remembered_as_long_as_it_is_good(database, enter, login, now):
    enter(login.token_for(line_user(1), expires_at=now + 30 * MINUTE))
    with database.read() as db:
        assert db.scalars(select(UsedToken.expires_at)).one() == now + 35 * MINUTE


@pytest.mark.parametrize("shared", ["intent", "token"])
def test_two_at_once_sign_in_once(fresh_database, login, now, shared):
    tokens = [login.token_for(line_user(1))] * 2
    intents = [intent(fresh_database, now) for _ in range(2)]
    if shared == "intent":
        tokens, intents = [login.token_for(line_user(n)) for n in (1, 2)], intents[:1] * 2
    start = Barrier(2)

    def enter(n):
        start.wait()
        try:
            return sign_in(
                fresh_database, login, tokens[n], intent_id=intents[n], device=f"d{n}", now=now
            ).id
        except Invalid as e:
            return e.key

    with ThreadPoolExecutor(2) as threads:
        came = [str(each) for each in threads.map(enter, range(2))]
    refused = "members.intent_spent" if shared == "intent" else "members.token_used"
    assert came.count(refused) == 1
