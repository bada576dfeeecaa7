"""A person with a phone: what they see and do in the chat, its menu, and the page over it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Error, FrameLocator, Locator, Page, expect

from simulator.waiting import PATIENCE, until
from tests.journeys.running import Running

SOON = PATIENCE * 1000
"""Milliseconds within which what others do is seen."""


class Phone:
    def __init__(self, page: Page, musubi: Running, user: str, number: str) -> None:
        self.page, self.user, self.number = page, user, number
        self._musubi = musubi
        self.chat: Locator = page.locator("#chat")
        self.said: Locator = page.locator("#chat .row.account")
        """What the account said."""
        self.menu: Locator = page.locator("#dock .richmenu")
        self.sheet: Locator = page.locator(".sheet.open")
        self.liff: FrameLocator = page.frame_locator(".sheet.open iframe")
        page.goto(f"{musubi.line.url}/phone/?person={user}")

    # In the chat

    def add_account(self) -> None:
        """Add the account as a friend, and be greeted."""
        before = self.said.count()
        self.page.locator("#follow").click()
        expect(self.said).to_have_count(before + 1, timeout=SOON)

    def tap(self, label: str | re.Pattern[str]) -> None:
        """Tap an area of the rich menu."""
        if not self.menu.is_visible():
            self.page.get_by_role(
                "button", name=re.compile("メニューに切り替え|メニューを開く")
            ).click()
        self.menu.get_by_role("button", name=label).click()

    def press(self, label: str) -> None:
        """Press a button of the newest message that has one of this name."""
        self.chat.get_by_role("button", name=label).last.click()

    def choose(self, label: str) -> None:
        """Tap a quick reply."""
        self.page.locator("#quick").get_by_role("button", name=label).click()

    def say(self, text: str) -> str:
        """Type into the chat; the words of the answer."""
        before = self.said.count()
        keyboard = self.page.get_by_role("button", name="キーボードに切り替え")
        if keyboard.is_visible():
            keyboard.click()
        field = self.page.get_by_role("textbox", name="メッセージを入力")
        field.fill(text)
        field.press("Enter")
        expect(self.said).to_have_count(before + 1, timeout=SOON)
        return self.said.last.inner_text()

    def settings(self, what: str) -> None:
        """Block or unblock the account."""
        self.put_notice_away()
        self.page.get_by_role("button", name="トークの設定").click()
        self.page.get_by_role("dialog").get_by_role("button", name=what, exact=True).click()

    def put_notice_away(self) -> None:
        """An SMS that arrived lies over the top of the screen until it is tapped."""
        notice = self.page.locator(".notice")
        if notice.is_visible():
            notice.click()
            notice.wait_for(state="hidden")

    def hears(self, words: str | re.Pattern[str]) -> None:
        """Sooner or later this is said in the chat."""
        expect(self.said.filter(has_text=words).last).to_be_visible(timeout=SOON)

    def sees_menu(self, name: str) -> None:
        """Sooner or later this rich menu is shown, with its picture."""
        expect(self.menu).to_have_attribute(
            "aria-label", re.compile(rf":{re.escape(name)}(:|$)"), timeout=SOON
        )
        expect(self.menu.locator("img")).to_have_js_property("complete", True)

    # On the page over the chat

    def heading(self, words: str | re.Pattern[str]) -> None:
        expect(self.liff.get_by_role("heading", level=1)).to_contain_text(words)

    def go(self, name: str | re.Pattern[str]) -> None:
        """Follow a link of the page."""
        link = self.liff.get_by_role("link", name=name)
        with self._page_left(link):
            link.click()

    def send(self, name: str) -> None:
        """Press the button that sends the page's form off."""
        button = self.liff.get_by_role("button", name=name, exact=True)
        with self._page_left(button):
            button.click()

    @contextmanager
    def _page_left(self, by: Locator) -> Iterator[None]:
        """Leads to another page; what is looked for afterwards is looked for there."""
        by.evaluate("part => { part.ownerDocument.documentElement.dataset.left = 'yes'; }")
        yield
        self.liff.locator("html:not([data-left])").wait_for(state="attached")
        until(self._is_whole, "the page does not come to an end")

    def _is_whole(self) -> bool:
        """Nobody does anything on a page before its script has run."""
        try:
            state = self.liff.locator("html").evaluate("html => html.ownerDocument.readyState")
        except Error:  # it leads on to another one
            return False
        return str(state) == "complete"

    def field(self, label: str) -> Locator:
        return self.liff.get_by_label(label)

    def close(self) -> None:
        self.page.get_by_role("button", name="閉じる", exact=True).click()
        expect(self.sheet).to_have_count(0)

    # Parts of stories

    def ask_for_code(self) -> None:
        """On the page with the doors: by phone, up to the code."""
        self.go("電話番号で連携する")
        self.field("携帯電話番号").fill(self.number)
        self.send("認証コードを送る")

    def prove_number(self) -> None:
        before = len(self._musubi.line.sms(self.number))
        self.ask_for_code()
        self.heading("認証コードを入力")
        self.type_code(self.code(after=before))

    def code(self, after: int = 0) -> str:
        """What the newest SMS says, once more than `after` have come."""
        return self._musubi.code_for(self.number, after)

    def type_code(self, code: str) -> None:
        """It goes off by itself with its sixth digit."""
        field = self.field("認証コード")
        with self._page_left(field):
            field.fill(code)

    def birthday(self, year: int, month: int, day: int) -> None:
        for label, value in (("年", year), ("月", month), ("日", day)):
            self.liff.locator("fieldset").get_by_label(label).fill(str(value))

    def back_to_chat(self, button: str = "トークに戻る") -> None:
        """The page's own button closes it."""
        self.liff.get_by_role("button", name=button, exact=True).click()
        expect(self.sheet).to_have_count(0)

    def is_linked(self) -> None:
        """Thanked by the page, and back in the chat."""
        self.heading("連携が完了しました")
        self.back_to_chat()


NewPhone = Callable[..., Phone]
