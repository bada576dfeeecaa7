"""Somebody tapped a button of ours: what its data says is done; other data is answered kindly."""

from collections.abc import Callable, Mapping

from bot import postbacks, replies
from bot.answers import Answer, Asked, Silence
from bot.events import on
from bot.menu import say
from bot.postbacks import Postback
from core.errors import Invalid
from core.session import Session
from core.settings import LANGUAGES
from members import fields, friendship
from richmenus import assignment, taps


@on("postback")
def apply(db: Session, asked: Asked) -> Answer:
    given = asked.event.part("postback")
    postback = postbacks.read(given)
    if asked.person.friend and postback.what:
        sent = str(given["data"])
        taps.tapped(db, asked.person.friend.id, sent, asked.now, asked.settings.zone)
    if postback.is_switch:
        return _switch(db, asked, postback)
    return DOES.get(postback.what, _unknown)(db, asked, postback)


def _switch(db: Session, asked: Asked, postback: Postback) -> Answer:
    """A tab of the rich menu: LINE has shown the other menu already."""
    if not postback.switched_to:
        return Silence("LINE could not switch the rich menu")
    if asked.person.friend:
        assignment.switched(
            db, asked.person.friend.id, postback.switched_to, asked.event.occurred_at, asked.now
        )
    return Silence()


def _reply(db: Session, asked: Asked, postback: Postback) -> Answer:
    registered = replies.all_replies().get(postback.argument)
    if registered is None:
        return _unknown(db, asked, postback)
    return replies.give(registered, asked)


def _link(db: Session, asked: Asked, postback: Postback) -> Answer:
    return replies.give(replies.all_replies()["link"], asked)


def _tag(db: Session, asked: Asked, postback: Postback) -> Answer:
    try:
        words = fields.tags(postback.argument)
    except Invalid:  # longer than tags are
        words = ()
    if not words or asked.person.friend is None:
        return _unknown(db, asked, postback)
    for word in words:
        friendship.tag(db, asked.person.friend.id, word, asked.now)
    return say(asked, "tagged")


def _language(db: Session, asked: Asked, postback: Postback) -> Answer:
    if postback.argument not in LANGUAGES or asked.person.friend is None:
        return _unknown(db, asked, postback)
    friend = friendship.friend_for(db, asked.event.user, asked.now, language=postback.argument)
    return say(asked.by(friend), "language.set")


def _unknown(db: Session, asked: Asked, postback: Postback) -> Answer:
    return say(asked, "old_button")


DOES: Mapping[str, Callable[[Session, Asked, Postback], Answer]] = {
    "reply": _reply,
    "link": _link,
    "tag": _tag,
    "language": _language,
}
