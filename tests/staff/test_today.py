"""Today: what stands there is what there is, in words that say what to do, and in few questions."""

import re
from datetime import datetime, timedelta

import pytest

from app import Parts, create_app
from core import owed
from core.database import Database
from core.settings import Settings
from line.fake import FakeLine
from line.fake_login import FakeLogin
from members import figures, funnel, linking
from models import DailyFigures, Entry, How, InboxEvent, Outgoing, Role, Step
from staff.plots import plot
from tests.conftest import SettableClock
from tests.members.situations import a_friend, a_member
from tests.members.test_queues import a_message, an_event
from tests.staff.conftest import Site, page
from texts import text

DAY = timedelta(days=1)


def t(key: str, **values: object) -> str:
    return text(f"staff_people.{key}", "ja", **values)


def shown(site: Site, path: str = "/staff/today", role: Role = Role.VIEWER) -> str:
    answer = site.get(site.as_(role), path)
    assert answer.status_code == 200
    return page(answer).text


def test_it_is_the_first_page(site: Site) -> None:
    assert site.as_(Role.VIEWER).get("/staff").location == "/staff/today"


def test_nobody_yet(site: Site) -> None:
    answer = site.get(site.as_(Role.VIEWER), "/staff/today")
    said = page(answer).text
    assert t("health.all_done") in said
    assert t("funnel.none") in said
    assert said.count(t("figures.no_past")) == 5
    assert 'class="line"' not in answer.text


def test_the_numbers_and_since_when_they_changed(
    site: Site, database: Database, now: datetime, settings: Settings
) -> None:
    with database.begin() as db:
        for n in range(3):
            friend = a_friend(db, now - 40 * DAY, following=n > 0, followed_at=now - 40 * DAY)
            if n == 1:
                member = a_member(db, now)
                linking.link(db, friend.id, member.id, How.PHONE, now, settings=settings)
        db.add(
            DailyFigures(
                day=(now - 10 * DAY).date(), friends=2, reachable=2, linked=0, linked_reachable=0,
                counted_at=now,
            )
        )  # fmt: skip
    answer = site.get(site.as_(Role.VIEWER), "/staff/today")
    said = page(answer).text
    assert "50.0%" in said
    assert "33.3%" in said
    assert t("figures.change", since="03/22", change="+1") in said
    lines = page(answer).root.all("svg")
    told = [each.get("aria-label") for each in lines if each.get("role") == "img"]
    assert t("figures.friends") + ": " + t("figures.told", since="03/22", before=2, now=3) in told


def test_what_waits_and_why(site: Site, database: Database, now: datetime) -> None:
    with database.begin() as db:
        for n in range(12):
            an_event(db, now - timedelta(minutes=5), n=n)
        a_message(db, now, now + timedelta(minutes=10), error="500 <b>Internal</b>")
    answer = site.get(site.as_(Role.VIEWER), "/staff/today")
    said = page(answer).text
    assert t("health.waits_since", since="11:55", count=12) in said
    assert t("why.many") in said
    assert t("why.line") in said
    assert t("health.tries", count=1, next="12:10") in said
    assert "<b>Internal" not in answer.text
    assert t("health.all_done") not in said


def test_what_failed_and_what_to_do(site: Site, database: Database, now: datetime) -> None:
    with database.begin() as db:
        a_message(db, now)
        (row,) = owed.take(db, Outgoing, now)
        owed.failed(db, row, now, "400 Bad")
        an_event(db, now)
        (event,) = owed.take(db, InboxEvent, now)
        owed.failed(db, event, now, "ValueError")
    said = shown(site)
    assert t("failed.messages") in said
    assert t("failed.events") in said


@pytest.mark.parametrize(
    ("beat", "said"), [(None, "never"), (3600.0, "silent")]
)  # fmt: skip
def test_a_worker_without_life(
    site: Site, login: FakeLogin, line: FakeLine, beat: float | None, said: str
) -> None:
    parts = Parts(site.database, login, lambda *_: None, lambda: beat, site.clock, line)
    site.app = create_app(site.settings, parts)
    words = shown(site)
    assert t(f"health.{said}", since="11:00") in words
    assert t("health.all_done") not in words


