"""Icons of one hand: round strokes of one width, in a box of 200 by 200 around a centre."""

import math
from collections.abc import Callable

from richmenus.drawing.canvas import Canvas, Point

STROKE = 13.0
Icon = Callable[[Canvas, Point, str, str], None]
"""Canvas, centre, colour of the strokes, colour of what lies under them."""


def card(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.outline((x - 92, y - 62, x + 92, y + 62), ink, STROKE, 22)
    canvas.ring((x - 44, y - 8), 20, ink, STROKE)
    canvas.arc((x - 44, y + 48), 34, 200, 340, ink, STROKE)
    for n, length in enumerate((56, 56, 34)):
        canvas.stroke([(x + 14, y - 26 + n * 28), (x + 14 + length, y - 26 + n * 28)], ink, STROKE)


def ticket(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.outline((x - 96, y - 60, x + 96, y + 60), ink, STROKE, 18)
    for side in (-1, 1):
        canvas.circle((x + side * 98, y), 26, ground)
        start = -90 if side < 0 else 90
        canvas.arc((x + side * 96, y), 22, start, start + 180, ink, STROKE)
    for n in range(3):
        middle = y - 34 + n * 34
        canvas.stroke([(x + 30, middle - 7), (x + 30, middle + 7)], ink, STROKE - 3)
    star(canvas, (x - 30, y + 2), ink, 34)


def star(canvas: Canvas, center: Point, fill: str, radius: float) -> None:
    x, y = center
    points = []
    for n in range(10):
        angle, far = math.radians(-90 + n * 36), radius if n % 2 == 0 else radius * 0.45
        points.append((x + far * math.cos(angle), y + far * math.sin(angle)))
    canvas.shape(points, fill)


def pin(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    top = (x, y - 28)
    canvas.arc(top, 62, 150, 390, ink, STROKE)
    for side in (-1, 1):
        start = (x + side * 62 * math.cos(math.radians(30)), top[1] + 31)
        canvas.stroke([start, (x, y + 84)], ink, STROKE)
    canvas.ring(top, 22, ink, STROKE)


def talk(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.outline((x - 88, y - 70, x + 88, y + 42), ink, STROKE, 34)
    canvas.shape([(x - 40, y + 34), (x + 18, y + 34), (x - 34, y + 84)], ground)
    canvas.stroke([(x - 38, y + 46), (x - 38, y + 84), (x + 6, y + 48)], ink, STROKE)
    for n in (-1, 0, 1):
        canvas.circle((x + n * 42, y - 14), 11, ink)


def coin(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.ring((x, y), 84, ink, STROKE)
    canvas.words((x, y - 2), "P", ink, 100)


def gift(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.outline((x - 88, y - 34, x + 88, y + 4), ink, STROKE, 10)
    canvas.outline((x - 74, y + 4, x + 74, y + 84), ink, STROKE, 10)
    canvas.stroke([(x, y - 34), (x, y + 84)], ink, STROKE)
    for side in (-1, 1):
        canvas.stroke(
            [(x, y - 36), (x + side * 30, y - 84), (x + side * 58, y - 72), (x + side * 50, y - 46),
             (x, y - 36)], ink, STROKE,
        )  # fmt: skip


def globe(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.ring((x, y), 84, ink, STROKE)

    def meridian(share: float) -> Point:
        angle = 2 * math.pi * share
        return x + 38 * math.cos(angle), y + 84 * math.sin(angle)

    canvas.curve(meridian, ink, STROKE)
    canvas.stroke([(x - 84, y), (x + 84, y)], ink, STROKE)
    for side in (-1, 1):
        canvas.stroke([(x - 72, y + side * 42), (x + 72, y + side * 42)], ink, STROKE)


def crown(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.stroke(
        [(x - 84, y - 38), (x - 62, y + 52), (x + 62, y + 52), (x + 84, y - 38), (x + 40, y + 2),
         (x, y - 66), (x - 40, y + 2), (x - 84, y - 38)], ink, STROKE,
    )  # fmt: skip
    canvas.stroke([(x - 62, y + 84), (x + 62, y + 84)], ink, STROKE)
    for place in ((x - 84, y - 44), (x, y - 74), (x + 84, y - 44)):
        canvas.circle(place, 14, ink)


TWIST = 1.7
"""How far the loops of the knot open."""
CROSSING = math.acos(-1 / (2 * TWIST))
"""Where on its way a cord passes over another for the first time."""


def knot(canvas: Canvas, center: Point, size: float, colors: tuple[str, ...], width: float) -> None:
    """Mizuhiki: cords side by side, tied over and under in the knot that cannot be undone."""
    ground = canvas.image.copy()
    gap = width * 1.55
    aside = [(n - (len(colors) - 1) / 2) * gap for n in range(len(colors))]

    def cords(start: float, end: float) -> None:
        for color, far in zip(colors, aside, strict=True):
            steps = [start + (end - start) * n / 200 for n in range(201)]
            canvas.stroke([_along(center, size, each, far) for each in steps], color, width)

    cords(0, 2 * math.pi)
    for n in range(3):
        over = CROSSING + n * 2 * math.pi / 3
        for step in range(41):  # the cords below are interrupted
            at = _along(center, size, over - 0.1 + 0.2 * step / 40, 0)
            canvas.circle(at, aside[-1] + width * 1.3, canvas.color_in(ground, at))
        cords(over - 0.24, over + 0.24)


def _along(center: Point, size: float, angle: float, aside: float) -> Point:
    """A point of the trefoil, moved `aside` from its middle line."""
    x = math.sin(angle) + TWIST * math.sin(2 * angle)
    y = math.cos(angle) - TWIST * math.cos(2 * angle)
    dx = math.cos(angle) + 2 * TWIST * math.cos(2 * angle)
    dy = -math.sin(angle) + 2 * TWIST * math.sin(2 * angle)
    far = math.hypot(dx, dy)
    scale = size / 2.5
    return (
        center[0] + scale * x - aside * dy / far,
        center[1] + scale * y + aside * dx / far,
    )


def heart(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center

    def outline(share: float) -> Point:
        angle = 2 * math.pi * share
        across = 16 * math.sin(angle) ** 3
        up = 13 * math.cos(angle) - 5 * math.cos(2 * angle) - 2 * math.cos(3 * angle)
        return x + 5.2 * across, y - 5.2 * (up - math.cos(4 * angle)) - 6

    canvas.curve(outline, ink, STROKE)


def clock(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.ring((x, y), 84, ink, STROKE)
    canvas.stroke([(x, y - 48), (x, y), (x + 34, y + 22)], ink, STROKE)


def calendar(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.outline((x - 80, y - 66, x + 80, y + 80), ink, STROKE, 20)
    canvas.stroke([(x - 80, y - 22), (x + 80, y - 22)], ink, STROKE)
    for side in (-1, 1):
        canvas.stroke([(x + side * 40, y - 88), (x + side * 40, y - 50)], ink, STROKE)
    for n in range(6):
        canvas.circle((x - 42 + n % 3 * 42, y + 14 + n // 3 * 36), 10, ink)


def bag(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.outline((x - 76, y - 34, x + 76, y + 84), ink, STROKE, 18)
    canvas.arc((x, y - 40), 38, 180, 360, ink, STROKE)
    for side in (-1, 1):
        canvas.stroke([(x + side * 38, y - 40), (x + side * 38, y)], ink, STROKE)


def home(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.stroke([(x - 88, y - 2), (x, y - 80), (x + 88, y - 2)], ink, STROKE)
    canvas.stroke(
        [(x - 62, y - 8), (x - 62, y + 80), (x + 62, y + 80), (x + 62, y - 8)], ink, STROKE
    )
    canvas.stroke(
        [(x - 20, y + 78), (x - 20, y + 26), (x + 20, y + 26), (x + 20, y + 78)], ink, STROKE
    )


def bell(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.arc((x, y - 20), 54, 180, 360, ink, STROKE)
    canvas.stroke([(x - 54, y - 20), (x - 62, y + 30), (x - 82, y + 52), (x + 82, y + 52),
                   (x + 62, y + 30), (x + 54, y - 20)], ink, STROKE)  # fmt: skip
    canvas.arc((x, y + 60), 24, 10, 170, ink, STROKE)
    canvas.stroke([(x, y - 90), (x, y - 76)], ink, STROKE)


def telephone(canvas: Canvas, center: Point, ink: str, ground: str) -> None:
    x, y = center
    canvas.outline((x - 50, y - 88, x + 50, y + 88), ink, STROKE, 24)
    canvas.stroke([(x - 16, y - 62), (x + 16, y - 62)], ink, STROKE)
    canvas.circle((x, y + 62), 10, ink)


BY_NAME: dict[str, Icon] = {
    "card": card, "coin": coin, "ticket": ticket, "gift": gift, "pin": pin, "home": home,
    "bag": bag, "calendar": calendar, "clock": clock, "bell": bell, "heart": heart,
    "talk": talk, "telephone": telephone, "globe": globe, "crown": crown,
}  # fmt: skip
"""Those that staff choose from."""
