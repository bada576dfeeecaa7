"""Browsers that somebody has signed in with before, whose tries are counted apart from all others.

Who knows nothing but an address can have the sign-in of strangers paused by failing on purpose. A
browser that holds our mark for this account is no stranger: it has five tries of its own. A mark
signs nobody in, says nothing of whose it is, and is worth nothing once the password is another.
"""

import hmac
import secrets

from core.keys import digest
from core.settings import Settings
from models import StaffAccount

PURPOSE = "staff browser"
NOTHING = ""


def mark(account: StaffAccount, settings: Settings) -> str:
    """For the browser's cookie."""
    word = secrets.token_urlsafe(16)
    return f"{word}.{_signed(word, account, settings)}"


def told_by(sent: str, account: StaffAccount | None, settings: Settings) -> str:
    """What tells this browser from all others; NOTHING when its mark is none for this account."""
    word, _, signature = sent.partition(".")
    if account is None or not signature:
        return NOTHING
    right = _signed(word, account, settings)
    return word if hmac.compare_digest(right.encode(), signature.encode()) else NOTHING


def _signed(word: str, account: StaffAccount, settings: Settings) -> str:
    return digest(settings, PURPOSE, f"{account.id} {account.password_hash or ''} {word}")
