"""A plan is a pure comparison: whatever LINE has, carrying it out leads to what is wanted."""

from hypothesis import given
from hypothesis import strategies as st

from richmenus.editions import PREFIX, Edition, Page
from richmenus.planning import AtLine, Do, Kept, Memory, Plan, plan

PAGES = [Page(key, tab, {}, "p", content * 64) for key in "ab" for tab in "xy" for content in "01"]
RULES = ({"menu": "a", "because": "all"},)


def edition(pages: list[Page]) -> Edition:
    places = {(page.key, page.tab): page for page in pages}
    return Edition(tuple(sorted(places.values(), key=lambda p: (p.key, p.tab))), RULES)


editions = (
    st.lists(st.sampled_from(PAGES), min_size=1)
    .filter(lambda pages: any(page.key == "a" for page in pages))
    .map(edition)
)
lines = st.builds(
    lambda names, aliases, default: AtLine(
        {f"id{n}": name for n, name in enumerate(names)}, aliases, default
    ),
    st.lists(st.sampled_from([*(page.name for page in PAGES), "somebody else's", PREFIX + "odd"])),
    st.dictionaries(
        st.sampled_from(["a_x", "a_y", "b_x", "zz"]), st.sampled_from(["id0", "id1", "gone"])
    ),
    st.none() | st.sampled_from(["id0", "id1", "gone"]),
)
memories = st.builds(
    lambda kept, people: Memory(kept=tuple({k.menu: k for k in kept}.values()), people=people),
    st.lists(
        st.builds(
            lambda page, n, ready: Kept(page.key, page.tab, page.content_hash, f"id{n}", ready),
            st.sampled_from(PAGES),
            st.integers(0, 6),
            st.booleans(),
        )
    ),
    st.dictionaries(st.sampled_from([f"id{n}" for n in range(7)]), st.integers(1, 3)),
)


class World:
    """LINE and our memory as dictionaries, on which a plan is carried out."""

    def __init__(self, memory: Memory, line: AtLine) -> None:
        self.menus, self.aliases, self.default = dict(line.menus), dict(line.aliases), line.default
        self.kept = {kept.menu: kept for kept in memory.kept}
        self.people, self.published, self.next = dict(memory.people), memory.published, 100

    @property
    def line(self) -> AtLine:
        return AtLine(self.menus, self.aliases, self.default)

    @property
    def memory(self) -> Memory:
        return Memory(tuple(self.kept.values()), self.published, people=self.people)

    def where(self, page: Page) -> str:
        here = (page.key, page.tab, page.content_hash)
        return next(
            kept.menu
            for kept in reversed(self.kept.values())
            if (kept.key, kept.tab, kept.content_hash) == here
            and self.menus.get(kept.menu) == page.name
        )

    def note(self, page: Page, menu: str, *, ready: bool) -> None:
        here = (page.key, page.tab, page.content_hash)
        self.kept = {m: k for m, k in self.kept.items() if (k.key, k.tab, k.content_hash) != here}
        self.kept[menu] = Kept(*here, menu, ready)

    def carry_out(self, found: Plan, wanted: Edition) -> None:
        for step in found.now:
            match step.do, step.page:
                case Do.CREATE, Page() as page:
                    self.next += 1
                    self.menus[f"id{self.next}"] = page.name
                    self.note(page, f"id{self.next}", ready=False)
                case Do.ADOPT, Page() as page:
                    self.note(page, step.menu, ready=False)
                case Do.UPLOAD, Page() as page:
                    self.note(page, self.where(page), ready=True)
                case Do.ALIAS, Page() as page:
                    self.aliases[step.name] = self.where(page)
                case Do.DEFAULT, Page() as page:
                    self.default = self.where(page)
                case Do.DROP_ALIAS, _:
                    del self.aliases[step.name]
                case Do.DELETE, _:
                    assert not self.people.get(step.menu), "somebody shows it"
                    del self.menus[step.menu]
                    self.kept.pop(step.menu, None)
                case Do.PUBLISH, _:
                    self.published = wanted.fingerprint


@given(editions, memories, lines)
def test_it_leads_to_what_is_wanted(wanted: Edition, memory: Memory, line: AtLine) -> None:
    world = World(memory, line)
    for _ in range(3):
        world.carry_out(plan(wanted, world.memory, world.line), wanted)
        world.people.clear()  # everybody has been moved
    assert plan(wanted, world.memory, world.line).steps == ()
    ours = sorted(name for name in world.menus.values() if name.startswith(PREFIX))
    assert ours == sorted(page.name for page in wanted.pages), "each once, and nothing else of ours"
    strangers = {menu for menu, name in line.menus.items() if not name.startswith(PREFIX)}
    assert strangers <= world.menus.keys(), "what is not ours is left alone"
    assert world.menus[world.default or ""] == wanted.default.name
    for alias, page in wanted.aliases.items():
        assert world.menus[world.aliases[alias]] == page.name


@given(editions, memories, lines)
def test_nothing_that_somebody_shows_is_deleted(
    wanted: Edition, memory: Memory, line: AtLine
) -> None:
    for step in plan(wanted, memory, line).now:
        assert step.do != Do.DELETE or not memory.people.get(step.menu)
