"""A shop whose staff work at the site in their browsers: each signs in once, and is found again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect
from sqlalchemy import select

from accounts import team
from accounts.actors import Actor
from core import clock
from core.database import connect
from core.passwords import hash_password
from models import PublishRun, Role
from simulator.crowd import Somebody
from tests.journeys.phone import SOON, Phone
from tests.journeys.running import Running
from tests.journeys.watching import Watch

PASSWORD = "correct horse battery"
STAFF = {
    "viewer": (Role.VIEWER, "見学 みどり"),
    "editor": (Role.EDITOR, "編集 えみ"),
    "colleague": (Role.EDITOR, "同僚 じろう"),
    "publisher": (Role.PUBLISHER, "公開 こうた"),
    "admin": (Role.ADMIN, "店長"),
}
DESK: ViewportSize = {"width": 1280, "height": 900}
POCKET: ViewportSize = {"width": 390, "height": 844}
REFUSED = re.compile("Failed to load resource: the server responded with a status of 4(09|13|22)")
"""What Chromium says of a form that is answered with what is wrong in it."""


class Shop:
    def __init__(self, musubi: Running, browser: Browser) -> None:
        self.musubi, self.browser = musubi, browser
        self._known: dict[str, Any] = {}
        database = connect(musubi.settings["DATABASE_URL"])
        with database.begin() as db:
            who = Actor(None, "test", "", clock.now())
            for name, (role, called) in STAFF.items():
                account = team.add(db, who, f"{name}@example.com", called, role, language="ja")
                account.password_hash = hash_password(PASSWORD)
                account.joined_at = clock.now()
        database.close()

    @contextmanager
    def somebody(
        self, who: str = "", *, viewport: ViewportSize = DESK, **more: Any
    ) -> Iterator[Page]:
        """A page in this person's own browser; nothing that it shows may complain."""
        context = self.browser.new_context(
            viewport=viewport, locale="ja-JP", timezone_id="Asia/Tokyo",
            base_url=self.musubi.url, storage_state=self._known.get(who), **more,
        )  # fmt: skip
        context.set_default_timeout(SOON)
        watch = Watch(context, {urlsplit(self.musubi.url).netloc})
        complaints = said_by(context)
        page = context.new_page()
        if who and who not in self._known:
            sign_in(page, who)
            self._known[who] = context.storage_state()
        yield page
        context.close()
        watch.check()
        assert not [each for each in complaints if not REFUSED.match(each)]

    # Friends

    def friend(self, number: str = "", name: str = "町田 花子") -> str:
        """Somebody who has added the account, and linked when they have a member's number."""
        row = {"name": name, "language": "ja", "phone": number}
        somebody = Somebody(self.musubi.line.url, self.musubi.url, row)
        if number:
            somebody.does("greeting")
            somebody.does("link")
        return somebody.user_id

    @contextmanager
    def phone(self, user: str) -> Iterator[Phone]:
        context = self.browser.new_context(viewport={"width": 375, "height": 780}, locale="ja-JP")
        yield Phone(context.new_page(), self.musubi, user, "")
        context.close()

    # Time

    def let_schedules_come(self) -> None:
        """As if the time had come for which each waiting publishing is meant."""
        database = connect(self.musubi.settings["DATABASE_URL"])
        with database.begin() as db:
            for run in db.scalars(select(PublishRun).where(PublishRun.done_at.is_(None))):
                run.due_at = clock.now() - timedelta(seconds=1)
        database.close()


def said_by(context: BrowserContext) -> list[str]:
    """What pages complain of in the console, as they go."""
    said: list[str] = []
    context.on(
        "console", lambda message: said.append(message.text) if message.type == "error" else None
    )
    return said


def sign_in(page: Page, who: str) -> None:
    page.goto("/staff/sign-in")
    page.get_by_label("メールアドレス").fill(f"{who}@example.com")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_role("button", name="サインイン").click()
    page.wait_for_url("**/staff/today")


def save_menu(page: Page) -> None:
    """Save, and be back at the menu's page."""
    page.get_by_role("button", name="保存する").last.click()
    page.wait_for_url(re.compile(r"/menus/key/[\w-]+$"))


def send_picture(page: Page, name: str, content: bytes, kind: str = "image/png") -> None:
    """Choose a file in the editor, once its tools are there; it is looked at at once."""
    expect(page.locator("[data-tools]").first).to_be_visible()
    with page.expect_navigation():
        page.locator("#tabs-0-file").set_input_files(
            {"name": name, "mimeType": kind, "buffer": content}
        )


def publish_now(page: Page) -> None:
    page.goto("/staff/publishing")
    page.get_by_role("button", name="公開する", exact=True).click()
    is_published(page)


def is_published(page: Page) -> None:
    """Sooner or later the page of the run says that it is done."""
    expect(page.locator("#run")).to_contain_text("公開しました", timeout=SOON)


def tab_to(page: Page, wanted: Locator, most: int = 80) -> None:
    """Press Tab until the keyboard is there."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")


def colour(phone: Phone) -> tuple[int, ...]:
    """Of the middle of the menu's picture, as the phone shows it."""
    found = phone.menu.locator("img").evaluate(
        """image => {
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 1;
            const pen = canvas.getContext("2d");
            pen.drawImage(image, image.naturalWidth / 2, image.naturalHeight / 2, 1, 1, 0, 0, 1, 1);
            return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
        }"""
    )
    return tuple(found)
