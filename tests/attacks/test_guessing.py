"""Guesses end, whoever makes them and however they are spread; and what is known is not told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest
from argon2 import PasswordHasher
from flask import Flask

from core.database import Database
from core.errors import Invalid, TooMany
from core.passwords import nobody
from core.settings import Settings
from members import codes, passwords, rules
from members.friendship import friend_for
from models import Member, OneTimeCode, Sms
from tests.attacks.conftest import PASSWORD, Town
from tests.conftest import SettableClock
from tests.liff.visitor import Visitor
from texts import text

LIMITED = text("members.codes_wait_minutes", "ja", minutes=9).split("9")[1]
ROUNDS = 2_000


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


# One-time codes


def test_ten_thousand_guesses_at_one_code_are_five(
    fresh_database: Database, settings: Settings, clock: SettableClock
) -> None:
    """From many threads at once; every one after the fifth meets a dead code."""
    town = Town(fresh_database, settings)
    with fresh_database.begin() as db:
        friend = friend_for(db, "U" + "a" * 32, clock())
        sent = codes.send(
            db, friend.id, "+819011112222", address="", language="ja", now=clock(),
            settings=settings,
        )  # fmt: skip
    right = town.code("U" + "a" * 32)

    def guess(n: int) -> str:
        try:
            typed = right if n > 5_000 else wrong(right)
            codes.prove(fresh_database, friend.id, sent.id, typed, clock(), settings)
        except (Invalid, TooMany) as e:
            return type(e).__name__
        return "proven"

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(guess, range(200)))
    said += [guess(n) for n in range(200, 10_000, 50)]
    assert "proven" not in said, "the right code was tried after five wrong ones"
    [row] = town.all(OneTimeCode)
    assert (row.tries, row.used_at) == (rules.CODE_TRIES, None)


def test_across_new_codes_a_day_gives_fifty_guesses(
    town: Town, someone: Callable[..., Visitor], clock: SettableClock
) -> None:
    """Asking for another code as soon as it may be asked for, and spending all its tries."""
    attacker, guesses, sent, began = someone().sign_in(), 0, 0, clock()
    while clock() - began < timedelta(days=1):
        if attacker.get("/liff/phone").path != "/liff/phone" or attacker.status != 200:
            attacker.sign_in()
        attacker.submit("/liff/phone", phone="090-1111-2222")
        if attacker.path == "/liff/phone/code":
            sent += 1
            for _ in range(rules.CODE_TRIES):
                attacker.submit(code=wrong(town.code(attacker.user)))
                guesses += attacker.path == "/liff/phone/code"
        clock.advance(minutes=12)
    assert (sent, guesses) == (10, 50), "of a million: one in 20,000 for a whole day"


def _pump(visitors: list[Visitor], phones: list[str], clock: SettableClock, tries: int) -> None:
    for n in range(tries):
        who = visitors[n % len(visitors)]
        if who.get("/liff/phone").status != 200:
            who.sign_in()
        who.submit("/liff/phone", phone=phones[n % len(phones)])
        clock.advance(seconds=61)


def _sent(town: Town) -> int:
    return len(town.all(Sms))


def test_pumping_one_number_from_many_people(
    town: Town, someone: Callable[..., Visitor], clock: SettableClock
) -> None:
    _pump([someone().sign_in() for _ in range(12)], ["090-1111-2222"], clock, 36)
    assert _sent(town) <= 5


def test_pumping_many_numbers_from_one_person(
    town: Town, attacker: Visitor, clock: SettableClock
) -> None:
    phones = [f"090-{n:04}-{n:04}" for n in range(1111, 1151)]
    _pump([attacker.sign_in()], phones, clock, 40)
    assert _sent(town) <= 5


def test_pumping_a_rented_block_from_many_people(
    town: Town, someone: Callable[..., Visitor], clock: SettableClock
) -> None:
    """The numbers of one block differ in their last four digits."""
    phones = [f"090-1111-{n:04}" for n in range(45)]
    _pump([someone().sign_in() for _ in range(45)], phones, clock, 45)
    assert _sent(town) == rules.CODES_PER_BLOCK[0].at_most


def test_pumping_from_one_address(
    settings: Settings, make_app: Callable[..., Flask], database: Database, town: Town,
    someone: Callable[..., Visitor], clock: SettableClock,
) -> None:  # fmt: skip
    """Many people, each number once. One IPv6 household is one address."""
    app = make_app(settings, database)
    visitors = [someone(on=app).sign_in() for _ in range(66)]
    for n, who in enumerate(visitors):
        who.get("/liff/phone")
        who._client.post(
            "/liff/phone", data={"csrf_token": who.token, "phone": f"090-{1000 + n}-{n:04}"},
            environ_overrides={"REMOTE_ADDR": f"2001:db8::{n:x}"},
        )  # fmt: skip
    assert _sent(town) == rules.CODES_PER_ADDRESS[0].at_most


@pytest.mark.parametrize(
    "phone", ["+1 900 555 1234", "+881612345678", "+8110", "0990-12-3456", "0120-123-456", "110",
              "+979123456789", "+44 909 879 0000", "0570-012-345", "+247 4555"],
)  # fmt: skip
def test_what_is_dear_to_call_gets_no_code(town: Town, attacker: Visitor, phone: str) -> None:
    attacker.sign_in().submit("/liff/phone", phone=phone)
    assert attacker.path == "/liff/phone"
    assert _sent(town) == 0


# Passwords


def test_thousands_of_passwords_for_one_name_are_a_few(
    town: Town, someone: Callable[..., Visitor], clock: SettableClock
) -> None:
    """Spread over people; every guess that is looked at costs longer than the one before."""
    looked_at: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
            looked_at.append(str(password))
            return False

    town.person("M1", "+819011112222")
    began = clock()
    for n in range(ROUNDS):
        with pytest.raises((Invalid, TooMany)):
            passwords.log_in(
                town.database, "M1", f"guess {n}", address=f"198.51.{n % 250}.{n // 250}",
                now=clock(), settings=town.settings, hasher=Counting(),
            )  # fmt: skip
        clock.advance(seconds=43.2)
    assert clock() - began <= timedelta(days=1, seconds=1)
    assert len(looked_at) <= 34


def test_the_right_password_is_not_looked_at_while_it_must_wait(
    town: Town, someone: Callable[..., Visitor]
) -> None:
    town.person("M1", "+819011112222")
    attacker = someone().sign_in().get("/liff/log-in")
    for n in range(5):
        attacker.submit("/liff/log-in", name="M1", password=f"guess {n}")
    for spelled in ("M1", "m1", "Ｍ１", " M1 "):
        attacker.submit("/liff/log-in", name=spelled, password=PASSWORD)
        assert attacker.path == "/liff/log-in", spelled
    assert town.links() == []


def test_one_password_for_many_names_is_tried_a_few_times(
    town: Town, someone: Callable[..., Visitor], clock: SettableClock
) -> None:
    """Sprayed by one LINE account from a fresh browser and another address each time."""
    for n in range(40):
        town.person(f"M{n}", None)
    mallory, looked_at = someone("攻撃 太郎"), 0
    for n in range(40):
        who = someone(user=mallory.user).sign_in().get("/liff/log-in")
        wrong_one = {"csrf_token": who.token, "name": f"M{n}", "password": "Password1"}
        who._took(
            who._client.post(
                "/liff/log-in", data=wrong_one, headers={"Accept-Language": "ja"},
                environ_overrides={"REMOTE_ADDR": f"198.51.100.{n}"},
            )
        )  # fmt: skip
        looked_at += text("members.login_wrong", "ja") in who.text
        clock.advance(minutes=20)
    # 13 hours: three an hour pass the hour's window, so that the day's is what ends it.
    assert looked_at == rules.LOGINS_PER_FRIEND[1].at_most
    assert town.links() == []


# Enumeration


def answers(who: Visitor, path: str, **fields: str) -> tuple[int, str, int]:
    """Status, where it led, and how much was said."""
    who.get(path)
    who.post(path, {"csrf_token": who.token} | fields)
    told = (who.status, who.response.headers.get("Location", ""), len(who.html))
    who.follow()
    return (*told[:2], told[2] or len(who.html))


def test_known_and_unknown_numbers_look_alike(town: Town, someone: Callable[..., Visitor]) -> None:
    """Words, status, size and what is sent, until the number is proven."""
    for n, phone in enumerate(("+819011112222", "+819022223333", "+819022223333")):
        town.person(f"M{n}", phone)  # one alone, and two who share
    seen = [
        answers(someone().sign_in(), "/liff/phone", phone=phone)
        for phone in ("090-1111-2222", "090-2222-3333", "090-9999-8888")
    ]
    assert len(set(seen)) == 1, seen
    assert _sent(town) == 3
    tried = []
    for phone in ("090-1111-2223", "090-9999-8889"):
        who = someone().sign_in()
        answers(who, "/liff/phone", phone=phone)
        tried.append(answers(who, "/liff/phone/code", code="000000"))
    assert len(set(tried)) == 1, tried


def test_known_and_unknown_names_look_alike(town: Town, someone: Callable[..., Visitor]) -> None:
    town.person("M1", "+819011112222")
    town.person("M2", "+819011112223", password_hash=None)
    town.person("M3", "+819011112224", status="left")
    seen = []
    for name in ("M1", "M2", "M3", "M9", "m1@example.com", "no@example.com"):
        seen += [
            (turn, *answers(someone().sign_in(), "/liff/log-in", name=name, password="x"))
            for turn in range(6)  # until it is locked, and then
        ]
    sizes = {(turn, status, where): set() for turn, status, where, _ in seen}
    for turn, status, where, size in seen:
        sizes[turn, status, where].add(size)
    assert len(sizes) == 6, "the same at each turn, whatever the name"
    for turn, found in sizes.items():
        # The name that was typed stands in the form again.
        assert max(found) - min(found) <= len("m1@example.com") - len("M1"), turn


class Noting(PasswordHasher):
    """argon2 as it is, and how often it was asked to work."""

    def __init__(self) -> None:
        super().__init__(time_cost=2, memory_cost=19_456, parallelism=1)
        self.asked = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002
        self.asked += 1
        return super().verify(hash, password)


def test_known_and_unknown_names_cost_the_same_work(town: Town, clock: SettableClock) -> None:
    """The same number of slow hashes, and (coarsely) the same time."""
    town.person("M1", "+819011112222")
    town.person("M2", "+819011112223", password_hash=None)
    nobody()
    took: dict[str, list[float]] = {"M1": [], "M2": [], "M9": []}
    for n in range(12):
        for name, times in took.items():
            hasher, began = Noting(), perf_counter()
            with pytest.raises(Invalid, match="login_wrong"):
                passwords.log_in(
                    town.database, name, "wrong", address=f"203.0.113.{n}", now=clock(),
                    settings=town.settings, hasher=hasher,
                )  # fmt: skip
            times.append(perf_counter() - began)
            assert hasher.asked == 1, name
        clock.advance(days=2)
    medians = sorted(median(times) for times in took.values())
    assert medians[-1] < medians[0] * 3, took


def test_the_registration_is_no_way_to_ask_who_is_a_member(
    town: Town, attacker: Visitor, clock: SettableClock
) -> None:
    """Whoever registers with a member's address is refused: ten times an hour at the most,
    although the cookie of before (with the number proven) is brought back each time."""
    for n in range(15):
        town.person(f"K{n}", None, email=f"known{n}@example.com")
    attacker.sign_in().submit("/liff/phone", phone="090-5555-6666")
    attacker.submit(code=town.code(attacker.user))
    assert attacker.path == "/liff/register"
    cookie, told = attacker.cookie, []
    for n in range(15):
        attacker.cookie = cookie
        attacker.submit(
            "/liff/register", name="x", kana="エックス", birthday_year="1990", birthday_month="4",
            birthday_day="1", email=f"known{n}@example.com", consent="y",
        )  # fmt: skip
        told.append(text("members.register_refused", "ja") in attacker.text)
    assert told == [True] * 10 + [False] * 5
    assert len(town.all(Member)) == 15


def test_one_person_makes_few_members(town: Town, attacker: Visitor) -> None:
    """Registering and unlinking, again and again, by the cookie of before."""
    attacker.sign_in().submit("/liff/phone", phone="090-5555-6666")
    attacker.submit(code=town.code(attacker.user))
    cookie = attacker.cookie
    for n in range(14):
        attacker.cookie = cookie
        attacker.submit(
            "/liff/register", name="x", kana="エックス", birthday_year=f"{1950 + n}",
            birthday_month="4", birthday_day="1", email=f"new{n}@example.com", consent="y",
        )  # fmt: skip
        if attacker.path == "/liff/done":
            attacker.submit("/liff/me/unlink", access_token="")
    assert len(town.all(Member)) <= 10
