"""Tables. No queries, no rules, no Flask, no LINE."""

from models.base import Base
from models.desk import DeskSave, MenuDraft, RulesDraft, Saved
from models.friend import Friend, FriendTag
from models.inbox import InboxEvent
from models.link import Ended, How, Link
from models.member import Member, MemberTag
from models.outgoing import IfLate, Outgoing
from models.proof import Attempt, Deauthorization, Intent, OneTimeCode, Sms, UsedToken
from models.publishing import PublishRun, Stopped
from models.richmenu import (
    MenuAssignment,
    MenuBook,
    MenuMove,
    MenuPicture,
    MenuRevision,
    Publication,
    Revised,
)
from models.staff import (
    Role,
    StaffAccount,
    StaffAudit,
    StaffInvitation,
    StaffLine,
    StaffLineWord,
    StaffRecoveryCode,
    StaffSession,
)
from models.tally import DailyFigures, Entry, FunnelCount, FunnelMark, Step
from models.tap import MenuInsight, MenuTap
from models.trial import MenuTrial, Tried

__all__ = [
    "Attempt",
    "Base",
    "DailyFigures",
    "Deauthorization",
    "DeskSave",
    "Ended",
    "Entry",
    "Friend",
    "FriendTag",
    "FunnelCount",
    "FunnelMark",
    "How",
    "IfLate",
    "InboxEvent",
    "Intent",
    "Link",
    "Member",
    "MemberTag",
    "MenuAssignment",
    "MenuBook",
    "MenuDraft",
    "MenuInsight",
    "MenuMove",
    "MenuPicture",
    "MenuRevision",
    "MenuTap",
    "MenuTrial",
    "OneTimeCode",
    "Outgoing",
    "Publication",
    "PublishRun",
    "Revised",
    "Role",
    "RulesDraft",
    "Saved",
    "Sms",
    "StaffAccount",
    "StaffAudit",
    "StaffInvitation",
    "StaffLine",
    "StaffLineWord",
    "StaffRecoveryCode",
    "StaffSession",
    "Step",
    "Stopped",
    "Tried",
    "UsedToken",
]
