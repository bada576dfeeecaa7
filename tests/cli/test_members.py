"""`musubi members`: import, show, set, ticket, export, erase, as somebody at a terminal sees them."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from cli import main
from cli.parts import Parts
from core import clock
from core.database import Database
from members import linking, tickets
from models import Base, Friend, How, Member
from tests.members.situations import a_friend, a_member

NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def parts(make_settings, tmp_path) -> Iterator[Parts]:
    parts = Parts(make_settings(database_url=f"sqlite:///{tmp_path / 'cli.db'}"))
    Base.metadata.create_all(parts.database.engine)
    yield parts
    parts.database.close()


@pytest.fixture
def db_(parts) -> Database:
    return parts.database


@pytest.fixture
def musubi(parts) -> Callable[..., Result]:
    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(main, ["members", *words], obj=parts, input=typed)

    return run


@pytest.fixture
def sakura(db_, parts):
    """Linked, and her menu looked at already."""
    with db_.begin() as db:
        member = a_member(db, NOW, number="A1", phone="+819012345678", email="sakura@example.com")
        friend = a_friend(db, NOW)
        linking.link(db, friend.id, member.id, How.PHONE, NOW, settings=parts.settings)
        friend.menu_stale_at = None
        return friend.id, member.id


def stale(db_, friend_id):
    with db_.read() as db:
        return db.scalar(select(Friend.menu_stale_at).where(Friend.id == friend_id))


def count(db_):
    with db_.read() as db:
        return db.scalar(select(func.count()).select_from(Member))


@pytest.fixture
def file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "members.csv"
        path.write_text(text, encoding=encoding)
        return str(path)

    return write


def test_a_dry_run_says_what_would_be_and_where_it_is_broken(musubi, file, db_):
    path = file(
        "会員番号,電話番号,ポイント,好み\nA1,090-1234-5678,1,x\nA2,12,2,y\nA3,,many,z\n", "cp932"
    )
    said = musubi("import", path, "--dry-run")
    assert said.exit_code == 1
    assert "Would be: 1 new, 0 changed, 0 unchanged, 2 broken" in said.output
    assert "line 3, 電話番号: This is not a phone number" in said.output
    assert "line 4, ポイント: Points are a whole number." in said.output
    assert "Columns left out: 好み" in said.output
    assert count(db_) == 0


def test_importing_again_and_mapping(musubi, file, db_):
    path = file("コード,氏名,色\nA1,さくら,桜\n")
    assert "No column holds the member number" in musubi("import", path).output
    words = ("import", path, "--map", "コード=number", "--map", "色=extra.好きな色")
    assert "1 new, 0 changed, 0 unchanged, 0 broken" in musubi(*words).output
    again = musubi(*words)
    assert again.exit_code == 0
    assert "0 new, 0 changed, 1 unchanged, 0 broken" in again.output
    assert musubi("import", path, "--map", "コード").exit_code == 2


def test_only_the_first_problems_are_shown(musubi, file):
    said = musubi("import", file("会員番号,ポイント\n" + "A,x\n" * 50)).output
    assert said.count("Points are a whole number") == 20
    assert "… and 30 more" in said


def test_show_is_masked_unless_asked(musubi, sakura):
    said = musubi("show", "a1").output
    assert "A1" in said
    assert "結• さ••" in said
    assert "since 2026-04-01 12:00 by phone" in said
    for secret in ("さくら", "+819012345678", "sakura@"):
        assert secret not in said
    full = musubi("show", "A1", "--full").output
    for told in ("結城 さくら", "+819012345678", "sakura@example.com"):
        assert told in full


def test_nobody(musubi):
    for words in (["show"], ["ticket"], ["export"], ["erase"], ["set", "rank=gold"]):
        said = musubi(words[0], "X9", *words[1:])
        assert said.exit_code == 1
        assert "We could not find this membership." in said.output


def test_set_changes_and_the_menu_follows(musubi, sakura, db_):
    said = musubi("set", "A1", "rank=gold", "points=1,200", "tag=+vip", "tag=+new", "extra.靴=24")
    assert "Changed: rank, points, extra.靴, tags" in said.output
    assert stale(db_, sakura[0]) is not None
    with db_.read() as db:
        member = db.get(Member, sakura[1])
        assert (member.rank, member.points, member.extra) == ("gold", 1200, {"靴": "24"})
    assert "new, vip" in musubi("show", "A1").output
    assert "Nothing changed." in musubi("set", "A1", "rank=gold", "tag=+vip").output
    assert "Changed: tags" in musubi("set", "A1", "tag=-new").output


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("points=many", "Points are a whole number."),
        ("nickname=x", 'There is no field "nickname"'),
        ("rank", "is not FIELD=VALUE"),
        ("tag=vip", "tag=+NAME"),
        ("tag=+", "tag=+NAME"),
        (f"tag=+{'v' * 65}", "64"),
    ],
)
def test_set_refuses_and_changes_nothing(musubi, sakura, db_, change, says):
    said = musubi("set", "A1", "rank=gold", change)
    assert said.exit_code != 0
    assert says in said.output
    with db_.read() as db:
        assert db.get(Member, sakura[1]).rank == "regular"


def test_a_changed_number_is_the_member_still(musubi, sakura, db_):
    assert "Changed: number, tags" in musubi("set", "A1", "number=B1", "tag=+vip").output
    assert "vip" in musubi("show", "B1").output


def test_a_ticket_is_a_url_that_offers_the_member(musubi, sakura, db_, parts):
    said = musubi("ticket", "A1")
    [url] = said.stdout.split()
    before, _, word = url.rpartition("/")
    assert before == f"{parts.settings.liff_url}/ticket"
    with db_.read() as db:
        assert tickets.opened(db, word, clock.now(), parts.settings).id == sakura[1]
    assert re.fullmatch(r"Good until \d\d:\d\d:\d\d, for one link\.\n", said.stderr)
    assert musubi("ticket", "A1").stdout != said.stdout


def test_no_ticket_for_who_has_left(musubi, db_):
    with db_.begin() as db:
        a_member(db, NOW, number="A9", status="withdrawn")
    said = musubi("ticket", "A9")
    assert said.exit_code == 1
    assert said.stdout == ""
    assert "This membership cannot be used" in said.stderr


def test_export_hands_out_json(musubi, sakura, tmp_path):
    told = json.loads(musubi("export", "A1").stdout)
    assert told["member"]["email"] == "sakura@example.com"
    path = tmp_path / "a1.json"
    musubi("export", "A1", "-o", str(path))
    assert json.loads(path.read_text("utf-8")) == told


def test_erase_asks_for_the_number(musubi, sakura, db_):
    refused = musubi("erase", "A1", typed="A2\n")
    assert refused.exit_code == 1
    assert "Nothing was erased." in refused.output
    assert count(db_) == 1
    said = musubi("erase", "A1", typed="A1\n")
    assert said.exit_code == 0
    assert "Erased A1:" in said.output
    assert said.output.count("Kept: ") == 3
    assert count(db_) == 0
    assert stale(db_, sakura[0]) is not None


def test_erase_in_a_script(musubi, sakura, db_):
    assert musubi("erase", "A1", "--confirm", "A2").exit_code == 1
    assert musubi("erase", "A1", "--confirm", "A1").exit_code == 0
    assert count(db_) == 0
