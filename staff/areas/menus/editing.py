"""The editor: a plain form of everything a menu says, which a script makes comfortable."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import Conflict, Invalid, NotFound
from models import MenuDraft, Role
from richmenus import desk, drafts, layouts, offering, pictures, taking
from richmenus.problems import BadMenus
from staff import access
from staff.access import needs, takes
from staff.areas.menus import form, noting, wording
from staff.parts import Parts, at, go
from staff.saying import Undo, say
from web.errors import words
from web.forms import whole
from web.language import current, t

MOST_FORM = taking.MOST_SENT + 512 * 1024


@dataclass(frozen=True)
class Choice:
    """What a picture that was sent could become; kept already, to be looked at."""

    how: str
    sha256: str
    width: int
    height: int
    kilobytes: int
    quality: int


@dataclass
class Editing:
    """What the page shows."""

    key: str
    typed: form.Menu
    seen: int | None
    """The version that is edited; None: to be made anew, since somebody removed it."""
    files: dict[str, Any]
    """The pictures of the state that is edited, by file name."""
    errors: dict[str, str] = field(default_factory=dict)
    choices: dict[int, list[Choice]] = field(default_factory=dict)
    """By tab."""
    theirs: MenuDraft | None = None
    """What somebody else saved meanwhile."""
    dirty: bool = False
    tab: int = 0
    """Which one is open."""

    def coverage(self, n: int) -> layouts.Coverage:
        tab = self.typed.tabs[n]
        return layouts.coverage(*tab.size, [area.box for area in tab.areas])


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.route("/menus/key/<key>/edit", methods=["GET", "POST"])
    @needs(Role.EDITOR)
    @takes(MOST_FORM)
    def menu_edit(key: str) -> ResponseReturnValue:
        with parts.database.read() as db:
            row = desk.row(db, key)
        if request.method == "GET":
            if row.removed:
                raise NotFound("staff_menus.no_such_menu", menu=key)
            typed = form.of(row.definition, row.pictures)
            return _page(Editing(key, typed, row.version, row.pictures, tab=_tab_asked(typed)))
        return _posted(parts, row)


def _posted(parts: Parts, row: MenuDraft) -> ResponseReturnValue:
    editing = Editing(
        row.key,
        form.read(request.form),
        whole(request.form.get("seen", "")),
        row.pictures,
        dirty=True,
    )
    editing.tab = min(_number(request.form.get("open", "")), len(editing.typed.tabs) - 1)
    do, _, which = request.form.get("do", "save").partition(":")
    sent = _take_files(parts, editing)
    if do in DOES:
        DOES[do](parts, editing, which)
    elif not editing.errors and not editing.choices and do == "save":
        return _save(parts, editing, row)
    elif sent and not editing.errors and not editing.choices:
        editing.dirty = True
    return _page(editing)


def _page(editing: Editing) -> ResponseReturnValue:
    status = 409 if editing.theirs else 422 if editing.errors else 200
    names = [tab.called for tab in editing.typed.tabs]
    page = render_template(
        "staff/menus/edit.html",
        editing=editing,
        blank_area=form.Area({}),
        told=lambda name, words: wording.told(name, words, names),
        limits={
            "bar": 14,
            "areas": form.MOST_AREAS,
            "tabs": form.MOST_TABS,
            "file": taking.MOST_SENT,
        },
        **CHOICES,
    )
    return page, status


def _named(key: str, names: Iterable[str]) -> list[tuple[str, str]]:
    return [(name, t(f"staff_menus.{key}.{name}")) for name in names]


def _tabs_to(typed: form.Menu, chosen: str) -> list[tuple[str, str]]:
    """Where a tap can switch to; also where it does, and that tab is gone."""
    there = list(typed.tab_names.items())
    if len(there) == 1:
        there = [(there[0][0], t("staff_menus.edit.only_tab"))]
    gone = [] if not chosen or chosen in typed.tab_names else [(chosen, t("staff_menus.edit.gone"))]
    return [*there, *gone]


INPUT_OPTIONS = ("closeRichMenu", "openRichMenu", "openKeyboard", "openVoice")
CHOICES: dict[str, Any] = {
    "kinds": lambda: _named("kind", offering.KINDS),
    "replies": lambda: _named("reply", offering.REPLIES),
    "answers": lambda: [
        *_named("reply", offering.REPLIES),
        (offering.OTHER, t("staff_menus.edit.answer_other")),
    ],
    "known": offering.KNOWN,
    "liff_pages": lambda: _named("page", offering.LIFF_PAGES),
    "modes": lambda: _named("mode", ("date", "time", "datetime")),
    "input_options": lambda: [("", t("staff_menus.input.none")), *_named("input", INPUT_OPTIONS)],
    "layout_names": lambda width, height: _named("layout", layouts.suited(width, height)),
    "tab_names": _tabs_to,
}
"""What the page's selects offer, and what the bot knows of what is written."""


def _tab_asked(typed: form.Menu) -> int:
    names = [tab.get("tab") for tab in typed.tabs]
    asked = request.args.get("tab", "")
    return names.index(asked) if asked in names else 0


# Saving


