"""Log-in: one answer for unknown and wrong, counted before it is looked at, and it opens again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from core.database import in_transaction
from core.errors import Invalid, TooMany
from core.passwords import HASHER, hash_password
from members import rules
from members.passwords import log_in
from models import Attempt, Member
from tests.members.situations import a_member

PASSWORD = "correct horse 電池"
HASH = hash_password(PASSWORD)
SECONDS = timedelta(seconds=1)


class CountingHasher(PasswordHasher):
    """Does what the real one does, and remembers what it was asked."""

    def __init__(self):
        super().__init__(time_cost=2, memory_cost=19_456, parallelism=1)
        self.asked = []

    def verify(self, hash, password):  # noqa: A002
        self.asked.append(hash)
        return super().verify(hash, password)


@pytest.fixture
def sakura(database, now):
    with database.begin() as db:
        return a_member(db, now, number="M2345", email="sakura@example.com", password_hash=HASH).id


@pytest.fixture
def enter(database, settings, now):
    def enter(name, password=PASSWORD, *, at=now, address="192.0.2.1", hasher=HASHER, friend=None):
        return log_in(
            database, name, password, address=address, friend_id=friend, now=at, settings=settings,
            hasher=hasher,
        )  # fmt: skip

    return enter


@pytest.mark.parametrize(
    "name", ["M2345", "m2345", " Ｍ２３４５ ", "sakura@example.com", "Sakura@Example.COM"]
)
def test_by_number_or_address_as_people_type_them(enter, sakura, name):
    assert enter(name).id == sakura


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", "x" * 10_000, "\x00"])
def test_a_wrong_password(enter, sakura, password):
    with pytest.raises(Invalid, match=r"members\.login_wrong"):
        enter("M2345", password)


def test_unknown_and_wrong_are_one_answer_and_cost_the_same_work(database, enter, sakura, now):
    with database.begin() as db:
        a_member(db, now, number="NOPASSWORD")
        a_member(db, now, number="GONE", status="withdrawn", password_hash=HASH)
    answers, works = set(), set()
    for name in ("M2345", "UNKNOWN", "nobody@example.com", "NOPASSWORD", "GONE", ""):
        hasher = CountingHasher()
        with pytest.raises(Invalid) as told:
            enter(name, "wrong", hasher=hasher)
        answers.add((told.value.key, str(told.value.values)))
        works.add(
            (
                len(hasher.asked),
                *(each.rpartition("$")[0].rpartition("$")[0] for each in hasher.asked),
            )
        )
    assert len(answers) == 1
    assert works == {(1, "$argon2id$v=19$m=19456,t=2,p=1")}


def test_a_right_password_opens_nothing_for_withdrawn_members(database, enter, now):
    with database.begin() as db:
        a_member(db, now, number="GONE", status="withdrawn", password_hash=HASH)
    with pytest.raises(Invalid):
        enter("GONE")


def test_an_address_of_two_members_is_nobodys(database, enter, sakura, now):
    with database.begin() as db:
        a_member(db, now, email="sakura@example.com", password_hash=HASH)
    with pytest.raises(Invalid):
        enter("sakura@example.com")
    assert enter("M2345").id == sakura


def test_somebody_without_a_password_does_not_block_an_address(database, enter, sakura, now):
    with database.begin() as db:
        a_member(db, now, email="sakura@example.com")
    assert enter("sakura@example.com").id == sakura


def test_old_hashes_are_renewed(database, enter, now):
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with database.begin() as db:
        a_member(db, now, number="OLD", password_hash=weak)
    enter("OLD")
    with database.read() as db:
        renewed = db.scalars(select(Member.password_hash).where(Member.number == "OLD")).one()
    assert renewed != weak
    assert not HASHER.check_needs_rehash(renewed)
    assert enter("OLD").number == "OLD"


def test_a_hash_that_is_none_opens_nothing(database, enter, now):
    with database.begin() as db:
        a_member(db, now, number="BAD", password_hash="plain")
    with pytest.raises(Invalid):
        enter("BAD", "plain")


def test_after_five_failures_it_waits_and_the_wait_grows(enter, sakura, now):
    waits, at = [], now
    for _ in range(5):
        with pytest.raises(Invalid):
            enter("M2345", "wrong", at=at)
    for _ in range(3):
        with pytest.raises(TooMany) as told:
            enter("M2345", at=at)
        waits.append(told.value.values["seconds"])
        at += waits[-1] * SECONDS
        with pytest.raises(Invalid):
            enter("M2345", "wrong", at=at)
    assert waits == [60, 120, 240]
    with pytest.raises(TooMany) as told:
        enter("m2345", at=at)
    assert told.value.key == "members.login_wait_minutes"
    assert told.value.values["minutes"] == 8


def test_being_refused_makes_the_wait_no_longer(enter, sakura, now):
    for _ in range(5):
        with pytest.raises(Invalid):
            enter("M2345", "wrong")
    for _ in range(20):
        with pytest.raises(TooMany):
            enter("M2345", "wrong")
    assert enter("M2345", at=now + 60 * SECONDS).id == sakura


def test_success_forgets_the_failures_of_this_name(enter, sakura, now):
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Invalid):
                enter("M2345", "wrong")
        assert enter("M2345").id == sakura


def test_an_address_cannot_try_many_names(enter, sakura):
    allowed = rules.LOGINS_PER_ADDRESS[0].at_most
    for n in range(allowed):
        with pytest.raises(Invalid):
            enter(f"GUESS{n}", "wrong")
    with pytest.raises(TooMany):
        enter("M2345")
    assert enter("M2345", address="192.0.2.2").id == sakura


def test_a_friend_cannot_try_many_names(enter, sakura, now):
    """Wherever they ask from; somebody else at the same address may go on."""
    mallory, other = uuid4(), uuid4()
    for n in range(rules.LOGINS_PER_FRIEND[0].at_most):
        with pytest.raises(Invalid):
            enter(f"GUESS{n}", "wrong", friend=mallory, address=f"192.0.2.{n}")
    with pytest.raises(TooMany) as told:
        enter("M2345", friend=mallory, address="198.51.100.1")
    assert told.value.values["seconds"] == 3600
    assert enter("M2345", friend=other, address="192.0.2.1").id == sakura
    assert enter("M2345", friend=mallory, at=now + rules.HOUR).id == sakura


def test_right_passwords_use_up_nothing_of_a_friends(enter, sakura):
    for _ in range(rules.LOGINS_PER_FRIEND[0].at_most + 2):
        enter("M2345", friend=UUID(int=1), address="")


def test_right_passwords_do_not_use_up_a_shared_address(enter, sakura):
    for _ in range(rules.LOGINS_PER_ADDRESS[0].at_most + 5):
        enter("M2345")
    with pytest.raises(Invalid):
        enter("SOMEBODY", "wrong")


def test_a_household_of_ipv6_is_one_address(enter, sakura):
    for n in range(rules.LOGINS_PER_ADDRESS[0].at_most):
        with pytest.raises(Invalid):
            enter(f"GUESS{n}", "wrong", address=f"2001:db8:1:2::{n:x}")
    with pytest.raises(TooMany):
        enter("M2345", address="2001:db8:1:2:ffff::1")
    assert enter("M2345", address="2001:db8:1:3::1").id == sakura


def test_a_hundred_guesses_at_once_are_five(fresh_database, settings, now):
    with fresh_database.begin() as db:
        a_member(db, now, number="M2345", password_hash=HASH)
    start = Barrier(12)

    def guess(n):
        start.wait()
        try:
            log_in(fresh_database, "M2345", f"guess {n}", address="", now=now, settings=settings)
        except TooMany:
            return "refused"
        except Invalid:
            return "looked at"

    with ThreadPoolExecutor(12) as threads:
        came = list(threads.map(guess, range(12)))
    assert (came.count("looked at"), came.count("refused")) == (5, 7)


def test_no_transaction_is_open_while_a_password_is_looked_at(database, settings, now, sakura):
    class Watching(CountingHasher):
        def verify(self, hash, password):  # noqa: A002
            assert not in_transaction()
            return super().verify(hash, password)

    found = log_in(
        database, "M2345", PASSWORD, address="", now=now, settings=settings, hasher=Watching()
    )
    assert found.id == sakura


def test_neither_name_nor_address_can_be_read_from_what_is_counted(database, enter, sakura):
    with pytest.raises(Invalid):
        enter("sakura@example.com", "wrong", friend=uuid4())
    with database.read() as db:
        kept = db.execute(select(Attempt.kind, Attempt.subject)).all()
    assert sorted(kind for kind, _ in kept) == ["login.address", "login.friend", "login.name"]
    assert all(len(subject) == 64 for _, subject in kept)
