"""People: found, read about with why they see their menu, and changed by whoever may."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from flask import g
from sqlalchemy import select

from core.database import Database
from core.settings import Settings
from line.fake import FakeLine
from members import friendship, leaving, linking, profile
from models import (
    Ended,
    Friend,
    FriendTag,
    How,
    InboxEvent,
    Link,
    Member,
    MemberTag,
    Outgoing,
    Role,
    StaffAudit,
)
from richmenus.naming import Tab
from staff.areas.people import tapping
from tests.conftest import SettableClock
from tests.members.situations import a_friend, a_member
from tests.richmenus.situations import MENUS, Account, Folder
from tests.staff.conftest import Site, page
from texts import text

PHONE, SHOWN, HIDDEN = "+819012345678", "090-1234-5678", "090-••••-5678"
EVIL = "<script>alert(1)</script>=1+1"


def t(key: str, **values: object) -> str:
    return text(f"staff_people.{key}", "ja", **values)


class Sakura:
    """Linked, tagged, talked to."""

    def __init__(self, database: Database, now: datetime, settings: Settings) -> None:
        with database.begin() as db:
            friend = a_friend(
                db, now, display_name="さくちゃん", followed_at=now - timedelta(days=9)
            )
            member = a_member(
                db, now, number="M12345678", name="結城 さくら", kana="ユウキ サクラ", phone=PHONE,
                email="sakura@example.jp", extra={"好きな色": "桜色"},
            )  # fmt: skip
            linking.link(db, friend.id, member.id, How.PHONE, now, settings=settings)
            friendship.tag(db, friend.id, "coffee", now)
            profile.retag(db, member.id, now, add=["vip"])
            raw = {
                "type": "message", "source": {"type": "user", "userId": friend.line_user_id},
                "message": {"type": "text", "text": "秘密の相談"},
            }  # fmt: skip
            db.add(
                InboxEvent(
                    webhook_event_id="e1", kind="message", line_user_id=friend.line_user_id,
                    occurred_at=now, received_at=now, due_at=now, raw=orjson.dumps(raw).decode(),
                    state="done",
                )
            )  # fmt: skip
        self.friend, self.member, self.database = friend, member, database
        self.path = f"/staff/people/member/{member.id}"

    def rows(self, table: type[Any]) -> list[Any]:
        with self.database.read() as db:
            return list(db.scalars(select(table)))

    def acts(self) -> list[StaffAudit]:
        with self.database.read() as db:
            lines = select(StaffAudit).where(StaffAudit.thing == "person")
            return list(db.scalars(lines.order_by(StaffAudit.number)))


@pytest.fixture
def sakura(database: Database, now: datetime, settings: Settings) -> Sakura:
    return Sakura(database, now, settings)


def shown(site: Site, path: str, role: Role = Role.EDITOR) -> str:
    answer = site.get(site.as_(role), path)
    assert answer.status_code == 200
    return page(answer).text


# The list


def test_nobody_yet(site: Site) -> None:
    assert t("list.none") in shown(site, "/staff/people")
    assert t("list.none_found") in shown(site, "/staff/people?q=x")
    assert t("list.none_who") in shown(site, "/staff/people?who=blocked")


@pytest.mark.parametrize("q", ["結城", "ゆうき", "M1234", "090-1234-5678", "さくちゃん"])
def test_somebody_is_found(site: Site, sakura: Sakura, q: str) -> None:
    said = shown(site, f"/staff/people?q={q}")
    assert "結城 さくら" in said
    assert t("list.found", count=1) in said


def test_a_viewer_finds_and_sees_little(site: Site, sakura: Sakura) -> None:
    answer = site.get(site.as_(Role.VIEWER), "/staff/people?tag=vip")
    assert "結• さ••" in answer.text
    assert sakura.path in answer.text
    for hidden in ("結城", "さくちゃん", "ユウキ", "M12345678"):
        assert hidden not in page(answer).text


@pytest.mark.parametrize(
    "query",
    ["who=nobody", "sort=evil", "after=member-x", "before=x-1", "q=%00", "q=%F0%9F", "q=" + "あ" * 300,
     f"after=friend-{UUID(int=7)}", "tag=%27%20OR%201", "q=%ED%A0%80"],
)  # fmt: skip
def test_an_odd_address_is_a_list_all_the_same(site: Site, sakura: Sakura, query: str) -> None:
    assert site.get(site.as_(Role.VIEWER), f"/staff/people?{query}").status_code == 200


def test_names_are_words_and_nothing_else(site: Site, database: Database, now: datetime) -> None:
    with database.begin() as db:
        member = a_member(db, now, name=EVIL, kana=EVIL, extra={EVIL: EVIL})
        friend = a_friend(db, now, display_name=EVIL)
        friendship.tag(db, friend.id, EVIL, now)
    for path in (
        "/staff/people",
        f"/staff/people?q={EVIL}&tag={EVIL}",
        f"/staff/people/member/{member.id}",
        f"/staff/people/friend/{friend.id}",
    ):
        answer = site.get(site.as_(Role.EDITOR), path)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "alert(1)" in page(answer).text or "q=" in path


def test_asks_as_few_questions_of_ten_thousand_as_of_ten(
    site: Site, database: Database, now: datetime, sakura: Sakura
) -> None:
    """Rows are put down at once: 10,000 of each."""
    client, counts = site.as_(Role.EDITOR), []
    paths = ("/staff/people", "/staff/people?q=佐藤", "/staff/people?who=unlinked", sakura.path)
    for many in (10, 10_000):
        with database.begin() as db:
            _crowd(db, now, many)
        of_each = []
        for path in paths:
            client.get(path)
            with site.queries() as asked:
                assert client.get(path).status_code == 200
            of_each.append(len(asked))
        counts.append(of_each)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12


def _crowd(db: Any, now: datetime, many: int) -> None:
    ids = [uuid4() for _ in range(many)]
    plain = {"created_at": now, "updated_at": now, "joined_on": now.date(), "extra": {}}
    members = [{"id": i, "number": f"C{i.hex}", "name": f"佐藤 {i.hex[:4]}"} | plain for i in ids]
    friends = [
        {"id": i, "line_user_id": f"U{i.hex}", "display_name": "佐藤", "created_at": now}
        for i in ids
    ]
    db.execute(Member.__table__.insert(), members)
    db.execute(Friend.__table__.insert(), friends)


# One person


def test_all_that_is_known_of_somebody(site: Site, sakura: Sakura) -> None:
    said = shown(site, sakura.path)
    for each in (
        "結城 さくら", "ユウキ サクラ", "M12345678", HIDDEN, "sakura@example.jp", "桜色", "さくちゃん",
        "coffee", "vip", "秘密の相談", t("how.phone"), t("history.now"), t("menu.nothing"),
    ):  # fmt: skip
        assert each in said
    assert SHOWN not in said
    assert PHONE not in site.get(site.as_(Role.ADMIN), sakura.path).text


def test_the_drafts_are_seen_as_somebody_from_their_page(site: Site, sakura: Sakura) -> None:
    viewer = site.as_(Role.VIEWER)
    links = page(site.get(viewer, sakura.path)).root.all("a")
    (led,) = [str(each.get("href")) for each in links if t("menu.preview") in each.text]
    assert viewer.get(led).location.startswith("/staff/menus/key/")


def test_menus_and_taps_are_called_as_staff_call_them(
    site: Site, sakura: Sakura, tmp_path: Path, line: FakeLine, clock: SettableClock
) -> None:
    folder = Folder(tmp_path / "menus", site.settings)
    folder.write("member", MENUS["member"] | {"name": "会員のメニュー"})
    account = Account(site.database, line, folder, clock)
    account.apply()
    account.work()
    said = shown(site, sakura.path)
    assert t("menu.sees", menu="会員のメニュー") in said
    assert "「member」" not in said
    assert "Guest" in said  # the rules' own menus, too


TABS = {
    ("gold", "card"): Tab("gold", "金", 0, ""),
    ("gold_card", "points"): Tab("gold_card", "ゴールド", 2, "ポイント"),
}


@pytest.mark.parametrize(
    ("sent", "said"),
    [("1:reply:coupon", "「クーポン」"), ("1:tag:coffee", "タグ「coffee」を付ける"),
     ("1:language:th", "言語を「ไทย」に切り替え"), ("1:tab:gold_card_points", "「ゴールド」（タブ2：ポイント）に切り替え"),
     ("1:reply:magic", "1:reply:magic"), ("1:tab:gone_home", "1:tab:gone_home"), ("x=1", "x=1"), ("", "")],
)  # fmt: skip
def test_a_tap_in_words(site: Site, sent: str, said: str) -> None:
    with site.app.test_request_context("/staff"):
        g.language = "ja"
        assert tapping.said(sent, TABS) == said


def test_a_viewer_reads_masked(site: Site, sakura: Sakura) -> None:
    answer = site.get(site.as_(Role.VIEWER), sakura.path)
    said = page(answer).text
    for hidden in (
        "結城", "ユウキ", "M12345678", "sakura@", "桜色", "さくちゃん", "秘密の相談", PHONE, SHOWN,
        sakura.friend.line_user_id,
    ):  # fmt: skip
        assert hidden not in answer.text
    assert t("person.masked") in said
    assert "<form" not in answer.text.partition("<main")[2]


def test_a_friends_page_leads_to_the_member_they_are(site: Site, sakura: Sakura) -> None:
    path = f"/staff/people/friend/{sakura.friend.id}"
    assert site.as_(Role.VIEWER).get(path).location == sakura.path


@pytest.mark.parametrize("kind", ["member", "friend"])
def test_nobody_by_this_id(site: Site, sakura: Sakura, kind: str) -> None:
    client = site.as_(Role.ADMIN)
    wrong = sakura.friend.id if kind == "member" else sakura.member.id
    for person_id in (uuid4(), wrong):
        path = f"/staff/people/{kind}/{person_id}"
        assert site.get(client, path).status_code == 404
        for act in ("phone", "unlink", "menu", "export"):
            answer = site.post(client, f"{path}/{act}")
            assert answer.status_code in (303, 404)
        assert site.post(client, f"{path}/tag", {"tag": "x"}).status_code == 404
        assert site.get(client, f"{path}/erase").status_code == 404
    assert sakura.acts() == []
    assert len(sakura.rows(Link)) == 1


def test_a_phone_number_is_shown_on_request_and_that_is_noted(site: Site, sakura: Sakura) -> None:
    client = site.as_(Role.EDITOR)
    answer = site.post(client, f"{sakura.path}/phone")
    assert answer.status_code == 200
    assert PHONE in page(answer).text
    assert answer.headers["Cache-Control"] == "no-store"
    (act,) = sakura.acts()
    assert (act.act, act.thing_id) == ("person.phone_seen", str(sakura.member.id))
    assert PHONE not in f"{act.name}{act.before}{act.after}"
    assert PHONE not in site.get(client, sakura.path).text


# What may be done


def test_a_tag_is_added_and_taken_back(site: Site, sakura: Sakura) -> None:
    client = site.as_(Role.EDITOR)
    answer = site.post(client, f"{sakura.path}/tag", {"tag": "ＶＩＰ, new、new"})
    assert answer.location == sakura.path
    told = site.get(client, sakura.path)
    assert t("tags.added", tag="VIP、new") in page(told).text
    assert {row.tag for row in sakura.rows(MemberTag)} == {"vip", "VIP", "new"}
    undo = {"tag": "VIP,new", "of": "member"}
    assert f"{sakura.path}/untag" in told.text
    site.post(client, f"{sakura.path}/untag", undo)
    assert {row.tag for row in sakura.rows(MemberTag)} == {"vip"}
    assert [(act.act, act.before, act.after) for act in sakura.acts()] == [
        ("person.tagged", None, {"tags": ["VIP", "new"]}),
        ("person.untagged", {"tags": ["VIP", "new"]}, None),
    ]


def test_a_tag_of_the_friend_is_put_back_where_it_was(site: Site, sakura: Sakura) -> None:
    client = site.as_(Role.EDITOR)
    site.post(client, f"{sakura.path}/untag", {"tag": "coffee", "of": "friend"})
    assert sakura.rows(FriendTag) == []
    site.post(client, f"{sakura.path}/tag", {"tag": "coffee", "of": "friend"})
    assert [row.tag for row in sakura.rows(FriendTag)] == ["coffee"]
    assert {row.tag for row in sakura.rows(MemberTag)} == {"vip"}


@pytest.mark.parametrize("tag", ["", "  ", "x" * 65, "a\x07b"])
def test_no_tag(site: Site, sakura: Sakura, tag: str) -> None:
    client = site.as_(Role.EDITOR)
    site.post(client, f"{sakura.path}/tag", {"tag": tag})
    assert {row.tag for row in sakura.rows(MemberTag)} == {"vip"}
    assert sakura.acts() == []
    assert "alert-warning" in site.get(client, sakura.path).text


def test_unlinking_is_said_to_be_for_good(
    site: Site, sakura: Sakura, database: Database, clock: SettableClock
) -> None:
    client = site.as_(Role.EDITOR)
    assert t("unlink.words") in page(site.get(client, sakura.path)).text
    site.post(client, f"{sakura.path}/unlink")
    (link,) = sakura.rows(Link)
    assert (link.ended_why, link.ended_at) == (Ended.STAFF, clock())
    (act,) = sakura.acts()
    assert (act.act, act.before) == ("person.unlinked", {"linked": t("how.phone")})
    after = site.get(client, sakura.path)
    said = page(after).text
    assert t("unlink.said") in said
    assert t("ended.staff") in said
    assert site.account(Role.EDITOR).name in said
    assert any(row.key.startswith("unlinked:") for row in sakura.rows(Outgoing))
    site.post(client, f"{sakura.path}/unlink")
    assert len(sakura.acts()) == 1
    assert "alert-warning" in site.get(client, sakura.path).text


def test_a_menu_is_set_again(site: Site, sakura: Sakura, database: Database) -> None:
    with database.begin() as db:
        db.get_one(Friend, sakura.friend.id).menu_stale_at = None
    site.post(site.as_(Role.EDITOR), f"{sakura.path}/menu")
    (friend,) = sakura.rows(Friend)
    assert friend.menu_stale_at is not None
    assert [act.act for act in sakura.acts()] == ["person.menu_again"]


def test_all_of_it_can_be_handed_out(site: Site, sakura: Sakura) -> None:
    answer = site.post(site.as_(Role.ADMIN), f"{sakura.path}/export")
    assert answer.mimetype == "application/json"
    named = f'attachment; filename="person-{sakura.member.id}.json"'
    assert answer.headers["Content-Disposition"] == named
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.text)["member"]["name"] == "結城 さくら"
    assert [act.act for act in sakura.acts()] == ["person.exported"]


def test_erasing_is_typed_and_says_what_stays(site: Site, sakura: Sakura) -> None:
    client = site.as_(Role.ADMIN)
    asked = page(site.get(client, f"{sakura.path}/erase")).text
    for key in ("members.kept_friend", "members.kept_links", "members.kept_blank_events"):
        assert text(key, "ja") in asked
    wrong = site.post(client, f"{sakura.path}/erase", {"confirm": "M1234567"})
    assert wrong.status_code == 400
    assert len(sakura.rows(Member)) == 1
    done = site.post(client, f"{sakura.path}/erase", {"confirm": " Ｍ12345678 "})
    assert done.location == "/staff/people"
    assert sakura.rows(Member) == []
    (link,) = sakura.rows(Link)
    assert (link.member_id, link.ended_why) == (None, Ended.ERASED)
    (act,) = sakura.acts()
    said = f"{act.name}{act.before}{act.after}"
    assert act.act == "person.erased"
    assert not any(each in said for each in ("結城", "さくら", "M12345678", PHONE))
    assert site.get(client, sakura.path).status_code == 404


def test_erasing_keeps_nothing_of_line_of_a_member_who_was_never_there(
    site: Site, database: Database, now: datetime
) -> None:
    with database.begin() as db:
        member, friend = a_member(db, now), a_friend(db, now)
    client = site.as_(Role.ADMIN)
    asked = page(site.get(client, f"/staff/people/member/{member.id}/erase")).text
    for key in leaving.KEPT:
        assert text(key, "ja") not in asked
    assert t("erase.audit") in asked
    asked = page(site.get(client, f"/staff/people/friend/{friend.id}/erase")).text
    assert [text(key, "ja") in asked for key in leaving.KEPT] == [True, False, True]


def test_a_friend_who_is_no_member(site: Site, database: Database, now: datetime) -> None:
    with database.begin() as db:
        friend = a_friend(db, now, display_name="Rin", following=False)
    path, client = f"/staff/people/friend/{friend.id}", site.as_(Role.ADMIN)
    said = page(site.get(client, path)).text
    assert t("person.no_member") in said
    assert t("state.blocked") in said
    site.post(client, f"{path}/tag", {"tag": "new"})
    assert "new" in page(site.get(client, path)).text
    assert (
        json.loads(site.post(client, f"{path}/export").text)["friends"][0]["display_name"] == "Rin"
    )
    assert site.post(client, f"{path}/erase", {"confirm": "Rin"}).location == "/staff/people"
    with database.read() as db:
        assert db.get_one(Friend, friend.id).display_name == ""


def test_erasing_asks_again_who_one_is(site: Site, sakura: Sakura, clock: SettableClock) -> None:
    client = site.as_(Role.ADMIN)
    token = site.token(client)
    clock.advance(minutes=20)
    path = f"{sakura.path}/erase"
    assert "/staff/sure" in client.get(path).location
    sent = client.post(path, data={"confirm": "M12345678", "csrf_token": token})
    assert "/staff/sure" in sent.location
    assert len(sakura.rows(Member)) == 1


ACTS = {"phone": Role.EDITOR, "tag": Role.EDITOR, "untag": Role.EDITOR, "unlink": Role.EDITOR,
        "menu": Role.EDITOR, "export": Role.ADMIN, "erase": Role.ADMIN}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", Role)
def test_who_may_do_what(site: Site, sakura: Sakura, act: str, role: Role) -> None:
    answer = site.post(site.as_(role), f"{sakura.path}/{act}", {"tag": "x", "confirm": ""})
    assert (answer.status_code == 403) is (not role.covers(ACTS[act]))
    if answer.status_code == 403:
        assert sakura.acts() == []
