"""Somebody said something: a text is answered by its words, all else by what we can do."""

from accounts import own_line
from bot import replies
from bot.answers import Answer, Asked, Silence
from bot.events import on
from bot.events.unsend import blank
from bot.menu import say
from core.session import Session


@on("message")
def apply(db: Session, asked: Asked) -> Answer:
    if asked.unsent:
        blank(db, asked.event.message_id)
        return Silence("taken back before it was answered")
    if asked.event.part("message").get("type") == "text":
        if _ties(db, asked):
            return say(asked, "staff_tied")
        return replies.give(replies.find(asked.event.text), asked)
    return say(asked, "not_text")


def _ties(db: Session, asked: Asked) -> bool:
    """A word from the staff site, by which somebody of the staff shows that this is their LINE."""
    friend = asked.person.friend
    return friend is not None and own_line.tie(
        db, friend.id, asked.event.text, asked.now, asked.settings
    )
