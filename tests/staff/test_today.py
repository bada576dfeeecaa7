"""Today: what stands there is what there is, in words that say what to do, and in few questions."""

import re
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app import Parts, create_app
from core import owed
from core.database import Database
from core.owed import State
from core.settings import Settings
from deliveries.rules import MAYBE_SAID
from line.fake import FakeLine
from line.fake_login import FakeLogin
from members import figures, funnel, linking
from members.queues import Queue
from models import DailyFigures, Entry, Friend, How, InboxEvent, Outgoing, Role, StaffAudit, Step
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


def a_failed_message(site: Site, now: datetime, error: str = "413 Payload too large") -> UUID:
    with site.database.begin() as db:
        row = a_message(db, now)
        (taken,) = owed.take(db, Outgoing, now)
        owed.failed(db, taken, now, error)
        return row.id


MESSAGES = "/staff/today/aside/messages"


def message(site: Site, row_id: UUID) -> Outgoing:
    with site.database.read() as db:
        return db.get_one(Outgoing, row_id)


def done(site: Site) -> list[tuple[str, str, object]]:
    with site.database.read() as db:
        rows = db.scalars(select(StaffAudit).where(StaffAudit.thing == "work"))
        return [(each.act, each.thing_id, (each.after or {}).get("rows")) for each in rows]


def test_what_failed_is_listed_with_its_reason_and_tried_again(site: Site, now: datetime) -> None:
    row_id = a_failed_message(site, now)
    client = site.as_(Role.PUBLISHER)
    today = page(site.get(client, "/staff/today"))
    assert MESSAGES in [each.get("href") for each in today.root.all("a")]
    said = shown(site, MESSAGES, Role.PUBLISHER)
    assert t("aside_why.refused_messages") in said
    assert t("aside_what.reply") in said
    assert "413 Payload too large" in said
    for told in ("again_said", "nothing_said"):  # pressed twice
        answer = site.post(client, f"{MESSAGES}/again", {"id": str(row_id)}, follow_redirects=True)
        assert t(f"aside.{told}", count=1) in page(answer).text
    assert message(site, row_id).state is State.DUE
    assert done(site) == [("work.tried_again", "messages", 1)]
    assert t("aside.none") in shown(site, MESSAGES, Role.PUBLISHER)


def test_what_may_have_arrived_can_only_be_marked_as_seen_and_that_can_be_undone(
    site: Site, now: datetime
) -> None:
    row_id = a_failed_message(site, now - 2 * DAY, MAYBE_SAID)
    client = site.as_(Role.PUBLISHER)
    said = shown(site, MESSAGES, Role.PUBLISHER)
    assert t("aside_why.maybe") in said
    assert t("aside.none_again") in said
    assert t("aside.all_again") not in said
    answer = page(site.post(client, f"{MESSAGES}/leave", follow_redirects=True))
    assert t("aside.left_said", count=1) in answer.text
    assert t("health.all_done") in shown(site)
    undo = next(each for each in answer.root.all("form") if each.get("action").endswith("/back"))
    left_at = next(each.get("value") for each in undo.all("input") if each.get("name") == "at")
    back = site.post(client, f"{MESSAGES}/back", {"at": left_at}, follow_redirects=True)
    assert t("aside.back_said", count=1) in page(back).text
    assert message(site, row_id).error == MAYBE_SAID
    assert [act for act, _, _ in done(site)] == ["work.left", "work.put_back"]


@pytest.mark.parametrize("given", ["x", "\0", "2026-04-01"])
def test_what_cannot_be_read_is_not_all_of_them(site: Site, now: datetime, given: str) -> None:
    row_id, client = a_failed_message(site, now), site.as_(Role.PUBLISHER)
    for act in ("again", "leave"):
        site.post(client, f"{MESSAGES}/{act}", {"id": given})
    site.post(client, f"{MESSAGES}/back", {"at": given})
    assert message(site, row_id).state is State.FAILED
    assert done(site) == []


def test_who_may_try_again(site: Site, now: datetime) -> None:
    a_failed_message(site, now)
    for role in (Role.VIEWER, Role.EDITOR):
        answer = site.get(site.as_(role), MESSAGES)
        assert t("aside.ask_publisher") in page(answer).text
        assert f"{MESSAGES}/again" not in answer.text
        assert site.post(site.as_(role), f"{MESSAGES}/again").status_code == 403


@pytest.mark.parametrize("queue", list(Queue))
def test_each_kind_has_its_page(site: Site, queue: Queue) -> None:
    assert t("aside.none") in shown(site, f"/staff/today/aside/{queue}")


def test_names_and_words_are_kept_from_viewers_there_too(site: Site, now: datetime) -> None:
    with site.database.begin() as db:
        row = a_message(db, now)
        db.get_one(Friend, row.friend_id).display_name = "桜餅"
        (taken,) = owed.take(db, Outgoing, now)
        owed.failed(db, taken, now, "413")
    for path in (MESSAGES, "/staff/today"):
        with site.database.begin() as db:
            a_message(db, now, now + timedelta(minutes=10), error="ValueError: 'ひみつ'")
            db.get_one(Outgoing, row.id).error = "ValueError: 'ひみつ'"
        assert "ひみつ" in shown(site, path, Role.EDITOR)
        assert "ひみつ" not in shown(site, path), "what went wrong may hold what somebody wrote"
    assert "桜餅" in shown(site, MESSAGES, Role.EDITOR)
    assert "桜餅" not in shown(site, MESSAGES)


def test_a_list_of_failures_asks_as_few_questions_of_many_as_of_few(
    site: Site, now: datetime
) -> None:
    asked = []
    for number in (1, 60):
        for _ in range(number):
            a_failed_message(site, now)
        client = site.as_(Role.VIEWER)
        client.get(MESSAGES)
        with site.queries() as seen:
            client.get(MESSAGES)
        asked.append(len(seen))
    assert asked[0] == asked[1] <= 6


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
