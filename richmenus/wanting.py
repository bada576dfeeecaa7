"""Who should see which menu, and whom LINE has to be told about: one statement for many people."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    Subquery,
    and_,
    case,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from core.inserting import KEEP, affected, insert_into
from core.owed import State
from members.friendship import IS_REACHABLE
from models import Friend, MenuAssignment
from richmenus.book import Book, InForce
from richmenus.rules import NEVER
from segments import Moment, people

SAID = ("wanted", "rule", "because", "state")
"""What a row says of what was computed."""
KEPT: dict[str, Any] = {"attempts": 0, "leased": False, "failures": 0, "error": "", "previous": ""}
"""What a new row begins with."""


def compute(
    db: Session, book: Book, moment: Moment, among: ColumnElement[bool], *, due_at: datetime
) -> int:
    """Note the menu that fits, and why, for every friend `among` those asked for.

    Rows that say so already are not touched; the number of those that were. What somebody has in
    hand stays in their hand: they look again when they settle it.
    """
    answers = _answers(book, moment, among)
    statement = _statement(db, answers, book, moment.now, due_at)
    return affected(db.connection().execute(statement, execution_options=KEEP))


def others(book: Book, moment: Moment) -> Select[UUID]:
    """Every friend of whom something else must be noted than is."""
    answers = _answers(book, moment, true())
    return select(answers.c.id).where(_differs(answers, _fits(answers, book, moment.now)))


def _answers(book: Book, moment: Moment, among: ColumnElement[bool]) -> Subquery:
    """For each friend: the rule that fits, and what LINE shows them."""
    row = MenuAssignment.__table__.c
    found = (
        people(
            Friend.id,
            IS_REACHABLE.label("reachable"),
            Friend.menu_epoch,
            rule(book.in_force(moment.now), moment).label("rule"),
            still_shown().label("shown"),
            *(row[name].label(f"had_{name}") for name in SAID),
        )
        .outerjoin(MenuAssignment.__table__, row.id == Friend.id)
        .where(among)
    )
    # Without the offset the rules would be put wherever we speak of the one that fits, and be
    # asked ten times.
    return found.offset(0).subquery("answers")


def rule(in_force: InForce, moment: Moment) -> ColumnElement[int]:
    """The place of the rule that fits a friend, as SQL over `segments.people`."""
    *before, (last, _) = in_force
    if not before:
        return literal(last)
    return case(*((each.when.sql(moment), n) for n, each in before), else_=last)


def changes(db: Session, in_force: InForce, moment: Moment) -> dict[tuple[str, str], int]:
    """How many friends would get another menu by these rules: from which, to which. Those whose
    menu was never computed are not counted."""
    menus = {n: each.menu for n, each in in_force}
    row = MenuAssignment.__table__.c
    new = case(menus, value=rule(in_force, moment)).label("new")
    answers = (
        people(row.wanted, new)
        .join(MenuAssignment.__table__, row.id == Friend.id)
        .where(IS_REACHABLE)
        .subquery()
    )
    pair = (answers.c.wanted, answers.c.new)
    found = select(*pair, func.count()).where(pair[0] != pair[1]).group_by(*pair)
    return {(old, new): number for old, new, number in db.execute(found)}


def still_shown() -> ColumnElement[str | None]:
    """`rules.still_shown` said in SQL."""
    row = MenuAssignment.__table__.c
    noted_in = func.coalesce(row.epoch, NEVER)
    return case(
        (noted_in == NEVER, case((Friend.menu_epoch > 0, literal("")), else_=null())),
        (Friend.menu_epoch <= noted_in, row.shown),
        (row.shown == "", literal("")),
        (row.shown.is_(None) | (row.sure_at >= Friend.friendship_at), null()),
        else_=literal(""),
    )


def _fits(answers: Subquery, book: Book, now: datetime) -> dict[str, ColumnElement[Any]]:
    """What is to be noted of a friend: the columns of `SAID`."""
    rules = dict(book.in_force(now))
    menus = {n: rule.menu for n, rule in rules.items()}
    reasons = {n: rule.because for n, rule in rules.items()}
    needs = and_(answers.c.reachable, _not_right(answers, book, menus))
    return {
        "wanted": case(menus, value=answers.c.rule),
        "rule": answers.c.rule,
        "because": case(reasons, value=answers.c.rule),
        "state": case((needs, State.DUE.value), else_=State.DONE.value),
    }


def _differs(answers: Subquery, fits: dict[str, ColumnElement[Any]]) -> ColumnElement[bool]:
    return or_(*(answers.c[f"had_{name}"].is_distinct_from(fits[name]) for name in SAID))


def _statement(
    db: Session, answers: Subquery, book: Book, now: datetime, due_at: datetime
) -> Executable:
    table = MenuAssignment.__table__
    fits = _fits(answers, book, now)
    columns: dict[str, Any] = {
        "id": answers.c.id,
        **fits,
        "due_at": literal(due_at, table.c.due_at.type),
        "epoch": literal(NEVER),
    } | {name: literal(value) for name, value in KEPT.items()}
    insert = insert_into(db, MenuAssignment).from_select(
        list(columns),
        # In one order everywhere, so that two who lock many rows cannot lock each other out.
        answers.select()
        .with_only_columns(*columns.values())
        # Most rows say so already: on PostgreSQL even a conflict that changes nothing is a write.
        .where(_differs(answers, fits))
        .order_by(answers.c.id),
        include_defaults=False,
    )
    new = insert.excluded
    in_hand = and_(table.c.leased, table.c.due_at > now)
    differs = [table.c[name] != new[name] for name in SAID]
    upsert: Executable = insert.on_conflict_do_update(
        index_elements=["id"],
        set_={name: new[name] for name in SAID}
        | {"failures": 0, "error": "", "due_at": case((in_hand, table.c.due_at), else_=new.due_at)},
        where=or_(*differs),
    )
    return upsert


def _not_right(answers: Subquery, book: Book, menus: dict[int, str]) -> ColumnElement[bool]:
    """`Book.call` said in SQL: LINE shows something else than the menu of the rule that fits.
    What LINE does not have cannot be given to anybody, so it counts as right."""
    wrong = []
    for key in sorted(set(menus.values()) & book.targets.keys()):
        fine = {*book.accepted[key], ""} if key == book.default else book.accepted[key]
        here = answers.c.rule.in_([n for n, menu in menus.items() if menu == key])
        shown_well = func.coalesce(answers.c.shown.in_(sorted(fine)), false())
        wrong.append(and_(here, ~shown_well))
    return or_(false(), *wrong)
