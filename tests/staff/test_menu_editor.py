"""The area editor in a real browser: by mouse, by keys alone, by finger; and what it tells."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from core.database import Database, connect
from core.settings import Settings
from models import Base, Role
from richmenus import desk, drafts
from simulator.waiting import until
from tests.staff.conftest import COOKIE, Site

SCRIPTS = 3
"""Of the editor and of composing."""
EDIT = "/staff/menus/key/gold/edit"


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Nothing."""


class Served:
    """A staff site that browsers reach, and somebody at it."""

    def __init__(self, site: Site, address: str) -> None:
        self.site, self.address = site, address

    def sign_in(self, context: BrowserContext, role: Role = Role.EDITOR) -> Page:
        cookie = self.site.as_(role).get_cookie(COOKIE)
        assert cookie
        context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": self.address}])
        return context.new_page()

    def menu(self, key: str = "gold") -> Any:
        with self.site.database.read() as db:
            return desk.read(db, self.site.settings).menu(key)


@pytest.fixture
def served(
    tmp_path: Path, make_site: Callable[[Database, Settings], Site], settings: Settings
) -> Iterator[Served]:
    database = connect(f"sqlite:///{tmp_path / 'site.db'}")
    Base.metadata.create_all(database.engine)
    site = make_site(database, settings)
    drafts.see_to(database, settings, site.clock())
    server = make_server("127.0.0.1", 0, site.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield Served(site, f"http://127.0.0.1:{server.port}")
    server.shutdown()
    thread.join()
    server.server_close()
    database.close()


@pytest.fixture
def desktop(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    yield context
    context.close()


@pytest.fixture
def page(served: Served, desktop: BrowserContext) -> Page:
    page = served.sign_in(desktop)
    page.goto(f"{served.address}{EDIT}")
    return page


def box(page: Page, n: int, tab: int = 0) -> list[int]:
    """What the number fields of the n-th area say, counted from 0."""
    area = page.locator(f"#tab-{tab} [data-area]").nth(n)
    return [
        int(area.locator(f"[data-side={side}]").input_value())
        for side in ("x", "y", "width", "height")
    ]


def areas(page: Page) -> Locator:
    return page.locator("#tab-0 .menu-area")


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where on the screen a pixel of the picture is."""
    board = page.locator("#tab-0 [data-board]").bounding_box()
    assert board
    return board["x"] + board["width"] * x / 2500, board["y"] + board["height"] * y / 1686


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *start))
    page.mouse.down()
    page.mouse.move(*at(page, *((a + b) / 2 for a, b in zip(start, end, strict=True))))  # type: ignore[arg-type]
    page.mouse.move(*at(page, *end))
    page.mouse.up()


def test_by_mouse(served: Served, page: Page) -> None:
    for _ in range(4):
        areas(page).first.focus()
        page.keyboard.press("Delete")
    expect(areas(page)).to_have_count(0)
    drag(page, (15, 20), (1240, 830))
    assert box(page, 0) == [0, 0, 1250, 843], "drawn, and snapped to the grid"
    expect(page.locator("[data-warnings]")).to_contain_text("75%")
    drag(page, (600, 400), (1850, 1250))
    assert box(page, 0) == [1250, 843, 1250, 843], "moved"
    drag(page, (1270, 860), (20, 15))
    assert box(page, 0) == [0, 0, 2500, 1686], "stretched by its corner"
    expect(page.locator("[data-warnings] li")).to_have_count(0)
    page.locator("[data-grid]").select_option("0")
    drag(page, (2480, 1670), (1003, 507))
    x, y, width, height = box(page, 0)
    assert (x, y) == (0, 0)
    assert abs(width - 1023) < 12
    assert abs(height - 523) < 12
    page.get_by_role("button", name="保存する").last.click()
    page.wait_for_url(f"**{EDIT.removesuffix('/edit')}")
    assert served.menu().definition["areas"][0]["bounds"] == {
        "x": 0, "y": 0, "width": width, "height": height,
    }  # fmt: skip


def test_overlaps_are_told_as_they_come_about(page: Page) -> None:
    expect(page.locator("[data-warnings] li")).to_have_count(0)
    page.get_by_role("button", name="タップ領域を追加").first.click()
    expect(page.locator("[data-warnings]")).to_contain_text("タップ領域1と5が重なっています")


def test_by_keys_alone(served: Served, page: Page) -> None:
    """From the top of the page to a saved menu, without touching a mouse."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.menu-area')"):
            break
    focused = page.locator(":focus")
    expect(focused).to_have_attribute("aria-label", re.compile("^タップ領域 1: マイページ"))
    page.keyboard.press("Shift+ArrowLeft")
    assert box(page, 0) == [0, 0, 2292, 1000]
    expect(page.locator("#tab-0 [data-live]")).to_have_text("左から0、上から0、幅2292、高さ1000")
    page.keyboard.press("ArrowRight")
    assert box(page, 0)[0] == 208
    page.keyboard.press("Alt+ArrowLeft")
    assert box(page, 0)[0] == 207
    page.keyboard.press("Tab")
    expect(focused).to_have_attribute("aria-label", re.compile("^タップ領域 2"))
    page.keyboard.press("Delete")
    expect(areas(page)).to_have_count(3)
    expect(focused).to_have_attribute("aria-label", re.compile("^タップ領域 2: ポイント"))
    page.keyboard.press("Enter")
    expect(focused).to_have_attribute("name", "tabs-0-areas-2-kind")
    focused.select_option("message")
    page.keyboard.press("Tab")
    page.keyboard.type("こんにちは")
    page.keyboard.press("Enter")
    page.wait_for_url("**/menus/key/gold")
    made = served.menu().definition["areas"]
    assert len(made) == 3
    assert made[0]["bounds"]["x"] == 207
    assert made[1]["action"]["text"] == "こんにちは"


def test_by_finger(served: Served, browser: Browser) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="ja-JP"
    )
    page = served.sign_in(context)
    page.goto(f"{served.address}{EDIT}")
    page.locator("#tab-0 [data-board]").scroll_into_view_if_needed()
    before = box(page, 1)
    start, end = at(page, 400, 1340), at(page, 400, 900)
    session = context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        given = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": given})

    def swipe() -> None:
        touch("touchStart", start)
        for n in range(1, 6):
            touch("touchMove", (start[0], start[1] + (end[1] - start[1]) * n / 5))
        touch("touchEnd")

    page.touchscreen.tap(*start)
    expect(areas(page).nth(1)).to_have_class("menu-area chosen")
    swipe()
    x, y, width, height = box(page, 1)
    assert (x, width, height) == (before[0], before[2], before[3])
    assert y < before[1] - 300
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def test_numbers_and_drawing_are_one(page: Page) -> None:
    area = page.locator("#tab-0 [data-area]").first
    area.locator("summary").click()
    area.locator("[data-side=width]").fill("1200")
    expect(areas(page).first.locator("rect").first).to_have_attribute("width", "1200")
    expect(area.locator("[data-place]")).to_have_text("0, 0 ・ 1200×1000")


