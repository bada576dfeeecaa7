"""The phone door: proven by a code, and silent about who is a member until it is."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from core.settings import Settings
from models import Attempt, Link, Member, OneTimeCode, Outgoing, Sms
from tests.conftest import SettableClock
from tests.liff.conftest import World
from tests.liff.visitor import ANN, BEN, Visitor
from texts import text


def t(key: str, **values: object) -> str:
    return text(key, "ja", **values)


def test_a_known_number_links(ann: Visitor, world: World, bells: list[str]) -> None:
    world.member("M1001")
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    assert ann.path == "/liff/phone/code"
    assert bells == ["sms"]
    assert len(world.all(Sms)) == 1
    ann.submit(code=world.code())
    assert ann.path == "/liff/done"
    assert ann.heading == t("liff.done.title")
    assert world.links() == [(ANN, "M1001", "phone")]
    assert bells == ["sms", "outgoing", "menus"]
    keys = [row.key for row in world.all(Outgoing)]
    assert [key.partition(":")[0] for key in keys] == ["thanks"]


@pytest.mark.parametrize("typed", ["０９０−１２３４−５６７８", "+81 90 1234 5678", " 09012345678 "])
def test_a_number_may_be_typed_in_any_way(ann: Visitor, world: World, typed: str) -> None:
    ann.sign_in().submit("/liff/phone", phone=typed)
    assert world.newest_code().phone == "+819012345678"


@pytest.mark.parametrize("typed", ["", "12", "hello", "110", "0312345678"])
def test_what_is_no_mobile_number_is_said_at_the_field(
    ann: Visitor, world: World, typed: str
) -> None:
    ann.sign_in().submit("/liff/phone", phone=typed)
    assert ann.path == "/liff/phone"
    assert len(ann.errors) == 1
    assert ann.page.by_id("phone").get("aria-invalid") == "true"
    assert world.all(OneTimeCode) == []


def test_known_and_unknown_numbers_are_the_same_pages(
    make_visitor: Callable[..., Visitor], world: World
) -> None:
    """Byte for byte, but for the form token and the nonce, and the digits they typed."""
    world.member(phone="+819011115551")
    known = _pages_of(make_visitor(ANN), "090-1111-5551")
    unknown = _pages_of(make_visitor(BEN), "090-1111-5552")
    assert known == unknown


def _pages_of(visitor: Visitor, phone: str) -> list[tuple[int, str]]:
    seen = []
    visitor.sign_in()
    for step in (
        lambda: visitor.get("/liff/phone"),
        lambda: visitor.submit("/liff/phone", phone=phone),
        lambda: visitor.submit(code="000000"),
        lambda: visitor.submit("/liff/phone/again"),
        lambda: visitor.submit("/liff/phone", phone=phone),
    ):
        step()
        html = re.sub(r'(csrf_token" value|data-csrf|nonce)="[^"]+"', "", visitor.html)
        seen.append((visitor.status, html.replace(phone, "").replace(phone[-4:], "")))
    return seen


def test_an_unknown_number_goes_on_to_registering(ann: Visitor, world: World) -> None:
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678").submit(code=world.code())
    assert ann.path == "/liff/register"
    assert "090-••••-5678" in ann.text
    ann.submit(name="山田 花子", kana="ヤマダ ハナコ", birthday_year="1990", birthday_month="4",
               birthday_day="1", email="Hanako@Example.com", consent="y")  # fmt: skip
    assert ann.path == "/liff/done"
    [member] = world.all(Member)
    assert (member.phone, member.email) == ("+819012345678", "hanako@example.com")
    assert (member.birthday, member.language) == (date(1990, 4, 1), "ja")
    assert member.consented_at is not None
    assert world.links() == [(ANN, member.number, "register")]


def test_a_withdrawn_member_is_not_found(ann: Visitor, world: World) -> None:
    world.member(status="withdrawn")
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678").submit(code=world.code())
    assert ann.path == "/liff/register"


def test_where_registering_is_closed_it_says_so(
    make_app: Callable[[Settings], Flask],
    make_settings: Callable[..., Settings],
    ann: Visitor,
    world: World,
) -> None:
    ann = Visitor(make_app(make_settings(register_open=False)), ann.login)
    assert t("liff.link.register") not in ann.sign_in().text
    ann.submit("/liff/phone", phone="090-1234-5678").submit(code=world.code())
    assert ann.heading == t("liff.closed.title")


# A shared number


@pytest.fixture
def family(world: World) -> World:
    world.member("M1001", birthday=date(1960, 5, 5))
    world.member("M1002", birthday=date(1990, 6, 6))
    world.member("M1003", birthday=date(1990, 6, 6))
    return world


def _at_which(ann: Visitor, world: World) -> Visitor:
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678").submit(code=world.code())
    assert ann.path == "/liff/phone/which"
    return ann


def _born(year: int, month: int, day: int) -> dict[str, str]:
    return {"birthday_year": str(year), "birthday_month": str(month), "birthday_day": str(day)}


def test_a_birthday_tells_who_of_the_family(ann: Visitor, family: World) -> None:
    _at_which(ann, family).submit(**_born(1960, 5, 5))
    assert ann.path == "/liff/done"
    assert family.links() == [(ANN, "M1001", "phone")]


def test_a_member_number_tells_too(ann: Visitor, family: World) -> None:
    _at_which(ann, family).submit(number="ｍ１００３")
    assert family.links() == [(ANN, "M1003", "phone")]


def test_twins_are_told_apart_by_number(ann: Visitor, family: World) -> None:
    _at_which(ann, family).submit(**_born(1990, 6, 6))
    assert ann.errors == [t("members.which_number")]
    ann.submit(**_born(1990, 6, 6), number="M1002")
    assert family.links() == [(ANN, "M1002", "phone")]


@pytest.mark.parametrize(
    "answer", [{}, _born(1990, 13, 1), _born(2001, 1, 1), {"number": "M9999"}, {"number": "M2001"}]
)
def test_a_wrong_answer_links_nobody(ann: Visitor, family: World, answer: dict[str, str]) -> None:
    family.member("M2001", phone="+819099990000")  # a member, but not of this number
    _at_which(ann, family).submit(**answer)
    assert ann.path == "/liff/phone/which"
    assert len(ann.errors) == 1
    assert family.links() == []


def test_guessing_birthdays_ends_soon(ann: Visitor, family: World, clock: SettableClock) -> None:
    _at_which(ann, family)
    cookie = ann.cookie
    for day in range(1, 6):
        ann.submit(**_born(1980, 1, day))
        assert ann.errors == [t("members.none_fits")]
    ann.cookie = cookie  # an old cookie brings no new tries
    ann.submit(**_born(1960, 5, 5))
    assert ann.path == "/liff/phone/which"
    assert ann.errors == [t("members.choose_wait_minutes", minutes=60)]
    clock.advance(minutes=10)
    assert family.links() == []


def test_proof_is_good_for_a_quarter_of_an_hour(
    ann: Visitor, family: World, clock: SettableClock
) -> None:
    _at_which(ann, family)
    clock.advance(minutes=16)
    ann.submit(**_born(1960, 5, 5))
    assert ann.path == "/liff/phone"
    assert family.links() == []


# The code


def test_a_wrong_code_says_how_many_tries_are_left(ann: Visitor, world: World) -> None:
    world.member()
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    for left in (4, 3, 2, 1):
        ann.submit(code="000000")
        assert ann.errors == [t("members.code_wrong", left=left)]
    ann.submit(code="000000")
    assert "30" in ann.errors[0], "it says when a new code can be had"
    ann.submit(code=world.code())
    assert ann.path == "/liff/phone/code"
    assert world.links() == []


def test_an_old_cookie_brings_no_new_tries(ann: Visitor, world: World) -> None:
    world.member()
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    cookie = ann.cookie
    for _ in range(5):
        ann.cookie = cookie
        ann.submit(code="000000")
    ann.cookie = cookie
    ann.submit(code=world.code())
    assert world.links() == []


def test_a_late_code_says_what_to_do(ann: Visitor, world: World, clock: SettableClock) -> None:
    world.member()
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    clock.advance(minutes=11)
    ann.submit(code=world.code())
    assert ann.errors == [t("members.code_dead")]
    assert t("liff.code.late", phone="090-••••-5678") in ann.text
    ann.submit("/liff/phone/again").submit(code=world.code())
    assert ann.path == "/liff/done"


def test_another_code_can_be_had_after_a_pause(
    ann: Visitor, world: World, clock: SettableClock
) -> None:
    world.member()
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    first = world.code()
    button = next(b for b in ann.page.root.all("button") if b.get("data-wait"))
    assert button.get("data-wait") == "30"
    assert t("liff.code.again_in", seconds="%") == button.get("data-counting")
    ann.submit("/liff/phone/again")
    assert ann.errors == [t("members.codes_wait_seconds", seconds=30)]
    assert ann.get("/liff/phone/again?lang=ja").follow().path == "/liff/phone/code"
    assert len(world.all(Sms)) == 1
    clock.advance(seconds=31)
    ann.submit("/liff/phone/again")
    assert ann.path == "/liff/phone/code"
    assert len(world.all(Sms)) == 2
    ann.submit(code=first)
    assert ann.path == "/liff/phone/code", "only the newest code counts"
    ann.submit(code=world.code())
    assert world.links() == [(ANN, "M1001", "phone")]


def test_a_wrong_number_can_be_changed(ann: Visitor, world: World, clock: SettableClock) -> None:
    world.member()
    ann.sign_in().submit("/liff/phone", phone="090-1234-5679")
    assert "/liff/phone" in [a.get("href") for a in ann.page.root.all("a")]
    clock.advance(seconds=31)
    ann.submit("/liff/phone", phone="090-1234-5678").submit(code=world.code())
    assert world.links() == [(ANN, "M1001", "phone")]


def test_a_code_is_for_the_person_who_asked(
    ann: Visitor, make_visitor: Callable[..., Visitor], world: World
) -> None:
    world.member()
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    ben = make_visitor(BEN).sign_in()
    ben.submit("/liff/phone", phone="090-1234-5679")
    ben.submit(code=world.code(ANN))
    assert ben.path == "/liff/phone/code"
    assert world.links() == []


def test_a_code_is_used_once(ann: Visitor, world: World) -> None:
    world.member()
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    cookie, code, page = ann.cookie, world.code(), ann.html
    ann.submit(code=code)
    ann.submit("/liff/me/unlink")
    assert world.links() == []
    ann.cookie, ann.html = cookie, page
    ann.post("/liff/phone/code", {"csrf_token": ann.token, "code": code})
    assert ann.status == 200
    assert world.links() == []


def test_codes_may_be_typed_in_full_width_and_with_spaces(ann: Visitor, world: World) -> None:
    world.member()
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    wide = world.code().translate({ord(str(n)): "０１２３４５６７８９"[n] for n in range(10)})
    ann.submit(code=f" {wide[:3]} {wide[3:]} ")
    assert ann.path == "/liff/done"


def test_the_code_comes_from_the_keyboard(ann: Visitor) -> None:
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    box = ann.page.by_id("code")
    assert box is not None
    assert box.get("inputmode") == "numeric"
    assert box.get("autocomplete") == "one-time-code"
    ann.get("/liff/phone")
    assert ann.page.by_id("phone").get("inputmode") == "tel"


def test_asking_for_codes_ends(ann: Visitor, world: World, clock: SettableClock) -> None:
    ann.sign_in()
    for _ in range(5):
        ann.submit("/liff/phone", phone="090-1234-5678")
        clock.advance(minutes=6)
        ann.get("/liff/link")
    ann.submit("/liff/phone", phone="090-1234-5678")
    assert ann.path == "/liff/phone"
    assert len(ann.errors) == 1
    assert len(world.all(OneTimeCode)) == 5


# Going back, twice, in two tabs


def test_sent_twice_links_once(ann: Visitor, world: World) -> None:
    world.member()
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    fields = {"csrf_token": ann.token, "code": world.code()}
    ann.post("/liff/phone/code", fields).follow()
    assert ann.path == "/liff/done"
    ann.post("/liff/phone/code", fields)
    assert ann.status in (303, 400)
    assert ann.get("/liff/done").heading == t("liff.done.title")
    assert len(world.all(Link)) == 1


def test_linked_already_every_door_leads_to_my_page(ann: Visitor, world: World) -> None:
    world.member()
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678").submit(code=world.code())
    for path in ("link", "phone", "phone/code", "log-in", "register", "confirm"):
        assert ann.get(f"/liff/{path}").follow().path == "/liff/me"


def test_pages_can_be_loaded_again(ann: Visitor, world: World) -> None:
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    assert ann.get("/liff/phone/code").status == 200
    ann.submit(code=world.code())
    assert ann.get("/liff/register").status == 200


def test_without_an_sms_sender_there_is_no_phone_door(
    make_app: Callable[[Settings], Flask], make_settings: Callable[..., Settings], ann: Visitor
) -> None:
    ann = Visitor(make_app(make_settings(sms_sender="none")), ann.login)
    ann.sign_in()
    assert t("liff.link.no_phone") in ann.text
    assert "/liff/phone" not in [a.get("href") for a in ann.page.root.all("a")]
    assert ann.get("/liff/phone").follow().path == "/liff/link"
    assert ann.get("/liff/register").status == 200


def test_numbers_are_kept_where_nobody_reads_them(ann: Visitor, world: World) -> None:
    ann.sign_in().submit("/liff/phone", phone="090-1234-5678")
    assert "5678" not in ann.path
    assert "12345678" not in ann.html
    assert all("12345678" not in attempt.subject for attempt in world.all(Attempt))
