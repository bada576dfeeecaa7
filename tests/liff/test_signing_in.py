"""Who somebody is, is learnt from a verified ID token alone, once for each page we served."""

from collections.abc import Callable

import pytest
from sqlalchemy import delete

from core.database import Database
from liff.pages import PAGES
from liff.site import Page
from line.fake import FakeLogin
from line.gateway import LineUnavailable
from models import Friend
from tests.conftest import SettableClock
from tests.liff.conftest import World
from tests.liff.visitor import ANN, BEN, Visitor
from texts import text

DOORS = text("liff.link.heading", "ja", brand="Musubi")
SIGNING_IN = text("liff.signing_in.wait", "ja")


def test_the_page_loads_the_sdk_where_line_opens_it(ann: Visitor) -> None:
    for path in ("/liff", "/liff/", "/liff?liff.state=%2Flink", "/liff/link", "/liff/me"):
        ann.get(path)
        assert ann.status == 200
        first, ours, lines = ann.page.root.all("script")
        assert (first.get("src"), ours.get("src").rpartition("/")[2]) == ("", "liff.js")
        assert lines.get("src") == "https://static.line-scdn.net/liff/edge/2/sdk.js"
        assert lines.get("id") == "sdk"
        assert ann.page.one("main").get("data-liff") == "2000000002-AbCdEfGh"


def test_signing_in_opens_the_doors(ann: Visitor, world: World) -> None:
    ann.sign_in()
    assert ann.path == "/liff/link"
    assert ann.heading == DOORS
    assert [friend.line_user_id for friend in world.all(Friend)] == [ANN]


def test_my_page_is_returned_to(ann: Visitor) -> None:
    assert ann.sign_in("me").path == "/liff/me"


@pytest.mark.parametrize(
    "why", ["malformed", "signature", "issuer", "audience", "expired", "future", "subject"]
)
def test_a_token_that_proves_nothing_signs_nobody_in(
    ann: Visitor, login: FakeLogin, world: World, why: str
) -> None:
    answer = ann.present(login.bad_token(why))
    assert answer.status_code == 400
    key = "expired" if why == "expired" else "malformed"
    assert answer.json["title"] == text(f"liff.refused.{key}.title", "ja")
    assert answer.json["words"].startswith(text(f"liff.refused.{key}.words", "ja"))
    assert answer.json["help"] == "log-in"
    assert ann.get("/liff/link").heading == SIGNING_IN
    assert world.all(Friend) == []


def test_inside_line_it_says_to_open_again(ann: Visitor, login: FakeLogin) -> None:
    answer = ann.present(login.bad_token("expired"), inside=True)
    assert answer.json["help"] == "close"
    assert text("liff.refused.inside", "ja") in answer.json["words"]


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"id_token": ""},
        {"id_token": 7},
        {"id_token": "x" * 5000},
        {"line_user_id": ANN, "userId": ANN, "sub": ANN},
        {"id_token": "x", "place": "https://evil.example"},
        {"id_token": "x", "place": "//evil.example"},
        {"id_token": "x", "place": "done"},
    ],
)
def test_nothing_but_a_token_and_a_known_place_is_taken(
    ann: Visitor, world: World, body: object
) -> None:
    ann.get("/liff/link")
    answer = ann.bring(body)
    assert answer.status_code == 400
    assert answer.json["title"]
    assert world.all(Friend) == []


def test_a_user_id_in_the_address_is_not_believed(ann: Visitor) -> None:
    ann.get(f"/liff/me?userId={ANN}&line_user_id={ANN}&access_token=x")
    assert ann.heading == SIGNING_IN


def test_line_being_down_is_said(ann: Visitor, login: FakeLogin) -> None:
    token = login.token_for(ANN)
    login.fail_with["identify"] = LineUnavailable("503")
    answer = ann.present(token)
    assert answer.status_code == 503
    assert answer.json["help"] == "reload"
    login.fail_with.clear()
    assert ann.present(token).status_code == 200


def test_a_token_from_another_device_is_refused(
    ann: Visitor, make_visitor: Callable[..., Visitor], login: FakeLogin
) -> None:
    token = login.token_for(ANN)
    assert ann.present(token).status_code == 200
    thief = make_visitor(BEN)
    answer = thief.present(token)
    assert answer.status_code == 409
    assert answer.json["what"] == "used"
    assert thief.get("/liff/link").heading == SIGNING_IN
    assert thief.present(login.token_for(BEN)).status_code == 200, "their own is good"


