"""What publishing would do: a pure comparison of what is wanted, remembered, and at LINE."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from richmenus.editions import PREFIX, Edition, Page


class Do(StrEnum):
    CREATE = "create"
    ADOPT = "adopt"
    """LINE has it under our name, from a creation whose answer was lost."""
    UPLOAD = "upload"
    ALIAS = "alias"
    DEFAULT = "default"
    PUBLISH = "publish"
    """Put rules and menus in force, and owe the batch operation that moves people."""
    DROP_ALIAS = "drop_alias"
    DELETE = "delete"


@dataclass(frozen=True)
class Step:
    """One thing to do. `name`: the page's place, the alias, or the menu's name at LINE."""

    do: Do
    name: str = ""
    page: Page | None = None
    menu: str = ""
    """LINE's id, where there is one already."""
    people: int = 0
    """To be moved, or still shown what is to be deleted."""


class Drift(StrEnum):
    """How LINE differs from what we left there."""

    GONE = "gone"
    ALIAS = "alias"
    DEFAULT = "default"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Difference:
    what: Drift
    name: str
    found: str = ""


@dataclass(frozen=True)
class Plan:
    steps: tuple[Step, ...] = ()
    drift: tuple[Difference, ...] = ()

    @property
    def now(self) -> tuple[Step, ...]:
        """What need not wait until people have been moved."""
        return tuple(step for step in self.steps if step.do != Do.DELETE or not step.people)

    @property
    def creations(self) -> int:
        return sum(step.do == Do.CREATE for step in self.steps)


@dataclass(frozen=True)
class Kept:
    """A revision as we remember it."""

    key: str
    tab: str
    content_hash: str
    menu: str
    """LINE's id."""
    ready: bool


@dataclass(frozen=True)
class Memory:
    """What our database says."""

    kept: tuple[Kept, ...] = ()
    """Revisions that LINE has, as far as we know."""
    published: str = ""
    """The fingerprint of the edition in force."""
    current: frozenset[str] = frozenset()
    """LINE's ids of the menus in force."""
    default: str = ""
    """LINE's id of the menu that should be its default."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)
    """How many show a menu, by LINE's id."""
    moving: frozenset[str] = frozenset()
    """Menus of a batch operation that is under way."""


@dataclass(frozen=True)
class AtLine:
    """What LINE says it has."""

    menus: Mapping[str, str]
    """Name by id."""
    aliases: Mapping[str, str]
    default: str | None


def plan(wanted: Edition, memory: Memory, line: AtLine) -> Plan:
    ids = _ids(wanted, memory, line)
    steps = [
        *_pages(wanted, ids),
        *_aliases(wanted, line, ids),
        *_default(wanted, line, ids),
        *_publish(wanted, memory, line),
        *_drop_aliases(wanted, memory, line),
        *_delete(wanted, memory, line, ids),
    ]
    return Plan(tuple(steps), tuple(drift(memory, line)))


def _remembered(page: Page, memory: Memory, line: AtLine) -> Kept | None:
    here = (page.key, page.tab, page.content_hash)
    for kept in memory.kept:
        same = (kept.key, kept.tab, kept.content_hash) == here
        if same and line.menus.get(kept.menu) == page.name:
            return kept
    return None


@dataclass(frozen=True)
class _At:
    menu: str
    known: bool
    ready: bool


def _ids(wanted: Edition, memory: Memory, line: AtLine) -> dict[Page, _At]:
    """Where LINE has the pages already: as we remember, or under the name we give them."""
    names = {name: menu for menu, name in sorted(line.menus.items(), reverse=True)}
    found = {}
    for page in wanted.pages:
        if kept := _remembered(page, memory, line):
            found[page] = _At(kept.menu, known=True, ready=kept.ready)
        elif page.name in names:
            found[page] = _At(names[page.name], known=False, ready=False)
    return found


