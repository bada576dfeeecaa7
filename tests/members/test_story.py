"""What staff may read of one person: all ties, tags of both sides, and words only while kept."""

from datetime import timedelta

import orjson
import pytest

from line import messages
from members import friendship, leaving, linking, persons, profile, story
from members.persons import Kind
from models import Ended, How, InboxEvent, Outgoing
from tests.members.situations import a_friend, a_member

HOUR = timedelta(hours=1)


def heard(db, friend, at, kind="message", source="user", **body):
    raw = {"type": kind, "source": {"type": source, "userId": friend.line_user_id}} | body
    db.add(
        InboxEvent(
            webhook_event_id=f"{at.timestamp()}-{friend.line_user_id}", kind=kind,
            line_user_id=friend.line_user_id, occurred_at=at, received_at=at, due_at=at,
            state="done", raw=orjson.dumps(raw).decode(),
        )
    )  # fmt: skip
    db.flush()


def told(db, friend, at, *what, **more):
    db.add(
        Outgoing(
            key=f"k{at.timestamp()}", friend_id=friend.id, messages=list(what), due_at=at,
            created_at=at, expires_at=at + HOUR, state=more.pop("state", "done"), **more,
        )
    )  # fmt: skip
    db.flush()


def text(words):
    return {"type": "text", "text": words}


@pytest.fixture
def read(database, settings):
    def look(friend, now, **more):
        with database.read() as db:
            return story.said(db, friend, now, settings, **more)

    return look


def test_what_was_said_newest_first(database, now, read):
    with database.begin() as db:
        ann, ben = a_friend(db, now), a_friend(db, now)
        heard(db, ann, now, message=text("連携したい"))
        told(
            db,
            ann,
            now + HOUR,
            messages.buttons("こちらから", [messages.open_url("開く", "https://x")]),
        )
        heard(db, ann, now + 2 * HOUR, message={"type": "sticker", "keywords": ["smile", "fun"]})
        heard(db, ann, now + 3 * HOUR, "postback", postback={"data": "1:reply:hours"})
        heard(db, ann, now + 4 * HOUR, "unfollow")
        heard(db, ben, now, message=text("ben's own"))
    bubbles, more = read(ann, now + 5 * HOUR)
    assert [(b.ours, b.kind, b.words) for b in bubbles] == [
        (False, "unfollow", ""),
        (False, "postback", "1:reply:hours"),
        (False, "sticker", "smile, fun"),
        (True, "template", "こちらから"),
        (False, "text", "連携したい"),
    ]
    assert bubbles[3].buttons == ["開く"]
    assert more is None


def test_a_flex_message_is_what_can_be_read_of_it(database, now, read):
    bubble = {
        "type": "bubble",
        "footer": {
            "contents": [{"type": "button", "action": {"type": "uri", "label": "予約する"}}]
        },
    }
    with database.begin() as db:
        ann = a_friend(db, now)
        told(db, ann, now, {"type": "flex", "altText": "新しいメニュー", "contents": bubble})
    ((shown,), _) = read(ann, now)
    assert (shown.kind, shown.words, shown.buttons) == ("flex", "新しいメニュー", ["予約する"])


def test_what_was_taken_back_is_not_shown(database, now, read):
    with database.begin() as db:
        ann = a_friend(db, now)
        heard(db, ann, now, message={"id": "1", "unsent": True})
    assert read(ann, now) == ([], None)


def test_what_was_said_in_a_group_is_not_shown(database, now, read):
    with database.begin() as db:
        ann = a_friend(db, now)
        heard(db, ann, now, source="group", message=text("between friends"))
    assert read(ann, now) == ([], None)


def test_nothing_is_shown_past_its_retention_even_if_it_is_still_there(
    database, now, read, settings
):
    with database.begin() as db:
        ann = a_friend(db, now)
        heard(db, ann, now, message=text("old words"))
        told(db, ann, now, messages.text("old answer"))
    days = settings.inbox_retention_days
    assert len(read(ann, now + timedelta(days=days - 1))[0]) == 2
    assert read(ann, now + timedelta(days=days, seconds=1)) == ([], None)


def test_what_was_erased_is_gone(database, now, read, settings):
    with database.begin() as db:
        ann = a_friend(db, now)
        heard(db, ann, now, message=text("秘密"))
        told(db, ann, now, messages.text("answer"))
    with database.begin() as db:
        leaving.erase_friend(db, ann.id, settings)
    assert read(ann, now) == ([], None)


def test_more_is_read_on_request(database, now, read):
    with database.begin() as db:
        ann = a_friend(db, now)
        for n in range(7):
            heard(db, ann, now + n * HOUR, message=text(str(n)))
    later = now + 10 * HOUR
    seen, before = [], None
    for _ in range(3):
        some, before = read(ann, later, before=before, most=3)
        seen += [b.words for b in some]
    assert seen == list("6543210")
    assert before is None


def test_what_was_said_at_one_instant_is_read_whole(database, now, read):
    with database.begin() as db:
        ann = a_friend(db, now)
        for n in range(3):
            heard(db, ann, now + n * HOUR, message=text(f"asked {n}"))
            told(db, ann, now + n * HOUR, messages.text(f"answered {n}"))
    later = now + 10 * HOUR
    some, before = read(ann, later, most=3)
    rest, _ = read(ann, later, before=before, most=5)
    said = [b.words for b in some + rest]
    assert sorted(said) == [f"{what} {n}" for what in ("answered", "asked") for n in range(3)]


def test_odd_events_are_not_in_the_way(database, now, read):
    with database.begin() as db:
        ann = a_friend(db, now)
        for n, raw in enumerate(("[]", "null", '{"source": 5}', "not json", "{}")):
            db.add(
                InboxEvent(
                    webhook_event_id=f"odd-{n}", kind="message", line_user_id=ann.line_user_id,
                    occurred_at=now, received_at=now, due_at=now, raw=raw,
                )
            )  # fmt: skip
    assert read(ann, now) == ([], None)


def test_every_tie_on_either_side(database, now, settings):
    with database.begin() as db:
        old, new = a_friend(db, now), a_friend(db, now)
        mei, kai = a_member(db, now, name="Mei"), a_member(db, now, name="Kai")
        linking.link(db, old.id, mei.id, How.PHONE, now, settings=settings)
        linking.link(db, new.id, kai.id, How.LOGIN, now + HOUR, settings=settings)
        linking.link(db, new.id, mei.id, How.TICKET, now + 2 * HOUR, settings=settings)
    with database.read() as db:
        person = persons.get(db, Kind.MEMBER, mei.id)
        ties = story.ties(db, person)
    assert person.friend
    assert person.friend.id == new.id
    assert [(t.link.how, t.link.ended_why, t.member.name) for t in ties] == [
        (How.TICKET, None, "Mei"),
        (How.LOGIN, Ended.REPLACED, "Kai"),
        (How.PHONE, Ended.MOVED, "Mei"),
    ]


def test_tags_of_both_sides(database, now, settings):
    with database.begin() as db:
        ann, member = a_friend(db, now), a_member(db, now)
        linking.link(db, ann.id, member.id, How.PHONE, now, settings=settings)
        friendship.tag(db, ann.id, "coffee", now)
        profile.retag(db, member.id, now, add=["vip", "coffee"])
    with database.read() as db:
        both = story.tags(db, persons.get(db, Kind.MEMBER, member.id))
    assert [(tag.word, tag.of_member) for tag in both] == [
        ("coffee", False), ("coffee", True), ("vip", True),
    ]  # fmt: skip