def test_the_same_device_may_bring_its_token_again(
    ann: Visitor, login: FakeLogin, clock: SettableClock
) -> None:
    token = login.token_for(ANN)
    assert ann.present(token).status_code == 200
    clock.advance(minutes=31)
    assert ann.get("/liff/link").heading == SIGNING_IN
    assert ann.present(token).status_code == 200
    assert ann.get("/liff/link").heading == DOORS


def test_a_page_takes_one_token_only(ann: Visitor, login: FakeLogin) -> None:
    ann.get("/liff/link")
    page, cookie = ann.html, ann.cookie
    assert ann.bring({"id_token": login.token_for(ANN)}).status_code == 200
    ann.html, ann.cookie = page, cookie  # as before the signing in
    again = ann.bring({"id_token": login.token_for(BEN)})
    assert again.status_code == 409
    assert again.json["what"] == "page_old"


def test_an_old_page_says_so(ann: Visitor, login: FakeLogin, clock: SettableClock) -> None:
    ann.get("/liff/link")
    clock.advance(minutes=15)
    answer = ann.bring({"id_token": login.token_for(ANN)})
    assert (answer.status_code, answer.json["what"]) == (409, "page_old")
    assert ann.present(login.token_for(ANN)).status_code == 200


def test_without_the_form_token_nobody_is_signed_in(ann: Visitor, login: FakeLogin) -> None:
    ann.get("/liff/link")
    answer = ann._client.post("/liff/session", json={"id_token": login.token_for(ANN)})
    assert answer.status_code == 400
    assert answer.json["title"] == text("web.stale.title", "ja")
    assert ann.get("/liff/link").heading == SIGNING_IN


def test_the_session_is_a_new_one_after_signing_in(ann: Visitor, login: FakeLogin) -> None:
    ann.get("/liff/link")
    before, token = ann.cookie, ann.token
    ann.bring({"id_token": login.token_for(ANN)})
    assert ann.cookie != before
    ann.get("/liff/phone").post("/liff/phone", {"csrf_token": token, "phone": "09012345678"})
    assert ann.status == 400, "a form token from before must be worth nothing"


def test_what_was_planted_before_signing_in_is_gone(
    ann: Visitor, make_visitor: Callable[..., Visitor], world: World, login: FakeLogin
) -> None:
    """Somebody proves a number of theirs and plants that session in another's browser."""
    world.member(phone="+819011110000")
    world.member("M1002", phone="+819011110000")
    attacker = make_visitor(BEN).sign_in()
    attacker.submit("/liff/phone", phone="090-1111-0000").submit(code=world.code(BEN))
    assert attacker.path == "/liff/phone/which"
    ann.cookie = attacker.cookie
    ann.get("/liff")  # opened by LINE
    assert ann.bring({"id_token": login.token_for(ANN)}).status_code == 200
    assert ann.get("/liff/phone/which").follow().path == "/liff/phone"


def test_the_visit_ends_after_half_an_hour_of_nothing(ann: Visitor, clock: SettableClock) -> None:
    ann.sign_in()
    clock.advance(minutes=29)
    assert ann.get("/liff/link").heading == DOORS
    clock.advance(minutes=29)
    assert ann.get("/liff/link").heading == DOORS
    clock.advance(minutes=31)
    assert ann.get("/liff/link").heading == SIGNING_IN


def test_the_visit_ends_after_two_hours_whatever_happens(
    ann: Visitor, clock: SettableClock
) -> None:
    ann.sign_in()
    for _ in range(5):
        clock.advance(minutes=20)
        assert ann.get("/liff/link").heading == DOORS
    clock.advance(minutes=21)
    assert ann.get("/liff/link").heading == SIGNING_IN


def test_an_old_cookie_shown_again_revives_nothing(ann: Visitor, clock: SettableClock) -> None:
    cookie = ann.sign_in().cookie
    clock.advance(minutes=31)
    ann.cookie = cookie
    assert ann.get("/liff/link").heading == SIGNING_IN


def test_opened_anew_by_line_it_asks_again_who_it_is(ann: Visitor) -> None:
    """The phone may be in other hands, or another person's chat may be open."""
    ann.sign_in()
    assert ann.get("/liff?liff.state=%2Flink").heading == SIGNING_IN
    assert ann.get("/liff/link").heading == SIGNING_IN


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ("%2Fme", "me"),
        ("%2Flink", "link"),
        ("https%3A%2F%2Fevil.example", "link"),
        ("%2F%2Fevil.example", "link"),
        ("%2F%5Cevil.example%2Fme", "link"),
    ],
)
def test_no_state_leads_off_our_pages(ann: Visitor, state: str, place: str) -> None:
    ann.get(f"/liff?liff.state={state}")
    assert ann.page.one("main").get("data-place") == place
    assert "evil" not in ann.html


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_is_behind_the_signing_in(ann: Visitor, page: Page, world: World) -> None:
    path = f"/liff{page.path}"
    ann.get(path).follow()
    assert ann.path in ("/liff/link", "/liff/me")
    assert ann.heading == SIGNING_IN
    ann.post(path, {"csrf_token": ann.token})
    assert ann.status == (303 if page.posts else 405)
    assert world.all(Friend) == []


