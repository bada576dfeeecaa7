"""Without JavaScript nobody can be signed in, and the page says what to do instead."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.journeys.running import Running


def test_the_page_says_what_to_do(
    musubi: Running, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"https://liff.line.me/{musubi.line.settings.liff_id}/link")
    expect(page.locator("h1:visible")).to_have_text(["JavaScriptをオンにしてください"])
    advice = page.locator("p:visible")
    expect(advice).to_contain_text(["LINEアプリのトーク画面から開いてください"])
