"""Publishing in the browser: what it would do, asking for it, watching it, and undoing it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from core.database import Database
from core.settings import Settings
from line.fake import FakeLine
from line.gateway import AreaTaps, LineRefused, LineUnavailable, MenuTaps
from models import MenuBook, PublishRun, Role, StaffAudit
from richmenus import (
    assignment,
    carrying_out,
    drafts,
    following,
    foresight,
    links,
    publications,
    publishing,
    taps,
)
from richmenus.links import Place
from tests.conftest import SettableClock
from tests.richmenus.situations import Folder, put_friend, put_link, put_member, tab
from tests.staff.conftest import Site, page
from texts import text


class Studio:
    """The site with a desk and a worker."""

    def __init__(self, site: Site, line: FakeLine) -> None:
        self.site, self.line, self.database = site, line, site.database

    def work(self) -> None:
        how = (self.database, self.line, self.site.clock, self.site.settings)
        carrying_out.work(self.database, self.line, self.site.clock)
        assignment.work(*how)
        self.site.clock.advance(minutes=1)
        assignment.work(*how)

    def friends(self, number: int, **member: Any) -> None:
        with self.database.begin() as db:
            for _ in range(number):
                friend = put_friend(db, self.site.clock())
                if member:
                    new = put_member(db, self.site.clock(), **member)
                    put_link(db, friend.id, new, self.site.clock())

    def save(self, rules: list[Any]) -> None:
        self.site.save_rules(rules)

    def rules(self) -> list[Any]:
        return self.site.rules()

    def number(self) -> int:
        with self.database.read() as db:
            return publications.current_number(db)

    def publish(self, client: Any, **form: str) -> Any:
        return self.site.post(client, "/staff/publishing", {"do": "now"} | form)

    def acts(self) -> list[str]:
        with self.database.read() as db:
            act = StaffAudit.act
            return sorted(db.scalars(select(act).where(act.startswith("publishing."))))


@pytest.fixture
def settings(make_settings: Callable[..., Settings], tmp_path: Any) -> Settings:
    return Folder(tmp_path / "menus", make_settings()).settings


@pytest.fixture
def studio(
    make_site: Callable[..., Site], database: Database, settings: Settings, line: FakeLine
) -> Studio:
    site = make_site(database, settings)
    drafts.see_to(database, settings, site.clock())
    return Studio(site, line)


@pytest.fixture
def published(studio: Studio) -> Studio:
    studio.friends(3, rank="gold")
    studio.friends(2)
    studio.publish(studio.site.as_(Role.PUBLISHER))
    studio.work()
    assert studio.number() == 1
    return studio


def test_the_first_publishing_is_foreseen_asked_for_and_carried_out(studio: Studio) -> None:
    studio.friends(4)
    client = studio.site.as_(Role.PUBLISHER)
    shown = studio.site.get(client, "/staff/publishing").text
    assert "まだ一度も公開していません" in shown
    assert "リッチメニューを4個作成" in shown
    assert "画像を4枚送信" in shown
    assert "「Gold」を追加" in shown
    answer = studio.publish(client)
    assert answer.status_code == 303
    path = answer.location
    assert "まもなく始まります" in studio.site.get(client, path).text
    assert '<meta http-equiv="refresh"' in studio.site.get(client, path).text
    studio.work()
    after = studio.site.get(client, path).text
    assert "公開しました（公開番号1）" in after
    assert "http-equiv" not in after
    state = client.get(f"{path}.json").get_json()
    assert state["ended"]
    assert state["done"] == state["all"] > 5
    assert "公開中の内容と同じです" in studio.site.get(client, "/staff/publishing").text
    assert studio.acts() == ["publishing.asked"]


def test_who_gets_another_menu_is_said_from_which_to_which(published: Studio) -> None:
    published.save(published.rules()[1:])
    shown = published.site.get(published.site.as_(Role.VIEWER), "/staff/publishing").text
    row = re.search(r"<td>Gold</td><td>Member</td><td[^>]*>.*?>3<", shown)
    assert row
    assert "3人を別のメニューに切り替える" in shown
    assert "ルール「gold member」を削除" in shown
    assert 'value="now"' not in shown, "a viewer is told whom to ask"
    assert "公開担当者" in shown


def test_nothing_is_published_that_the_publisher_has_not_seen(published: Studio) -> None:
    """An editor saves between the publisher's look and the publisher's click."""
    client = published.site.as_(Role.PUBLISHER)
    published.save(published.rules()[1:])
    shown = published.site.get(client, "/staff/publishing").text
    seen = re.findall(r'name="seen" value="([^"]+)"', shown)
    assert len(seen) == 2
    assert seen[0] == seen[1]
    published.save(published.rules()[1:])
    for form in ({"do": "now"}, {"do": "later", "day": "2026-04-02", "time": "10:00"}):
        refused = published.publish(client, seen=seen[0], **form)
        assert refused.status_code == 422
        assert text("staff_publish.publish.moved_on", "ja") in page(refused).text
    anew = re.findall(r'name="seen" value="([^"]+)"', refused.text)
    assert published.publish(client, seen=anew[0]).status_code == 303


def test_above_a_thousand_the_number_is_typed(
    published: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foresight, "SURE_ABOVE", 2)
    published.save(published.rules()[1:])
    client = published.site.as_(Role.PUBLISHER)
    assert 'name="confirm"' in published.site.get(client, "/staff/publishing").text
    for typed in ("", "yes", "2", "-3"):
        answer = published.publish(client, confirm=typed)
        assert answer.status_code == 422
        assert "表示されているとおりに" in answer.text
    published.work()
    assert published.number() == 1
    assert published.publish(client, confirm="3").status_code == 303
    published.work()
    assert published.number() == 2


def test_only_one_is_published_at_a_time_and_the_other_is_told(published: Studio) -> None:
    published.save(published.rules()[1:])
    one, other = published.site.as_(Role.PUBLISHER), published.site.as_(Role.ADMIN)
    published.publish(one)
    answer = published.publish(other)
    assert answer.status_code == 422
    assert "ほかの公開を実行中です" in answer.text
    assert "公開を実行中です" in published.site.get(other, "/staff/publishing").text


def test_somebody_at_the_terminal_is_told_of(published: Studio) -> None:
    with published.database.begin() as db:
        until = published.site.clock() + timedelta(seconds=40)
        db.execute(update(MenuBook).values(publishing_until=until))
    shown = published.site.get(published.site.as_(Role.VIEWER), "/staff/publishing").text
    assert "コマンドから公開を実行中" in shown


def test_line_out_of_reach_is_said_and_does_not_hide_the_rest(published: Studio) -> None:
    published.save(published.rules()[1:])
    published.line.fail_with["menus"] = LineUnavailable("503 down")
    shown = published.site.get(published.site.as_(Role.PUBLISHER), "/staff/publishing").text
    assert "LINEに問い合わせできませんでした" in shown
    assert "ルール「gold member」を削除" in shown


def test_a_refusal_of_lines_is_shown_with_its_words(published: Studio) -> None:
    published.save(published.rules()[1:])
    published.line.fail_with["set_menu_alias"] = LineRefused("400 no such alias", 400)
    published.line.aliases.clear()
    client = published.site.as_(Role.PUBLISHER)
    shown = published.site.get(client, "/staff/publishing").text
    assert "こちらの記録と違うところがあります" in shown
    path = published.publish(client).location
    published.work()
    shown = published.site.get(client, path).text
    assert "受け付けられなかったため" in shown
    assert "400 no such alias" in shown


def test_what_was_published_says_how_to_undo_it(published: Studio) -> None:
    client = published.site.as_(Role.PUBLISHER)
    published.save([published.rules()[-1]])
    second = published.publish(client).location
    published.work()
    back = 'href="/staff/publishing/history/1"'
    assert back in published.site.get(client, second).text
    assert back not in published.site.get(published.site.as_(Role.EDITOR), second).text
    published.save([published.rules()[-1] | {"because": "さらに"}])
    published.publish(client)
    published.work()
    assert back not in published.site.get(client, second).text, "it is not the last one any more"


def test_what_stopped_is_published_after_all_as_it_was(published: Studio) -> None:
    site, wanted = published.site, published.rules()[1:]
    published.save(wanted)
    published.line.fail_with["*"] = LineRefused("400 no", 400)
    client = site.as_(Role.PUBLISHER)
    path = published.publish(client).location
    published.work()
    published.line.fail_with.clear()
    same = site.get(client, path).text
    assert "いまの編集内容と同じです" in same
    assert f"{path}/again" not in same
    assert "/staff/today/aside/publishing" in site.get(client, "/staff/today").text
    published.save([*wanted[:-1], wanted[-1] | {"because": "あとの編集"}])
    assert f"{path}/again" in site.get(client, path).text
    assert f"{path}/again" not in site.get(site.as_(Role.EDITOR), path).text
    first = site.post(client, f"{path}/again").location
    assert first != path
    twice = site.post(client, f"{path}/again")
    assert twice.status_code == 422
    assert "ほかの公開を実行中です" in twice.text
    published.work()
    assert "公開番号2" in site.get(client, first).text
    assert "あとの編集" in str(published.rules())
    with published.database.read() as db:
        in_force = publications.in_force(db)
    assert in_force
    assert list(in_force.edition.rules) == wanted
    assert "/staff/today/aside" not in site.get(client, "/staff/today").text
    assert site.post(client, f"{first}/again").location == first, "it is done"


# At a time


def later(studio: Studio, **form: str) -> Any:
    given = {"do": "later", "day": "2026-04-02", "time": "09:00"} | form
    return studio.site.post(studio.site.as_(Role.PUBLISHER), "/staff/publishing", given)


def test_what_is_scheduled_stands_in_the_calendar_and_among_what_comes(published: Studio) -> None:
    published.save(published.rules()[1:])
    path = later(published)
    shown = page(published.site.get(published.site.as_(Role.VIEWER), "/staff/rules/calendar"))
    assert path.status_code == 303
    assert "2026-04-02 09:00 予約した公開（publisher 花子）" in shown.text
    assert "予定されている切り替わりはありません" not in shown.text


def test_what_is_scheduled_is_what_it_was_and_says_when_the_desk_moved_on(
    published: Studio,
) -> None:
    published.save(published.rules()[1:])
    assert later(published).status_code == 303
    client = published.site.as_(Role.PUBLISHER)
    assert "いまの編集内容と同じ" in published.site.get(client, "/staff/publishing").text
    published.save(published.rules()[1:])
    shown = published.site.get(client, "/staff/publishing").text
    assert "予約したあとに編集されています" in shown
    path = re.search(r'href="(/staff/publishing/runs/[^"]+)"', shown)
    assert path
    run = published.site.get(client, path[1]).text
    assert "予約した公開" in run
    assert "予約したあとに編集されています" in run
    published.site.clock.advance(days=2)
    published.work()
    with published.database.read() as db:
        now = publications.in_force(db)
        assert now
        assert len(now.edition.rules) == 2, "not what was saved afterwards"


@pytest.mark.parametrize(
    "form", [{"day": ""}, {"day": "x"}, {"time": "99:99"}, {"day": "2020-01-01"}]
)
def test_a_time_that_cannot_be_is_said(published: Studio, form: dict[str, str]) -> None:
    published.save(published.rules()[1:])
    answer = later(published, **form)
    assert answer.status_code == 422
    assert 'id="day-error"' in answer.text


def test_a_scheduled_one_is_cancelled(published: Studio) -> None:
    published.save(published.rules()[1:])
    later(published)
    client = published.site.as_(Role.PUBLISHER)
    shown = published.site.get(client, "/staff/publishing").text
    path = re.search(r'action="(/staff/publishing/runs/[^"]+/cancel)"', shown)
    assert path
    published.site.post(client, path[1])
    said = published.site.get(client, "/staff/publishing").text
    assert "公開を取り消しました" in said
    undo = re.search(r'action="(/staff/publishing/runs/[^"]+/schedule)"', said)
    assert undo
    for _ in range(2):  # pressed twice
        published.site.post(client, undo[1])
    again = published.site.get(client, "/staff/publishing").text
    assert "2026-04-02 09:00 の公開を予約しました" in again
    assert len(set(re.findall(r'/staff/publishing/runs/[^"]+/cancel', again))) == 1
    published.site.post(client, path[1])
    published.site.clock.advance(days=2)
    published.work()
    assert published.number() == 1
    client = published.site.as_(Role.PUBLISHER)  # two days later, somebody signs in anew
    published.site.post(client, path[1])
    assert "取り消せませんでした" in published.site.get(client, "/staff/publishing").text
    assert "取り消されました" in published.site.get(client, path[1].removesuffix("/cancel")).text
    published.site.post(client, undo[1])
    assert "予約を戻せませんでした" in published.site.get(client, "/staff/publishing").text
    assert published.acts() == [
        "publishing.asked", *["publishing.cancelled"] * 2, *["publishing.scheduled"] * 2,
    ]  # fmt: skip


def test_a_cancelled_one_that_is_scheduled_again_is_published_at_its_time(
    published: Studio,
) -> None:
    published.save(published.rules()[1:])
    later(published)
    client = published.site.as_(Role.PUBLISHER)
    shown = published.site.get(client, "/staff/publishing").text
    run = re.findall(r'action="(/staff/publishing/runs/[^"]+)/cancel"', shown)[0]
    published.site.post(client, f"{run}/cancel")
    published.site.post(client, f"{run}/schedule")
    published.site.clock.advance(days=2)
    published.work()
    assert published.number() == 2
    client = published.site.as_(Role.PUBLISHER)
    published.site.post(client, f"{run}/schedule")
    assert "予約を戻せませんでした" in published.site.get(client, "/staff/publishing").text


def test_the_history_is_read_from_either_end(published: Studio) -> None:
    for n in range(2, 13):
        published.save([published.rules()[-1] | {"because": f"その{n}"}])
        published.publish(published.site.as_(Role.PUBLISHER))
        published.work()

    def cards(query: str) -> dict[int, str]:
        shown = page(published.site.get(published.site.as_(Role.VIEWER), PAST + query)).root
        said = [each.text for each in shown.all("li") if "公開番号" in each.text]
        return {int(re.findall(r"公開番号 (\d+) ", each)[0]): each for each in said}

    assert list(cards("")) == list(range(12, 2, -1))
    assert list(cards("?page=2")) == [2, 1]
    assert list(cards("?sort=at")) == list(range(1, 11))
    assert list(cards("?sort=at&page=2")) == [11, 12]
    assert list(cards("?sort=at&page=3")) == []
    for query in ("", "?sort=at"):
        assert "ルール「その3」（Guest）を追加ルール「その2」を削除" in cards(query)[3], (
            "as against the one before it"
        )


PAST = "/staff/publishing/history"


# Undoing


def test_any_earlier_publication_is_brought_back_onto_the_desk_and_published(
    published: Studio,
) -> None:
    before = published.rules()
    published.save(before[1:])
    client = published.site.as_(Role.PUBLISHER)
    published.publish(client)
    published.work()
    history = published.site.get(client, "/staff/publishing/history").text
    assert history.index("公開番号 2") < history.index("公開番号 1")
    assert "ルール「gold member」を削除" in history
    assert history.count("<figure>") == 8
    shown = published.site.get(client, "/staff/publishing/history/1").text
    assert "ルール「gold member」（Gold）を追加" in shown
    answer = published.site.post(client, "/staff/publishing/history/1/undo")
    assert answer.status_code == 303
    assert published.rules() == before, "it lies on the desk again"
    published.work()
    assert published.number() == 3
    assert (
        "公開番号1の内容に戻したもの"
        in published.site.get(client, "/staff/publishing/history").text
    )
    assert "publishing.undone" in published.acts()


def test_undoing_many_peoples_menus_is_typed_too(
    published: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.save(published.rules()[1:])
    client = published.site.as_(Role.PUBLISHER)
    published.publish(client)
    published.work()
    monkeypatch.setattr(foresight, "SURE_ABOVE", 2)
    answer = published.site.post(client, "/staff/publishing/history/1/undo", {"confirm": ""})
    assert answer.status_code == 422
    assert len(published.rules()) == 2
    answer = published.site.post(client, "/staff/publishing/history/1/undo", {"confirm": "3"})
    assert answer.status_code == 303


def test_what_is_not_there_is_not_found(published: Studio) -> None:
    client = published.site.as_(Role.PUBLISHER)
    for path in (
        "/staff/publishing/history/99",
        f"/staff/publishing/runs/{'0' * 8}-{'-'.join(['0' * 4] * 3)}-{'0' * 12}",
    ):
        assert published.site.get(client, path).status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
def test_only_publishers_publish_schedule_cancel_and_undo(published: Studio, role: Role) -> None:
    client = published.site.as_(role)
    assert published.publish(client).status_code == 403
    assert published.site.post(client, "/staff/publishing/history/1/undo").status_code == 403
    with published.database.read() as db:
        run = db.scalars(select(PublishRun).order_by(PublishRun.asked_at.desc())).first()
    assert run
    path = f"/staff/publishing/runs/{run.id}/cancel"
    assert published.site.post(client, path).status_code == 403


@pytest.mark.parametrize(
    "path", ["/staff/publishing", "/staff/publishing/history", "/staff/publishing/history/1"]
)
def test_a_page_asks_as_much_of_the_database_whatever_the_number_of_friends(
    published: Studio, clock: SettableClock, path: str
) -> None:
    client = published.site.as_(Role.PUBLISHER)
    published.site.get(client, path)
    with published.site.queries() as few:
        published.site.get(client, path)
    published.friends(2_000)
    with published.site.queries() as many:
        published.site.get(client, path)
    assert len(many) == len(few) <= 24


def test_a_run_that_waits_for_line_says_so(published: Studio) -> None:
    published.save(published.rules()[1:])
    client = published.site.as_(Role.PUBLISHER)
    path = published.publish(client).location
    published.line.fail_with["menus"] = LineUnavailable("503 down")
    published.work()
    assert "もう一度試しています" in published.site.get(client, path).text
    state = client.get(f"{path}.json").get_json()
    assert (state["state"], state["ended"]) == ("again", False)
    with published.database.read() as db:
        assert db.scalars(select(PublishRun).order_by(PublishRun.asked_at.desc())).first()


# Taps


def test_taps_are_shown_on_the_picture_and_in_a_table(published: Studio) -> None:
    client = published.site.as_(Role.VIEWER)
    with published.database.begin() as db:
        now = publications.in_force(db)
        assert now
        places = {(key, tab): UUID(each) for key, tab, each in now.publication.pages}
        day = published.site.clock().astimezone(published.site.settings.zone).date()
        for _ in range(1_234):
            taps.count(db, places["member", "home"], 0, day)
    shown = published.site.get(client, "/staff/taps").text
    assert shown.count('<svg class="heat"') == 4
    assert "1: 1,234" in shown
    assert shown.count('class="heat-line"') == 1, "only what was tapped has an outline"
    assert "Member（タブ1）" in shown
    assert "/ home" not in shown
    assert "計測できません" not in shown, "links to our pages say where they stand"
    assert published.site.get(client, "/staff/taps?days=7").status_code == 200
    assert published.site.get(client, "/staff/taps?days=x").status_code == 200


def test_websites_are_counted_when_staff_want_it(studio: Studio) -> None:
    folder = Folder(studio.site.settings.menus_dir, studio.site.settings)
    site = {"type": "uri", "uri": "https://brand.example/shop"}
    box = {"x": 0, "y": 0, "width": 100, "height": 100}
    areas = [{"bounds": box, "action": each} for each in (site | {"tracked": True}, site)]
    folder.write("guest", {"name": "Guest", **tab(areas=areas)})
    publishing.apply(studio.database, studio.line, folder.read(), studio.site.clock)
    place = Place("guest", "main", 0)
    address = links.tracked(place, "https://brand.example/shop", studio.site.settings)
    now, token = studio.site.clock(), address.rpartition("/")[2]
    client = studio.site.as_(Role.VIEWER)
    for taps_, share in ((9, "–"), (10, "100%")):
        for _ in range(9 if taps_ == 9 else 1):
            following.count(studio.database, place, now, studio.site.settings, token=token)
        shown = page(studio.site.get(client, "/staff/taps"))
        rows = [[cell.text for cell in row.all("td")] for row in shown.root.all("tr")]
        assert ["1", "リンク https://brand.example/shop", str(taps_), share] in rows, (
            "by its address"
        )
    assert ["2", "リンク https://brand.example/shop", "計測できません"] in rows


def test_before_publishing_the_page_says_what_to_do(studio: Studio) -> None:
    shown = studio.site.get(studio.site.as_(Role.VIEWER), "/staff/taps").text
    assert "まだ公開していません" in shown


def test_lines_own_numbers_are_fetched_by_a_button(published: Studio) -> None:
    client = published.site.as_(Role.EDITOR)
    published.site.post(client, "/staff/taps/line", {"days": "7"})
    shown = published.site.get(client, "/staff/taps?days=7").text
    assert "LINEの集計を取得しました" in shown
    assert shown.count("20人未満のため") == 4
    menu = next(iter(published.line.menu_store))
    area = AreaTaps((0, 0, 800, 540), 45, 24)
    published.line.menu_taps_of[menu] = MenuTaps("20260303", "20260401", 567, 300, (area,))
    published.site.post(client, "/staff/taps/line", {"days": "30"})
    shown = published.site.get(client, "/staff/taps").text
    assert "表示567回（300人）" in shown
    assert shown.count("20人未満のため") == 3
    published.line.fail_with["menu_taps"] = LineUnavailable("503 down")
    published.site.post(client, "/staff/taps/line", {"days": "30"})
    assert "取得できませんでした" in published.site.get(client, "/staff/taps").text
