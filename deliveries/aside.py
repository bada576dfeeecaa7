"""Messages that were put aside: those that LINE surely did not take, and that are still worth
saying, may be said after all. They keep their retry key, so that nothing is said twice."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_

from deliveries.rules import KEY_LIFE
from members.aside import Kind
from models import IfLate, Outgoing


def _may_be_said(now: datetime) -> ColumnElement[bool]:
    """What `deliveries.rules.way` would push, or answer."""
    protected = or_(Outgoing.pushed_at.is_(None), Outgoing.pushed_at > now - KEY_LIFE)
    asked = Outgoing.pushed_at.is_not(None) | Outgoing.reply_tried_at.is_(None)
    in_time = or_(Outgoing.reply_until.is_(None), Outgoing.if_late == IfLate.PUSH)
    return (Outgoing.expires_at > now) & protected & asked & in_time


MESSAGES = Kind(Outgoing, Outgoing.key, Outgoing.friend_id, _may_be_said)
