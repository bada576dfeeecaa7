"""The checks themselves: nothing that JSON can say makes them stumble, and they count as LINE does."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.checks import actions, requests, richmenus
from simulator.checks.text import graphemes, units
from simulator.errors import LineError
from tests.simulator.test_messages import FINE
from tests.simulator.test_richmenus import area, menu

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5000) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "contents", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)
TAB = {"type": "richmenuswitch", "richMenuAliasId": "a", "data": "x"}
PICKER = {"type": "datetimepicker", "data": "x", "mode": "date", "min": "2026-01-01"}


def places(said: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path within a JSON value."""
    keys: list[Any] = list(said) if isinstance(said, dict) else []
    keys = list(range(len(said))) if isinstance(said, list) else keys
    return [at] + [place for key in keys for place in places(said[key], (*at, key))]


@st.composite
def spoiled(draw: st.DrawFn, sound: Any) -> Any:
    """A sound value with one place in it replaced by anything, or gone."""
    whole = {"whole": copy.deepcopy(sound)}
    *path, last = draw(st.sampled_from(places(whole)[1:]))
    parent: Any = whole
    for key in path:
        parent = parent[key]
    if draw(st.booleans()) or parent is whole:
        parent[last] = draw(ANYTHING)
    else:
        del parent[last]
    return whole["whole"]


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(list(FINE.values())).flatmap(spoiled))
def test_a_spoiled_message_passes_or_is_refused(message: Any) -> None:
    with contextlib.suppress(LineError):
        requests.validate({"messages": [message]})


@settings(max_examples=300, deadline=None)
@given(spoiled(menu(areas=[area(), area(**TAB), area(**PICKER)])))
def test_a_spoiled_menu_passes_or_is_refused(spoiled_menu: Any) -> None:
    with contextlib.suppress(LineError):
        richmenus.menu(spoiled_menu if isinstance(spoiled_menu, dict) else {})


@pytest.mark.parametrize(
    ("text", "utf16", "clusters"),
    [
        ("", 0, 0),
        ("abc", 3, 3),
        ("結び", 2, 2),
        ("🍎", 2, 1),
        ("か\u3099", 2, 1),  # a kana and its combining mark
        ("ก็", 2, 1),
        ("น้ำ", 3, 1),
        ("👨‍👩‍👧", 8, 1),
        ("👍🏽", 4, 1),
        ("🇯🇵🇹🇭", 8, 2),
        ("❤️", 2, 1),
    ],
)
def test_lengths(text: str, utf16: int, clusters: int) -> None:
    assert (units(text), graphemes(text)) == (utf16, clusters)


@pytest.mark.parametrize(
    ("action", "most"),
    [
        ({"type": "message", "text": "🍎"}, 300),
        ({"type": "postback", "data": "x", "displayText": "🍎"}, 300),
        ({"type": "postback", "data": "🍎"}, 150),
        ({"type": "clipboard", "clipboardText": "🍎"}, 500),
    ],
)
def test_what_a_reader_sees_is_counted_as_they_see_it(action: dict[str, str], most: int) -> None:
    name = list(action)[-1]
    for times, faults in ((most, 0), (most + 1, 1)):
        given = action | {name: action[name] * times}
        assert len(list(actions.faults(given, "action", actions.RICH_MENU))) == faults
