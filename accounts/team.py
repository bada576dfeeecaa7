"""Who belongs to the staff: accounts are made, given roles, deactivated and brought back.

Whatever happens, and whoever acts at the same instant, one active administrator is left.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from accounts import audit, sessions
from accounts.actors import Actor
from accounts.rules import INVITED, password_problem
from accounts.signing_in import find, plain
from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.passwords import hash_password
from models import Role, StaffAccount, StaffAudit, StaffInvitation

LANGUAGES = ("ja", "en")
"""What the staff site speaks."""
LINKS_MADE = ("account.invited", "account.reset_link")
"""What the log calls it when somebody makes a link by which a password is chosen."""


def add(
    db: Session, who: Actor, email: str, name: str, role: Role,
    *, language: str, password: str = "",
) -> StaffAccount:  # fmt: skip
    """With a password they can sign in at once; without one they are invited."""
    typed = _checked_email(email)
    if find(db, typed):
        raise Conflict("staff.email_taken", email=typed)
    account = StaffAccount(
        id=uuid4(), email=typed, name=name.strip()[:80] or typed.partition("@")[0][:80], role=role,
        language=language if language in LANGUAGES else LANGUAGES[0],
        created_at=who.at, totp_step=0,
    )  # fmt: skip
    if password:
        account.password_hash = hashed(password, typed)
        account.joined_at = who.at
    db.add(account)
    db.flush()
    told = {"role": role.value, "email": typed}
    audit.note(db, who, "account.added", "account", account.id, account.name, after=told)
    return account


def everybody(db: Session) -> Sequence[StaffAccount]:
    """A company's staff are few: all of them, active ones first, by name."""
    rows = db.scalars(select(StaffAccount)).all()
    return sorted(rows, key=lambda each: (each.deactivated_at is not None, each.name.casefold()))


def names_ever(db: Session) -> frozenset[str]:
    """What the staff are called, and were before they were renamed."""
    renames = select(StaffAudit.before).where(StaffAudit.act == "account.renamed")
    before = (str((kept or {}).get("name", "")) for kept in db.scalars(renames))
    return frozenset({*db.scalars(select(StaffAccount.name)), *before}) - {""}


def one(db: Session, account_id: UUID) -> StaffAccount:
    found = db.get(StaffAccount, account_id)
    if found is None:
        raise NotFound("staff.no_such_account")
    return found


def change_role(db: Session, who: Actor, account_id: UUID, role: Role) -> Role:
    """The role it was."""
    _hold(db, who)
    account = one(db, account_id)
    was = account.role
    if was is role:
        return was
    account.role = role
    _one_is_left(db)
    if was is Role.ADMIN:
        _withdraw_made_by(db, account.id, who.at)
    told = {"before": {"role": was.value}, "after": {"role": role.value}}
    audit.note(db, who, "account.role", "account", account.id, account.name, **told)
    return was


def deactivate(db: Session, who: Actor, account_id: UUID) -> StaffAccount:
    """They are signed out everywhere at once."""
    _hold(db, who)
    account = one(db, account_id)
    if account.deactivated_at is None:
        account.deactivated_at = who.at
        _one_is_left(db)
        sessions.end_all(db, account.id)
        db.execute(delete(StaffInvitation).where(StaffInvitation.account_id == account.id))
        _withdraw_made_by(db, account.id, who.at)
        audit.note(db, who, "account.deactivated", "account", account.id, account.name)
    return account


def reactivate(db: Session, who: Actor, account_id: UUID) -> StaffAccount:
    account = one(db, account_id)
    if account.deactivated_at is not None:
        account.deactivated_at = None
        audit.note(db, who, "account.reactivated", "account", account.id, account.name)
    return account


def hashed(password: str, email: str) -> str:
    """Raises Invalid for a password that is too weak."""
    if problem := password_problem(password, email):
        raise Invalid(problem)
    return hash_password(password)


def _hold(db: Session, who: Actor) -> None:
    """Two administrators who put away each other are one after the other, and the second is none
    any more. SQLite has one writer anyway."""
    admins = select(StaffAccount).where(StaffAccount.role == Role.ADMIN).order_by(StaffAccount.id)
    held = db.scalars(admins.with_for_update().execution_options(populate_existing=True)).all()
    active = {each.id for each in held if each.deactivated_at is None}
    if who.account_id is not None and who.account_id not in active:
        raise NotAllowed("staff.not_allowed")


def _withdraw_made_by(db: Session, account_id: UUID, now: datetime) -> None:
    """Links that they made and may have kept: nobody comes back by a colleague's account."""
    made = select(StaffAudit.thing_id).where(
        StaffAudit.account_id == account_id, StaffAudit.act.in_(LINKS_MADE),
        StaffAudit.at > now - INVITED,
    )  # fmt: skip
    theirs = StaffInvitation.account_id.in_([UUID(each) for each in db.scalars(made)])
    unused = StaffInvitation.used_at.is_(None)
    db.execute(delete(StaffInvitation).where(theirs, unused))


def _one_is_left(db: Session) -> None:
    db.flush()
    left = select(StaffAccount.id).where(
        StaffAccount.role == Role.ADMIN,
        StaffAccount.deactivated_at.is_(None),
        StaffAccount.joined_at.is_not(None),
    )
    if db.scalars(left.limit(1)).first() is None:
        raise Conflict("staff.last_admin")


def _checked_email(email: str) -> str:
    typed = plain(email)
    name, at, host = typed.partition("@")
    fits = name and at and "." in host and len(typed) <= 254
    if not fits or not typed.isprintable() or any(c.isspace() for c in typed):
        raise Invalid("staff.email_invalid")
    return typed
