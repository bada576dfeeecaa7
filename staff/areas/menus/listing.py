"""The list of menus; a new one; removing one; bringing an earlier state back."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import Conflict
from core.session import Session
from line.gateway import LineError
from models import DeskSave, MenuDraft, Role
from richmenus import (
    composing,
    desk,
    drafts,
    gallery,
    layouts,
    naming,
    pictures,
    publications,
    publishing,
)
from richmenus.naming import Tabs
from richmenus.planning import Difference, Drift
from richmenus.problems import BadMenus
from staff import access
from staff.access import needs
from staff.areas.menus import noting
from staff.areas.publishing import wording as publishing_words
from staff.listing import Page, asked_page
from staff.parts import Parts, at, go
from staff.saying import Undo, say
from web.brand import text_on
from web.forms import whole
from web.language import current, t

SIZE = 20


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/menus")
    @needs(Role.VIEWER)
    def menus() -> ResponseReturnValue:
        drafts.see_to(parts.database, parts.settings, parts.now())
        with parts.database.read() as db:
            found = gallery.gallery(db, parts.settings, parts.now(), current())
        drift = _drift(parts) if request.args.get("line") else None
        return render_template(
            "staff/menus/list.html", found=found, drift=drift, place_words=publishing_words.place
        )

    @pages.route("/menus/new", methods=["GET", "POST"])
    @needs(Role.EDITOR)
    def menu_new() -> ResponseReturnValue:
        drafts.see_to(parts.database, parts.settings, parts.now())
        with parts.database.read() as db:
            lying = desk.read(db, parts.settings)
        wrong = ""
        if request.method == "POST":
            name = request.form.get("name", "").strip()
            if 0 < len(name) <= 60:
                return _make(parts, lying, name, request.form.get("from", ""))
            wrong = t("staff_menus.new.name_wrong")
        return render_template(
            "staff/menus/new.html", layouts=layouts, copies=lying.menus, wrong=wrong,
            fonts=composing.ready(parts.settings),
        )  # fmt: skip

    @pages.post("/menus/key/<key>/remove")
    @needs(Role.EDITOR)
    def menu_remove(key: str) -> ResponseReturnValue:
        who, now = access.me(), parts.now()
        with parts.database.begin() as db:
            before = noting.summary(desk.read(db, parts.settings).menu(key))
            row = drafts.remove_menu(
                db, key, seen=_seen() or 0, by=who.name, now=now, settings=parts.settings
            )
            noting.note(db, "menu.removed", row, before)
            save = desk.version(db, key, row.version)
        undo = Undo(at("menu_back", save=save.id)) if save else None
        say("staff_menus.removed", undo, name=row.definition["name"])
        return go("menus")

    @pages.get("/menus/key/<key>/history")
    @needs(Role.VIEWER)
    def menu_history(key: str) -> ResponseReturnValue:
        number = asked_page()
        with parts.database.read() as db:
            row = desk.row(db, key)
            saves = desk.history(db, key, limit=SIZE, offset=(number - 1) * SIZE)
            page = Page(saves, number, desk.saves(db, key), SIZE)
        return render_template("staff/menus/history.html", menu=row, page=page, shown=_shown)

    @pages.post("/menus/history/<uuid:save>")
    @needs(Role.EDITOR)
    def menu_back(save: UUID) -> ResponseReturnValue:
        who, now = access.me(), parts.now()
        try:
            with parts.database.begin() as db:
                row = drafts.bring_back(
                    db, save, seen=_seen(), by=who.name, now=now, settings=parts.settings
                )
                noting.note(db, "menu.brought_back", row)
        except BadMenus as e:
            words = " ".join(each.said(current()) for each in e.problems)
            say("staff_menus.cannot_bring_back", kind="danger", words=words)
            return go("menus")
        say("staff_menus.brought_back")
        return go("menu", key=row.key) if isinstance(row, MenuDraft) else go("menus")


def _seen() -> int | None:
    return whole(request.form.get("seen", ""))


def _shown(save: DeskSave) -> list[gallery.Shown]:
    return gallery.shown(MenuDraft(definition=save.definition, pictures=save.pictures))


@dataclass(frozen=True)
class Drifted:
    """How LINE differs from what we left there."""

    differences: tuple[Difference, ...] = ()
    tabs: Tabs = field(default_factory=dict)
    default: str = ""
    """The key of the menu that everybody sees who has none of their own."""
    failed: str = ""
    """LINE's own words when it cannot be asked."""

    @property
    def keys(self) -> set[str]:
        """Of the menus that are another at LINE."""
        found = {
            self.default if each.what is Drift.DEFAULT else self._key(each.name)
            for each in self.differences
        }
        return found - {""}

    def _key(self, name: str) -> str:
        one = naming.at_line(name, self.tabs)
        return one.key if one else ""


def _drift(parts: Parts) -> Drifted:
    try:
        at_line = publishing.observe(parts.line)
    except LineError as e:
        return Drifted(failed=str(e))
    with parts.database.read() as db:
        now = publications.in_force(db)
        if now is None:
            return Drifted()
        differences = publications.drift(db, at_line)
    return Drifted(differences, naming.tabs(now.edition), now.edition.default.key)


def _make(parts: Parts, lying: desk.Desk, name: str, begin: str) -> ResponseReturnValue:
    """A new menu: from a layout, with a picture composed at once, or as a copy of another."""
    who, now = access.me(), parts.now()
    what, _, which = begin.partition(":")
    key = _free_key({menu.key for menu in lying.menus}, which if what == "copy" else "menu")
    with parts.database.begin() as db:
        if what == "copy":
            other = lying.menu(which)
            definition, files = {**other.definition, "name": name}, other.pictures
        else:
            definition, files = _composed(db, parts, name, which)
        if (old := desk.find(db, key)) is not None and not old.removed:
            raise Conflict("staff_menus.changed_meanwhile")
        row = drafts.save_menu(
            db, key, definition, files, seen=None, by=who.name, now=now, settings=parts.settings
        )
        noting.note(db, "menu.made", row)
    undo = Undo(at("menu_remove", key=key), {"seen": str(row.version)})
    say("staff_menus.made", undo, name=name)
    return go("menu_edit", key=key) if what == "copy" else go("menu_compose", key=key)


def _composed(
    db: Session, parts: Parts, name: str, layout: str
) -> tuple[dict[str, Any], dict[str, str]]:
    layout = layout if layout in layouts.LAYOUTS else "large-6"
    color = parts.settings.brand_color
    recipe = composing.begun(layout, color, text_on(color))
    made = composing.draw(recipe, parts.settings)
    pictures.keep(db, [made.picture], now=parts.now(), recipe=recipe.model_dump())
    ending = "png" if made.picture.content_type == "image/png" else "jpg"
    file = f"main-{made.picture.sha256[:8]}.{ending}"
    definition = {
        "name": name,
        "image": file,
        "size": {"width": made.width, "height": made.height},
        "chatBarText": t("staff_menus.new.bar"),
        "selected": True,
        "areas": [
            {
                "bounds": dict(zip(("x", "y", "width", "height"), box, strict=True)),
                "action": {"type": "postback", "data": "1:reply:menu"},
            }
            for box in recipe.boxes
        ],
    }
    return definition, {file: made.picture.sha256}


def _free_key(taken: set[str], like: str) -> str:
    stem = re.sub(r"-\d+$", "", like)[:16]
    return next(key for n in range(2, 1_000) if (key := f"{stem}-{n}") not in taken)
