"""Which rich menu a person sees, and linking one to a person."""

import re
from dataclasses import dataclass

from simulator.errors import LineError
from simulator.state import Person, RichMenu, State
from simulator.world import World

MENU_ID = re.compile(r"richmenu-[0-9a-f]{32}")
NO_IMAGE = "must upload richmenu image before applying it to user"


@dataclass(frozen=True)
class Switched:
    """What became of a tap on a tab."""

    status: str
    menu: RichMenu | None = None


def shown(state: State, person: Person) -> RichMenu | None:
    """The per-user menu, else the default; none for those who blocked."""
    if person.blocked:
        return None
    return state.menus.get(person.menu_id or "") or state.menus.get(state.default_menu or "")


def find(state: State, menu_id: str, message: str = "Not found") -> RichMenu:
    menu = state.menus.get(menu_id)
    if menu is None:
        raise LineError(404, message)
    return menu


def find_with_image(state: State, menu_id: str, message: str = "Not found") -> RichMenu:
    menu = find(state, menu_id, message)
    if not menu.image:
        raise LineError(400, NO_IMAGE)
    return menu


def link(world: World, user_id: str, menu_id: str | None) -> None:
    """Only a friend can have a per-user menu; for others nothing happens, without a word."""
    person = world.state.people.get(user_id)
    if person is None or (menu_id is not None and not person.friend):
        return
    if person.menu_id != menu_id:
        person.menu_id = menu_id
        world.touch(person)


def switch(world: World, person: Person, alias: str) -> Switched:
    """A tap on a tab: the alias's menu becomes the per-user menu."""
    menu_id = world.state.aliases.get(alias)
    if menu_id is None:
        return Switched("RICHMENU_ALIAS_ID_NOTFOUND")
    menu = world.state.menus.get(menu_id)
    if menu is None:
        return Switched("RICHMENU_NOTFOUND")
    if not person.friend:
        return Switched("FAILED")
    link(world, person.user_id, menu_id)
    return Switched("SUCCESS", menu)
