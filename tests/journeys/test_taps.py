"""Taps in a friend's chat are seen on the staff site: a website by way of us, and a page of ours."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from simulator.waiting import until
from tests.journeys.shop import Shop, publish_now, save_menu

SHOP = "https://brand.example/shop?a=b#c"


def taps(page: Page, area: int) -> str:
    """What the page of taps says of an area of the guests' menu."""
    page.goto("/staff/taps?days=7")
    part = page.locator("section, article, main > div").filter(has_text="ゲスト").last
    return part.locator("tbody tr").nth(area - 1).locator("td").nth(2).inner_text()


def will_be(page: Page, area: int, number: int) -> None:
    until(lambda: taps(page, area) == str(number), "the tap is not counted")


def choose_website(page: Page) -> None:
    page.goto("/staff/menus")
    page.get_by_role("link", name=re.compile("編集.*ゲスト$")).click()
    page.locator("#tabs-0-areas-1-kind").select_option("site")
    page.locator("#tabs-0-areas-1-uri").fill(SHOP)
    page.locator("#tabs-0-areas-1-label").fill("通販サイト")
    page.get_by_label("タップを数える").nth(1).check()
    save_menu(page)


def test_what_a_friend_taps_is_counted(shop: Shop) -> None:
    with shop.phone(shop.friend()) as phone, shop.somebody("publisher") as page:
        choose_website(page)
        publish_now(page)
        assert taps(page, 2) == "0"
        until(lambda: phone.menu.get_by_role("button", name="通販サイト").count() == 1,
              "the phone does not show the new menu")  # fmt: skip
        phone.tap("通販サイト")
        away = phone.page.get_by_role("dialog").get_by_role("link").get_attribute("href")
        assert away
        assert urlsplit(away).path.startswith("/t/")
        for n in (1, 2):
            answer = page.request.get(away, max_redirects=0)
            assert (answer.status, answer.headers["location"]) == (302, SHOP)
            will_be(page, 2, n)
        expect(page.locator("main")).to_contain_text("通販サイト")


def test_a_page_that_a_friend_opens_from_the_menu_is_counted(shop: Shop) -> None:
    with shop.phone(shop.friend()) as phone, shop.somebody("publisher") as page:
        before = int(taps(page, 1))
        phone.tap("会員証を連携")
        phone.heading("会員証")
        will_be(page, 1, before + 1)  # and not twice, though LINE's script loads it again
