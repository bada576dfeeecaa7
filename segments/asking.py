"""Asking a condition about one friend or about all: one expression, with a WHERE more or less."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Select, and_, func, join, select
from sqlalchemy.orm import Session

from models import Friend, Link, Member
from segments.condition import Condition, Moment

AT_ONCE = 500
"""Columns of one statement."""


@dataclass(frozen=True)
class Line:
    """One line of an explanation: how deep it stands, what it asks, whether it holds.

    `holds` None: it does not say. `private`: the answer is only for who sees people in full.
    """

    depth: int
    words: str
    holds: bool | None
    private: bool


def joined() -> FromClause:
    """Every friend, with the link they have now and its member, where there is one."""
    friend, link, member = Friend.__table__, Link.__table__, Member.__table__
    active = and_(link.c.friend_id == friend.c.id, link.c.ended_at.is_(None))
    with_link = join(friend, link, active, isouter=True)
    return join(with_link, member, member.c.id == link.c.member_id, isouter=True)


def people(*columns: Any) -> Select[Any]:
    """A select over `joined()` to which a condition's SQL can be put as WHERE or as a column."""
    return select(*columns).select_from(joined())


def matches(db: Session, condition: Condition, friend_id: UUID, moment: Moment) -> bool:
    question = people(Friend.id).where(condition.sql(moment), Friend.id == friend_id)
    return db.scalar(question) is not None


def count(db: Session, condition: Condition, moment: Moment) -> int:
    return db.scalar(people(func.count()).where(condition.sql(moment))) or 0


def explain(
    db: Session, condition: Condition, friend_id: UUID, moment: Moment, language: str
) -> list[Line]:
    """Each line of the condition, and whether it holds for this friend. Empty: no such friend."""
    return explain_all(db, [condition], friend_id, moment, language)[0]


def explain_all(
    db: Session, conditions: Sequence[Condition], friend_id: UUID, moment: Moment, language: str
) -> list[list[Line]]:
    """The same for several conditions, in as few statements as their lines fit into."""
    lines = [(n, *line) for n, condition in enumerate(conditions) for line in _lines(condition)]
    found: list[list[Line]] = [[] for _ in conditions]
    for start in range(0, len(lines), AT_ONCE):
        some = lines[start : start + AT_ONCE]
        answers = [part.sql(moment).label(f"line{n}") for n, (*_, part) in enumerate(some)]
        row = db.execute(people(*answers).where(Friend.id == friend_id)).one_or_none()
        for (n, depth, part), holds in zip(some, row or (), strict=row is not None):
            found[n].append(Line(depth, part.heading(language), bool(holds), part.private))
    return found


def _lines(condition: Condition, depth: int = 0) -> Iterator[tuple[int, Condition]]:
    yield depth, condition
    for part in condition.parts:
        yield from _lines(part, depth + 1)
