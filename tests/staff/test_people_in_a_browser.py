"""Today and People in a real Chromium: at a desk and on a phone, by keyboard, in both languages."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from core.database import Database, connect
from core.settings import Settings
from line import messages
from line.fake import FakeLine
from members import funnel, linking, profile
from models import (
    Base,
    DailyFigures,
    Entry,
    FunnelCount,
    How,
    InboxEvent,
    Outgoing,
    Role,
    StaffAccount,
    Step,
)
from tests.conftest import SettableClock
from tests.members.situations import a_friend, a_member
from tests.members.test_queues import a_message
from tests.richmenus.situations import Account, Folder
from tests.staff.conftest import COOKIE, Site
from texts import text

DAY = timedelta(days=1)
WIDTHS = {"desk": 1280, "phone": 390}


def t(key: str, language: str = "ja", **values: object) -> str:
    return text(f"staff_people.{key}", language, **values)


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Nobody reads it."""


class Served:
    def __init__(self, site: Site, address: str, path: str) -> None:
        self.site, self.address, self.person = site, address, path

    def open(
        self, context: BrowserContext, path: str, role: Role | StaffAccount = Role.EDITOR
    ) -> Page:
        cookie = self.site.as_(role).get_cookie(COOKIE)
        assert cookie
        context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": self.address}])
        page = context.new_page()
        page.goto(self.address + path)
        return page


def a_month(db: Any, settings: Settings, clock: SettableClock) -> None:
    """Figures of 30 days with a gap, and people on their way."""
    today = clock().astimezone(settings.zone).date()
    for n in range(30, 0, -1):
        known = n < 22 or n > 25
        friends = 30 + (30 - n) + n % 4
        db.add(
            DailyFigures(
                day=today - n * DAY, friends=friends, linked=n % 3,
                reachable=friends - 6 - n % 3 if known else None,
                linked_reachable=n % 2 if known else None, counted_at=clock(),
            )
        )  # fmt: skip
    counted = {
        Entry.GREETING: (310, 190, 96, 90, 84, 12),
        Entry.REPLY: (120, 44, 30, 29, 27, 1),
        Entry.MENU: (0, 402, 150, 131, 128, 22),
        Entry.TICKET: (0, 30, 0, 0, 0, 24),
        Entry.OTHER: (0, 12, 3, 3, 2, 0),
    }
    for entry, people in counted.items():
        for step, count in zip(Step, people, strict=True):
            db.add(FunnelCount(day=today - DAY, entry=entry, step=step, people=count))


def a_chat(db: Any, friend: Any, clock: SettableClock) -> None:
    def heard(minutes: int, kind: str, **body: Any) -> None:
        at = clock() - timedelta(minutes=minutes)
        raw = {"source": {"type": "user", "userId": friend.line_user_id}} | body
        db.add(
            InboxEvent(
                webhook_event_id=f"e{minutes}", kind=kind, line_user_id=friend.line_user_id,
                occurred_at=at, received_at=at, due_at=at, state="done",
                raw=orjson.dumps(raw).decode(),
            )
        )  # fmt: skip

    def told(minutes: int, what: Any, **more: Any) -> None:
        at = clock() - timedelta(minutes=minutes)
        db.add(
            Outgoing(
                key=f"k{minutes}", friend_id=friend.id, messages=[what], due_at=at, created_at=at,
                expires_at=at + DAY, **{"state": "done", "done_at": at, **more},
            )
        )  # fmt: skip

    heard(300, "follow")
    told(299, messages.buttons(
        "友だち追加ありがとうございます。会員証とつなぐと、ポイントがLINEで見られます。",
        [messages.open_url("会員証を連携", "https://x.example")],
    ))  # fmt: skip
    heard(
        60,
        "message",
        message={"type": "text", "text": "営業時間を教えてください。\n日曜日も開いていますか？"},
    )
    told(59, messages.text("毎日10時から20時まで営業しています。"))
    heard(30, "message", message={"type": "sticker", "keywords": ["ありがとう"]})
    heard(5, "postback", postback={"data": "1:reply:points"})
    told(4, messages.text("ポイントは 1,200 ポイントです。"), state="failed", error="400")


