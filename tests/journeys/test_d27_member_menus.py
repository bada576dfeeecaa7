"""D27: each friend sees the menu that fits their profile, and sees it follow the profile."""

from playwright.sync_api import expect

from simulator.waiting import until
from tests.journeys.phone import NewPhone, Phone
from tests.journeys.running import Running
from tests.journeys.town import Member, Town


def linked(new_phone: NewPhone, member: Member) -> Phone:
    phone = new_phone(member.phone)
    phone.add_account()
    phone.press("LINE連携をする")
    phone.prove_number()
    phone.is_linked()
    return phone


def test_a_new_rank_is_seen_in_the_chat_within_seconds(
    musubi: Running, members: Town, new_phone: NewPhone
) -> None:
    member = members.take("regular")
    phone = linked(new_phone, member)
    phone.sees_menu("member")
    musubi.cli("members", "set", member.number, "rank=gold")
    phone.sees_menu("gold")


def test_in_the_month_of_the_birthday_its_menu_is_shown(members: Town, new_phone: NewPhone) -> None:
    phone = linked(new_phone, members.take("birthday"))
    phone.sees_menu("birthday")


def test_a_tab_of_the_menu_is_switched_to_and_back(
    musubi: Running, members: Town, new_phone: NewPhone
) -> None:
    member = members.take("regular")
    phone = linked(new_phone, member)
    phone.sees_menu("member")
    phone.tap("お店・サポート")
    phone.tap("店舗情報")
    phone.hears("営業時間や店舗のご案内は")
    phone.tap("会員メニュー")
    phone.tap("ポイント")
    phone.hears(f"{member.points:,} ポイント")

    phone.tap("お店・サポート")
    expect(phone.menu.get_by_role("button", name="お問い合わせ")).to_be_visible()
    musubi.cli("members", "set", member.number, "rank=gold")
    phone.sees_menu("gold")  # whatever tab was open


def test_a_block_forgets_the_menu_and_coming_back_gets_it_again(
    musubi: Running, members: Town, new_phone: NewPhone
) -> None:
    member = members.take("gold")
    phone = linked(new_phone, member)
    phone.sees_menu("gold")
    phone.settings("ブロック")
    expect(phone.page.get_by_text("このアカウントをブロックしています")).to_be_visible()
    until(lambda: not musubi.line.person(phone.user)["menu"])
    phone.settings("ブロック解除")
    phone.hears(f"{member.name} 様、おかえりなさい")
    phone.sees_menu("gold")


def test_who_comes_back_unlinked_is_greeted_as_known_and_offered_the_link(
    new_phone: NewPhone,
) -> None:
    phone = new_phone()
    phone.add_account()
    phone.hears("友だち追加ありがとうございます")
    phone.settings("ブロック")
    phone.settings("ブロック解除")
    phone.hears("おかえりなさい。結びコーヒーです")
    phone.sees_menu("guest")
    phone.press("LINE連携をする")
    phone.heading("会員証とLINEをつなぐ")
