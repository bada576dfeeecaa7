"""Publishing: what it would do, doing it now or at a time, watching it, and undoing it."""

from flask import Blueprint

from models import Role
from staff.areas.publishing import asking, past, watching, wording
from staff.parts import Nav, Parts

NAV = Nav("staff_publish.nav.publishing", "publishing", "send", 34, Role.VIEWER)


def install(pages: Blueprint, parts: Parts) -> None:
    pages.context_processor(lambda: {"tab_words": wording.tab, "place_words": wording.place})
    asking.install(pages, parts)
    watching.install(pages, parts)
    past.install(pages, parts)
