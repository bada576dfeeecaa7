"""How a message leaves, and what each of LINE's answers leads to: no database, no LINE."""

from datetime import UTC, datetime, timedelta

import pytest

from deliveries import rules
from deliveries.rules import (
    Again,
    Answer,
    Drop,
    Fail,
    Kind,
    Owing,
    Push,
    PushInstead,
    Said,
    Trouble,
)
from models import IfLate

NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
SOON, LATER = NOW + timedelta(seconds=30), NOW + timedelta(hours=3)
PAST = NOW - timedelta(seconds=1)
DEAD = Trouble(Kind.BAD_REQUEST, "400 Invalid reply token")
DOWN = Trouble(Kind.UNAVAILABLE, "503")
NOT_ALLOWED = Trouble(Kind.NOT_ALLOWED, "401")
SPENT = Trouble(Kind.OUT_OF_QUOTA, "429")


def slow_down(seconds):
    return Trouble(Kind.UNAVAILABLE, "429", timedelta(seconds=seconds))


def owing(**changes):
    plain = {
        "attempts": 1, "reply_until": None, "if_late": IfLate.DROP, "reply_tried": False,
        "pushed_at": None, "expires_at": LATER, "reachable": True,
    }  # fmt: skip
    return Owing(**(plain | changes))


@pytest.mark.parametrize(
    ("row", "way"),
    [
        (owing(reply_until=SOON), Answer()),
        (owing(reply_until=SOON, if_late=IfLate.PUSH), Answer()),
        (owing(reply_until=SOON, reply_tried=True), Answer()),
        (owing(reply_until=SOON, reachable=False), Answer()),
        (owing(reply_until=NOW), Drop(rules.TOO_LATE)),
        (owing(reply_until=PAST, if_late=IfLate.PUSH), Push()),
        (owing(reply_until=PAST, if_late=IfLate.PUSH, reachable=False), Drop(rules.BLOCKED)),
        (owing(reply_until=PAST, if_late=IfLate.PUSH, expires_at=NOW), Drop(rules.TOO_LATE)),
        (owing(reply_until=PAST, if_late=IfLate.PUSH, reply_tried=True), Drop(rules.MAYBE_SAID)),
        (owing(reply_until=PAST, reply_tried=True), Drop(rules.MAYBE_SAID)),
        (owing(), Push()),
        (owing(reachable=False), Drop(rules.BLOCKED)),
        (owing(expires_at=PAST), Drop(rules.TOO_LATE)),
        (owing(pushed_at=PAST), Push()),
        (owing(pushed_at=PAST, expires_at=NOW), Fail(rules.MAYBE_SAID)),
        (owing(pushed_at=NOW - rules.KEY_LIFE), Fail(rules.MAYBE_SAID)),
        (owing(pushed_at=NOW - rules.KEY_LIFE + timedelta(seconds=1)), Push()),
        (owing(pushed_at=PAST, reply_until=SOON, if_late=IfLate.PUSH), Push()),
    ],
)
def test_the_way_a_message_leaves(row, way):
    assert rules.way(row, NOW) == way


@pytest.mark.parametrize(
    ("row", "said", "outcome"),
    [
        (owing(reply_until=SOON), None, Said()),
        (owing(reply_until=SOON), DOWN, Again(NOW + timedelta(seconds=1), "503")),
        (owing(reply_until=SOON, attempts=3), DOWN, Again(NOW + timedelta(seconds=4), "503")),
        (owing(reply_until=SOON, attempts=99), DOWN, Again(NOW + timedelta(seconds=16), "503")),
        (owing(reply_until=NOW + timedelta(seconds=1)), DOWN, Drop(rules.MAYBE_SAID)),
        (
            owing(reply_until=SOON),
            slow_down(20),
            Again(NOW + timedelta(seconds=20), "429"),
        ),
        (owing(reply_until=SOON), slow_down(60), Drop(rules.MAYBE_SAID)),
        (owing(reply_until=SOON, reply_tried=True), DEAD, Drop(rules.MAYBE_SAID)),
        (
            owing(reply_until=SOON, reply_tried=True, if_late=IfLate.PUSH),
            DEAD,
            Drop(rules.MAYBE_SAID),
        ),
        (owing(reply_until=SOON, if_late=IfLate.PUSH), DEAD, PushInstead(DEAD.said)),
        (owing(reply_until=SOON), DEAD, Drop("the reply token is dead: 400 Invalid reply token")),
        (owing(reply_until=SOON), NOT_ALLOWED, Fail("401")),
        (owing(reply_until=SOON, if_late=IfLate.PUSH), NOT_ALLOWED, PushInstead("401")),
        (owing(reply_until=SOON, if_late=IfLate.PUSH, reply_tried=True), NOT_ALLOWED, Fail("401")),
        (owing(reply_until=SOON), Trouble(Kind.REFUSED, "6 messages"), Fail("6 messages")),
        (owing(reply_until=SOON), SPENT, Fail("429")),
    ],
)
def test_after_a_reply(row, said, outcome):
    assert rules.after_reply(row, said, NOW) == outcome


@pytest.mark.parametrize(
    ("row", "said", "outcome"),
    [
        (owing(), None, Said()),
        (owing(), DOWN, Again(NOW + timedelta(seconds=5), "503")),
        (owing(attempts=4), DOWN, Again(NOW + timedelta(minutes=10), "503")),
        (owing(attempts=50), DOWN, Again(NOW + timedelta(hours=1), "503")),
        (owing(), slow_down(7), Again(NOW + timedelta(seconds=7), "429")),
        (owing(), SPENT, Again(NOW + rules.QUOTA_WAIT, "429", key_is_new=True)),
        (owing(pushed_at=PAST), SPENT, Again(NOW + rules.QUOTA_WAIT, "429")),
        (owing(), NOT_ALLOWED, Again(NOW + timedelta(seconds=5), "401", key_is_new=True)),
        (owing(pushed_at=PAST), NOT_ALLOWED, Again(NOW + timedelta(seconds=5), "401")),
        (owing(), DEAD, Fail(DEAD.said)),
    ],
)
def test_after_a_push(row, said, outcome):
    assert rules.after_push(row, said, NOW) == outcome


def test_a_reply_gives_up_before_its_token_dies():
    assert sum(rules.REPLY_WAITS, timedelta()) < timedelta(seconds=50)
