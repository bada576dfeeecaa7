"""From the cells of rows to what they say of members, as both databases read it.

Column by column: the few readers of a file are called for thousands of cells in a row.
"""

import json
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from core.errors import Invalid
from members import fields
from members.importing.columns import EXTRA
from members.importing.reading import Line

NEVER_CLEARED = ("number", "joined_on", "status")
"""An empty cell keeps these even when empty cells clear: nobody turns active by a gap."""
_FEW_VALUES = {
    "rank": 8_192, "store": 8_192, "gender": 8_192, "status": 8_192, "language": 8_192,
    "tags": 8_192, "birthday": 32_768, "joined_on": 32_768,
}  # fmt: skip
"""Read once for each different cell; so many are remembered."""
_NUL = "\0"
"""PostgreSQL keeps it in no text."""

Value = str | None
Read = Callable[[str], Value]


class Rows(NamedTuple):
    """What rows say: for each of `Reader.fields` a list with a value for each row.

    None: the field stays as it is, unless it is one of `Reader.cleared`, which then has nothing.
    """

    lines: list[int]
    columns: list[list[Value]]

    @property
    def numbers(self) -> Sequence[str]:
        return self.columns[0]  # type: ignore[return-value]  # no row is without

    def add(self, others: "Rows") -> None:
        self.lines.extend(others.lines)
        for column, more in zip(self.columns, others.columns, strict=True):
            column.extend(more)

    def without(self, places: Container[int]) -> "Rows":
        keep = [n for n in range(len(self.lines)) if n not in places]
        columns = [[column[n] for n in keep] for column in self.columns]
        return Rows([self.lines[n] for n in keep], columns)


class Problem(NamedTuple):
    """A row that is not written: its line, the column at fault, and why."""

    line: int
    column: str
    why: Invalid


class _Bad(dict[int, tuple[str, Invalid]]):
    """By the place of a row, the first thing that is wrong with it."""

    def note(self, place: int, column: str, why: Invalid) -> None:
        self.setdefault(place, (column, why))


class Reader:
    """Reads the rows of one file, whose columns hold these fields (importing.columns)."""

    fields: tuple[str, ...]
    """Fields of a member, the number first; at the end, when the file has them, `extra` (a JSON
    object, null for what is cleared) and `tags` (a JSON list)."""
    cleared: frozenset[str]
    """Fields that are emptied by an empty cell."""

    def __init__(
        self, header: Sequence[str], fields_of: Sequence[str], region: str, today: date,
        *, empty_clears: bool = False,
    ) -> None:  # fmt: skip
        self._header, self._clears = header, empty_clears
        readers = _readers(region, today)
        named = sorted(
            ((place, name) for place, name in enumerate(fields_of) if name in readers),
            key=lambda each: (each[1] == "tags") - (each[1] == "number"),
        )
        can_clear = {name for _, name in named if empty_clears and name not in NEVER_CLEARED}
        self.cleared = frozenset(can_clear)
        self._plan = [(place, _reading(readers, name, self.cleared)) for place, name in named]
        self._extras = [
            (place, name.removeprefix(EXTRA))
            for place, name in enumerate(fields_of)
            if name.startswith(EXTRA)
        ]
        self._tags = "tags" in fields_of
        names = [name for _, name in named]
        if self._extras:
            names.insert(len(names) - self._tags, "extra")
        self.fields = tuple(names)

    def none(self) -> Rows:
        return Rows([], [[] for _ in self.fields])

    def read(self, lines: Sequence[Line], *, into: Rows) -> list[Problem]:
        """Add the rows that can be used; what is wrong with the others."""
        bad = _Bad()
        cells = list(zip(*self._even(lines, bad), strict=True))
        columns = [self._column(cells[place], place, read, bad) for place, read in self._plan]
        if self._extras:
            columns.insert(len(columns) - self._tags, self._extra(cells, len(lines), bad))
        rows = Rows([line.number for line in lines], columns)
        into.add(rows.without(bad) if bad else rows)
        return [Problem(lines[place].number, *why) for place, why in bad.items()]

    def _even(self, lines: Sequence[Line], bad: _Bad) -> Sequence[Sequence[str]]:
        """Spreadsheets leave empty cells at the end; anything else is a broken row."""
        width = len(self._header)
        even: list[list[str]] = []
        for place, (_, cells) in enumerate(lines):
            if len(cells) == width:
                even.append(cells)
                continue
            if len(cells) < width or any(cells[width:]):
                why = Invalid("members.import_cells", have=len(cells), want=width)
                bad.note(place, "", why)
                cells = cells + [""] * (width - len(cells))  # noqa: PLW2901
            even.append(cells[:width])
        return even

    def _column(self, cells: Sequence[str], place: int, read: Read, bad: _Bad) -> list[Value]:
        try:
            return list(map(read, cells))
        except Invalid:
            pass  # now we look for who it was
        found: list[Value] = []
        for n, cell in enumerate(cells):
            try:
                found.append(read(cell))
            except Invalid as e:
                bad.note(n, self._header[place], e)
                found.append(None)
        return found

    def _extra(self, cells: Sequence[Sequence[str]], rows: int, bad: _Bad) -> list[Value]:
        objects: list[dict[str, Value]] = [{} for _ in range(rows)]
        for place, name in self._extras:
            for n, cell in enumerate(cells[place]):
                value = cell.strip()
                if _NUL in value:
                    bad.note(n, self._header[place], Invalid("members.not_printable"))
                elif value or self._clears:
                    objects[n][name] = value or None
        return [json.dumps(each, ensure_ascii=False) if each else None for each in objects]


def _reading(readers: Mapping[str, Read], name: str, cleared: Container[str]) -> Read:
    """How the cells of a field are read, the empty ones too."""
    read = readers[name]
    if name == "number":
        return read
    empty = read("") if name in cleared else None

    def reading(cell: str) -> Value:
        return empty if not cell or cell.isspace() else read(cell)

    return lru_cache(_FEW_VALUES[name])(reading) if name in _FEW_VALUES else reading


def _readers(region: str, today: date) -> dict[str, Read]:
    """As `fields.readers`, but what is no text (a date, a number, tags) becomes its text."""
    read: dict[str, Callable[[str], Any]] = dict(fields.readers(region, today))
    for name in ("points", "birthday", "joined_on"):
        read[name] = _as_text(read[name])
    read["tags"] = lambda typed: json.dumps(fields.tags(typed), ensure_ascii=False)
    return read


def _as_text(read: Callable[[str], Any]) -> Read:
    def text(typed: str) -> Value:
        found = read(typed)
        return None if found is None else str(found)

    return text
