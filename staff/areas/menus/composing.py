"""Composing a picture: cells of colour, words and icons, and the areas along with it."""

import base64
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import Conflict
from core.settings import Settings
from models import MenuDraft, Role
from richmenus import composing, desk, drafts, layouts, pictures
from richmenus.composing import PALETTES, Recipe
from richmenus.drawing import icons
from richmenus.lengths import clusters
from richmenus.problems import BadMenus, Problem
from staff import access
from staff.access import needs
from staff.areas.menus import form, noting, wording
from staff.parts import Parts, at, go
from staff.saying import Undo, say
from web.brand import contrast, text_on
from web.forms import whole
from web.language import current, t

LARGE_WORDS = 3.0
"""WCAG's least contrast of words as large as these."""
CELL = ("color", "ink", "words", "icon")
BY_WORDS = "by-words"
"""Chosen as an icon: whichever the words suggest."""


@dataclass
class Composing:
    """What the page shows."""

    key: str
    name: str
    tab: str
    seen: int
    recipe: Recipe
    settings: Settings
    shown: str = ""
    """The picture as it would be, for an img."""
    errors: dict[str, str] | None = None
    theirs: MenuDraft | None = None

    def pale(self, n: int) -> bool:
        cell = self.recipe.cells[n]
        said = cell.words.strip() or cell.icon
        return bool(said) and contrast(cell.color, cell.ink) < LARGE_WORDS

    def icon(self, n: int) -> str:
        """As it is chosen: one that is what the words suggest goes on following them."""
        cell = self.recipe.cells[n]
        return BY_WORDS if cell.icon == composing.suggested(n, cell.words) else cell.icon

    def unwritable(self, n: int) -> str:
        """The characters of a cell that cannot be drawn, for people to read."""
        return " ".join(composing.unwritable(self.recipe.cells[n].words, self.settings))


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/menus/key/<key>/compose", methods=["GET", "POST"])
    @needs(Role.EDITOR)
    def menu_compose(key: str) -> ResponseReturnValue:
        with parts.database.read() as db:
            row = desk.read(db, parts.settings).menu(key)
            typed = form.of(row.definition, row.pictures)
            names = [tab.get("tab") for tab in typed.tabs]
            tab = request.values.get("tab", "")
            n = names.index(tab) if tab in names else 0
            kept = composing.of(db, typed.tabs[n].get("picture"))
        recipe = kept or _new(parts, typed.tabs[n])
        made = Composing(key, row.definition["name"], names[n], row.version, recipe, parts.settings)
        return _posted(parts, row, made) if request.method == "POST" else _page(made)


def _page(made: Composing) -> ResponseReturnValue:
    if composing.ready(made.settings):
        drawn = composing.draw(made.recipe, made.settings, width=composing.SHOWN).picture
        code = base64.b64encode(drawn.content).decode()
        made.shown = f"data:{drawn.content_type};base64,{code}"
    page = render_template(
        "staff/menus/compose.html", made=made,
        told=lambda name, words: wording.told(name, words, []),
        layout_names=[(name, t(f"staff_menus.layout.{name}")) for name in layouts.LAYOUTS],
        icon_names=[(BY_WORDS, t("staff_menus.icon.by_words")), ("", t("staff_menus.icon.none"))]
        + [(name, t(f"staff_menus.icon.{name}")) for name in icons.BY_NAME],
        fonts=composing.ready(made.settings),
        palettes=[("", t("staff_menus.palette.none"))]
        + [(name, t(f"staff_menus.palette.{name}")) for name in _palettes(made.settings)],
    )  # fmt: skip
    return page, 409 if made.theirs else 422 if made.errors else 200


def _new(parts: Parts, tab: form.Tab) -> Recipe:
    """For a picture that was not composed: the layout and the words that its areas suggest."""
    layout = layouts.nearest(*tab.size, [area.box for area in tab.areas])
    color = parts.settings.brand_color
    said = [area.get("label") for area in tab.areas]
    return composing.begun(layout, color, text_on(color), said)


