"""What the pages about people share: how somebody is called, and what the log is told of them."""

from collections.abc import Mapping
from uuid import UUID

from flask.typing import ResponseReturnValue

from accounts import audit, searches
from core.errors import MusubiError
from core.session import Session
from members import fields, profile, searching
from members.persons import Person
from models import Friend, Member, Role
from staff.access import me
from staff.parts import Parts, go
from staff.saying import say

FULL = Role.EDITOR
"""Who sees names, addresses and words in full; telephone numbers only when they ask."""
RULE = "/people/<any(member,friend):kind>/<uuid:person_id>"


def plain(typed: str) -> str:
    """No database holds a NUL or half a letter."""
    return fields.plain(typed.replace("\0", "").encode("utf-8", "ignore").decode())


def count_search(parts: Parts, said: str) -> None:
    """What is masked, or shown on request only, is not found out by searching for it. Raises
    TooMany."""
    hidden = not me().may(FULL) or searching.is_phone(said, parts.settings.phone_region)
    if said and hidden:
        with parts.database.begin() as db:
            searches.count(db, me().account_id, parts.now(), parts.settings)


def by_staff(account_id: UUID) -> str:
    return f"staff:{account_id}"


def note(
    db: Session, did: str, who: Person, *, before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None, name: str | None = None,
) -> None:  # fmt: skip
    """The log is for good, so it knows people by our id, and by what is left of a number."""
    known = hidden_number(who) if name is None else name
    audit.note(db, me().actor, f"person.{did}", "person", who.id, known, before, after)


def hidden_number(who: Person) -> str:
    """What may stay of somebody when they have gone."""
    return profile.masked_number(who.member.number) if who.member else ""


def told(kind: str, person_id: UUID, error: MusubiError) -> ResponseReturnValue:
    """Back at the page, which says why nothing was done."""
    say(error.key, None, kind="warning", **error.values)
    return back(kind, person_id)


def back(kind: str, person_id: UUID) -> ResponseReturnValue:
    return go("person", kind=kind, person_id=person_id)


def called(who: Person) -> str:
    """Their name as whoever is signed in may see it; empty when they have none."""
    full = me().may(FULL)
    if who.member and who.member.name:
        return profile.shown(who.member, full=full)["name"]
    return on_line(who.friend) if who.friend else ""


def on_line(friend: Friend) -> str:
    """Their name on LINE, in as far as it may be seen."""
    named = friend.display_name
    return named if me().may(FULL) else profile.masked_name(named)


def number_of(who: Person) -> str:
    return number(who.member) if who.member else ""


def number(member: Member) -> str:
    return profile.shown(member, full=me().may(FULL))["number"]