def test_the_bar_counts_what_people_see(page: Page) -> None:
    bar = page.locator("#tabs-0-bar")
    counted = page.locator("[data-counted]")
    bar.fill("👨‍👩‍👧‍👦ご家族")
    expect(counted).to_have_text("4/14")
    bar.fill("あ" * 15)
    expect(counted).to_have_text("15/14")
    expect(counted).to_have_class("over")


def test_only_the_fields_of_the_kind_are_shown(page: Page) -> None:
    area = page.locator("#tab-0 [data-area]").first
    expect(area.locator("[name$=-uri]")).to_be_hidden()
    area.locator("[name$=-kind]").select_option("site")
    expect(area.locator("[name$=-uri]")).to_be_visible()
    expect(area.locator("[name$=-page]")).to_be_hidden()


def test_days_and_times_are_picked_as_friends_will_pick_them(served: Served, page: Page) -> None:
    area = page.locator("#tab-0 [data-area]").first
    area.locator("[name$=-kind]").select_option("picker")
    expect(area.get_by_text("受け取って使うこと")).to_be_visible()
    area.locator("[name$=-answer]").select_option("shop")
    area.locator("[name$=-mode]").select_option("datetime")
    area.locator("[name$=-min]").fill("2026-04-01T10:00")
    page.get_by_role("button", name="保存する").last.click()
    page.wait_for_url("**/menus/key/gold")
    action = served.menu().definition["areas"][0]["action"]
    assert (action["mode"], action["min"]) == ("datetime", "2026-04-01T10:00")
    assert action["data"] == "1:reply:shop"
    expect(page.get_by_text("日時を選んでもらう：店舗情報")).to_be_visible()
    page.goto(served.address + EDIT)
    expect(page.locator("#tabs-0-areas-0-min")).to_have_value("2026-04-01T10:00")
    page.locator("#tabs-0-areas-0-mode").select_option("time")
    expect(page.locator("#tabs-0-areas-0-min")).to_have_attribute("type", "time")
    expect(page.locator("#tabs-0-areas-0-min")).to_have_value("")


