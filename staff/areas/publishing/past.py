"""What was published when, by whom and what it changed; and bringing any of it back."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from core.errors import Conflict, NotFound
from core.session import Session
from models import Publication, Role
from richmenus import foresight, publications
from richmenus.editions import Edition
from richmenus.problems import BadMenus
from richmenus.publish_runs import Asked
from staff.access import me, needs
from staff.areas.publishing.asking import ask
from staff.listing import Page, asked_page, asked_sort
from staff.parts import Parts, go
from web.errors import words
from web.language import current, t

SIZE = 10


def install(pages: Blueprint, parts: Parts) -> None:
    @pages.get("/publishing/history", endpoint="published")
    @needs(Role.VIEWER)
    def history() -> ResponseReturnValue:
        number, sort = asked_page(), asked_sort(("at",), "at", down=True)
        with parts.database.read() as db:
            found, total = foresight.past(
                db, limit=SIZE, offset=(number - 1) * SIZE, oldest_first=not sort.down
            )
        page = Page(found, number, total, SIZE)
        return render_template("staff/publishing/past.html", page=page, sort=sort)

    @pages.get("/publishing/history/<int:number>", endpoint="publication")
    @needs(Role.VIEWER)
    def one(number: int) -> ResponseReturnValue:
        return _page(parts, number)

    @pages.post("/publishing/history/<int:number>/undo")
    @needs(Role.PUBLISHER)
    def undo_to(number: int) -> ResponseReturnValue:
        """Lay it on the desk and publish it: what came after stays in the history."""
        with parts.database.read() as db:
            _publication, edition = _found(db, number)
            people = foresight.people(db, edition, parts.now(), parts.settings.zone)
        if not foresight.confirmed(people, request.form.get("confirm", "")):
            return _page(parts, number, t("staff_publish.publish.type_it"))
        try:
            asked = Asked(me().name, me().account_id, people, restores=number)
            run = ask(parts, edition, asked, None, lay=True)
        except Conflict as e:
            return _page(parts, number, words(e))
        except BadMenus as e:
            return _page(parts, number, " ".join(each.said(current()) for each in e.problems))
        return go("publish_run", run_id=run.id)


def _found(db: Session, number: int) -> tuple[Publication, Edition]:
    publication = publications.numbered(db, number)
    if publication is None:
        raise NotFound("staff_publish.no_such_publication")
    return publication, publications.edition_of(db, publication)


def _page(parts: Parts, number: int, error: str = "") -> ResponseReturnValue:
    with parts.database.read() as db:
        publication, edition = _found(db, number)
        current_number = publications.current_number(db)
    found = foresight.look(parts.database, parts.line, edition, parts.now(), parts.settings.zone)
    return render_template(
        "staff/publishing/one.html", publication=publication, found=found, error=error,
        current_number=current_number,
    ), 422 if error else 200  # fmt: skip
