"""A chunk of rows against what we have: one look, one upsert, and stale menus for who changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row as Found
from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from members.friendship import CHUNK, mark_members_menu_stale
from members.importing.ids import rising
from members.importing.rows import Row
from members.inserting import insert_into
from models import Member, MemberTag

_AS_NEW: dict[str, Any] = {
    "phone": None, "email": None, "name": "", "kana": "", "birthday": None, "gender": "",
    "rank": "regular", "points": 0, "store": "", "status": "active", "language": "",
    "password_hash": None,
}  # fmt: skip
"""What a new member has where the file says nothing."""


@dataclass
class Outcome:
    """What a chunk came to: ready to be written, and counted."""

    new: int = 0
    changed: list[UUID] = field(default_factory=list)
    unchanged: int = 0
    upserts: list[dict[str, Any]] = field(default_factory=list)
    tags_given: list[dict[str, Any]] = field(default_factory=list)
    tags_taken: list[tuple[UUID, str]] = field(default_factory=list)


class Chunks:
    """Compares and writes the rows of one file; `columns` are the fields it has."""

    def __init__(self, columns: Sequence[str], today: date, now: datetime) -> None:
        self._fields = [name for name in _AS_NEW if name in columns]
        self._fields += ["joined_on"] if "joined_on" in columns else []
        self._extra = any(name.startswith("extra.") for name in columns)
        self._tags = "tags" in columns
        self._today, self._now = today, now
        self._ids = rising(now)

    def compare(self, db: Session, rows: Sequence[Row], *, lock: bool = False) -> Outcome:
        known = self._known(db, rows, lock=lock)
        tags = self._known_tags(db, [found.id for found in known.values()])
        outcome = Outcome()
        for row in rows:
            found = known.get(row.number)
            if found is None:
                self._new(row, outcome)
            else:
                self._old(row, found, tags.get(found.id, set()), outcome)
        return outcome

    def write(self, db: Session, rows: Sequence[Row]) -> Outcome:
        """Everything that is new or different, in the caller's transaction."""
        outcome = self.compare(db, rows, lock=True)
        if outcome.upserts:
            self._upsert(db, outcome.upserts)
        if outcome.tags_given:
            db.execute(insert_into(db, MemberTag).on_conflict_do_nothing(), outcome.tags_given)
        for start in range(0, len(outcome.tags_taken), CHUNK):
            some = outcome.tags_taken[start : start + CHUNK]
            pairs = tuple_(MemberTag.member_id, MemberTag.tag).in_(some)
            db.execute(delete(MemberTag).where(pairs).execution_options(synchronize_session=False))
        mark_members_menu_stale(db, outcome.changed, self._now)
        return outcome

    def _known(self, db: Session, rows: Sequence[Row], *, lock: bool) -> dict[str, Found[Any]]:
        names = ["number", "id", *self._fields, *(["extra"] if self._extra else [])]
        these = select(*(getattr(Member, name) for name in names)).where(
            Member.number.in_([row.number for row in rows])
        )
        if lock:
            these = these.order_by(Member.id).with_for_update(key_share=True)
        return {found.number: found for found in db.execute(these)}

    def _known_tags(self, db: Session, ids: Sequence[UUID]) -> dict[UUID, set[str]]:
        tags: dict[UUID, set[str]] = {}
        if self._tags and ids:
            mine = select(MemberTag.member_id, MemberTag.tag).where(MemberTag.member_id.in_(ids))
            for member_id, word in db.execute(mine):
                tags.setdefault(member_id, set()).add(word)
        return tags

    def _new(self, row: Row, outcome: Outcome) -> None:
        outcome.new += 1
        member_id = next(self._ids)
        extra = {name: value for name, value in row.extra.items() if value}
        self._put(member_id, row.number, _AS_NEW | row.values, extra, outcome)
        self._give(member_id, row.tags or (), outcome)

    def _old(self, row: Row, found: Found[Any], tags: set[str], outcome: Outcome) -> None:
        have = {name: found[place] for place, name in enumerate(self._fields, start=2)}
        differs = any(have[name] != value for name, value in row.values.items())
        before = found.extra if self._extra else {}
        extra = {name: value for name, value in (before | row.extra).items() if value}
        if differs or extra != before:
            self._put(found.id, row.number, _AS_NEW | have | row.values, extra, outcome)
        given = () if row.tags is None else [word for word in row.tags if word not in tags]
        taken = () if row.tags is None else tags.difference(row.tags)
        self._give(found.id, given, outcome)
        outcome.tags_taken += [(found.id, word) for word in taken]
        if differs or extra != before or given or taken:
            outcome.changed.append(found.id)
        else:
            outcome.unchanged += 1

    def _put(
        self, member_id: UUID, number: str, values: Mapping[str, Any], extra: dict[str, str],
        outcome: Outcome,
    ) -> None:  # fmt: skip
        given = {"joined_on": self._today} | dict(values)
        outcome.upserts.append(
            given
            | {"id": member_id, "number": number, "extra": extra,
               "created_at": self._now, "updated_at": self._now}
        )  # fmt: skip

    def _give(self, member_id: UUID, words: Sequence[str], outcome: Outcome) -> None:
        outcome.tags_given += [
            {"member_id": member_id, "tag": word, "created_at": self._now} for word in words
        ]

    def _upsert(self, db: Session, rows: list[dict[str, Any]]) -> None:
        """Of a member who is there already, only what the file speaks of is touched."""
        statement = insert_into(db, Member)
        touched = [*self._fields, "updated_at", *(["extra"] if self._extra else [])]
        statement = statement.on_conflict_do_update(
            index_elements=[Member.number],
            set_={name: getattr(statement.excluded, name) for name in touched},
        )
        db.execute(statement, rows)
