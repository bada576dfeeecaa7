"""Each answer is reached by its own words and no others, in every language, linked or not."""

import inspect
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import menu, replies
from bot.answers import Asked, Person
from bot.event import Event
from bot.words import plain
from core.settings import LANGUAGES
from line.limits import check_messages
from line.messages import BUTTONS_TEXT_LIMIT
from models import Friend, IfLate, Member
from tests.bot.chat import ALICE, event, text
from tests.bot.people import friend, linked
from texts import text as words_of

ALL = sorted(replies.all_replies().values(), key=lambda each: each.name)
EXAMPLES = [(each.name, example) for each in ALL for example in each.examples]


@pytest.fixture
def asked(settings, now):
    """Somebody who speaks a language, linked or not, with the longest of names."""

    def make(language="ja", *, is_linked=False, **given):
        body = text("?", now)
        event = Event("E1", "message", ALICE, now, now, body)
        someone = Friend(line_user_id=ALICE, language=language, display_name="")
        member = Member(number="1234567890", name="寿" * 100, rank="platinum", points=1234567)
        person = Person(someone, member if is_linked else None)
        return Asked(event, person, replace_settings(settings, given), now)

    return make


def replace_settings(settings, given):
    return settings.model_copy(update={"brand_name": "ブ" * 20} | given)


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_every_example_reaches_its_own_answer_and_no_other(name, example):
    assert [each.name for each in ALL if each.when(plain(example))] == [name]
    assert replies.find(example).name == name


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_every_answer_says_what_it_is_for_and_brings_examples(each):
    module = inspect.getmodule(each.write)
    assert module is not None
    assert module.__doc__
    assert each.examples or each.name == "default"


@pytest.mark.parametrize("said", ["", "?", "🙏", "晩ごはん何にしよう", "x" * 5000, "\0"])
def test_anything_else_reaches_the_default(said):
    assert replies.find(said).name == "default"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted({*menu.FOR_MEMBERS, *menu.FOR_OTHERS}))
def test_saying_what_a_choice_is_called_is_choosing_it(name, language):
    assert replies.find(words_of(f"bot.choice.{name}", language)).name == name


@pytest.mark.parametrize("site_url", ["", "https://brand.example"])
@pytest.mark.parametrize("is_linked", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("each", ALL, ids=lambda each: each.name)
def test_every_answer_fits_into_its_bubble(asked, each, language, is_linked, site_url):
    reply = replies.give(each, asked(language, is_linked=is_linked, site_url=site_url))
    check_messages(reply.messages)
    for message in reply.messages:
        _check(message)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", ["greet.new", "greet.back"])
def test_greetings_fit_into_their_bubble(asked, key, language):
    _check(menu.offer(asked(language), key))
    _check(menu.open_me(asked(language), f"{key}_linked", name="寿" * 40))


def _check(message):
    if message["type"] == "template":
        assert len(message["template"]["text"]) <= BUTTONS_TEXT_LIMIT
        actions = message["template"]["actions"]
        assert 1 <= len(actions) <= 4
    else:
        assert message["type"] == "text"
        assert message["text"]
        actions = []
    quick = [item["action"] for item in message.get("quickReply", {}).get("items", [])]
    assert len(quick) <= 13
    for action in actions + quick:
        assert 0 < len(action["label"]) <= 20
        assert len(action.get("data", "").encode()) <= 300


@pytest.mark.parametrize("each", [each for each in ALL if each.needs_member], ids=lambda e: e.name)
def test_what_only_a_member_can_have_leads_others_to_the_page(asked, each):
    reply = replies.give(each, asked("en"))
    button = reply.messages[0]["template"]["actions"][0]
    assert button["uri"] == "https://liff.line.me/2000000002-AbCdEfGh/link?from=reply"
    assert reply.if_late is IfLate.PUSH


def test_my_page_hides_most_of_the_number(asked):
    said = replies.give(replies.all_replies()["my_page"], asked("en", is_linked=True))
    words = said.messages[0]["template"]["text"]
    assert "••••••7890" in words
    assert "1234567890" not in words
    assert "1,234,567" in words
    assert "Platinum" in words


@pytest.mark.parametrize(("number", "shown"), [("7", "•"), ("12", "•2"), ("12345", "•••45")])
def test_a_short_number_is_hidden_too(asked, number, shown):
    someone = asked("en", is_linked=True)
    person = replace(someone.person, member=Member(number=number, name="A", rank="x", points=0))
    said = replies.give(replies.all_replies()["my_page"], replace(someone, person=person))
    assert f"Member no. {shown}\n" in said.messages[0]["template"]["text"]


def test_linked_and_unlinked_friends_are_told_different_things(chat, now):
    friend(chat.database, now, language="en")
    (before,) = chat.hear(text("points", now))
    assert "This is for members" in before["altText"]
    linked(chat.database, now, "U" + "c" * 32, points=1234)
    (after,) = chat.hear(text("ポイント", now, "U" + "c" * 32))
    assert "1,234 ポイント" in after["text"]
    assert "ゴールド" in after["text"]


def test_a_friend_chooses_their_language(chat, now, clock):
    friend(chat.database, now)
    (asked,) = chat.hear(text("Language", now))
    taps = [item["action"] for item in asked["quickReply"]["items"]]
    thai = next(tap for tap in taps if tap["label"] == "ไทย")
    clock.advance(seconds=1)
    (answer,) = chat.hear(_tap(thai["data"], clock()))
    assert answer["text"] == words_of("bot.language.set", "th")
    clock.advance(seconds=1)
    (later,) = chat.hear(text("???", clock() + timedelta(seconds=1)))
    assert later["text"] == words_of("bot.default.friend", "th")


def _tap(payload, at):
    return event("postback", at, postback={"data": payload})
