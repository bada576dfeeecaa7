"""D25: a link on the brand's own site ties the member who is logged in there, once they confirm."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.agents import ANDROID, IN_LINE
from tests.journeys.phone import NewPhone
from tests.journeys.running import Running
from tests.journeys.town import Town

Open = Callable[..., BrowserContext]


def link_for(musubi: Running, number: str) -> str:
    """What the site shows to this member."""
    return musubi.cli("members", "ticket", number).split()[0]


def log_in(page: Page, link: str, name: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="LINEでログイン").click()
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("この会員情報と連携しますか？")


def test_a_link_on_the_site_leads_to_the_members_menu(
    musubi: Running, members: Town, new_phone: NewPhone, new_context: Open
) -> None:
    member = members.take("gold")
    phone = new_phone(name="眼鏡 花子")
    phone.add_account()
    phone.sees_menu("guest")
    link = link_for(musubi, member.number)
    page = new_context().new_page()
    log_in(page, link, "眼鏡 花子")
    assert page.url == f"{musubi.url}/liff/ticket", "the ticket has left the address"
    shown = page.get_by_role("main")
    expect(shown).to_contain_text("眼鏡 花子")
    expect(shown).to_contain_text(f"•{member.number[-2:]}")
    expect(shown).not_to_contain_text(member.name)
    page.get_by_role("button", name="この会員情報と連携する").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("連携が完了しました")
    phone.hears("MUSUBI100")
    phone.sees_menu("gold")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("すでに連携されています")
    assert link.rpartition("/")[2] not in musubi.log()


def test_somebody_elses_link_shows_whose_it_is_and_ties_nobody(
    musubi: Running, members: Town, new_phone: NewPhone, new_context: Open
) -> None:
    """A stranger sends the link of their own record around, and waits for whoever opens it."""
    stranger = members.take("regular")
    phone = new_phone(name="うっかり 次郎")
    phone.add_account()
    page = new_context().new_page()
    log_in(page, link_for(musubi, stranger.number), "うっかり 次郎")
    expect(page.get_by_role("main")).to_contain_text(f"{stranger.name[0]}•")
    page.get_by_role("link", name="連携しない").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("会員証とLINEをつなぐ")
    assert "linked     no" in musubi.cli("members", "show", stranger.number)
    assert "LINE連携をお願いいたします" in phone.say("ポイント")


def test_in_line_it_opens_over_the_chat_and_is_confirmed_there(
    musubi: Running, members: Town, new_phone: NewPhone, new_context: Open
) -> None:
    """From the QR code on a screen in the shop."""
    member = members.take("regular")
    phone = new_phone(name="店頭 春子")
    phone.add_account()
    path = link_for(musubi, member.number).partition(musubi.line.settings.liff_id)[2]
    page = new_context(user_agent=ANDROID + IN_LINE).new_page()
    page.goto(musubi.line.in_app(phone.user, path))
    page.get_by_role("button", name="この会員情報と連携する").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("連携が完了しました")
    phone.sees_menu("member")
