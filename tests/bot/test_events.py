"""What each event does to the friend, and what is answered."""

import json
import re

import pytest
from sqlalchemy import select

from bot import replies
from core.settings import LANGUAGES
from line.gateway import LineRefused, LineUnavailable, Profile
from models import FriendTag, InboxEvent, MenuAssignment, Outgoing
from richmenus import offering
from tests.bot.chat import ALICE, BOB, event, text
from tests.bot.people import found, friend, friends, linked
from texts import text as words_of

GROUP = {"type": "group", "groupId": "C" + "1" * 32, "userId": ALICE}


def note(chat, kind):
    with chat.database.read() as db:
        return db.scalars(select(InboxEvent.error).where(InboxEvent.kind == kind)).one()


def said(key, language="ja", **values):
    return words_of(f"bot.{key}", language, brand="Musubi", **values)


# follow


def test_a_new_friend_is_greeted_and_offered_the_page(chat, now):
    (greeting,) = chat.hear(event("follow", now))
    assert greeting["altText"] == said("greet.new")
    (button,) = greeting["template"]["actions"]
    assert button["uri"] == "https://liff.line.me/2000000002-AbCdEfGh/link?from=greeting"
    someone = found(chat.database)
    assert (someone.following, someone.friendship_at, someone.followed_at) == (True, now, now)
    assert someone.menu_stale_at == now
    assert chat.line.replies


@pytest.mark.parametrize(
    ("lines_word", "language"),
    [("en", "en"), ("zh-TW", "zh-Hant"), ("th", "th"), ("ja", "ja"), ("fr", "ja"), ("", "ja")],
)
def test_a_new_friend_is_greeted_in_the_language_of_their_line(chat, now, lines_word, language):
    chat.line.profiles[ALICE] = Profile(ALICE, "Alice", lines_word)
    (greeting,) = chat.hear(event("follow", now))
    assert greeting["altText"] == said("greet.new", language)
    assert found(chat.database).display_name == "Alice"


@pytest.mark.parametrize("trouble", [LineUnavailable("500"), LineRefused("403 no", 403)])
def test_a_new_friend_is_greeted_though_line_does_not_tell_who_they_are(chat, now, trouble):
    chat.line.fail_with["profile"] = trouble
    (greeting,) = chat.hear(event("follow", now))
    assert greeting["altText"] == said("greet.new")


def test_an_odd_name_is_no_trouble(chat, now):
    chat.line.profiles[ALICE] = Profile(ALICE, "A\0\ud800lice", "en")
    assert chat.hear(event("follow", now))
    assert found(chat.database).display_name == "A?lice"


def test_a_language_chosen_by_the_friend_is_not_overwritten(chat, now):
    friend(chat.database, now, following=False, language="th")
    chat.line.profiles[ALICE] = Profile(ALICE, "Alice", "en")
    (greeting,) = chat.hear(event("follow", chat.clock.advance(seconds=1)))
    assert greeting["altText"] == said("greet.back", "th")
    assert chat.line.calls == ["reply"]


def test_back_after_a_block(chat, now, clock):
    chat.hear(event("follow", now))
    chat.hear(event("unfollow", clock.advance(seconds=60)))
    before = found(chat.database)
    assert not before.following
    (greeting,) = chat.hear(event("follow", clock.advance(seconds=60)))
    assert greeting["altText"] == said("greet.back")
    after = found(chat.database)
    assert after.following
    assert after.menu_epoch > before.menu_epoch
    assert after.menu_stale_at == clock()


def test_a_linked_friend_is_greeted_by_name(chat, now, clock):
    linked(chat.database, now)
    (greeting,) = chat.hear(event("follow", clock.advance(seconds=60)))
    assert greeting["altText"] == said("greet.back_linked", name="山田 花子")
    assert greeting["template"]["actions"][0]["uri"].endswith("/me?from=greeting")


def test_late_events_never_undo_newer_ones(chat, now, clock):
    chat.hear(event("follow", clock.advance(seconds=20)))
    assert chat.hear(event("unfollow", now)) == []
    assert found(chat.database).following
    chat.hear(event("unfollow", clock.advance(seconds=20)))
    assert chat.hear(event("follow", now)) == []
    assert not found(chat.database).following
    assert found(chat.database).friendship_at == clock()


def test_a_webhook_in_the_wrong_order(chat, now, clock):
    first, then = event("follow", now), event("unfollow", clock.advance(seconds=5))
    chat.hear(then, first)
    assert not found(chat.database).following


