"""Rules and publishing in a real Chromium: dragged, built, counted while typing, published; by
keyboard alone, and fit for whoever cannot see it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from core import clock
from core.database import Database, connect
from core.settings import Settings
from line.fake import FakeLine
from models import Base, Role
from richmenus import assignment, carrying_out, desk, drafts, publications
from tests.richmenus.situations import Folder, put_friend, put_link, put_member
from tests.staff.conftest import COOKIE, Site


class Standing:
    """The site on a port of its own, with a worker."""

    def __init__(self, site: Site, line: FakeLine, origin: str) -> None:
        self.site, self.line, self.origin = site, line, origin

    def rules(self) -> list[str]:
        with self.site.database.read() as db:
            rules = desk.read(db, self.site.settings).rules.rules
            return [rule["because"] for rule in rules]

    def number(self) -> int:
        with self.site.database.read() as db:
            return publications.current_number(db)

    def opened(self, context: BrowserContext, role: Role = Role.PUBLISHER) -> Page:
        cookie = self.site.as_(role).get_cookie(COOKIE)
        assert cookie
        url = f"{self.origin}/staff"
        context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        return page

    def work(self, stop: Event) -> None:
        how = (self.site.database, self.line, clock.now, self.site.settings)
        while not stop.wait(0.2):
            carrying_out.work(self.site.database, self.line, clock.now)
            assignment.work(*how)


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[Database]:
    """The pages themselves are tried on both databases; the scripts know of neither."""
    database = connect(f"sqlite:///{tmp_path / 'site.db'}", pool_size=20)
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def standing(
    make_site: Callable[..., Site], own_database: Database, make_settings: Callable[..., Settings],
    line: FakeLine, tmp_path: Path, clock: Any,
) -> Iterator[Standing]:  # fmt: skip
    settings = Folder(tmp_path / "menus", make_settings()).settings
    server = make_server("127.0.0.1", 0, Flask("later"), threaded=True)
    site = make_site(own_database, settings)
    server.app = site.app
    drafts.see_to(own_database, settings, clock())
    with own_database.begin() as db:
        for n in range(12):
            friend = put_friend(db, clock())
            if n % 2:
                member = put_member(db, clock(), rank="gold" if n % 3 else "silver")
                put_link(db, friend.id, member, clock())
    found = Standing(site, line, f"http://127.0.0.1:{server.server_port}")
    stop = Event()
    threads = [
        Thread(target=server.serve_forever, args=(0.02,)),
        Thread(target=found.work, args=(stop,)),
    ]
    for thread in threads:
        thread.start()
    yield found
    stop.set()
    server.shutdown()
    for thread in threads:
        thread.join()
    server.server_close()


@pytest.fixture(params=[1280, 390], ids=["desk", "phone"])
def seen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": request.param, "height": 900}, locale="ja-JP")
    yield context
    context.close()


def fit_for_all(page: Page) -> None:
    """axe finds nothing, and nothing lies beyond the edge of the screen."""
    found = Axe().run(page).response["violations"]
    assert not [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


PAGES = (
    "rules", "rules/new", "rules/0", "rules/2", "rules/calendar", "rules/history", "publishing",
    "publishing/history", "publishing/history/1", "taps",
)  # fmt: skip


def published(standing: Standing, page: Page) -> None:
    page.goto(f"{standing.origin}/staff/publishing")
    page.get_by_role("button", name="公開する").click()
    expect(page.get_by_text("公開しました（公開番号")).to_be_visible(timeout=30_000)


def test_each_page_is_fit_for_all_on_a_desk_and_on_a_phone(
    standing: Standing, seen: BrowserContext
) -> None:
    page = standing.opened(seen)
    published(standing, page)
    fit_for_all(page)
    for path in PAGES:
        page.goto(f"{standing.origin}/staff/{path}")
        fit_for_all(page)


@pytest.fixture
def wide(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    yield context
    context.close()


def test_a_rule_is_dragged_to_its_place_and_back_by_undo(
    standing: Standing, wide: BrowserContext
) -> None:
    page = standing.opened(wide)
    page.goto(f"{standing.origin}/staff/rules")
    grips, first = page.locator(".grip"), page.locator(".rule").nth(1).bounding_box()
    assert first
    grips.nth(0).hover()
    page.mouse.down()
    page.mouse.move(300, first["y"] + first["height"] - 4, steps=5)
    with page.expect_navigation():
        page.mouse.up()
    assert standing.rules() == ["linked", "gold member", "not linked yet"]
    page.get_by_role("button", name="元に戻す").click()
    expect(page.get_by_text("以前の状態に戻しました")).to_be_visible()
    assert standing.rules() == ["gold member", "linked", "not linked yet"]


def test_a_rule_is_built_without_reloading_and_counted_while_it_is_typed(
    standing: Standing, wide: BrowserContext
) -> None:
    page = standing.opened(wide)
    page.goto(f"{standing.origin}/staff/rules/new")
    page.evaluate("window.same = true")
    page.get_by_role("radio", name="Gold").check()
    page.get_by_label("このルールの名前").fill("シルバー")
    page.locator("#when-new").select_option("member.rank")
    page.get_by_role("button", name="条件を追加").click()
    page.get_by_role("button", name="silver").click()
    expect(page.locator("#count")).to_contain_text("会員ランクが「silver」である")
    expect(page.locator("#count .figures").first).to_have_text("2")
    page.get_by_label("比べ方").select_option("is_set")
    expect(page.locator("#count .figures").first).to_have_text("6")
    expect(page.get_by_label("値")).to_be_hidden()
    assert page.evaluate("window.same"), "the page was never left"
    page.get_by_role("button", name="保存").last.click()
    expect(page.get_by_text("「シルバー」を追加しました")).to_be_visible()
    assert standing.rules() == ["gold member", "linked", "シルバー", "not linked yet"]


def test_publishing_goes_on_over_a_reload_and_line_shows_it(
    standing: Standing, wide: BrowserContext
) -> None:
    page = standing.opened(wide)
    held = Event()
    standing.line.meanwhile["upload_menu_image"] = lambda: held.wait(10)
    page.goto(f"{standing.origin}/staff/publishing")
    page.get_by_role("button", name="公開する").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("#run-words")).to_contain_text("リッチメニューを作成")
    page.reload()
    expect(page.get_by_role("progressbar")).to_be_visible()
    held.set()
    expect(page.get_by_text("公開しました（公開番号1）")).to_be_visible(timeout=30_000)
    assert standing.number() == 1
    assert standing.line.default


def test_rules_are_moved_and_published_with_the_keyboard_alone(
    standing: Standing, wide: BrowserContext
) -> None:
    page = standing.opened(wide)
    page.goto(f"{standing.origin}/staff/rules")
    tab_to(page, "「gold member」を下へ")
    page.keyboard.press("Enter")
    expect(page.get_by_text("順番を変更しました")).to_be_visible()
    assert standing.rules()[0] == "linked"
    page.goto(f"{standing.origin}/staff/publishing")
    tab_to(page, "公開する")
    page.keyboard.press("Enter")
    expect(page.get_by_text("公開しました（公開番号1）")).to_be_visible(timeout=30_000)


def tab_to(page: Page, words: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == words:
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring != "none", "one sees where one is"
            return
    raise AssertionError(f"{words} cannot be reached")


def test_without_javascript_a_rule_is_built_step_by_step(
    standing: Standing, browser: Browser
) -> None:
    plain = browser.new_context(java_script_enabled=False, locale="ja-JP")
    page = standing.opened(plain)
    page.goto(f"{standing.origin}/staff/rules/new")
    page.get_by_role("radio", name="Gold").check()
    page.get_by_label("このルールの名前").fill("タグ")
    page.locator("#when-new").select_option("tag")
    page.get_by_role("button", name="条件を追加").click()
    page.locator("textarea").fill("vip")
    page.get_by_role("button", name="人数を数える").click()
    expect(page.locator("#count")).to_contain_text("タグ「vip」が付いている")
    page.get_by_role("button", name="保存").last.click()
    assert standing.rules()[2] == "タグ"
    plain.close()
