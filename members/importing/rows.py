"""From the cells of a row to what they say of a member, as both databases read it."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from core.errors import Invalid
from members import fields
from members.importing.columns import EXTRA

NEVER_CLEARED = ("number", "joined_on", "status")
"""An empty cell keeps these even when empty cells clear: nobody turns active by a gap."""
_FEW_VALUES = {
    "rank": 8_192, "store": 8_192, "gender": 8_192, "status": 8_192, "language": 8_192,
    "points": 8_192, "tags": 8_192, "birthday": 32_768, "joined_on": 32_768,
}  # fmt: skip
"""Read once for each different cell; so many are remembered."""
_NUL = "\0"
"""PostgreSQL keeps it in no text."""

Value = str | None


class Row(NamedTuple):
    """What one row says, field by field in the order of `Reader.fields`, the number first.

    None: the field stays as it is, unless it is one of `Reader.cleared`, which then has nothing.
    """

    line: int
    values: list[Value]

    @property
    def number(self) -> str:
        return str(self.values[0])


class BadRow(Exception):
    """A row that is not written: the column at fault, and why."""

    def __init__(self, column: str, why: Invalid) -> None:
        super().__init__(column)
        self.column = column
        self.why = why


class Reader:
    """Reads the rows of one file, whose columns hold these fields (importing.columns)."""

    fields: tuple[str, ...]
    """What the values of a row are: fields of a member, and at the end, when the file has them,
    `extra` (a JSON object, null for what is cleared) and `tags` (a JSON list)."""
    cleared: frozenset[str]
    """Fields that are emptied by an empty cell."""

    def __init__(
        self, header: Sequence[str], fields_of: Sequence[str], region: str, today: date,
        *, empty_clears: bool = False,
    ) -> None:  # fmt: skip
        self._width = len(header)
        self._clears = empty_clears
        readers = _readers(region, today)
        self._number = fields_of.index("number")
        self._number_column = header[self._number]
        named = [
            (place, header[place], name, readers[name])
            for place, name in enumerate(fields_of)
            if name in readers and name != "number"
        ]
        clear = {name for *_, name, _ in named if empty_clears and name not in NEVER_CLEARED}
        self._plan = [
            (place, column, read, read("") if name in clear else None)
            for place, column, name, read in sorted(named, key=lambda each: each[2] == "tags")
        ]
        self._extras = [
            (place, header[place], name.removeprefix(EXTRA))
            for place, name in enumerate(fields_of)
            if name.startswith(EXTRA)
        ]
        self._tags = "tags" in fields_of
        plain = tuple(name for *_, name, _ in named if name != "tags")
        more = (("extra",) if self._extras else ()) + (("tags",) if self._tags else ())
        self.fields = ("number", *plain, *more)
        self.cleared = frozenset(clear)

    def row(self, line: int, cells: list[str]) -> Row:
        if len(cells) != self._width:
            cells = self._trimmed(cells)
        column = self._number_column
        try:
            values: list[Value] = [fields.number(cells[self._number])]
            for place, column, read, empty in self._plan:  # noqa: B007 - told when it raises
                cell = cells[place]
                values.append(empty if not cell or cell.isspace() else read(cell))
        except Invalid as e:
            raise BadRow(column, e) from e
        if self._extras:
            values.insert(len(values) - self._tags, self._extra(cells))
        return Row(line, values)

    def _extra(self, cells: Sequence[str]) -> Value:
        found: dict[str, Value] = {}
        for place, column, name in self._extras:
            cell = cells[place].strip()
            if _NUL in cell:
                raise BadRow(column, Invalid("members.not_printable"))
            if cell or self._clears:
                found[name] = cell or None
        return json.dumps(found, ensure_ascii=False) if found else None

    def _trimmed(self, cells: list[str]) -> list[str]:
        """Spreadsheets leave empty cells at the end; anything else is a broken row."""
        if len(cells) < self._width or any(cells[self._width :]):
            raise BadRow("", Invalid("members.import_cells", have=len(cells), want=self._width))
        return cells[: self._width]


def _readers(region: str, today: date) -> dict[str, Callable[[str], Value]]:
    """As `fields.readers`, but what is no text (a date, a number, tags) becomes its text."""
    read: dict[str, Callable[[str], Any]] = dict(fields.readers(region, today))
    for name in ("points", "birthday", "joined_on"):
        read[name] = _as_text(read[name])
    read["tags"] = lambda typed: json.dumps(fields.tags(typed), ensure_ascii=False)
    return read | {name: lru_cache(most)(read[name]) for name, most in _FEW_VALUES.items()}


def _as_text(read: Callable[[str], Any]) -> Callable[[str], Value]:
    def text(typed: str) -> Value:
        found = read(typed)
        return None if found is None else str(found)

    return text
