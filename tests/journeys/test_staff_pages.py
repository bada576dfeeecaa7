"""Every page of the staff site in a browser: walked by its links, at a desk and on a phone."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.shop import DESK, POCKET, Shop
from tests.journeys.town import new_number

EACH_ITS_OWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/history/)\d+|(?<=/rules/)\d+|(?<=/key/)[\w-]+"
)
"""What tells pages of one kind apart; of each kind one is looked at."""
NO_PAGE = re.compile(r"/audit\.csv|/menus/pictures/|/staff/openid|/staff/sign-in")
ADDRESSES = "[...document.links].map(link => link.href)"
NEEDED = {
    "/staff/today", "/staff/people", "/staff/people/friend/*", "/staff/people/member/*",
    "/staff/people/member/*/erase", "/staff/menus", "/staff/menus/new", "/staff/menus/key/*",
    "/staff/menus/key/*/edit", "/staff/menus/key/*/compose", "/staff/menus/key/*/history",
    "/staff/rules", "/staff/rules/*", "/staff/rules/new", "/staff/rules/calendar",
    "/staff/rules/history", "/staff/publishing", "/staff/publishing/history", "/staff/team",
    "/staff/team/*", "/staff/team/invite", "/staff/audit", "/staff/me", "/staff/me/password",
    "/staff/me/second-step",
}  # fmt: skip
"""Pages that must be found; others may be."""


@pytest.fixture(scope="module")
def number(shop: Shop) -> str:
    """Of a member who is linked; another friend is not."""
    phone = new_number()
    shop.musubi.member(phone=phone, name="結城 さくら", birthday="1990-04-01", rank="gold")
    shop.friend(phone, name="さくちゃん")
    shop.friend()
    return phone


def pages(page: Page) -> Iterator[str]:
    """Each kind of page that links lead to from the first one, which is shown then."""
    ahead, seen = ["/staff/today"], {"/staff", "/staff/today"}
    while ahead:
        page.goto(ahead.pop(0))
        yield kind_of(urlsplit(page.url).path)
        for address in page.evaluate(ADDRESSES):
            path = urlsplit(address).path
            if path.startswith("/staff") and not NO_PAGE.search(path) and kind_of(path) not in seen:
                seen.add(kind_of(path))
                ahead.append(path)


def kind_of(path: str) -> str:
    return EACH_ITS_OWN.sub("*", path)


def complaints(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    wrong = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
    if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
        wrong.append("it scrolls sideways")
    return wrong


def test_every_page_is_for_everybody(shop: Shop, number: str) -> None:
    """axe-core finds nothing, nothing is cut off, and (as everywhere) no page complains."""
    wrong, found = [], set()
    with shop.somebody("admin") as page:
        for kind in pages(page):
            found.add(kind)
            for viewport in (DESK, POCKET):
                page.set_viewport_size(viewport)
                wrong += [f"{kind} ({viewport['width']}): {each}" for each in complaints(page)]
    assert not wrong, "\n".join(wrong)
    assert found >= NEEDED, f"no link leads to {NEEDED - found}"


def test_a_stranger_and_the_pages_before_signing_in(shop: Shop) -> None:
    with shop.somebody() as page:
        for viewport in (DESK, POCKET):
            page.set_viewport_size(viewport)
            page.goto("/staff/people")
            expect(page).to_have_url(re.compile(r"/staff/sign-in\?next="))
            assert not complaints(page)
        page.goto("/staff/")
        expect(page).to_have_url(re.compile("/staff/sign-in"))


def test_a_viewer_sees_masked_data_and_no_buttons(shop: Shop, number: str) -> None:
    national = f"0{number.removeprefix('+81')}"
    seen = set()
    with shop.somebody("editor") as page:
        page.goto("/staff/people?q=結城 さくら")
        expect(page.locator("main")).to_contain_text("結城 さくら")
    with shop.somebody("viewer") as page:
        for kind in pages(page):
            seen.add(kind)
            shown = page.locator("main").inner_text()
            for secret in ("結城", "さくら", "さくちゃん", national, national[-8:]):
                assert secret not in re.sub(r"[-\s]", "", shown), f"{kind} shows {secret}"
            if not kind.startswith("/staff/me"):
                expect(page.locator("main form[method=post]")).to_have_count(0)
        page.goto("/staff/people?q=結城 さくら")
        expect(page.locator("main")).not_to_contain_text("さくら")
        for path in ("/staff/audit", "/staff/team", "/staff/menus/new", "/staff/rules/new"):
            assert kind_of(path) not in seen, f"a viewer is led to {path}"
            answer = page.request.get(path)
            assert answer.status == 403
