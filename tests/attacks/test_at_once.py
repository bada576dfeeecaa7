"""Two of anything at the same instant are one: each form, sent twice by one browser or by two."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from core.database import Database
from core.settings import Settings
from models import Deauthorization, Link, Member, OneTimeCode, Outgoing, Sms
from simulator.running import Simulator
from tests.attacks.conftest import PASSWORD, Tokens, Town
from tests.liff.visitor import Visitor

AT_ONCE = 6


@pytest.fixture
def app(make_app: Callable[..., Flask], settings: Settings, fresh_database: Database) -> Flask:
    return make_app(settings, fresh_database)


@pytest.fixture
def town(fresh_database: Database, settings: Settings) -> Town:
    return Town(fresh_database, settings)


def together(visitors: list[Visitor], act: Callable[[Visitor], Any]) -> list[Any]:
    start = Barrier(len(visitors))

    def at_the_sign(visitor: Visitor) -> Any:
        start.wait()
        return act(visitor)

    with ThreadPoolExecutor(len(visitors)) as pool:
        return list(pool.map(at_the_sign, visitors))


def tabs(visitor: Visitor, count: int = AT_ONCE) -> list[Visitor]:
    """The same browser, several times: one cookie, one page, one form token."""
    copies = [Visitor(visitor.app, visitor.login, visitor.user) for _ in range(count)]
    for copy in copies:
        copy.cookie, copy.html, copy.seen = visitor.cookie, visitor.html, visitor.seen
    return copies


def sent(path: str, **fields: str) -> Callable[[Visitor], int]:
    def post(visitor: Visitor) -> int:
        visitor.post(path, {"csrf_token": visitor.token} | fields)
        assert visitor.status < 500, visitor.text
        return visitor.status

    return post


def test_one_opened_page_takes_one_token(victim: Visitor, played: Simulator, town: Town) -> None:
    victim.get("/liff/link")
    token = victim.login.token_for(victim.user)
    said = together(tabs(victim), lambda tab: tab.bring({"id_token": token}).status_code)
    assert sorted(said) == [200] + [409] * (AT_ONCE - 1)


def test_one_token_on_many_devices_is_one_persons(
    victim: Visitor, someone: Callable[..., Visitor], town: Town
) -> None:
    token = victim.login.token_for(victim.user)
    devices = [someone().get("/liff/link") for _ in range(AT_ONCE)]
    said = together(devices, lambda each: each.bring({"id_token": token}).status_code)
    assert sorted(said) == [200] + [409] * (AT_ONCE - 1)


def test_one_number_asked_for_many_times_is_one_message(victim: Visitor, town: Town) -> None:
    victim.sign_in().get("/liff/phone")
    together(tabs(victim), sent("/liff/phone", phone="090-1111-2222"))
    assert len(town.all(Sms)) == len(town.all(OneTimeCode)) == 1


def test_a_code_is_used_once_and_links_once(victim: Visitor, town: Town) -> None:
    town.person("M1", "+819011112222")
    victim.sign_in().submit("/liff/phone", phone="090-1111-2222")
    code = town.code(victim.user)
    together(tabs(victim), sent("/liff/phone/code", code=code))
    assert town.links() == [(victim.user, "M1", "phone")]
    assert len(town.all(Link)) == 1
    assert len(town.all(Outgoing)) == 1


def test_a_registration_sent_twice_is_one_member(victim: Visitor, town: Town) -> None:
    victim.sign_in().submit("/liff/phone", phone="090-5555-6666")
    victim.submit(code=town.code(victim.user))
    assert victim.path == "/liff/register"
    form = {
        "name": "山田 花子", "kana": "ヤマダ ハナコ", "birthday-year": "1990", "birthday-month": "4",
        "birthday-day": "1", "email": "new@example.com", "consent": "y",
    }  # fmt: skip
    copies = tabs(victim)
    together(copies, sent("/liff/register", **form))
    assert {copy.follow().path for copy in copies} <= {"/liff/done", "/liff/me"}
    assert len([link for link in town.all(Link) if link.ended_at is None]) == 1
    assert len(town.all(Member)) == 1
    assert len(town.all(Outgoing)) == 1


def test_moving_a_link_twice_moves_it_once(
    victim: Visitor, attacker: Visitor, town: Town, clock: Any
) -> None:
    town.person("M1", "+819011112222")
    victim.sign_in().submit("/liff/log-in", name="M1", password=PASSWORD)
    clock.advance(minutes=1)
    attacker.sign_in().submit("/liff/log-in", name="M1", password=PASSWORD)
    assert attacker.path == "/liff/confirm"
    together(tabs(attacker), sent("/liff/confirm"))
    assert town.links() == [(attacker.user, "M1", "login")]
    assert len(town.all(Link)) == 2
    keys = sorted(row.key.partition(":")[0] for row in town.all(Outgoing))
    assert keys == ["moved", "thanks", "thanks"]


def test_unlinking_twice_unlinks_once(victim: Visitor, town: Town) -> None:
    town.person("M1", "+819011112222")
    victim.sign_in().submit("/liff/log-in", name="M1", password=PASSWORD)
    victim.get("/liff/me/unlink")
    together(tabs(victim), sent("/liff/me/unlink", access_token="x"))
    assert town.links() == []
    assert len(town.all(Deauthorization)) == 1
    said = [row.key.partition(":")[0] for row in town.all(Outgoing)]
    assert sorted(said) == ["thanks", "unlinked"]


def test_one_member_claimed_by_many_at_once_has_one_link(
    someone: Callable[..., Visitor], town: Town
) -> None:
    town.person("M1", "+819011112222")
    people = [someone().sign_in().get("/liff/log-in") for _ in range(4)]
    together(people, sent("/liff/log-in", name="M1", password=PASSWORD))
    assert len(town.links()) == 1
    thanked = [row for row in town.all(Outgoing) if row.key.startswith("thanks:")]
    assert len(thanked) == 1


def test_guesses_at_once_are_counted_each(victim: Visitor, town: Town) -> None:
    """Twelve wrong codes at the same instant: five are looked at."""
    victim.sign_in().submit("/liff/phone", phone="090-1111-2222")
    wrong = f"{(int(town.code(victim.user)) + 1) % 1_000_000:06}"
    together(tabs(victim, 12), sent("/liff/phone/code", code=wrong))
    [code] = town.all(OneTimeCode)
    assert (code.tries, code.used_at) == (5, None)


def test_passwords_at_once_are_counted_each(
    someone: Callable[..., Visitor], town: Town, tokens: Tokens
) -> None:
    town.person("M1", "+819011112222")
    people = [someone().sign_in().get("/liff/log-in") for _ in range(12)]
    together(people, sent("/liff/log-in", name="M1", password="wrong"))
    late = someone().sign_in()
    late.submit("/liff/log-in", name="M1", password=PASSWORD)
    assert late.path == "/liff/log-in"
    assert town.links() == []
