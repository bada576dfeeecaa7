"""Promise 6: a ticket of the brand's site links nobody by being opened; both identities are shown."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from flask import Flask
from structlog.testing import capture_logs

from core.database import Database
from core.settings import Settings
from liff.visit import TICKET_MAX
from line.fake import FakeLogin
from members import tickets
from models import Link, Member, Outgoing, UsedToken
from tests.conftest import SettableClock
from tests.liff.conftest import PASSWORD, World
from tests.liff.visitor import ANN, BEN, Visitor
from texts import LANGUAGES, text

HANAKO, JIRO = "山• 花•", "鈴• 次•"
NAMES = {ANN: "アン", BEN: "ベン"}

Issue = Callable[[Member], str]


def t(key: str, language: str = "ja", **values: object) -> str:
    return text(f"liff.ticket.{key}", language, **values)


ASKED, MINE = t("title"), t("mine.title")
USED, DEAD = t("used.title"), t("dead.title")


@pytest.fixture
def issue(clock: SettableClock, settings: Settings) -> Issue:
    """What the brand's site does for a member who is logged in there: the path it leads to."""
    return lambda member: f"/liff/ticket/{tickets.issue(member.id, clock(), settings)}"


@pytest.fixture
def jiro(world: World) -> Member:
    return world.member("M2002", name="鈴木 次郎", phone="+819087654321")


def enter(who: Visitor, path: str) -> Visitor:
    """Open the address, sign in at it, and be led on."""
    who.get(path)
    assert who.page.one("main").get("data-place") == "ticket"
    token = who.login.token_for(who.user, name=NAMES.get(who.user, ""))
    answer = who.bring({"id_token": token, "place": "ticket"})
    assert answer.json == {"go": "/liff/ticket"}
    return who.get(answer.json["go"])


def pair(who: Visitor) -> list[str]:
    """Whom the page shows."""
    return [each.text for each in who.page.root.all("strong")]


def about(who: Visitor) -> str:
    """What the page's form says it confirms."""
    [form] = who.forms
    return next(str(each.get("value")) for each in form.all("input") if each.get("name") == "about")


def confirm(who: Visitor) -> Visitor:
    return who.submit(about=about(who))


def test_from_the_site_to_linked(
    ann: Visitor, world: World, issue: Issue, bells: list[str]
) -> None:
    enter(ann, issue(world.member()))
    assert ann.heading == ASKED
    assert pair(ann) == ["アン", HANAKO]
    assert t("number", number="•••01") in ann.text
    for hidden in ("花子", "M1001", "1234", t("moves")):
        assert hidden not in ann.text
    bells.clear()
    confirm(ann)
    assert ann.path == "/liff/done"
    assert world.links() == [(ANN, "M1001", "ticket")]
    assert bells == ["outgoing", "menus"]
    assert ann.get("/liff/ticket").heading == DEAD, "it is not kept"


def test_looking_links_nobody(ann: Visitor, world: World, issue: Issue) -> None:
    path = issue(world.member())
    enter(ann, path)
    for each in (path, "/liff/ticket", "/liff/ticket?lang=ja", "/liff/ticket?about=x", path):
        assert ann.get(each).follow().heading == ASKED
    assert world.links() == []
    assert world.all(Outgoing) == []


def test_the_ticket_leaves_the_address(ann: Visitor, world: World, issue: Issue) -> None:
    path = issue(world.member())
    enter(ann, path)
    word = path.rpartition("/")[2]
    assert word not in ann.html
    assert ann.get(path).status == 303
    assert ann.response.location == "/liff/ticket"
    assert ann.response.headers["Referrer-Policy"] == "same-origin"


def test_at_lines_first_stop_it_is_taken_too(ann: Visitor, world: World, issue: Issue) -> None:
    state = issue(world.member()).removeprefix("/liff").replace("/", "%2F")
    enter(ann, f"/liff?liff.state={state}")
    assert pair(ann) == ["アン", HANAKO]


def test_a_name_that_line_does_not_tell(ann: Visitor, world: World, issue: Issue) -> None:
    ann.user = "U" + "c" * 32
    enter(ann, issue(world.member()))
    assert pair(ann) == [t("unnamed"), HANAKO]


