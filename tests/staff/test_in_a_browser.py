"""The pages in Chromium: nothing axe-core objects to, nothing wider than a phone, all by keyboard."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from accounts import own_line
from core.database import Database, connect
from core.settings import Settings
from line.fake import FakeLine
from models import Base, Role
from richmenus import drafts, trial_runs
from tests.richmenus.situations import put_friend
from tests.staff.conftest import PASSWORD, Site

DESKTOP, PHONE = (1280, 800), (390, 780)


@pytest.fixture
def served(
    tmp_path: Path, make_site: Callable[..., Site], make_settings: Callable[..., Settings]
) -> Iterator[tuple[Site, str]]:
    """The site with real sockets, and its address."""
    database: Database = connect(f"sqlite:///{tmp_path / 'staff.db'}", pool_size=20)
    Base.metadata.create_all(database.engine)
    site = make_site(database, make_settings(brand_name="結びコーヒー"))
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield site, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
    database.close()


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def screen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """axe-core is put in past the policy; that the policy holds is tried without a browser."""
    width, height = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="ja-JP", bypass_csp=True
    )
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def sign_in(page: Page, url: str, role: Role = Role.ADMIN) -> None:
    page.goto(f"{url}/staff/sign-in")
    page.fill("#email", f"{role.value}@example.com")
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def is_good(page: Page, what: str) -> None:
    """Nothing for axe to object to, and nothing to scroll for sideways."""
    found = Axe().run(page)
    assert found.violations_count == 0, f"{what}: {found.generate_report()}"
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0, f"{what} is too wide"


def test_pages_of_a_stranger(served: tuple[Site, str], screen: Page) -> None:
    _, url = served
    for path in ("/staff/sign-in", "/staff/sign-in?lang=en", "/staff/join/x", "/staff/nowhere"):
        screen.goto(url + path)
        is_good(screen, path)
    screen.goto(f"{url}/staff/sign-in")
    with screen.expect_navigation():
        screen.click("main form button")
    is_good(screen, "a form with errors")


def test_pages_of_an_administrator(served: tuple[Site, str], screen: Page) -> None:
    site, url = served
    sign_in(screen, url)
    paths = [
        "me", "me/password", "me/second-step", "team", "team/invite", "sure", "audit",
        "audit?act=second.off", f"team/{site.accounts[Role.EDITOR]}", "nowhere",
    ]  # fmt: skip
    for path in paths:
        screen.goto(f"{url}/staff/{path}")
        is_good(screen, path)


def test_by_keyboard_alone(served: tuple[Site, str], screen: Page) -> None:
    """From the sign-in to another language and out again: each stop is seen."""
    _, url = served
    screen.goto(f"{url}/staff/sign-in")
    assert focused(screen) == "email", "one may type at once"
    screen.keyboard.type("admin@example.com")
    screen.keyboard.press("Tab")
    screen.keyboard.type(PASSWORD)
    with screen.expect_navigation():
        screen.keyboard.press("Enter")
    screen.goto(f"{url}/staff/me")
    screen.keyboard.press("Tab")
    assert screen.evaluate("document.activeElement.className") == "skip"
    screen.keyboard.press("Enter")
    assert focused(screen) == "main"
    screen.goto(f"{url}/staff/me")
    if screen.viewport_size == {"width": PHONE[0], "height": PHONE[1]}:
        tab_to(screen, "メニュー")
        screen.keyboard.press("Enter")
        assert screen.locator("details.fold").get_attribute("open") is not None
        screen.keyboard.press("Escape")
        assert screen.locator("details.fold").get_attribute("open") is None
        screen.keyboard.press("Enter")
    tab_to(screen, "English")
    with screen.expect_navigation():
        screen.keyboard.press("Enter")
    assert screen.locator("h1").inner_text() == "My settings"


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def tab_to(page: Page, words: str) -> None:
    """Every stop on the way shows where it is."""
    outlined = "getComputedStyle(document.activeElement).outlineStyle"
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(outlined) != "none"
        if words in str(page.evaluate("document.activeElement.innerText")):
            return
    raise AssertionError(f"{words} is not to be reached")


def test_a_form_is_sent_once(served: tuple[Site, str], screen: Page) -> None:
    """However often its button is pressed."""
    site, url = served
    sign_in(screen, url)
    screen.goto(f"{url}/staff/me")
    sent: list[str] = []
    screen.on("request", lambda r: sent.append(r.url) if r.method == "POST" else None)
    screen.fill("#name", "店長 花子")
    with screen.expect_navigation():
        screen.evaluate(
            "() => { const b = document.querySelector('main form button'); b.click(); b.click() }"
        )
    assert len(sent) == 1
    assert site.account(Role.ADMIN).name == "店長 花子"


def test_a_draft_on_ones_own_line(served: tuple[Site, str], line: FakeLine, screen: Page) -> None:
    site, url = served
    gold, button = f"{url}/staff/menus/key/gold", "#on-my-line button"
    drafts.see_to(site.database, site.settings, site.clock())
    sign_in(screen, url, Role.EDITOR)
    screen.goto(gold)
    is_good(screen, "not tied")
    with screen.expect_navigation():
        screen.click(button)
    is_good(screen, "the word")
    with site.database.begin() as db:
        friend = put_friend(db, site.clock(), display_name="佐藤えり")
        said = screen.input_value("#word")
        assert own_line.tie(db, friend.id, said, site.clock(), site.settings)
    with screen.expect_navigation():
        screen.click("main .btn-primary")
    assert screen.url == gold
    with screen.expect_navigation():
        screen.click(button)
    is_good(screen, "on its way")
    trial_runs.work(site.database, line, site.clock)
    screen.goto(gold)
    is_good(screen, "shown")
    screen.goto(f"{url}/staff/me")
    is_good(screen, "my settings")
    with screen.expect_navigation():
        screen.click("section[aria-labelledby=own-line] .btn-outline-primary")
    is_good(screen, "put back")
    assert screen.url == f"{url}/staff/me"
