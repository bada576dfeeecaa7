"""What everybody may change of their own account: name, language, password."""

from uuid import UUID

from sqlalchemy.orm import Session

from accounts import audit, invitations, sessions
from accounts.actors import Actor
from accounts.team import LANGUAGES, hashed, one
from core.errors import Invalid
from models import StaffAccount

NAME_MOST = 80


def rename(db: Session, who: Actor, account_id: UUID, name: str) -> StaffAccount:
    account = one(db, account_id)
    new = name.strip()
    if not new or len(new) > NAME_MOST or not new.isprintable():
        raise Invalid("staff.name_invalid")
    if new != account.name:
        told = {"before": {"name": account.name}, "after": {"name": new}}
        account.name = new
        audit.note(db, who, "account.renamed", "account", account.id, new, **told)
    return account


def speak(db: Session, account_id: UUID, language: str) -> None:
    one(db, account_id).language = language if language in LANGUAGES else LANGUAGES[0]


def change_password(
    db: Session, who: Actor, account_id: UUID, password: str, *, keep: UUID | None
) -> int:
    """The old one was asked for before. Every other browser is signed out: how many there were.
    Links by which the password could be chosen are worth nothing any more."""
    account = one(db, account_id)
    account.password_hash = hashed(password, account.email)
    invitations.withdraw(db, account_id)
    audit.note(db, who, "account.password", "account", account.id, account.name)
    return sessions.end_all(db, account_id, but=keep)
