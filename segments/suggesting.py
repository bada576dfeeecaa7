"""Values that people have, to be offered while a condition is typed: a few, found in no time."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, union_all
from sqlalchemy.orm import Session

from models import FriendTag, Member, MemberTag
from segments.member_form import OFFERED, PREFIX

LOOKED_AT = 5_000
"""Rows of each; who has a rarer value types it."""
MOST = 50


def known(db: Session) -> dict[str, Sequence[str]]:
    """By what a field suggests (`tag`, `member.rank`, …): some of the values there are."""
    asked = [_some("tag", FriendTag.tag), _some("tag", MemberTag.tag)]
    asked += [_some(PREFIX + name, Member.__table__.columns[name]) for name in OFFERED]
    found: dict[str, list[str]] = {}
    for name, value in db.execute(union_all(*asked)):
        values = found.setdefault(name, [])
        if value and value not in values:
            values.append(value)
    return {name: sorted(values)[:MOST] for name, values in found.items()}


def _some(name: str, column: ColumnElement[Any] | Any) -> Select[Any]:
    rows = select(column.label("value")).limit(LOOKED_AT).subquery()
    values = select(rows.c.value).distinct().limit(MOST * 2).subquery()
    return select(literal(name).label("name"), values.c.value)