def _save(parts: Parts, editing: Editing, row: MenuDraft) -> ResponseReturnValue:
    hashes = {tab.get("picture") for tab in editing.typed.tabs}
    with parts.database.read() as db:
        kinds = pictures.kinds(db, hashes)
    definition, files = form.meant(editing.typed, row.pictures, kinds)
    who, before = access.me(), noting.summary(row)
    try:
        with parts.database.begin() as db:
            saved = drafts.save_menu(
                db, editing.key, definition, files, seen=editing.seen, by=who.name,
                now=parts.now(), settings=parts.settings,
            )  # fmt: skip
            earlier = desk.version(db, editing.key, editing.seen or 0)
            if saved.version != editing.seen:
                noting.note(db, "menu.saved", saved, before)
    except BadMenus as e:
        editing.errors = form.errors(editing.typed, e.problems, current())
        return _page(editing)
    except Conflict:
        with parts.database.read() as db:
            editing.theirs = theirs = desk.row(db, editing.key)
        editing.seen = None if theirs.removed else theirs.version
        return _page(editing)
    if saved.version == editing.seen:
        say("staff_menus.nothing_changed", kind="info")
        return go("menu", key=editing.key)
    fields = {"seen": str(saved.version)}
    undo = Undo(at("menu_back", save=earlier.id), fields) if earlier else None
    say("staff_menus.saved", undo, name=definition["name"])
    return go("menu", key=editing.key)


# Pictures


def _take_files(parts: Parts, editing: Editing) -> bool:
    """What was sent with the form, whatever button sent it."""
    found = False
    for n in range(len(editing.typed.tabs)):
        sent = request.files.get(f"tabs-{n}-file")
        if sent is None or not sent.filename:
            continue
        found, editing.tab = True, n
        try:
            _took(parts, editing, n, sent.read(taking.MOST_SENT + 1))
        except Invalid as e:
            editing.errors[f"tabs-{n}-file"] = words(e)
    return found


def _took(parts: Parts, editing: Editing, n: int, content: bytes) -> None:
    tab = editing.typed.tabs[n]
    sent = taking.take(content, tab.size)
    with parts.database.begin() as db:
        pictures.keep(db, [offer.picture for offer in sent.offers], now=parts.now())
    if sent.at_once:
        tab.typed["picture"] = sent.offers[0].picture.sha256
        return
    editing.choices[n] = [
        Choice(
            offer.how,
            offer.picture.sha256,
            offer.width,
            offer.height,
            -(-len(offer.picture.content) // 1024),
            offer.quality,
        )
        for offer in sent.offers
    ]


# What the form's other buttons do: nothing is saved


def _take(parts: Parts, editing: Editing, which: str) -> None:
    n, _, sha256 = which.partition(":")
    tab = _tab(editing, n)
    with parts.database.read() as db:
        size = pictures.sizes(db, [sha256]).get(sha256)
    if tab and size:
        tab.typed["picture"] = sha256
        tab.resized(size.width, size.height)


def _upload(parts: Parts, editing: Editing, which: str) -> None:
    n = _number(which)
    nothing = not request.files.get(f"tabs-{n}-file")
    if nothing and not editing.errors:
        editing.errors[f"tabs-{n}-file"] = t("staff_menus.sent.nothing")


def _layout(parts: Parts, editing: Editing, which: str) -> None:
    tab = _tab(editing, which)
    name = tab.get("layout") if tab else ""
    if tab and name in layouts.LAYOUTS:
        form.put_layout(tab, layouts.boxes(name, *tab.size))


def _add_area(parts: Parts, editing: Editing, which: str) -> None:
    if tab := _tab(editing, which):
        form.add_area(tab)


def _drop_area(parts: Parts, editing: Editing, which: str) -> None:
    n, _, area = which.partition(":")
    tab = _tab(editing, n)
    if tab and _number(area) < len(tab.areas):
        del tab.areas[_number(area)]


def _add_tab(parts: Parts, editing: Editing, which: str) -> None:
    form.add_tab(editing.typed, lambda n: t("staff_menus.edit.tab_new", number=n))
    editing.tab = len(editing.typed.tabs) - 1


def _drop_tab(parts: Parts, editing: Editing, which: str) -> None:
    if _tab(editing, which) and len(editing.typed.tabs) > 1:
        del editing.typed.tabs[_number(which)]
        editing.tab = 0


def _earlier(parts: Parts, editing: Editing, which: str) -> None:
    n = _number(which)
    if _tab(editing, which) and n:
        tabs = editing.typed.tabs
        tabs[n - 1], tabs[n] = tabs[n], tabs[n - 1]
        editing.tab = n - 1


def _redraw(parts: Parts, editing: Editing, which: str) -> None:
    """Shows the fields of the kinds that were chosen."""


DOES = {
    "take": _take,
    "upload": _upload,
    "layout": _layout,
    "add_area": _add_area,
    "drop_area": _drop_area,
    "add_tab": _add_tab,
    "drop_tab": _drop_tab,
    "earlier": _earlier,
    "redraw": _redraw,
}


def _tab(editing: Editing, which: str) -> form.Tab | None:
    n = _number(which)
    if n >= len(editing.typed.tabs):
        return None
    editing.tab = n
    return editing.typed.tabs[n]


def _number(typed: str) -> int:
    return whole(typed) or 0
