"""Somebody blocked the account: nothing is sent to them from now on."""

from bot.answers import Answer, Asked, Silence
from bot.events import on
from core.session import Session
from members import friendship


@on("unfollow", in_standby=True)
def apply(db: Session, asked: Asked) -> Answer:
    friendship.unfollowed(db, asked.event.user, asked.event.occurred_at, asked.now)
    return Silence()
