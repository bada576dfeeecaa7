"""Inviting, changing roles, putting away and bringing back; and the history of it all."""

import csv
import io
import re
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from accounts import actors, audit
from models import Role, StaffAccount
from staff.areas.audit import CODED
from tests.accounts.conftest import by
from tests.staff.conftest import PASSWORD, Site, page
from texts import LANGUAGES, text

ROOT = Path(__file__).parent.parent.parent
NEW = "another horse battery"


def invite(
    site: Site, admin: FlaskClient, email: str = "new@example.com", role: str = "editor"
) -> str:
    """The link's path."""
    answer = site.post(admin, "/staff/team/invite", {"email": email, "name": "新人", "role": role})
    found = re.search(r'value="http://localhost(/staff/join/[^"]+)"', answer.text)
    assert found, answer.text
    return found[1]


def join(site: Site, path: str, password: str = NEW) -> FlaskClient:
    """Somebody opens the link, chooses a password and signs in with it."""
    client = site.client()
    answer = site.post(client, path, {"new": password, "again": password})
    assert answer.location == "/staff/sign-in", answer.text
    site.post(client, "/staff/sign-in", {"email": "new@example.com", "password": password})
    return client


def state_of(site: Site, role: Role) -> str:
    account = site.account(role)
    return "inactive" if account.deactivated_at else account.role.value


def test_somebody_is_invited_and_comes(site: Site) -> None:
    admin = site.as_(Role.ADMIN)
    path = invite(site, admin)
    assert text("staff.team.invited", "ja") in page(site.get(admin, "/staff/team")).text
    shown = page(site.get(site.client(), path))
    assert "new@example.com" in shown.text
    client = join(site, path)
    assert client.get("/staff/audit").status_code == 200
    assert client.get("/staff/team").status_code == 403
    again = site.get(site.client(), path)
    assert again.status_code == 410
    assert text("staff.invitation_dead", "ja") in page(again).text


def test_a_link_taken_in_a_colleagues_browser_leaves_nobody_signed_in_there(site: Site) -> None:
    """Or whoever has just joined would go on as the colleague."""
    admin = site.as_(Role.ADMIN)
    path, password = invite(site, admin), "a long new password"
    answer = site.post(admin, path, {"new": password, "again": password})
    assert answer.location == "/staff/sign-in", answer.text
    assert admin.get("/staff/me").status_code == 303


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"email": "ADMIN@example.com", "name": "x", "role": "viewer"}, "staff.email_taken"),
        ({"email": "x", "name": "x", "role": "viewer"}, "staff.email_invalid"),
        ({"email": "", "name": "x", "role": "viewer"}, "staff.email_missing"),
        ({"email": "a@example.com", "name": "", "role": "viewer"}, "staff.name_missing"),
        ({"email": "a@example.com", "name": "x", "role": "king"}, "web.form.choose"),
    ],
)
def test_nobody_is_invited(site: Site, given: dict[str, str], said: str) -> None:
    answer = site.post(site.as_(Role.ADMIN), "/staff/team/invite", given)
    words = text(said, "ja", **({"email": "admin@example.com"} if "taken" in said else {}))
    assert words in page(answer).text


def test_a_weak_password_is_told(site: Site) -> None:
    path = invite(site, site.as_(Role.ADMIN))
    answer = site.post(site.client(), path, {"new": "short", "again": "short"})
    assert text("staff.password_short", "ja") in page(answer).text


def test_an_old_invitation(site: Site) -> None:
    path = invite(site, site.as_(Role.ADMIN))
    site.clock.advance(days=7, seconds=1)
    assert site.get(site.client(), path).status_code == 410
    assert site.post(site.client(), path, {"new": NEW, "again": NEW}).status_code == 410


def test_a_role_is_changed_and_changed_back(site: Site) -> None:
    admin, editor = site.as_(Role.ADMIN), site.as_(Role.EDITOR)
    path = f"/staff/team/{site.accounts[Role.EDITOR]}"
    assert site.post(admin, f"{path}/role", {"role": "admin"}).location == path
    assert editor.get("/staff/team").status_code == 200, "at once"
    shown = page(site.get(admin, path))
    undo = next(f for f in shown.root.all("form") if text("staff.undo", "ja") in f.text)
    fields = {i.get("name"): i.get("value") for i in undo.all("input")}
    site.post(admin, undo.get("action"), fields)
    assert editor.get("/staff/team").status_code == 403


