"""“Show me on my LINE”: the draft of a menu on the own phone of whoever edits it."""

from dataclasses import dataclass

from flask import Blueprint
from flask.typing import ResponseReturnValue

from accounts import audit, own_line
from core.errors import Conflict, Invalid, TooMany
from core.session import Session
from models import Friend, Role
from richmenus import drafts, trials
from staff.access import me, needs
from staff.parts import Parts, go
from staff.saying import say
from web.errors import words


@dataclass(frozen=True)
class OwnLine:
    """What the pages say of one's own LINE."""

    friend: Friend | None
    """None: not tied yet."""
    look: trials.Look | None


def own(db: Session, parts: Parts) -> OwnLine | None:
    """None for whoever may not edit."""
    if not me().may(Role.EDITOR):
        return None
    mine = me().account_id
    return OwnLine(own_line.tied(db, mine), trials.latest(db, mine, parts.now()))


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.post("/menus/key/<key>/on-my-line")
    @needs(Role.EDITOR)
    def menu_try(key: str) -> ResponseReturnValue:
        drafts.see_to(parts.database, parts.settings, parts.now())
        try:
            with parts.database.begin() as db:
                _ask(db, parts, key)
        except (Conflict, Invalid, TooMany) as e:
            say("staff_trial.said.no", kind="warning", why=words(e))
        else:
            parts.ring("trials")
            say("staff_trial.said.asked")
        return go("menu", key=key)


def _ask(db: Session, parts: Parts, key: str) -> None:
    friend = own_line.tied(db, me().account_id)
    if friend is None:
        raise Conflict("staff_trial.not_tied")
    trial = trials.ask(db, key, me().account_id, friend, parts.now(), parts.settings)
    audit.note(db, me().actor, "menu.tried", "menu", key, trial.name)
