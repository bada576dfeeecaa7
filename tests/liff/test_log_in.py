"""The log-in door: one answer for all that is wrong, and a lock-out that people understand."""

import re
from collections.abc import Callable

import pytest

from tests.conftest import SettableClock
from tests.liff.conftest import PASSWORD, World
from tests.liff.visitor import ANN, BEN, Visitor
from texts import text


@pytest.mark.parametrize("name", ["M1001", "m1001", "Ｍ１００１", " m1001@EXAMPLE.com "])
def test_number_or_address_with_the_password_links(
    ann: Visitor, world: World, bells: list[str], name: str
) -> None:
    world.member()
    ann.sign_in().submit("/liff/log-in", name=name, password=PASSWORD)
    assert ann.path == "/liff/done"
    assert world.links() == [(ANN, "M1001", "login")]
    assert bells == ["outgoing", "menus"]


def test_unknown_and_wrong_are_one_answer(
    make_visitor: Callable[..., Visitor], world: World
) -> None:
    world.member()
    world.member("M1002", password_hash=None)
    world.member("M1003", status="withdrawn")
    seen = set()
    visitor = make_visitor().sign_in()
    for name in ("M1001", "M1002", "M1003", "M9999", "m1001@example.com", "no@example.com"):
        visitor.submit("/liff/log-in", name=name, password="wrong")
        assert visitor.errors == [text("members.login_wrong", "ja")]
        html = re.sub(r'(csrf_token" value|data-csrf|nonce)="[^"]+"', "", visitor.html)
        seen.add((visitor.status, html.replace(name, "")))
    assert len(seen) == 1
    assert world.links() == []


def test_the_lock_out_says_how_long(ann: Visitor, world: World, clock: SettableClock) -> None:
    world.member()
    ann.sign_in()
    for _ in range(6):
        ann.submit("/liff/log-in", name="M1001", password="wrong")
    for _ in range(2):
        clock.advance(minutes=10)
        ann.get("/liff/link").submit("/liff/log-in", name="M1001", password="wrong")
    ann.submit("/liff/log-in", name="M1001", password=PASSWORD)
    assert re.search(r"\d+(分|秒)", ann.errors[0]), ann.errors
    assert world.links() == []


def test_the_password_is_never_shown_again(ann: Visitor, world: World) -> None:
    ann.sign_in().submit("/liff/log-in", name="M1001", password="secret-as-typed")
    assert "secret-as-typed" not in ann.html
    assert ann.page.by_id("name").get("value") == "M1001"
    assert ann.page.by_id("name").get("autocomplete") == "username"
    assert ann.page.by_id("password").get("autocomplete") == "current-password"


def test_both_fields_are_asked_for(ann: Visitor) -> None:
    ann.sign_in().submit("/liff/log-in", name="", password="")
    assert len(ann.errors) == 2
    [summary] = [e for e in ann.page.root.all("div") if e.get("role") == "alert"]
    assert [a.get("href") for a in summary.all("a")] == ["#name", "#password"]


# Moving a link


def test_a_link_moves_only_after_it_was_said(
    ann: Visitor, make_visitor: Callable[..., Visitor], world: World, clock: SettableClock
) -> None:
    world.member()
    ann.sign_in().submit("/liff/log-in", name="M1001", password=PASSWORD)
    clock.advance(minutes=1)
    ben = make_visitor(BEN).sign_in().submit("/liff/log-in", name="M1001", password=PASSWORD)
    assert ben.path == "/liff/confirm"
    assert ben.heading == text("liff.confirm.title", "ja")
    assert world.links() == [(ANN, "M1001", "login")]
    ben.submit()
    assert ben.path == "/liff/done"
    assert world.links() == [(BEN, "M1001", "login")]
    assert ann.get("/liff/me").heading == text("liff.not_linked.title", "ja")


def test_the_question_cannot_be_answered_without_proof(
    ann: Visitor, make_visitor: Callable[..., Visitor], world: World
) -> None:
    world.member()
    ann.sign_in().submit("/liff/log-in", name="M1001", password=PASSWORD)
    ben = make_visitor(BEN).sign_in()
    member = str(world.links())
    ben.post("/liff/confirm", {"csrf_token": _token(ben), "member_id": member}).follow()
    assert ben.path == "/liff/link"
    assert world.links() == [(ANN, "M1001", "login")]


def test_the_question_does_not_wait_for_ever(
    ann: Visitor, make_visitor: Callable[..., Visitor], world: World, clock: SettableClock
) -> None:
    world.member()
    ann.sign_in().submit("/liff/log-in", name="M1001", password=PASSWORD)
    ben = make_visitor(BEN).sign_in().submit("/liff/log-in", name="M1001", password=PASSWORD)
    for _ in range(2):
        clock.advance(minutes=16)
        ben.get("/liff/link")
    ben.get("/liff/confirm").follow()
    assert ben.path == "/liff/link"


def test_somebody_else_was_first(
    ann: Visitor, make_visitor: Callable[..., Visitor], world: World
) -> None:
    """Both saw the question; one answered a moment before the other."""
    world.member()
    cid = make_visitor("U" + "c" * 32).sign_in()
    cid.submit("/liff/log-in", name="M1001", password=PASSWORD)
    ben = make_visitor(BEN).sign_in().submit("/liff/log-in", name="M1001", password=PASSWORD)
    assert (cid.path, ben.path) == ("/liff/done", "/liff/confirm")
    ben.submit()
    assert ben.status == 409
    assert text("members.linked_elsewhere_just_now", "ja") in ben.text
    assert "/liff/link" in [a.get("href") for a in ben.page.root.all("a")]
    assert [who for who, *_ in world.links()] == ["U" + "c" * 32]


def _token(visitor: Visitor) -> str:
    return visitor.get("/liff/phone").token
