"""D28: the same words are answered differently to friends who are linked and to others."""

from simulator.waiting import until
from tests.journeys.phone import NewPhone
from tests.journeys.running import Running
from tests.journeys.town import PASSWORD, Town


def test_what_needs_a_member_leads_the_unlinked_to_the_page_and_answers_the_linked(
    members: Town, new_phone: NewPhone
) -> None:
    member = members.take("regular")
    phone = new_phone()
    phone.add_account()
    assert "LINE連携をお願いいたします" in phone.say("ポイント")
    phone.press("LINE連携をする")
    phone.go("ログインして連携する")
    phone.field("会員番号またはメールアドレス").fill(member.number)
    phone.field("パスワード").fill(PASSWORD)
    phone.send("ログインして連携する")
    phone.is_linked()
    phone.hears("LINE連携ありがとうございます")
    phone.hears("MUSUBI100")
    assert f"{member.points:,} ポイント" in phone.say("ポイント")
    assert "LINE連携は完了しています" in phone.say("連携")


def test_what_nobody_understands_is_answered_with_choices(new_phone: NewPhone) -> None:
    phone = new_phone()
    phone.add_account()
    assert "うまく読み取れませんでした" in phone.say("ぴよぴよ")
    before = phone.said.count()
    phone.choose("店舗のご案内")
    phone.hears("店舗で")
    assert phone.said.count() == before + 1


def test_a_webhook_that_comes_twice_and_again_is_answered_once(
    musubi: Running, new_phone: NewPhone
) -> None:
    phone = new_phone()
    phone.add_account()
    musubi.line.control("POST", "/control/delivery", {"duplicate": True})
    try:
        phone.say("ありがとう")
        phone.say("営業時間")
    finally:
        musubi.line.control("POST", "/control/delivery", {"duplicate": False})
    seen = musubi.line.control("GET", "/control/webhooks")
    mine = [
        event["webhookEventId"]
        for event in seen["events"].values()
        if event["source"]["userId"] == phone.user and event["type"] == "message"
    ]
    for event_id in mine:
        musubi.line.control("POST", f"/control/webhooks/{event_id}/redeliver")

    def all_delivered() -> bool:
        attempts = musubi.line.control("GET", "/control/webhooks")["attempts"]
        statuses = [each["status"] for each in attempts if set(each["event_ids"]) & set(mine)]
        return len(statuses) == 3 * len(mine) and set(statuses) == {200}

    until(all_delivered)
    phone.say("メニュー")  # in order per person: whatever else there was to say has been said
    assert phone.said.count() == 4, phone.chat.inner_text()
