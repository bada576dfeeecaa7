"""Whoever runs the system is called so, and not by the operating system's user."""

from pathlib import Path

from accounts import audit
from accounts.actors import stranger, terminal
from line.fake import FakeLine
from models import Role
from tests.conftest import SettableClock
from tests.richmenus.situations import Account, Folder
from tests.staff.conftest import Site, page
from texts import text

OPERATOR = text("staff.log.terminal", "ja")


def test_in_the_log(site: Site) -> None:
    with site.database.begin() as db:
        for who in (terminal(site.clock()), stranger("192.0.2.1", site.clock())):
            audit.note(db, who, "menu.saved", "menu", "m1", "Menu")
    rows = (
        page(site.get(site.as_(Role.ADMIN), "/staff/audit?act=menu.saved")).one("tbody").all("tr")
    )
    unknown, operator = (row.all("td")[1].text for row in rows)
    assert operator.strip() == OPERATOR
    assert text("staff.log.stranger", "ja") in unknown
    assert "192.0.2.1" in unknown


def test_of_a_publication(site: Site, line: FakeLine, tmp_path: Path, clock: SettableClock) -> None:
    """Staff keep their name there, also when they are called otherwise since."""
    editor = site.as_(Role.EDITOR)
    folder = Folder(tmp_path / "menus", site.settings)
    account = Account(site.database, line, folder, clock)
    for number, by in enumerate(("root", "tanaka", "editor 花子"), 1):
        folder.paint("guest", ("red", "green", "blue")[number - 1])
        account.apply(by=by)
    assert site.post(editor, "/staff/me", {"name": "新しい名前"}).status_code == 303
    said = [shown(site, f"/staff/publishing/history/{number}") for number in (1, 2, 3)]
    named = text("staff.log.terminal_named", "ja", name="tanaka")
    assert [OPERATOR in said[0], named in said[1]] == [True, True]
    assert "editor 花子" in said[2]
    past = shown(site, "/staff/publishing/history")
    assert (past.count(OPERATOR), past.count(named)) == (1, 1)
    assert "root" not in past


def shown(site: Site, path: str) -> str:
    return page(site.get(site.as_(Role.VIEWER), path)).text
