"""All people, or all of a sort, a page at a time: by place and never by counting, so that the last
page costs what the first does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.errors import NotFound
from members import persons, searching
from members.persons import Kind, Person, Rows, Text, Who
from models import Friend, Link, Member


class Sort(StrEnum):
    NEW = "new"
    """Who came last; of the linked, who was linked last; of the blocked, who blocked last."""
    KANA = "kana"
    """Of members; friends who are none come behind them, by their name on LINE."""
    NUMBER = "number"


@dataclass(frozen=True)
class Wanted:
    said: str = ""
    tag: str = ""
    who: Who = Who.ALL
    sort: Sort = Sort.NEW


@dataclass(frozen=True)
class Place:
    """Behind a person, or before them."""

    kind: Kind
    id: UUID
    backwards: bool = False


@dataclass(frozen=True)
class Leaf:
    """A page of people."""

    people: Sequence[Person]
    ahead: Place | None = None
    """Where the page before ends; None on the first."""
    behind: Place | None = None
    """Where the next page begins; None on the last."""
    capped: bool = False
    """A search found more than it shows."""
    total: int | None = None
    """None: they were not counted."""


Key = tuple[str | datetime, UUID]


@dataclass(frozen=True)
class _Shelf:
    """People in an order that an index keeps."""

    kind: Kind
    all: Rows
    rank: int
    column: Text | InstrumentedAttribute[Any]
    tie: InstrumentedAttribute[UUID]
    key: Callable[[Person], Key]
    newest_first: bool

    def take(
        self, db: Session, start: Key | None, *, backwards: bool, size: int
    ) -> list[tuple[Key, Person]]:
        down = self.newest_first != backwards
        some = self.all.where(self._beyond(db, start, down=down)) if start else self.all
        tie = self.tie.desc() if down else self.tie.asc()
        rows = db.execute(some.order_by(self._order(db, down=down), tie).limit(size))
        return [(self.key(each), each) for each in map(persons.person, rows)]

    def _order(self, db: Session, *, down: bool) -> ColumnElement[Any]:
        if self.newest_first:
            return self.column.desc() if down else self.column.asc()
        return persons.in_order(db, self.column, backwards=down)

    def _beyond(self, db: Session, start: Key, *, down: bool) -> ColumnElement[bool]:
        key, tie = start
        if self.newest_first or not isinstance(key, str):
            near = self.column <= key if down else self.column >= key
        else:
            near = (persons.at_most if down else persons.at_least)(db, self.column, key)
        further = self.tie < tie if down else self.tie > tie
        return near & or_(self.column != key, further)


def leaf(db: Session, wanted: Wanted, place: Place | None, *, region: str, size: int = 50) -> Leaf:
    """`region`: of telephone numbers that are written without a country."""
    if wanted.said or wanted.tag:
        return _searched(db, wanted, place, region, size)
    start = _start(db, wanted, place)
    backwards = start is not None and place is not None and place.backwards
    found = _fetch(db, wanted, start, backwards=backwards, size=size + 1)
    if backwards and len(found) <= size:
        return leaf(db, wanted, None, region=region, size=size)
    more, people = len(found) > size, found[:size]
    if backwards:
        people.reverse()
    return _leaf(people, before=more if backwards else start is not None, after=more or backwards)


def _leaf(
    people: Sequence[Person], *, before: bool, after: bool, capped: bool = False,
    total: int | None = None,
) -> Leaf:  # fmt: skip
    return Leaf(
        people,
        Place(people[0].kind, people[0].id, backwards=True) if people and before else None,
        Place(people[-1].kind, people[-1].id) if people and after else None,
        capped,
        total,
    )


def _searched(db: Session, wanted: Wanted, place: Place | None, region: str, size: int) -> Leaf:
    """A search finds few enough to be put in order here."""
    found = searching.search(db, wanted.said, wanted.tag, wanted.who, region)
    people = sorted(found.people, key=_sorting(wanted.sort))
    if wanted.sort is Sort.NEW:
        people.reverse()
    at = next((n for n, each in enumerate(people) if place and each.id == place.id), None)
    first = 0 if at is None or place is None else max(0, at - size if place.backwards else at + 1)
    page = people[first : first + size]
    return _leaf(
        page, before=first > 0, after=first + size < len(people),
        capped=found.more, total=len(people),
    )  # fmt: skip


def _sorting(sort: Sort) -> Callable[[Person], tuple[bool, Any, UUID]]:
    def key(each: Person) -> tuple[bool, Any, UUID]:
        if sort is Sort.NEW:
            return False, each.met_at, each.id
        return each.member is None, _named(each) if sort is Sort.KANA else _number(each), each.id

    return key


def _named(each: Person) -> str:
    if each.member:
        return each.member.kana
    return each.friend.display_name if each.friend else ""


def _number(each: Person) -> str:
    return each.member.number if each.member else _named(each)


def _start(db: Session, wanted: Wanted, place: Place | None) -> tuple[int, Key] | None:
    """None also when the person is not among these any more."""
    if place is None:
        return None
    try:
        who = persons.get(db, place.kind, place.id)
    except NotFound:
        return None
    shelf = next((each for each in _shelves(wanted) if each.kind is who.kind), None)
    shelf = shelf or _shelves(wanted)[0]
    found = db.execute(shelf.all.where(_is(who))).one_or_none()
    return (shelf.rank, shelf.key(persons.person(found))) if found else None


def _is(who: Person) -> ColumnElement[bool]:
    return Member.id == who.id if who.kind is Kind.MEMBER else Friend.id == who.id


def _fetch(
    db: Session, wanted: Wanted, start: tuple[int, Key] | None, *, backwards: bool, size: int
) -> list[Person]:
    shelves = _shelves(wanted)
    people: list[Person] = []
    for rank in sorted({each.rank for each in shelves}, reverse=backwards):
        if start and (rank > start[0] if backwards else rank < start[0]):
            continue
        after = start[1] if start and rank == start[0] else None
        left = size - len(people)
        mine = [each for each in shelves if each.rank == rank]
        found = [
            row for each in mine for row in each.take(db, after, backwards=backwards, size=left)
        ]
        found.sort(key=lambda row: row[0], reverse=mine[0].newest_first != backwards)
        people += [each for _, each in found[:left]]
        if len(people) == size:
            break
    return people


def _shelves(wanted: Wanted) -> list[_Shelf]:
    who, sort = wanted.who, wanted.sort
    if sort is Sort.NEW and who is Who.LINKED:
        return [_newest(Kind.MEMBER, persons.linked(), Link.started_at, Link.id, _by_link)]
    if sort is Sort.NEW and who is Who.BLOCKED:
        everybody = persons.friends().where(persons.of_friend(who))
        return [_newest(Kind.FRIEND, everybody, Friend.friendship_at, Friend.id, _by_friendship)]
    members = persons.members().where(persons.of_member(who))
    # Each question once: twice, PostgreSQL would believe that it leaves next to nobody.
    asked = dict.fromkeys((who, Who.UNLINKED))
    others = persons.friends().where(*map(persons.of_friend, asked))
    if sort is Sort.NEW:
        shelves = [_newest(Kind.MEMBER, members, Member.created_at, Member.id, _by_meeting)]
        return [*shelves, _newest(Kind.FRIEND, others, Friend.created_at, Friend.id, _by_meeting)]
    column = Member.kana if sort is Sort.KANA else Member.number
    named = _sorting(sort)
    first = _Shelf(Kind.MEMBER, members, 0, column, Member.id, lambda p: named(p)[1:], False)
    if who is Who.LINKED:
        return [first]
    called = Friend.display_name
    return [
        first, _Shelf(Kind.FRIEND, others, 1, called, Friend.id, lambda p: named(p)[1:], False),
    ]  # fmt: skip


def _newest(kind: Kind, all_: Rows, column: Any, tie: Any, key: Callable[[Person], Key]) -> _Shelf:
    return _Shelf(kind, all_, 0, column, tie, key, newest_first=True)


def _by_meeting(each: Person) -> Key:
    return each.met_at, each.id


def _by_link(each: Person) -> Key:
    return (each.link.started_at, each.link.id) if each.link else _by_meeting(each)


def _by_friendship(each: Person) -> Key:
    friend = each.friend
    known = friend.friendship_at if friend else None
    return (known, friend.id) if friend and known else _by_meeting(each)
