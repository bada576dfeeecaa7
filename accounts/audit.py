"""The audit log: one line for everything that somebody did, written with what they did.

Lines are only ever added. Names of things and plain words go into them; never a password, a token,
a telephone number or a LINE id in full.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from accounts.actors import Actor
from models import StaffAudit


def note(
    db: Session, who: Actor, act: str, thing: str, thing_id: UUID | str, name: str = "",
    before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Put it down in the transaction of what is done: both happen, or neither.

    `act` such as `menu.saved` has its words in the text `<area>.audit.menu_saved`.
    """
    db.execute(
        insert(StaffAudit).values(
            at=who.at, account_id=who.account_id, who=who.name[:80], address=who.address[:64],
            act=act, thing=thing, thing_id=str(thing_id)[:64], name=name[:200],
            before=_shown(before), after=_shown(after),
        )
    )  # fmt: skip


def _shown(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """As JSON can hold it."""
    if values is None:
        return None
    plain = (str, int, float, bool, list, dict, type(None))
    return {key: value if isinstance(value, plain) else str(value) for key, value in values.items()}
