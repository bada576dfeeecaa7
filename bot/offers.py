"""Counting to how many linking was offered: an answer offers it by the button to its page."""

from bot.answers import Answer, Asked, Reply
from bot.menu import link_from
from core.session import Session
from members import funnel
from models import Entry, Step


def counted(db: Session, asked: Asked, answer: Answer) -> Answer:
    """The answer; when it offers linking and will be said, that is noted."""
    friend, entry = asked.person.friend, _entry(asked, answer)
    if friend and entry and not asked.event.standby:
        funnel.note(db, friend.id, Step.OFFERED, entry, asked.now, asked.settings)
    return answer


def _entry(asked: Asked, answer: Answer) -> Entry | None:
    if not isinstance(answer, Reply):
        return None
    begins = link_from(asked, "")
    for message in answer.messages:
        for action in message.get("template", {}).get("actions", ()):
            if action.get("uri", "").startswith(begins):
                return funnel.come_from(action["uri"].removeprefix(begins))
    return None
