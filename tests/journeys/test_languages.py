"""Each person is spoken to in the language of their LINE app, in the chat and on the page."""

import pytest
from playwright.sync_api import expect

from tests.journeys.phone import NewPhone
from tests.journeys.town import PASSWORD, Town
from texts import text

BRAND = "結びコーヒー"


@pytest.mark.parametrize("language", ["ja", "en", "zh-Hant", "th"])
def test_the_tie_in_the_persons_language(members: Town, new_phone: NewPhone, language: str) -> None:
    def words(key: str, **values: object) -> str:
        return text(key, language, **values)

    member = members.take("regular")
    phone = new_phone(language=language)
    phone.add_account()
    phone.hears(words("bot.greet.new", brand=BRAND).splitlines()[0])
    phone.press(words("bot.button.link"))
    phone.heading(words("liff.link.heading", brand=BRAND))
    expect(phone.liff.locator("html")).to_have_attribute("lang", language)
    phone.go(words("liff.link.log_in"))
    phone.field(words("liff.log_in.name")).fill(member.number)
    phone.field(words("liff.log_in.password")).fill("not it")
    phone.send(words("liff.log_in.send"))
    expect(phone.liff.get_by_role("alert")).to_contain_text(words("members.login_wrong"))
    phone.field(words("liff.log_in.password")).fill(PASSWORD)
    phone.send(words("liff.log_in.send"))
    phone.heading(words("liff.done.title"))
    phone.back_to_chat(words("liff.back_to_chat"))
    phone.hears(words("members.thanks", name=member.name, brand=BRAND))


def test_who_picks_another_language_on_the_page_keeps_it(new_phone: NewPhone) -> None:
    phone = new_phone()
    phone.add_account()
    phone.press("LINE連携をする")
    phone.heading("会員証とLINEをつなぐ")
    phone.go("English")
    phone.heading(text("liff.link.heading", "en", brand=BRAND))
    phone.go(text("liff.link.phone", "en"))
    phone.heading(text("liff.phone.title", "en"))