def test_an_unfollow_of_somebody_we_never_met(chat, now):
    assert chat.hear(event("unfollow", now)) == []
    assert not found(chat.database).following


# message


def test_a_question_is_answered_with_the_free_reply(chat, now):
    asked = text("営業時間", now)
    (answer,) = chat.hear(asked)
    assert answer["text"] == said("shop_without_site")
    assert [each.to for each in chat.line.replies] == [asked["replyToken"]]
    assert not chat.line.pushes


def test_somebody_who_is_no_friend_is_answered_too(chat, now):
    chat.line.profiles[ALICE] = Profile(ALICE, "Alice", "en")
    (answer,) = chat.hear(text("hello", now))
    assert answer["text"] == said("hello.friend", "en")
    assert found(chat.database).friendship_at is None
    assert found(chat.database).language == "en"


@pytest.mark.parametrize("kind", ["image", "video", "audio", "file", "location", "sticker", "new"])
def test_what_is_no_text_is_answered_with_what_we_can_do(chat, now, kind):
    (answer,) = chat.hear(event("message", now, message={"type": kind, "id": "1"}))
    assert answer["text"] == said("not_text")


def test_a_message_without_a_message(chat, now):
    assert chat.hear(event("message", now))[0]["text"] == said("not_text")


def test_a_group_is_not_answered(chat, now):
    assert chat.hear(text("営業時間", now) | {"source": GROUP}) == []
    assert friends(chat.database) == []
    assert note(chat, "message") == "not one to one with a person"


def test_an_event_that_cannot_be_answered_is_settled(chat, now):
    asked = text("営業時間", now)
    del asked["replyToken"]
    assert chat.hear(asked) == []
    assert note(chat, "message") == "there is no way to answer"


def test_standby_is_never_answered_but_friendship_is_noted(chat, now, clock):
    assert chat.hear(event("follow", now, mode="standby")) == []
    assert found(chat.database).following
    assert chat.hear(text("営業時間", clock.advance(seconds=1), mode="standby")) == []
    tap = {"postback": {"data": "1:tag:coffee"}}
    assert chat.hear(event("postback", clock.advance(seconds=1), mode="standby", **tap)) == []
    with chat.database.read() as db:
        assert db.scalars(select(FriendTag)).all() == []
        assert db.scalars(select(Outgoing)).all() == []
    chat.hear(event("unfollow", clock.advance(seconds=1), mode="standby"))
    assert not found(chat.database).following
    assert chat.line.calls == []


# postback


def tap(chat, payload, **more):
    return event("postback", chat.clock.advance(seconds=1), postback={"data": payload} | more)


def test_a_tap_is_as_good_as_saying_it(chat, now):
    friend(chat.database, now)
    assert chat.hear(tap(chat, "1:reply:menu"))[0]["text"] == said("menu.friend")


def test_a_tap_on_link(chat, now):
    friend(chat.database, now)
    assert chat.hear(tap(chat, "1:link"))[0]["altText"] == said("link.offer")


def test_a_tag_is_given_once_however_often_it_is_tapped(chat, now):
    someone = friend(chat.database, now)
    chosen = tap(chat, "1:tag:coffee")
    for each in (chosen, chosen, tap(chat, "1:tag:coffee")):
        chat.hear(each)
    with chat.database.read() as db:
        tags = db.scalars(select(FriendTag)).all()
    assert [(each.friend_id, each.tag) for each in tags] == [(someone.id, "coffee")]
    assert chat.line.replies[0].texts == [said("tagged")]
    assert found(chat.database).menu_stale_at is not None


def test_commas_stand_between_tags(chat, now):
    """As everywhere else: staff, who give and take tags by commas, could not take this one."""
    friend(chat.database, now)
    chat.hear(tap(chat, "1:tag:coffee,春、coffee"))
    with chat.database.read() as db:
        assert set(db.scalars(select(FriendTag.tag))) == {"coffee", "春"}


@pytest.mark.parametrize(
    "payload",
    [
        "storeId=12345", "", "2:reply:menu", "1:", "1:fly", "1:fly:away", "1:reply", "1:reply:",
        "1:reply:nothing", "1:tag", "1:tag:", "1:tag: ", "1:tag: ,、", "1:language:fr", "1:language", "x" * 5000,
        "1:reply:menu\n", "\0", "1:REPLY:menu",
    ],
)  # fmt: skip
def test_other_data_is_answered_kindly(chat, now, payload):
    friend(chat.database, now)
    assert chat.hear(tap(chat, payload))[0]["text"] == said("old_button")
    assert not re.fullmatch(offering.KNOWN, payload), "the editor of menus warns of it"