def test_the_funnel_by_entry_and_where_people_stop(
    site: Site, database: Database, now: datetime, settings: Settings
) -> None:
    with database.begin() as db:
        people = [a_friend(db, now).id for _ in range(4)]
        for each in people:
            funnel.note(db, each, Step.OFFERED, Entry.GREETING, now, settings)
            funnel.note(db, each, Step.OPENED, Entry.GREETING, now, settings)
        funnel.note(db, people[0], Step.PHONE, Entry.GREETING, now, settings)
        funnel.note(db, people[0], Step.OPENED, Entry.MENU, now, settings)
    said = shown(site)
    assert t("funnel.stopped", count=4) in said
    assert t("advice.opened") in said
    assert t("funnel.after", step=t("step.opened"), count=3) in said
    assert t("entry.menu") in said
    week = shown(site, "/staff/today?days=7")
    assert t("funnel.stopped", count=4) in week
    assert shown(site, "/staff/today?days=<script>") == said


def test_the_funnel_never_grows(
    site: Site, database: Database, now: datetime, settings: Settings
) -> None:
    """Those who linked without a number are told beside the step that they did not come by."""
    with database.begin() as db:
        people = [a_friend(db, now).id for _ in range(5)]
        for each in people:
            funnel.note(db, each, Step.OPENED, Entry.GREETING, now, settings)
        for step in (Step.PHONE, Step.PROVEN, Step.LINKED):
            for each in people[:2]:
                funnel.note(db, each, step, Entry.GREETING, now, settings)
        for each in people[2:]:
            funnel.note(db, each, Step.DIRECT, Entry.GREETING, now, settings)
    answer = page(site.get(site.as_(Role.VIEWER), "/staff/today"))
    steps = next(each for each in answer.root.all("ol") if each.get("class") == "funnel").all("li")
    proven, linked = steps[-2].text, steps[-1].text
    assert "2人" in proven
    assert "2人" in linked
    assert t("funnel.direct", count=3) in linked
    assert t("funnel.more", count=3) in answer.text
    assert t("funnel.rate", rate="100%") in answer.text


def test_asks_as_few_questions_of_many_people_as_of_few(
    site: Site, database: Database, now: datetime, settings: Settings
) -> None:
    client, counts = site.as_(Role.VIEWER), []
    for many in (3, 100):
        with database.begin() as db:
            for _ in range(many):
                friend = a_friend(db, now)
                funnel.note(db, friend.id, Step.OPENED, Entry.MENU, now, settings)
                an_event(db, now - DAY, n=friend.line_user_id)
        client.get("/staff/today")
        with site.queries() as asked:
            client.get("/staff/today")
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 12


def test_after_midnight_yesterday_stands_in_the_table(
    site: Site, database: Database, clock: SettableClock, settings: Settings
) -> None:
    with database.begin() as db:
        a_friend(db, clock(), followed_at=clock())
    clock.advance(hours=12, minutes=5)
    assert figures.work(database, clock(), settings) == 1
    answer = site.get(site.as_(Role.VIEWER), "/staff/today")
    assert re.search(r'<th scope="row">04/01</th><td class="num figures"[^>]*>1</td>', answer.text)


# Lines


def test_a_gap_parts_the_line_and_a_lonely_value_is_a_dot() -> None:
    drawn = plot([None, 1, 2, None, 5, None, 3, 4])
    assert len(drawn.lines) == 2
    assert len(drawn.dots) == 1
    assert drawn.last is not None
    assert drawn.last[0] == 295


@pytest.mark.parametrize("values", [[0, 0, 0], [5], [0.0, 0.5], [None, 7]])
def test_every_line_stays_in_its_frame(values: list[float | None]) -> None:
    drawn = plot(values)
    numbers = [
        float(n) for each in [*drawn.lines, str(drawn.last)] for n in re.findall(r"[\d.]+", each)
    ]
    assert all(0 <= n <= 300 for n in numbers)


def test_nothing_known_is_no_line() -> None:
    assert plot([None, None]).last is None
