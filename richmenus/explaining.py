"""Why somebody sees the menu they see: each rule in order, which fitted, which did not and why."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.owed import State
from members import friendship
from models import Friend, Link, Member, MenuAssignment, MenuRevision
from richmenus import book as books
from richmenus import rules
from richmenus.rulebook import MenuRule
from richmenus.rules import Noted
from segments import Line, Moment, explain_all


@dataclass(frozen=True)
class RuleAnswer:
    number: int
    """Counted from 1, as people do."""
    menu: str
    because: str
    in_force: bool
    fits: bool | None
    """None: it does not say."""
    decides: bool
    lines: Sequence[Line]


@dataclass(frozen=True)
class Explanation:
    friend_id: UUID
    line_user_id: str
    reachable: bool
    """False: they have blocked the account, and LINE shows them no menu."""
    answers: Sequence[RuleAnswer]
    shown: str | None
    """The place of the menu LINE shows them as their own (`member/home`), as far as we know.
    Empty: none, so LINE shows its default. None: we do not know."""
    state: State | None
    """None: their menu has not been computed yet."""
    error: str

    @property
    def decided(self) -> RuleAnswer:
        return next(answer for answer in self.answers if answer.decides)


def find(db: Session, person: str) -> UUID:
    """A friend by their member's number, our id, or LINE's user id. Raises NotFound."""
    linked = (
        select(Friend.id)
        .join(Link, (Link.friend_id == Friend.id) & Link.ended_at.is_(None))
        .join(Member, Member.id == Link.member_id)
        .where(Member.number == person)
    )
    by_id = [Friend.line_user_id == person]
    with suppress(ValueError):
        by_id.append(Friend.id == UUID(person))
    found = db.scalar(linked) or db.scalar(select(Friend.id).where(or_(*by_id)))
    if found is None:
        raise NotFound("menus.no_such_person", person=person)
    return found


def why(db: Session, friend_id: UUID, now: datetime, zone: ZoneInfo, language: str) -> Explanation:
    book = books.load(db, zone)
    if book is None:
        raise NotFound("menus.nothing_published")
    friend = db.get_one(Friend, friend_id)
    answers = by_rules(db, book.rules, friend_id, Moment(now, zone), language)
    row = db.get(MenuAssignment, friend_id)
    return Explanation(
        friend_id=friend_id,
        line_user_id=friend.line_user_id,
        reachable=friendship.reachable(friend),
        answers=answers,
        shown=_shown(db, friend, row),
        state=row.state if row else None,
        error=row.error if row else "",
    )


def by_rules(
    db: Session, given: Sequence[MenuRule], friend_id: UUID, moment: Moment, language: str
) -> list[RuleAnswer]:
    """What any rules would come to for somebody, rule by rule."""
    lines = explain_all(db, [rule.when for rule in given], friend_id, moment, language)
    fits = {rule: bool(lines[n][0].holds) for n, rule in enumerate(given)}
    decided = rules.first_fit(given, fits.__getitem__, moment.now)
    return [
        RuleAnswer(
            number=n + 1,
            menu=rule.menu,
            because=rule.because,
            in_force=rule.in_force(moment.now),
            fits=fits[rule],
            decides=n == decided,
            lines=lines[n],
        )
        for n, rule in enumerate(given)
    ]


def masked(answers: Sequence[RuleAnswer]) -> list[RuleAnswer]:
    """For who sees people masked: which rule decides, as the menu tells it anyway; but of no
    question about what is masked whether it holds."""
    return [
        replace(
            answer,
            fits=None if answer.lines[0].private and not answer.decides else answer.fits,
            lines=[replace(line, holds=None) if line.private else line for line in answer.lines],
        )
        for answer in answers
    ]


def _shown(db: Session, friend: Friend, row: MenuAssignment | None) -> str | None:
    noted = Noted(row.shown, row.epoch, row.sure_at) if row else Noted(None, rules.NEVER, None)
    shown = rules.still_shown(noted, epoch=friend.menu_epoch, friendship_at=friend.friendship_at)
    return place(db, shown) if shown else shown


def place(db: Session, menu: str) -> str:
    """Key and tab of a menu at LINE; LINE's id when it is none of ours."""
    row = db.scalar(select(MenuRevision).where(MenuRevision.line_menu_id == menu))
    return f"{row.key}/{row.tab}" if row else menu