@pytest.mark.parametrize(
    "payload",
    [
        *(f"1:reply:{name}" for name in replies.all_replies()), "1:reply:shop:more", "1:link",
        "1:tag:coffee", "1:tag: 春の 新商品", *(f"1:language:{code}" for code in LANGUAGES),
    ],
)  # fmt: skip
def test_what_the_editor_of_menus_takes_for_known_is_known(chat, now, payload):
    friend(chat.database, now)
    assert re.fullmatch(offering.KNOWN, payload)
    assert chat.hear(tap(chat, payload))[0].get("text") != said("old_button")


@pytest.mark.parametrize("postback", [None, 7, [], {}, {"data": None}, {"data": 7, "params": "x"}])
def test_odd_postbacks_are_answered_kindly(chat, now, postback):
    friend(chat.database, now)
    asked = event("postback", now, postback=postback)
    assert chat.hear(asked)[0]["text"] == said("old_button")


def test_a_tab_that_did_not_switch_is_left_alone(chat, now):
    friend(chat.database, now)
    failed = tap(chat, "1:tab", params={"status": "RICHMENU_NOTFOUND", "newRichMenuAliasId": "b"})
    assert chat.hear(failed) == []
    assert note(chat, "postback") == "LINE could not switch the rich menu"


def test_a_tab_that_did_switch_is_told_to_the_menus(chat, now, database):
    """Nobody knows this tab, so the friend's menu is looked at anew."""
    someone = friend(chat.database, now)
    with database.begin() as db:
        db.add(
            MenuAssignment(
                id=someone.id, wanted="gold", rule=0, because="", shown="richmenu-1", due_at=now
            )
        )
    to_tab = {"newRichMenuAliasId": "gold-b", "status": "SUCCESS"}
    assert chat.hear(tap(chat, "1:tab", params=to_tab)) == []
    assert found(chat.database).menu_stale_at == chat.clock()
    with database.read() as db:
        assert db.scalars(select(MenuAssignment.shown)).one() is None


# accountLink, unsend, and all the rest


def test_an_unknown_nonce_is_kept_and_ignored(chat, now):
    chat.hear(event("accountLink", now, replyToken="t", link={"result": "ok", "nonce": "n"}))
    chat.hear(event("accountLink", now, user=None, link={"result": "failed", "nonce": "n"}))
    with chat.database.read() as db:
        assert set(db.scalars(select(InboxEvent.error))) == {"the nonce is not one of ours"}
    assert chat.line.sent == []


def raws(chat, kind="message"):
    with chat.database.read() as db:
        return [json.loads(r) for r in db.scalars(select(InboxEvent.raw).filter_by(kind=kind))]


def unsend(message, at, user=ALICE):
    return event("unsend", at, user, unsend={"messageId": message["message"]["id"]})


def test_what_is_taken_back_is_deleted(chat, clock, now):
    secret, other = text("内緒だよ", now), text("聞いて", now, BOB)
    chat.hear(secret, other)
    chat.hear(unsend(secret, clock.advance(seconds=3)))
    assert "内緒" not in json.dumps(raws(chat), ensure_ascii=False)
    assert "聞いて" in json.dumps(raws(chat), ensure_ascii=False)
    left = {"id": secret["message"]["id"], "unsent": True}
    assert left in [raw["message"] for raw in raws(chat)]


def test_what_is_taken_back_before_we_came_to_it_is_not_answered(chat, clock, now):
    secret = text("内緒だよ", now)
    assert chat.hear(unsend(secret, clock.advance(seconds=3)), secret) == []
    assert "内緒" not in json.dumps(raws(chat), ensure_ascii=False)


def test_what_arrives_after_it_was_taken_back_is_not_kept(chat, clock, now):
    secret = text("内緒だよ", now)
    chat.hear(unsend(secret, clock.advance(seconds=3)))
    assert chat.hear(secret) == []
    assert "内緒" not in json.dumps(raws(chat), ensure_ascii=False)


def test_what_is_taken_back_in_a_group_is_deleted_too(chat, clock, now):
    secret = text("内緒だよ", now) | {"source": GROUP}
    chat.hear(secret)
    chat.hear(unsend(secret, clock.advance(seconds=3)) | {"source": GROUP})
    assert "内緒" not in json.dumps(raws(chat), ensure_ascii=False)


def test_an_unknown_type_is_kept_and_ignored(chat, now):
    assert chat.hear(event("teleported", now, replyToken="t")) == []
    assert note(chat, "teleported") == "nothing is done about events of this type"
