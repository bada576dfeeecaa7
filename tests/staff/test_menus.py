"""The studio's pages: the list, the editor as a plain form, pictures, two editors at once."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from core.errors import NotFound
from line.fake import FakeLine
from models import MenuDraft, MenuPicture, Role, StaffAudit
from richmenus import composing, definitions, desk, drafts, publish_runs, publishing
from tests.richmenus.situations import put_friend, put_link, put_member
from tests.staff.conftest import Site, page
from web.brand import contrast

GOLD = "/staff/menus/key/gold"


def sent(size: tuple[int, int] = (2500, 1686), kind: str = "PNG", **how: Any) -> bytes:
    kept = BytesIO()
    Image.new(how.pop("mode", "RGB"), size, how.pop("color", "teal")).save(kept, kind, **how)
    return kept.getvalue()


def fields(answer: TestResponse) -> dict[str, Any]:
    """The editor's form as a browser without JavaScript would send it, untouched."""
    root = page(answer).by_id("menu-form")
    assert root
    found: dict[str, Any] = {}
    for each in root.all("input", "select", "textarea"):
        kind = each.get("type")
        if not each.get("name") or kind == "file" or each.parent.tag == "template":  # type: ignore[union-attr]
            continue
        if "__area__" in each.get("name"):
            continue
        if kind == "checkbox" and "checked" not in each.attributes:
            continue
        value = each.get("value")
        if each.tag == "select":
            options = each.all("option")
            chosen = [one for one in options if "selected" in one.attributes] or options[:1]
            value = chosen[-1].get("value")
        found[each.get("name")] = value
    return found


class Desk:
    """An editor at the desk."""

    def __init__(self, site: Site, role: Role = Role.EDITOR) -> None:
        self.site, self.client = site, site.as_(role)

    def typed(self, key: str = "gold") -> dict[str, Any]:
        return fields(self.site.get(self.client, f"/staff/menus/key/{key}/edit"))

    def send(self, typed: dict[str, Any], do: str = "save", key: str = "gold") -> TestResponse:
        given = MultiDict(typed | {"do": do})
        return self.site.post(self.client, f"/staff/menus/key/{key}/edit", given)

    def menu(self, key: str = "gold") -> MenuDraft:
        with self.site.database.read() as db:
            return desk.read(db, self.site.settings).menu(key)


@pytest.fixture
def at(site: Site) -> Desk:
    drafts.see_to(site.database, site.settings, site.clock())
    return Desk(site)


@pytest.mark.parametrize(
    "path",
    ["/staff/menus", "/staff/menus/new", GOLD, f"{GOLD}/edit", f"{GOLD}/compose",
     "/staff/menus/key/member/edit", f"{GOLD}/history", f"{GOLD}?as=nobody"],
)  # fmt: skip
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_is_sound(at: Desk, path: str, language: str) -> None:
    at.client.post("/staff/language", data={"language": language})
    assert at.site.get(at.client, path).status_code == 200


def test_the_list_says_who_sees_what(at: Desk, line: FakeLine) -> None:
    site = at.site
    publishing.apply(site.database, line, definitions.read(site.settings), site.clock)
    shown = page(site.get(at.client, "/staff/menus")).text
    assert "ゴールド会員 公開中" in shown
    assert "会員ランクが「gold」、「platinum」のいずれかである" in shown
    assert "個別のメニューがない人にも表示されます" in shown
    typed = at.typed()
    at.send(typed | {"tabs-0-bar": "ゴールド"})
    assert "ゴールド会員 未公開の変更あり" in page(site.get(at.client, "/staff/menus")).text


def test_the_list_says_periods_as_the_rules_do(at: Desk) -> None:
    site = at.site
    period = {"from": "2026-04-10", "until": "2026-04-12", "when": {"tag": "x"}}
    site.save_rules([{"menu": "gold", "because": "花見"} | period, *site.rules()])
    for path in ("/staff/menus", GOLD, "/staff/rules"):
        shown = page(site.get(at.client, path)).text
        assert "2026-04-10 〜 2026-04-12" in shown, "the last day, not the midnight after it"
    assert "最終更新：2026-04-01" in page(site.get(at.client, "/staff/menus")).text


def test_taps_are_told_by_the_names_of_tabs(at: Desk, line: FakeLine) -> None:
    site = at.site
    publishing.apply(site.database, line, definitions.read(site.settings), site.clock)
    shown = page(site.get(at.client, "/staff/taps")).text
    assert "会員（タブ1：会員メニュー）" in shown
    assert "会員（タブ2：お店・サポート）" in shown


