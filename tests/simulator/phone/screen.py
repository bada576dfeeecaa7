"""What the tests of the phone look at."""

from playwright.sync_api import Locator, Page, expect

from tests.simulator.phone.bot import Line


def open_phone(page: Page, line: Line, user_id: str) -> None:
    page.goto(f"{line.simulator.url}/phone/?person={user_id}")
    account = line.simulator.settings.account_name
    expect(page.get_by_role("heading", name=account, level=2)).to_be_visible()


def chat(page: Page) -> Locator:
    return page.get_by_role("log", name="トーク")
