"""To how many people linking was offered: whoever was shown the button, once a day by each way."""

import pytest
from sqlalchemy import select

from models import Entry, FunnelMark, Step
from tests.bot.chat import ALICE, BOB, event, text
from tests.bot.people import linked


@pytest.fixture
def offered(chat):
    def look():
        with chat.database.read() as db:
            marks = db.execute(select(FunnelMark.step, FunnelMark.entry)).all()
        assert all(step is Step.OFFERED for step, _ in marks)
        return sorted(entry for _, entry in marks)

    return look


def test_a_greeting_offers_it(chat, now, offered):
    chat.hear(event("follow", now), event("follow", now, BOB))
    assert offered() == [Entry.GREETING, Entry.GREETING]


def test_an_answer_offers_it_however_often_on_one_day(chat, now, offered):
    chat.hear(text("連携", now))
    chat.hear(text("ポイント", now))
    chat.hear(event("postback", now, postback={"data": "1:link"}))
    assert offered() == [Entry.REPLY]


def test_several_answers_of_one_handful(chat, now, offered):
    chat.hear(event("follow", now), event("follow", now, BOB))
    chat.hear(text("連携", now), text("連携", now, BOB))
    assert offered() == [Entry.GREETING, Entry.GREETING, Entry.REPLY, Entry.REPLY]


def test_an_answer_without_the_button_offers_nothing(chat, now, offered):
    chat.hear(text("こんにちは", now))
    assert offered() == []


def test_whoever_is_linked_is_offered_nothing(chat, now, offered):
    linked(chat.database, now)
    chat.hear(event("follow", now, ALICE), text("連携", now))
    assert offered() == []


def test_what_another_module_says_is_not_our_offer(chat, now, offered):
    chat.hear(event("follow", now, mode="standby"))
    assert offered() == []
