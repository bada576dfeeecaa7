"""A tag on the friend, or on the member they are linked to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, or_

from models import Friend, FriendTag, Link, MemberTag
from segments.condition import Condition, Moment
from segments.form import Answers, Ask, Field, Form, lines
from segments.kind import Example, Given, Kind, Person, named
from segments.problems import bad
from segments.values import MOST_VALUES, is_text, listed
from texts import text

LONGEST = 64


@dataclass(frozen=True)
class Tag(Condition):
    """At least one of these tags."""

    tags: tuple[str, ...]

    def within(self, wider: Condition) -> bool:
        return isinstance(wider, Tag) and set(self.tags) <= set(wider.tags)

    def sql(self, moment: Moment) -> ColumnElement[bool]:
        of_friend = exists().where(FriendTag.friend_id == Friend.id, FriendTag.tag.in_(self.tags))
        of_member = exists().where(
            MemberTag.member_id == Link.member_id, MemberTag.tag.in_(self.tags)
        )
        return or_(of_friend.correlate(Friend.__table__), of_member.correlate(Link.__table__))

    def words(self, language: str) -> str:
        key = "segments.tag" if len(self.tags) == 1 else "segments.tag_any"
        return text(key, language, tags=listed(self.tags, language))


def parse(given: Given) -> Condition:
    tags: list[Any] = given.value if isinstance(given.value, list) else [given.value]
    if not 0 < len(tags) <= MOST_VALUES:
        raise bad(given.path, given.value, "not_a_tag")
    for tag in tags:
        if not is_text(tag) or not 0 < len(tag) <= LONGEST:
            raise bad(given.path, tag, "not_a_tag")
    return Tag(tuple(dict.fromkeys(tags)))


FIELD = Field("tags", Ask.LINES, "segments.kind.tag", hint="segments.form.any_line", suggests="tag")


def _write(subject: str, answers: Answers) -> Mapping[str, object]:
    tags = lines(answers.get("tags", ""))
    return {"tag": tags[0] if len(tags) == 1 else tags}


def _answers(key: str, value: object) -> Answers | None:
    tags = [tag for tag in _listed(value) if isinstance(tag, str) and lines(tag) == [tag]]
    return {"tags": "\n".join(tags)} if len(tags) == len(_listed(value)) else None


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


FORM = Form(
    subjects=("tag",),
    label=lambda subject, language: text("segments.kind.tag", language),
    fields=lambda subject: (FIELD,),
    write=_write,
    answers=_answers,
)

KIND = Kind(
    name="tag",
    fits=named("tag"),
    parse=parse,
    form=FORM,
    examples=(
        Example(
            {"tag": "coffee"},
            fits=Person(tags=frozenset({"coffee"})),
            not_fits=Person(member={}, tags=frozenset({"tea"})),
        ),
        Example(
            {"tag": ["staff", "press"]},
            fits=Person(member={}, member_tags=frozenset({"press"})),
            not_fits=Person(member={}, member_tags=frozenset({"Press"})),
        ),
    ),
)
