"""Saving to the desk: the one working copy of all menus and rules, publishable at any time.

What is saved has been checked. Every save is kept, so nothing that somebody made is lost: not by
the next save, not by two at once, not by removing. What lies there: `richmenus/desk.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import Database
from core.errors import Conflict, NotFound
from core.inserting import insert_all_new
from core.settings import Settings
from models import DeskSave, MenuDraft, RulesDraft, Saved
from richmenus import checking, desk, pictures, rulebook, starting
from richmenus.desk import ONLY, RULES
from richmenus.editions import Edition
from richmenus.problems import BadMenus, on_the_desk

KEPT = timedelta(days=400)
"""How long earlier states are kept."""

State = tuple[Any, dict[str, Any]]
"""A definition (or the rules), and the sha256 of its pictures by file name."""


@dataclass(frozen=True)
class _Saving:
    """Who saves when, and what for."""

    by: str
    now: datetime
    what: Saved


def see_to(database: Database, settings: Settings, now: datetime) -> None:
    """See that there is a desk: at first it holds what is in force, or the folder's menus."""
    with database.read() as db:
        there = db.get(RulesDraft, ONLY)
    if there is None:
        with database.begin() as db:
            _hold(db, settings, now)


def save_menu(
    db: Session,
    key: str,
    definition: Any,
    files: Mapping[str, str],
    *,
    seen: int | None,
    by: str,
    now: datetime,
    settings: Settings,
) -> MenuDraft:
    """`files`: sha256 of kept pictures by the names that the definition calls them by; `seen`: the
    version that was edited, None for a new menu. Raises BadMenus, and Conflict when somebody else
    has saved since: then nothing is changed, and theirs is `desk.read(…).menu(key)`."""
    _hold(db, settings, now)
    state = _state(definition, files)
    _check_menu(db, key, state, settings)
    return _save_menu(db, key, state, seen, _Saving(by, now, Saved.SAVED))


def save_rules(
    db: Session, rules: list[Any], *, seen: int, by: str, now: datetime, settings: Settings
) -> RulesDraft:
    """Raises BadMenus and Conflict, as `save_menu` does."""
    _hold(db, settings, now)
    _check_rules(db, rules, settings)
    return _save_rules(db, rules, seen, _Saving(by, now, Saved.SAVED))


def remove_menu(
    db: Session, key: str, *, seen: int, by: str, now: datetime, settings: Settings
) -> MenuDraft:
    """Its pictures and earlier states stay. Raises Conflict while a rule gives the menu."""
    _hold(db, settings, now)
    row = db.get(MenuDraft, key)
    if row is None or row.removed:
        raise NotFound("staff_menus.no_such_menu", menu=key)
    _check_seen(seen, row.version)
    if desk.rules_with(db.get_one(RulesDraft, ONLY).rules, key):
        raise Conflict("staff_menus.still_in_rules", menu=key)
    _take_away(db, row, _Saving(by, now, Saved.REMOVED))
    return row


def bring_back(
    db: Session, save_id: UUID, *, seen: int | None, by: str, now: datetime, settings: Settings
) -> MenuDraft | RulesDraft:
    """Save an earlier state anew; `seen` as in saving. Raises as saving does."""
    _hold(db, settings, now)
    save = db.get(DeskSave, save_id)
    if save is None:
        raise NotFound("staff_menus.no_such_save")
    saving = _Saving(by, now, Saved.BROUGHT_BACK)
    if save.key == RULES:
        _check_rules(db, save.definition, settings)
        return _save_rules(db, save.definition, seen, saving)
    state = _state(save.definition, save.pictures)
    _check_menu(db, save.key, state, settings)
    return _save_menu(db, save.key, state, seen, saving)


def lay(db: Session, given: Edition, *, by: str, now: datetime, settings: Settings) -> None:
    """Make the desk what an edition was made from; what lay there stays in its history."""
    _hold(db, settings, now)
    pictures.keep(db, given.pictures.values())
    sources = starting.sources_of(given, settings)
    desk.edition_of(db, sources, list(given.rules), settings)
    rows = {row.key: row for row in db.scalars(select(MenuDraft).where(~MenuDraft.removed))}
    wanted = {source.key: source for source in sources}
    for key in sorted(rows.keys() - wanted.keys()):
        _take_away(db, rows[key], _Saving(by, now, Saved.REMOVED))
    saving = _Saving(by, now, Saved.LAID)
    for key, source in wanted.items():
        seen = rows[key].version if key in rows else None
        _save_menu(db, key, _state(source.definition, source.pictures), seen, saving)
    _save_rules(db, list(given.rules), db.get_one(RulesDraft, ONLY).version, saving)


