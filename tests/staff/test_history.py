"""The history: words for all that is ever noted, only what changed, in either order, by whom."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from accounts import audit
from accounts.actors import Actor, stranger, terminal
from models import Role
from staff import deeds
from tests.staff.conftest import Site, page

ROOT = Path(__file__).parent.parent.parent


def noted() -> Iterator[tuple[str, ast.Call]]:
    for room in ("staff", "accounts", "cli"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("audit.note"):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_there_are_words_for_whatever_is_noted() -> None:
    calls = list(noted())
    assert len(calls) > 20
    for where, call in calls:
        _, _, act, thing, *_ = call.args
        if isinstance(act, ast.Constant):
            assert str(act.value).replace(".", "_") in deeds.ACTS, f"{where}: no words for the act"
        if isinstance(thing, ast.Constant):
            assert thing.value in deeds.THINGS, f"{where}: no words for the thing"
        for given in [*call.args, *(word.value for word in call.keywords)]:
            if isinstance(given, ast.Dict):
                names = {key.value for key in given.keys if isinstance(key, ast.Constant)}
                assert names <= deeds.FACTS.keys(), f"{where}: no words for what changed"


def rows(site: Site, query: str = "") -> list[str]:
    shown = page(site.get(site.as_(Role.ADMIN), f"/staff/audit?{query}"))
    return [row.text for row in shown.one("tbody").all("tr")]


@pytest.fixture
def lines(site: Site) -> Site:
    now = site.clock()
    before = {"name": "会員", "areas": 8, "pictures": ["a", "b"], "version": 1}
    after = {"name": "会員", "areas": 8, "pictures": ["b", "c"], "version": 2}
    with site.database.begin() as db:
        mari = Actor(site.accounts[Role.EDITOR], "Mari", "192.0.2.1", now)
        audit.note(db, mari, "menu.saved", "menu", "m1", "会員", before, after)
        audit.note(db, terminal(now + timedelta(minutes=1)), "menu.removed", "menu", "m2", "古い")
        audit.note(
            db, stranger("192.0.2.9", now), "session.refused", "account", "", "x@example.com"
        )
    return site


def test_only_what_changed_is_said_and_in_words(lines: Site) -> None:
    (saved,) = rows(lines, "act=menu.saved")
    assert "リッチメニュー：会員" in saved
    for said in ("1枚が新しくなりました", "版 1 → 2"):
        assert said in saved
    for unsaid in ("タップ領域", "pictures", "menu"):
        assert unsaid not in saved


def test_kinds_of_work_are_named_in_the_readers_words(lines: Site) -> None:
    with lines.database.begin() as db:
        ken = Actor(None, "Ken", "192.0.2.3", lines.clock())
        audit.note(db, ken, "work.left", "work", "messages", "Sending messages", after={"rows": 3})
    (left,) = rows(lines, "thing=work")
    assert "処理：メッセージの送信" in left
    assert "Sending messages" not in left


def test_it_is_read_from_either_end(lines: Site) -> None:
    newest, oldest = rows(lines, "thing=menu"), rows(lines, "thing=menu&sort=at")
    assert newest == oldest[::-1]
    assert "古い" in newest[0]


def test_what_was_done_at_a_terminal_is_found_by_that(lines: Site) -> None:
    (only,) = [row for row in rows(lines, "who=terminal") if "古い" in row]
    assert all("ターミナル" in row for row in rows(lines, "who=terminal"))
    assert "削除" in only
