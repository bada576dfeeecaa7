"""The usual divisions of a rich menu, and what of a picture no area or several cover."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

Box = tuple[int, int, int, int]
"""x, y, width, height."""

UNITS = 12
"""A cell is written in twelfths of the picture."""

LARGE, COMPACT = "large", "compact"
SIZES: Mapping[str, tuple[int, int]] = {LARGE: (2500, 1686), COMPACT: (2500, 843)}


def _grid(columns: int, rows: int) -> tuple[Box, ...]:
    width, height = UNITS // columns, UNITS // rows
    return tuple(
        (x * width, y * height, width, height) for y in range(rows) for x in range(columns)
    )


LAYOUTS: Mapping[str, tuple[Box, ...]] = {
    "large-6": _grid(3, 2),
    "large-4": _grid(2, 2),
    "large-1-3": ((0, 0, 12, 6), *((x, 6, 4, 6) for x in (0, 4, 8))),
    "large-1-2": ((0, 0, 8, 12), (8, 0, 4, 6), (8, 6, 4, 6)),
    "large-2-rows": _grid(1, 2),
    "large-2-columns": _grid(2, 1),
    "large-8": _grid(4, 2),
    "large-1": _grid(1, 1),
    "compact-3": _grid(3, 1),
    "compact-1-2": ((0, 0, 4, 12), (4, 0, 8, 12)),
    "compact-2-1": ((0, 0, 8, 12), (8, 0, 4, 12)),
    "compact-2": _grid(2, 1),
    "compact-4": _grid(4, 1),
    "compact-1": _grid(1, 1),
}
"""By name; the first word says which size it is made for. The cells cover the picture exactly."""


def size_of(layout: str) -> tuple[int, int]:
    return SIZES[layout.partition("-")[0]]


def suited(width: int, height: int) -> list[str]:
    """The layouts made for pictures of this shape."""
    shape = COMPACT if width / max(height, 1) > 2.2 else LARGE
    return [name for name in LAYOUTS if name.startswith(shape)]


def boxes(layout: str, width: int, height: int) -> list[Box]:
    """The cells in pixels: neighbours touch, and nothing is left over."""
    found = []
    for x, y, wide, high in LAYOUTS[layout]:
        left, top = round(x * width / UNITS), round(y * height / UNITS)
        right, bottom = round((x + wide) * width / UNITS), round((y + high) * height / UNITS)
        found.append((left, top, right - left, bottom - top))
    return found


def nearest(width: int, height: int, areas: Sequence[Box]) -> str:
    """The layout that these areas look most like."""

    def far(layout: str) -> int:
        cells = boxes(layout, width, height)
        apart = sum(
            abs(one - other)
            for cell, area in zip(sorted(cells), sorted(areas), strict=False)
            for one, other in zip(cell, area, strict=True)
        )
        return apart + abs(len(cells) - len(areas)) * (width + height)

    return min(suited(width, height), key=far)


@dataclass(frozen=True)
class Coverage:
    """What somebody may not have meant; LINE minds neither."""

    overlaps: tuple[tuple[int, int], ...]
    """Pairs of areas, counted from 1: where both lie, LINE takes the first."""
    uncovered: int
    """Per cent of the picture where a tap does nothing."""


def coverage(width: int, height: int, areas: Sequence[Box]) -> Coverage:
    numbered = enumerate(areas, 1)
    overlaps = [(n, m) for (n, one), (m, other) in combinations(numbered, 2) if _meet(one, other)]
    covered = _covered(width, height, areas)
    whole = max(width * height, 1)
    # A sliver of a picture's edge is nobody's worry.
    uncovered = 100 * (whole - covered) / whole
    return Coverage(tuple(overlaps), round(uncovered) if uncovered >= 0.5 else 0)


def _meet(one: Box, other: Box) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def _covered(width: int, height: int, areas: Sequence[Box]) -> int:
    """Pixels under at least one area."""
    inside = [
        (max(x, 0), max(y, 0), min(x + wide, width), min(y + high, height))
        for x, y, wide, high in areas
    ]
    columns = sorted({edge for left, _, right, _ in inside for edge in (left, right)})
    total = 0
    for left, right in pairwise(columns):
        spans = sorted((top, low) for x, top, end, low in inside if x <= left and right <= end)
        reached = covered = 0
        for top, low in spans:
            covered += max(0, low - max(top, reached))
            reached = max(reached, low)
        total += covered * (right - left)
    return total