def test_taps_on_a_website_are_counted_by_a_tick(at: Desk) -> None:
    site = {"tabs-0-areas-0-kind": "site", "tabs-0-areas-0-uri": "https://brand.example/"}
    first = at.menu().definition["areas"][0]["action"]
    at.send(at.typed() | site | {"tabs-0-areas-0-tracked": "1"})
    wanted = {"type": "uri", "uri": "https://brand.example/", "tracked": True}
    assert at.menu().definition["areas"][0]["action"] == wanted | {"label": first["label"]}
    again = at.typed()
    assert again["tabs-0-areas-0-tracked"] == "1"
    at.send(again)
    assert at.menu().version == 2, "nothing was changed"
    del again["tabs-0-areas-0-tracked"]
    at.send(again)
    assert "tracked" not in at.menu().definition["areas"][0]["action"]


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("line://nv/chat", "ウェブサイトだけです"),
        ("https://brand.example/" + "x" * 800, "文字以内"),
    ],
)
def test_what_cannot_be_counted_is_told_at_the_field(at: Desk, uri: str, told: str) -> None:
    site = {"kind": "site", "uri": uri, "tracked": "1"}
    answer = at.send(at.typed() | {f"tabs-0-areas-0-{name}": site[name] for name in site})
    error = page(answer).by_id("tabs-0-areas-0-uri-error")
    assert error
    assert told in error.text
    assert at.menu().version == 1


def test_the_list_says_what_is_to_be_published(at: Desk) -> None:
    site, when = at.site, at.site.clock() + timedelta(days=3)
    with site.database.begin() as db:
        edition = desk.edition(db, site.settings)
        asked = publish_runs.Asked("花子", None, 0)
        publish_runs.ask(db, edition, asked, site.clock(), at=when)
    shown = page(site.get(at.client, "/staff/menus")).text
    assert "ゴールド会員 公開予約 2026-04-04 12:00" in shown
    at.send(at.typed() | {"tabs-0-bar": "あとで"})
    shown = page(site.get(at.client, "/staff/menus")).text
    assert "ゴールド会員 未公開" in shown, "what is to come is not what lies here any more"


def test_the_list_asks_line_when_told_to(at: Desk, line: FakeLine) -> None:
    site = at.site
    publishing.apply(site.database, line, definitions.read(site.settings), site.clock)
    line.calls.clear()
    site.get(at.client, "/staff/menus")
    assert line.calls == []
    assert "一致しています" in site.get(at.client, "/staff/menus?line=1").text
    line.delete_menu(line.default or "")
    shown = page(site.get(at.client, "/staff/menus?line=1")).text
    assert "メニュー「ゲスト」がLINEにありません" in shown
    assert shown.count("LINEと不一致") == 1, "at the guests' menu alone"
    assert "guest/" not in shown


def test_the_list_asks_no_more_for_many_people(at: Desk) -> None:
    def asked() -> int:
        with at.site.queries() as seen:
            at.site.get(at.client, "/staff/menus")
        return len(seen)

    few = asked()
    with at.site.database.begin() as db:
        for _ in range(50):
            put_friend(db, at.site.clock())
    assert asked() == few <= 12


def test_without_menus_it_says_what_to_do(site: Site, tmp_path: Any) -> None:
    nowhere = site.settings.model_copy(update={"menus_dir": tmp_path / "nowhere"})
    drafts.see_to(site.database, nowhere, site.clock())
    shown = site.get(site.as_(Role.EDITOR), "/staff/menus").text
    assert "リッチメニューがまだありません" in shown


# Editing


def test_an_untouched_form_changes_nothing(at: Desk) -> None:
    for key in ("gold", "member", "guest", "birthday"):
        with at.site.database.read() as db:
            before = desk.edition(db, at.site.settings)
        answer = at.send(at.typed(key), key=key)
        assert answer.status_code == 303, answer.text
        with at.site.database.read() as db:
            assert desk.edition(db, at.site.settings).fingerprint == before.fingerprint