@pytest.mark.parametrize(("kind", "name"), [("picker", "pick"), ("postback", "raw")])
def test_what_the_bot_would_not_know_is_told_while_it_is_written(
    page: Page, kind: str, name: str
) -> None:
    area = page.locator("#tab-0 [data-area]").first
    area.locator("[name$=-kind]").select_option(kind)
    written = area.locator(f"[name$=-{name}]")
    if kind == "picker":
        expect(written).to_be_hidden()
        area.locator("[name$=-answer]").select_option("other")
    warning = area.locator(".menu-unknown:visible")
    expect(warning).to_have_count(0)
    for typed, warned in (("1:book", 1), ("1:reply:shop", 0), ("1:tag:春", 0), ("1:reply:no", 1)):
        written.fill(typed)
        expect(warning).to_have_count(warned)


def test_a_mistake_in_a_closed_tab_is_led_to(served: Served, page: Page) -> None:
    page.goto(f"{served.address}/staff/menus/key/member/edit")
    page.get_by_role("tab", name="お店・サポート").click()
    page.locator("#tabs-1-bar").fill("")
    page.get_by_role("tab", name="会員メニュー").click()
    page.get_by_role("button", name="保存する").last.click()
    expect(page.locator("#tabs-1-bar-error")).to_be_visible()
    page.locator("#wrong a").click()
    expect(page.locator("#tabs-1-bar")).to_be_focused()


def test_a_tab_is_called_anew_wherever_it_stands(served: Served, page: Page) -> None:
    page.goto(f"{served.address}/staff/menus/key/member/edit")
    page.get_by_role("tab", name="お店・サポート").click()
    page.locator("#tabs-1-called").fill("お店のこと")
    expect(page.get_by_role("tab", name="お店のこと")).to_be_visible()
    page.get_by_role("tab", name="会員メニュー").click()
    switch = page.locator("#tabs-0-areas-0-to")
    expect(switch.locator("option:checked")).to_have_text("お店のこと")
    page.locator("#tab-0").get_by_role("button", name="タップ領域を追加").click()
    page.locator("#tabs-0-areas-4-kind").select_option("tab")
    expect(page.locator("#tabs-0-areas-4-to option")).to_have_text(["会員メニュー", "お店のこと"])


def test_a_picture_of_another_size(served: Served, page: Page, tmp_path: Path) -> None:
    picture = tmp_path / "写真.png"
    Image.new("RGB", (3000, 2000), "teal").save(picture)
    page.locator("#tabs-0-bar").fill("変えた文字")
    expect(page.locator("#tab-0 [data-tools]")).to_be_visible()
    page.locator("#tabs-0-file").set_input_files(picture)
    page.get_by_text("画像の合わせ方を選んでください").wait_for()
    expect(page.locator(".menu-choices img")).to_have_count(2)
    page.locator(".menu-choices button", has_text="この画像を使う").first.click()
    expect(page.locator("#tabs-0-bar")).to_have_value("変えた文字")
    page.get_by_role("button", name="保存する").last.click()
    page.wait_for_url("**/menus/key/gold")
    assert served.menu().definition["chatBarText"] == "変えた文字"
    assert served.menu().version == 2


def test_leaving_with_something_unsaved_is_asked_about(served: Served, page: Page) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    areas(page).first.focus()
    page.keyboard.press("ArrowDown")
    with page.expect_event("dialog"):
        page.get_by_role("link", name="プレビュー").click(no_wait_after=True)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/edit")
    page.get_by_role("button", name="保存する").last.click()
    page.wait_for_url("**/menus/key/gold")
    assert asked == ["beforeunload"]


@contextmanager
def before_its_scripts(page: Page, address: str) -> Iterator[None]:
    """A page that is there already, while its scripts are still on their way."""
    held: list[Route] = []
    on_their_way = True

    def take(script: Route) -> None:
        if on_their_way:
            held.append(script)
        else:
            script.continue_()

    page.route("**/*.js", take)
    page.goto(address, wait_until="commit")
    yield
    until(lambda: page.evaluate("1") and len(held) == SCRIPTS, "the scripts are not asked for")
    on_their_way = False
    for route in held:
        route.continue_()


def asks_before_leaving(page: Page, link: str) -> None:
    with page.expect_event("dialog"):
        page.get_by_role("link", name=link).click(no_wait_after=True)