# Somebody else's


def test_somebody_elses_ticket_shows_them_and_does_not_link_by_itself(
    ann: Visitor, world: World, issue: Issue, jiro: Member
) -> None:
    """A stranger sends Ann a link of theirs, hoping for her chat."""
    enter(ann, issue(jiro))
    assert pair(ann) == ["アン", JIRO]
    assert t("warning") in ann.text
    no = next(a for a in ann.page.one("main").all("a") if a.text == t("no"))
    assert ann.get(str(no.get("href"))).path == "/liff/link"
    assert world.links() == []
    assert len(world.all(UsedToken)) == 1, "but her own signing in, nothing is spent"


def test_what_is_confirmed_is_what_was_shown(
    ann: Visitor, world: World, issue: Issue, jiro: Member
) -> None:
    """While Ann reads, an attacker's link is opened in her browser: another tab, a hidden frame."""
    enter(ann, issue(world.member()))
    seen = ann.html
    ann.get(issue(jiro))
    ann.html = seen
    ann.post("/liff/ticket", {"csrf_token": ann.token, "about": about(ann)})
    assert ann.heading == ASKED
    assert t("changed") in ann.text
    assert pair(ann) == ["アン", JIRO]
    assert world.links() == []


@pytest.mark.parametrize("said", ["", "x", "0" * 64])
def test_a_form_that_shows_nothing_links_nobody(
    ann: Visitor, world: World, issue: Issue, said: str
) -> None:
    enter(ann, issue(world.member()))
    ann.post("/liff/ticket", {"csrf_token": ann.token, "about": said})
    assert (ann.heading, world.links()) == (ASKED, [])


def test_a_ticket_planted_before_the_signing_in(
    ann: Visitor, make_visitor: Callable[..., Visitor], world: World, issue: Issue, jiro: Member
) -> None:
    """The attacker's browser has opened the attacker's ticket; its cookie is put into Ann's."""
    ann.cookie = make_visitor(BEN).get(issue(jiro)).cookie
    enter(ann, issue(world.member()))
    assert pair(ann) == ["アン", HANAKO], "the one she opened"
    ann.cookie = make_visitor(BEN).get(issue(jiro)).cookie
    ann.sign_in("link")
    assert ann.get("/liff/ticket").heading == DEAD, "she opened none"


def test_who_signs_in_anew_starts_anew(
    ann: Visitor, world: World, issue: Issue, login: FakeLogin
) -> None:
    """The page of one person is confirmed by nobody else, even in the same browser."""
    path = issue(world.member())
    enter(ann, path)
    token, said = ann.token, about(ann)
    ann.get("/liff")  # opened by LINE for somebody else
    ann.user = BEN
    enter(ann, path)
    assert ann.post("/liff/ticket", {"csrf_token": token, "about": said}).status == 400
    ann.get("/liff/ticket")
    ann.post("/liff/ticket", {"csrf_token": ann.token, "about": said})
    assert pair(ann) == ["ベン", HANAKO]
    assert world.links() == []


def test_the_script_names_no_ticket(ann: Visitor, world: World, issue: Issue) -> None:
    word = issue(world.member()).rpartition("/")[2]
    ann.get("/liff/link")
    body = {"id_token": ann.login.token_for(ANN), "place": "ticket", "ticket": word, "go": word}
    assert ann.bring(body).json == {"go": "/liff/ticket"}
    assert ann.get("/liff/ticket").heading == DEAD


# No good


def test_it_links_once(
    ann: Visitor, make_visitor: Callable[..., Visitor], world: World, issue: Issue,
    clock: SettableClock,
) -> None:  # fmt: skip
    path = issue(world.member())
    confirm(enter(ann, path))
    clock.advance(minutes=1)
    ben = enter(make_visitor(BEN), path)
    assert (ben.heading, ben.status) == (USED, 400)
    assert ann.get(path).follow().heading == MINE
    ann.submit("/liff/me/unlink")
    assert ann.get(path).follow().heading == USED
    assert len(world.all(Link)) == 1