def test_saving(at: Desk) -> None:
    typed = at.typed() | {"tabs-0-bar": "お得なメニュー", "name": "ゴールドの方"}
    typed |= {"tabs-0-areas-1-kind": "site", "tabs-0-areas-1-uri": "https://brand.example/sale"}
    answer = at.send(typed)
    assert answer.location == GOLD
    menu = at.menu()
    assert menu.definition["chatBarText"] == "お得なメニュー"
    assert menu.definition["areas"][1]["action"] == {
        "type": "uri", "uri": "https://brand.example/sale", "label": "ゴールド特典",
    }  # fmt: skip
    assert menu.changed_by == "editor 花子"
    with at.site.database.read() as db:
        line = db.scalars(select(StaffAudit).where(StaffAudit.act == "menu.saved")).one()
    assert (line.thing_id, line.name) == ("gold", "ゴールドの方")
    assert line.before
    assert line.before["name"] == "ゴールド会員"


def test_what_was_saved_can_be_undone_at_once(at: Desk) -> None:
    before = at.menu().definition
    at.send(at.typed() | {"name": "Another"})
    shown = page(at.site.get(at.client, GOLD))
    undo = next(form for form in shown.root.all("form") if "/history/" in form.get("action"))
    given = {each.get("name"): each.get("value") for each in undo.all("input")}
    at.site.post(at.client, undo.get("action"), given)
    assert at.menu().version == 3
    assert at.menu().definition["name"] == before["name"]


ACTIONS: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"kind": "liff", "page": "me"}, {"type": "uri", "uri": "liff:me"}),
    ({"kind": "phone", "phone": "03-1234-5678"}, {"type": "uri", "uri": "tel:0312345678"}),
    ({"kind": "reply", "reply": "shop", "said": "お店"},
     {"type": "postback", "data": "1:reply:shop", "displayText": "お店"}),
    ({"kind": "tag", "tag": "春", "said": ""}, {"type": "postback", "data": "1:tag:春"}),
    ({"kind": "message", "text": "こんにちは"}, {"type": "message", "text": "こんにちは"}),
    ({"kind": "copy", "copied": "SPRING10"}, {"type": "clipboard", "clipboardText": "SPRING10"}),
    ({"kind": "picker", "answer": "shop", "pick": "", "mode": "time"},
     {"type": "datetimepicker", "data": "1:reply:shop", "mode": "time"}),
    ({"kind": "picker", "answer": "other", "pick": "1:day", "mode": "date", "min": "2026-04-01"},
     {"type": "datetimepicker", "data": "1:day", "mode": "date", "min": "2026-04-01"}),
    ({"kind": "postback", "raw": "1:x:y", "said": ""}, {"type": "postback", "data": "1:x:y"}),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "meant"), ACTIONS)
def test_each_kind_of_tap(at: Desk, typed: dict[str, str], meant: dict[str, Any]) -> None:
    mine = {f"tabs-0-areas-0-{name}": value for name, value in typed.items()}
    answer = at.send(at.typed() | mine | {"tabs-0-areas-0-label": ""})
    assert answer.status_code == 303, answer.text
    assert at.menu().definition["areas"][0]["action"] == meant
    again = at.typed()
    assert {name: again[name] for name in mine} == mine | (
        {"tabs-0-areas-0-phone": "0312345678"} if typed["kind"] == "phone" else {}
    )


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"tabs-0-bar": "あ" * 15}, "tabs-0-bar", "14文字以内で入力してください"),
        ({"name": ""}, "name", "入力してください"),
        ({"tabs-0-areas-0-kind": "site", "tabs-0-areas-0-uri": "example.com"},
         "tabs-0-areas-0-uri", "https:// から始まるURL"),
        ({"tabs-0-areas-0-kind": "site", "tabs-0-areas-0-uri": "javascript:alert(1)"},
         "tabs-0-areas-0-uri", "https:// から始まるURL"),
        ({"tabs-0-areas-0-kind": "phone", "tabs-0-areas-0-phone": "x"},
         "tabs-0-areas-0-phone", "入力してください"),
        ({"tabs-0-areas-0-kind": "tab", "tabs-0-areas-0-to": "shop"},
         "tabs-0-areas-0-to", "切り替え先のタブが見つかりません"),
        ({"tabs-0-areas-0-kind": "nonsense"}, "tabs-0-areas-0-kind", "動きを選んでください"),
        ({"tabs-0-areas-0-x": "1"}, "tabs-0-areas-0-x", "はみ出しています"),
        ({"tabs-0-areas-0-width": "wide"}, "tabs-0-areas-0-width", "この値は使えません"),
        ({"tabs-0-areas-0-label": "あ" * 21}, "tabs-0-areas-0-label", "20文字以内"),
        ({"tabs-0-picture": "0" * 64}, "tabs-0-file", "画像を選んでください"),
        ({"tabs-0-picture": ""}, "tabs-0-file", "画像を選んでください"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    at: Desk, typed: dict[str, str], field: str, said: str
) -> None:
    answer = at.send(at.typed() | typed)
    assert answer.status_code == 422
    shown = page(answer)
    at_field = shown.by_id(f"{field}-error")
    assert at_field, answer.text
    assert said in at_field.text
    here = shown.by_id(field)
    assert here
    assert f"{field}-error" in here.get("aria-describedby")
    assert fields(answer) | typed == fields(answer), "what was typed stands there still"
    assert at.menu().version == 1


