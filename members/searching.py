"""Finding people by what they are called, by a number or by a tag.

However many there are, only those are looked at whom an index leads to: names, kana and member
numbers are found by how they begin, a telephone number, an address and a tag only whole.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    func,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from core.errors import Invalid
from members import phone
from members.fields import plain
from members.persons import Person, Text, Who, any_begins, friends, joined, members, person
from models import Friend, FriendTag, Link, Member, MemberTag

MOST = 200
"""People that a search finds at most among members, and among friends: nobody leafs further."""
LONGEST = 100

_SPACES = (" ", "\u3000")
_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_HIRAGANA = {after: before for before, after in _KATAKANA.items()}


@dataclass(frozen=True)
class Found:
    people: Sequence[Person]
    """In no order."""
    more: bool
    """There are others, whom only another search finds."""


def search(db: Session, said: str, tag: str, who: Who, region: str) -> Found:
    """People whom both what was said and the tag fit; one of them may be empty."""
    words = plain(said)[:LONGEST]
    of_members, of_friends = members().where(joined(who)), friends().where(joined(who))
    if words:
        most = None if tag or who is not Who.ALL else MOST + 1
        of_members = of_members.where(Member.id.in_(_members_called(db, words, region, most)))
        of_friends = of_friends.where(_friends_called(db, words))
    if tag:
        of_members = of_members.where(Member.id.in_(_tagged_members(tag)))
        of_friends = of_friends.where(Friend.id.in_(_tagged_friends(tag)))
    found = [db.execute(each.limit(MOST + 1)).all() for each in (of_members, of_friends)]
    people = {each.id: each for rows in found for each in map(person, rows[:MOST])}
    return Found(list(people.values()), any(len(rows) > MOST for rows in found))


def _tagged_members(tag: str) -> CompoundSelect[UUID]:
    """By a tag of their own, or of the friend they are."""
    ties = select(Link.member_id).join(FriendTag, FriendTag.friend_id == Link.friend_id)
    return union_all(
        select(MemberTag.member_id).where(MemberTag.tag == tag),
        ties.where(FriendTag.tag == tag, Link.ended_at.is_(None)),
    )


def _tagged_friends(tag: str) -> CompoundSelect[UUID]:
    """By a tag of their own, or of the member they are."""
    ties = select(Link.friend_id).join(MemberTag, MemberTag.member_id == Link.member_id)
    return union_all(
        select(FriendTag.friend_id).where(FriendTag.tag == tag),
        ties.where(MemberTag.tag == tag, Link.ended_at.is_(None)),
    )


def _members_called(
    db: Session, words: str, region: str, most: int | None
) -> Select[tuple[object]]:
    """In statements of their own, so that each is answered by its index; `most` of each will do
    when nothing else is asked of them."""
    ways = [
        any_begins(db, Member.number, {words, words.upper(), words.lower()}),
        _called(db, Member.name, words),
        _called(db, Member.kana, words),
    ]
    if "@" in words:
        ways.append(Member.email == words.lower())
    if number := _phone(words, region):
        ways.append(Member.phone == number)
    parts = [select(Member.id).where(way).limit(most).subquery() for way in ways]
    ids = union(*(select(part.c.id) for part in parts)).subquery()
    return select(ids.c.id)


def _friends_called(db: Session, words: str) -> ColumnElement[bool]:
    if re.fullmatch("U[0-9a-f]{32}", words):
        return Friend.line_user_id == words
    return Friend.id.in_(select(Friend.id).where(_called(db, Friend.display_name, words)))


def is_phone(said: str, region: str) -> bool:
    """Whether somebody is asked for by their telephone number."""
    return _phone(plain(said)[:LONGEST], region) is not None


def _phone(words: str, region: str) -> str | None:
    try:
        return phone.normalise(words, region)
    except Invalid:
        return None


def _called(db: Session, column: Text, words: str) -> ColumnElement[bool]:
    """Whether it begins so: in either kana, in any case, wherever the spaces are."""
    spelled = {_without_spaces(each) for each in _spellings(words)}
    heads = {head for each in spelled for head in _heads(each)}
    bare = func.replace(func.replace(column, _SPACES[0], ""), _SPACES[1], "")
    fits = [func.substr(bare, 1, len(each)) == each for each in sorted(spelled)]
    return and_(any_begins(db, column, heads), or_(*fits))


def _spellings(words: str) -> set[str]:
    cases = {words, words.upper(), words.lower(), words.title()}
    return cases | {words.translate(_KATAKANA), words.translate(_HIRAGANA)}


def _heads(bare: str) -> set[str]:
    """What the index is asked for: two letters, with or without a space between them."""
    first, second = bare[:1], bare[1:2]
    return {first + space + second for space in ("", *_SPACES)} if second else {first}


def _without_spaces(words: str) -> str:
    return "".join(words.split())
