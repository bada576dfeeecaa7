"""Tables. No queries, no rules, no Flask, no LINE."""

from models.base import Base
from models.friend import Friend, FriendTag
from models.inbox import InboxEvent
from models.link import Ended, How, Link
from models.member import Member, MemberTag
from models.outgoing import IfLate, Outgoing
from models.proof import Attempt, Deauthorization, Intent, OneTimeCode, Sms, UsedToken
from models.richmenu import (
    MenuAssignment,
    MenuBook,
    MenuMove,
    MenuPicture,
    MenuRevision,
    Publication,
    Revised,
)

__all__ = [
    "Attempt",
    "Base",
    "Deauthorization",
    "Ended",
    "Friend",
    "FriendTag",
    "How",
    "IfLate",
    "InboxEvent",
    "Intent",
    "Link",
    "Member",
    "MemberTag",
    "MenuAssignment",
    "MenuBook",
    "MenuMove",
    "MenuPicture",
    "MenuRevision",
    "OneTimeCode",
    "Outgoing",
    "Publication",
    "Revised",
    "Sms",
    "UsedToken",
]