def test_what_was_typed_before_the_scripts_came_is_not_forgotten(
    served: Served, page: Page
) -> None:
    page.on("dialog", lambda dialog: dialog.dismiss())
    with before_its_scripts(page, f"{served.address}/staff/menus/key/member/edit"):
        page.locator("#tabs-0-bar").fill("会員の方へ")
        page.locator("#tabs-0-areas-1-kind").select_option("picker")
        page.locator("#tabs-0-areas-1-mode").select_option("time", force=True)
        page.locator("#tabs-1-called").fill("お店のこと")
    expect(page.locator("#tab-0 [data-counted]")).to_have_text("5/14")
    expect(page.locator("#tabs-0-areas-1-min")).to_have_attribute("type", "time")
    expect(page.get_by_role("tab", name="お店のこと")).to_be_visible()
    asks_before_leaving(page, "プレビュー")


def test_a_file_that_was_chosen_before_the_scripts_came_is_looked_at(
    served: Served, page: Page, tmp_path: Path
) -> None:
    picture = tmp_path / "写真.png"
    Image.new("RGB", (3000, 2000), "teal").save(picture)
    with before_its_scripts(page, f"{served.address}{EDIT}"):
        page.locator("#tabs-0-file").set_input_files(picture)
    page.get_by_text("画像の合わせ方を選んでください").wait_for()


@pytest.mark.parametrize("key", ["gold", "member"])
def test_whoever_typed_nothing_leaves_unasked(served: Served, page: Page, key: str) -> None:
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    for kind, link in (("edit", "プレビュー"), ("compose", "編集画面に戻る")):
        with before_its_scripts(page, f"{served.address}/staff/menus/key/{key}/{kind}"):
            page.locator("main h1").click()
        with page.expect_navigation():
            page.get_by_role("link", name=link).click()
    assert not asked


def test_a_picture_follows_what_was_typed_before_the_script_came(
    served: Served, page: Page
) -> None:
    page.on("dialog", lambda dialog: dialog.dismiss())
    with before_its_scripts(page, f"{served.address}/staff/menus/key/gold/compose"):
        drawn = page.locator(".menu-board-frame img")
        before = drawn.get_attribute("src") or "none"
        page.locator("#cells-0-words").fill("春のご案内")
    expect(drawn).not_to_have_attribute("src", before)
    asks_before_leaving(page, "編集画面に戻る")


def test_colours_that_were_chosen_before_the_script_came_are_put_on(
    served: Served, page: Page
) -> None:
    """And the page that comes then knows that nothing of it is saved."""
    page.on("dialog", lambda dialog: dialog.dismiss())
    with before_its_scripts(page, f"{served.address}/staff/menus/key/gold/compose"):
        page.locator("#palette").select_option("ink")
    expect(page.locator("#cells-0-color")).to_have_value("#2c2a26")
    page.locator("h1").click()  # browsers ask only whoever has touched the page
    asks_before_leaving(page, "編集画面に戻る")


def test_tabs_switch_on_the_drawn_phone(served: Served, page: Page) -> None:
    page.goto(f"{served.address}/staff/menus/key/member")
    shown = page.locator("[data-phone-tab]")
    expect(shown.first).to_be_visible()
    page.get_by_role("link", name="タブを切り替える：お店・サポート").click()
    expect(shown.last).to_be_visible()
    expect(shown.first).to_be_hidden()


def test_composing_follows_what_is_typed(served: Served, page: Page) -> None:
    page.goto(f"{served.address}/staff/menus/key/gold/compose")
    drawn = page.locator(".menu-board-frame img")
    before = drawn.get_attribute("src")
    page.locator("#cells-0-words").fill("春のご案内")
    page.locator("#cells-0-words").blur()
    expect(drawn).not_to_have_attribute("src", before or "")
    page.locator("#cells-0-ink").evaluate(
        "each => { each.value = '#0b7a55'; each.dispatchEvent(new Event('change', {bubbles: true})) }"
    )
    expect(page.locator(".menu-pale")).to_have_count(1)


PAGES = [
    "/staff/menus", "/staff/menus/new", "/staff/menus/key/member", "/staff/menus/key/member/edit",
    "/staff/menus/key/gold/compose", "/staff/menus/key/gold/history",
]  # fmt: skip


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_accessible(served: Served, browser: Browser, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, bypass_csp=True, locale="ja-JP"
    )
    page = served.sign_in(context)
    for path in PAGES:
        page.goto(f"{served.address}{path}")
        found = Axe().run(page).response["violations"]
        mine = [each for each in found if each["id"] != "region"]
        assert not mine, f"{path}: {[(v['id'], v['nodes'][0]['html']) for v in mine]}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