def _posted(parts: Parts, row: MenuDraft, made: Composing) -> ResponseReturnValue:
    made.seen = whole(request.form.get("seen", "")) or 0
    try:
        made.recipe = composing.read(_typed(made.recipe))
    except BadMenus as e:
        made.errors = {_field(each): each.said(current()) for each in e.problems}
        return _page(made)
    if request.form.get("do") == "paint":
        colours = _palettes(parts.settings).get(request.form.get("palette", ""))
        made.recipe = composing.painted(made.recipe, *colours) if colours else made.recipe
    if request.form.get("do") != "use":
        return _page(made)
    letters = {n: made.unwritable(n) for n in range(len(made.recipe.cells))}
    made.errors = {
        f"cells-{n}-words": t("staff_menus.compose.unwritable", letters=each)
        for n, each in letters.items()
        if each
    }
    return _page(made) if made.errors else _use(parts, row, made)


def _palettes(settings: Settings) -> dict[str, tuple[str, str, str]]:
    """The brand's own colour is one."""
    color = settings.brand_color
    return {"brand": (color, text_on(color), Recipe.model_fields["ground"].default)} | PALETTES


def _field(problem: Problem) -> str:
    """`cells[0].color` as the form calls it."""
    return problem.place.replace("[", "-").replace("].", "-").rstrip("]")


def _typed(before: Recipe) -> dict[str, Any]:
    sent = request.form
    layout = sent.get("layout", before.layout)
    number = len(layouts.LAYOUTS.get(layout, ()))
    blank = before.cells[0].model_dump() | {"words": "", "icon": ""}
    cells = []
    for n in range(number):
        typed = {name: sent.get(f"cells-{n}-{name}") for name in CELL}
        known = {k: v.replace("\r\n", "\n") for k, v in typed.items() if v is not None}
        if known.get("icon") == BY_WORDS:
            known["icon"] = composing.suggested(n, known.get("words", ""))
        cells.append(blank | known)
    width = sent.get("width", str(before.width))
    return {
        "layout": layout,
        "width": whole(width) or width,
        "style": sent.get("style", before.style),
        "ground": sent.get("ground", before.ground),
        "cells": cells,
    }


def label(words: str) -> str:
    """What is read aloud for a cell: its lines as one, with a space where letters need one."""
    lines = [" ".join(line.split()) for line in words.split("\n") if line.strip()]
    said = ""
    for line in lines:
        said += " " + line if said and (said[-1] + line[0]).isascii() else line
    return "".join(clusters(said)[:20]).strip()


def _use(parts: Parts, row: MenuDraft, made: Composing) -> ResponseReturnValue:
    """Into the draft: the picture, and its cells as areas."""
    drawn = composing.draw(made.recipe, parts.settings)
    typed = form.of(row.definition, row.pictures)
    tab = next(each for each in typed.tabs if each.get("tab") == made.tab)
    sha256 = drawn.picture.sha256
    tab.typed |= {"picture": sha256, "width": str(drawn.width), "height": str(drawn.height)}
    form.put_layout(tab, made.recipe.boxes)
    for area, cell in zip(tab.areas, made.recipe.cells, strict=True):
        said = label(cell.words)
        area.typed["label"] = said or area.get("label")
        if area.get("kind") == "reply" and not area.get("reply"):
            area.typed["reply"] = "menu"
    kinds = {sha256: drawn.picture.content_type}
    definition, files = form.meant(typed, row.pictures, kinds)
    who, before = access.me(), noting.summary(row)
    try:
        with parts.database.begin() as db:
            recipe = made.recipe.model_dump()
            pictures.keep(db, [drawn.picture], now=parts.now(), recipe=recipe)
            saved = drafts.save_menu(
                db, made.key, definition, files, seen=made.seen, by=who.name, now=parts.now(),
                settings=parts.settings,
            )  # fmt: skip
            earlier = desk.version(db, made.key, made.seen)
            if saved.version != made.seen:
                noting.note(db, "menu.composed", saved, before)
    except Conflict:
        with parts.database.read() as db:
            made.theirs = desk.read(db, parts.settings).menu(made.key)
        made.seen = made.theirs.version
        return _page(made)
    undo = None
    if earlier and saved.version != made.seen:
        undo = Undo(at("menu_back", save=earlier.id), {"seen": str(saved.version)})
    say("staff_menus.compose.used", undo)
    return go("menu_edit", key=made.key, tab=made.tab)
