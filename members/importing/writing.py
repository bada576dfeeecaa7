"""A chunk of rows against what we have: what is new or different written, and stale menus for who
changed; a few statements, however many rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from core.inserting import KEEP, affected, insert_into
from members.friendship import mark_members_menu_stale
from members.importing.ids import rising
from members.importing.rows import Reader, Rows
from members.importing.staging import Packed, pack, staged, table
from models import Member, MemberTag

_AS_NEW: dict[str, Any] = {
    "phone": None, "email": None, "name": "", "kana": "", "birthday": None, "gender": "",
    "rank": "regular", "points": 0, "store": "", "status": "active", "language": "",
    "password_hash": None, "consented_at": None, "extra": {},
}  # fmt: skip
"""What a new member has where the file says nothing."""
_IDS = 5_000
"""In one statement."""

member = Member.__table__.c
tagged = MemberTag.__table__.c


@dataclass(frozen=True)
class Outcome:
    new: int
    changed: int
    unchanged: int


class Chunks:
    """Compares and writes the rows that `reader` reads, in a database of this dialect."""

    def __init__(self, reader: Reader, dialect: str, today: date, now: datetime) -> None:
        self._dialect, self._now = dialect, now
        self._as_new = _AS_NEW | {"joined_on": today}
        self._staging: Table = table(reader.fields)
        self._cleared = reader.cleared
        self._said = [name for name in reader.fields if name in self._as_new]
        self._tags = "tags" in reader.fields
        self._ids = rising(now)

    def pack(self, rows: Rows) -> Packed:
        return pack(self._dialect, self._ids, rows.columns)

    def compare(self, db: Session, packed: Packed) -> Outcome:
        """What writing would come to."""
        with staged(db, self._staging, packed):
            known = db.execute(select(func.count()).select_from(self._known())).scalar_one()
            changed = len(db.execute(self._different()).all())
        return Outcome(packed.rows - known, changed, known - changed)

    def write(self, db: Session, packed: Packed) -> Outcome:
        """Everything that is new or different, in the caller's transaction."""
        with staged(db, self._staging, packed):
            new = self._insert(db)
            # Those that are there already are held while they are compared and changed; the
            # others, who say nothing new, nobody waits for.
            changed = [] if new == packed.rows else self._hold_different(db)
            for some in _slices(changed):
                self._update(db, some)
            if self._tags:
                self._give(db, member.id == self._staging.c.id)
                for some in _slices(changed):
                    self._give(db, member.id.in_(some))
                    self._take(db, some)
        mark_members_menu_stale(db, changed, self._now)
        return Outcome(new, len(changed), packed.rows - new - len(changed))

    def _insert(self, db: Session) -> int:
        """How many are new; who is there already, also since a moment ago, is left alone."""
        said = self._staging.c
        values: dict[str, Any] = {
            name: literal(value, member[name].type) for name, value in self._as_new.items()
        }
        for name in self._said:
            values[name] = self._without_nulls(func.coalesce(said[name], values[name]), name)
        now = literal(self._now, member.created_at.type)
        values |= {"id": said.id, "number": said.number, "created_at": now, "updated_at": now}
        statement = (
            insert_into(db, Member)
            .from_select(list(values), select(*values.values()).order_by(said.id))
            .on_conflict_do_nothing(index_elements=[member.number])
        )
        return affected(db.connection().execute(statement, execution_options=KEEP))

    def _without_nulls(self, value: ColumnElement[Any], name: str) -> ColumnElement[Any]:
        if name != "extra":
            return value
        if self._dialect == "postgresql":
            return func.jsonb_strip_nulls(value)
        return func.json_patch("{}", value)

    def _known(self) -> FromClause:
        return Member.__table__.join(self._staging, self._staging.c.number == member.number)

    def _different(self) -> Select[UUID]:
        """Members of whom the file says something else than we have."""
        said = self._staging.c
        differs = [value.is_distinct_from(self._had(name)) for name, value in self._become()]
        if self._tags:
            differs.append(self._tags_differ())
        return (
            select(member.id)
            .select_from(self._known())
            .where(member.id != said.id, or_(*differs))  # those put down just now aside
            .order_by(member.id)
        )

    def _hold_different(self, db: Session) -> list[UUID]:
        held = self._different().with_for_update(key_share=True, of=Member.__table__)
        return list(db.scalars(held))

    def _become(self) -> Iterator[tuple[str, ColumnElement[Any]]]:
        """Each field that the file speaks of, and what a member has in it afterwards."""
        for name in self._said:
            value = self._staging.c[name]
            if name == "extra":
                yield name, self._merged(value)
            else:
                yield name, value if name in self._cleared else func.coalesce(value, member[name])

    def _merged(self, said: ColumnElement[Any]) -> ColumnElement[Any]:
        given = func.coalesce(said, literal({}, member.extra.type))
        if self._dialect == "postgresql":
            return func.jsonb_strip_nulls(member.extra.op("||")(given))
        return func.json_patch(member.extra, given)

    def _had(self, name: str) -> ColumnElement[Any]:
        """As it is comparable: SQLite's JSON is text, with or without spaces."""
        plain = name != "extra" or self._dialect == "postgresql"
        return member[name] if plain else func.json(member[name])

    def _update(self, db: Session, ids: Sequence[UUID]) -> None:
        values: dict[str, Any] = dict(self._become()) | {"updated_at": self._now}
        these = update(Member).where(self._staging.c.number == member.number, member.id.in_(ids))
        db.connection().execute(these.values(values))

    # Tags: a row that has some has exactly these.

    def _words(self) -> Any:
        """The tags of a staged row, one to a row."""
        each = func.jsonb_array_elements_text if self._dialect == "postgresql" else func.json_each
        return each(self._staging.c.tags).table_valued("value", name="word")

    def _tags_differ(self) -> ColumnElement[bool]:
        word, mine = self._words(), MemberTag.__table__.alias("mine")
        have = exists().where(mine.c.member_id == member.id, mine.c.tag == word.c.value)
        missing = exists(select(1).select_from(word).where(~have.correlate_except(mine)))
        return self._staging.c.tags.is_not(None) & (
            missing.correlate_except(word, mine) | self._has_others(mine)
        )

    def _has_others(self, mine: Any) -> ColumnElement[bool]:
        word = self._words()
        other = exists().where(
            mine.c.member_id == member.id, mine.c.tag.not_in(select(word.c.value))
        )
        return other.correlate_except(mine)

    def _give(self, db: Session, to: ColumnElement[bool]) -> None:
        word = self._words()
        now = literal(self._now, tagged.created_at.type)
        given = (
            select(member.id, word.c.value, now)
            .select_from(self._known().join(word, literal(value=True)))
            .where(to)
            .order_by(member.id, word.c.value)
        )
        statement = insert_into(db, MemberTag).from_select(
            ["member_id", "tag", "created_at"], given
        )
        db.connection().execute(statement.on_conflict_do_nothing())

    def _take(self, db: Session, ids: Sequence[UUID]) -> None:
        word = self._words()
        said = self._staging.c
        other = (
            exists()
            .select_from(self._known())
            .where(
                member.id == tagged.member_id,
                said.tags.is_not(None),
                tagged.tag.not_in(select(word.c.value)),
            )
        )
        gone = delete(MemberTag).where(tagged.member_id.in_(ids), other)
        db.connection().execute(gone)


def _slices(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (ids[start : start + _IDS] for start in range(0, len(ids), _IDS))
