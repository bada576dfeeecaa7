"""The word of the staff site, sent in the chat: whose LINE it is, and nobody else's."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from accounts import own_line, retention, team
from accounts.actors import Actor
from accounts.rules import LINE_WORDS
from core.errors import TooMany
from models import Friend, Role, StaffAccount, StaffAudit, StaffLine, StaffLineWord
from tests.bot.chat import ALICE, BOB, Chat, text
from texts import text as words_of

TIED = words_of("bot.staff_tied", "ja")


@pytest.fixture
def hanako(chat: Chat) -> UUID:
    return make(chat, "hanako@example.com")


def make(chat: Chat, email: str) -> UUID:
    who = Actor(None, "test", "", chat.clock())
    with chat.database.begin() as db:
        account = team.add(db, who, email, "花子", Role.EDITOR, language="ja")
        account.joined_at = chat.clock()
        return account.id


def offer(chat: Chat, account_id: UUID) -> str:
    with chat.database.begin() as db:
        return own_line.offer(db, account_id, chat.clock(), chat.settings).word


def whose(chat: Chat, account_id: UUID) -> str | None:
    with chat.database.read() as db:
        friend = own_line.tied(db, account_id)
        return friend.line_user_id if friend else None


def hear(chat: Chat, said: str, user: str = ALICE) -> str:
    answers = chat.hear(text(said, chat.clock(), user))
    chat.clock.advance(seconds=1)
    return str(answers[0].get("text"))


@pytest.mark.parametrize(
    "typed",
    [
        str,
        str.lower,
        lambda word: f"  {word}\n",
        lambda word: word.replace("-", "ー"),
        lambda word: "".join(chr(ord(c) + 0xFEE0) for c in word),
    ],
    ids=["as shown", "small", "with spaces", "a Japanese dash", "full width"],
)
def test_the_word_ties(chat: Chat, hanako: UUID, typed: Callable[[str], str]) -> None:
    word = offer(chat, hanako)
    assert hear(chat, typed(word)) == TIED
    assert whose(chat, hanako) == ALICE
    with chat.database.read() as db:
        line = db.scalars(select(StaffAudit).where(StaffAudit.act == "account.line_tied")).one()
        assert (line.account_id, line.thing_id) == (hanako, str(hanako))
        assert ALICE not in str([line.name, line.before, line.after])
        assert not db.scalar(select(func.count()).select_from(StaffLineWord))


def test_the_answer_is_in_the_friends_language(chat: Chat, hanako: UUID) -> None:
    hear(chat, "?")
    with chat.database.begin() as db:
        db.execute(update(Friend).values(language="th"))
    assert hear(chat, offer(chat, hanako)) == words_of("bot.staff_tied", "th")


def test_it_is_good_once(chat: Chat, hanako: UUID) -> None:
    word = offer(chat, hanako)
    hear(chat, word)
    assert hear(chat, word, BOB) != TIED
    assert whose(chat, hanako) == ALICE


def test_it_is_good_for_ten_minutes(chat: Chat, hanako: UUID) -> None:
    word = offer(chat, hanako)
    chat.clock.advance(minutes=10)
    ordinary = hear(chat, "ABCD-2345")
    assert hear(chat, word) == ordinary
    assert whose(chat, hanako) is None
    assert retention.work(chat.database, chat.clock(), chat.settings) == 1


def test_a_new_word_takes_the_place_of_the_old(chat: Chat, hanako: UUID) -> None:
    old, new = offer(chat, hanako), offer(chat, hanako)
    assert hear(chat, old) != TIED
    assert hear(chat, new) == TIED


def test_guesses_are_counted(chat: Chat, hanako: UUID) -> None:
    word = offer(chat, hanako)
    for _ in range(LINE_WORDS[0][0]):
        hear(chat, "ABCD-2345")
    assert hear(chat, word) != TIED, "too many were wrong"
    assert hear(chat, word, BOB) == TIED


def test_words_are_counted(chat: Chat, hanako: UUID) -> None:
    for _ in range(LINE_WORDS[0][0]):
        offer(chat, hanako)
    with pytest.raises(TooMany):
        offer(chat, hanako)
    chat.clock.advance(minutes=61)
    offer(chat, hanako)


def test_whoever_was_put_away_ties_nothing(chat: Chat, hanako: UUID) -> None:
    word = offer(chat, hanako)
    with chat.database.begin() as db:
        db.execute(update(StaffAccount).values(deactivated_at=chat.clock()))
    assert hear(chat, word) != TIED


def test_one_line_is_one_persons_and_one_person_has_one(chat: Chat, hanako: UUID) -> None:
    taro = make(chat, "taro@example.com")
    hear(chat, offer(chat, hanako))
    hear(chat, offer(chat, hanako), BOB)
    assert whose(chat, hanako) == BOB
    hear(chat, offer(chat, taro), BOB)
    assert (whose(chat, hanako), whose(chat, taro)) == (None, BOB)
    with chat.database.begin() as db:
        who = Actor(taro, "太郎", "", chat.clock())
        assert own_line.untie(db, who, taro)
        assert not own_line.untie(db, who, taro)
        assert not db.scalar(select(func.count()).select_from(StaffLine))
        undone = select(func.count()).where(StaffAudit.act == "account.line_untied")
        assert db.scalar(undone) == 2


def test_two_words_at_once(chat: Chat, hanako: UUID) -> None:
    """Both in one handful of the inbox."""
    taro = make(chat, "taro@example.com")
    words, now = (offer(chat, hanako), offer(chat, taro)), chat.clock()
    chat.hear(text("?", now), text("?", now, BOB))
    later = now + timedelta(seconds=1)
    chat.hear(text(words[0], later), text(words[1], later, BOB))
    assert (whose(chat, hanako), whose(chat, taro)) == (ALICE, BOB)


@pytest.mark.parametrize("said", ["ABCD2345", "ABCD-234O", "ABCD-23456", "連携", "hello-you", ""])
def test_what_is_no_word(said: str) -> None:
    assert own_line.read(said) == ""
