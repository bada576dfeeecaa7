"""`musubi inbox`: what staff see of events, and replaying what failed."""

from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from bot import inbox
from cli import main
from cli.parts import Parts
from core import owed
from core.clock import now
from core.database import Database, connect
from line.fake import FakeLine
from models import Base, InboxEvent
from tests.bot.chat import Chat, event, text


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'inbox.db'}"


@pytest.fixture
def own(url) -> Iterator[Database]:
    database = connect(url)
    Base.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def chat(own, url, make_settings, line: FakeLine, clock) -> Chat:
    return Chat(make_settings(database_url=url), own, line, clock)


@pytest.fixture
def musubi(chat) -> Iterator[Callable[..., Result]]:
    parts = Parts(chat.settings)
    yield lambda *words: CliRunner().invoke(main, ["inbox", *words], obj=parts)
    parts.database.close()


def fail(chat, event_id):
    with chat.database.begin() as db:
        row = db.query(InboxEvent).filter_by(webhook_event_id=event_id).one()
        owed.failed(db, row, chat.clock(), "KeyError: 'field'\nand more")


def test_nothing_yet(musubi):
    result = musubi("list")
    assert result.exit_code == 0
    assert result.output == "0 due, 0 done, 0 failed\n"


def test_lists_the_newest_first_in_the_brands_time(musubi, chat, clock):
    first, second = event("follow", clock()), text("秘密", clock())
    chat.hear(first)
    clock.advance(seconds=60)
    chat.tell(second)
    fail(chat, second["webhookEventId"])
    head, newest, oldest, counted = musubi("list").output.splitlines()
    assert head.split() == ["event", "received", "state", "tries", "type", "reason"]
    assert newest.split()[:4] == [second["webhookEventId"], "2026-04-01", "12:01:00", "failed"]
    assert newest.endswith("KeyError: 'field'")
    assert oldest.split()[3] == "done"
    assert counted == "0 due, 1 done, 1 failed"
    assert "秘密" not in musubi("list").output


def test_lists_one_state_and_so_many(musubi, chat, clock):
    for n in range(3):
        chat.tell(event("follow", clock(), f"U{n:032x}"))
    assert len(musubi("list", "--limit", "2").output.splitlines()) == 4
    assert musubi("list", "--state", "failed").output == "3 due, 0 done, 0 failed\n"
    assert musubi("list", "--state", "odd").exit_code == 2
    assert musubi("list", "--limit", "-1").exit_code == 2


def test_shows_one(musubi, chat, clock):
    said = text("営業時間", clock())
    chat.hear(said)
    shown = musubi("show", said["webhookEventId"]).output
    assert "settled   2026-04-01 12:00:00" in shown
    assert '"text": "営業時間"' in shown


def test_shows_half_a_character_as_the_escape_that_it_was(musubi, chat, clock):
    said = text("\ud83d!", clock())
    chat.hear(said)
    shown = musubi("show", said["webhookEventId"])
    assert shown.exit_code == 0, shown.output
    assert r'"text": "\ud83d!"' in shown.output


def test_shows_what_there_is_not(musubi):
    result = musubi("show", "E404")
    assert result.exit_code == 1
    assert "There is no event E404" in result.output


def test_replays_what_failed(musubi, chat, clock):
    said = event("follow", clock())
    chat.tell(said, event("unfollow", clock(), "U" + "c" * 32))
    fail(chat, said["webhookEventId"])
    assert musubi("replay", "--failed").output == "1 of them will be dealt with.\n"
    assert musubi("replay", "--failed").output == "There were none to replay.\n"
    clock.now = now()
    assert inbox.work(chat.database, chat.line, clock, chat.settings) == 2


def test_replays_by_name(musubi, chat, clock):
    said = event("follow", clock())
    chat.hear(said)
    assert musubi("replay", said["webhookEventId"]).output == "1 of them will be dealt with.\n"
    clock.now = now()
    assert chat.work() == 1
    assert len(chat.line.sent) == 1, "the answer is not said twice"


@pytest.mark.parametrize("words", [[], ["E1", "--failed"]])
def test_replay_needs_to_know_what(musubi, words):
    assert musubi("replay", *words).exit_code == 2
