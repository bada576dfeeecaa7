"""python -m bench.growth [people …]: how figures grow with the number of people, as a picture.

Both axes are logarithmic, so what grows with the number of people is a straight line at 45°.
"""

import argparse
import math
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench import crowd
from bench.processes import ROOT
from bench.rows import computing, importing
from bench.serving import plain_settings
from bench.stores import Postgres
from core.database import connect
from models import Base

PICTURE = ROOT / "docs" / "pictures" / "growth.svg"
COLOURS = ("#0b6e4f", "#8fc7b0", "#b5462f", "#e3b5a4")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 760, 420, 70, 30, 50, 300

Line = Sequence[tuple[int, float]]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("people", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    lines: dict[str, list[tuple[int, float]]] = {}
    for people in parser.parse_args().people:
        for name, seconds in measured(people):
            lines.setdefault(name, []).append((people, seconds))
            sys.stdout.write(f"| {name} | {people:,} | {seconds:.2f} s |\n")
            sys.stdout.flush()
    PICTURE.write_text(drawn(lines), encoding="utf-8")


def measured(people: int) -> Iterator[tuple[str, float]]:
    """Seconds on PostgreSQL, once each."""
    with Postgres() as postgres, tempfile.TemporaryDirectory(prefix="musubi-bench-") as folder:
        database = connect(postgres.database("menus"))
        Base.metadata.create_all(database.engine)
        book = computing.Book(database, plain_settings())
        crowd.put(database, people)
        book.compute()
        book.settle()
        crowd.analyse(database)
        yield "one scan of all friends", computing.scan(database)
        book.publish(computing.GOLD - 500)
        yield "everybody's menu after a rule change", book.compute()
        database.close()
        file, url = Path(folder) / "members.csv", postgres.database("members")
        importing.write(file, people)
        importing.tables(url)
        yield "COPY of a file of members", importing.bulk(url, file)
        yield "importing that file", importing.ours(url, file)[0]


def drawn(lines: Mapping[str, Line]) -> str:
    people = [number for line in lines.values() for number, _ in line]
    seconds = [took for line in lines.values() for _, took in line]
    xs, ys = _decades(people), _decades(seconds)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="13" fill="#333">'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        )
    ]
    for x in range(xs[0], xs[1] + 1):
        at = _across(10.0**x, xs)
        parts.append(_rule(at, TOP, at, HEIGHT - BOTTOM))
        parts.append(_words(at, HEIGHT - BOTTOM + 22, f"{10**x:,} people", "middle"))
    for y in range(ys[0], ys[1] + 1):
        at = _up(10.0**y, ys)
        parts.append(_rule(LEFT, at, WIDTH - RIGHT, at))
        parts.append(_words(LEFT - 8, at + 4, f"{10.0**y:g} s", "end"))
    ends: list[tuple[float, float, str]] = []
    for (name, line), colour in zip(lines.items(), COLOURS, strict=False):
        points = [(_across(number, xs), _up(took, ys)) for number, took in line]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        look = f'fill="none" stroke="{colour}" stroke-width="2"'
        parts.append(f'<polyline points="{joined}" {look}/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in points]
        ends.append((points[-1][1], points[-1][0], name))
    lowest = 0.0
    for end, right, name in sorted(ends):  # none over another
        lowest = max(end, lowest + 18)
        parts.append(_words(right + 10, lowest + 4, name, "start"))
    return "\n".join([*parts, "</svg>", ""])


def _decades(values: Sequence[float]) -> tuple[int, int]:
    return math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))


def _across(value: float, span: tuple[int, int]) -> float:
    part = (math.log10(value) - span[0]) / max(span[1] - span[0], 1)
    return LEFT + part * (WIDTH - LEFT - RIGHT)


def _up(value: float, span: tuple[int, int]) -> float:
    part = (math.log10(value) - span[0]) / max(span[1] - span[0], 1)
    return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)


def _rule(x: float, y: float, x2: float, y2: float) -> str:
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _words(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'


if __name__ == "__main__":
    main()
