"""LINE's own LIFF SDK signs people in to our page: outside of LINE and in it, by deep links too."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from simulator.waiting import until
from tests.journeys.agents import ANDROID, IPHONE
from tests.journeys.running import Running
from tests.journeys.town import Town

FROM_LINE = """
if (/liffClientId/.test(location.search) && !/liffIsEscapedFromApp/.test(location.search))
  Object.defineProperty(document, "referrer", { get: () => "https://access.line.me/" });
"""
"""Where people come from after the log-in: told to pages under HTTPS, which ours is not here."""


def version(page: Page) -> str:
    return str(page.evaluate("window.liff.getVersion()"))


DOORS, MINE = "会員証とLINEをつなぐ", "まだ連携されていません"
deep_links = pytest.mark.parametrize(
    ("path", "heading"),
    [("", DOORS), ("/link", DOORS), ("/me", MINE)],
    ids=["plain", "link", "me"],
)


@deep_links
def test_outside_of_line_a_deep_link_leads_through_the_log_in_to_its_page(
    musubi: Running, real: Callable[..., Page], path: str, heading: str
) -> None:
    outside = real()
    name = f"外部ブラウザ{path}"
    person = musubi.line.add_person(name)
    outside.goto(f"https://liff.line.me/{musubi.line.settings.liff_id}{path}")
    button = outside.get_by_role("button", name="LINEでログイン")
    expect(button).to_be_visible()
    assert outside.url == f"{musubi.url}/liff{path}"
    assert version(outside) == "2.31.0"
    button.click()
    outside.get_by_role("link", name=name, exact=True).click()
    expect(outside.get_by_role("heading", level=1)).to_contain_text(heading)
    assert outside.url == f"{musubi.url}/liff{path or '/link'}"
    asked = [each["path"] for each in musubi.line.requests()]
    assert "/liff/v1/authorize" in asked
    assert "/oauth2/v2.1/token" in asked
    assert musubi.line.person(person)["consented"]


@pytest.mark.parametrize("system", [IPHONE, ANDROID], ids=["iphone", "android"])
def test_outside_of_line_on_a_phone_one_log_in_is_enough(
    musubi: Running, real: Callable[..., Page], system: str
) -> None:
    """On Android the SDK leaves the page once more after the log-in; nobody is to notice."""
    page = real(user_agent=system, is_mobile=True, has_touch=True)
    page.add_init_script(FROM_LINE)
    name = f"電話のブラウザ {len(system)}"
    musubi.line.add_person(name)
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    page.goto(f"https://liff.line.me/{musubi.line.settings.liff_id}/link")
    page.get_by_role("button", name="LINEでログイン").click()
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(DOORS)
    assert any("liffIsEscapedFromApp" in url for url in visited) == (system == ANDROID)
    page.goto(f"https://liff.line.me/{musubi.line.settings.liff_id}/me")
    expect(page.get_by_role("heading", level=1)).to_contain_text(MINE)


@deep_links
def test_in_line_a_deep_link_signs_in_by_itself(
    musubi: Running, inside: Callable[..., Page], path: str, heading: str
) -> None:
    page = inside()
    page.goto(musubi.line.in_app(musubi.line.add_person(), path))
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    assert page.url == f"{musubi.url}/liff{path or '/link'}"
    assert page.evaluate("window.liff?.isInClient()") in (True, None)


def test_a_ticket_in_the_address_reaches_its_page_and_leaves_the_address(
    musubi: Running, members: Town, inside: Callable[..., Page], real: Callable[..., Page]
) -> None:
    made = musubi.cli("members", "ticket", members.take("regular").number).split()[0]
    asked = "この会員情報と連携しますか？"
    page = inside()
    path = made.partition(musubi.line.settings.liff_id)[2]
    page.goto(musubi.line.in_app(musubi.line.add_person(), path))
    expect(page.get_by_role("heading", level=1)).to_contain_text(asked)
    assert page.url == f"{musubi.url}/liff/ticket"

    outside = real()
    musubi.line.add_person("外の 券子")
    outside.goto(made)
    outside.get_by_role("button", name="LINEでログイン").click()
    outside.get_by_role("link", name="外の 券子", exact=True).click()
    expect(outside.get_by_role("heading", level=1)).to_contain_text(asked)
    expect(outside.get_by_role("main")).to_contain_text("外の 券子")
    assert outside.url == f"{musubi.url}/liff/ticket"


def test_in_line_the_page_speaks_the_language_of_the_app(
    musubi: Running, inside: Callable[..., Page]
) -> None:
    page = inside("th")
    page.goto(musubi.line.in_app(musubi.line.add_person(language="th"), "/link"))
    page.wait_for_url(f"{musubi.url}/liff/link")
    expect(page.locator("html")).to_have_attribute("lang", "th")


def test_in_line_the_whole_tie_and_its_end(
    musubi: Running, members: Town, inside: Callable[..., Page]
) -> None:
    """From the link to the thanks and back to the chat; then unlinked, and LINE is told."""
    phone = members.take("gold").phone
    person = musubi.line.add_person("本物 花子", friend=True, phone=phone)
    page = inside()
    page.goto(musubi.line.in_app(person, "/link"))
    page.get_by_role("link", name="電話番号で連携する").click()
    page.get_by_label("携帯電話番号").fill(phone)
    page.get_by_role("button", name="認証コードを送る").click()
    page.get_by_label("認証コード").fill(musubi.code_for(phone))
    expect(page.get_by_role("heading", level=1)).to_contain_text("連携が完了しました")
    expect(page.get_by_role("button", name="トークに戻る")).to_be_visible()
    with page.expect_request("liff://close"):
        page.get_by_role("button", name="トークに戻る").click()
    page.close()

    page = inside()
    page.goto(musubi.line.in_app(person, "/me"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("マイページ")
    page.get_by_role("link", name="連携を解除する").click()
    page.wait_for_load_state()
    page.get_by_role("button", name="解除する").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("連携を解除しました")
    until(lambda: not musubi.line.person(person)["consented"], "LINE was not told")
