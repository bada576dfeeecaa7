"""The audit log: in the same transaction, and never changed after."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, exc, func, select, text, update

from accounts import audit
from accounts.audit import Wanted
from core import migrations
from core.database import connect
from models import StaffAudit
from tests.accounts.conftest import by


@pytest.fixture
def note(database, now):
    def note(act="menu.saved", thing="menu", thing_id="gold", who=None, at=now, **more):
        with database.begin() as db:
            audit.note(db, by(who, at), act, thing, thing_id, **more)

    return note


CHANGES = [
    update(StaffAudit).values(act="x"),
    delete(StaffAudit),
    text("UPDATE staff_audit SET at = at"),
    text("DELETE FROM staff_audit WHERE thing = 'menu'"),
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_nobody_changes_it(database, note, change):
    note()
    with pytest.raises(exc.DatabaseError, match="append-only"), database.begin() as db:
        db.execute(change)
    with database.read() as db:
        assert db.scalar(select(func.count()).select_from(StaffAudit)) == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nor_where_migrations_made_it(kind, tmp_path, make_postgresql, now):
    url = f"sqlite:///{tmp_path / 'm.db'}" if kind == "sqlite" else make_postgresql("audit")
    database = connect(url)
    migrations.upgrade(database)
    with database.begin() as db:
        audit.note(db, by(None, now), "menu.saved", "menu", "gold")
    for change in CHANGES:
        with pytest.raises(exc.DatabaseError, match="append-only"), database.begin() as db:
            db.execute(change)
    migrations.downgrade(database, "0003")
    with database.begin() as db:
        db.execute(CHANGES[1])
    database.close()


def test_what_is_undone_was_not_done(database, now):
    def note_and_fail():
        with database.begin() as db:
            audit.note(db, by(None, now), "menu.saved", "menu", "gold")
            raise LookupError

    with pytest.raises(LookupError):
        note_and_fail()
    with database.read() as db:
        assert audit.lines(db, Wanted(), number=1, size=9) == ([], 0)


def test_whatever_changed_is_kept_as_json_can_hold_it(database, note, hire, now):
    admin = hire()
    note(who=admin, before={"n": 1, "id": admin.id}, after={"list": ["a"], "at": now, "none": None})
    with database.read() as db:
        line = audit.lines(db, Wanted(act="menu.saved"), number=1, size=9)[0][0]
    assert line.before == {"n": 1, "id": str(admin.id)}
    assert line.after == {"list": ["a"], "at": str(now), "none": None}
    assert (line.account_id, line.who, line.address, line.at) == (
        admin.id, "admin", "203.0.113.7", now,
    )  # fmt: skip


def test_it_is_read_by_who_what_when_and_which(database, note, hire, now):
    admin = hire()
    note(who=admin)
    note(thing_id="silver", at=now + timedelta(days=1))
    note(act="rules.saved", thing="rules", at=now + timedelta(days=2))

    def found(**asked):
        with database.read() as db:
            return [line.thing_id for line in audit.lines(db, Wanted(**asked), number=1, size=9)[0]]

    assert found(account_id=admin.id) == ["gold"]
    assert found(act="rules.saved") == ["gold"]
    assert found(thing="menu") == ["silver", "gold"]
    assert found(thing="menu", thing_id="silver") == ["silver"]
    assert found(since=now + timedelta(days=1), until=now + timedelta(days=2)) == ["silver"]


def test_page_by_page(database, note):
    for n in range(7):
        note(thing_id=str(n))
    with database.read() as db:
        lines, total = audit.lines(db, Wanted(), number=2, size=3)
        assert ([line.thing_id for line in lines], total) == (["3", "2", "1"], 7)
        first = audit.next_lines(db, Wanted(), before=None, most=4)
        rest = audit.next_lines(db, Wanted(), before=first[-1].number, most=4)
    assert [line.thing_id for line in (*first, *rest)] == list("6543210")


def test_long_names_are_cut(note):
    note(thing_id="x" * 500, name="x" * 500)
