"""Counting to how many linking was offered: an answer offers it by the button to its page."""

from collections.abc import Sequence

from bot.answers import Asked, Reply
from bot.menu import link_from
from core.session import Session
from members import funnel
from models import Entry


def count(db: Session, said: Sequence[tuple[Asked, Reply]]) -> None:
    """Of answers that will be said, those that offer linking are noted, all at once."""
    offers = {
        (asked.person.friend.id, entry)
        for asked, answer in said
        if asked.person.friend and (entry := _entry(asked, answer))
    }
    if offers:
        asked, _ = said[0]
        funnel.note_offers(db, offers, asked.now, asked.settings)


def _entry(asked: Asked, answer: Reply) -> Entry | None:
    begins = link_from(asked, "")
    for message in answer.messages:
        for action in message.get("template", {}).get("actions", ()):
            if action.get("uri", "").startswith(begins):
                return funnel.come_from(action["uri"].removeprefix(begins))
    return None
