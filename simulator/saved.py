"""Keeping the state in a file, when one is given, so that a restart forgets nothing."""

from pathlib import Path

from pydantic import TypeAdapter

from simulator.state import State
from simulator.world import World

EVERY = 2.0
"""Seconds between looks at whether there is something to save."""
_STATE = TypeAdapter(State)


def load(world: World, path: Path) -> None:
    if path.exists():
        kept = _STATE.validate_json(path.read_bytes())
        kept.webhook = world.state.webhook
        world.put(kept)


def save(world: World, path: Path) -> None:
    part = path.with_name(path.name + ".part")
    with world.lock:  # for the writing, too: one at a time
        part.write_bytes(_STATE.dump_json(world.state))
        part.replace(path)


def keep_saving(world: World, path: Path) -> None:
    """Save now and again, as long as the world goes on."""
    save(world, path)
    if not world.closing:
        world.later.after(EVERY, lambda: keep_saving(world, path))