def test_areas_and_layouts_without_javascript(at: Desk) -> None:
    answer = at.send(at.typed(), "add_area:0")
    typed = fields(answer)
    assert typed["tabs-0-areas-4-kind"] == "reply"
    assert "重なっています" in answer.text
    typed = fields(at.send(typed, "drop_area:0:1"))
    assert "tabs-0-areas-4-kind" not in typed
    typed = fields(at.send(typed | {"tabs-0-layout": "large-6"}, "layout:0"))
    assert (typed["tabs-0-areas-5-x"], typed["tabs-0-areas-5-width"]) == ("1667", "833")
    assert typed["tabs-0-areas-0-kind"] == "liff", "what the first did, it goes on doing"
    assert at.send(typed).status_code == 303
    assert len(at.menu().definition["areas"]) == 6


def test_tabs_without_javascript(at: Desk) -> None:
    typed = fields(at.send(at.typed(), "add_tab"))
    assert typed["tabs-1-tab"] == "tab2"
    typed |= {"tabs-0-areas-0-kind": "tab", "tabs-0-areas-0-to": "tab2"}
    assert at.send(typed).status_code == 303
    tabs = at.menu().definition["tabs"]
    assert [(tab["tab"], tab["name"]) for tab in tabs] == [("main", "タブ1"), ("tab2", "タブ2")]
    typed = fields(at.send(at.typed(), "earlier:1"))
    assert (typed["tabs-0-tab"], typed["tabs-1-tab"]) == ("tab2", "main")
    typed = fields(at.send(typed, "drop_tab:0"))
    typed["tabs-0-areas-0-kind"] = "reply"
    assert at.send(typed).status_code == 303
    assert "tabs" not in at.menu().definition


def test_tabs_have_names_in_the_words_of_staff_and_keep_their_aliases(at: Desk) -> None:
    before = at.menu("member")
    typed = at.typed("member")
    assert (typed["tabs-0-tab"], typed["tabs-0-called"]) == ("home", "会員メニュー")
    with at.site.database.read() as db:
        edition = desk.edition(db, at.site.settings)
    answer = at.send(typed | {"tabs-1-called": "店舗とサポート 🛍️"}, key="member")
    assert answer.status_code == 303, answer.text
    tabs = at.menu("member").definition["tabs"]
    assert [(tab["tab"], tab["name"]) for tab in tabs] == [
        ("home", "会員メニュー"), ("shop", "店舗とサポート 🛍️"),
    ]  # fmt: skip
    assert tabs[0]["areas"] == before.definition["tabs"][0]["areas"], "switches lead where they did"
    with at.site.database.read() as db:
        assert desk.edition(db, at.site.settings).fingerprint == edition.fingerprint
    shown = page(at.site.get(at.client, "/staff/menus/key/member")).text
    assert "タブを切り替える：店舗とサポート 🛍️" in shown
    assert "shop" not in shown


def test_tabs_that_nobody_named_are_called_by_their_keys(at: Desk) -> None:
    with at.site.database.begin() as db:
        row = desk.read(db, at.site.settings).menu("member")
        tabs = [{k: v for k, v in each.items() if k != "name"} for each in row.definition["tabs"]]
        row.definition = {**row.definition, "tabs": tabs}
    typed = at.typed("member")
    assert (typed["tabs-0-called"], typed["tabs-1-called"]) == ("home", "shop")
    at.send(typed, key="member")
    assert at.menu("member").version == 1, "nothing was changed"
    at.send(typed | {"tabs-0-called": "ホーム"}, key="member")
    assert [tab.get("name") for tab in at.menu("member").definition["tabs"]] == ["ホーム", None]


