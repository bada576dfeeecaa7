"""Lines drawn into the page as SVG: attributes and classes alone, and no third party to ask."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 300.0, 72.0
EDGE = 5.0
"""Room for the ends of the line, which are round."""
ROOM = 0.15
"""Of the values' span, above and below them."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Plot:
    width: float
    height: float
    lines: Sequence[str]
    """Path after path, one for each stretch without a gap."""
    fills: Sequence[str]
    """What lies under each."""
    dots: Sequence[Point]
    """Values that stand alone between gaps."""
    last: Point | None
    """The newest value."""


def plot(values: Sequence[float | None]) -> Plot:
    """A value a day, evenly spaced; None leaves a gap. The least and the most are its borders, so
    that a small change can be seen; a table says the numbers."""
    known = [value for value in values if value is not None]
    if not known:
        return Plot(WIDTH, HEIGHT, (), (), (), None)
    low, high = min(known), max(known)
    margin = (high - low) * ROOM or max(abs(high), 1.0) * ROOM
    points = [
        None if value is None else _at(n, value, len(values), low - margin, high + margin)
        for n, value in enumerate(values)
    ]
    stretches = _stretches(points)
    lines = [each for each in stretches if len(each) > 1]
    return Plot(
        WIDTH,
        HEIGHT,
        [_path(each) for each in lines],
        [f"{_path(each)}V{HEIGHT:g}H{each[0][0]:g}Z" for each in lines],
        [each[0] for each in stretches if len(each) == 1],
        points[-1],
    )


def _at(n: int, value: float, count: int, low: float, high: float) -> Point:
    x = EDGE + (WIDTH - 2 * EDGE) * (n / (count - 1) if count > 1 else 1)
    y = EDGE + (HEIGHT - 2 * EDGE) * (1 - (value - low) / (high - low))
    return round(x, 1), round(y, 1)


def _stretches(points: Sequence[Point | None]) -> list[list[Point]]:
    found: list[list[Point]] = [[]]
    for point in points:
        if point is None:
            found.append([])
        else:
            found[-1].append(point)
    return [each for each in found if each]


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
