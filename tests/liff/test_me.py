"""My page: who I am, masked; and unlinking, in two taps, with or without JavaScript."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from core.database import Database
from core.settings import Settings
from line.fake import FakeLogin
from members import deauthorizing
from models import Deauthorization, Ended, Link
from tests.conftest import SettableClock
from tests.liff.conftest import PASSWORD, World
from tests.liff.visitor import ANN, BEN, Visitor
from texts import text


@pytest.fixture
def linked(ann: Visitor, world: World, clock: SettableClock) -> Visitor:
    clock.now = datetime(2026, 3, 31, 16, 30, tzinfo=UTC)  # 1 April in Tokyo
    world.member()
    return ann.sign_in().submit("/liff/log-in", name="M1001", password=PASSWORD)


def test_enough_to_know_oneself_by_and_no_more(linked: Visitor) -> None:
    linked.get("/liff/me")
    facts = [each.text for each in linked.page.root.all("dd")]
    assert facts == ["山• 花•", "•••01", "090-••••-5678", "2026年4月1日", "ログイン"]
    for hidden in ("花子", "M1001", "1234", "@", "1990"):
        assert hidden not in linked.text


@pytest.mark.parametrize(
    ("language", "day"),
    [("en", "1 April 2026"), ("zh-Hant", "2026年4月1日"), ("th", "1 เมษายน 2569")],
)
def test_the_day_is_written_in_the_readers_way(linked: Visitor, language: str, day: str) -> None:
    assert day in linked.get(f"/liff/me?lang={language}").text


def test_not_linked_it_offers_linking(ann: Visitor) -> None:
    ann.sign_in("me")
    assert ann.heading == text("liff.not_linked.title", "ja")
    assert "/liff/link" in [a.get("href") for a in ann.page.root.all("a")]
    assert ann.get("/liff/me/unlink").follow().path == "/liff/me"


def test_unlinking_asks_once(linked: Visitor, world: World, bells: list[str]) -> None:
    linked.get("/liff/me/unlink")
    assert linked.heading == text("liff.unlink.title", "ja")
    assert len(world.links()) == 1, "looking ends nothing"
    bells.clear()
    linked.submit()
    assert linked.heading == text("liff.unlinked.title", "ja")
    assert world.links() == []
    assert bells == ["outgoing", "menus", "deauthorize"]
    assert [link.ended_why for link in world.all(Link)] == [Ended.UNLINKED]
    assert world.all(Deauthorization) == []


def test_line_is_told_by_the_persons_own_token(
    linked: Visitor, world: World, login: FakeLogin, database: Database, settings: Settings,
    clock: SettableClock,
) -> None:  # fmt: skip
    token = login.access_token_for(ANN)
    linked.get("/liff/me/unlink").submit(access_token=token)
    [owed] = world.all(Deauthorization)
    assert token not in owed.token
    assert login.deauthorized == []
    deauthorizing.work(database, login, clock(), settings)
    assert login.deauthorized == [token]


@pytest.mark.parametrize("whose", ["ben's", "nobody's", "x" * 5000])
def test_another_token_unlinks_and_signs_nobody_else_off(
    linked: Visitor, world: World, login: FakeLogin, database: Database, settings: Settings,
    clock: SettableClock, whose: str,
) -> None:  # fmt: skip
    token = login.access_token_for(BEN) if whose == "ben's" else whose
    linked.get("/liff/me/unlink").submit(access_token=token)
    assert world.links() == []
    deauthorizing.work(database, login, clock(), settings)
    assert login.deauthorized == []


def test_unlinked_twice_is_unlinked(linked: Visitor, world: World) -> None:
    token = linked.get("/liff/me/unlink").token
    linked.post("/liff/me/unlink", {"csrf_token": token})
    linked.post("/liff/me/unlink", {"csrf_token": token}).follow()
    assert linked.status == 200
    assert len(world.all(Link)) == 1


def test_unlinked_one_can_link_again(linked: Visitor, world: World, clock: SettableClock) -> None:
    linked.submit("/liff/me/unlink")
    clock.advance(minutes=1)
    linked.submit("/liff/log-in", name="M1001", password=PASSWORD)
    assert linked.heading == text("liff.done.title", "ja")
    assert len(world.all(Link)) == 2


def test_nobody_unlinks_somebody_else(
    linked: Visitor, make_visitor: Callable[..., Visitor], world: World
) -> None:
    ben = make_visitor(BEN).sign_in()
    friend = str(world.friend_id(ANN))
    ben.post("/liff/me/unlink", {"csrf_token": ben.get("/liff/phone").token, "friend_id": friend})
    assert len(world.links()) == 1