@pytest.mark.parametrize(
    ("name", "said"), [("お店・サポート", "2つあります"), ("あ" * 31, "30文字以内")]
)
def test_names_of_tabs_that_cannot_be(at: Desk, name: str, said: str) -> None:
    answer = at.send(at.typed("member") | {"tabs-0-called": name, "tabs-1-called": "お店・サポート"},
                     key="member")  # fmt: skip
    assert answer.status_code == 422
    shown = page(answer)
    errors = [shown.by_id(f"tabs-{n}-called-error") for n in (0, 1)]
    assert any(each and said in each.text for each in errors), answer.text


def test_a_switch_to_a_tab_that_was_removed_is_pointed_out(at: Desk) -> None:
    answer = at.send(at.typed("member"), "drop_tab:1", key="member")
    assert "（削除されたタブ）" in answer.text
    answer = at.send(fields(answer), key="member")
    error = page(answer).by_id("tabs-0-areas-0-to-error")
    assert error
    assert "切り替え先のタブが見つかりません" in error.text


def test_names_of_new_tabs_are_never_there_already(at: Desk) -> None:
    typed = fields(at.send(at.typed(), "add_tab")) | {"tabs-0-called": "タブ3"}
    typed = fields(at.send(typed, "add_tab"))
    assert [typed[f"tabs-{n}-called"] for n in range(3)] == ["タブ3", "タブ2", "タブ4"]
    assert at.send(typed).status_code == 303


def test_two_editors_at_once(at: Desk) -> None:
    hers, his = at.typed(), at.typed()
    at.send(hers | {"name": "Hers"})
    answer = at.send(his | {"name": "His"})
    assert answer.status_code == 409
    shown = page(answer).text
    assert "ほかの人がこのメニューを保存しました" in shown
    assert "「Hers」" in shown
    assert "「His」" in shown
    assert at.menu().definition["name"] == "Hers"
    assert at.send(fields(answer)).status_code == 303
    assert at.menu().definition["name"] == "His"
    with at.site.database.read() as db:
        names = [save.definition["name"] for save in desk.history(db, "gold")]
    assert names == ["His", "Hers", "ゴールド会員"]


def test_removed_while_somebody_edits(at: Desk) -> None:
    site = at.site
    site.save_rules([rule for rule in site.rules() if rule["menu"] != "gold"])
    typed = at.typed()
    site.post(at.client, f"{GOLD}/remove", {"seen": "1"})
    assert site.get(at.client, f"{GOLD}/edit").status_code == 404
    answer = at.send(typed | {"name": "Mine"})
    assert answer.status_code == 409
    assert "このメニューを削除しました" in answer.text
    assert at.send(fields(answer)).status_code == 303
    assert at.menu().definition["name"] == "Mine"


def test_what_rules_show_cannot_be_removed(at: Desk) -> None:
    assert "先にルールから外してください" in at.site.get(at.client, GOLD).text
    answer = at.site.post(at.client, f"{GOLD}/remove", {"seen": "1"})
    assert answer.status_code == 409
    assert at.menu()


# Making


def test_a_new_menu_from_a_layout(at: Desk) -> None:
    answer = at.site.post(
        at.client, "/staff/menus/new", {"name": "春のメニュー", "from": "layout:compact-3"}
    )
    assert answer.location == "/staff/menus/key/menu-2/compose"
    menu = at.menu("menu-2")
    assert menu.definition["size"] == {"width": 2500, "height": 843}
    assert len(menu.definition["areas"]) == 3
    with at.site.database.read() as db:
        desk.edition(db, at.site.settings)


def test_a_new_menu_can_be_taken_back_at_once(at: Desk) -> None:
    at.site.post(at.client, "/staff/menus/new", {"name": "春", "from": "copy:gold"})
    shown = page(at.site.get(at.client, "/staff/menus"))
    undo = next(form for form in shown.root.all("form") if form.get("action").endswith("/remove"))
    given = {each.get("name"): each.get("value") for each in undo.all("input")}
    at.site.post(at.client, undo.get("action"), given)
    with pytest.raises(NotFound):
        at.menu("gold-2")


def test_a_new_menu_as_a_copy(at: Desk) -> None:
    given = {"name": "春の会員", "from": "copy:member"}
    answer = at.site.post(at.client, "/staff/menus/new", given)
    assert answer.location == "/staff/menus/key/member-2/edit"
    copy, first = at.menu("member-2"), at.menu("member")
    assert copy.definition == {**first.definition, "name": "春の会員"}
    assert copy.pictures == first.pictures