@pytest.fixture
def served(
    tmp_path: Path,
    make_site: Callable[[Database, Settings], Site],
    settings: Settings,
    clock: SettableClock,
) -> Iterator[Served]:
    database = connect(f"sqlite:///{tmp_path / 'site.db'}")
    Base.metadata.create_all(database.engine)
    account = Account(database, FakeLine(), Folder(tmp_path / "menus", settings), clock)
    with database.begin() as db:
        friend = a_friend(db, clock(), display_name="さくちゃん🌸", followed_at=clock() - 3 * DAY)
        member = a_member(
            db, clock(), number="M10012345", name="結城 さくら", kana="ユウキ サクラ",
            phone="+819012345678", email="sakura@example.jp", rank="gold", points=1200,
            store="渋谷店", extra={"好きな色": "桜色"},
        )  # fmt: skip
        old = a_member(db, clock(), number="M10000001", name="結城 さくら", kana="ユウキ サクラ")
        linking.link(db, friend.id, old.id, How.LOGIN, clock() - 2 * DAY, settings=settings)
        linking.link(db, friend.id, member.id, How.PHONE, clock() - DAY, settings=settings)
        profile.retag(db, member.id, clock(), add=["VIP", "春のイベント"])
        a_chat(db, friend, clock)
        a_month(db, settings, clock)
        for n in range(60):
            a_member(db, clock(), name=f"佐藤 {n}", kana=f"サトウ {n}")
            gone = n % 9 == 0
            a_friend(db, clock(), display_name=f"friend {n}", following=not gone)
        funnel.note(db, friend.id, Step.OFFERED, Entry.GREETING, clock(), settings)
    account.apply()
    account.work()
    site = make_site(database, settings)
    server = make_server("127.0.0.1", 0, site.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield Served(site, f"http://127.0.0.1:{server.port}", f"/staff/people/member/{member.id}")
    server.shutdown()
    thread.join()
    server.server_close()
    database.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="ja-JP")
    yield context
    context.close()


def pages(served: Served) -> list[str]:
    return [
        "/staff/today", "/staff/people", "/staff/people?q=zzz", "/staff/people?q=佐藤",
        served.person, f"{served.person}/erase", "/staff/today/aside/messages",
        "/staff/today/aside/events", "/staff/audit",
    ]  # fmt: skip


@pytest.mark.parametrize(("width", "language"), list(zip(WIDTHS, ("ja", "en"), strict=True)))
def test_everybody_can_use_it(served: Served, browser: Browser, width: str, language: str) -> None:
    """axe-core finds nothing, nothing is cut off, and no page complains."""
    context = browser.new_context(
        viewport={"width": WIDTHS[width], "height": 900}, locale=language, bypass_csp=True
    )
    said: list[str] = []
    account = served.site.add(Role.ADMIN, "reads@example.com", language=language)
    for path in pages(served):
        page = served.open(context, path, account)
        assert page.locator("html").get_attribute("lang") == language
        page.on("console", lambda message: said.append(message.text))
        for fold in page.locator("details.numbers, details.confirm").all():
            fold.evaluate("fold => fold.open = true")
        found = Axe().run(page)
        assert not found.response["violations"], f"{path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDTHS[width], path
        page.close()
    context.close()
    assert said == []


def test_a_search_by_keyboard(served: Served, context: BrowserContext) -> None:
    page = served.open(context, "/staff/people")
    page.get_by_label(t("list.said")).focus()
    page.keyboard.type("M10012")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").get_by_text(t("list.found", count=1))).to_be_visible()
    page.get_by_role("link", name="結城 さくら").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("結城 さくら")
    expect(page.locator(".rules .decides")).to_contain_text("Gold")
    page.get_by_label(t("tags.new")).focus()
    page.keyboard.type("keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_text(t("tags.added", tag="keyboard"))).to_be_visible()
    page.get_by_role("button", name=text("staff.undo", "ja")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(t("tags.removed", tag="keyboard"))).to_be_visible()


def test_unlinking_is_confirmed(served: Served, context: BrowserContext) -> None:
    page = served.open(context, served.person)
    button = page.get_by_role("button", name=t("unlink.confirm"), exact=True)
    expect(button).to_be_hidden()
    page.get_by_text(t("unlink.button"), exact=True).click()
    button.click()
    expect(page.get_by_text(t("unlink.said"))).to_be_visible()
    expect(page.get_by_text(t("ended.staff"))).to_be_visible()


def test_leafing(served: Served, context: BrowserContext) -> None:
    page = served.open(context, "/staff/people?sort=number")
    seen = []
    while True:
        seen += page.locator(".people .name").all_text_contents()
        following = page.get_by_role("link", name=text("staff.next", "ja"))
        if not following.count():
            break
        following.click()
    assert len(seen) == len(set(seen)) + 1 == 122  # one name is two members'


def test_what_waits_stands_at_the_top(served: Served, context: BrowserContext) -> None:
    with served.site.database.begin() as db:
        now = served.site.clock()
        a_message(db, now, now + timedelta(minutes=10), error="500 Internal Server Error")
    page = served.open(context, "/staff/today")
    expect(page.get_by_role("region", name=t("health.title"))).to_contain_text(t("why.line"))


def test_what_failed_is_tried_again_by_keyboard_and_without_script(
    served: Served, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 900}, java_script_enabled=False)
    page = served.open(context, "/staff/today", Role.PUBLISHER)
    page.get_by_role("link", name=t("queue.messages")).focus()
    page.keyboard.press("Enter")
    page.get_by_text(t("aside.all_leave"), exact=True).first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=t("aside.all_leave")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(t("aside.left_said", count=1))).to_be_visible()
    page.get_by_role("button", name=text("staff.undo", "ja")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(t("aside.back_said", count=1))).to_be_visible()
    page.get_by_role("row").get_by_role("button", name=t("aside.again")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(t("aside.again_said", count=1))).to_be_visible()
    expect(page.get_by_text(t("aside.none"), exact=True)).to_be_visible()
    context.close()