def _pages(wanted: Edition, ids: Mapping[Page, _At]) -> Iterator[Step]:
    for page in wanted.pages:
        at = ids.get(page)
        if at is None:
            yield Step(Do.CREATE, page.place, page)
        elif not at.known:
            yield Step(Do.ADOPT, page.place, page, at.menu)
        if at is None or not at.ready:
            yield Step(Do.UPLOAD, page.place, page)


def _aliases(wanted: Edition, line: AtLine, ids: Mapping[Page, _At]) -> Iterator[Step]:
    for alias, page in wanted.aliases.items():
        at = ids.get(page)
        if at is None or line.aliases.get(alias) != at.menu:
            yield Step(Do.ALIAS, alias, page)


def _default(wanted: Edition, line: AtLine, ids: Mapping[Page, _At]) -> Iterator[Step]:
    at = ids.get(wanted.default)
    if at is None or line.default != at.menu:
        yield Step(Do.DEFAULT, wanted.default.place, wanted.default)


def _publish(wanted: Edition, memory: Memory, line: AtLine) -> Iterator[Step]:
    if wanted.fingerprint != memory.published:
        people = sum(memory.people.get(old, 0) for old, _ in moves(wanted, memory, line))
        yield Step(Do.PUBLISH, people=people)


def moves(wanted: Edition, memory: Memory, line: AtLine) -> list[tuple[str, Page]]:
    """Old menus at LINE, each with the page that takes its place; none for a menu that nobody
    shows in any of its tabs."""
    keys = {page.key for page in wanted.pages}
    same = {(page.key, page.tab, page.content_hash) for page in wanted.pages}
    old = [
        kept
        for kept in memory.kept
        if kept.key in keys
        and kept.menu in line.menus
        and (kept.key, kept.tab, kept.content_hash) not in same
    ]
    crowded = {kept.key for kept in old if memory.people.get(kept.menu)}
    tabs = {(page.key, page.tab): page for page in wanted.pages}
    return [
        (kept.menu, tabs.get((kept.key, kept.tab)) or wanted.first(kept.key))
        for kept in old
        if kept.key in crowded
    ]


def _drop_aliases(wanted: Edition, memory: Memory, line: AtLine) -> Iterator[Step]:
    ours = {menu for menu, name in line.menus.items() if name.startswith(PREFIX)}
    ours |= {kept.menu for kept in memory.kept}
    for alias, menu in sorted(line.aliases.items()):
        if menu in ours and alias not in wanted.aliases:
            yield Step(Do.DROP_ALIAS, alias)


def _delete(
    wanted: Edition, memory: Memory, line: AtLine, ids: Mapping[Page, _At]
) -> Iterator[Step]:
    used = {at.menu for at in ids.values()}
    moving = memory.moving | {old for old, _ in moves(wanted, memory, line)}
    ours = {menu for menu, name in line.menus.items() if name.startswith(PREFIX)}
    for menu in sorted(ours - used, key=lambda menu: line.menus[menu]):
        people = max(memory.people.get(menu, 0), int(menu in moving))
        yield Step(Do.DELETE, line.menus[menu], menu=menu, people=people)


def drift(memory: Memory, line: AtLine) -> Iterator[Difference]:
    """What somebody else has changed at LINE since we left it."""
    if not memory.published:
        return
    for kept in memory.kept:
        if kept.menu in memory.current and kept.menu not in line.menus:
            yield Difference(Drift.GONE, f"{kept.key}/{kept.tab}")
    for alias, menu in memory.aliases.items():
        if line.aliases.get(alias) != menu:
            found = line.aliases.get(alias, "")
            yield Difference(Drift.ALIAS, alias, line.menus.get(found, found))
    if memory.default and line.default != memory.default:
        found = line.default or ""
        yield Difference(Drift.DEFAULT, line.menus.get(found, found))
    known = {kept.menu for kept in memory.kept}
    for menu, name in sorted(line.menus.items(), key=lambda each: each[1]):
        if name.startswith(PREFIX) and menu not in known:
            yield Difference(Drift.UNKNOWN, name)