def test_composing(at: Desk) -> None:
    shown = page(at.site.get(at.client, f"{GOLD}/compose"))
    root = next(form for form in shown.root.all("form") if form.get("action").endswith("/compose"))
    typed = {"tab": "main", "seen": "1", "layout": "compact-2", "style": "plain", "width": "1200"}
    typed |= {"ground": "#ffffff", "cells-0-words": "マイ\r\nページ", "cells-0-icon": "card"}
    typed |= {"cells-0-color": "#ffffff", "cells-0-ink": "#ffff00", "cells-1-words": "お店"}
    typed |= {"cells-1-color": "#000000", "cells-1-ink": "#ffffff", "cells-1-icon": ""}
    assert root
    answer = at.site.post(at.client, f"{GOLD}/compose", typed | {"do": "show"})
    assert "読みにくくなっています" in answer.text
    assert at.menu().version == 1
    answer = at.site.post(at.client, f"{GOLD}/compose", typed | {"do": "use"})
    assert answer.location == f"{GOLD}/edit?tab=main", answer.text
    menu = at.menu()
    assert menu.definition["size"] == {"width": 1200, "height": 405}
    assert [area["action"]["label"] for area in menu.definition["areas"]] == ["マイページ", "お店"]
    assert menu.definition["areas"][0]["action"]["uri"] == "liff:me", "it does what it did"
    again = at.site.get(at.client, f"{GOLD}/compose").text
    assert "マイ\nページ" in again
    assert "#ffff00" in again


def chosen_icons(answer: TestResponse) -> list[str]:
    selects = [each for each in page(answer).root.all("select") if "icon" in each.get("name")]
    return [
        next(o.get("value") for o in each.all("option") if "selected" in o.attributes)
        for each in selects
    ]


def test_an_icon_follows_its_words_until_it_is_chosen_by_hand(at: Desk) -> None:
    typed = {"tab": "main", "seen": "1", "layout": "large-2-rows", "do": "use"}
    typed |= {"cells-0-words": "クーポン", "cells-0-icon": "by-words"}
    typed |= {"cells-1-words": "クーポン", "cells-1-icon": "heart"}
    shown = at.site.post(at.client, f"{GOLD}/compose", typed | {"do": "show"})
    assert chosen_icons(shown) == ["by-words", "heart"]
    at.site.post(at.client, f"{GOLD}/compose", typed)
    assert drawn_icons(at) == ["ticket", "heart"]
    assert chosen_icons(at.site.get(at.client, f"{GOLD}/compose")) == ["by-words", "heart"]
    typed |= {"seen": "2", "cells-0-words": "ポイント", "cells-1-words": "ポイント"}
    at.site.post(at.client, f"{GOLD}/compose", typed)
    assert drawn_icons(at) == ["coin", "heart"]


def drawn_icons(at: Desk) -> list[str]:
    """Of the picture that lies on the desk."""
    (sha256,) = at.menu().pictures.values()
    with at.site.database.read() as db:
        recipe = composing.of(db, sha256)
    assert recipe
    return [cell.icon for cell in recipe.cells]


@pytest.mark.parametrize("name", ["brand", *composing.PALETTES])
def test_all_cells_are_painted_at_once(at: Desk, name: str) -> None:
    typed = {"tab": "main", "seen": "1", "layout": "large-2-rows", "cells-0-words": "春"}
    typed |= {"palette": name, "do": "paint"}
    shown = page(at.site.post(at.client, f"{GOLD}/compose", typed))
    values = {
        each.get("name"): each.get("value") for each in shown.root.all("input") if each.get("name")
    }
    color, ink = values["cells-0-color"], values["cells-0-ink"]
    assert (values["cells-1-color"], values["cells-1-ink"]) == (color, ink)
    assert contrast(color, ink) >= 4.5
    assert name == "brand" or (color, ink, values["ground"]) == composing.PALETTES[name]
    words = next(each for each in shown.root.all("textarea") if each.get("name") == "cells-0-words")
    assert words.text.strip() == "春"
    assert at.menu().version == 1