@pytest.mark.parametrize(("seconds", "heading"), [(600, ASKED), (661, DEAD)])
def test_it_expires(
    ann: Visitor, world: World, issue: Issue, clock: SettableClock, seconds: int, heading: str
) -> None:
    path = issue(world.member())
    enter(ann, path)
    clock.advance(seconds=seconds)
    confirm(ann)
    assert (world.links() == []) == (heading == DEAD)
    assert ann.heading == (DEAD if heading == DEAD else text("liff.done.title", "ja"))
    assert ("10分" in ann.text) == (heading == DEAD)


@pytest.mark.parametrize(
    "word", ["x", "チケット", "a" * 6000, "%00", "%27--", "<script>", "..", "gAAAAABk" + "A" * 132]
)
def test_what_we_did_not_issue(ann: Visitor, world: World, word: str) -> None:
    world.member()
    enter(ann, f"/liff/ticket/{word}")
    assert (ann.heading, ann.status) == (DEAD, 400)
    assert len(ann.cookie) < 1500
    assert [a.get("href") for a in ann.page.one("main").all("a")] == ["/liff/link"]
    ann.post("/liff/ticket", {"csrf_token": ann.get("/liff/phone").token})
    assert (ann.heading, world.links()) == (DEAD, [])


def test_under_another_key(
    ann: Visitor, world: World, clock: SettableClock, make_settings: Callable[..., Settings]
) -> None:
    foreign = make_settings(secret_key="somebody else's key " * 2)
    enter(ann, f"/liff/ticket/{tickets.issue(world.member().id, clock(), foreign)}")
    assert ann.heading == DEAD


def test_of_a_member_who_has_left(ann: Visitor, world: World, issue: Issue) -> None:
    assert enter(ann, issue(world.member(status="withdrawn"))).heading == DEAD


# Other links


def test_linked_with_each_other_already(ann: Visitor, world: World, issue: Issue) -> None:
    member = world.member()
    ann.sign_in().submit("/liff/log-in", name="M1001", password=PASSWORD)
    ann.get(issue(member)).follow()
    assert (ann.heading, pair(ann), ann.forms) == (MINE, [t("unnamed"), HANAKO], [])
    ann.post("/liff/ticket", {"csrf_token": ann.get("/liff/me/unlink").token}).follow()
    assert ann.path == "/liff/done"
    assert world.links() == [(ANN, "M1001", "login")]


def test_whose_link_would_end_is_told_first(
    ann: Visitor, make_visitor: Callable[..., Visitor], world: World, issue: Issue, jiro: Member,
    clock: SettableClock,
) -> None:  # fmt: skip
    world.member()
    ann.sign_in().submit("/liff/log-in", name="M1001", password=PASSWORD)
    make_visitor(BEN).sign_in().submit("/liff/log-in", name="M2002", password=PASSWORD)
    clock.advance(minutes=1)
    ann.get(issue(jiro)).follow()
    assert t("moves") in ann.text
    assert t("replaces", number="•••01") in ann.text
    assert len(world.links()) == 2
    confirm(ann)
    assert world.links() == [(ANN, "M2002", "ticket")]
    assert sorted(str(link.ended_why) for link in world.all(Link)) == ["None", "moved", "replaced"]


def test_what_was_not_told_is_not_done(
    ann: Visitor, make_visitor: Callable[..., Visitor], world: World, issue: Issue,
    clock: SettableClock,
) -> None:  # fmt: skip
    """The member is linked elsewhere while Ann reads: she is told, and asked again."""
    enter(ann, issue(world.member()))
    make_visitor(BEN).sign_in().submit("/liff/log-in", name="M1001", password=PASSWORD)
    clock.advance(minutes=1)
    confirm(ann)
    assert (ann.heading, world.links()) == (ASKED, [(BEN, "M1001", "login")])
    assert t("changed") in ann.text
    assert t("moves") in ann.text
    confirm(ann)
    assert world.links() == [(ANN, "M1001", "ticket")]


# At once