def _hold(db: Session, settings: Settings, now: datetime) -> None:
    """See that there is a desk; nobody else changes it while this transaction is open."""
    if db.scalar(_held()) is not None:
        return
    begun = starting.edition(db, settings)
    first = desk.beginning(begun, now)
    rules = {"id": ONLY, "rules": first.rules.rules, "version": 1}
    insert_all_new(db, RulesDraft, [rules | {"changed_at": now, "changed_by": ""}])
    db.scalar(_held())
    if db.scalar(select(func.count()).select_from(DeskSave)):
        return  # somebody else was first
    pictures.keep(db, begun.pictures.values())
    saving = _Saving("", now, Saved.LAID)
    for menu in first.menus:
        db.add(menu)
        db.add(_kept(menu.key, 1, (menu.definition, menu.pictures), saving))
    db.add(_kept(RULES, 1, (first.rules.rules, {}), saving))
    db.flush()


def _held() -> Any:
    held = select(RulesDraft).where(RulesDraft.id == ONLY).with_for_update()
    return held.execution_options(populate_existing=True)


def _state(definition: Any, files: Mapping[str, str]) -> State:
    """Without the pictures that the definition does not name."""
    tabs = definition.get("tabs", [definition]) if isinstance(definition, dict) else []
    tabs = [tab for tab in tabs if isinstance(tab, dict)] if isinstance(tabs, list) else []
    named = [str(tab.get("image")) for tab in tabs]
    return rulebook.plain(definition), {name: files[name] for name in named if name in files}


def _check_menu(db: Session, key: str, state: State, settings: Settings) -> None:
    definition, files = state
    look = partial(pictures.look, pictures.sizes(db, set(files.values())), files)
    checked = checking.menu(key, definition, look, settings)
    if checked.wrong:
        raise BadMenus(on_the_desk(key, wrong) for wrong in checked.wrong)


def _check_rules(db: Session, rules: Any, settings: Settings) -> None:
    keys = list(db.scalars(select(MenuDraft.key).where(~MenuDraft.removed)))
    if wrong := desk.wrong_rules(rulebook.plain(rules), keys, settings):
        raise BadMenus(wrong)


def _check_seen(seen: int | None, newest: int | None) -> None:
    if seen != newest:
        raise Conflict("staff_menus.changed_meanwhile")


def _save_menu(db: Session, key: str, state: State, seen: int | None, saving: _Saving) -> MenuDraft:
    row = db.get(MenuDraft, key)
    _check_seen(seen, None if row is None or row.removed else row.version)
    if row is None:
        row = MenuDraft(key=key, version=0)
        db.add(row)
    elif not row.removed and (row.definition, row.pictures) == state:
        return row
    row.definition, row.pictures = state
    row.removed = False
    _note(db, row, key, state, saving)
    return row


def _save_rules(db: Session, rules: Any, seen: int | None, saving: _Saving) -> RulesDraft:
    row = db.get_one(RulesDraft, ONLY)
    _check_seen(seen, row.version)
    rules = rulebook.plain(rules)
    if row.rules != rules:
        row.rules = rules
        _note(db, row, RULES, (rules, {}), saving)
    return row


def _take_away(db: Session, row: MenuDraft, saving: _Saving) -> None:
    row.removed = True
    _note(db, row, row.key, (row.definition, row.pictures), saving)


def _note(
    db: Session, row: MenuDraft | RulesDraft, key: str, state: State, saving: _Saving
) -> None:
    row.version += 1
    row.changed_at, row.changed_by = saving.now, saving.by
    db.add(_kept(key, row.version, state, saving))
    db.flush()


def _kept(key: str, version: int, state: State, saving: _Saving) -> DeskSave:
    return DeskSave(
        id=uuid4(),
        key=key,
        version=version,
        what=saving.what,
        definition=state[0],
        pictures=state[1],
        at=saving.now,
        by=saving.by,
    )