def test_what_cannot_be_drawn_is_said(at: Desk) -> None:
    typed = {"tab": "main", "seen": "1", "layout": "large-2-rows", "cells-1-words": "春\U00010380"}
    answer = at.site.post(at.client, f"{GOLD}/compose", typed | {"do": "show"})
    assert "画像に描けない文字があります：\U00010380" in answer.text, "before it is saved"
    answer = at.site.post(at.client, f"{GOLD}/compose", typed | {"do": "use"})
    assert answer.status_code == 422
    error = page(answer).by_id("cells-1-words-error")
    assert error
    assert "\U00010380" in error.text
    assert answer.text.count("画像に描けない文字があります") == 2, (
        "above the form, and at its field"
    )
    assert at.menu().version == 1
    wrong = typed | {"cells-0-words": "x", "cells-0-color": "red", "do": "show"}
    assert at.site.post(at.client, f"{GOLD}/compose", wrong).status_code == 422


# Pictures


def upload(at: Desk, content: bytes, name: str = "x.png") -> TestResponse:
    typed = at.typed() | {"tabs-0-file": (BytesIO(content), name), "do": "upload:0"}
    return at.site.post(at.client, f"{GOLD}/edit", typed, content_type="multipart/form-data")


def test_a_picture_that_fits_is_taken_at_once(at: Desk) -> None:
    before = at.menu().pictures
    given = sent(color="navy")
    answer = upload(at, given, "../../etc/passwd")
    typed = fields(answer)
    assert typed["tabs-0-picture"] not in before.values()
    assert at.send(typed).status_code == 303
    menu = at.menu()
    assert menu.pictures == {menu.definition["image"]: typed["tabs-0-picture"]}
    assert re.fullmatch(r"main-[0-9a-f]{8}\.png", menu.definition["image"])
    shown = at.client.get(f"/staff/menus/pictures/{typed['tabs-0-picture']}")
    assert shown.mimetype == "image/png"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in shown.headers["Cache-Control"]
    small = at.client.get(f"/staff/menus/pictures/{typed['tabs-0-picture']}/small")
    assert Image.open(BytesIO(small.data)).size == (640, 432)


def test_another_size_is_offered_in_ways_that_fit(at: Desk) -> None:
    answer = upload(at, sent((2000, 1000)))
    assert "画像の合わせ方を選んでください" in answer.text
    choices = [each.get("value") for each in page(answer).root.all("button")
               if each.get("value").startswith("take:")]  # fmt: skip
    assert len(choices) == 3
    own, crop = choices[0], choices[1]
    typed = fields(at.send(fields(answer), own))
    assert (typed["tabs-0-width"], typed["tabs-0-height"]) == ("2000", "1000")
    assert typed["tabs-0-areas-0-width"] == "2000", "the areas follow"
    assert at.send(typed).status_code == 303
    typed = fields(at.send(fields(answer) | {"seen": "2"}, crop))
    assert typed["tabs-0-width"] == "2500"
    assert at.send(typed).status_code == 303