@pytest.mark.parametrize("users", [(ANN, BEN), (ANN, ANN)], ids=["two people", "one, twice"])
def test_two_at_once(
    fresh_database: Database, make_app_on: Callable[[Settings, Database], Flask],
    settings: Settings, login: FakeLogin, issue: Issue, users: tuple[str, str],
) -> None:  # fmt: skip
    world, app = World(fresh_database, settings), make_app_on(settings, fresh_database)
    path = issue(world.member())
    visitors = [Visitor(app, login, user) for user in users]
    for visitor in visitors:
        enter(visitor, path)
    start = Barrier(2)

    def send(visitor: Visitor) -> Visitor:
        start.wait()
        return confirm(visitor)

    with ThreadPoolExecutor() as pool:
        ends = list(pool.map(send, visitors))
    won = [visitor for visitor in ends if visitor.path == "/liff/done"]
    assert len(won) == (2 if users == (ANN, ANN) else 1)
    assert [(who, how) for who, _, how in world.links()] == [(won[0].user, "ticket")]
    assert len(world.all(Link)) == len(world.all(Outgoing)) == 1
    for other in (visitor for visitor in ends if visitor not in won):
        assert other.status in (400, 409)
        told = (USED, text("members.linked_elsewhere_just_now", "ja"))
        assert any(words in other.text for words in told)


# What holds for every page


def test_nothing_without_the_form_token(ann: Visitor, world: World, issue: Issue) -> None:
    enter(ann, issue(world.member()))
    ann.post("/liff/ticket", {"about": about(ann)})
    assert (ann.status, ann.heading) == (400, text("web.stale.title", "ja"))
    assert world.links() == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_in_every_language(
    make_visitor: Callable[..., Visitor], world: World, issue: Issue, jiro: Member,
    clock: SettableClock, language: str,
) -> None:  # fmt: skip
    """Each is checked as it is fetched; here it is in its language too."""
    make_visitor(BEN).sign_in().submit("/liff/log-in", name="M2002", password=PASSWORD)
    clock.advance(minutes=1)
    who, path = make_visitor(language=language), issue(world.member())
    said = [enter(who, path).heading]
    confirm(who)
    said.append(who.get(path).follow().heading)
    said.append(who.get(issue(jiro)).follow().heading)
    assert t("replaces", language, number="•••01") in who.text
    said.append(who.get("/liff/ticket/x").follow().heading)
    assert t("dead.words", language, brand="Musubi", minutes=10) in who.text
    who.submit("/liff/me/unlink").get(path).follow()
    said.append(who.heading)
    keys = ("title", "mine.title", "title", "dead.title", "used.title")
    assert said == [t(key, language) for key in keys]
    assert who.page.one("html").get("lang") == language


def test_logs_hold_no_ticket(ann: Visitor, world: World, issue: Issue, jiro: Member) -> None:
    paths = [issue(world.member()), issue(jiro), "/liff/ticket/forged-by-somebody"]
    with capture_logs() as logs:
        for path in paths:
            enter(ann.get("/liff"), path).post("/liff/ticket", {"about": path})
        confirm(ann.get(paths[0]).follow())
        ann.get(paths[0] + "/more").get(paths[1] + "?x=1").follow()
    assert world.links() == [(ANN, "M1001", "ticket")]
    for secret in (*(path.rpartition("/")[2] for path in paths), "花子", "アン", "M1001", ANN):
        assert secret not in repr(logs)


def test_the_code_for_a_larger_screen_carries_it(
    ann: Visitor, make_visitor: Callable[..., Visitor], world: World, issue: Issue
) -> None:
    """Opened on a computer: the phone that reads the code has the same ticket in hand."""
    ann.get(issue(world.member()))
    picture = next(img for img in ann.page.root.all("img") if "/qr/" in str(img.get("src")))
    with_ticket = ann.get(str(picture.get("src"))).response
    assert with_ticket.headers["Cache-Control"] == "no-store"
    plain = make_visitor(BEN).get("/liff/qr/link.svg").response
    assert len(with_ticket.data) > 2 * len(plain.data)
    assert make_visitor(BEN).get("/liff/qr/ticket.svg").status == 404


def test_none_of_ours_is_cut(world: World, settings: Settings, now: datetime) -> None:
    assert 2 * len(tickets.issue(world.member().id, now, settings)) < TICKET_MAX