def test_a_cookie_that_outlived_its_database_signs_nobody_in(
    ann: Visitor, world: World, database: Database
) -> None:
    ann.sign_in()
    with database.begin() as db:
        db.execute(delete(Friend))
    assert ann.get("/liff/link").heading == SIGNING_IN
    assert ann.get("/liff/log-in").follow().heading == SIGNING_IN


def test_without_javascript_it_says_what_to_do(ann: Visitor) -> None:
    ann.get("/liff/link")
    assert text("liff.noscript.words", "ja") in ann.page.one("noscript").text or (
        text("liff.noscript.words", "ja") in ann.html
    )


def test_the_language_of_the_line_app_is_spoken(ann: Visitor, world: World) -> None:
    ann.language = ""
    ann.present(ann.login.token_for(ANN), language="th-TH")
    assert ann.get("/liff/link").page.one("html").get("lang") == "th"
    assert [friend.language for friend in world.all(Friend)] == ["th"]


@pytest.mark.parametrize("path", ["link", "phone", "log-in"])
def test_the_doors_say_who_is_signed_in(ann: Visitor, login: FakeLogin, path: str) -> None:
    """Somebody who was signed in as another, by whatever trick, can notice."""
    ann.present(login.token_for(ANN, name="<b>攻撃 太郎</b>"))
    said = f"{text('liff.signed_in_as', 'ja')} <b>攻撃 太郎</b>"
    assert said in ann.get(f"/liff/{path}").text
    assert ann.get(f"/liff/{path}?lang=th").text.count("攻撃 太郎") == 1
    ann.get("/liff").user = BEN  # of whom LINE tells no name
    assert "who" not in [p.get("class") for p in ann.sign_in().page.root.all("p")]


def test_the_token_goes_ahead_where_line_opens_us_and_nowhere_else(ann: Visitor) -> None:
    """A ticket's page is redirected to, which LINE's script would not bear."""
    places = {
        "/liff": "link", "/liff?liff.state=%2Fme": "me", "/liff?liff.state=%2Flink": "link",
        "/liff?liff.state=%2Fticket%2Fx": "", "/liff/link": "", "/liff/me": "",
        "/liff/ticket/x": "",
    }  # fmt: skip
    for path, place in places.items():
        first = ann.get(path).page.one("script")
        assert first.get("data-first") == place, path
        assert first.get("data-session") == "/liff/session"


def test_the_language_of_the_line_app_may_come_later(ann: Visitor, world: World) -> None:
    ann.language = "ja"
    ann.sign_in()
    assert world.all(Friend)[0].language == "ja"
    assert ann.tell("/liff/language", {"language": "th-TH"}).json == {"language": "th"}
    assert ann.get("/liff/link").page.one("html").get("lang") == "th"
    assert world.all(Friend)[0].language == "th"
    assert ann.tell("/liff/language", {"language": "tlh"}).json == {"language": "th"}


def test_a_chosen_language_is_not_the_line_apps_to_change(ann: Visitor, world: World) -> None:
    ann.sign_in().get("/liff/link?lang=en")
    assert ann.tell("/liff/language", {"language": "th"}).json == {"language": "en"}
    assert world.all(Friend)[0].language == "en"


@pytest.mark.parametrize("body", [None, [], "th", {"language": 7}, {"language": "x" * 21}])
def test_what_is_no_language_is_refused(ann: Visitor, body: object) -> None:
    assert ann.sign_in().tell("/liff/language", body).status_code == 400


def test_a_language_of_nobody_is_not_kept(ann: Visitor) -> None:
    ann.get("/liff/link")
    assert ann.tell("/liff/language", {"language": "th"}).status_code == 403
    assert ann.get("/liff/link").page.one("html").get("lang") == "ja"


def test_the_code_for_a_larger_screen(ann: Visitor) -> None:
    ann.get("/liff/qr/me.svg")
    assert ann.response.mimetype == "image/svg+xml"
    assert b"style=" not in ann.response.data
    assert ann.get("/liff/qr/elsewhere.svg").status == 404
