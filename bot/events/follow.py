"""Somebody added the account, or is back after a block: greets, and offers linking."""

from bot.answers import Answer, Asked, Reply, Silence
from bot.events import on
from bot.menu import offer, open_me
from core.session import Session
from line.messages import Message
from members import friendship
from models import IfLate


@on("follow", in_standby=True)
def apply(db: Session, asked: Asked) -> Answer:
    # LINE's own `isUnblocked` is not guaranteed to be right; what we remember is.
    friend = asked.person.friend
    is_back = bool(friend and friend.friendship_at)
    _, news = friendship.followed(db, asked.event.user, asked.event.occurred_at, asked.now)
    if not news:
        return Silence("something newer is known of this friendship")
    return Reply((_greeting(asked, is_back=is_back),), if_late=IfLate.PUSH)


def _greeting(asked: Asked, *, is_back: bool) -> Message:
    key = "greet.back" if is_back else "greet.new"
    if not asked.person.linked:
        return offer(asked, key)
    return open_me(asked, f"{key}_linked", name=asked.person.name)
