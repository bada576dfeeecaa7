"""Each step of linking is counted where it happens, under the link that was tapped."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from members import tickets
from models import Entry, FunnelMark, Step
from tests.conftest import SettableClock
from tests.liff.conftest import PASSWORD, World
from tests.liff.test_ticket import confirm
from tests.liff.visitor import ANN, Visitor

Marks = Callable[[], set[tuple[Step, Entry]]]


@pytest.fixture
def marks(world: World) -> Marks:
    return lambda: {(mark.step, mark.entry) for mark in world.all(FunnelMark)}


def enter(who: Visitor, state: str) -> Visitor:
    """As LINE opens us: the endpoint, with the rest of the link in liff.state."""
    who.get(f"/liff?liff.state={quote(state, safe='')}")
    answer = who.bring({"id_token": who.login.token_for(who.user), "place": "link"})
    assert answer.status_code == 200
    return who.get(answer.json["go"])


@pytest.mark.parametrize(
    ("state", "entry"),
    [("/link?from=menu", Entry.MENU), ("/link?from=menu.guest.home.1", Entry.MENU),
     ("/link?from=greeting#top", Entry.GREETING), ("/link?a=b&from=reply", Entry.REPLY),
     ("/link", Entry.OTHER), ("/link?from=<b>", Entry.OTHER), ("?from=menu", Entry.MENU),
     ("/link?from=%E3%82%8C", Entry.OTHER), ("", Entry.OTHER)],
)  # fmt: skip
def test_the_link_says_where_it_was_tapped(
    ann: Visitor, marks: Marks, state: str, entry: Entry
) -> None:
    enter(ann, state)
    assert marks() == {(Step.OPENED, entry)}


def test_the_whole_way_by_a_phone_number(ann: Visitor, world: World, marks: Marks) -> None:
    world.member()
    enter(ann, "/link?from=menu").submit("/liff/phone", phone="090-1234-5678")
    ann.submit(code="000000").submit(code=world.code())
    assert ann.path == "/liff/done"
    steps = (Step.OPENED, Step.PHONE, Step.PROVEN, Step.LINKED)
    assert marks() == {(step, Entry.MENU) for step in steps}
    assert len(world.all(FunnelMark)) == 4


def test_where_somebody_stops_is_seen(ann: Visitor, world: World, marks: Marks) -> None:
    enter(ann, "/link?from=greeting").submit("/liff/phone", phone="090-1234-5678")
    ann.submit(code="000000")
    assert marks() == {(Step.OPENED, Entry.GREETING), (Step.PHONE, Entry.GREETING)}


def test_a_number_that_was_refused_is_no_step(ann: Visitor, marks: Marks) -> None:
    enter(ann, "/link?from=menu").submit("/liff/phone", phone="03-1234-5678")
    assert marks() == {(Step.OPENED, Entry.MENU)}


def test_logging_in_needs_no_number(ann: Visitor, world: World, marks: Marks) -> None:
    world.member()
    enter(ann, "/link?from=menu").submit("/liff/log-in", name="M1001", password=PASSWORD)
    assert marks() == {(Step.OPENED, Entry.MENU), (Step.DIRECT, Entry.MENU)}


def test_a_ticket_is_an_entry_of_its_own(
    ann: Visitor, world: World, marks: Marks, clock: SettableClock
) -> None:
    ticket = tickets.issue(world.member().id, clock(), world.settings)
    ann.get(f"/liff?liff.state={quote(f'/ticket/{ticket}', safe='')}")
    answer = ann.bring({"id_token": ann.login.token_for(ann.user), "place": "ticket"})
    confirm(ann.get(answer.json["go"]))
    assert ann.path == "/liff/done"
    assert marks() == {(Step.OPENED, Entry.TICKET), (Step.DIRECT, Entry.TICKET)}


def test_members_who_open_their_page_are_not_on_the_way(
    ann: Visitor, world: World, marks: Marks
) -> None:
    world.member()
    enter(ann, "/link?from=menu").submit("/liff/log-in", name="M1001", password=PASSWORD)
    before = marks()
    enter(ann, "/me?from=reply")
    assert world.links() == [(ANN, "M1001", "login")]
    assert marks() == before


def test_the_next_link_that_is_tapped_counts_for_itself(ann: Visitor, marks: Marks) -> None:
    enter(ann, "/link?from=menu")
    enter(ann, "/link?from=menu")
    enter(ann, "/link")
    assert marks() == {(Step.OPENED, Entry.MENU), (Step.OPENED, Entry.OTHER)}
