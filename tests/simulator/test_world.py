"""The played world itself: what is done in a moment is done by a thread that holds no lock."""

from simulator.settings import Settings
from simulator.world import World


def test_a_phone_may_be_touched_by_any_thread() -> None:
    world = World(Settings())
    person = next(iter(world.state.people.values()))
    before = person.version
    world.touch(person)
    assert person.version == before + 1