def test_put_away_and_brought_back(site: Site) -> None:
    admin, editor = site.as_(Role.ADMIN), site.as_(Role.EDITOR)
    path = f"/staff/team/{site.accounts[Role.EDITOR]}"
    site.post(admin, f"{path}/deactivate")
    assert editor.get("/staff/me").status_code == 303
    stranger = site.client()
    given = {"email": "editor@example.com", "password": PASSWORD}
    assert text("staff.sign_in_wrong", "ja") in site.post(stranger, "/staff/sign-in", given).text
    site.post(admin, f"{path}/reactivate")
    assert site.post(stranger, "/staff/sign-in", given).status_code == 303


@pytest.mark.parametrize("act", ["deactivate", "role"])
def test_the_last_administrator_is_told(site: Site, act: str) -> None:
    admin = site.as_(Role.ADMIN)
    path = f"/staff/team/{site.accounts[Role.ADMIN]}/{act}"
    answer = site.post(admin, path, {"role": "viewer"})
    assert answer.status_code == 409
    assert text("staff.last_admin", "ja") in page(answer).text
    assert state_of(site, Role.ADMIN) == "admin"


def test_a_lost_password(site: Site) -> None:
    admin, editor = site.as_(Role.ADMIN), site.as_(Role.EDITOR)
    answer = site.post(admin, f"/staff/team/{site.accounts[Role.EDITOR]}/link")
    found = re.search(r'value="http://localhost(/staff/join/[^"]+)"', answer.text)
    assert found, answer.text
    site.post(site.client(), found[1], {"new": NEW, "again": NEW})
    assert editor.get("/staff/me").status_code == 303, "signed out everywhere"
    client = site.client()
    site.post(client, "/staff/sign-in", {"email": "editor@example.com", "password": NEW})
    assert client.get("/staff/me").status_code == 200


def test_nobody_of_that_id(site: Site) -> None:
    admin = site.as_(Role.ADMIN)
    for path in (f"/staff/team/{UUID(int=1)}", "/staff/team/x"):
        assert site.get(admin, path).status_code == 404


def test_the_history_tells_it(site: Site) -> None:
    admin = site.as_(Role.ADMIN)
    site.post(admin, f"/staff/team/{site.accounts[Role.EDITOR]}/role", {"role": "viewer"})
    shown = page(site.get(admin, "/staff/audit?act=account.role"))
    row = shown.one("tbody").text
    for words in ("admin 花子", "editor 花子", "編集者", "閲覧者", "127.0.0.1", "2026-04-01 12:00"):
        assert words in row
    assert "127.0.0.1" not in page(site.get(site.as_(Role.EDITOR), "/staff/audit")).text


@pytest.mark.parametrize(
    "query",
    ["who=x", "page=0", "page=-1", "page=99999999999999999999", "page=２", "since=x", "until=9999-12-31",
     "since=0001-01-01", "act=%00", "thing=%00&id=%00", "who=" + "0" * 32, "id=" + "x" * 3000],
)  # fmt: skip
def test_odd_filters_are_no_trouble(site: Site, query: str) -> None:
    for path in ("/staff/audit", "/staff/audit.csv"):
        assert site.as_(Role.ADMIN).get(f"{path}?{query}").status_code == 200


def test_the_history_has_pages(site: Site) -> None:
    with site.database.begin() as db:
        for n in range(60):
            audit.note(db, by(None, site.clock()), "menu.saved", "menu", f"m{n}", f"menu {n}")
    admin = site.as_(Role.ADMIN)
    first = page(site.get(admin, "/staff/audit?thing=menu"))
    assert len(first.one("tbody").all("tr")) == 50
    onward = next(a for a in first.root.all("a") if a.get("rel") == "next").get("href")
    second = page(site.get(admin, onward))
    assert [r.all("td")[3].text for r in second.one("tbody").all("tr")][-1].endswith("menu 0")


