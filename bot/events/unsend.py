"""Somebody took a message back: what it said is deleted from the inbox."""

from bot.answers import Answer, Asked, Silence
from bot.event import dumps, loads
from bot.events import on
from core import review
from core.session import Session
from models import InboxEvent


@on("unsend", in_standby=True, in_groups=True)
def apply(db: Session, asked: Asked) -> Answer:
    count = blank(db, asked.event.message_id)
    return Silence() if count else Silence("the message was not here")


def blank(db: Session, message_id: str | None) -> int:
    """Forget what a message said, in every event that tells of it. In how many that was."""
    if not message_id:
        return 0
    found = review.find(db, InboxEvent, InboxEvent.message_id == message_id)
    told = [(row, loads(row.raw)) for row in found if row.kind != "unsend"]
    for row, event in told:
        row.raw = dumps(event | {"message": {"id": message_id, "unsent": True}})
    return len(told)