def test_a_file_sent_with_save_is_not_forgotten(at: Desk) -> None:
    typed = at.typed() | {"tabs-0-file": (BytesIO(sent((1000, 600))), "x.png"), "do": "save"}
    answer = at.site.post(at.client, f"{GOLD}/edit", typed, content_type="multipart/form-data")
    assert "画像の合わせ方を選んでください" in answer.text
    assert at.menu().version == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "読み込めません"),
        (b"<!doctype html><script>alert(1)</script>", "読み込めません"),
        (b"", "読み込めません"),
        (sent((300, 200)), "小さすぎます"),
        (sent()[:500], "画像が壊れて"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why(at: Desk, content: bytes, said: str) -> None:
    answer = upload(at, content)
    assert answer.status_code == 422
    error = page(answer).by_id("tabs-0-file-error")
    assert error
    assert said in error.text
    assert at.menu().version == 1


def test_what_is_hidden_in_a_picture_is_not_kept(at: Desk) -> None:
    exif = Image.Exif()
    exif[0x010E] = "<script>alert('here')</script>"
    given = sent(kind="JPEG", exif=exif) + b"<script>alert('behind')</script>"
    typed = fields(upload(at, given, "x.jpg"))
    with at.site.database.read() as db:
        kept = db.get_one(MenuPicture, typed["tabs-0-picture"])
    assert b"script" not in kept.content
    assert kept.content_type == "image/jpeg"


def test_too_much_is_told_on_a_staff_page_that_leads_back(at: Desk) -> None:
    before = {"Referer": f"http://localhost{GOLD}/compose"}
    answer = at.client.post(f"{GOLD}/compose", data={"tab": "x" * 100_000}, headers=before)
    assert answer.status_code == 413
    shown = page(answer)
    assert "8MB以内" in shown.text
    assert {f"{GOLD}/compose", "/staff/menus"} <= {link.get("href") for link in shown.root.all("a")}


def test_only_the_upload_takes_much(at: Desk) -> None:
    given = {"name": "x" * 100_000, "from": "layout:large-1"}
    assert at.site.post(at.client, "/staff/menus/new", given).status_code == 413


# Looking


def test_seen_as_somebody(at: Desk) -> None:
    site = at.site
    with site.database.begin() as db:
        friend = put_friend(db, site.clock())
        member = put_member(db, site.clock(), number="M-1", rank="gold")
        put_link(db, friend.id, member, site.clock())
    shown = page(site.get(at.client, "/staff/menus/key/guest?as=M-1")).text
    assert "この人には「ゴールド会員」が表示されます" in shown
    assert "会員ランクが「gold」、「platinum」のいずれかである" in shown
    assert "見つかりません" in site.get(at.client, "/staff/menus/key/guest?as=M-2").text


def test_a_link_with_somebody_in_it_leads_to_the_menu_they_would_get(at: Desk) -> None:
    site = at.site
    with site.database.begin() as db:
        friend = put_friend(db, site.clock())
        member = put_member(db, site.clock(), number="M-1", rank="gold")
        put_link(db, friend.id, member, site.clock())
    for known in (str(friend.id), " M-1"):
        answer = at.client.get("/staff/menus/preview", query_string={"as": known})
        assert answer.status_code == 303
        assert (
            "この人には「ゴールド会員」が表示されます" in site.get(at.client, answer.location).text
        )
        assert answer.location.startswith(f"{GOLD}?as=")
    for unknown in ("nobody", "\0"):
        answer = at.client.get("/staff/menus/preview", query_string={"as": unknown})
        assert answer.location.startswith("/staff/menus/key/guest"), "what everybody else sees"
    asked = {"as": "nobody", "from": "birthday"}
    answer = at.client.get("/staff/menus/preview", query_string=asked)
    assert answer.location.startswith("/staff/menus/key/birthday"), "whatever was looked at"
    assert "見つかりません" in site.get(at.client, answer.location).text


def test_a_preview_without_menus_leads_to_the_list(site: Site, tmp_path: Any) -> None:
    nowhere = site.settings.model_copy(update={"menus_dir": tmp_path / "nowhere"})
    drafts.see_to(site.database, nowhere, site.clock())
    answer = site.as_(Role.VIEWER).get("/staff/menus/preview?as=x")
    assert answer.location == "/staff/menus"


def test_seen_as_somebody_whose_name_is_typed(at: Desk) -> None:
    site, path = at.site, "/staff/menus/key/guest"
    with site.database.begin() as db:
        for number, name in (("M-1", "佐藤 花子"), ("M-2", "佐藤 次郎")):
            friend = put_friend(db, site.clock())
            member = put_member(db, site.clock(), number=number, name=name, rank="gold")
            put_link(db, friend.id, member, site.clock())
        put_member(db, site.clock(), number="M-3", name="鈴木 一郎")
    assert (
        "この人には「ゴールド会員」が表示されます"
        in page(site.get(at.client, path, query_string={"as": "佐藤花"})).text
    )
    several = page(site.get(at.client, path, query_string={"as": "佐藤"}))
    assert "この人には" not in several.text
    links = [each for each in several.root.all("a") if "as=" in each.get("href")]
    assert [each.text for each in links] == ["佐藤 次郎", "佐藤 花子"]
    there = at.client.get(links[0].get("href")).location
    assert there.startswith(GOLD)
    assert "この人には「ゴールド会員」が" in page(site.get(at.client, there)).text
    alone = site.get(at.client, path, query_string={"as": "鈴木"}).text
    assert "LINEの友だちとして連携している人が見つかりません" in alone


def test_a_viewer_looks_and_changes_nothing(site: Site, at: Desk) -> None:
    viewer = Desk(site, Role.VIEWER)
    assert "編集</a>" not in site.get(viewer.client, GOLD).text
    assert site.get(viewer.client, "/staff/menus").status_code == 200
    for path in (f"{GOLD}/edit", f"{GOLD}/compose", "/staff/menus/new"):
        assert viewer.client.get(path).status_code == 403
    sha256 = next(iter(at.menu().pictures.values()))
    assert site.client().get(f"/staff/menus/pictures/{sha256}").status_code == 303
    assert viewer.client.get(f"/staff/menus/pictures/{sha256}").status_code == 200