def test_the_file_of_the_history(site: Site) -> None:
    """All lines, though they are read by the thousand; nothing a spreadsheet would run."""
    with site.database.begin() as db:
        for n in range(2_100):
            audit.note(db, by(None, site.clock()), "menu.saved", "menu", f"m{n}", "=1+1")
    answer = site.as_(Role.ADMIN).get("/staff/audit.csv?thing=menu")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 2_100
    assert {row["name"] for row in rows} == {"'=1+1"}
    with site.database.read() as db:
        taken = audit.lines(db, audit.Wanted(act="audit.taken"), number=1, size=9)[0]
    assert [line.after for line in taken] == [{"thing": "menu"}]


IN_WORDS = {
    "ja": [
        ["日時", "操作した人", "IPアドレス", "操作", "対象の種類", "対象", "変更内容"],
        ["2026-04-01 12:00:00", "システム担当者（ターミナル）", "", "権限を変更", "スタッフ", "=1", "名前：=2 → –; 権限：管理者"],
        ["2026-04-01 12:00:00", "admin 花子", "127.0.0.1", "権限を変更", "スタッフ", "editor 花子", "権限：編集者 → 閲覧者"],
    ],
    "en": [
        ["When", "Who", "IP address", "What", "Kind", "Which", "Change"],
        ["2026-04-01 12:00:00", "Operator (terminal)", "", "Changed the role", "Staff", "=1", "Name: =2 → –; Role: Administrator"],
        ["2026-04-01 12:00:00", "admin 花子", "127.0.0.1", "Changed the role", "Staff", "editor 花子", "Role: Editor → Viewer"],
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", IN_WORDS)
def test_the_file_says_in_words_what_the_page_says(site: Site, language: str) -> None:
    """And beside them, for programs, the codes."""
    admin = site.as_(Role.ADMIN)
    site.post(admin, f"/staff/team/{site.accounts[Role.EDITOR]}/role", {"role": "viewer"})
    with site.database.begin() as db:
        terminal = actors.terminal(site.clock())
        was, new = {"name": "=2"}, {"role": "admin"}
        audit.note(db, terminal, "account.role", "account", "x", "=1", was, new)
    site.post(admin, "/staff/language", {"language": language})
    answer = site.get(admin, "/staff/audit.csv?act=account.role")
    assert answer.text.startswith("\ufeff"), "or Excel takes Japanese for something else"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    said = [[cell.removeprefix("'") for cell in row[:7]] for row in rows]
    assert said == IN_WORDS[language]
    assert rows[1][5] == "'=1"
    codes = dict(zip(rows[0][7:], rows[2][7:], strict=True))
    assert list(codes) == list(CODED)
    assert (codes["act"], codes["thing"]) == ("account.role", "account")
    assert (codes["at"], codes["after"]) == ("2026-04-01T12:00:00+09:00", "role: viewer")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_of_the_file_begins_a_formula(site: Site, sign: str) -> None:
    with site.database.begin() as db:
        audit.note(db, by(None, site.clock()), "menu.saved", "menu", "m", f"{sign}HYPERLINK(1)")
    answer = site.as_(Role.ADMIN).get("/staff/audit.csv?thing=menu")
    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline=""))
    assert row["name"].startswith("'")


def test_every_act_that_is_noted_has_words() -> None:
    """In the source: what is given to `audit.note` as act, and the words for it."""
    said = re.compile(r'audit\.note\(\s*db,\s*[^,]+(?:\([^)]*\))?,\s*"([a-z_]+\.[a-z_.]+)"')
    acts = {
        act
        for folder in ("accounts", "staff")
        for path in (ROOT / folder).rglob("*.py")
        for act in said.findall(path.read_text("utf-8"))
    }
    assert len(acts) > 10
    known = {key.split(".audit.", 1)[1] for key in LANGUAGES["ja"] if ".audit." in key}
    assert {act for act in acts if act.replace(".", "_") not in known} == set()


def test_what_an_administrator_adds_is_an_account(site: Site) -> None:
    invite(site, site.as_(Role.ADMIN), role="publisher")
    with site.database.read() as db:
        added = db.query(StaffAccount).filter_by(email="new@example.com").one()
    assert (added.role, added.joined_at, added.password_hash) == (Role.PUBLISHER, None, None)
