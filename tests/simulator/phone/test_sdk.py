"""The stand-in for LINE's LIFF SDK: the redirects, the storage and the errors pages rely on."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from simulator.running import Simulator
from tests.simulator.phone.brand_page import BrandPage


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en-US")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def settled(page: Page, name: str) -> None:
    expect(page.locator("#name")).to_have_text(name)
    expect(page.locator("#problem")).to_be_empty()


def test_inside_line_the_hash_signs_in_and_the_state_leads_on(
    tab: Page, platform: Simulator, brand: BrandPage, hanako: str
) -> None:
    tab.goto(platform.in_app(hanako, "/me?from=menu#top"))
    settled(tab, "Hanako")
    assert tab.url == f"{brand.url}/me?from=menu#top"
    expect(tab.locator("#inside")).to_have_text("true")
    assert tab.evaluate("Object.keys(localStorage)") == []
    tab.reload()
    settled(tab, "Hanako")


def test_inside_line_without_a_path_the_tokens_leave_the_address(
    tab: Page, platform: Simulator, brand: BrandPage, hanako: str
) -> None:
    tab.goto(platform.in_app(hanako))
    settled(tab, "Hanako")
    assert tab.url == brand.url
    said = tab.evaluate("liff.getDecodedIDToken()")
    assert said["sub"] == hanako
    assert tab.evaluate("liff.getContext().userId") == hanako
    assert tab.evaluate("liff.getFriendship()") == {"friendFlag": True}


def test_outside_one_logs_in_with_a_code_and_comes_back_to_the_same_page(
    tab: Page, platform: Simulator, brand: BrandPage, hanako: str
) -> None:
    tab.goto(f"{platform.url}/{platform.settings.liff_id}/link?step=2")
    settled(tab, "nobody")
    assert tab.url == f"{brand.url}/link?step=2"
    tab.get_by_role("button", name="log in").click()
    tab.goto(f"{tab.url}&as={hanako}")
    settled(tab, "Hanako")
    assert tab.url == f"{brand.url}/link?step=2"
    expect(tab.locator("#inside")).to_have_text("false")
    assert tab.evaluate("sessionStorage.length") == 0
    tab.evaluate("liff.logout()")
    tab.reload()
    settled(tab, "nobody")


def test_login_is_bound_to_its_verifier(tab: Page, platform: Simulator, brand: BrandPage) -> None:
    """A code that somebody else started to ask for is not theirs to spend: PKCE."""
    hanako = platform.add_person("Hanako")
    tab.goto(brand.url)
    settled(tab, "nobody")
    with tab.expect_navigation(url="**/liff/v1/authorize?**"):
        tab.get_by_role("button", name="log in").click()
    asked = tab.url
    tab.goto(brand.url)
    key = f"LIFF_STORE:{platform.settings.liff_id}:loginTmp"
    tab.evaluate("([key, text]) => localStorage.setItem(key, text)", [key, WRONG_VERIFIER])
    tab.goto(f"{asked}&as={hanako}")
    expect(tab.locator("#problem")).to_contain_text("400")
    assert not tab.evaluate("liff.isLoggedIn()")


WRONG_VERIFIER = '{"codeVerifier": "' + "x" * 43 + '"}'

CODES: list[tuple[str, str]] = [
    ("liff.init({})", "INVALID_CONFIG"),
    ("liff.sendMessages([{type: 'text', text: 'x'}])", "FORBIDDEN"),
    ("liff.getProfile()", "UNAUTHORIZED"),
    ("liff.openWindow({})", "INVALID_ARGUMENT"),
    ("liff.permanentLink.createUrlBy('https://elsewhere.example/')", "INVALID_ARGUMENT"),
    ("liff.requestFriendship()", "FORBIDDEN"),
]


@pytest.mark.parametrize(("call", "code"), CODES)
def test_errors_carry_liff_codes(tab: Page, brand: BrandPage, call: str, code: str) -> None:
    tab.goto(brand.url)
    settled(tab, "nobody")
    script = f"async () => {{ try {{ await {call}; }} catch (e) {{ return [e.name, e.code]; }} }}"
    assert tab.evaluate(script) == ["LiffError", code]


def test_a_forged_access_token_does_not_sign_in(tab: Page, brand: BrandPage) -> None:
    tab.goto(f"{brand.url}#access_token=forged&feature_token=x&client_id=2000000002")
    expect(tab.locator("#problem")).not_to_be_empty()
    assert not tab.evaluate("liff.isLoggedIn()")


def test_a_permanent_link_leads_back_to_the_page(
    tab: Page, platform: Simulator, brand: BrandPage
) -> None:
    tab.goto(brand.url)
    settled(tab, "nobody")
    made: Any = tab.evaluate("url => liff.permanentLink.createUrlBy(url)", f"{brand.url}/me?a=1#b")
    assert made == f"{platform.url}/{platform.settings.liff_id}/me?a=1#b"
    tab.goto(made.removesuffix("#b"))  # a browser keeps the fragment from the LIFF server
    settled(tab, "nobody")
    assert tab.url == f"{brand.url}/me?a=1"


def test_messages_sent_from_the_page_stand_in_the_chat(
    tab: Page, platform: Simulator, hanako: str
) -> None:
    tab.goto(platform.in_app(hanako))
    settled(tab, "Hanako")
    tab.evaluate("liff.sendMessages([{type: 'text', text: 'said by the page'}])")
    [said] = platform.person(hanako)["chat"]
    assert said["message"]["text"] == "said by the page"
