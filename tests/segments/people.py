"""People in a database, and a second, simple-minded answer to every condition."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from models import Friend, FriendTag, How, Link, Member, MemberTag
from segments import Moment
from segments.kind import Person

NOW = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
"""In Tokyo the first of April has just begun."""
MOMENT = Moment(NOW, ZoneInfo("Asia/Tokyo"))
DEFAULTS: dict[str, Any] = {
    "number": "", "phone": None, "email": None, "name": "", "kana": "", "birthday": None,
    "gender": "", "rank": "regular", "points": 0, "store": "", "status": "active",
    "joined_on": date(2025, 1, 1), "language": "", "extra": {}, "consented_at": None,
}  # fmt: skip


def put(db: Session, person: Person, *, was_linked: bool = False) -> UUID:
    friend = Friend(id=uuid4(), line_user_id=f"U{uuid4().hex}", created_at=NOW)
    db.add(friend)
    db.flush()
    db.add_all(FriendTag(friend_id=friend.id, tag=tag, created_at=NOW) for tag in person.tags)
    if person.member is not None:
        member_id = _member(db, person)
        db.add(Link(friend_id=friend.id, member_id=member_id, how=How.PHONE, started_at=NOW))
    if was_linked:
        member_id = _member(db, Person(member={"rank": "gold", "points": 100}))
        ended = {"ended_at": NOW, "started_at": NOW - timedelta(days=1)}
        db.add(Link(friend_id=friend.id, member_id=member_id, how=How.PHONE, **ended))
    db.flush()
    return friend.id


def _member(db: Session, person: Person) -> UUID:
    columns = DEFAULTS | {"number": uuid4().hex} | dict(person.member or {})
    member = Member(id=uuid4(), created_at=NOW, updated_at=NOW, **columns)
    db.add(member)
    db.flush()
    db.add_all(
        MemberTag(member_id=member.id, tag=tag, created_at=NOW) for tag in person.member_tags
    )
    return member.id


def holds(given: Mapping[str, Any], person: Person) -> bool:
    """What a condition says of a person, worked out without SQL and without `segments`."""
    return all(_one(key, value, person) for key, value in given.items())


def _one(key: str, value: Any, person: Person) -> bool:  # noqa: PLR0911 - one for each kind
    member = None if person.member is None else DEFAULTS | dict(person.member)
    match key:
        case "all":
            return all(holds(part, person) for part in value)
        case "any":
            return any(holds(part, person) for part in value)
        case "not":
            return not holds(value, person)
        case "linked":
            return (member is not None) == value
        case "tag":
            wanted = set(value) if isinstance(value, list) else {value}
            return bool(wanted & (person.tags | (person.member_tags if member else set())))
        case "birthday_month":
            month = 4 if value == "this" else value
            return bool(member and member["birthday"] and member["birthday"].month == month)
        case "joined_days":
            if member is None:
                return False
            days = (date(2026, 4, 1) - member["joined_on"]).days
            return value.get("at_least", -(10**6)) <= days <= value.get("at_most", 10**6)
        case _:
            return member is not None and _compared(_field(key, member), value)


def _field(key: str, member: dict[str, Any]) -> Any:
    name = key.removeprefix("member.")
    return member["extra"].get(name[6:]) if name.startswith("extra.") else member[name]


def _compared(has: Any, asked: Any) -> bool:
    if isinstance(asked, list):
        asked = {"in": asked}
    if not isinstance(asked, dict):
        asked = {"eq": asked}
    return all(_holds_for(has, operator, value) for operator, value in asked.items())


def _holds_for(has: Any, operator: str, value: Any) -> bool:
    if operator == "is_set":
        return (has not in (None, "")) == value
    if has in (None, ""):
        return False
    if isinstance(has, date) and isinstance(value, str):
        value = date.fromisoformat(value)
    return bool(
        {
            "eq": lambda: has == value,
            "ne": lambda: has != value,
            "lt": lambda: has < value,
            "lte": lambda: has <= value,
            "gt": lambda: has > value,
            "gte": lambda: has >= value,
            "in": lambda: has in value,
            "not_in": lambda: has not in value,
            "starts_with": lambda: has.startswith(value),
        }[operator]()
    )
