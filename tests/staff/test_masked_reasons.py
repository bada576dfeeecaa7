"""Why somebody sees their menu, told to a viewer, says nothing of them that is masked elsewhere."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core.database import Database
from core.settings import Settings
from line.fake import FakeLine
from members import linking
from models import How, Role
from tests.conftest import SettableClock
from tests.members.situations import a_friend, a_member
from tests.richmenus.situations import Account, Folder
from tests.staff.conftest import Site
from texts import text

MASKED: list[tuple[Any, dict[str, Any]]] = [
    ({"birthday_month": 4}, {"birthday": date(1990, 4, 1)}),
    ({"birthday_month": "this"}, {"birthday": date(1990, 4, 1)}),
    ({"member.birthday": {"lt": "2000-01-01"}}, {"birthday": date(1990, 4, 1)}),
    ({"member.number": {"starts_with": "X"}}, {"number": "X-1"}),
    ({"member.name": "夏目 りん"}, {"name": "夏目 りん"}),
    ({"member.kana": {"ne": "ヤマダ"}}, {"kana": "ユウキ"}),
    ({"member.phone": {"starts_with": "+8190"}}, {"phone": "+819012345678"}),
    ({"member.email": ["a@example.com", "b@example.com"]}, {"email": "a@example.com"}),
    ({"member.extra.色": "桜"}, {"extra": {"色": "桜"}}),
    ({"member.extra.色": {"is_set": True}}, {"extra": {"色": "桜"}}),
]
OPEN: list[tuple[Any, dict[str, Any]]] = [
    ({"member.rank": "gold"}, {"rank": "gold"}),
    ({"member.points": {"gte": 100}}, {"points": 100}),
    ({"member.email": {"is_set": True}}, {"email": "a@example.com"}),
]
NEVER = {"tag": "never"}


@pytest.fixture
def ask(
    site: Site, database: Database, line: FakeLine, clock: SettableClock, tmp_path: Path
) -> Any:
    """Publishes rules that ask it in many ways, and whatever it answers lead to the guests' menu."""

    def publish(asked: object) -> None:
        whens = [
            {"all": [asked, NEVER]}, {"all": [{"not": asked}, NEVER]},
            {"all": [{"any": [asked, {"not": asked}]}, {"any": [NEVER, {"all": [asked, NEVER]}]}]},
        ]  # fmt: skip
        rules: list[Any] = [{"menu": "member", "when": each, "because": "x"} for each in whens]
        rules.append({"menu": "member", "when": asked, "because": "over", "until": "2026-01-01"})
        folder = Folder(tmp_path / "menus", site.settings)
        folder.rules([*rules, {"menu": "guest", "because": "everybody"}])
        Account(database, line, folder, clock).apply()

    return publish


def somebody(database: Database, now: datetime, settings: Settings, **fields: Any) -> UUID:
    with database.begin() as db:
        friend, member = a_friend(db, now), a_member(db, now, **fields)
        linking.link(db, friend.id, member.id, How.PHONE, now, settings=settings)
    return friend.id


def two(
    site: Site, ask: Any, now: datetime, asked: object, fields: dict[str, Any]
) -> tuple[UUID, UUID]:
    """Whom it is so of, and somebody else, when it is asked of everybody."""
    ask(asked)
    one = somebody(site.database, now, site.settings, **fields)
    return one, somebody(site.database, now, site.settings)


def reasons(site: Site, role: Role, friend: UUID) -> list[str]:
    """On their page, and where a menu is looked at as by them."""
    found = []
    for path in (f"/staff/people/friend/{friend}", f"/staff/menus/key/guest?as={friend}"):
        shown = site.get(site.as_(role), path, follow_redirects=True).text
        found += re.findall(r'<ol class="(?:rules|menu-why)">.*?</ol>', shown, re.DOTALL)
    assert len(found) == 2
    return found


@pytest.mark.parametrize(("asked", "fields"), MASKED)
def test_nobody_who_sees_people_masked_learns_it_from_the_reasons(
    site: Site, ask: Any, now: datetime, asked: object, fields: dict[str, Any]
) -> None:
    one, other = two(site, ask, now, asked, fields)
    assert reasons(site, Role.VIEWER, one) == reasons(site, Role.VIEWER, other)
    assert reasons(site, Role.EDITOR, one) != reasons(site, Role.EDITOR, other)


@pytest.mark.parametrize(("asked", "fields"), OPEN)
def test_what_is_not_masked_is_told_to_everybody(
    site: Site, ask: Any, now: datetime, asked: object, fields: dict[str, Any]
) -> None:
    one, other = two(site, ask, now, asked, fields)
    assert reasons(site, Role.VIEWER, one) != reasons(site, Role.VIEWER, other)
    assert reasons(site, Role.VIEWER, one) == reasons(site, Role.EDITOR, one)


def test_it_is_said_who_sees_it(site: Site, ask: Any, now: datetime) -> None:
    ask({"birthday_month": 4})
    path = f"/staff/people/friend/{somebody(site.database, now, site.settings)}"
    for role, said in ((Role.VIEWER, True), (Role.EDITOR, False)):
        shown = site.get(site.as_(role), path, follow_redirects=True).text
        assert (text("staff_people.menu.masked_why", "ja") in shown) == said
